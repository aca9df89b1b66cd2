"""Every finding belongs to one check, by which scores name it."""

import tomllib
from pathlib import Path

from procx_graph.assets import package_file
from procx_graph.outreach.checks.codes import CHECKS

CORPUS = Path(__file__).parent / "corpus"
CODES = [code for codes in CHECKS.values() for code in codes]


def test_a_code_belongs_to_one_check() -> None:
    assert len(CODES) == len(set(CODES))


def test_every_check_is_a_module_and_every_module_a_check() -> None:
    folder = package_file("outreach/checks")
    besides = {"phrases", "__init__", "codes", "dates", "facts", "reading", "units", "wording"}
    modules = {one.name.removesuffix(".py") for one in folder.iterdir() if ".py" in one.name}

    assert set(CHECKS) == modules - besides - {"__pycache__"}


def test_a_module_names_its_codes() -> None:
    sources = " ".join(
        one.read_text(encoding="utf-8")
        for one in package_file("outreach/checks").iterdir()
        if one.name.endswith(".py") and one.name != "codes.py"
    )

    assert [code for code in CODES if f'"{code}"' not in sources] == []


def test_whatever_the_corpus_finds_belongs_to_a_check() -> None:
    found = set()
    for path in CORPUS.glob("*.toml"):
        for entries in tomllib.loads(path.read_text(encoding="utf-8")).values():
            if isinstance(entries, list):
                found |= {code for entry in entries for code in entry.get("codes", ())}

    assert len(found) > 20
    assert found <= set(CODES)
