"""Our own shape of an event, which a business signs or hands over in Python.

    {"id": "…", "event_type": "payment.failed", "timestamp": "2025-01-10T14:32:00Z",
     "source": "stripe", "data": {"customer_id": "C1", "amount": 2499.99, "currency": "USD", …}}

Every `EventType` is an event type, and every field of `Facts` may be in `data` under its own name
or one of the others in the table below. Amounts are in the currency's main unit, times without an
offset are UTC. Unknown names are ignored; a known one with a value that cannot be read refuses
the whole, because it is the business's own slip, which it can mend.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from procx_graph.domain.event_type import EventType
from procx_graph.domain.occurrence import Facts, Occurrence, Reference, ReferenceKind
from procx_graph.errors import WebhookError
from procx_graph.events.nps import nps_type
from procx_graph.events.providers.provider import Delivery
from procx_graph.events.providers.reading import (
    at,
    currency,
    ident,
    moment,
    money,
    references,
    text,
    whole,
    word,
)

PROVIDER = "standard"
"""By which name its secrets, deliveries and aliases go."""

Read = Callable[[Any], Any]
"""Reads one value; `None` means that it cannot be read."""

_KEY = 500
"""Characters that a key may have."""
_RATED = frozenset({EventType.CSAT, EventType.REVIEW_NEGATIVE})
"""Types whose score is 1 to 5."""
_NPS = frozenset({EventType.NPS_DETRACTOR, EventType.NPS_PASSIVE, EventType.NPS_PROMOTER})
_FULL_NUMBER = 12
"""Digits from which a payment method is a card or account number."""


def read_payload(payload: Mapping[str, Any], *, key: str | None, now: datetime) -> Delivery:
    """Read an event of our own shape.

    Args:
        payload: The event; JSON values, or Python's dates and decimals.
        key: By what a second telling is known; `None` takes the payload's `id`, and without
            one a digest of the whole payload.
        now: The moment of receiving, where the payload tells no timestamp.

    Returns:
        The delivery; without an occurrence where the event type is none of ours.

    Raises:
        WebhookError: It is not of this shape (status 400); the message names the field.
    """
    told = _Told(payload)
    topic = told.take(ident, "event_type")
    if topic is None:
        raise WebhookError(PROVIDER, "no_event_type", "the event has no event_type")
    given = ident(key, _KEY)
    if key is not None and given is None:
        raise WebhookError(PROVIDER, "bad_id", "the id of the delivery is no id")
    delivery = Delivery(
        provider=PROVIDER,
        account=told.take(ident, "source") or "",
        key=given or told.take(ident, "id") or digest_of(payload),
        topic=topic,
        occurred_at=told.take(moment, "timestamp") or now,
    )
    if topic not in set(EventType):
        return delivery
    data = told.take(_mapping, "data") or {}
    occurrence = _occurrence(EventType(topic), _Told(data, "data."), delivery)
    return delivery.model_copy(update={"occurrences": (occurrence,)})


@dataclass(frozen=True)
class _Told:
    """A mapping whose known fields are read or refused."""

    values: Mapping[str, Any]
    place: str = ""

    def take(self, read: Read, *names: str) -> Any:
        """Give the first of the names that is told, `None` where none is."""
        for name in names:
            value = self.values.get(name)
            if value is None or value == "":
                continue
            found = read(value)
            if found is None:
                message = f"{self.place}{name} cannot be read"
                raise WebhookError(PROVIDER, "bad_field", message)
            return found
        return None


def _mapping(value: Any) -> Mapping[str, Any] | None:
    return value if isinstance(value, Mapping) else None


def _identifiers(value: Any) -> tuple[str, ...] | None:
    if not isinstance(value, list | tuple):
        return None
    found = [ident(one) for one in value[:20]]
    return tuple(one for one in found if one) if all(found) else None


def _count(value: Any) -> int | None:
    """Count things: a number of them, or a list of lines, each with its quantity or one."""
    if not isinstance(value, list | tuple):
        return whole(value)
    counts = [whole(at(line, "quantity") or 1) for line in value]
    return whole(sum(count or 1 for count in counts))


def _line(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _method(value: Any) -> str | None:
    """Read a payment method; of a number that pays, the last four digits."""
    found = ident(value) or ""
    digits = "".join(char for char in found if char.isdecimal())
    return f"****{digits[-4:]}" if len(digits) >= _FULL_NUMBER else text(found)


_FACTS: dict[str, tuple[Read, tuple[str, ...]]] = {
    "amount": (money, ("amount", "cart_value", "cart_total", "total")),
    "currency": (currency, ("currency",)),
    "order_id": (ident, ("order_id", "order_number")),
    "ordered_at": (moment, ("ordered_at", "order_date")),
    "order_amount": (money, ("order_amount", "order_total")),
    "payment_id": (ident, ("payment_id", "transaction_id")),
    "payment_method": (_method, ("payment_method",)),
    "reason": (text, ("reason", "failure_reason", "cancel_reason")),
    "attempt": (partial(whole, least=1), ("attempt", "attempt_count", "attempt_number")),
    "refund_id": (ident, ("refund_id",)),
    "refunded_in_all": (money, ("refunded_in_all", "refunded_total")),
    "ticket_id": (ident, ("ticket_id",)),
    "subject": (text, ("subject", "title")),
    "text": (
        text,
        ("text", "message", "feedback", "feedback_text", "comment", "description"),
    ),
    "priority": (word, ("priority",)),
    "category": (word, ("category",)),
    "channel": (word, ("channel",)),
    "score": (
        partial(whole, least=0, most=10),
        ("score", "nps_score", "csat_score", "rating", "stars"),
    ),
    "survey_id": (ident, ("response_id", "survey_id")),
    "product_id": (ident, ("product_id", "sku")),
    "product": (text, ("product", "product_name")),
    "quantity": (_count, ("quantity", "item_count", "items", "cart_items")),
    "plan": (text, ("plan", "plan_name")),
    "expected_at": (
        moment,
        ("expected_at", "expected_delivery", "expected_delivery_date", "trial_end", "ends_at"),
    ),
    "days": (whole, ("days", "delay_days", "days_late", "inactive_days", "days_inactive")),
    "carrier": (text, ("carrier",)),
}
"""Where each fact may be told, its own name first, and how it is read."""

_IDS: dict[str, tuple[str, ...]] = {
    "payment": ("payment_id", "transaction_id"),
    "invoice": ("invoice_id",),
    "subscription": ("subscription_id",),
    "shipment": ("shipment_id", "tracking_number"),
    "cart": ("cart_id", "checkout_id"),
    "response": ("response_id", "survey_id"),
    "review": ("review_id",),
    "product": ("product_id", "sku"),
    "ticket": ("ticket_id",),
    "refund": ("refund_id",),
    "return": ("return_id",),
    "dispute": ("dispute_id",),
}
"""Where the id of a thing may be told."""

_ABOUT: dict[str, tuple[str, ...]] = {
    "payment": ("payment", "invoice"),
    "payment.method_expired": (),
    "payment.method_updated": (),
    "invoice": ("invoice", "payment"),
    "subscription": ("subscription",),
    "subscription.payment_failed": ("invoice", "payment"),
    "order": (),
    "shipment": ("shipment",),
    "cart": ("cart",),
    "nps": ("response",),
    "review": ("review",),
    "product": ("product",),
    "support": ("ticket",),
    "support.csat": ("ticket", "response"),
    "app": (),
    "email": (),
    "refund": ("refund", "ticket", "payment"),
    "return": ("return",),
    "dispute": ("dispute", "payment"),
    "customer": (),
}
"""What a type (or its family) happens to, besides orders.

Narrow on purpose: what shares a thing is one story, and all returns of a product are not.
"""

_OWN_STORY: dict[str, str] = {
    "email": "consent",
    "payment.method_expired": "payment_method",
    "payment.method_updated": "payment_method",
    "subscription": "subscription",
}
"""Of what a customer has but one, where no id is told."""


def _occurrence(type_: EventType, told: _Told, delivery: Delivery) -> Occurrence:
    found = {name: told.take(read, *names) for name, (read, names) in _FACTS.items()}
    orders = told.take(_identifiers, "order_ids") or ()
    if found["order_id"]:
        orders = tuple(dict.fromkeys([found["order_id"], *orders]))
    score = found["score"]
    if type_ in _RATED and score is not None and not 1 <= score <= 5:
        raise WebhookError(PROVIDER, "bad_field", "data: a rating is 1 to 5")
    if type_ in _NPS and score is not None:
        type_ = nps_type(score)
    named = _references(told, orders)
    return Occurrence(
        type=type_,
        provider=delivery.provider,
        account=delivery.account,
        key=delivery.key,
        occurred_at=delivery.occurred_at,
        things=_things(type_, told, orders, named, delivery.key),
        references=named,
        facts=Facts(**found, order_ids=orders),
    )


def _references(told: _Told, orders: Sequence[str]) -> tuple[Reference, ...]:
    """Give what the customer is named by; addresses that reach nobody are left out."""
    kind = ReferenceKind
    return references(
        (kind.CUSTOMER_ID, told.take(ident, "customer_id"), True),
        *((kind.ORDER, order, True) for order in orders),
        (kind.EMAIL, told.take(_line, "email", "customer_email"), True),
        (kind.PHONE, told.take(_line, "phone", "customer_phone"), True),
    )


def _things(
    type_: EventType,
    told: _Told,
    orders: Sequence[str],
    named: Sequence[Reference],
    key: str,
) -> tuple[str, ...]:
    family = type_.value.split(".")[0]
    about = _ABOUT.get(type_, _ABOUT[family])
    ids = {thing: told.take(ident, *_IDS[thing]) for thing in about}
    own = [f"{thing}:{found}" for thing, found in ids.items() if found]
    if not own and "payment" in about and family != "dispute":
        own = [f"payment:{order}" for order in orders[:1]]
    if not own and type_ in {EventType.INVOICE_PAID, EventType.SUBSCRIPTION_PAYMENT_FAILED}:
        subscription = told.take(ident, *_IDS["subscription"])
        own = [f"subscription:{subscription}"] if subscription else []
    story = _OWN_STORY.get(type_, _OWN_STORY.get(family))
    customer = _customer(named)
    if not own and story and customer:
        own = [f"{story}:{customer}"]
    things = [*own, *(f"order:{order}" for order in orders)]
    return tuple(dict.fromkeys(things)) or (f"{family}:{key}",)


def _customer(named: Sequence[Reference]) -> str | None:
    """Give what stands for the customer in the name of a thing; no address does, its digest."""
    for reference in named:
        if reference.kind is ReferenceKind.CUSTOMER_ID:
            return reference.value
        if reference.kind in {ReferenceKind.EMAIL, ReferenceKind.PHONE}:
            return hashlib.sha256(reference.value.encode()).hexdigest()[:16]
    return None


def digest_of(payload: Mapping[str, Any]) -> str:
    """Give what tells an event from every other one: all of it.

    Raises:
        WebhookError: It is no JSON.
    """
    try:
        canonical = json.dumps(payload, sort_keys=True, separators=(",", ":"), default=str)
    except (TypeError, ValueError, RecursionError) as error:
        raise WebhookError(PROVIDER, "not_json", "the event is no JSON") from error
    return f"sha256:{hashlib.sha256(canonical.encode()).hexdigest()}"
