"""What is learned of the past must mean the same today."""

from typing import Any

import numpy as np
import pytest

from procx_graph.scoring.engine import score
from procx_graph.scoring.learned.rendering import remarks
from procx_graph.scoring.learned.training import train
from procx_graph.scoring.learned.undated import mean_move, moved_inputs
from procx_graph.scoring.profiles import load_profile
from tests.unit.scoring.bases import Tables, crowd, days_ago, open_base, shop
from tests.unit.scoring.test_learned_files import buyers

SEEN: dict[str, Any] = {"last_active_date": days_ago(1)}


def moved(tables: Tables, days: float = 0) -> tuple[str, ...]:
    base = open_base(tables, days_ago(days))
    return moved_inputs(base, profile=load_profile(), engine="polars")


def test_dated_rows_alone_move_no_input() -> None:
    assert moved(shop(crowd())) == ()


def test_a_last_visit_without_a_past_moves_what_is_made_of_it() -> None:
    assert moved(shop(crowd(), **SEEN)) == ("recency", "inactivity")


def test_a_lifetime_value_that_orders_do_not_tell_moves_what_is_made_of_it() -> None:
    values = np.random.default_rng(0).uniform(0, 900, 60)

    assert moved(shop(crowd(), lifetime_value=values)) == ("ltv_percentile", "relative_value")


def test_a_past_moment_knows_no_value_that_could_move_an_input() -> None:
    assert moved(shop(crowd(), **SEEN), days=200) == ()


def test_a_missing_value_moves_from_or_to_the_mean() -> None:
    then = np.array([1.0, 3.0, np.nan, np.nan])

    assert mean_move(then, then) == 0
    assert mean_move(np.array([np.nan, 3.0, 2.0, 4.0]), then) == pytest.approx(0.75)
    assert mean_move(then, np.full(4, 2.0)) == 0
    assert mean_move(then, np.full(4, np.nan)) == 0


def test_a_model_does_not_read_what_means_something_else_today() -> None:
    visited = shop(buyers(), **SEEN)

    training = train(open_base(visited))

    assert training.model is not None
    names = [feature.name for feature in training.model.features]
    assert "silence" in names
    assert not {"recency", "inactivity"} & set(names)
    assert training.card.left_out == ("recency", "inactivity")
    assert any(told.startswith("Not read: recency, inactivity") for told in remarks(training.card))


def test_a_visit_without_a_past_changes_no_learned_risk() -> None:
    training = train(open_base(shop(buyers(), **SEEN)))

    plain, visited = (
        score(open_base(shop(buyers(), **columns)), profile=training.profile).risk.probability
        for columns in (dict[str, Any](), SEEN)
    )

    assert training.model is not None
    assert np.array_equal(plain, visited)
