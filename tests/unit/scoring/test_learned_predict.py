"""What a saved model predicts: exact terms, alone or among many, as scikit-learn would."""

from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl
import pytest
from pydantic import ValidationError

from procx_graph.domain.learned import Labels, LearnedModel, ModelKind
from procx_graph.errors import ConfigError
from procx_graph.scoring.engine import Scores, score
from procx_graph.scoring.learned.additive import spline_curve
from procx_graph.scoring.learned.boosted import as_trees, grow
from procx_graph.scoring.learned.calibration import fit_calibration
from procx_graph.scoring.learned.curves import bend, boost, calibrate
from procx_graph.scoring.learned.fitting import About, Rows, fit_model
from procx_graph.scoring.learned.inputs import SIGNS, inputs, inputs_hash
from procx_graph.scoring.learned.predict import Prediction, predict
from procx_graph.scoring.profiles import load_profile
from procx_graph.scoring.risk.odds import expit, logit
from tests.unit.scoring.bases import messy, open_base

ABOUT = About(Labels.ORDERS, 90, datetime(2025, 1, 1, tzinfo=UTC), "data", "profile", "inputs")
KINDS = list(ModelKind)
POINTS = ((-3.0, -2.0), (-1.0, -1.5), (0.0, 0.5), (2.0, 1.0))


@pytest.fixture(scope="module")
def scores() -> Scores:
    return score(open_base(messy(seed=2, customers=400)))


@pytest.fixture(scope="module")
def rows(scores: Scores) -> Rows:
    given = inputs(scores.features, scores.health.sub_scores)
    rng = np.random.default_rng(1)
    log_odds = -1 - 2 * np.nan_to_num(given["recency"], nan=0.5) + given["inactivity"] / 2
    return Rows(given, rng.random(len(log_odds)) < expit(np.nan_to_num(log_odds)))


@pytest.fixture(scope="module")
def models(rows: Rows) -> dict[ModelKind, LearnedModel]:
    return {kind: fit_model(kind, rows, signed=True, about=ABOUT) for kind in KINDS}


def ask(model: LearnedModel, scores: Scores, rows: Any = slice(None)) -> Prediction:
    return predict(model, scores.features[rows], scores.health.sub_scores[rows])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("points", [(), POINTS])
def test_terms_add_up_to_the_log_odds_over_the_baseline(
    models: dict[ModelKind, LearnedModel], scores: Scores, kind: ModelKind, points: Any
) -> None:
    found = ask(models[kind].model_copy(update={"calibration": points}), scores)

    wanted = logit(found.probability) - logit(found.baseline)
    assert sum(found.terms.values()) == pytest.approx(wanted, abs=1e-9)
    assert ("calibration" in found.terms) is bool(points)
    assert ("interaction" in found.terms) is (kind is ModelKind.GBM)


@pytest.mark.parametrize("kind", KINDS)
def test_a_customer_has_the_same_bits_alone_and_among_many(
    models: dict[ModelKind, LearnedModel], scores: Scores, kind: ModelKind
) -> None:
    model = models[kind].model_copy(update={"calibration": POINTS})
    together = ask(model, scores)

    for place in range(0, 60, 7):
        alone = ask(model, scores, [place])
        assert alone.probability[0] == together.probability[place]
        assert all(alone.terms[name][0] == term[place] for name, term in together.terms.items())
        if together.low is not None and alone.low is not None:
            assert alone.low[0] == together.low[place]


@pytest.mark.parametrize("kind", KINDS)
def test_a_model_survives_json_to_the_bit(
    models: dict[ModelKind, LearnedModel], scores: Scores, kind: ModelKind
) -> None:
    model = models[kind]
    read = LearnedModel.model_validate_json(model.model_dump_json())

    assert read == model
    assert np.array_equal(ask(read, scores).probability, ask(model, scores).probability)


@pytest.mark.parametrize("kind", KINDS)
def test_no_input_moves_the_risk_against_its_sign(
    models: dict[ModelKind, LearnedModel], scores: Scores, kind: ModelKind
) -> None:
    steps = np.tile(scores.health.sub_scores[5], (50, 1))
    steps[:, 4] = np.linspace(0, 1, 50)
    found = predict(models[kind], pl.concat([scores.features[5]] * 50), steps)

    assert all(right <= left + 1e-12 for left, right in pairwise(found.probability))


@pytest.mark.parametrize("kind", [ModelKind.LOGISTIC, ModelKind.ADDITIVE])
def test_a_missing_input_adds_nothing(
    models: dict[ModelKind, LearnedModel], scores: Scores, kind: ModelKind
) -> None:
    nothing = scores.features.with_columns(pl.lit(None, pl.Float64).alias("p_silent"))
    found = predict(models[kind], nothing, np.full_like(scores.health.sub_scores, np.nan))

    assert not np.concatenate([found.terms["silence"], found.terms["recency"]]).any()
    assert np.isfinite(found.probability).all()


def test_the_interval_of_a_logistic_model_holds_the_risk_and_widens_far_out(
    models: dict[ModelKind, LearnedModel], scores: Scores
) -> None:
    found = ask(models[ModelKind.LOGISTIC], scores)

    assert found.low is not None
    assert found.high is not None
    assert (found.low <= found.probability).all()
    assert (found.probability <= found.high).all()
    assert ask(models[ModelKind.ADDITIVE], scores).low is None


def test_the_interval_is_that_of_the_covariance_matrix(
    models: dict[ModelKind, LearnedModel], scores: Scores, rows: Rows
) -> None:
    model = models[ModelKind.LOGISTIC]
    given = [(rows.given[f.name] - f.mean) / f.sd for f in model.features]
    design = np.nan_to_num(np.column_stack([np.ones(len(given[0])), *given]))
    deviation = np.sqrt(np.einsum("ij,jk,ik->i", design, np.array(model.covariance), design))
    found = ask(model, scores)

    assert found.high == pytest.approx(
        expit(logit(found.probability) + 1.2815515655 * deviation), abs=1e-8
    )


def test_trees_give_what_scikit_learn_gives(rows: Rows) -> None:
    columns = [rows.given[name] for name in SIGNS]
    estimator = grow(columns, rows.happened, list(SIGNS.values()))

    ours = boost(as_trees(estimator), columns)

    theirs = estimator.predict_proba(np.column_stack(columns))[:, 1]
    assert expit(ours) == pytest.approx(theirs, abs=1e-9)


def test_curves_give_what_scikit_learn_gives() -> None:
    from sklearn.preprocessing import SplineTransformer

    rng = np.random.default_rng(5)
    knots, coefficients = np.sort(rng.normal(size=6)), rng.normal(size=8)
    values = np.r_[knots, rng.normal(size=200) * 3]
    splines = SplineTransformer(knots=knots[:, None], degree=3, extrapolation="constant")

    theirs = splines.fit_transform(values[:, None]) @ coefficients

    assert bend(spline_curve(knots, coefficients), values) == pytest.approx(theirs, abs=1e-9)


def test_calibration_rises_goes_through_its_points_and_shifts_outside() -> None:
    x = np.array([-5.0, -3.0, -2.0, 0.0, 2.0, 4.0])

    assert calibrate(POINTS, x) == pytest.approx([-4.0, -2.0, -1.75, 0.5, 1.0, 3.0])
    assert (calibrate((), x) == x).all()


def test_a_fitted_calibration_rises_and_mends_what_is_off() -> None:
    rng = np.random.default_rng(2)
    log_odds = rng.normal(size=20_000)
    happened = rng.random(20_000) < expit(log_odds - 1)
    points = fit_calibration(log_odds, happened)

    mended = calibrate(points, np.linspace(-2, 2, 9))

    assert (np.diff(mended) >= 0).all()
    assert mended == pytest.approx(np.linspace(-2, 2, 9) - 1, abs=0.35)
    assert fit_calibration(np.array([0.0, 1.0]), np.array([True, False])) == ()


def test_extreme_log_odds_still_add_up(
    models: dict[ModelKind, LearnedModel], scores: Scores
) -> None:
    model = models[ModelKind.LOGISTIC]
    steep = tuple(feature.model_copy(update={"beta": 500.0}) for feature in model.features)
    found = ask(model.model_copy(update={"features": steep}), scores)

    wanted = logit(found.probability) - logit(found.baseline)
    assert sum(found.terms.values()) == pytest.approx(wanted, abs=1e-9)
    assert ((found.probability > 0) & (found.probability < 1)).all()


def test_an_input_that_does_not_exist_is_named(
    models: dict[ModelKind, LearnedModel], scores: Scores
) -> None:
    model = models[ModelKind.LOGISTIC]
    moon = (model.features[0].model_copy(update={"name": "moon"}), *model.features[1:])

    with pytest.raises(ConfigError, match="reads 'moon'"):
        ask(model.model_copy(update={"features": moon}), scores)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"intercept": 11}, "less than or equal to 10"),
        ({"covariance": [[1.0]]}, "row and a column per parameter"),
        ({"calibration": [[1, 1], [0, 2]]}, "rising points"),
        ({"curves": [{}]}, "one curve per feature"),
        ({"boosted": {"start": 0, "trees": []}}, "nothing else may have them"),
        ({"kind": "gbm"}, "one curve per feature"),
        ({"moon": 1}, "not permitted"),
    ],
)
def test_a_model_whose_parts_do_not_fit_is_refused(
    models: dict[ModelKind, LearnedModel], change: dict[str, Any], problem: str
) -> None:
    content = models[ModelKind.LOGISTIC].model_dump(mode="json") | change

    with pytest.raises(ValidationError, match=problem):
        LearnedModel.model_validate(content)


def test_a_tree_that_runs_in_circles_is_refused(models: dict[ModelKind, LearnedModel]) -> None:
    content = models[ModelKind.GBM].model_dump(mode="json")
    content["boosted"]["trees"][0]["left"][0] = 0

    with pytest.raises(ValidationError, match="does not lead down"):
        LearnedModel.model_validate(content)


def test_the_hash_of_inputs_changes_with_a_curve_and_not_with_a_weight_or_a_name() -> None:
    profile = load_profile()
    rule = profile.factors.nps
    heavier = rule.model_copy(update={"weight": 9.0})
    shorter = rule.model_copy(update={"window_days": 90})

    def changed(nps: Any) -> str:
        factors = profile.factors.model_copy(update={"nps": nps})
        return inputs_hash(profile.model_copy(update={"factors": factors, "name": "other"}))

    assert changed(heavier) == inputs_hash(profile)
    assert changed(shorter) != inputs_hash(profile)
