"""When a churn risk is learned, and when it is refused; worlds whose answer is known."""

import sys
from collections.abc import Callable

import numpy as np
import pandas as pd
import polars as pl
import pytest

from procx_graph.base import CustomerBase
from procx_graph.domain.learned import Labels, ModelKind
from procx_graph.errors import ConfigError
from procx_graph.scoring.engine import score
from procx_graph.scoring.learned.card import Figures
from procx_graph.scoring.learned.fitting import Rows
from procx_graph.scoring.learned.gates import enough_to_learn, good_enough
from procx_graph.scoring.learned.inputs import SIGNS
from procx_graph.scoring.learned.lessons import Lesson, lessons
from procx_graph.scoring.learned.predict import predict
from procx_graph.scoring.learned.training import Training, train
from procx_graph.scoring.learned.trial import Recipe, try_out
from procx_graph.scoring.measures import auc
from procx_graph.scoring.profiles import load_profile
from procx_graph.tables.sample import World, generate
from tests.unit.scoring.bases import crowd, days_ago, open_base, shop
from tests.unit.scoring.test_learned_predict import ABOUT

NONE = Figures.model_validate(dict.fromkeys(Figures.model_fields))


def world_of(customers: int, **knobs: object) -> tuple[World, CustomerBase]:
    shape = {"base_rate": 0.08, "left_share": None, "joining_share": 0, "pace": 2.2}
    world = generate(customers, **(shape | knobs))  # type: ignore[arg-type]
    return world, CustomerBase.from_frames(world.tables, as_of=world.as_of)


@pytest.fixture(scope="module")
def leaky() -> tuple[World, CustomerBase, Training]:
    world, base = world_of(4_000, seed=1, score="leaky")
    return world, base, train(base)


def out_of_time(world: World, base: CustomerBase, training: Training) -> tuple[float, float, float]:
    """AUC of the oracle and of the model in the quarter after as_of, and the standard error."""
    assert training.model is not None
    scores = score(base)
    risk = predict(training.model, scores.features, scores.health.sub_scores).probability
    told = dict(zip(scores.features["customer_id"], risk.tolist(), strict=True))
    ours = np.array([told[name] for name in world.oracle["customer_id"]])
    truth = np.array(world.oracle["p_leave"].tolist())
    left = world.oracle["left_next_quarter"].to_numpy().astype(bool)
    error = np.sqrt(0.25 / min(left.sum(), (~left).sum()) / 3)
    return auc(truth, left), auc(ours, left), float(error)


@pytest.mark.slow
def test_signal_is_learned_and_never_beyond_what_can_be_known(
    leaky: tuple[World, CustomerBase, Training],
) -> None:
    world, base, training = leaky
    best, ours, error = out_of_time(world, base, training)

    assert training.card.accepted
    assert training.card.labels is Labels.CHURN
    assert 0.5 + 0.55 * (best - 0.5) <= ours <= best + 3 * error
    assert training.profile.risk.learned == training.model
    assert training.profile.name == "default-v1+learned"


@pytest.mark.slow
def test_a_prediction_that_knows_the_future_is_caught_and_is_no_feature(
    leaky: tuple[World, CustomerBase, Training],
) -> None:
    _, _, training = leaky
    external = training.card.external

    assert external is not None
    assert external.leaks
    assert "smells of a leak" in external.text
    assert training.model is not None
    names = [feature.name for feature in training.model.features]
    assert names == [name for name in SIGNS if name not in training.card.left_out]


@pytest.mark.slow
def test_the_card_compares_with_doing_without(leaky: tuple[World, CustomerBase, Training]) -> None:
    card = leaky[2].card

    assert set(card.everyone) == set(card.active) == {"learned", "mbg", "recency", "constant"}
    assert card.everyone["constant"].auc == 0.5
    assert card.everyone["recency"].brier is None
    assert card.positives == sum(count.positives for count in card.origins)
    assert card.fingerprint == leaky[1].fingerprint
    assert [(card.as_of - count.origin).days for count in card.origins] == [90, 180, 270, 360]
    assert "needs two origins to judge on with 1,000 outcomes" in card.calibration


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_noise_is_refused(seed: int) -> None:
    _, base = world_of(1_500, seed=seed, signal=0)
    training = train(base)

    assert training.card.labels is Labels.CHURN
    assert training.model is None
    assert training.profile is training.base_profile
    assert "its lower end must be above 0.55" in training.card.reasons[0]


@pytest.mark.slow
def test_permuted_labels_teach_nothing() -> None:
    _, base = world_of(4_000, seed=3)
    found = list(lessons(base, profile=load_profile(), labels=Labels.CHURN, origins=4))
    recipe = Recipe(ModelKind.LOGISTIC, signed=True, about=ABOUT)
    rng, areas = np.random.default_rng(0), []
    for _ in range(4):
        mixed = [_mixed(lesson, rng) for lesson in found]
        trial = try_out(recipe, mixed)
        assert trial is not None
        areas.append(auc(trial.risk, mixed[0].happened))

    assert np.mean(areas) == pytest.approx(0.5, abs=0.05)


@pytest.mark.slow
def test_agentmax_is_refused(agentmax_base: CustomerBase) -> None:
    by_orders, by_labels = train(agentmax_base), train(agentmax_base, labels="churn_labels")

    assert by_orders.card.labels is Labels.ORDERS
    assert by_orders.model is None
    assert by_labels.model is None
    assert by_labels.card.positives == 39
    assert "39 customers left over the origins; at least 50 are needed" in by_labels.card.reasons


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["additive", "gbm"])
def test_the_other_kinds_rank_alike(kind: str) -> None:
    _, base = world_of(1_500, seed=4)
    line, other = train(base), train(base, kind=kind)

    ours, theirs = (training.card.everyone["learned"].auc for training in (line, other))
    assert ours is not None
    assert theirs == pytest.approx(ours, abs=0.05)
    assert other.card.kind == kind
    assert all(slope.beta is None for slope in other.card.slopes)


@pytest.mark.slow
def test_unsigned_lets_inputs_go_either_way() -> None:
    _, base = world_of(1_500, seed=4)
    signed, free = train(base), train(base, signed=False)

    assert all((s.beta or 0) * s.sign >= 0 for s in signed.card.slopes)
    assert all(s.beta == pytest.approx(s.free) for s in free.card.slopes)


@pytest.mark.slow
def test_nothing_is_learned_from_rows_after_as_of() -> None:
    tables = shop(crowd(120))
    now = open_base(tables).at(days_ago(60))
    extra = shop({name: [30, 5] for name in crowd(120)})["orders"].assign(order_id="later")
    longer = tables | {"orders": pd.concat([tables["orders"], extra], ignore_index=True)}

    first, second = train(now), train(open_base(longer).at(days_ago(60)))

    same = {"fingerprint"}
    assert first.card.model_dump(exclude=same) == second.card.model_dump(exclude=same)


def test_a_young_or_small_base_is_refused_in_words() -> None:
    young = train(open_base(shop({"ana": [95, 3], "ben": [94]})))
    alike = train(open_base(shop({f"c{n}": [400, 300, 200, 100, 0] for n in range(60)})))

    assert young.model is None
    assert "1 origin with a closed horizon" in young.card.reasons[0]
    assert alike.model is None
    assert "0 customers fell silent over the origins; at least 50" in alike.card.reasons[0]
    assert alike.card.everyone == {}


def test_undated_labels_are_told_as_a_status_and_never_saved() -> None:
    rng = np.random.default_rng(0)
    bought = {f"c{n:03}": sorted(rng.integers(1, 500, rng.integers(1, 9))) for n in range(150)}
    tables = shop(bought)
    gone = [min(days) > 120 for days in bought.values()]
    tables["churn_labels"] = pd.DataFrame({"customer_id": list(bought), "is_churn": gone})

    training = train(open_base(tables), labels="churn_labels")

    assert training.model is None
    assert training.card.positives == 0
    assert training.card.status is not None
    assert training.card.status.positives == sum(gone)
    assert training.card.status.auc is not None
    assert training.card.status.auc > 0.8


def test_gates_ask_mbg_only_of_silence() -> None:
    good = NONE.model_copy(update={"auc": 0.7, "auc_low": 0.6, "auc_high": 0.8, "brier": 0.2})
    constant, mbg = (NONE.model_copy(update={"brier": brier}) for brier in (0.25, 0.19))

    departure = good_enough(good, constant, mbg, Labels.CHURN)
    silence = good_enough(good, constant, mbg, Labels.ORDERS)

    assert [check.passed for check in departure] == [True, True]
    assert [check.passed for check in silence] == [True, True, False]
    assert silence[-1].text == "Brier 0.2000; must be below 0.1900, that of mbg"


@pytest.mark.parametrize(
    ("change", "passed"),
    [
        ({"auc_low": 0.5501}, True),
        ({"auc_low": 0.55}, False),
        ({"auc_low": None}, False),
        ({"brier": 0.25}, False),
        ({"brier": None}, False),
    ],
)
def test_every_gate_must_be_passed(change: dict[str, float], passed: bool) -> None:
    good = NONE.model_copy(update={"auc_low": 0.6, "brier": 0.2} | change)
    constant = NONE.model_copy(update={"brier": 0.25})

    assert all(c.passed for c in good_enough(good, constant, NONE, Labels.ORDERS)) is passed


def test_fifty_outcomes_are_enough() -> None:
    assert all(check.passed for check in enough_to_learn(2, 50, Labels.ORDERS))
    assert not all(check.passed for check in enough_to_learn(2, 49, Labels.ORDERS))
    assert not all(check.passed for check in enough_to_learn(1, 50, Labels.ORDERS))


def test_isotonic_is_kept_where_it_lowers_the_brier_score_out_of_time() -> None:
    recipe = Recipe(ModelKind.LOGISTIC, signed=True, about=ABOUT)

    bent = try_out(recipe, _three_origins(lambda x: np.where(x > 1, 0.9, 0.3)))
    straight = try_out(recipe, _three_origins(lambda x: 1 / (1 + np.exp(-x))))

    assert bent is not None
    assert bent.remark.startswith("isotonic: Brier score")
    assert bent.points
    assert straight is not None
    assert straight.remark.startswith("none: isotonic does not lower")
    assert straight.points == ()


def test_inputs_that_nobody_has_are_no_obstacle_to_trees() -> None:
    recipe = Recipe(ModelKind.GBM, signed=True, about=ABOUT)

    trial = try_out(recipe, _three_origins(lambda x: np.where(x > 1, 0.9, 0.3))[:2])

    assert trial is not None
    assert np.isfinite(trial.risk).all()


def test_unknown_names_and_empty_sources_are_refused() -> None:
    base = open_base(shop({"ana": [300, 200]}))

    with pytest.raises(ConfigError, match="no labels 'moods'; known are orders, churn_labels"):
        train(base, labels="moods")
    with pytest.raises(ConfigError, match="no kind of model 'forest'"):
        train(base, kind="forest")
    bare = CustomerBase.from_frames(
        {"customers": shop({"ana": [9]})["customers"]}, as_of=days_ago(0)
    )
    with pytest.raises(ConfigError, match="neither orders nor churn_labels"):
        train(bare)


def test_a_gbm_without_scikit_learn_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sklearn.ensemble", None)

    with pytest.raises(ConfigError, match=r'pip install "procx_graph\[ml\]"'):
        Recipe(ModelKind.GBM, signed=True, about=ABOUT).fit(_three_origins(lambda x: x * 0 + 0.5))


def _mixed(lesson: Lesson, rng: np.random.Generator) -> Lesson:
    rows = Rows(lesson.rows.given, rng.permutation(lesson.happened))
    return Lesson(
        lesson.origin, lesson.customer_ids, rows, lesson.active, lesson.mbg, lesson.recency
    )


def _three_origins(truth: Callable[[np.ndarray], np.ndarray]) -> list[Lesson]:
    """Origins at which one input decides, and the others are missing."""
    rng, size = np.random.default_rng(7), 3_000
    found = []
    for number in range(3):
        x = rng.normal(size=size)
        given = {name: np.full(size, np.nan) for name in SIGNS} | {"rhythm": x}
        rows = Rows(given, rng.random(size) < truth(x))
        found.append(
            Lesson(
                days_ago(90 * number + 90),
                pl.Series(range(size), dtype=pl.String, strict=False),
                rows,
                np.ones(size, dtype=bool),
                np.full(size, np.nan),
                np.full(size, np.nan),
            )
        )
    return found
