"""Every notebook runs from top to bottom, and is stored without what it showed."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

CHECKOUT = Path(__file__).parents[2]
NOTEBOOKS = sorted((CHECKOUT / "notebooks").glob("*.ipynb"))


def cells(notebook: Path) -> list[dict[str, Any]]:
    """Give the cells of a notebook, their text joined."""
    stored = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return [cell | {"source": "".join(cell["source"])} for cell in stored]


each_notebook = pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)


def test_there_are_notebooks() -> None:
    assert NOTEBOOKS


@each_notebook
def test_a_notebook_is_numbered_and_asks_one_question(notebook: Path) -> None:
    title = cells(notebook)[0]["source"].splitlines()[0]

    assert re.fullmatch(r"\d\d_[a-z_]+", notebook.stem)
    assert re.fullmatch(r"# .+\?", title)


@each_notebook
def test_a_notebook_is_stored_without_outputs(notebook: Path) -> None:
    code = [cell for cell in cells(notebook) if cell["cell_type"] == "code"]

    assert code
    assert all(cell["source"].strip() for cell in code)
    assert not [cell["source"] for cell in code if cell["outputs"] or cell["execution_count"]]


@pytest.mark.slow
@each_notebook
def test_a_notebook_runs(notebook: Path, tmp_path: Path) -> None:
    plain = {k: v for k, v in os.environ.items() if not k.startswith(("PROCX_", "PYTEST_"))}
    homes = dict.fromkeys(("JUPYTER_RUNTIME_DIR", "IPYTHONDIR", "MPLCONFIGDIR"), str(tmp_path))
    (tmp_path / "pytest.ini").write_text("[pytest]\n")

    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--nbmake", "--nbmake-timeout=120", "-q", notebook,
         "-c", tmp_path / "pytest.ini", "-p", "no:randomly", "-p", "no:cacheprovider"],
        cwd=tmp_path, env=plain | homes, check=False, capture_output=True, text=True,
    )  # fmt: skip

    assert done.returncode == 0, done.stdout[-4000:]
