"""May this message still go? Asked right before it is sent, of everything that may have changed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from procx_graph.domain.clock import in_utc
from procx_graph.domain.message import Message, Purpose
from procx_graph.domain.outbound import OutboundMessage
from procx_graph.domain.policy import Policy
from procx_graph.outreach.draft import checked
from procx_graph.outreach.festivals import day_of
from procx_graph.outreach.gate import Gate
from procx_graph.outreach.names import fill_name
from procx_graph.outreach.sending.recipients import Recipient


@dataclass(frozen=True)
class Cleared:
    """It may go: to this address, in these words."""

    to: str
    message: Message


@dataclass(frozen=True)
class Objection:
    """It may not go.

    Attributes:
        until: From when on it may; `None` for never.
    """

    code: str
    text: str
    until: datetime | None = None


def clear(
    outbound: OutboundMessage,
    recipient: Recipient | None,
    *,
    owned: bool,
    policy: Policy,
    gate: Gate,
    now: datetime,
    earlier: Sequence[str] = (),
) -> Cleared | Objection:
    """Look at ownership, age, gate and text again.

    Args:
        outbound: What was approved.
        recipient: The customer as they are now, `None` when they are gone.
        owned: Whether another case of the customer waits for a person.
        policy: How old a draft may be, who signs.
        gate: Whether the customer may be written to.
        now: The present moment, aware.
        earlier: What was sent to them lately: advertising must not repeat it.
    """
    if recipient is None:
        return Objection("unknown_customer", "the customer is no longer in the tables")
    if owned or _ticket_owned(outbound, recipient):
        return Objection("open_case", "a person has an open case of this customer")
    old = timedelta(days=policy.cases.draft_days)
    if in_utc(now) - outbound.created_at > old:
        return Objection("draft_too_old", f"it was written more than {old.days} days ago")
    offer = outbound.basis.offer
    if offer is not None and offer.expires is not None and in_utc(offer.expires) <= in_utc(now):
        return Objection("offer_expired", "the offer in it has expired")
    refusal = _permit(gate, recipient, outbound, now=now)
    if refusal is not None:
        ends = in_utc(outbound.created_at + old)
        if offer is not None and offer.expires is not None:
            ends = min(ends, in_utc(offer.expires))
        return _while_it_holds(refusal, ends)
    to = recipient.address(outbound.channel)
    if to is None:
        return Objection("no_address", f"no address is known for {outbound.channel.value}")
    message = checked(
        _filled(outbound.message, recipient),
        outbound.basis.situation,
        offer,
        recipient.customer,
        policy=policy,
        earlier=earlier if outbound.purpose is Purpose.MARKETING else (),
        on=day_of(recipient.customer, now),
    )
    if message.blocked:
        codes = ", ".join(sorted({finding.code for finding in message.findings}))
        return Objection("compliance_block", f"the checks found {codes}")
    return Cleared(to, message)


def _while_it_holds(refusal: Objection, ends: datetime) -> Objection:
    """Give the refusal, for ever where the text no longer holds when it is over."""
    late = refusal.until is not None and in_utc(refusal.until) >= ends
    return replace(refusal, until=None) if late else refusal


def _permit(
    gate: Gate, recipient: Recipient, outbound: OutboundMessage, *, now: datetime
) -> Objection | None:
    """Ask the gate; the one place that knows how. Whose the tickets are was asked before."""
    permit = gate.permit(
        recipient.customer,
        state=recipient.state,
        escalated_ticket=False,
        now=now,
        lane=outbound.basis.lane,
        answering=outbound.basis.answered,
        sending=True,
        channel=outbound.channel,
    )
    if permit.allows(outbound.purpose, outbound.channel):
        return None
    return Objection(permit.code or "not_permitted", permit.text, permit.until)


def _ticket_owned(outbound: OutboundMessage, recipient: Recipient) -> bool:
    """Whether a person works on an escalated ticket; theirs, who answered, may be among them.

    A person who approved a message knew the tickets of then, so only later ones bar it.
    """
    approved = outbound.approved_at
    if not outbound.basis.answered or approved is None:
        return bool(recipient.escalated)
    return any(opened is not None and opened > approved for opened in recipient.escalated)


def _filled(message: Message, recipient: Recipient) -> Message:
    """Give the text with the name in it."""
    name, language = recipient.customer.first_name, message.language
    return message.model_copy(
        update={
            "subject": fill_name(message.subject, name, language=language)
            if message.subject
            else message.subject,
            "body": fill_name(message.body, name, language=language),
        }
    )
