"""From the rows of a store to the figures of a report."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from procx_graph.domain.clock import in_utc
from procx_graph.domain.outcome import WINDOWS, OutcomeKind
from procx_graph.errors import DataError
from procx_graph.outcomes.figures import (
    Figures,
    MessageFigures,
    OfferFigures,
    OfferTotals,
    Share,
)
from procx_graph.outcomes.service import team_figures, wait_figures
from procx_graph.outcomes.suggest import suggestions
from procx_graph.outcomes.triggers import trigger_figures
from procx_graph.outcomes.uplift import Expectation, uplifts
from procx_graph.store import outcomes
from procx_graph.store.database import Store
from procx_graph.store.period import MadeOffer, Period

_MADE = ("pending", "applied", "accepted", "lapsed")
"""Statuses of offers that were more than proposed, and not refused."""


def gather(
    store: Store,
    now: datetime,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    expected: Expectation | None = None,
) -> Figures:
    """Give the figures of everything that began within a span, with what became of it by now.

    Args:
        store: Where everything is kept.
        now: The present moment; naive is UTC.
        since: The first moment, the beginning when not given.
        until: The last moment, now when not given.
        expected: What was declared of experiments; the defaults when not given.

    Raises:
        DataError: The span ends before it begins.
        StoreError: The store cannot be read.
    """
    now = in_utc(now)
    since, until = (None if one is None else in_utc(one) for one in (since, until))
    end = now if until is None else until
    if since is not None and since > end:
        raise DataError(f"the span begins at {since} and ends before, at {end}")
    with store.reading() as connection:
        period = Period(connection, since, end)
        made, cases = period.offers(), period.cases()
        triggers = trigger_figures(
            period.runs(), period.words(), sent=period.sent_runs(), offers=made,
            of_no_run=period.words_of_no_run(),
        )  # fmt: skip
        waits = wait_figures(cases, period.approvals())
        messages = [MessageFigures(**one._asdict()) for one in period.messages()]
        arms = outcomes.arms(connection, since, end)
        kinds = [OutcomeKind.retained(days).value for days in WINDOWS]
        retained = outcomes.retention(connection, kinds)
        contacts = outcomes.contacts_of_held(connection)
    return Figures(
        store=store.name,
        since=since,
        until=until,
        at=now,
        triggers=triggers,
        offers=_offers(made),
        offer_totals=_totals(made),
        teams=team_figures(cases, now=now),
        waits=waits,
        messages=tuple(messages),
        uplifts=uplifts(arms, retained, expected or Expectation(), now=now, contacts=contacts),
        suggestions=suggestions(triggers),
    )


def _offers(made: Sequence[MadeOffer]) -> tuple[OfferFigures, ...]:
    alike: defaultdict[tuple[str, str], list[MadeOffer]] = defaultdict(list)
    for offer in made:
        alike[offer.offer_id, offer.status].append(offer)
    return tuple(
        OfferFigures(
            offer_id=offer_id,
            status=status,
            offers=len(some),
            worth=_worth(some),
            unknown=sum(offer.worth is None for offer in some),
        )
        for (offer_id, status), some in sorted(alike.items())
    )


def _totals(offers: Sequence[MadeOffer]) -> OfferTotals | None:
    if not offers:
        return None
    made = [offer for offer in offers if offer.status in _MADE]
    accepted = [offer for offer in made if offer.status == "accepted"]
    return OfferTotals(
        made=len(made),
        accepted=Share.made(len(accepted), len(made)),
        cost=_worth(accepted),
        unknown=sum(offer.worth is None for offer in accepted),
    )


def _worth(offers: Sequence[MadeOffer]) -> float | None:
    known = [offer.worth for offer in offers if offer.worth is not None]
    return round(sum(known), 2) if known else None
