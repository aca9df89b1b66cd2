"""What can happen to a customer, as the outside world tells it, and how much it matters."""

from dataclasses import dataclass
from enum import StrEnum

from procx_graph.domain.event import EventKind


class EventType(StrEnum):
    """Names of what happens; the part before the last dot is what it happens to."""

    PAYMENT_FAILED = "payment.failed"
    PAYMENT_SUCCEEDED = "payment.succeeded"
    PAYMENT_METHOD_EXPIRED = "payment.method_expired"
    PAYMENT_METHOD_UPDATED = "payment.method_updated"
    INVOICE_PAID = "invoice.paid"
    SUBSCRIPTION_PAYMENT_FAILED = "subscription.payment_failed"
    SUBSCRIPTION_CANCELLED = "subscription.cancelled"
    SUBSCRIPTION_PAUSED = "subscription.paused"
    SUBSCRIPTION_RESUMED = "subscription.resumed"
    SUBSCRIPTION_TRIAL_ENDING = "subscription.trial_ending"
    ORDER_DELAYED = "order.delayed"
    ORDER_CANCELLED = "order.cancelled"
    ORDER_PAID = "order.paid"
    ORDER_FULFILLED = "order.fulfilled"
    SHIPMENT_DELAYED = "shipment.delayed"
    SHIPMENT_DELIVERED = "shipment.delivered"
    CART_UPDATED = "cart.updated"
    """Something lies in a cart; when nothing follows, it becomes an abandoned one."""
    CART_COMPLETED = "cart.completed"
    CART_ABANDONED = "cart.abandoned"
    NPS_DETRACTOR = "nps.detractor"
    NPS_PASSIVE = "nps.passive"
    NPS_PROMOTER = "nps.promoter"
    REVIEW_NEGATIVE = "review.negative"
    PRODUCT_OUT_OF_STOCK = "product.out_of_stock"
    PRODUCT_BACK_IN_STOCK = "product.back_in_stock"
    TICKET_CREATED = "support.ticket.created"
    TICKET_ESCALATED = "support.ticket.escalated"
    TICKET_REOPENED = "support.ticket.reopened"
    TICKET_SOLVED = "support.ticket.solved"
    CSAT = "support.csat"
    APP_INACTIVE = "app.inactive"
    UNSUBSCRIBED = "email.unsubscribe"
    SUBSCRIBED = "email.subscribe"
    REFUND_REQUESTED = "refund.requested"
    REFUND_MADE = "refund.made"
    RETURN_INITIATED = "return.initiated"
    DISPUTE_OPENED = "dispute.opened"
    DISPUTE_CLOSED = "dispute.closed"
    DATA_REQUESTED = "customer.data_requested"
    """A customer asks for a copy of their data: a person answers."""
    REDACT_REQUESTED = "customer.redact_requested"
    """A customer asks to be forgotten: a person does it, and marketing stops at once."""

    @property
    def traits(self) -> "Traits":
        """How it is to be taken."""
        return TRAITS[self]

    @property
    def column_value(self) -> str:
        """How the customers' event table names it."""
        return self.value.replace(".", "_")


class Valence(StrEnum):
    """Whether something is good or bad for the relationship."""

    POSITIVE = "positive"
    NEUTRAL = "neutral"
    NEGATIVE = "negative"


class Severity(StrEnum):
    """How much something weighs, whichever way."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class Traits:
    """What sort of thing an event is, and how good or bad."""

    kind: EventKind
    valence: Valence
    severity: Severity


def _bad(kind: EventKind, severity: Severity) -> Traits:
    return Traits(kind, Valence.NEGATIVE, severity)


_RESOLUTION = Traits(EventKind.RESOLUTION, Valence.POSITIVE, Severity.LOW)
_COMPLAINT, _INQUIRY, _FEEDBACK = EventKind.COMPLAINT, EventKind.INQUIRY, EventKind.FEEDBACK
_CONSENT = EventKind.CONSENT
_LOW, _MEDIUM, _HIGH = Severity.LOW, Severity.MEDIUM, Severity.HIGH

TRAITS: dict[EventType, Traits] = {
    EventType.PAYMENT_FAILED: _bad(_COMPLAINT, _HIGH),
    EventType.PAYMENT_SUCCEEDED: _RESOLUTION,
    EventType.PAYMENT_METHOD_EXPIRED: _bad(_INQUIRY, _MEDIUM),
    EventType.PAYMENT_METHOD_UPDATED: _RESOLUTION,
    EventType.INVOICE_PAID: _RESOLUTION,
    EventType.SUBSCRIPTION_PAYMENT_FAILED: _bad(_COMPLAINT, _HIGH),
    EventType.SUBSCRIPTION_CANCELLED: _bad(_COMPLAINT, _HIGH),
    EventType.SUBSCRIPTION_PAUSED: _bad(_INQUIRY, _MEDIUM),
    EventType.SUBSCRIPTION_RESUMED: _RESOLUTION,
    EventType.SUBSCRIPTION_TRIAL_ENDING: Traits(_INQUIRY, Valence.NEUTRAL, _LOW),
    EventType.ORDER_DELAYED: _bad(_COMPLAINT, _MEDIUM),
    EventType.ORDER_CANCELLED: _bad(EventKind.ORDER_CANCELLED, _MEDIUM),
    EventType.ORDER_PAID: _RESOLUTION,
    EventType.ORDER_FULFILLED: _RESOLUTION,
    EventType.SHIPMENT_DELAYED: _bad(EventKind.ORDER_DELAYED, _MEDIUM),
    EventType.SHIPMENT_DELIVERED: _RESOLUTION,
    EventType.CART_UPDATED: Traits(_INQUIRY, Valence.NEUTRAL, _LOW),
    EventType.CART_COMPLETED: _RESOLUTION,
    EventType.CART_ABANDONED: Traits(_INQUIRY, Valence.NEUTRAL, _LOW),
    EventType.NPS_DETRACTOR: _bad(_COMPLAINT, _HIGH),
    EventType.NPS_PASSIVE: Traits(_FEEDBACK, Valence.NEUTRAL, _LOW),
    EventType.NPS_PROMOTER: Traits(_FEEDBACK, Valence.POSITIVE, _LOW),
    EventType.REVIEW_NEGATIVE: _bad(_COMPLAINT, _MEDIUM),
    EventType.PRODUCT_OUT_OF_STOCK: Traits(_INQUIRY, Valence.NEUTRAL, _LOW),
    EventType.PRODUCT_BACK_IN_STOCK: Traits(_INQUIRY, Valence.POSITIVE, _LOW),
    EventType.TICKET_CREATED: _bad(_COMPLAINT, _MEDIUM),
    EventType.TICKET_ESCALATED: _bad(_COMPLAINT, _HIGH),
    EventType.TICKET_REOPENED: _bad(_COMPLAINT, _MEDIUM),
    EventType.TICKET_SOLVED: _RESOLUTION,
    EventType.CSAT: Traits(_FEEDBACK, Valence.NEUTRAL, _LOW),
    EventType.APP_INACTIVE: Traits(_INQUIRY, Valence.NEUTRAL, _LOW),
    EventType.UNSUBSCRIBED: Traits(_CONSENT, Valence.NEUTRAL, _LOW),
    EventType.SUBSCRIBED: Traits(_CONSENT, Valence.NEUTRAL, _LOW),
    EventType.REFUND_REQUESTED: _bad(_COMPLAINT, _MEDIUM),
    EventType.REFUND_MADE: Traits(EventKind.RESOLUTION, Valence.NEUTRAL, _LOW),
    EventType.RETURN_INITIATED: _bad(_COMPLAINT, _MEDIUM),
    EventType.DISPUTE_OPENED: _bad(_COMPLAINT, _HIGH),
    EventType.DISPUTE_CLOSED: _RESOLUTION,
    EventType.DATA_REQUESTED: Traits(_CONSENT, Valence.NEUTRAL, _MEDIUM),
    EventType.REDACT_REQUESTED: Traits(_CONSENT, Valence.NEUTRAL, _HIGH),
}
"""Kind, valence and severity of every type; what a rating says is in the rating."""
