"""Stripe's signature, and which event is read how."""

import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from procx_graph.domain.event_type import EventType
from procx_graph.errors import WebhookError
from procx_graph.events.providers.provider import Delivery, Headers
from procx_graph.events.providers.reading import Body, ident, moment, nested, unix_moment
from procx_graph.events.providers.stripe.billing import (
    read_invoice,
    read_invoice_payment,
    read_subscription,
    read_subscription_change,
)
from procx_graph.events.providers.stripe.event import StripeEvent, Told, id_of
from procx_graph.events.providers.stripe.methods import read_method, read_setup
from procx_graph.events.providers.stripe.payments import (
    read_charge,
    read_charge_refunded,
    read_checkout,
    read_dispute,
    read_intent,
    read_refund,
)
from procx_graph.events.providers.verify import (
    as_bytes,
    read_json,
    require_header,
    require_match,
    require_recent,
    require_secrets,
)

THIN = "v2.core.event"
"""What an event calls itself that tells only that something happened."""

_Reader = Callable[[StripeEvent, EventType], Told]

_TOPICS: dict[str, tuple[_Reader, EventType]] = {
    "payment_intent.payment_failed": (read_intent, EventType.PAYMENT_FAILED),
    "payment_intent.succeeded": (read_intent, EventType.PAYMENT_SUCCEEDED),
    "charge.failed": (read_charge, EventType.PAYMENT_FAILED),
    "charge.succeeded": (read_charge, EventType.PAYMENT_SUCCEEDED),
    "charge.refunded": (read_charge_refunded, EventType.REFUND_MADE),
    "charge.refund.updated": (read_refund, EventType.REFUND_MADE),
    "charge.dispute.created": (read_dispute, EventType.DISPUTE_OPENED),
    "charge.dispute.closed": (read_dispute, EventType.DISPUTE_CLOSED),
    "refund.created": (read_refund, EventType.REFUND_MADE),
    "refund.updated": (read_refund, EventType.REFUND_MADE),
    "refund.failed": (read_refund, EventType.REFUND_MADE),
    "checkout.session.expired": (read_checkout, EventType.CART_ABANDONED),
    "checkout.session.completed": (read_checkout, EventType.CART_COMPLETED),
    "checkout.session.async_payment_failed": (read_checkout, EventType.PAYMENT_FAILED),
    "checkout.session.async_payment_succeeded": (read_checkout, EventType.PAYMENT_SUCCEEDED),
    "invoice.payment_failed": (read_invoice, EventType.SUBSCRIPTION_PAYMENT_FAILED),
    "invoice.payment_action_required": (read_invoice, EventType.SUBSCRIPTION_PAYMENT_FAILED),
    "invoice.overdue": (read_invoice, EventType.SUBSCRIPTION_PAYMENT_FAILED),
    "invoice.marked_uncollectible": (read_invoice, EventType.SUBSCRIPTION_PAYMENT_FAILED),
    "invoice.paid": (read_invoice, EventType.INVOICE_PAID),
    "invoice.payment_succeeded": (read_invoice, EventType.INVOICE_PAID),
    "invoice_payment.paid": (read_invoice_payment, EventType.INVOICE_PAID),
    "customer.subscription.deleted": (read_subscription, EventType.SUBSCRIPTION_CANCELLED),
    "customer.subscription.paused": (read_subscription, EventType.SUBSCRIPTION_PAUSED),
    "customer.subscription.resumed": (read_subscription, EventType.SUBSCRIPTION_RESUMED),
    "customer.subscription.trial_will_end": (
        read_subscription,
        EventType.SUBSCRIPTION_TRIAL_ENDING,
    ),
    "customer.subscription.updated": (read_subscription_change, EventType.SUBSCRIPTION_CANCELLED),
    "customer.source.expiring": (read_method, EventType.PAYMENT_METHOD_EXPIRED),
    "payment_method.detached": (read_method, EventType.PAYMENT_METHOD_EXPIRED),
    "payment_method.automatically_updated": (read_method, EventType.PAYMENT_METHOD_UPDATED),
    "payment_method.card_automatically_updated": (read_method, EventType.PAYMENT_METHOD_UPDATED),
    "setup_intent.setup_failed": (read_setup, EventType.PAYMENT_METHOD_EXPIRED),
    "setup_intent.succeeded": (read_setup, EventType.PAYMENT_METHOD_UPDATED),
}


class StripeProvider:
    """Events of Stripe, in the shape of API version 2020-08-27 and that of 2025 and later.

    The account of an event is the connected account, empty for our own. Events of test mode are
    read like others: which endpoint they are sent to is set up at Stripe.
    """

    name = "stripe"

    def verify(
        self,
        headers: Headers,
        body: bytes,
        secrets: Sequence[str],
        *,
        now: datetime,
        token: str | None = None,  # noqa: ARG002 # the signature is enough
    ) -> None:
        """Check the header Stripe-Signature, of which scheme v1 counts and v0 does not.

        Raises:
            WebhookError: See `Provider.verify`; a malformed header is `bad_header` (401).
        """
        known = require_secrets(self.name, secrets)
        signed_at, given = _parts(require_header(self.name, headers, "stripe-signature"))
        content = signed_at.encode() + b"." + body
        expected = [
            hmac.digest(as_bytes(secret), content, hashlib.sha256).hex().encode()
            for secret in known
        ]
        require_match(self.name, expected, given)
        require_recent(self.name, datetime.fromtimestamp(int(signed_at), UTC), now)

    def read(
        self,
        headers: Headers,  # noqa: ARG002 # all is in the body
        body: bytes,
        *,
        now: datetime,
        extra: Mapping[str, Any] | None = None,
    ) -> Delivery:
        """Read an event.

        Args:
            headers: Of the request.
            body: Of the request, verified.
            now: The moment of receiving.
            extra: For a thin event, the whole one as fetched, with its `type` and `data.object`.

        Raises:
            WebhookError: The body is no event of Stripe (status 400).
        """
        told = read_json(self.name, body)
        key, topic = ident(told.get("id")), ident(told.get("type"))
        if key is None or topic is None:
            raise WebhookError(self.name, "no_event", "the body has no id or no type of an event")
        account = ident(told.get("account")) or ""
        if told.get("object") == THIN:
            account = account or ident(told.get("context")) or ""
            if extra is not None:
                told, topic = dict(extra), ident(extra.get("type")) or topic
        occurred_at = unix_moment(told.get("created")) or moment(told.get("created")) or now
        meaning = _meaning(told, topic, key, account, occurred_at)
        return Delivery(
            provider=self.name,
            account=account,
            key=key,
            topic=topic,
            occurred_at=occurred_at,
            occurrences=() if isinstance(meaning, str | None) else (meaning,),
            remark=meaning if isinstance(meaning, str) else None,
        )


def _meaning(told: Body, topic: str, key: str, account: str, occurred_at: datetime) -> Told | None:
    """Give what an event means, or why it means nothing; `None` where nobody expects a meaning."""
    if told.get("object") == THIN:
        return "a thin event: what happened has to be fetched from Stripe"
    if topic not in _TOPICS:
        return None
    thing = nested(told, "data", "object")
    if id_of(thing) is None:
        raise WebhookError("stripe", "no_object", "the event has no object with an id")
    read, kind = _TOPICS[topic]
    before = nested(told, "data", "previous_attributes")
    return read(StripeEvent(topic, key, account, occurred_at, thing, before), kind)


def _parts(header: str) -> tuple[str, list[bytes]]:
    """Split the signature's header into its time, as written, and its signatures."""
    pairs = [part.strip().partition("=") for part in header.split(",")]
    times = [value for name, _, value in pairs if name == "t"]
    given = [as_bytes(value) for name, _, value in pairs if name == "v1"]
    plain = len(times) == 1 and times[0].isascii() and times[0].isdigit() and len(times[0]) < 12
    if not plain or not given:
        raise WebhookError(
            "stripe", "bad_header", "the header stripe-signature is malformed", status=401
        )
    return times[0], given
