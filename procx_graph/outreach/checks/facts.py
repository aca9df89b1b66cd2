"""What a message may state: the figures, ids and names that are known to be true."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from math import isfinite

from procx_graph.domain.decision import Offer
from procx_graph.domain.situation import Situation
from procx_graph.outreach.checks.reading import fold
from procx_graph.outreach.languages import NAME_SLOT
from procx_graph.outreach.languages.formats import cents, exact_share
from procx_graph.outreach.names import usable_name

_ID_PART = re.compile(r"[A-Za-z0-9]")
_GOES_ON = re.compile(r"[-/_.]?[A-Za-z0-9]")


@dataclass(frozen=True)
class MessageFacts:
    """All that may be stated; whatever else a text states is a finding.

    Attributes:
        days: Numbers of days.
        amounts: Amounts of money, to the cent.
        percents: Percentages: 10 is ten percent.
        dates: Days of the calendar, such as the expiry of an offer.
        ids: Order ids of this customer.
        links: Web and e-mail addresses and phone numbers, exactly as they may be written.
        currency: ISO 4217 code of the amounts; `None` when unknown: then no currency is right.
        first_name: As stored; `None` when the text has `{first_name}` or greets without a name.
        sender: Who signs; `None` for the template's own.
    """

    days: frozenset[int] = frozenset()
    amounts: frozenset[Decimal] = frozenset()
    percents: frozenset[Decimal] = frozenset()
    dates: frozenset[date] = frozenset()
    ids: frozenset[str] = frozenset()
    links: frozenset[str] = frozenset()
    currency: str | None = None
    first_name: str | None = None
    sender: str | None = None

    @classmethod
    def of(
        cls,
        situation: Situation,
        offer: Offer | None,
        *,
        currency: str | None = None,
        sender: str | None = None,
        first_name: str | None = None,
        links: Iterable[str] = (),
    ) -> "MessageFacts":
        """Gather what a message about a situation may state; of an offer only when approved."""
        told = offer if offer is not None and offer.approved else None
        amount = situation.amount
        return cls(
            days=frozenset(() if situation.days is None else (situation.days,)),
            amounts=frozenset(() if amount is None or not isfinite(amount) else (cents(amount),)),
            percents=frozenset({exact_share(told.percent_off) * 100} if told else ()),
            dates=frozenset({told.expires.date()} if told and told.expires else ()),
            ids=frozenset(filter(None, (situation.order_id,))),
            links=frozenset(links),
            currency=currency,
            first_name=first_name,
            sender=sender,
        )

    @cached_property
    def data(self) -> tuple[str, ...]:
        """What is data and not the writer's words: the name, the sender, ids, links; folded."""
        words = [usable_name(self.first_name), self.sender, *self.ids, *self.links]
        return tuple(sorted({fold(word) for word in words if word}, key=len, reverse=True))

    def data_in(self, text: str) -> list[tuple[int, int]]:
        """Give the stretches of a folded text that are data, in its order, the longest first.

        A longer id or address that merely begins like a known one is none.
        """
        found = list(_places(text, NAME_SLOT))
        for word in self.data:
            found += [span for span in _places(text, word) if _stands_alone(text, *span)]
        spans: list[tuple[int, int]] = []
        for start, end in sorted(found, key=lambda span: (span[0], -span[1])):
            if not spans or start >= spans[-1][1]:
                spans.append((start, end))
        return spans


def _places(text: str, word: str) -> Iterator[tuple[int, int]]:
    at = text.find(word)
    while at >= 0:
        yield at, at + len(word)
        at = text.find(word, at + len(word))


def _stands_alone(text: str, start: int, end: int) -> bool:
    if start and _ID_PART.match(text[start - 1]):
        return False
    return not _GOES_ON.match(text, end)
