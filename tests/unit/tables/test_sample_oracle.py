"""The truth behind the sample: an exact probability, a known bound, and scores to be caught."""

import numpy as np
import pytest

from procx_graph.errors import ConfigError
from procx_graph.tables.sample import World, generate
from procx_graph.tables.sample.hazard import expected_auc


@pytest.fixture(scope="module")
def world() -> World:
    return generate(1000, seed=7)


def auc(score: "np.typing.ArrayLike", event: "np.typing.ArrayLike") -> float:
    score, event = np.asarray(score, dtype=float), np.asarray(event, dtype=bool)
    higher = score[event][:, None] > score[~event]
    ties = score[event][:, None] == score[~event]
    return float((higher + 0.5 * ties).mean())


def test_the_oracle_gives_a_probability_to_everybody_alive(world: World) -> None:
    labels = world.tables["churn_labels"]
    p = world.oracle["p_leave"]

    assert world.oracle["customer_id"].tolist() == (
        labels.loc[labels["is_churn"] == 0, "customer_id"].tolist()
    )
    assert p.between(0, 1).all()
    assert p.mean() == pytest.approx(0.10, abs=0.01)


def test_the_bound_is_close_to_the_one_asked_for(world: World) -> None:
    assert world.oracle_auc == pytest.approx(0.85, abs=0.015)
    assert auc(world.oracle["p_leave"], world.oracle["left_next_quarter"]) == pytest.approx(
        0.85, abs=0.06
    )


@pytest.mark.parametrize(("base_rate", "target"), [(0.05, 0.75), (0.2, 0.9), (0.08, 0.6)])
def test_base_rate_and_bound_can_be_chosen(base_rate: float, target: float) -> None:
    world = generate(1500, base_rate=base_rate, target_auc=target)

    assert world.oracle["p_leave"].mean() == pytest.approx(base_rate, rel=0.15)
    assert world.oracle_auc == pytest.approx(target, abs=0.02)


def test_without_signal_everybody_has_the_same_chance() -> None:
    world = generate(300, signal=0)

    assert world.oracle["p_leave"].to_numpy() == pytest.approx(0.10)
    assert world.oracle_auc == pytest.approx(0.5)


def test_listing_everybody_who_ever_signed_up_lists_many_who_left() -> None:
    labels = generate(800, left_share=None, joining_share=0).tables["churn_labels"]

    assert 0.35 < labels["is_churn"].mean() < 0.75


def test_a_leaky_score_knows_more_than_anyone_can() -> None:
    world = generate(1000, score="leaky")

    scores = world.tables["churn_labels"].set_index("customer_id")["predicted_churn_score"]

    alive = scores[world.oracle["customer_id"]]
    assert auc(alive, world.oracle["left_next_quarter"]) > world.oracle_auc + 0.1


def test_an_informative_score_is_close_to_the_truth_and_noise_is_not(world: World) -> None:
    informed = generate(1000, score="informative")
    truth = informed.oracle.set_index("customer_id")["p_leave"]

    def likeness(table: World) -> float:
        scores = table.tables["churn_labels"].set_index("customer_id")["predicted_churn_score"]
        return float(scores[truth.index].corr(truth))

    assert likeness(informed) > 0.6
    assert abs(likeness(world)) < 0.15


def test_unhappy_customers_leave_more_often(world: World) -> None:
    tickets = world.tables["support_tickets"]
    mood = tickets.groupby("customer_id")["sentiment_score"].mean()
    truth = world.oracle.set_index("customer_id")["p_leave"]

    assert mood.reindex(truth.index).corr(truth) < -0.2


def test_the_expected_auc_of_two_customers_can_be_worked_out_by_hand() -> None:
    p, q = 0.8, 0.3

    assert expected_auc(np.array([q, p])) == pytest.approx(
        p * (1 - q) / (p * (1 - q) + q * (1 - p))
    )
    assert expected_auc(np.array([p, p])) == pytest.approx(0.5)
    assert np.isnan(expected_auc(np.array([p])))


def test_a_bound_out_of_reach_is_refused() -> None:
    with pytest.raises(ConfigError, match="target_auc"):
        generate(10, target_auc=0.9999)


def test_every_setting_is_told(world: World) -> None:
    assert world.meta["seed"] == 7
    assert world.meta["target_auc"] == 0.85
    assert float(world.meta["b"]) > 0
