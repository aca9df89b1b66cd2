"""A training kept in a folder, and loaded as a profile."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from procx_graph.base import CustomerBase
from procx_graph.domain.profile import Profile
from procx_graph.errors import ConfigError
from procx_graph.scoring.engine import score
from procx_graph.scoring.learned.files import check_folder, load_card, save
from procx_graph.scoring.learned.predict import predict
from procx_graph.scoring.learned.training import Training, train
from procx_graph.scoring.profiles import load_profile
from tests.unit.scoring.bases import open_base, shop


def buyers(customers: int = 300) -> dict[str, list[int]]:
    """Customers who buy at steady rates of their own until they stop for good."""
    rng = np.random.default_rng(0)
    made = {}
    for number in range(customers):
        gap, stop = rng.uniform(8, 60), rng.choice([0, 0, 60, 180, 300])
        days = (700 - rng.uniform(0, 100) - rng.exponential(gap, 60).cumsum()).round()
        made[f"c{number:03}"] = sorted({int(day) for day in days if day > stop} | {690})
    return made


@pytest.fixture(scope="module")
def base() -> CustomerBase:
    return open_base(shop(buyers()))


@pytest.fixture(scope="module")
def accepted(base: CustomerBase) -> Training:
    training = train(base)
    assert training.card.accepted, training.card.checks
    return training


def refused() -> Training:
    return train(open_base(shop({"ana": [300, 3], "ben": [94]})))


def test_a_loaded_model_gives_the_same_risks_to_the_bit(
    base: CustomerBase, accepted: Training, tmp_path: Path
) -> None:
    save(accepted, tmp_path / "model")
    profile = load_profile(tmp_path / "model")
    scores = score(base)

    assert profile == accepted.profile
    assert profile.hash == accepted.profile.hash != accepted.base_profile.hash
    assert profile.risk.learned is not None
    assert accepted.model is not None
    ours, theirs = (
        predict(model, scores.features, scores.health.sub_scores)
        for model in (accepted.model, profile.risk.learned)
    )
    assert np.array_equal(ours.probability, theirs.probability)
    assert load_card(tmp_path / "model") == accepted.card


def test_scoring_with_the_folder_uses_the_model(
    base: CustomerBase, accepted: Training, tmp_path: Path
) -> None:
    scores = score(base, profile=save(accepted, tmp_path / "model"))

    assert accepted.model is not None
    found = predict(accepted.model, scores.features, scores.health.sub_scores)
    assert scores.frame["risk_method"].unique().to_list() == ["learned"]
    assert scores.risk.probability == pytest.approx(found.probability, abs=1e-12)
    assert scores.frame.select(pl.col("churn_risk").is_between(0, 1).all()).item()


def test_a_refused_training_leaves_the_card_and_a_profile_without_a_model(tmp_path: Path) -> None:
    save(refused(), tmp_path)

    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "card.json",
        "card.md",
        "profile.toml",
    ]
    assert load_profile(tmp_path).hash == load_profile("default-v1").hash
    assert "**Refused: no model is used" in (tmp_path / "card.md").read_text()


def test_an_earlier_model_is_replaced_and_leaves_nothing(
    accepted: Training, tmp_path: Path
) -> None:
    save(accepted, tmp_path)
    assert (tmp_path / "model.json").exists()

    save(refused(), tmp_path)

    assert not (tmp_path / "model.json").exists()


def test_a_folder_with_something_else_is_not_touched(accepted: Training, tmp_path: Path) -> None:
    (tmp_path / "thesis.md").write_text("years of work")

    with pytest.raises(ConfigError, match="is not empty and holds no earlier model"):
        save(accepted, tmp_path)
    with pytest.raises(ConfigError, match="is a file"):
        check_folder(tmp_path / "thesis.md")
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.md"]


def test_a_users_profile_travels_with_the_model(base: CustomerBase, tmp_path: Path) -> None:
    ours = Profile.model_validate(load_profile().model_dump() | {"name": "ours", "version": 7})
    training = train(base, profile=ours)

    loaded = load_profile(save(training, tmp_path))

    assert (tmp_path / "base.json").exists()
    assert loaded == training.profile
    assert training.base_profile == ours


def test_training_again_starts_without_the_model(base: CustomerBase, accepted: Training) -> None:
    again = train(base, profile=accepted.profile)

    assert again.base_profile == accepted.base_profile
    assert again.model == accepted.model


def test_a_model_for_other_inputs_or_another_horizon_is_refused(
    accepted: Training, tmp_path: Path
) -> None:
    path = save(accepted, tmp_path) / "profile.toml"
    text = path.read_text()

    path.write_text(text + "horizon_days = 30\n")
    with pytest.raises(ConfigError, match="learned model is of 90 days, horizon_days is 30"):
        load_profile(path)
    path.write_text(text + "[factors.nps]\nwindow_days = 30\n")
    with pytest.raises(ConfigError, match="was trained with other factors"):
        load_profile(path)
    path.write_text(text + "[factors.nps]\nweight = 6\n")
    assert load_profile(path).risk.learned == accepted.model


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (None, "no such file"),
        ("not json", "not a readable JSON file"),
        ("[1]", "is not a JSON object"),
        ('{"kind": "logistic"}', r"no learned model of this version \(labels: Field required\)"),
        ('{"kind": NaN}', "no learned model of this version"),
    ],
)
def test_a_broken_model_is_named(
    accepted: Training, tmp_path: Path, content: str | None, problem: str
) -> None:
    model = save(accepted, tmp_path) / "model.json"
    model.unlink() if content is None else model.write_text(content)

    with pytest.raises(ConfigError, match=problem) as found:
        load_profile(tmp_path)
    assert "model.json" in str(found.value)


def test_a_card_that_is_none_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="procx train writes it"):
        load_card(tmp_path)
    (tmp_path / "card.json").write_text("{}")
    with pytest.raises(ConfigError, match="is not a model card"):
        load_card(tmp_path)
