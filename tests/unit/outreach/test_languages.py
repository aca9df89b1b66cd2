"""What each language brings, and what its files may not be."""

import copy
import re
from typing import Any

import pytest
from pydantic import ValidationError

from procx_graph.assets import package_toml
from procx_graph.domain.message import Language
from procx_graph.domain.situation import SituationKind
from procx_graph.outreach.checks import MessageFacts, check_message
from procx_graph.outreach.festivals import FESTIVALS
from procx_graph.outreach.languages import LanguagePack, Lexicon, Messages, formats, language_pack
from tests.unit.builders import a_message

KINDS = (SituationKind.CHECK_IN, SituationKind.PAYMENT_FAILED)
EVERY = pytest.mark.parametrize("language", Language)


def english() -> dict[str, Any]:
    return copy.deepcopy(package_toml("outreach/languages/en/messages.toml"))


@EVERY
def test_a_language_is_complete(language: Language) -> None:
    pack = language_pack(language)

    assert set(pack.messages.situations) == set(SituationKind)
    assert set(pack.messages.topics) >= {"payment", "delivery", "product", "refund", "account"}
    assert len(pack.lexicon.internal.words) >= 20
    assert set(pack.lexicon.numbers.values()) >= {*range(21), *range(30, 101, 10), 1000}


@EVERY
def test_every_tone_has_its_own_words(language: Language) -> None:
    for kind, texts in language_pack(language).messages.situations.items():
        assert len({texts.warm, texts.formal, texts.apologetic}) == 3, kind


@EVERY
def test_a_text_has_two_to_four_sentences(language: Language) -> None:
    for kind, texts in language_pack(language).messages.situations.items():
        for items in (texts.warm, texts.formal, texts.apologetic):
            text = " ".join(item if isinstance(item, str) else item[-1] for item in items)
            assert 2 <= len(re.findall(r"[.?!।](?:\s|$)", text)) <= 4, (kind, text)


@EVERY
def test_nobody_apologises_for_praise(language: Language) -> None:
    sorry = {"en": "sorry", "hi": "खेद", "ta": "வருந்து", "te": "చింతిస్తున్న", "bn": "দুঃখিত"}
    praise = language_pack(language).messages.situations[SituationKind.PRAISE]
    late = language_pack(language).messages.situations[SituationKind.ORDER_DELAYED]

    assert sorry[language] not in str(praise.apologetic)
    assert sorry[language] in str(late.apologetic)


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (("surprise",), 1, "Extra inputs"),
        (("greeting", "named"), "Dear customer,", "takes: {first_name}"),
        (("greeting", "plain"), "Dear {first_name},", "takes: none"),
        (("offer",), "You get {percent} off.", "takes: {percent}, {expires}"),
        (("situations", "praise", "subject"), "x" * 61, "at most 60"),
        (("situations", "praise", "subject"), "two\nlines", "match pattern"),
        (("situations", "praise", "warm"), [], "at least 1 item"),
        (("situations", "praise", "warm"), ["You are {adjective}."], "takes: {order}, {days}"),
        (("situations", "praise", "warm"), ["Order {order}.", "Thanks."], "without slots"),
        (("situations", "praise", "sms"), [["Order {order}.", "In {days}."]], "without slots"),
        (("situations", "praise", "warm"), ["A stray } brace."], "encountered"),
        (("situations", "birthday"), {}, "birthday"),
    ],
)
def test_a_file_that_is_not_as_it_must_be_is_refused(
    path: tuple[str, ...], value: object, said: str
) -> None:
    texts = english()
    place = texts
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value

    with pytest.raises(ValidationError, match=re.escape(said)):
        Messages.model_validate(texts)


def test_a_missing_situation_is_named() -> None:
    texts = english()
    del texts["situations"]["praise"], texts["situations"]["complaint"]

    with pytest.raises(ValidationError, match="no texts for complaint, praise"):
        Messages.model_validate(texts)


def test_a_missing_greeting_is_named() -> None:
    texts = english()
    del texts["festivals"]["diwali"]

    with pytest.raises(ValidationError, match="no greeting for diwali"):
        Messages.model_validate(texts)


def test_a_pack_is_read_once_and_cannot_be_changed() -> None:
    pack = language_pack(Language.HINDI)

    assert pack is language_pack(Language.HINDI)
    with pytest.raises(ValidationError, match="frozen"):
        pack.messages.sender = "nobody"  # type: ignore[misc] # what the test is about
    assert isinstance(pack, LanguagePack)


@pytest.mark.parametrize(
    ("locale", "days"),
    [
        ("en", ("1 day", "2 days", "5 days", "400 days")),
        ("hi", ("1 दिन", "2 दिन", "5 दिन", "400 दिन")),
        ("ta", ("1 நாள்", "2 நாட்கள்", "5 நாட்கள்", "400 நாட்கள்")),
        ("te", ("1 రోజు", "2 రోజులు", "5 రోజులు", "400 రోజులు")),
        ("bn_IN", ("1 দিন", "2 দিন", "5 দিন", "400 দিন")),
    ],
)
def test_days_are_counted_in_every_language(locale: str, days: tuple[str, ...]) -> None:
    assert tuple(formats.day_count(count, locale) for count in (1, 2, 5, 400)) == days


@EVERY
def test_every_festival_has_a_greeting_that_the_checks_know(language: Language) -> None:
    texts = language_pack(language).messages.festivals

    assert set(texts) == {festival.name for festival in FESTIVALS}
    for name, text in texts.items():
        body = (
            f"{text} {language_pack(language).messages.situations[SituationKind.CHECK_IN].sms[0]}"
        )
        message = a_message(language=language, subject="", body=body)
        beside = {kind: check_message(message, MessageFacts(situation=kind)) for kind in KINDS}
        codes = {kind: {f.code for f in found} for kind, found in beside.items()}
        assert codes[SituationKind.CHECK_IN] == {"missing_subject"}, name
        assert "unfitting_greeting" in codes[SituationKind.PAYMENT_FAILED], name


@pytest.mark.parametrize("section", ["promise", "blame", "pressure", "apology", "offer", "applied"])
@EVERY
def test_every_language_knows_each_way_of_speaking(language: Language, section: str) -> None:
    assert getattr(language_pack(language).lexicon.wording, section)


def test_what_is_no_regular_expression_is_refused() -> None:
    lexicon = copy.deepcopy(package_toml("outreach/languages/en/lexicon.toml"))
    lexicon["wording"]["blame"] = ["your (fault"]

    with pytest.raises(ValidationError, match="is no regular expression"):
        Lexicon.model_validate(lexicon)
