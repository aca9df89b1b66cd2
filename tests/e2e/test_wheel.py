"""The wheel, built from what git would ship, works on its own outside the checkout."""

import json
import os
import shutil
import site
import subprocess
import sys
import venv
from pathlib import Path
from zipfile import ZipFile

import pytest

pytestmark = pytest.mark.slow

CHECKOUT = Path(__file__).parents[2]


def tracked() -> list[str]:
    """Files of the checkout that git tracks, or would if asked to add everything."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=CHECKOUT, check=True, capture_output=True, text=True,
    )  # fmt: skip
    return sorted({name for name in listed.stdout.split("\0") if (CHECKOUT / name).is_file()})


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel from a clean copy of the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    for name in tracked():
        target = folder / "copy" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(CHECKOUT / name, target)
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder / "dist"],
        cwd=folder / "copy", check=True, capture_output=True,
    )  # fmt: skip
    [built] = (folder / "dist").glob("*.whl")
    return built


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel into a venv of its own that sees the development packages."""
    folder = tmp_path_factory.mktemp("venv")
    venv.create(folder, with_pip=False)
    python = folder / "bin" / "python"
    asked: list[str | Path] = [
        python,
        "-c",
        "import sysconfig; print(sysconfig.get_path('purelib'))",
    ]
    theirs = Path(subprocess.run(asked, check=True, capture_output=True, text=True).stdout.strip())
    (theirs / "development.pth").write_text("\n".join(site.getsitepackages()) + "\n")
    subprocess.run(
        [sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps",
         "--no-index", "--disable-pip-version-check", "--ignore-installed", wheel],
        check=True, capture_output=True, cwd=folder,
    )  # fmt: skip
    return python


def test_it_ships_exactly_the_package_the_prompts_and_the_sample(wheel: Path) -> None:
    with ZipFile(wheel) as archive:
        shipped = {name for name in archive.namelist() if ".dist-info/" not in name}

    expected = {name for name in tracked() if name.startswith("procx_graph/")}
    expected |= {
        f"procx_graph/_assets/{name}"
        for name in tracked()
        if name.startswith(("prompts/", "data/sample/"))
    }
    assert shipped == expected


def test_it_ships_what_is_not_code(wheel: Path) -> None:
    with ZipFile(wheel) as archive:
        shipped = set(archive.namelist())

    assert shipped >= {
        "procx_graph/py.typed",
        "procx_graph/scan_report.schema.json",
        "procx_graph/scoring/profiles/default-v1.toml",
        "procx_graph/scoring/profiles/procx-seed.toml",
        "procx_graph/outreach/policy/default.toml",
        "procx_graph/_assets/data/sample/procx_sample.xlsx",
    }
    for language in ("en", "hi", "ta", "te", "bn"):
        assert f"procx_graph/outreach/languages/{language}/messages.toml" in shipped
    assert not [name for name in shipped if name.startswith(("tests", "notebooks", "data/"))]


def test_it_scans_the_sample_outside_the_checkout(python: Path, tmp_path: Path) -> None:
    plain = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "PROCX_"))}

    where = subprocess.run(
        [python, "-c", "import procx_graph; print(procx_graph.__file__)"],
        cwd=tmp_path, env=plain, check=True, capture_output=True, text=True,
    )  # fmt: skip
    told = subprocess.run(
        [python.with_name("procx"), "scan", "--limit", "3", "--json", "-"],
        cwd=tmp_path, env=plain, check=True, capture_output=True, text=True,
    )  # fmt: skip

    assert Path(where.stdout.strip()).is_relative_to(python.parents[1])
    assert json.loads(told.stdout)["counts"]["scored"] == 1_000
    assert told.stderr == ""
    assert not list(tmp_path.iterdir())


def test_it_brings_no_labelled_situations_and_says_so(python: Path, tmp_path: Path) -> None:
    plain = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "PROCX_"))}

    told = subprocess.run(
        [python.with_name("procx"), "eval", "--rules"],
        cwd=tmp_path, env=plain, check=False, capture_output=True, text=True,
    )  # fmt: skip

    assert told.returncode == 2
    assert "brings no labelled situations: name a file or a folder of them" in told.stderr
