"""`procx train`, from the tables to scores by a model, and back to mbg where it is refused."""

import json
from pathlib import Path

import pandas as pd
import pytest

from procx_graph.tables.sample import write_parquet
from tests.e2e.terminal import procx
from tests.unit.scoring.bases import shop
from tests.unit.scoring.test_learned_files import buyers


@pytest.fixture(scope="module")
def steady(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Buyers who stop for good, as CSV files."""
    folder = tmp_path_factory.mktemp("data") / "steady"
    folder.mkdir()
    for name, frame in shop(buyers()).items():
        frame.to_csv(folder / f"{name}.csv", index=False)
    return folder


def test_an_accepted_model_is_told_saved_and_scores(steady: Path, tmp_path: Path) -> None:
    out = tmp_path / "my model"
    ran = procx("train", steady, "--out", out)

    assert ran.code == 0, ran.err
    assert ran.out.startswith("Accepted: this model gives the churn risk.")
    assert "At the latest origin, everyone" in ran.out
    assert f"--profile '{out}'" in ran.out
    assert {path.name for path in out.iterdir()} == {
        "model.json",
        "card.json",
        "card.md",
        "profile.toml",
    }
    scored = procx("score", steady, "--profile", out, "--out", tmp_path / "scores.csv")
    assert scored.code == 0, scored.err
    methods = pd.read_csv(tmp_path / "scores.csv")["risk_method"].unique()
    assert list(methods) == ["learned"]


def test_a_refused_model_is_no_error_and_the_profile_keeps_mbg(
    tmp_path: Path,
) -> None:
    folder, out = tmp_path / "small", tmp_path / "model"
    write_parquet(120, folder, seed=2)
    ran = procx("train", folder, "--out", out, "--labels", "churn_labels")

    assert ran.code == 0, ran.err
    assert ran.out.startswith("Refused: no model is used")
    assert "at least 50 are needed" in ran.out
    assert not (out / "model.json").exists()
    assert procx("score", folder, "--profile", out).code == 0


def test_the_card_comes_as_json(steady: Path, tmp_path: Path) -> None:
    ran = procx("train", steady, "--out", tmp_path / "model", "--json", "--origins", 2)

    assert ran.json["accepted"] is True
    assert len(ran.json["origins"]) == 2
    assert ran.json == json.loads((tmp_path / "model" / "card.json").read_text())


def test_a_folder_of_other_things_is_refused_before_any_work(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    ran = procx("train", "nowhere.xlsx", "--out", tmp_path)

    assert ran.code == 2
    assert "is not empty and holds no earlier model" in ran.err


def test_a_kind_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    ran = procx("train", "--kind", "forest", "--out", tmp_path)

    assert ran.code == 2
    assert "forest" in ran.err
