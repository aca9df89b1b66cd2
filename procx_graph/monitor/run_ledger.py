"""The store's ledger as the agents of a run see it."""

from collections.abc import Sequence
from datetime import datetime

from procx_graph.domain.dealings import Dealings
from procx_graph.domain.review import Review, ReviewCase
from procx_graph.store import DurableLedger
from procx_graph.store.dealings import Standing


class RunLedger(DurableLedger):
    """Knows the customers whose runs are under way as they stood when those were claimed.

    So an agent waits for no database; whoever is not under way is looked up. An answer is not
    written by the run that it wakes: the desk writes it in one transaction with the result it
    leads to, so that a process that dies in between leaves the case as it was.
    """

    def __init__(self, ledger: DurableLedger) -> None:
        super().__init__(ledger.store, clock=ledger.clock)
        self._known: dict[str, Standing] = {}

    def look_up(self, customer_ids: Sequence[str]) -> None:
        """Read how customers stand, together.

        Raises:
            StoreError: The store cannot be read.
        """
        self._known |= dict.fromkeys(customer_ids, self.standing(customer_ids))

    def forget(self, customer_id: str) -> None:
        """Let a customer be looked up again."""
        self._known.pop(customer_id, None)

    def has_open_case(self, customer_id: str) -> bool:
        """Whether a case of this customer waits."""
        known = self._known.get(customer_id)
        if known is None:
            return super().has_open_case(customer_id)
        return known.has_open_case(customer_id)

    def last_contact(self, customer_id: str) -> datetime | None:
        """Give the latest contact, `None` when there was none."""
        known = self._known.get(customer_id)
        if known is None:
            return super().last_contact(customer_id)
        return known.last_contact(customer_id)

    def dealings(self, customer_id: str) -> Dealings:
        """Give all that the gate must know of a customer."""
        known = self._known.get(customer_id)
        if known is None:
            return super().dealings(customer_id)
        return known.dealings(customer_id)

    def settle(self, case: ReviewCase, answer: Review, *, at: datetime) -> ReviewCase:
        """Give the case as it will be once the desk has written the answer."""
        return case.model_copy(update={"answer": answer, "answered_at": at})
