"""Subscriptions of a shop, and the attempts to bill them."""

from procx_graph.domain.event_type import EventType
from procx_graph.domain.occurrence import Reference, ReferenceKind
from procx_graph.events.providers.reading import currency, reference, text, things
from procx_graph.events.providers.shopify.delivery import (
    ShopifyDelivery,
    Told,
    number,
    own_number,
    references_of,
)
from procx_graph.events.providers.shopify.order import OrderName

_REASONS = {
    "subscription_contracts/expire": "expired",
    "subscription_billing_attempts/challenged": "authentication_required",
}


def read_contract(told: ShopifyDelivery, kind: EventType) -> Told:
    """Read a contract that was cancelled, paused, activated, ran out or failed."""
    contract = own_number(told.body)
    origin = OrderName(number(told["admin_graphql_api_origin_order_id"], told["origin_order_id"]))
    return (
        told.occurrence(
            kind,
            things(subscription=contract),
            when=(told["updated_at"],),
            references=(
                *references_of(told.body),
                *_contract(contract),
                *origin.references,
            ),
            currency=currency(told["currency_code"]),
            reason=_REASONS.get(told.topic),
        ),
    )


def read_billing(told: ShopifyDelivery, kind: EventType) -> Told:
    """Read an attempt to bill a contract.

    Attempts tell no billing period, so those of a contract are one story: a success makes good
    for the failures before it. The order that a success creates is a story of its own.
    """
    contract = number(
        told["admin_graphql_api_subscription_contract_id"], told["subscription_contract_id"]
    )
    own = own_number(told.body)
    order = OrderName(number(told["admin_graphql_api_order_id"], told["order_id"]))
    failed = kind is EventType.SUBSCRIPTION_PAYMENT_FAILED
    reason = _REASONS.get(told.topic) or text(told["error_code"]) or text(told["error_message"])
    return (
        told.occurrence(
            kind,
            things(billing=contract) or things(billing_attempt=own),
            when=(told["updated_at"], told["created_at"]),
            references=(
                *references_of(told.body),
                *_contract(contract),
                *order.references,
            ),
            payment_id=own,
            reason=reason if failed else None,
            **order.facts,
        ),
    )


def _contract(number_: str | None) -> tuple[Reference, ...]:
    """A contract as its customer's account: attempts name no customer but their contract."""
    named = f"subscription:{number_}" if number_ else None
    return reference(ReferenceKind.ACCOUNT, named)
