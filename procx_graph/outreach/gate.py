"""The gate: who may be contacted, and for what, whatever anybody proposes."""

from datetime import datetime, timedelta
from typing import Protocol

from procx_graph.domain.customer import Customer, CustomerState
from procx_graph.domain.lane import Lane
from procx_graph.domain.message import Purpose
from procx_graph.domain.permit import Permit
from procx_graph.domain.policy import Policy
from procx_graph.domain.situation import Situation

_NOBODY: frozenset[Purpose] = frozenset()
_SERVICE = frozenset({Purpose.SERVICE})


class Contacts(Protocol):
    """What the gate must know about what we did."""

    def has_open_case(self, customer_id: str) -> bool:
        """Whether one of our reviews of this customer waits."""
        ...

    def last_contact(self, customer_id: str) -> datetime | None:
        """Give the latest contact, `None` when there was none."""
        ...


class Gate:
    """Decides for which purposes a customer may be contacted.

    Unknown consent is no consent. An open case belongs to a person: nobody else writes. Dormant
    customers may get marketing in the win-back lane, if they agreed to it.
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
    ) -> Permit:
        """Say what is permitted.

        Args:
            customer: Their consent and the channels that reach them.
            state: Where they stand at as_of.
            escalated_ticket: Whether a ticket has status escalated.
            now: The moment of contact, aware.
            lane: Whom the run is for; win-back lets dormant customers be treated like active ones.
            answering: Whether a person answers the open case right now, so that it bars nothing.
        """
        if not answering and (escalated_ticket or self.ledger.has_open_case(customer.customer_id)):
            return _refusal("open_case", "a person already has an open case")
        if state is CustomerState.CHURNED:
            return _refusal("churned", "the customer has left")
        if not any(map(customer.reached_by, self.policy.channels)):
            return _refusal("no_channel", "no address is known for any channel of the policy")
        last = self.ledger.last_contact(customer.customer_id)
        if last is not None and now - last < timedelta(days=self.policy.cooldown_days):
            return _refusal("cooldown", "was contacted a short while ago")
        if state is CustomerState.DORMANT and lane is not Lane.WINBACK:
            return _service_only(
                "dormant", "bought nothing for long: only a concrete problem may be answered"
            )
        if not customer.opt_in_marketing:
            known = customer.opt_in_marketing is not None
            return _service_only(
                "no_consent",
                "opted out of marketing" if known else "consent to marketing is unknown",
            )
        return Permit()


def leaves_a_way(permit: Permit, situation: Situation) -> bool:
    """Whether a permit leaves any way to write to the customer about a situation."""
    service = situation.calls_for_service and permit.allows(Purpose.SERVICE)
    return service or permit.allows(Purpose.MARKETING)


def _refusal(code: str, text: str) -> Permit:
    return Permit(purposes=_NOBODY, code=code, text=text)


def _service_only(code: str, text: str) -> Permit:
    return Permit(purposes=_SERVICE, code=code, text=text)
