"""A scan report on the terminal."""

from collections import Counter
from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from procx_graph.base import CustomerBase
from procx_graph.cli.console import cell, print_indented, safe, table
from procx_graph.domain.health import against
from procx_graph.domain.lane import Lane
from procx_graph.report import CustomerResult, MessageView, ScanReport, Status

_COLOURS = {
    Status.DRAFTED: "green",
    Status.ESCALATED: "yellow",
    Status.SKIPPED: "dim",
    Status.FAILED: "red",
    Status.CLOSED: "cyan",
}
_TITLES = {Lane.RETENTION: "Most revenue at risk", Lane.WINBACK: "Most value to win back"}
_VALUES = {Lane.RETENTION: "At risk", Lane.WINBACK: "Lifetime value"}
"""What the column of money is called."""
_LISTED = 20
"""Skipped customers that are named on the terminal."""
_WIDE = 105
"""Columns from which a terminal has room for the table."""
_LEVELS = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "green"}
_OTHERS = {
    "active": "active: bought lately",
    "dormant": "dormant: bought nothing for long (see --lane winback)",
    "new": "new: no order yet, or known only for a short while",
    "churned": "churned: left already",
    "other_segment": "not in the segments asked for",
    "below_floor": "below the floors asked for",
    "given_up": "stopped before they were done",
    "beyond_limit": "further down the queue",
    "gone": "no longer in the data",
}


def show_report(out: Console, report: ScanReport, base: CustomerBase) -> None:
    """Print who is at risk and why, what was decided, the messages, who waits and who not."""
    counts = report.counts
    out.print(
        cell(
            f"{base.name} as of {report.as_of:%Y-%m-%d %H:%M} UTC · {report.lane.value} lane · "
            f"profile {report.profile.name} ({report.profile.hash}) · policy {report.policy.name} "
            f"({report.policy.hash})",
            "dim",
        )
    )
    out.print(
        f"{counts.scored:,} customers scored, {counts.eligible:,} eligible, "
        f"{counts.processed} processed: {counts.drafted} drafted, {counts.escalated} wait for a "
        f"person, {counts.skipped} skipped, {counts.failed} failed"
        + (f", {counts.closed} closed" if counts.closed else "")
    )
    acted = [r for r in report.results if r.status is not Status.SKIPPED]
    if acted:
        _show_queue(out, acted, base, report.lane)
    drafted = [r for r in acted if r.message and r.status in {Status.DRAFTED, Status.CLOSED}]
    for result in drafted:
        show_message(out, result)
    if report.waiting:
        _show_waiting(out, report.waiting)
    _show_failed(out, [r for r in acted if r.status is Status.FAILED])
    skipped = [r for r in report.results if r.status is Status.SKIPPED]
    _show_skipped(out, skipped, report.lane)
    _show_others(out, report.others)
    show_remarks(out, report)


def show_remarks(out: Console, report: ScanReport) -> None:
    """Print what models took, and what a reader should know of how it went."""
    if report.remarks:
        out.print()
    for number, remark in enumerate(report.remarks):
        plain = report.usage is not None and number == 0
        out.print(cell(remark, "dim" if plain else "yellow"), soft_wrap=True)


def show_message(out: Console, result: CustomerResult) -> None:
    """Print a drafted message whole."""
    message = result.message
    assert message is not None
    via = f"{message.language.value} · {message.channel.value} · {message.tone.value}"
    out.print()
    out.print(cell(f"Message to {result.customer_id} ({via})", "bold"))
    print_indented(out, message_text(message), 4)


def message_text(message: MessageView) -> Text:
    """Give subject and body, and what the checks would warn of."""
    text = Text()
    if message.subject:
        text.append(safe(message.subject) + "\n", style="italic")
    text.append(safe(message.body))
    for finding in message.findings:
        text.append(f"\n[{finding.severity.value}] {finding.code}: {safe(finding.hint)}", "yellow")
    return text


def _show_queue(
    out: Console, results: Sequence[CustomerResult], base: CustomerBase, lane: Lane
) -> None:
    """Print one row a customer, or a few lines each where the terminal is narrow."""
    out.print()
    if out.width < _WIDE:
        _show_lines(out, results, base, lane)
        return
    shown = table(
        "!Customer", "Segment", ">Health", ">Risk", f">{_VALUES[lane]}", "Why", "Decision",
        "!Status", title=_TITLES[lane],
    )  # fmt: skip
    for result in results:
        customer = base.customer(result.customer_id)
        shown.add_row(
            cell(f"{result.customer_id} {customer.language or ''}"),
            cell(customer.segment),
            cell(f"{result.health:.0f}"),
            _risk(result),
            cell(_money(result, lane)),
            cell(_why(result)),
            cell(_decision(result)),
            cell(result.status.value, _COLOURS[result.status]),
        )
    out.print(shown)


def _show_lines(
    out: Console, results: Sequence[CustomerResult], base: CustomerBase, lane: Lane
) -> None:
    """Print who, how pressing, what was decided, and why under it."""
    out.print(cell(_TITLES[lane], "bold"))
    for result in results:
        customer = base.customer(result.customer_id)
        who = " ".join(filter(None, (result.customer_id, customer.language, customer.segment)))
        money = f"{_money(result, lane)} {_VALUES[lane].lower()}"
        line = cell(f"{who} · ").append_text(_risk(result)).append(f" · {money} · ")
        out.print(line.append(result.status.value, _COLOURS[result.status]))
        print_indented(out, cell(f"{_decision(result)}: {_why(result)}"), 4)


def _risk(result: CustomerResult) -> Text:
    level = result.risk_level.value if result.risk_level else ""
    risk = "" if result.churn_risk is None else f"{result.churn_risk:.0%}"
    return cell(f"{risk} {level}", _LEVELS.get(level, ""))


def _money(result: CustomerResult, lane: Lane) -> str:
    """Give the money that the lane is about."""
    value = result.lifetime_value if lane is Lane.WINBACK else result.revenue_at_risk
    return "" if value is None else f"{value:,.0f}"


def _why(result: CustomerResult) -> str:
    """Give the situation's own evidence first, then the strongest reason of the score."""
    told: list[str] = []
    situation = result.situation
    if situation is not None and situation.facts and situation.facts[0].source != "scores":
        told.append(situation.facts[0].text)
    told.extend(driver.text for driver in against(result.drivers))
    return "; ".join(safe(text, limit=90) for text in dict.fromkeys(told[:2]))


def _decision(result: CustomerResult) -> str:
    decision = result.decision
    if decision is None:
        return ""
    said = [decision.action.value.replace("_", " ")]
    if decision.offer is not None:
        said.append(f"{decision.offer.percent_off:.0%} off")
    if decision.channel is not None:
        said.append(decision.channel.value)
    return ", ".join(said)


def _show_waiting(out: Console, results: Sequence[CustomerResult]) -> None:
    shown = table("Review", "Customer", "Team", "Due (UTC)", "Reasons", title="Wait for a person")
    for result in results:
        review = result.review
        assert review is not None
        reasons = result.decision.reasons if result.decision else ()
        shown.add_row(
            cell(review.review_id or "(dry run)"),
            cell(result.customer_id),
            cell(review.team),
            cell(f"{review.sla_due:%Y-%m-%d %H:%M}"),
            cell("; ".join(f"{r.code.value}: {r.text}" for r in reasons) or result.detail),
        )
    out.print()
    out.print(shown)


def _show_failed(out: Console, results: Sequence[CustomerResult]) -> None:
    for result in results:
        out.print(cell(f"{result.customer_id} failed: {result.reason}: {result.detail}", "red"))


def _show_skipped(out: Console, results: Sequence[CustomerResult], lane: Lane) -> None:
    if not results:
        return
    shown = table("Customer", f">{_VALUES[lane]}", "Why not", title="Skipped by the gate")
    for result in results[:_LISTED]:
        why = f"{result.reason}: {result.detail}"
        shown.add_row(cell(result.customer_id), cell(_money(result, lane)), cell(why))
    out.print()
    out.print(shown)
    reasons = Counter(result.reason for result in results[_LISTED:])
    for reason, number in reasons.most_common():
        out.print(cell(f"and {number:,} more: {reason}"))


def _show_others(out: Console, others: dict[str, int]) -> None:
    if not others:
        return
    out.print()
    out.print(Text("Everybody else", style="bold"))
    for reason, number in others.items():
        out.print(cell(f"  {number:>7,}  {_OTHERS.get(reason, reason)}"))
