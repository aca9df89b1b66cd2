"""The handoff packet: what a person needs to grasp a case in half a minute."""

from datetime import datetime, timedelta
from hashlib import blake2b

from procx_graph.casework.clock import due_at
from procx_graph.domain.clock import in_utc
from procx_graph.domain.customer import Customer
from procx_graph.domain.dealings import NOTHING, Dealings
from procx_graph.domain.decision import Decision, ReasonCode
from procx_graph.domain.message import Language
from procx_graph.domain.pattern import Pattern
from procx_graph.domain.policy import Policy, Team
from procx_graph.domain.record import CustomerRecord
from procx_graph.domain.review import HandoffPacket, ReviewKind
from procx_graph.domain.risk import Score
from procx_graph.domain.situation import Situation, SituationKind
from procx_graph.graphs.retention.cohort import Cohort
from procx_graph.graphs.retention.evidence import is_open, plural, quote
from procx_graph.outreach.draft import draft
from procx_graph.outreach.festivals import day_of

_WANTS = {
    SituationKind.COMPLAINT: "to have their complaint heard and put right",
    SituationKind.PAYMENT_FAILED: "to pay for their order",
    SituationKind.ORDER_CANCELLED: "not to be left with a cancelled order",
    SituationKind.ORDER_DELAYED: "to receive their order, or to know when",
    SituationKind.OPEN_TICKET: "an answer to their open ticket",
    SituationKind.POOR_RATING: "a better experience than the one they rated",
    SituationKind.INQUIRY: "an answer to their question",
    SituationKind.PRAISE: "nothing: they are content",
    SituationKind.GONE_QUIET: "not known: they have gone quiet",
    SituationKind.WIN_BACK: "not known: they have bought nothing for long",
    SituationKind.SPENDING_LESS: "not known: they spend less than they used to",
    SituationKind.CHECK_IN: "not known",
}


def review_id(run_id: str, kind: ReviewKind) -> str:
    """Give a review its own id, the same for the same run and kind."""
    return f"rev_{blake2b(f'{run_id}/{kind.value}'.encode(), digest_size=8).hexdigest()}"


def build_packet(
    record: CustomerRecord,
    situation: Situation,
    pattern: Pattern,
    decision: Decision,
    score: Score,
    *,
    cohort: Cohort,
    policy: Policy,
    run_id: str,
    now: datetime,
    dealings: Dealings = NOTHING,
) -> HandoffPacket:
    """Put together everything a person needs, with a draft they can approve as it is.

    An offer that waits for approval stands in the draft as if approved: approving the draft
    approves the offer.
    """
    customer, team = record.customer, _team(decision, situation, cohort, policy)
    since = _waits_since(record, policy, now)
    offer = decision.offer
    proposal = decision
    if offer is not None:
        approved = offer.model_copy(update={"approved": True})
        proposal = decision.model_copy(update={"offer": approved})
    on = day_of(customer, now)
    message = draft(situation, proposal, customer, policy=policy, on=on)
    english = draft(situation, proposal, customer, policy=policy, language=Language.ENGLISH, on=on)
    foreign = message is not None and message.language is not Language.ENGLISH
    return HandoffPacket(
        packet_id=review_id(run_id, ReviewKind.ESCALATION),
        customer_id=customer.customer_id,
        language=customer.language,
        time_zone=customer.time_zone,
        state=score.state.value,
        channel=decision.channel,
        consent=customer.opt_in_marketing,
        priority=decision.priority,
        reasons=decision.reasons,
        wants=_WANTS[situation.kind],
        facts=situation.facts,
        tried=(*_written(dealings), *_tried(record)),
        open_questions=_open_questions(situation, customer, decision),
        recommended=_recommended(decision, pattern),
        steps=decision.steps,
        offer=offer,
        offered_before=_offered(dealings),
        draft=message,
        gloss=english.body if english and (foreign or message is None) else None,
        health=score.health,
        churn_risk=score.churn_risk,
        risk_level=score.risk_level.value if score.risk_level else None,
        revenue_at_risk=score.revenue_at_risk,
        drivers=score.drivers,
        sentiment=situation.sentiment.value,
        trend=pattern.trend.value,
        team=team.name,
        level=team.level,
        waits_since=since,
        sla_due=due_at(since, team, policy.cases),
        run_id=run_id,
    )


def _team(decision: Decision, situation: Situation, cohort: Cohort, policy: Policy) -> Team:
    """Find the team by the gravest reason, else by topic, else the default one."""
    rules, teams = policy.teams, cohort.teams(policy.teams)
    for reason in decision.reasons:
        if reason.code in rules.by_reason:
            return teams[rules.by_reason[reason.code]]
    return teams[rules.by_topic.get(situation.category or "", rules.default)]


def _waits_since(record: CustomerRecord, policy: Policy, now: datetime) -> datetime:
    """Give when the customer's first message came in that nobody has taken up yet.

    Older ones than what counts as a concrete experience are no conversation any more.
    """
    earliest = now - timedelta(days=policy.evidence.adverse_days)
    asked = [
        in_utc(row["created_at"])
        for row in record.support_tickets or ()
        if str(row.get("status") or "").casefold() == "open" and row.get("created_at")
    ]
    return min((at for at in asked if earliest <= at <= now), default=now)


def _written(dealings: Dealings) -> tuple[str, ...]:
    """Tell the latest messages that went out."""
    return tuple(
        f"{one.purpose.value if one.purpose else 'a message'} sent"
        + (f" by {one.channel.value}" if one.channel else "")
        + f" on {one.at:%Y-%m-%d}"
        for one in dealings.contacts[:2]
    )


def _offered(dealings: Dealings) -> tuple[str, ...]:
    """Tell the latest offers, and how they stand."""
    return tuple(
        f"{one.offer_id}: {one.percent_off:.0%} off, {one.status.value}, "
        f"made {one.made_at:%Y-%m-%d}"
        + (f", valid until {one.expires:%Y-%m-%d}" if one.expires else "")
        for one in dealings.offers[:3]
    )


def _tried(record: CustomerRecord) -> tuple[str, ...]:
    """Tell the latest answered tickets and how they ended."""
    ended = [row for row in record.support_tickets or () if not is_open(row)][:3]
    return tuple(
        f"{row.get('category') or 'ticket'} ticket {row['ticket_id']}: "
        + quote(row.get("final_message_summary") or "ended without a summary", record.customer)
        + (f" (CSAT {row['csat_score']:.0f})" if row.get("csat_score") is not None else "")
        for row in ended
    )


def _open_questions(
    situation: Situation, customer: Customer, decision: Decision
) -> tuple[str, ...]:
    """Name what the data does not tell and a person would have to find out."""
    asked = []
    if situation.kind in {
        SituationKind.GONE_QUIET,
        SituationKind.SPENDING_LESS,
        SituationKind.CHECK_IN,
    }:
        asked.append("Why do they buy less?")
    if situation.kind is SituationKind.WIN_BACK:
        asked.append("Why did they stop buying?")
    if situation.open_tickets:
        asked.append(f"What holds up {plural(situation.open_tickets, 'open ticket')}?")
    if decision.language is None:
        told = (r.text for r in decision.reasons if r.code is ReasonCode.UNSUPPORTED_LANGUAGE)
        asked.append(f"Who can write this: {next(told, f'no templates in {customer.language!r}')}?")
    if customer.opt_in_marketing is None:
        asked.append("Do they consent to marketing?")
    return tuple(asked)


def _recommended(decision: Decision, pattern: Pattern) -> str:
    """Give the next action, and what helped before."""
    action = decision.action.value.replace("_", " ").capitalize()
    best = pattern.resolutions[0] if pattern.resolutions else None
    if best is None:
        return f"{action}."
    rating = f", mean CSAT {best.mean_csat:.1f}" if best.mean_csat is not None else ""
    return (
        f'{action}. In similar tickets "{best.resolution}" helped ({best.tickets} times{rating}).'
    )
