"""Shopify's signature and headers, and which topic is read how."""

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from procx_graph.domain.event_type import EventType
from procx_graph.errors import WebhookError
from procx_graph.events.providers.provider import Delivery, Headers, Merge
from procx_graph.events.providers.reading import ident, moment, word
from procx_graph.events.providers.shopify.carts import read_checkout
from procx_graph.events.providers.shopify.customers import (
    merge_in,
    read_email_consent,
    read_payment_method,
    read_privacy,
    read_sms_consent,
)
from procx_graph.events.providers.shopify.delivery import ShopifyDelivery, Told
from procx_graph.events.providers.shopify.orders import (
    read_hold,
    read_new_order,
    read_order,
    read_return,
)
from procx_graph.events.providers.shopify.payments import (
    read_dispute,
    read_refund,
    read_transaction,
)
from procx_graph.events.providers.shopify.products import read_stock, read_variant
from procx_graph.events.providers.shopify.shipments import read_shipment
from procx_graph.events.providers.shopify.subscriptions import read_billing, read_contract
from procx_graph.events.providers.verify import (
    as_bytes,
    read_json,
    require_header,
    require_match,
    require_secrets,
)

_NAME = "x-shopify-hmac-sha256"

_Reader = Callable[[ShopifyDelivery, EventType], Told]

_TOPICS: dict[str, tuple[_Reader, EventType]] = {
    "orders/create": (read_new_order, EventType.CART_COMPLETED),
    "orders/paid": (read_order, EventType.ORDER_PAID),
    "orders/cancelled": (read_order, EventType.ORDER_CANCELLED),
    "orders/fulfilled": (read_order, EventType.ORDER_FULFILLED),
    "fulfillment_orders/placed_on_hold": (read_hold, EventType.ORDER_DELAYED),
    "fulfillment_orders/rescheduled": (read_hold, EventType.ORDER_DELAYED),
    "fulfillment_events/create": (read_shipment, EventType.SHIPMENT_DELAYED),
    "returns/request": (read_return, EventType.RETURN_INITIATED),
    "returns/approve": (read_return, EventType.RETURN_INITIATED),
    "refunds/create": (read_refund, EventType.REFUND_MADE),
    "order_transactions/create": (read_transaction, EventType.PAYMENT_FAILED),
    "disputes/create": (read_dispute, EventType.DISPUTE_OPENED),
    "disputes/update": (read_dispute, EventType.DISPUTE_CLOSED),
    "checkouts/create": (read_checkout, EventType.CART_UPDATED),
    "checkouts/update": (read_checkout, EventType.CART_UPDATED),
    "variants/out_of_stock": (read_variant, EventType.PRODUCT_OUT_OF_STOCK),
    "variants/in_stock": (read_variant, EventType.PRODUCT_BACK_IN_STOCK),
    "inventory_levels/update": (read_stock, EventType.PRODUCT_OUT_OF_STOCK),
    "customers_email_marketing_consent/update": (read_email_consent, EventType.UNSUBSCRIBED),
    "customers_marketing_consent/update": (read_sms_consent, EventType.UNSUBSCRIBED),
    "customer_payment_methods/revoke": (read_payment_method, EventType.PAYMENT_METHOD_EXPIRED),
    "customer_payment_methods/create": (read_payment_method, EventType.PAYMENT_METHOD_UPDATED),
    "customer_payment_methods/update": (read_payment_method, EventType.PAYMENT_METHOD_UPDATED),
    "customers/redact": (read_privacy, EventType.REDACT_REQUESTED),
    "customers/data_request": (read_privacy, EventType.DATA_REQUESTED),
    "subscription_contracts/cancel": (read_contract, EventType.SUBSCRIPTION_CANCELLED),
    "subscription_contracts/expire": (read_contract, EventType.SUBSCRIPTION_CANCELLED),
    "subscription_contracts/pause": (read_contract, EventType.SUBSCRIPTION_PAUSED),
    "subscription_contracts/activate": (read_contract, EventType.SUBSCRIPTION_RESUMED),
    "subscription_contracts/fail": (read_contract, EventType.SUBSCRIPTION_PAYMENT_FAILED),
    "subscription_billing_attempts/failure": (
        read_billing,
        EventType.SUBSCRIPTION_PAYMENT_FAILED,
    ),
    "subscription_billing_attempts/challenged": (
        read_billing,
        EventType.SUBSCRIPTION_PAYMENT_FAILED,
    ),
    "subscription_billing_attempts/success": (read_billing, EventType.INVOICE_PAID),
}
"""How a topic is read, and what it means; some readers find the meaning in the body."""


class ShopifyProvider:
    """Deliveries of a shop on Shopify; the account is the shop's domain.

    The signature covers the body alone: topic, shop and id stand in headers that it does not cover,
    and there is no time in it, so the store of deliveries already seen is the defence against
    replays.
    """

    name = "shopify"

    def verify(
        self,
        headers: Headers,
        body: bytes,
        secrets: Sequence[str],
        *,
        now: datetime,  # noqa: ARG002 # the signature holds no time
        token: str | None = None,  # noqa: ARG002 # the signature is enough
    ) -> None:
        """Check the header X-Shopify-Hmac-Sha256.

        Raises:
            WebhookError: See `Provider.verify`.
        """
        known = require_secrets(self.name, secrets)
        told = {_NAME: _header(headers, "hmac-sha256")}
        given = require_header(self.name, told, _NAME).strip()
        expected = [
            base64.b64encode(hmac.digest(as_bytes(secret), body, hashlib.sha256))
            for secret in known
        ]
        require_match(self.name, expected, [as_bytes(given)])

    def read(
        self,
        headers: Headers,
        body: bytes,
        *,
        now: datetime,
        extra: Mapping[str, Any] | None = None,
    ) -> Delivery:
        """Read a delivery.

        Args:
            headers: Of the request: they tell topic, shop, id and time.
            body: Of the request, verified.
            now: The moment of receiving.
            extra: Attributes that the body lacks and the business fetched, such as the `order_id`
                of a fulfilment order or the `customer_id` of a billing attempt.

        Raises:
            WebhookError: The body is no JSON object, or the topic is not told (status 400).
        """
        told = read_json(self.name, body)
        told = {
            **(extra or {}),
            **{name: value for name, value in told.items() if value is not None},
        }
        topic = word(_header(headers, "topic"), 100)
        if topic is None:
            raise WebhookError(self.name, "no_topic", "the header x-shopify-topic is missing")
        delivery = ShopifyDelivery(
            topic=topic,
            key=f"{topic}:{_id(headers, body)}",
            account=(
                ident(_header(headers, "shop-domain")) or ident(told.get("shop_domain")) or ""
            ).lower(),
            told_at=moment(_header(headers, "triggered-at")) or now,
            body=told,
        )
        return _delivery(delivery, _meaning(delivery))


def _meaning(delivery: ShopifyDelivery) -> Told | Merge:
    """Give what a delivery means; nothing where nobody expects a meaning."""
    if delivery.topic == "customers/merge":
        return merge_in(delivery.body)
    if delivery.topic == "shop/redact":
        return "the shop left: everything that came from it is to be erased, by a person"
    if delivery.topic not in _TOPICS:
        return ()
    read, kind = _TOPICS[delivery.topic]
    return read(delivery, kind)


def _delivery(delivery: ShopifyDelivery, meaning: Told | Merge) -> Delivery:
    occurrences = meaning if isinstance(meaning, tuple) else ()
    return Delivery(
        provider="shopify",
        account=delivery.account,
        key=delivery.key,
        topic=delivery.topic,
        occurred_at=occurrences[0].occurred_at if occurrences else delivery.told_at,
        occurrences=occurrences,
        merges=(meaning,) if isinstance(meaning, Merge) else (),
        remark=meaning if isinstance(meaning, str) else None,
    )


def _header(headers: Headers, name: str) -> str:
    """Give a header of Shopify by its older or newer name, in any case; empty without one."""
    told = {key.lower(): value for key, value in headers.items()}
    return told.get(f"x-shopify-{name}") or told.get(f"shopify-{name}") or ""


def _id(headers: Headers, body: bytes) -> str:
    """Give what a delivery is told apart by: the event, else this sending, else the body."""
    return (
        ident(_header(headers, "event-id"))
        or ident(_header(headers, "webhook-id"))
        or hashlib.sha256(body).hexdigest()
    )
