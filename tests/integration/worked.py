"""A store in which people worked: runs, outcomes, offers, messages, cases, an experiment."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert

from procx_graph.domain.clock import FixedClock
from procx_graph.outcomes import record_outcome
from procx_graph.store import Store
from procx_graph.store.schema import (
    case_history,
    cases,
    holdouts,
    offers,
    outbox,
    outcomes,
    review_cases,
    runs,
)

NOW = datetime(2025, 6, 30, 12, tzinfo=UTC)
CLOCK = FixedClock(NOW)
NASTY = '=HYPERLINK("http://x")<script>alert(1)</script>[red]'
"""Text that a sheet, a page or a terminal could take for more than text."""


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def worked(store: Store) -> None:
    """Fill a store: forty runs of two situations, with all that became of them."""
    with store.writing() as connection:
        for number in range(40):
            situation = "complaint" if number % 4 == 0 else "gone_quiet"
            a_run(connection, number, situation, vip=number % 10 == 0)
        _work(connection)
    for number in range(40):
        tell(store, number, "false_alarm" if number % 3 else "resolved", note=NASTY)
    for number in (0, 1, 2):
        tell(store, number, "replied")
        tell(store, number, "csat", value=3 + number / 2)


def tell(store: Store, number: int, kind: str, **given: Any) -> None:
    """Tell what became of a run."""
    record_outcome(
        store, f"C{number}", kind, at=ago(5), run_id=f"scan:C{number}", source="ada", clock=CLOCK,
        **given,
    )  # fmt: skip


def a_run(
    connection: Connection, number: int, situation: str, *, vip: bool = False, **changes: Any
) -> None:
    """Add the run of a customer, ten days ago."""
    reasons = [{"code": "vip_risk", "text": "a VIP at risk"}] if vip else []
    result = {"situation": {"kind": situation}, "decision": {"reasons": reasons}}
    row = {
        "run_id": f"scan:C{number}", "scan_id": "scan", "customer_id": f"C{number}",
        "state": "done", "status": "escalated" if vip else "drafted", "holder": "h",
        "claimed_at": ago(10), "finished_at": ago(10), "result": json.dumps(result),
    }  # fmt: skip
    connection.execute(insert(runs), row | changes)


def an_experiment(
    store: Store, *, held: tuple[int, int], treated: tuple[int, int], name: str = "autumn"
) -> None:
    """Add arms, given as (who stayed, of how many), whose window of 90 days is over."""
    with store.writing() as connection:
        for side, (stayed, of) in (("h", held), ("t", treated)):
            ids = [f"{name[:3]}-{side}{number}" for number in range(of)]
            arms = [
                {
                    "experiment": name,
                    "customer_id": one,
                    "held": side == "h",
                    "assigned_at": ago(100),
                }
                for one in ids
            ]
            told = [
                {
                    "outcome_id": f"{name}:{one}", "customer_id": one, "kind": "retained_90",
                    "value": float(at < stayed), "at": ago(10), "recorded_at": NOW,
                    "source": "orders",
                }
                for at, one in enumerate(ids)
            ]  # fmt: skip
            connection.execute(insert(holdouts), arms)
            connection.execute(insert(outcomes), told)


def _work(connection: Connection) -> None:
    def made(number: int, status: str, worth: float | None) -> Mapping[str, Any]:
        return {
            "run_id": f"scan:C{number}", "scan_id": "scan", "customer_id": f"C{number}",
            "offer_id": "come-back-10", "percent_off": 0.1, "worth": worth, "status": status,
            "made_at": ago(10), "changed_at": ago(8),
        }  # fmt: skip

    def message(number: int, state: str, reason: str | None, hours: float | None) -> Any:
        return {
            "message_id": f"m{number}", "run_id": f"scan:C{number}", "customer_id": f"C{number}",
            "channel": "email", "purpose": "service", "message": "{}", "basis": "{}",
            "state": state, "reason": reason, "attempts": 1, "created_at": ago(10),
            "changed_at": ago(9), "approved_by": None if hours is None else "ada",
            "approved_at": None if hours is None else ago(10 - hours / 24),
        }  # fmt: skip

    def review(number: int, took: float | None, team: str) -> Mapping[str, Any]:
        packet = {"team": team, "sla_due": (ago(10) + timedelta(hours=8)).isoformat()}
        return {
            "review_id": f"rev{number}", "run_id": f"scan:C{number}", "customer_id": f"C{number}",
            "kind": "escalation", "opened_at": ago(10), "case": json.dumps({"packet": packet}),
            "answer": None if took is None else "{}",
            "answered_at": None if took is None else ago(10 - took / 24),
        }  # fmt: skip

    connection.execute(
        insert(offers),
        [
            made(1, "accepted", 12.5), made(2, "accepted", None), made(3, "lapsed", 9.0),
            made(4, "proposed", 7.0), made(5, "refused", 7.0),
        ],
    )  # fmt: skip
    connection.execute(
        insert(outbox),
        [
            message(6, "sent", None, 2), message(7, "sent", None, 4),
            message(8, "suppressed", "no_consent", None), message(9, "drafted", None, None),
        ],
    )  # fmt: skip
    connection.execute(
        insert(review_cases),
        [
            review(0, 4, "Payments"), review(10, 20, "Payments"), review(20, None, NASTY),
            review(30, 2, "Payments"),
        ],
    )  # fmt: skip
    row = {
        "review_id": "rev30", "customer_id": "C30", "reason_group": "vip_risk", "state": "resolved",
        "version": 3, "priority": "high", "team": "Tier 2", "level": 2, "opened_at": ago(10),
        "clock_from": ago(10), "due_at": ago(9), "allowed_hours": 24.0, "warned": 0.8,
        "changed_at": ago(9),
    }  # fmt: skip
    connection.execute(insert(cases), row)
    step = {
        "review_id": "rev30", "version": 2, "at": ago(9.5), "actor": "procx", "step": "raised",
        "detail": "{}",
    }  # fmt: skip
    connection.execute(insert(case_history), step)
