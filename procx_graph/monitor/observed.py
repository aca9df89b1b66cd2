"""What scans, runs and answers tell the tracer: codes and figures, no texts."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import polars as pl
from rapidfuzz.distance import Levenshtein

from procx_graph.domain.message import Message, Severity
from procx_graph.domain.review import Review, ReviewCase, Verdict
from procx_graph.domain.risk import RiskLevel
from procx_graph.monitor.plan import Plan
from procx_graph.monitor.run import Outcome
from procx_graph.monitor.surroundings import Surroundings
from procx_graph.outreach.checks.codes import CHECKS
from procx_graph.report import CustomerResult, MessageView, ScanReport, Status
from procx_graph.tracing import Kind, NoTracer, RunTrace, Tracer
from procx_graph.tracing.tracer import NO_TRACE

RESUME = "procx.resume"
_DECIDED = {
    Verdict.APPROVE: "approved",
    Verdict.EDIT: "edited",
    Verdict.RESPOND: "guided",
    Verdict.REJECT: "rejected",
    Verdict.DISMISS: "dismissed",
}
"""A verdict in the words of a score."""


def trace_key(outcome: Outcome) -> str:
    """Give what a run's trace and scores are known by; a dry run's are apart from the real one's.

    Where it runs makes no difference, so that a run on a server has its trace too.
    """
    return f"{outcome.run_id}:dry" if outcome.dry_run else outcome.run_id


@contextmanager
def observed_scan(
    around: Surroundings, plan: Plan, report: Callable[[], ScanReport]
) -> Iterator[None]:
    """Trace the block as a scan, with its counts at the end, however it ends."""
    tracer = around.tracer
    if isinstance(tracer, NoTracer):
        yield
        return
    options = plan.options
    tags = [f"lane:{options.lane.value}", *(["dry_run"] if options.dry_run else [])]
    metadata = {"profile": plan.profile.hash, "policy": plan.policy.hash}
    with tracer.scan(plan.scan_id, tags=tags, metadata=metadata) as trace:
        try:
            yield
        finally:
            told = report()
            at_risk = _at_risk(around)
            counts = told.counts.model_dump() | {"at_risk": at_risk}
            trace.end(output={"counts": counts, "others": dict(told.others)})
    if plan.event is None and plan.scored:
        rate = round(at_risk / plan.scored, 6)
        tracer.score_scan(plan.scan_id, "scan_at_risk_rate", rate, at=plan.now)


@contextmanager
def observed_run(
    around: Surroundings, outcome: Outcome, *, scan_id: str, name: str = "procx.customer"
) -> Iterator[RunTrace]:
    """Trace the block as a run, or as a part of it, and let the graph tell its steps.

    A graph on a server tells its own; of it there is only the root.
    """
    if isinstance(around.tracer, NoTracer):
        yield NO_TRACE
        return
    customer, score = around.base.customer(outcome.customer_id), outcome.score
    known = {
        "lane": outcome.lane.value,
        "segment": customer.segment,
        "language": customer.language,
    }
    tags = [f"{key}:{value}" for key, value in known.items() if value]
    if outcome.dry_run:
        tags.append("dry_run")
    figures = {
        "state": score.state.value,
        "health": score.health,
        "churn_risk": score.churn_risk,
        "risk_method": score.risk_method.value,
        "risk_level": score.risk_level.value if score.risk_level else None,
        "revenue_at_risk": score.revenue_at_risk,
    }
    with around.tracer.run(
        trace_key(outcome),
        scan_id=scan_id,
        customer_id=outcome.customer_id,
        name=name,
        tags=tags,
        input={"score": figures},
    ) as trace:
        outcome.callbacks = [] if around.remote else trace.callbacks
        try:
            yield trace
        finally:
            outcome.callbacks = []


def tell_result(trace: RunTrace, result: CustomerResult) -> None:
    """Tell a run's trace how it ended."""
    if trace is NO_TRACE:
        return
    decision, message = result.decision, result.message
    tags = [f"status:{result.status.value}"]
    output: dict[str, Any] = {"status": result.status.value, "reason": result.reason}
    if decision is not None:
        tags.append(f"decision:{decision.action.value}")
        output["decision"] = {
            "action": decision.action.value,
            "priority": decision.priority.value,
            "channel": decision.channel.value if decision.channel else None,
            "escalate": decision.escalate,
            "offer": {"percent_off": decision.offer.percent_off} if decision.offer else None,
            "reasons": [{"code": reason.code.value} for reason in decision.reasons],
        }
    if message is not None:
        output["message"] = {
            "language": message.language.value,
            "channel": message.channel.value,
            "tone": message.tone.value,
            "findings": [{"code": one.code} for one in message.findings],
        }
    if result.degraded:
        tags.append("degraded")
    trace.end(output=output, tags=tags)


def score_result(tracer: Tracer, outcome: Outcome, result: CustomerResult, *, at: datetime) -> None:
    """Score a run: what was found, what was decided, and each check of its text.

    The moment is the scan's own, so that a run that is done again gives the same scores.
    """
    if isinstance(tracer, NoTracer):
        return
    run = trace_key(outcome)
    if result.churn_risk is not None:
        tracer.score(run, "churn_risk", result.churn_risk, Kind.NUMERIC, at=at)
    tracer.score(run, "health", result.health, Kind.NUMERIC, at=at)
    if result.decision is not None:
        tracer.score(run, "decision", result.decision.action.value, Kind.CATEGORICAL, at=at)
    tracer.score(run, "escalated", result.status is Status.ESCALATED, Kind.BOOLEAN, at=at)
    _score_checks(tracer, run, result.message, at)


def score_answer(
    tracer: Tracer,
    case: ReviewCase,
    review: Review,
    message: Message | None,
    *,
    draft: Message | None,
    at: datetime,
) -> None:
    """Score a run with a person's decision, and with how much of the draft they changed.

    Args:
        tracer: Where to.
        case: Which they answered.
        review: Their answer.
        message: What they settled on; `None` where they want nothing written.
        draft: What they were shown.
        at: When they answered.
    """
    decided = _DECIDED[review.verdict]
    tracer.score(case.run_id, "human_decision", decided, Kind.CATEGORICAL, at=at)
    if message is not None and draft is not None:
        distance = Levenshtein.normalized_distance(draft.body, message.body)
        share = round(distance, 4)
        tracer.score(case.run_id, "human_edit_distance", share, Kind.NUMERIC, at=at)


def _score_checks(tracer: Tracer, run: str, message: MessageView | None, at: datetime) -> None:
    if message is None:
        return
    found = {one.code for one in message.findings if one.severity is Severity.BLOCK}
    for check, codes in CHECKS.items():
        failed = [code for code in codes if code in found]
        comment = ", ".join(failed) or None
        tracer.score(run, f"check_{check}", not failed, Kind.BOOLEAN, comment, at=at)


def _at_risk(around: Surroundings) -> int:
    """Count everybody whose risk stands above the level `low`."""
    above = [level.value for level in RiskLevel if level is not RiskLevel.LOW]
    return around.scores.frame.filter(pl.col("risk_level").is_in(above)).height
