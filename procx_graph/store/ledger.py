"""The ledger as ports: who claimed a run, which cases wait for a person, who was contacted."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from procx_graph.domain.dealings import Dealings, OfferMade
from procx_graph.domain.message import Channel, Purpose
from procx_graph.domain.review import Review, ReviewCase


class ReviewLedger(Protocol):
    """The truth about what waits for a person. Implementations may be shared by threads."""

    def open(self, case: ReviewCase) -> None:
        """Add a case that waits; adding the same one again changes nothing."""
        ...

    def settle(self, case: ReviewCase, answer: Review, *, at: datetime) -> ReviewCase:
        """Write the answer of a case, opening it first if it is not known, and give it back.

        Raises:
            ReviewError: The case was answered before.
        """
        ...

    def case(self, review_id: str) -> ReviewCase:
        """Give a case.

        Raises:
            ReviewError: No case has this id.
        """
        ...

    def waiting(self) -> Sequence[ReviewCase]:
        """Give the open cases, oldest first."""
        ...

    def has_open_case(self, customer_id: str) -> bool:
        """Whether a case of this customer waits."""
        ...


class Claims(Protocol):
    """Keeps two workers from doing one run twice."""

    def claim(self, run_id: str) -> bool:
        """Take a run; false when it was taken before."""
        ...

    def release(self, run_id: str) -> None:
        """Give a run back that was taken and not finished, so that it can be taken again."""
        ...


class Contacts(Protocol):
    """Who was contacted, and when. Whoever sends a message records it here."""

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
        ...

    def last_contact(self, customer_id: str) -> datetime | None:
        """Give the latest contact, `None` when there was none."""
        ...

    def dealings(self, customer_id: str) -> Dealings:
        """Give all that the gate must know of a customer."""
        ...


class Arms(Protocol):
    """Who was eligible for an experiment, and is held out or treated."""

    def assign(self, experiment: str, arms: Mapping[str, bool], *, at: datetime) -> None:
        """Keep whether customers are held out; who has an arm keeps it."""
        ...


class OfferLedger(Protocol):
    """What was offered."""

    def record_offer(self, made: OfferMade) -> None:
        """Keep the offer of a run, or how far it is by now."""
        ...

    def offered_in(self, scan_id: str) -> float:
        """Give what the offers of a scan are worth together, in the base's currency."""
        ...


class Ledger(ReviewLedger, Claims, Contacts, Arms, OfferLedger, Protocol):
    """Everything the monitor must remember."""
