"""`procx evaluate`, from the first argument to the last byte of the plots."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.terminal import procx

WITHOUT_MATPLOTLIB = """
import sys
sys.modules["matplotlib"] = None
sys.argv = ["procx", "evaluate", *sys.argv[1:]]
from procx_graph.cli import main
main()
"""

QUICK = ("--method", "mbg", "--method", "recency", "--cut-offs", 1)

pytestmark = pytest.mark.slow


def test_the_table_is_printed_and_the_plots_are_drawn(shop: Path, tmp_path: Path) -> None:
    told = procx("evaluate", shop, "--cut-offs", 1, "--out", tmp_path / "figures")

    assert told.code == 0
    assert "Active customers: " in told.out
    assert {"mbg", "recency", "learned"} <= {line.split(" ")[0] for line in told.out.splitlines()}
    assert max(map(len, told.out.split("Plots:")[0].splitlines())) <= 80
    for name in ("calibration.png", "lift.png"):
        assert str(tmp_path / "figures" / name) in told.out.replace("\n", "")
        assert (tmp_path / "figures" / name).read_bytes().startswith(b"\x89PNG")
    assert "\x1b" not in told.out + told.err


def test_json_is_the_evaluation_and_nothing_else(shop: Path, tmp_path: Path) -> None:
    told = procx("evaluate", shop, "--horizon", 60, *QUICK, "--json", "--out", tmp_path)

    assert told.json["horizon_days"] == 60
    assert {mean["method"] for mean in told.json["means"]} == {"mbg", "recency"}
    assert (tmp_path / "lift.png").exists()
    assert "Plots: " in told.err


def test_json_alone_draws_nothing(
    shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    told = procx("evaluate", shop, *QUICK, "--json")

    assert told.json["cut_offs"]
    assert list(tmp_path.iterdir()) == []


def test_the_past_can_be_the_present(shop: Path) -> None:
    told = procx("evaluate", shop, *QUICK, "--as-of", "2025-06-30", "--json")

    assert told.json["cut_offs"][0].startswith("2025-04-01")


def test_without_matplotlib_the_table_stands_and_the_extra_is_named(
    shop: Path, tmp_path: Path
) -> None:
    told = subprocess.run(
        [sys.executable, "-c", WITHOUT_MATPLOTLIB, shop, *map(str, QUICK)],
        cwd=tmp_path, check=True, capture_output=True, text=True,
    )  # fmt: skip

    assert "Active customers: " in told.stdout
    assert 'No plots: drawing plots needs the plots extra: pip install "procx_graph[plots]"' in (
        told.stdout
    )
    assert not (tmp_path / "figures").exists()


def test_a_file_is_no_folder_for_plots(shop: Path, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")

    told = procx("evaluate", shop, "--out", tmp_path / "taken")

    assert (told.code, told.out) == (2, "")
    assert "it is a file, name a folder" in told.err


def test_too_short_a_history_is_one_line(shop: Path) -> None:
    told = procx("evaluate", shop, "--horizon", 3650, "--cut-offs", 1)

    assert told.code == 2
    assert told.err.count("\n") == 1
    assert "cannot be evaluated" in told.err


@pytest.mark.parametrize("wrong", [("--cut-offs", 0), ("--labels", "moods"), ("--horizon", 0)])
def test_a_wrong_option_is_named(shop: Path, wrong: tuple[str, object]) -> None:
    told = procx("evaluate", shop, *wrong)

    assert told.code == 2
    assert wrong[0] in told.err


def test_a_method_that_does_not_exist_is_told_which_do(shop: Path) -> None:
    told = procx("evaluate", shop, "--method", "tarot")

    assert told.code == 2
    assert "no method 'tarot'; known are constant, recency" in told.err
