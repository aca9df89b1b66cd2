"""What may still be given away."""

from datetime import timedelta
from typing import Any

import pytest

from procx_graph.domain.dealings import OfferMade, OfferStatus
from procx_graph.outreach.budget import OfferBudget, worth_of
from procx_graph.store import MemoryLedger
from tests.unit.builders import NOW, a_customer, a_policy

WHO = a_customer(avg_order_value=200.0)
"""Ten percent are worth 20."""
UNKNOWN = a_customer(avg_order_value=None)


@pytest.fixture
def ledger() -> MemoryLedger:
    return MemoryLedger()


def budget(ledger: MemoryLedger, *, customer: Any = None, scan: Any = None) -> OfferBudget:
    whole = a_policy().model_dump(mode="json")["offers"]
    limits = {"budget_per_customer": customer or {}, "budget_per_scan": scan or {}}
    return OfferBudget(a_policy(offers=whole | limits), ledger)


def made(ledger: MemoryLedger, run_id: str = "old:C1", days: float = 5, **more: Any) -> None:
    values: dict[str, Any] = {
        "run_id": run_id, "scan_id": run_id.split(":")[0], "customer_id": "C1",
        "offer_id": "come-back-10", "percent_off": 0.10, "worth": 20.0,
        "status": OfferStatus.PENDING, "made_at": NOW - timedelta(days=days),
    }  # fmt: skip
    ledger.record_offer(OfferMade.model_validate(values | more))


def affords(one: OfferBudget, share: float = 0.10, *, run_id: str = "s:C1", who: Any = WHO) -> bool:
    return one.affords(share, who, run_id=run_id, now=NOW)


def test_an_offer_is_worth_its_share_of_a_mean_order() -> None:
    assert worth_of(0.10, WHO) == pytest.approx(20)
    assert worth_of(0.10, UNKNOWN) is None


def test_a_customer_gets_so_many_offers_within_so_many_days(ledger: MemoryLedger) -> None:
    two = budget(ledger, customer={"number": 2, "days": 90})
    made(ledger, "a:C1")
    made(ledger, "b:C1", days=91)
    one_more = affords(two)
    made(ledger, "c:C1", status=OfferStatus.PROPOSED)

    assert one_more
    assert not affords(two)


def test_what_was_refused_or_lapsed_counts_for_nothing(ledger: MemoryLedger) -> None:
    one = budget(ledger, customer={"number": 1})
    made(ledger, "a:C1", status=OfferStatus.REFUSED)
    made(ledger, "b:C1", status=OfferStatus.LAPSED)

    assert affords(one)


def test_a_customer_gets_offers_worth_so_much(ledger: MemoryLedger) -> None:
    fifty = budget(ledger, customer={"worth": 50.0})
    made(ledger)

    assert affords(fifty, 0.15)
    made(ledger, "b:C1")
    assert not affords(fifty, 0.15)
    assert affords(fifty, 0.05)


def test_an_offer_of_unknown_worth_counts_as_one_and_as_nothing(ledger: MemoryLedger) -> None:
    worth = budget(ledger, customer={"worth": 10.0})
    number = budget(ledger, customer={"number": 1})
    made(ledger, worth=None)

    assert affords(worth, who=UNKNOWN)
    assert not affords(number, who=UNKNOWN)


def test_a_scan_gives_away_so_much_whoever_asks_first(ledger: MemoryLedger) -> None:
    fifty = budget(ledger, scan={"worth": 50.0})
    taken = []
    for number in range(4):
        who = a_customer(customer_id=f"C{number}", avg_order_value=200.0)
        taken.append(fifty.take(0.10, who, run_id=f"s:C{number}", now=NOW))

    assert taken == [True, True, False, False]
    assert fifty.take(0.10, WHO, run_id="other:C1", now=NOW)


def test_a_run_that_is_done_again_takes_once(ledger: MemoryLedger) -> None:
    twenty = budget(ledger, scan={"worth": 20.0})

    assert [twenty.take(0.10, WHO, run_id="s:C1", now=NOW) for _ in range(3)] == [True] * 3


def test_what_an_earlier_sitting_gave_away_counts(ledger: MemoryLedger) -> None:
    made(ledger, "s:C9", customer_id="C9")
    twenty, fifty = (budget(ledger, scan={"worth": most}) for most in (20.0, 50.0))

    assert not affords(twenty)
    assert affords(fifty)


def test_without_budgets_nothing_is_counted(ledger: MemoryLedger) -> None:
    for number in range(20):
        made(ledger, f"{number}:C1")

    assert affords(budget(ledger))
