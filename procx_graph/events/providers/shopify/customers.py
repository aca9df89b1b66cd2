"""What a shop's customers say of themselves: consent, cards, data, and two that are one."""

from collections.abc import Iterable
from typing import Any

from procx_graph.domain.event_type import EventType
from procx_graph.domain.occurrence import Reference, ReferenceKind
from procx_graph.events.providers.provider import Merge
from procx_graph.events.providers.reading import Body, at, nested, reference, text, things, word
from procx_graph.events.providers.shopify.delivery import (
    ShopifyDelivery,
    Told,
    number,
    references_of,
)

_STATES = {
    "subscribed": EventType.SUBSCRIBED,
    "unsubscribed": EventType.UNSUBSCRIBED,
    "redacted": EventType.UNSUBSCRIBED,
}
"""States that give or withdraw consent: nobody may be written to whose data were erased.

Not subscribed (never asked), pending (not confirmed yet) and invalid (a broken address) do neither.
"""


def read_email_consent(told: ShopifyDelivery, _: EventType) -> Told:
    """Read consent to marketing by e-mail."""
    customer = number(told["admin_graphql_api_customer_id"], told["customer_id"], told["id"])
    address = (ReferenceKind.EMAIL, told["email_address"] or told["email"])
    return _consent(told, "email", nested(told.body, "email_marketing_consent"), customer, address)


def read_sms_consent(told: ShopifyDelivery, _: EventType) -> Told:
    """Read consent to marketing by text message."""
    customer = number(told["admin_graphql_api_id"], told["customer_id"], told["id"])
    address = (ReferenceKind.PHONE, told["phone"])
    return _consent(told, "sms", nested(told.body, "sms_marketing_consent"), customer, address)


def read_payment_method(told: ShopifyDelivery, kind: EventType) -> Told:
    """Read a payment method that was revoked, added or changed.

    Its own id is a token, so the story is that of the customer's methods: a new card makes good
    for a lost one.
    """
    last = text(at(told["payment_instrument"], "last_digits"), 4)
    customer = number(told["admin_graphql_api_customer_id"], told["customer_id"])
    return (
        told.occurrence(
            kind,
            things(payment_methods=customer),
            payment_method=f"card_****{last}" if last else None,
        ),
    )


def read_privacy(told: ShopifyDelivery, kind: EventType) -> Told:
    """Read that a customer wants their data, or wants to be forgotten.

    A wish to be forgotten stops marketing to its address at once, so the address counts; data are
    handed out only to somebody who is known for certain.
    """
    customer = nested(told.body, "customer")
    forget = kind is EventType.REDACT_REQUESTED
    orders = told["orders_to_redact" if forget else "orders_requested"]
    account = number(customer.get("id"))
    request = number(at(told["data_request"], "id"))
    return (
        told.occurrence(
            kind,
            things(data_request=request, redact_request=account if forget else None),
            references=(
                *reference(ReferenceKind.ACCOUNT, account),
                *_orders(orders),
                *reference(ReferenceKind.EMAIL, customer.get("email"), verified=forget),
                *reference(ReferenceKind.PHONE, customer.get("phone"), verified=forget),
            ),
        ),
    )


def merge_in(body: Body) -> Merge | str:
    """Give which two customers became one, or why none did."""
    gone = number(body.get("admin_graphql_api_customer_deleted_id"))
    kept = number(body.get("admin_graphql_api_customer_kept_id"))
    if (word(body.get("status")) or "completed") != "completed":
        return "the customers are not merged"
    if not gone or not kept or gone == kept:
        return "the merge names no two customers"
    return Merge(gone=gone, kept=kept)


def _consent(
    told: ShopifyDelivery,
    channel: str,
    consent: Body,
    customer: str | None,
    address: tuple[ReferenceKind, Any],
) -> Told:
    """Read what a consent's state says.

    A no is a no of the address, whoever has it; a yes counts for the customer whose it surely is.
    """
    state = word(consent.get("state"))
    if state is None or state not in _STATES:
        return "consent was neither given nor withdrawn"
    kind = _STATES[state]
    confirmed = text(consent.get("opt_in_level"), 100) == "confirmed_opt_in"
    sure = kind is EventType.UNSUBSCRIBED or confirmed
    return (
        told.occurrence(
            kind,
            things(**{f"{channel}_consent": customer}),
            when=(consent.get("consent_updated_at"),),
            references=(
                *references_of({"customer": told["customer"], "customer_id": customer}),
                *reference(*address, verified=sure),
            ),
            channel=channel,
        ),
    )


def _orders(ids: Any) -> Iterable[Reference]:
    told = ids[:100] if isinstance(ids, list) else []
    return [one for id_ in told for one in reference(ReferenceKind.ORDER, number(id_))]
