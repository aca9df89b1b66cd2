"""What a good message has, by rules: each criterion is met, or not, or does not apply."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from procx_graph.domain.customer import Customer
from procx_graph.domain.decision import Offer
from procx_graph.domain.message import Channel, Finding, Language, Message, Purpose, Severity
from procx_graph.domain.policy import Policy
from procx_graph.domain.situation import Situation
from procx_graph.outreach.checks.dates import date_pattern, is_among
from procx_graph.outreach.checks.reading import Reading, fold, words_of
from procx_graph.outreach.checks.units import percent_pattern
from procx_graph.outreach.draft import checked
from procx_graph.outreach.languages import NAME_SLOT, Messages, language_pack
from procx_graph.outreach.languages.formats import cents, exact_share

LONGEST = {Channel.EMAIL: 1_500, Channel.WHATSAPP: 700, Channel.SMS: 320}
"""Characters beyond which nobody reads on; the checks' own limits are what a channel takes."""
SHORTEST = 20
"""Letters below which nothing is said."""
_FIGURES = frozenset(
    {
        *("unknown_date", "unknown_amount", "wrong_currency", "unknown_percent"),
        *("unknown_duration", "unknown_id", "unknown_number"),
    }
)
_TONGUE = frozenset({"wrong_script", "wrong_language", "confusable_letter"})
_GIFTS = frozenset({"unknown_offer", "unconfirmed_offer", "unknown_percent", "missing_expiry"})


class Criterion(StrEnum):
    """What a good message has."""

    LANGUAGE = "language"
    """The right language, in its script."""
    CHECKS = "checks"
    """The checks find nothing that forbids sending it."""
    CONCRETE = "concrete"
    """It says what happened: the order, the amount or the days, where one is known."""
    FIGURES = "figures"
    """No figure, date or id that is not a fact."""
    GREETING = "greeting"
    CLOSING = "closing"
    """An e-mail is signed; whatever advertises says how to stop it."""
    OFFER = "offer"
    """The approved offer with its last day when there is one, and none when there is not."""
    LENGTH = "length"


@dataclass(frozen=True)
class Brief:
    """What a message was to be about.

    Attributes:
        language: To write in; `None` where we have no templates.
        situation: What happened.
        offer: What the customer gets, if anything.
        customer: Whom it is to.
        policy: Who signs, and what may be promised.
    """

    language: Language | None
    situation: Situation
    offer: Offer | None
    customer: Customer
    policy: Policy


def rate(message: Message, brief: Brief) -> dict[Criterion, bool]:
    """Give the criteria that apply to a message, and whether it meets them.

    Args:
        message: With `{first_name}` for the name, or with the name filled in.
        brief: What it was to be about.
    """
    findings = checked(
        message, brief.situation, brief.offer, brief.customer, policy=brief.policy
    ).findings
    blocking = _codes(finding for finding in findings if finding.severity is Severity.BLOCK)
    texts = language_pack(message.language).messages
    met = {
        Criterion.LANGUAGE: message.language is brief.language and not blocking & _TONGUE,
        Criterion.CHECKS: not blocking,
        Criterion.FIGURES: not blocking & _FIGURES,
        Criterion.GREETING: _greets(message, brief, texts),
        Criterion.OFFER: _tells_offer(message, brief.offer) and not blocking & _GIFTS,
        Criterion.LENGTH: _is_readable(message) and not _codes(findings) & {"too_long"},
    }
    told = _says_what_happened(message, brief.situation)
    if told is not None:
        met[Criterion.CONCRETE] = told
    closes = _closes(message, brief, texts)
    if closes is not None:
        met[Criterion.CLOSING] = closes and "missing_opt_out" not in blocking
    return {criterion: met[criterion] for criterion in Criterion if criterion in met}


def share_met(rubric: Mapping[Criterion, bool]) -> float | None:
    """Give the share of the criteria that are met, `None` without a message."""
    return sum(rubric.values()) / len(rubric) if rubric else None


def _codes(findings: Iterable[Finding]) -> frozenset[str]:
    return frozenset(finding.code for finding in findings)


def _says_what_happened(message: Message, situation: Situation) -> bool | None:
    """Whether a known fact of a bad experience is named; `None` where none is known.

    A text message is too short to be held to it.
    """
    if not situation.kind.adverse or message.channel is Channel.SMS:
        return None
    facts: list[bool] = []
    body = fold(f"{message.subject or ''} {message.body}")
    if situation.order_id:
        facts.append(situation.order_id in body)
    numbers = {word.text for word in words_of(body) if word.text.isdecimal()}
    if situation.days:
        facts.append(any(int(number) == situation.days for number in numbers))
    if situation.amount is not None:
        whole, _, part = f"{cents(situation.amount):.2f}".partition(".")
        plain = body.replace(",", "")
        facts.append(whole in plain and (part == "00" or f"{whole}.{part}" in plain))
    return any(facts) if facts else None


def _greets(message: Message, brief: Brief, texts: Messages) -> bool:
    """Whether it begins with the customer's name or a greeting of the language."""
    first = fold(message.body.strip()).partition("\n")[0][:80]
    name = brief.customer.first_name
    opening = first[: max(len(first) // 2, 40)]
    if NAME_SLOT in opening or (name and fold(name) in opening):
        return True
    known = {
        words_of(fold(text.replace(NAME_SLOT, " ")))[0].text
        for greeting in (texts.greeting, texts.sms_greeting)
        for text in (greeting.plain, greeting.named)
    }
    words = words_of(first)
    return bool(words) and words[0].text in known


def _closes(message: Message, brief: Brief, texts: Messages) -> bool | None:
    """Whether an e-mail is signed; `None` for others that need no closing."""
    if message.channel is not Channel.EMAIL:
        return True if message.purpose is Purpose.MARKETING else None
    end = "\n".join(message.body.strip().splitlines()[-5:])
    return (brief.policy.sender or texts.sender) in end


def _tells_offer(message: Message, offer: Offer | None) -> bool:
    """Whether the percentage and the last day of an approved offer are told; no other may be."""
    text = Reading.of(message.body).text
    gives = percent_pattern().search(text) is not None
    if offer is None or not offer.approved or offer.expires is None:
        return not gives
    share = re.escape(f"{float(exact_share(offer.percent_off) * 100):g}")
    days = date_pattern(message.language).finditer(text)
    dated = any(is_among(day, [offer.expires.date()], message.language) for day in days)
    return gives and dated and re.search(rf"(?<![\d.]){share}(?![\d.])", text) is not None


def _is_readable(message: Message) -> bool:
    letters = sum(char.isalpha() for char in message.body)
    return letters >= SHORTEST and len(message.body) <= LONGEST[message.channel]
