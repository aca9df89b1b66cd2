from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from procx_graph.base import CustomerBase
from procx_graph.domain.risk import Score
from procx_graph.errors import ConfigError, DataError, UnknownCustomer
from procx_graph.scoring.cohort import Cohort
from procx_graph.scoring.engine import Scores, score
from procx_graph.scoring.scorer import CustomerScorer
from procx_graph.scoring.streamed import score_to_parquet
from tests.unit.scoring.bases import crowd, days_ago, messy, open_base, shop

PROFILES = ("default-v1", "procx-seed")


@pytest.fixture(scope="module", params=PROFILES)
def scanned(request: pytest.FixtureRequest) -> tuple[CustomerBase, Scores]:
    base = open_base(messy(seed=21, customers=120))
    return base, score(base, profile=request.param)


def plain(scores: Sequence[Score]) -> list[Score]:
    """Without reasons, which a scorer writes only when asked."""
    return [one.model_copy(update={"drivers": ()}) for one in scores]


def test_one_customer_alone_has_exactly_the_score_of_the_scan(
    scanned: tuple[CustomerBase, Scores],
) -> None:
    base, scores = scanned
    scorer = CustomerScorer(base, Cohort.from_bytes(scores.cohort.to_bytes()))

    alone = [scorer.score_one(name) for name in base.customer_ids[::7]]

    assert alone == plain([scores.score(name) for name in base.customer_ids[::7]])


def test_many_at_once_have_the_same_scores_in_the_order_asked_for(
    scanned: tuple[CustomerBase, Scores],
) -> None:
    base, scores = scanned
    ids = base.customer_ids.to_list()[::-1]

    found = CustomerScorer(base, scores.cohort).score_many(ids)

    assert list(found) == ids
    assert list(found.values()) == plain([scores.score(name) for name in ids])


def test_the_reasons_of_one_customer_alone_are_those_of_the_scan(
    scanned: tuple[CustomerBase, Scores],
) -> None:
    base, scores = scanned
    name = base.customer_ids[5]

    alone = CustomerScorer(base, scores.cohort).score_one(name, drivers=True)

    assert alone == scores.score(name)


def test_a_base_from_the_past_is_scored_alone_as_in_its_scan() -> None:
    base = open_base(messy(seed=22)).at(days_ago(200))
    scores = score(base)

    found = CustomerScorer(base, scores.cohort).score_many(base.customer_ids)

    assert list(found.values()) == plain(list(scores.scores().values()))


def test_a_later_moment_counts_more_silence_against_the_same_cohort() -> None:
    base = open_base(shop(crowd()))
    scorer = CustomerScorer(base, score(base).cohort)

    now = scorer.score_one("c001")
    later = scorer.score_one("c001", as_of=days_ago(-60))

    assert later.churn_risk > now.churn_risk  # type: ignore[operator]


def test_nobody_of_that_name_is_said_so() -> None:
    base = open_base(shop(crowd()))
    scorer = CustomerScorer(base, score(base).cohort)

    with pytest.raises(UnknownCustomer, match="nobody"):
        scorer.score_many(["c001", "nobody"])
    assert scorer.score_many([]) == {}


@pytest.mark.parametrize("wrong", ["c001", None, [1]])
def test_ids_that_are_none_are_refused(wrong: Any) -> None:
    scorer = CustomerScorer(open_base(shop(crowd())), score(open_base(shop(crowd()))).cohort)

    with pytest.raises(ConfigError, match="ids"):
        scorer.score_many(wrong)


def test_a_moment_may_be_written_as_a_day() -> None:
    base = open_base(shop(crowd()))
    scorer = CustomerScorer(base, score(base).cohort)

    assert scorer.score_one("c001", as_of="2025-07-31").as_of.day == 31
    with pytest.raises(DataError, match="is no date"):
        scorer.score_one("c001", as_of="soon")


def test_a_scorer_needs_statistics() -> None:
    with pytest.raises(ConfigError, match="cohort statistics"):
        CustomerScorer(open_base(shop(crowd())), "cohort")  # type: ignore[arg-type]


def test_statistics_survive_being_stored() -> None:
    cohort = score(open_base(messy(seed=23))).cohort

    content = cohort.to_bytes()
    again = Cohort.from_bytes(content)

    assert again.to_bytes() == content
    assert (again.version, again.as_of, again.profile_hash, again.fingerprint) == (
        cohort.version,
        cohort.as_of,
        cohort.profile_hash,
        cohort.fingerprint,
    )


@pytest.mark.parametrize("content", [b"", b"something else", None])
def test_what_is_no_statistics_is_refused(content: bytes) -> None:
    with pytest.raises(DataError, match="no cohort statistics"):
        Cohort.from_bytes(content)


def test_statistics_cut_short_or_changed_anywhere_are_refused() -> None:
    content = score(open_base(shop(crowd(5)))).cohort.to_bytes()

    for place in range(0, len(content) - 1, 97):
        changed = bytearray(content)
        changed[place] ^= 1
        for wrong in (content[:place], bytes(changed)):
            with pytest.raises(DataError):
                Cohort.from_bytes(wrong)


def test_a_customer_who_changed_takes_the_place_they_would_stand_in() -> None:
    base = open_base(shop(crowd()))
    scores = score(base)
    best = scores.frame.filter(pl.col("rank") == 1)["customer_id"].item()

    again = CustomerScorer(base, scores.cohort).score_one(best)

    assert again.rank == 1


@pytest.mark.parametrize("part", [1, 7, 1000])
@pytest.mark.parametrize("profile", PROFILES)
def test_scores_written_part_by_part_are_those_of_the_whole(
    tmp_path: Path, profile: str, part: int
) -> None:
    base = open_base(messy(seed=24, customers=40))
    told: list[tuple[int, int]] = []

    written = score_to_parquet(
        base,
        tmp_path / "scores.parquet",
        profile=profile,
        part=part,
        on_progress=lambda done, of: told.append((done, of)),
    )

    whole = score(base, profile=profile)
    assert_frame_equal(pl.read_parquet(written.path), whole.frame, check_exact=True)
    assert written.cohort.version == whole.cohort.version
    assert told[-1] == (40, 40)


def test_an_empty_base_is_written_as_an_empty_table(tmp_path: Path) -> None:
    empty = open_base({"customers": messy(seed=1)["customers"].head(0)})

    written = score_to_parquet(empty, tmp_path / "scores.parquet")

    assert written.customers == 0
    assert pl.read_parquet(written.path).columns == score(empty).frame.columns


def test_a_place_that_cannot_be_written_is_named_and_nothing_is_left(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"scores\.parquet"):
        score_to_parquet(open_base(shop(crowd(5))), tmp_path / "nowhere" / "scores.parquet")
    assert list(tmp_path.iterdir()) == []
