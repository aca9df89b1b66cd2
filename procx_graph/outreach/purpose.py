"""What a message is for: worked out from its text and its offer, whatever its writer says."""

import re
from functools import cache

from procx_graph.domain.decision import Offer
from procx_graph.domain.message import Language, Purpose
from procx_graph.domain.situation import Situation, SituationKind
from procx_graph.outreach.checks.reading import fold
from procx_graph.outreach.languages import language_pack
from procx_graph.outreach.letters import LETTER

UNDER_WAY = frozenset(
    {
        SituationKind.PAYMENT_FAILED,
        SituationKind.ORDER_DELAYED,
        SituationKind.ORDER_CANCELLED,
    }
)
"""Situations about an order or a payment of the customer's own."""


def purpose_of(
    text: str, subject: str | None = None, *, offer: Offer | None, situation: Situation
) -> Purpose:
    """Say what a message is for.

    An offer, or a promotion in any language that we write, makes it marketing; so does everything
    that answers nothing in particular.

    Args:
        text: The body.
        subject: `None` where there is none.
        offer: What it promises.
        situation: What it answers.
    """
    if offer is not None or not situation.calls_for_service or promotes(text, subject):
        return Purpose.MARKETING
    return Purpose.TRANSACTIONAL if situation.kind in UNDER_WAY else Purpose.SERVICE


def promotes(*texts: str | None) -> bool:
    """Whether a text advertises something, by the lists of words of every language."""
    return any(_pattern().search(fold(text).casefold()) for text in texts if text)


@cache
def _pattern() -> re.Pattern[str]:
    entries = {
        fold(entry).casefold()
        for language in Language
        for entry in language_pack(language).lexicon.promotion
    }
    words = "|".join(map(_expression, sorted(entries)))
    return re.compile(rf"(?<!{LETTER})(?:{words})|\d\s?[%٪]\s?off\b")


def _expression(entry: str) -> str:
    stem = re.escape(entry.removesuffix("*")).replace("\\ ", r"[\s-]+")
    return stem if entry.endswith("*") else rf"{stem}(?!{LETTER})"
