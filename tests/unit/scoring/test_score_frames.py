import polars as pl
import pytest
from polars.testing import assert_frame_equal

from procx_graph.errors import DataError
from procx_graph.scoring.engine import score, score_frames
from tests.unit.scoring.bases import AS_OF, messy, open_base


def test_frames_that_are_not_ours_score_as_the_opened_base() -> None:
    base = open_base(messy(seed=31))
    tables = {name: base.table(name) for name in base.tables}

    scores = score_frames(tables, as_of=AS_OF, is_current=base.is_current)

    assert_frame_equal(scores.frame, score(base).frame, check_exact=True)


def test_the_same_frames_have_the_same_fingerprint_and_others_another() -> None:
    tables = {name: pl.from_pandas(frame) for name, frame in messy(seed=32).items()}
    fewer = tables | {"orders": tables["orders"].head(100)}

    first, again, other = (score_frames(t, as_of=AS_OF) for t in (tables, tables, fewer))

    assert first.fingerprint == again.fingerprint != other.fingerprint


def test_frames_without_customers_are_refused() -> None:
    with pytest.raises(DataError, match="customers"):
        score_frames({"orders": pl.DataFrame({"customer_id": ["a"]})}, as_of=AS_OF)
