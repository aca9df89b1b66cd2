"""The house stands as its pages say: names, floors, the drawing, what git and users get."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pandas as pd
import pytest

import procx_graph
from procx_graph import CustomerBase, build_retention_graph
from procx_graph.settings import Settings, variable_of

CHECKOUT = Path(__file__).parents[2]
PACKAGE = CHECKOUT / "procx_graph"
MODULES = sorted(PACKAGE.rglob("*.py"))
CLOCKS = {("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today")}
SURFACES = {"domain/clock.py", "cli"}
"""Where the wall clock may be read."""


def tracked() -> list[str]:
    """Files that git tracks, or would if asked to add everything."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=CHECKOUT, check=True, capture_output=True, text=True,
    )  # fmt: skip
    return [name for name in listed.stdout.split("\0") if (CHECKOUT / name).is_file()]


def calls(tree: ast.AST) -> Iterator[ast.expr]:
    """Give what is called, wherever something is called."""
    return (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))


def test_the_public_names_are_these() -> None:
    assert sorted(procx_graph.__all__) == [
        "CustomerBase",
        "CustomerScorer",
        "MessageFacts",
        "Monitor",
        "OutboxSender",
        "Policy",
        "ProcxError",
        "Profile",
        "Receiver",
        "Review",
        "Reviews",
        "RunOptions",
        "ScanReport",
        "Store",
        "__version__",
        "build_retention_graph",
        "check_message",
        "evaluate",
        "explain_customer",
        "load_base",
        "load_policy",
        "load_profile",
        "record_consent",
        "record_event",
        "record_outcome",
        "score_customers",
        "score_to_parquet",
        "suppress",
        "train",
    ]


@pytest.mark.parametrize("name", procx_graph.__all__)
def test_every_public_name_loads(name: str) -> None:
    assert getattr(procx_graph, name) is not None
    assert name in dir(procx_graph)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = procx_graph.nothing


def test_importing_the_package_loads_nothing_heavy() -> None:
    heavy = ["pandas", "polars", "numpy", "langgraph", "langchain_core", "pydantic", "sqlalchemy"]
    asked = f"import procx_graph, sys; print([name for name in {heavy} if name in sys.modules])"

    told = subprocess.run([sys.executable, "-c", asked], check=True, capture_output=True, text=True)

    assert told.stdout.strip() == "[]"


def test_the_types_of_the_package_are_for_everyone() -> None:
    assert files("procx_graph").joinpath("py.typed").is_file()


def test_the_drawing_in_the_architecture_page_is_the_graph() -> None:
    page = (CHECKOUT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    found = re.search(
        r"<!-- graph:begin -->\s*```mermaid\n(.*?)```\s*<!-- graph:end -->", page, re.DOTALL
    )
    one = pd.DataFrame({"customer_id": ["C1"]})
    base = CustomerBase.from_frames({"customers": one}, as_of="2025-01-01")

    drawn = build_retention_graph(base).compile().get_graph().draw_mermaid()

    assert found
    assert found[1].strip() == drawn.strip()


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_says_what_it_is_prints_only_at_the_surface_and_asks_nobody_the_time(
    module: Path,
) -> None:
    tree = ast.parse(module.read_text(encoding="utf-8"))
    place = module.relative_to(PACKAGE)

    assert ast.get_docstring(tree)
    if place.parts[0] != "cli":
        assert "print" not in {func.id for func in calls(tree) if isinstance(func, ast.Name)}
    if not {place.as_posix(), place.parts[0]} & SURFACES:
        imported = {
            name.name
            for node in ast.walk(tree)
            if isinstance(node, ast.Import)
            for name in node.names
        } | {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        assert "time" not in imported
        assert not CLOCKS & {
            (func.value.id, func.attr)
            for func in calls(tree)
            if isinstance(func, ast.Attribute) and isinstance(func.value, ast.Name)
        }


def test_the_top_level_holds_the_owners_folders_and_no_others() -> None:
    folders = {name.split("/")[0] for name in tracked() if "/" in name}

    assert folders == {
        *("procx_graph", "prompts", "data", "notebooks", "tests"),
        *(".ci", ".github"),
    }


def test_git_holds_no_data_but_the_sample() -> None:
    data = [name for name in tracked() if name.startswith("data/")]

    assert data
    assert all(name.startswith("data/sample/") for name in data)
    assert sum((CHECKOUT / name).stat().st_size for name in data) < 4_000_000


def test_the_changelog_has_a_place_for_what_comes() -> None:
    page = (CHECKOUT / "CHANGELOG.md").read_text(encoding="utf-8")

    headings = re.findall(r"^## (.+)$", page, re.MULTILINE)
    assert headings[0].strip("[]") == "Unreleased"


def test_the_example_of_the_surroundings_names_every_setting() -> None:
    page = (CHECKOUT / ".env.example").read_text(encoding="utf-8")

    named = set(re.findall(r"^#?([A-Z]+_\w+)=", page, re.MULTILINE))
    assert named == {variable_of(name) for name in Settings.model_fields}


def test_the_example_of_the_surroundings_loads_into_a_shell(tmp_path: Path) -> None:
    page = (CHECKOUT / ".env.example").read_text(encoding="utf-8")
    (tmp_path / "all.env").write_text(re.sub(r"^#(?=[A-Z]+_\w+=)", "", page, flags=re.MULTILINE))

    told = subprocess.run(
        ["sh", "-ec", "set -a; . ./all.env; env"],
        cwd=tmp_path, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip

    assert "PROCX_OUTBOX_FROM=Asha from Care <care@shop.example>\n" in told
    assert "&t={token}\n" in told
