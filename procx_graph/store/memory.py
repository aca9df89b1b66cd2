"""The ledger in memory: complete, and gone with the process."""

import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from procx_graph.domain.dealings import (
    KEPT_CONTACTS,
    NOTHING,
    Consent,
    Contact,
    Dealings,
    OfferMade,
    Suppression,
)
from procx_graph.domain.message import Channel, Purpose
from procx_graph.domain.review import Review, ReviewCase
from procx_graph.errors import ReviewError


class MemoryLedger:
    """Claims, reviews and contacts of one process; safe to share between its threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._cases: dict[str, ReviewCase] = {}
        self._waiting: Counter[str] = Counter()
        self._claims: set[str] = set()
        self._dealings: dict[str, Dealings] = {}
        self._offers: dict[str, OfferMade] = {}

    def open(self, case: ReviewCase) -> None:
        """Add a case that waits; adding the same one again changes nothing."""
        with self._lock:
            if case.review_id not in self._cases:
                self._cases[case.review_id] = case
                self._waiting[case.customer_id] += case.open
                self._note_case(case.customer_id)

    def settle(self, case: ReviewCase, answer: Review, *, at: datetime) -> ReviewCase:
        """Write the answer of a case, opening it first if it is not known, and give it back.

        Raises:
            ReviewError: The case was answered before.
        """
        with self._lock:
            known = self._cases.get(case.review_id)
            if known is not None and not known.open:
                raise ReviewError(f"review {case.review_id!r} is already answered")
            if known is not None:
                self._waiting[case.customer_id] -= 1
            known = known or case
            settled = known.model_copy(update={"answer": answer, "answered_at": at})
            self._cases[case.review_id] = settled
            self._note_case(case.customer_id, answered_at=at)
            return settled

    def case(self, review_id: str) -> ReviewCase:
        """Give a case.

        Raises:
            ReviewError: No case has this id.
        """
        with self._lock:
            if review_id not in self._cases:
                raise ReviewError(f"no review {review_id!r} is known here")
            return self._cases[review_id]

    def waiting(self) -> Sequence[ReviewCase]:
        """Give the open cases, oldest first."""
        with self._lock:
            cases = [case for case in self._cases.values() if case.open]
        return sorted(cases, key=lambda case: (case.opened_at, case.review_id))

    def has_open_case(self, customer_id: str) -> bool:
        """Whether a case of this customer waits."""
        with self._lock:
            return self._waiting[customer_id] > 0

    def claim(self, run_id: str) -> bool:
        """Take a run; false when it was taken before."""
        with self._lock:
            if run_id in self._claims:
                return False
            self._claims.add(run_id)
            return True

    def release(self, run_id: str) -> None:
        """Give a run back that was taken and not finished, so that it can be taken again."""
        with self._lock:
            self._claims.discard(run_id)

    def record_contact(
        self,
        customer_id: str,
        *,
        at: datetime,
        channel: Channel | None = None,
        purpose: Purpose | None = None,
        message_id: str | None = None,
    ) -> None:
        """Note that a message went out; one with an id is noted once."""
        contact = Contact(at=at, channel=channel, purpose=purpose, message_id=message_id)
        with self._lock:
            before = self._of(customer_id).contacts
            if message_id is not None and any(one.message_id == message_id for one in before):
                return
            after = sorted((contact, *before), key=lambda one: one.at, reverse=True)
            self._change(customer_id, contacts=tuple(after[:KEPT_CONTACTS]))

    def last_contact(self, customer_id: str) -> datetime | None:
        """Give the latest contact, `None` when there was none."""
        contacts = self.dealings(customer_id).contacts
        return contacts[0].at if contacts else None

    def dealings(self, customer_id: str) -> Dealings:
        """Give all that the gate must know of a customer."""
        return self._dealings.get(customer_id, NOTHING)

    def record_consent(self, customer_id: str, word: Consent) -> None:
        """Keep what a customer said about being written to; a source says one thing."""
        with self._lock:
            before = self._of(customer_id).consents
            if all(one.source != word.source for one in before):
                after = sorted((word, *before), key=lambda one: one.at, reverse=True)
                self._change(customer_id, consents=tuple(after))

    def suppress(self, customer_id: str, suppression: Suppression) -> None:
        """Let nobody write to a customer."""
        with self._lock:
            before = self._of(customer_id).suppressions
            self._change(customer_id, suppressions=(suppression, *before))

    def lift(self, customer_id: str) -> None:
        """Take every suppression of a customer back."""
        with self._lock:
            self._change(customer_id, suppressions=())

    def assign(self, experiment: str, arms: Mapping[str, bool], *, at: datetime) -> None:
        """Keep whether customers are held out; who has an arm keeps it."""
        del at
        with self._lock:
            for customer_id, held in arms.items():
                known = self._of(customer_id).arms
                self._change(customer_id, arms={experiment: held, **known})

    def record_offer(self, made: OfferMade) -> None:
        """Keep the offer of a run, or how far it is by now."""
        with self._lock:
            self._offers[made.run_id] = made
            others = (o for o in self._of(made.customer_id).offers if o.run_id != made.run_id)
            after = sorted((made, *others), key=lambda one: one.made_at, reverse=True)
            self._change(made.customer_id, offers=tuple(after))

    def offered_in(self, scan_id: str) -> float:
        """Give what the offers of a scan are worth together, in the base's currency."""
        with self._lock:
            counted = (o for o in self._offers.values() if o.scan_id == scan_id and o.status.counts)
            return sum(made.worth or 0.0 for made in counted)

    def _of(self, customer_id: str) -> Dealings:
        return self._dealings.get(customer_id, NOTHING)

    def _note_case(self, customer_id: str, *, answered_at: datetime | None = None) -> None:
        before = self._of(customer_id).resolved_at
        answered = [one for one in (before, answered_at) if one is not None]
        waits = self._waiting[customer_id] > 0
        self._change(customer_id, open_case=waits, resolved_at=max(answered, default=None))

    def _change(self, customer_id: str, **changes: Any) -> None:
        self._dealings[customer_id] = replace(self._of(customer_id), **changes)
