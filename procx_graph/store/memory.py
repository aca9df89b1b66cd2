"""The ledger in memory: complete, and gone with the process."""

import threading
from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from procx_graph.domain.review import Review, ReviewCase
from procx_graph.errors import ReviewError


class MemoryLedger:
    """Claims, reviews and contacts of one process; safe to share between its threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._cases: dict[str, ReviewCase] = {}
        self._waiting: Counter[str] = Counter()
        self._claims: set[str] = set()
        self._contacts: dict[str, datetime] = {}

    def open(self, case: ReviewCase) -> None:
        """Add a case that waits; adding the same one again changes nothing."""
        with self._lock:
            if case.review_id not in self._cases:
                self._cases[case.review_id] = case
                self._waiting[case.customer_id] += case.open

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

    def record_contact(self, customer_id: str, *, at: datetime) -> None:
        """Note that a message went out."""
        with self._lock:
            last = self._contacts.get(customer_id)
            self._contacts[customer_id] = at if last is None else max(last, at)

    def last_contact(self, customer_id: str) -> datetime | None:
        """Give the latest contact, `None` when there was none."""
        with self._lock:
            return self._contacts.get(customer_id)
