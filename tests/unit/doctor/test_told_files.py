"""Shipped files are complete, and what is missing in one is told."""

from pathlib import Path

import pytest

from procx_graph.doctor import State, Subject
from procx_graph.doctor.languages import language_of
from procx_graph.doctor.prompts import flaws, prompts_in
from procx_graph.domain.message import Language
from procx_graph.errors import ConfigError
from procx_graph.outreach.languages import LanguagePack, language_pack
from tests.examined import found, states

HEAD = "---\nname: a/b\nversion: 1\ninputs: [facts]\n---\n"
GOOD = HEAD + "Read it.\n\n---\n<record>\n{{ facts | data }}\n</record>\n"


def test_what_ships_is_complete() -> None:
    for subject in (Subject.PROMPTS, Subject.LANGUAGES, Subject.PROFILE, Subject.POLICY):
        assert set(states(found(subject)).values()) == {State.OK}
    assert len(found(Subject.LANGUAGES)) == len(Language)
    assert len(found(Subject.PROMPTS)) >= 4


def test_a_prompt_that_is_complete_has_no_flaw() -> None:
    assert flaws(GOOD, "a/b") == []


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (GOOD.replace("name: a/b", "name: c"), "calls itself"),
        (GOOD.replace("version: 1", "version: 0"), "head of prompt a/b is wrong"),
        (GOOD.replace("\n---\n<record>", "\n<record>"), "no line of ---"),
        (GOOD.replace("Read it.", "Read {{ facts }}."), "its instructions take facts"),
        (GOOD.replace("[facts]", "[]"), "uses facts, which its head does not name"),
        (GOOD.replace("[facts]", "[facts, mood]"), "names mood, which its record does not use"),
        (GOOD.replace("<record>", ""), "does not mark its data"),
        (GOOD.replace("</record>", "").replace("<record>", "</record><record>"), "does not mark"),
        (GOOD.replace("| data", "| nothing"), "no template"),
        (GOOD.replace("{{ facts | data }}", "{% if facts %}"), "no template"),
    ],
)
def test_a_flaw_of_a_prompt_is_told(raw: str, told: str) -> None:
    assert any(told in flaw for flaw in flaws(raw, "a/b"))


def test_prompts_that_are_missing_or_unreadable_are_broken(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b.md").write_text(GOOD, "utf-8")
    (tmp_path / "a" / "c.md").write_bytes(b"\xff\xfe")

    told = states(prompts_in(tmp_path, needed=["a/b", "a/d"]))

    assert told == {"a/d": State.BROKEN, "a/b": State.OK, "a/c": State.BROKEN}


def test_a_language_that_lacks_something_is_broken() -> None:
    def lacking(language: Language) -> LanguagePack:
        texts = language_pack(language).model_dump()
        texts["messages"]["situations"].popitem()
        try:
            return LanguagePack.model_validate(texts)
        except ValueError as error:
            raise ConfigError(f"{language}: {error}") from error

    told = language_of(Language.TAMIL, lacking)

    assert (told.part, told.state) == ("ta", State.BROKEN)
    assert "no texts for" in told.found
