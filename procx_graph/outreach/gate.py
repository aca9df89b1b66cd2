"""The gate: who may be contacted, when, by which channel, and for what."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Protocol

from procx_graph.domain.customer import Customer, CustomerState
from procx_graph.domain.dealings import Dealings, Suppression
from procx_graph.domain.lane import Lane
from procx_graph.domain.message import Channel, Purpose
from procx_graph.domain.permit import Permit
from procx_graph.domain.policy import Policy
from procx_graph.domain.situation import Situation
from procx_graph.outreach.caps import channel_until, overall_until
from procx_graph.outreach.consent import SERVICE, agreed
from procx_graph.outreach.holdout import is_held_out
from procx_graph.outreach.purpose import purpose_of
from procx_graph.outreach.quiet_hours import next_opening

Ways = Mapping[Channel, frozenset[Purpose]]
"""What each channel may be used for."""


class Contacts(Protocol):
    """What the gate must know about what we did."""

    def dealings(self, customer_id: str) -> Dealings:
        """Give what we and a customer have had to do with each other."""
        ...


class Gate:
    """Decides for what, and by which channels, a customer may be contacted.

    Unknown consent is no consent. An open case belongs to a person: nobody else writes. Dormant
    customers may get marketing in the win-back lane, if they agreed to it.

    It is asked before anything is worked out, and again, with `sending`, before a message goes
    out. When a scan runs says nothing about when its messages go out, so hours bar only sending.
    """

    def __init__(self, policy: Policy, ledger: Contacts) -> None:
        self.policy, self.ledger = policy, ledger

    def permit(
        self,
        customer: Customer,
        *,
        state: CustomerState,
        escalated_ticket: bool,
        now: datetime,
        lane: Lane = Lane.RETENTION,
        answering: bool = False,
        sending: bool = False,
        channel: Channel | None = None,
        held_out: bool | None = None,
    ) -> Permit:
        """Say what is permitted.

        Args:
            customer: Their consent and the channels that reach them.
            state: Where they stand at as_of.
            escalated_ticket: Whether a ticket has status escalated.
            now: The moment of contact, aware.
            lane: Whom the run is for; win-back lets dormant customers be treated like active ones.
            answering: Whether this is a person's answer to a case, now or just before: then no
                case bars it, nor the days after one.
            sending: Whether a message is about to go out: then it must be the hour for it.
            channel: Look at this channel only.
            held_out: Whether the experiment leaves them alone; worked out when not given.
        """
        known = self.ledger.dealings(customer.customer_id)
        if not answering and (escalated_ticket or known.open_case):
            return _refusal("open_case", "a person already has an open case")
        if state is CustomerState.CHURNED:
            return _refusal("churned", "the customer has left")
        order = self.policy.channels if channel is None else (channel,)
        channels = [one for one in order if customer.reached_by(one)]
        if not channels or (channel is not None and channel not in self.policy.channels):
            return _refusal("no_channel", "no address is known for any channel of the policy")
        refusal = self._too_soon(customer, known, channels, now, answering=answering)
        if refusal is not None:
            return refusal
        if known.suppressions or known.contacts:
            channels = self._free(channels, known, now)
        permit = self._permit(customer, known, tuple(channels), state=state, lane=lane)
        if sending and permit.purposes:
            permit = self._in_hours(permit, customer, now)
        if held_out is None:
            held_out = self.holds_out(customer.customer_id)
        if held_out and permit.purposes:
            return HELD_OUT
        return permit

    def holds_out(self, customer_id: str) -> bool:
        """Whether the policy's experiment leaves a customer alone."""
        holdout = self.policy.holdout
        return holdout.on and is_held_out(customer_id, self.ledger.dealings(customer_id), holdout)

    def _too_soon(
        self,
        customer: Customer,
        known: Dealings,
        channels: Sequence[Channel],
        now: datetime,
        *,
        answering: bool,
    ) -> Permit | None:
        """Give why nothing may be sent yet, `None` when some channel is free."""
        barred = [_bar(known.suppressions, channel, now) for channel in channels]
        if all(barred):
            return _suppressed([one for one in barred if one is not None])
        rules = self.policy.contact
        if known.resolved_at is not None and not answering:
            free = known.resolved_at + timedelta(days=rules.resolved_days)
            if now < free:
                return _refusal("resolved", "a person answered their case lately", free)
        if not known.contacts:
            return None
        free = known.contacts[0].at + timedelta(days=self.policy.cooldown_days)
        if now < free:
            return _refusal("cooldown", "was contacted a short while ago", free)
        until = overall_until(known.contacts, customer, rules, now)
        if until is None:
            left = [one for one, bar in zip(channels, barred, strict=True) if bar is None]
            ends = [channel_until(known.contacts, channel, rules, now) for channel in left]
            until = None if None in ends else min(end for end in ends if end is not None)
        if until is not None:
            return _refusal("cap", "got as many messages as a day or a week may have", until)
        return None

    def _free(self, channels: Sequence[Channel], known: Dealings, now: datetime) -> list[Channel]:
        """Give the channels that nothing bars."""
        return [
            one
            for one in channels
            if _bar(known.suppressions, one, now) is None
            and channel_until(known.contacts, one, self.policy.contact, now) is None
        ]

    def _permit(
        self,
        customer: Customer,
        known: Dealings,
        channels: tuple[Channel, ...],
        *,
        state: CustomerState,
        lane: Lane,
    ) -> Permit:
        """Give what the customer agreed to, as far as their state lets it."""
        dormant = state is CustomerState.DORMANT and lane is not Lane.WINBACK
        if not known.consents:
            agrees = customer.opt_in_marketing
            return _plain(frozenset(channels), agrees, dormant=dormant)
        ways = {channel: agreed(customer, known.consents, channel) for channel in channels}
        if dormant:
            ways = {channel: purposes & SERVICE for channel, purposes in ways.items()}
            return _permitted(ways, "dormant", _DORMANT)
        if any(Purpose.MARKETING in purposes for purposes in ways.values()):
            return _permitted(ways, None, "")
        said_no = customer.opt_in_marketing is False or any(
            word.given is False for word in known.consents
        )
        return _permitted(ways, "no_consent", _OPTED_OUT if said_no else _UNKNOWN)

    def _in_hours(self, permit: Permit, customer: Customer, now: datetime) -> Permit:
        """Take away the purposes whose hours are over, and say when they begin again."""
        rules = self.policy.contact
        opens = {
            purpose: next_opening(customer, purpose=purpose, rules=rules, now=now)
            for purpose in permit.purposes
        }
        closed = {purpose for purpose, moment in opens.items() if moment is None or moment > now}
        if not closed:
            return permit
        begins = [moment for purpose in closed if (moment := opens[purpose]) is not None]
        until = min(begins, default=None)
        text = "it is not the hour for it where the customer is"
        if closed == permit.purposes:
            return _refusal("quiet_hours", text, until)
        left = permit.model_copy(update={"purposes": permit.purposes - closed})
        if left.code is not None:
            return left
        return left.model_copy(update={"code": "quiet_hours", "text": text, "until": until})


HELD_OUT = Permit(
    purposes=frozenset(),
    channels=frozenset(),
    code="holdout",
    text="is left alone, to see what messages to the others are good for",
)
"""Given to whom an experiment leaves alone."""


def leaves_a_way(permit: Permit, situation: Situation) -> bool:
    """Whether a permit leaves any way to write to the customer about a situation."""
    purpose = purpose_of("", offer=None, situation=situation)
    return permit.allows(purpose) or permit.allows(Purpose.MARKETING)


_DORMANT = "bought nothing for long: only a concrete problem may be answered"
_OPTED_OUT = "opted out of marketing"
_UNKNOWN = "consent to marketing is unknown"


def _refusal(code: str, text: str, until: datetime | None = None) -> Permit:
    return Permit(purposes=frozenset(), channels=frozenset(), code=code, text=text, until=until)


@lru_cache(maxsize=256)
def _plain(channels: frozenset[Channel], agrees: bool | None, *, dormant: bool) -> Permit:
    """Give the permit of somebody of whom only the customer table tells a consent."""
    if dormant:
        return Permit(purposes=SERVICE, channels=channels, code="dormant", text=_DORMANT)
    if agrees:
        return Permit(channels=channels)
    text = _UNKNOWN if agrees is None else _OPTED_OUT
    return Permit(purposes=SERVICE, channels=channels, code="no_consent", text=text)


def _permitted(ways: Ways, code: str | None, text: str) -> Permit:
    """Put together what the channels may be used for."""
    purposes = frozenset().union(*ways.values())
    if not purposes:
        return _refusal("opted_out", "wants no message by any channel that reaches them")
    used = {channel: allowed for channel, allowed in ways.items() if allowed}
    barred = {channel: purposes - allowed for channel, allowed in used.items()}
    return Permit(
        purposes=purposes,
        channels=frozenset(used),
        barred={channel: missing for channel, missing in barred.items() if missing},
        code=code,
        text=text,
    )


def _bar(
    suppressions: Sequence[Suppression], channel: Channel, now: datetime
) -> Suppression | None:
    """Give what bars a channel, the one that lasts longest; `None` when nothing does."""
    found = [one for one in suppressions if one.holds(channel, now)]
    return max(found, key=lambda one: (one.until is None, one.until or now), default=None)


def _suppressed(bars: Sequence[Suppression]) -> Permit:
    """Say why every channel is barred: by what ends first."""
    first = min(bars, key=lambda one: (one.until is None, one.until or one.since))
    why = first.reason.value.replace("_", " ")
    return _refusal("suppressed", f"nobody may write to them: {why}", first.until)
