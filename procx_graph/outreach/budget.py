"""How much may still be given away: to one customer, and by one scan."""

import threading
from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Protocol

from procx_graph.domain.customer import Customer
from procx_graph.domain.dealings import Dealings
from procx_graph.domain.policy import Policy

_REMEMBERED = 16
"""Scans whose offers are kept in mind; of an older one the ledger is asked again."""


class Spendings(Protocol):
    """What was given away so far."""

    def dealings(self, customer_id: str) -> Dealings:
        """Give what we and a customer have had to do with each other."""
        ...

    def offered_in(self, scan_id: str) -> float:
        """Give what the offers of a scan are worth together."""
        ...


class OfferBudget:
    """Counts offers against the policy's budgets; threads may share it.

    What the runs under way took is kept in mind, because they are recorded only when they end. A
    run that breaks keeps what it took until another process goes on with its scan.
    """

    def __init__(self, policy: Policy, ledger: Spendings) -> None:
        self.policy, self.ledger = policy, ledger
        self._lock = threading.RLock()
        self._scans: OrderedDict[str, tuple[float, dict[str, float]]] = OrderedDict()

    def affords(
        self, percent_off: float, customer: Customer, *, run_id: str, now: datetime
    ) -> bool:
        """Whether an offer is within both budgets by now."""
        worth = worth_of(percent_off, customer) or 0.0
        scan_id = scan_of(run_id, customer.customer_id)
        with self._lock:
            return self._customer_affords(worth, customer, run_id, now) and self._scan_affords(
                worth, scan_id, run_id
            )

    def take(self, percent_off: float, customer: Customer, *, run_id: str, now: datetime) -> bool:
        """Take an offer out of the budgets for a run, or say that it is beyond them.

        A run that takes again, because it is done again, gives back what it took before.
        """
        with self._lock:
            if not self.affords(percent_off, customer, run_id=run_id, now=now):
                return False
            if self.policy.offers.budget_per_scan.worth is not None:
                _, taken = self._spent(scan_of(run_id, customer.customer_id))
                taken[run_id] = worth_of(percent_off, customer) or 0.0
            return True

    def _customer_affords(
        self, worth: float, customer: Customer, run_id: str, now: datetime
    ) -> bool:
        budget = self.policy.offers.budget_per_customer
        if budget.number is None and budget.worth is None:
            return True
        since = now - timedelta(days=budget.days)
        made = [
            one
            for one in self.ledger.dealings(customer.customer_id).offers
            if one.status.counts and one.made_at > since and one.run_id != run_id
        ]
        spent = sum(one.worth or 0.0 for one in made)
        return (budget.number is None or len(made) < budget.number) and (
            budget.worth is None or spent + worth <= budget.worth
        )

    def _scan_affords(self, worth: float, scan_id: str, run_id: str) -> bool:
        most = self.policy.offers.budget_per_scan.worth
        if most is None:
            return True
        before, taken = self._spent(scan_id)
        others = sum(value for name, value in taken.items() if name != run_id)
        return before + others + worth <= most

    def _spent(self, scan_id: str) -> tuple[float, dict[str, float]]:
        """Give what earlier sittings of a scan gave away, and what each run of this one took."""
        found = self._scans.get(scan_id)
        if found is None:
            found = self._scans[scan_id] = (self.ledger.offered_in(scan_id), {})
            while len(self._scans) > _REMEMBERED:
                self._scans.popitem(last=False)
        return found


def worth_of(percent_off: float, customer: Customer) -> float | None:
    """Give what an offer may cost: its share of the customer's mean order, in their currency.

    `None` when no mean order is known.
    """
    mean = customer.avg_order_value
    return None if mean is None else percent_off * mean


def scan_of(run_id: str, customer_id: str) -> str:
    """Give the scan of a run."""
    return run_id.removesuffix(f":{customer_id}")
