"""Situations are read as they are written, and a wrong one is named."""

from datetime import timedelta
from pathlib import Path

import pytest

from procx_graph.domain.decision import Action, ReasonCode
from procx_graph.domain.message import Language
from procx_graph.domain.situation import SituationKind
from procx_graph.errors import ConfigError
from procx_graph.evals.loading import default_set, load_situations
from procx_graph.evals.situations import FREE_TEXT, SituationSet
from tests.labelled import TELLING


@pytest.fixture(scope="module")
def shipped() -> SituationSet:
    return load_situations(default_set())


def written(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "mine.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_file_is_a_set(tmp_path: Path) -> None:
    found = load_situations(written(tmp_path, TELLING))

    assert [one.id for one in found.situations] == ["en-late"]
    assert found.situations[0].buys.last == timedelta(days=-12)
    assert found.situations[0].expect.action == (Action.UPDATE_ON_ORDER,)


def test_what_a_file_says_on_top_holds_for_its_situations(tmp_path: Path) -> None:
    text = TELLING.replace(
        'language = "en"',
        'language = "ta"\ntags = ["all"]\ncustomer = { first_name = "Mala", segment = "Loyal" }',
    ).replace("about =", 'tags = ["one"]\ncustomer = { segment = "VIP" }\nabout =')

    one = load_situations(written(tmp_path, text)).situations[0]

    assert one.tags == ("all", "one")
    assert one.customer == {"first_name": "Mala", "segment": "VIP"}
    assert one.expect.language is Language.TAMIL


def test_nothing_can_be_written_in_a_language_without_templates(tmp_path: Path) -> None:
    text = TELLING.replace('language = "en"', 'language = "mr"')

    assert load_situations(written(tmp_path, text)).situations[0].expect.language is None


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        ('action = "update_on_order"', 'action = "call_them"', "en-late: expect.action"),
        ('purpose = "transactional"', 'purposes = "x"', "en-late: expect.purposes"),
        ('purpose = "transactional"', "", "a message has a purpose"),
        ('"-11d"', '"11 days"', "orders: '11 days' is no moment"),
        ("order_status", "state", "orders: the table orders has no column state"),
        ('id = "en-late"', 'id = "Late!"', "situation Late!: id"),
        ('id = "en-late"', "", "situation number 1: id"),
        ("about =", "abuot =", "en-late: about: Field required"),
        ('action = "update_on_order"', 'action = "thank"\nrefused = "x"', "refused goes with"),
        ('action = "update_on_order"', 'action = "no_contact"', "whoever is not written to"),
        ('action = "update_on_order"', "action = []", "en-late: expect.action"),
        ('language = "en"', "", "mine.toml: language: Field required"),
        ("[[situations]]", "[[situation]]", "mine.toml: situations: "),
        ('"-5d"', '"-5d', "not a readable TOML file"),
    ],
)
def test_what_is_wrong_is_told_with_file_situation_and_field(
    tmp_path: Path, right: str, wrong: str, told: str
) -> None:
    with pytest.raises(ConfigError) as error:
        load_situations(written(tmp_path, TELLING.replace(right, wrong, 1)))

    assert "mine.toml" in str(error.value)
    assert told in str(error.value)


def test_a_name_is_taken_once_in_a_set(tmp_path: Path) -> None:
    for name in ("a.toml", "b.toml"):
        (tmp_path / name).write_text(TELLING, encoding="utf-8")

    with pytest.raises(ConfigError, match=r"b\.toml: situation en-late: id: a\.toml has it"):
        load_situations(tmp_path)


def test_a_place_without_situations_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there are no situations"):
        load_situations(tmp_path)
    with pytest.raises(ConfigError, match="no such file"):
        load_situations(tmp_path / "none.toml")


def test_a_few_are_of_all_languages(shipped: SituationSet) -> None:
    few = shipped.chosen(limit=6)

    assert {one.language for one in few} == {"en", "hi", "mr", "ta", "te", "bn"}
    assert shipped.chosen(languages=["ta"], tags=["hostile"])
    assert shipped.chosen(tags=["no such tag"]) == ()


def test_the_set_covers_what_can_happen(shipped: SituationSet) -> None:
    labels = [one.expect for one in shipped.situations]
    by_rules = set(ReasonCode) - {ReasonCode.CUSTOMER_ASKED, ReasonCode.COMPLIANCE_BLOCK}

    assert {action for label in labels for action in label.action} == set(Action)
    assert {label.kind for label in labels} - {None} == set(SituationKind)
    assert {
        code for one in shipped.situations if not one.needs_words for code in one.expect.person
    } >= by_rules
    assert {label.refused for label in labels} >= {"no_consent", "churned", "suppressed"}
    for language in Language:
        assert sum(one.language == language for one in shipped.situations) >= 8
    assert sum(one.needs_words for one in shipped.situations) >= 8
    assert {one.language for one in shipped.situations if FREE_TEXT in one.tags} == set(Language)


@pytest.mark.parametrize("wrong", ["late", "EN-late", "en-late order", "my en-late"])
def test_an_id_that_is_none_is_told_with_one_that_is(tmp_path: Path, wrong: str) -> None:
    text = TELLING.replace('"en-late"', f'"{wrong}"')

    with pytest.raises(ConfigError, match=r"is no id: .*e\.g\. en-late-order"):
        load_situations(written(tmp_path, text))
