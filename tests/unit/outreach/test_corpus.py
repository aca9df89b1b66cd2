"""Texts as businesses write them, in five languages: the good ones pass, the bad ones do not."""

import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from procx_graph.domain.decision import Offer
from procx_graph.domain.message import Channel, Finding, Language, Message, Purpose, Severity, Tone
from procx_graph.domain.situation import Sentiment, Situation, SituationKind
from procx_graph.outreach.checks import MessageFacts, check_message
from procx_graph.outreach.languages import language_pack

CORPUS = Path(__file__).parent / "corpus"
OFFERS = {
    "approved": Offer(
        id="come-back-10",
        percent_off=0.10,
        valid_days=30,
        expires=datetime(2026, 11, 30, tzinfo=UTC),
        approved=True,
    )
}
OFFERS["applied"] = OFFERS["approved"].model_copy(update={"applied": True})


def texts(which: str) -> Iterator[Any]:
    """Give each text with its language and the names its corpus uses."""
    for language in Language:
        corpus = tomllib.loads((CORPUS / f"{language}.toml").read_text(encoding="utf-8"))
        names = {name: corpus[name] for name in ("first_name", "sender")}
        for number, entry in enumerate(corpus[which]):
            label = "-".join(entry.get("codes", [entry["about"]]))
            yield pytest.param(language, entry, names, id=f"{language}-{number}-{label}")


def read(language: Language, entry: dict[str, Any], names: dict[str, str]) -> tuple[Finding, ...]:
    situation = Situation(
        kind=SituationKind(entry["about"]),
        sentiment=Sentiment.NEUTRAL,
        urgency=3,
        summary="a summary",
        order_id="O500123",
        days=5,
        amount=1250,
    )
    channel = Channel(entry.get("channel", "email"))
    subject = entry.get(
        "subject", language_pack(language).messages.situations[situation.kind].subject
    )
    message = Message(
        language=language,
        channel=channel,
        tone=Tone.WARM,
        purpose=Purpose(entry.get("purpose", "service")),
        subject=subject if channel is Channel.EMAIL else None,
        body=entry["body"],
    )
    facts = MessageFacts.of(
        situation,
        OFFERS.get(entry.get("offer", "")),
        currency="INR",
        customer_id="C204117",
        links=("care@acme.example",),
        domains=("acme.example",),
        earlier=entry.get("earlier", ()),
        **names,
    )
    return check_message(message, facts)


@pytest.mark.parametrize(("language", "entry", "names"), list(texts("good")))
def test_a_good_text_is_not_blocked(
    language: Language, entry: dict[str, Any], names: dict[str, str]
) -> None:
    blocking = [f for f in read(language, entry, names) if f.severity is Severity.BLOCK]

    assert not blocking, [(f.code, entry["body"][f.start : f.end]) for f in blocking]


@pytest.mark.parametrize(("language", "entry", "names"), list(texts("bad")))
def test_a_bad_text_is_blocked_for_the_right_reason(
    language: Language, entry: dict[str, Any], names: dict[str, str]
) -> None:
    blocking = {f.code for f in read(language, entry, names) if f.severity is Severity.BLOCK}

    assert blocking >= set(entry["codes"])


@pytest.mark.parametrize("language", Language)
def test_the_corpus_has_thirty_different_texts_of_each_sort(language: Language) -> None:
    corpus = tomllib.loads((CORPUS / f"{language}.toml").read_text(encoding="utf-8"))

    for which in ("good", "bad"):
        assert len({entry["body"] for entry in corpus[which]}) >= 30, which
