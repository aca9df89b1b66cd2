"""Offers from the policy to the business's own system, and the record of them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from procx_graph import CustomerBase, Monitor, Store, build_retention_graph
from procx_graph.domain.dealings import OfferStatus
from procx_graph.domain.decision import Offer
from procx_graph.domain.policy import Policy
from procx_graph.errors import ConfigError
from procx_graph.outreach.executor import Applied, Pending, Refused
from procx_graph.report import CustomerResult, Status
from procx_graph.store.offers import offers_of
from tests.conftest import MakeMonitor, Shop
from tests.unit.builders import a_policy
from tests.unit.store.places import KINDS, a_place


class Till:
    """The business's own system: answers the same to everybody, and remembers who asked."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer
        self.asked: list[tuple[str, str, str]] = []

    async def apply(
        self, offer: Offer, *, customer_id: str, key: str
    ) -> Applied | Pending | Refused:
        self.asked.append((offer.id, customer_id, key))
        if isinstance(self.answer, Exception):
            raise self.answer
        assert offer.approved
        answer: Applied | Pending | Refused = self.answer
        return answer


def policy(share: str = "5%", *, approval: str = "escalated", **offers: Any) -> Policy:
    """Whoever is content gets an offer of this share."""
    rule = {"id": "gift", "percent_off": share, "valid_days": 30, "situations": ["check_in"]}
    return a_policy(offers={"catalogue": [rule]} | offers, approval=approval)


@pytest.fixture
def base(shop: Shop) -> CustomerBase:
    """Ana and Ben are content; a tenth of Ana's mean order is 20."""
    return shop(ana={"avg_order_value": 200.0}, ben={"avg_order_value": 100.0})


@pytest.fixture(params=KINDS)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    with a_place(request.param, tmp_path) as place, Store.open(place) as store:
        yield store


def scan(monitor: Monitor, **options: Any) -> dict[str, CustomerResult]:
    report = monitor.scan(limit=None, **({"scan_id": "s"} | options))
    return {result.customer_id: result for result in report.results}


def offer_in(result: CustomerResult) -> Offer:
    assert result.decision is not None
    assert result.decision.offer is not None
    return result.decision.offer


def test_an_offer_stays_pending_and_is_recorded_with_the_result(
    base: CustomerBase, store: Store, monitor_of: MakeMonitor
) -> None:
    ana = scan(monitor_of(base, store=store, policy=policy()))["ana"]
    [made] = offers_of(store, "ana")

    assert not offer_in(ana).applied
    assert (made.run_id, made.scan_id, made.offer_id) == ("s:ana", "s", "gift")
    assert made.status is OfferStatus.PENDING
    assert made.worth == pytest.approx(10)
    assert made.expires == offer_in(ana).expires


def test_an_offer_that_was_carried_out_says_so(
    base: CustomerBase, store: Store, monitor_of: MakeMonitor
) -> None:
    till = Till(Applied(reference="coupon-7"))
    ana = scan(monitor_of(base, store=store, policy=policy(), executor=till))["ana"]
    [made] = offers_of(store, "ana")

    assert (offer_in(ana).applied, offer_in(ana).reference) == (True, "coupon-7")
    assert (made.status, made.reference) == (OfferStatus.APPLIED, "coupon-7")
    assert sorted(till.asked) == [("gift", "ana", "s:ana"), ("gift", "ben", "s:ben")]


def test_a_refused_offer_is_not_in_the_text(base: CustomerBase, monitor_of: MakeMonitor) -> None:
    monitor = monitor_of(base, policy=policy(), executor=Till(Refused(reason="over the limit")))
    ana = scan(monitor)["ana"]

    assert ana.decision is not None
    assert ana.decision.offer is None
    assert ana.status is Status.DRAFTED
    assert ana.message is not None
    assert "%" not in ana.message.body
    assert "over the limit" in ana.detail
    assert monitor.store.dealings("ana").offers == ()


def test_an_executor_that_breaks_leaves_the_offer_pending(
    base: CustomerBase, monitor_of: MakeMonitor
) -> None:
    monitor = monitor_of(base, policy=policy(), executor=Till(RuntimeError("no line")))
    ana = scan(monitor)["ana"]

    assert (ana.status, ana.degraded) == (Status.DRAFTED, True)
    assert not offer_in(ana).applied


@pytest.mark.parametrize(("dry", "approval"), [(True, "escalated"), (False, "all")])
def test_nothing_is_carried_out_in_a_dry_run_or_while_a_person_is_to_be_asked(
    base: CustomerBase, store: Store, monitor_of: MakeMonitor, dry: bool, approval: str
) -> None:
    till = Till(Applied())
    monitor = monitor_of(base, store=store, policy=policy(approval=approval), executor=till)
    ana = scan(monitor, dry_run=dry)["ana"]

    assert not offer_in(ana).applied
    assert till.asked == []
    assert bool(offers_of(store, "ana")) is not dry


@pytest.mark.parametrize(
    ("answer", "status", "asked"),
    [
        ("approve", OfferStatus.APPLIED, True),
        ("reject", OfferStatus.REFUSED, False),
        ("no offer", OfferStatus.REFUSED, False),
    ],
)
def test_a_large_offer_waits_for_a_person_and_what_they_say_is_recorded(
    base: CustomerBase,
    store: Store,
    monitor_of: MakeMonitor,
    answer: str,
    status: OfferStatus,
    asked: bool,
) -> None:
    till = Till(Applied())
    monitor = monitor_of(base, store=store, policy=policy("15%"), executor=till)
    waiting = scan(monitor)["ana"]
    [proposed] = offers_of(store, "ana")
    asked_before = list(till.asked)
    assert waiting.review is not None
    closed = monitor.resolve(str(waiting.review.review_id), answer)
    [made] = offers_of(store, "ana")

    assert (proposed.status, asked_before) == (OfferStatus.PROPOSED, [])
    assert closed.status is Status.CLOSED
    assert made.status is status
    assert till.asked == ([("gift", "ana", "s:ana")] if asked else [])


def test_an_approved_offer_that_is_refused_in_the_end_leaves_the_text(
    base: CustomerBase, monitor_of: MakeMonitor
) -> None:
    monitor = monitor_of(base, policy=policy("15%"), executor=Till(Refused(reason="used up")))
    waiting = scan(monitor)["ana"]
    assert waiting.review is not None
    assert waiting.message is not None
    closed = monitor.resolve(str(waiting.review.review_id), "approve")

    assert "15" in waiting.message.body
    assert closed.message is not None
    assert "15" not in closed.message.body
    assert monitor.store.dealings("ana").offers[0].status is OfferStatus.REFUSED


def test_the_budget_of_a_customer_counts_over_scans(
    base: CustomerBase, store: Store, monitor_of: MakeMonitor
) -> None:
    monitor = monitor_of(base, store=store, policy=policy(budget_per_customer={"number": 1}))
    first, second = scan(monitor)["ana"], scan(monitor, scan_id="t")["ana"]

    assert offer_in(first).id == "gift"
    assert second.decision is not None
    assert second.decision.offer is None
    assert second.status is Status.DRAFTED


def test_the_budget_of_a_scan_is_not_exceeded_by_runs_at_once(
    shop: Shop, store: Store, monitor_of: MakeMonitor
) -> None:
    base = shop(**{f"c{number:02}": {"avg_order_value": 200.0} for number in range(12)})
    thirty = policy(budget_per_scan={"worth": 30.0})
    found = scan(monitor_of(base, store=store, policy=thirty)).values()

    given = [result for result in found if result.decision and result.decision.offer]
    assert (len(found), len(given)) == (12, 3)


def test_an_executor_that_cannot_apply_is_refused_by_name(base: CustomerBase) -> None:
    with pytest.raises(ConfigError, match="str has none"):
        build_retention_graph(base, executor="till")  # type: ignore[arg-type]


def test_an_executor_that_answers_something_else_fails_that_customer(
    base: CustomerBase, monitor_of: MakeMonitor
) -> None:
    ana = scan(monitor_of(base, policy=policy(), executor=Till("done")))["ana"]

    assert (ana.status, ana.reason) == (Status.FAILED, "ConfigError")
    assert "answered str" in ana.detail
