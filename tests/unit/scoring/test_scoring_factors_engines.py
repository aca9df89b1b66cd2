"""The ten factors are written once and give the same on every engine."""

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from procx_graph.scoring.engine import score
from procx_graph.scoring.features.workshop import Engine, Workshop
from procx_graph.scoring.health.factors import sub_scores
from procx_graph.scoring.profiles import load_profile
from tests.unit.scoring.bases import messy, open_base


@pytest.mark.parametrize("profile", ["default-v1", "procx-seed"])
@pytest.mark.parametrize("engine", ["duckdb", "pandas"])
def test_the_factor_expressions_agree_to_a_billionth(engine: Engine, profile: str) -> None:
    features = score(open_base(messy(seed=3)), profile=profile).features
    rules = load_profile(profile).factors

    def on(name: Engine) -> pl.DataFrame:
        with Workshop(name) as workshop:
            worth = sub_scores(workshop.take(features.lazy()), rules)
            return workshop.give_back(worth).sort("customer_id")

    assert_frame_equal(on("polars"), on(engine), check_exact=False, rel_tol=0, abs_tol=1e-9)
