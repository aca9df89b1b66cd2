"""One event of Stripe, and what all its objects have in common."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from procx_graph.domain.event_type import EventType
from procx_graph.domain.occurrence import Facts, Occurrence, Reference, ReferenceKind
from procx_graph.events.providers.reading import (
    Body,
    at,
    currency,
    distinct,
    ident,
    nested,
    references,
    text,
)
from procx_graph.events.providers.reading import things as named
from procx_graph.events.providers.stripe.money import amount

Told = Occurrence | str
"""What an event means; a text says why it means nothing."""


@dataclass(frozen=True, slots=True)
class StripeEvent:
    """An event that has been found to have the shape of one."""

    topic: str
    key: str
    account: str
    occurred_at: datetime
    object: Body
    """The object as it is after the event."""
    before: Body
    """Those of its attributes that the event changed, as they were."""

    def __getitem__(self, attribute: str) -> Any:
        """Give an attribute of the object, or `None`."""
        return self.object.get(attribute)

    def was(self, attribute: str) -> Any:
        """Give an attribute of the object as it was before the event."""
        return self.before.get(attribute, self.object.get(attribute))

    @property
    def currency(self) -> str | None:
        """The currency of the object."""
        return currency(self["currency"])

    def amount(self, attribute: str) -> Decimal | None:
        """Give an amount of the object in its currency's main unit."""
        return amount(self[attribute], self["currency"])

    def occurrence(
        self,
        kind: EventType,
        things: tuple[str, ...],
        *,
        references: Iterable[Reference] = (),
        of_order: bool = True,
        **facts: Any,
    ) -> Occurrence:
        """Give what the event says, with the order and the customer that the object names.

        Args:
            kind: What happened.
            things: Ids of what it happened to.
            references: Further ways of naming the customer.
            of_order: Whether it happened to the order too, if one is named.
            facts: See `Facts`.
        """
        order = order_id(self.object)
        return Occurrence(
            type=kind,
            provider="stripe",
            account=self.account,
            key=self.key,
            occurred_at=self.occurred_at,
            things=things + (named(order=order) if of_order else ()),
            references=distinct((*references, *customer_references(self.object))),
            facts=Facts(order_id=order, order_ids=(order,) if order else (), **facts),
        )


def id_of(value: Any) -> str | None:
    """Give the id of what is told as an id or, expanded, as an object."""
    return ident(value.get("id") if isinstance(value, Mapping) else value)


def order_id(thing: Body) -> str | None:
    """Give our own id of the order, where the business wrote it into the metadata."""
    return ident(at(thing, "metadata", "order_id"))


def customer_references(thing: Body) -> tuple[Reference, ...]:
    """Give every way in which an object names its customer.

    Only what the business itself keeps of its customers is verified: addresses that a buyer typed
    into a form may be anybody's.
    """
    kind, customer = ReferenceKind, thing.get("customer")
    typed = [nested(thing, "billing_details"), nested(thing, "customer_details")]
    invoiced = thing.get("object") == "invoice"
    given = [
        (kind.CUSTOMER_ID, at(thing, "metadata", "customer_id"), True),
        (kind.CUSTOMER_ID, at(customer, "metadata", "customer_id"), True),
        *((kind.CUSTOMER_ID, own.get("customer_id"), True) for own in _of_subscription(thing)),
        (kind.CUSTOMER_ID, thing.get("client_reference_id"), True),
        (kind.ACCOUNT, id_of(customer), True),
        (kind.ORDER, order_id(thing), True),
        (kind.EMAIL, at(customer, "email"), True),
        (kind.EMAIL, thing.get("customer_email"), invoiced),
        (kind.EMAIL, thing.get("receipt_email"), False),
        *((kind.EMAIL, form.get("email"), False) for form in typed),
        (kind.PHONE, thing.get("customer_phone"), False),
        (kind.PHONE, at(customer, "phone"), False),
        *((kind.PHONE, form.get("phone"), False) for form in typed),
    ]
    return references(*given)


def method(*holders: Any) -> str | None:
    """Give how was paid, such as "card_****4242" or "sepa_debit", from the first that tells it."""
    for holder in holders:
        kind = text(at(holder, "type") or at(holder, "object"), 40)
        last = text(at(holder, "card", "last4") or at(holder, "last4"), 4)
        if kind:
            return f"{kind}_****{last}" if last else kind
    return None


def why(*problems: Any) -> str | None:
    """Give the reason of a failure in a word, the one that says most.

    "generic_decline" says less than the code beside it.
    """
    for problem in problems:
        told = (text(at(problem, name)) for name in ("decline_code", "code", "type"))
        for word in told:
            if word and word != "generic_decline":
                return word
    return None


def _of_subscription(thing: Body) -> tuple[Body, ...]:
    """The subscription's metadata, which an invoice carries along."""
    return (
        nested(thing, "parent", "subscription_details", "metadata"),
        nested(thing, "subscription_details", "metadata"),
    )
