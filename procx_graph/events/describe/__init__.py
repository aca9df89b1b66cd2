"""Events in plain English: one table of functions, one for each type."""

from collections.abc import Callable

from procx_graph.domain.event_type import EventType
from procx_graph.domain.occurrence import Facts, Occurrence
from procx_graph.events.describe import orders, payments, subscriptions, voices

__all__ = ["describe"]


def describe(occurrence: Occurrence) -> str:
    """Tell what happened in one to three plain sentences.

    What is not told shortens them. Texts from outside stand in quotation marks, on one line, cut,
    with e-mail addresses, phone numbers and links masked; the customer is never named.
    """
    return _TELL[occurrence.type](occurrence.facts)


_TELL: dict[EventType, Callable[[Facts], str]] = {
    EventType.PAYMENT_FAILED: payments.payment_failed,
    EventType.PAYMENT_SUCCEEDED: payments.payment_succeeded,
    EventType.PAYMENT_METHOD_EXPIRED: payments.method_expired,
    EventType.PAYMENT_METHOD_UPDATED: payments.method_updated,
    EventType.INVOICE_PAID: payments.invoice_paid,
    EventType.REFUND_REQUESTED: payments.refund_requested,
    EventType.REFUND_MADE: payments.refund_made,
    EventType.DISPUTE_OPENED: payments.dispute_opened,
    EventType.DISPUTE_CLOSED: payments.dispute_closed,
    EventType.SUBSCRIPTION_PAYMENT_FAILED: subscriptions.payment_failed,
    EventType.SUBSCRIPTION_CANCELLED: subscriptions.cancelled,
    EventType.SUBSCRIPTION_PAUSED: subscriptions.paused,
    EventType.SUBSCRIPTION_RESUMED: subscriptions.resumed,
    EventType.SUBSCRIPTION_TRIAL_ENDING: subscriptions.trial_ending,
    EventType.ORDER_DELAYED: orders.order_delayed,
    EventType.ORDER_CANCELLED: orders.order_cancelled,
    EventType.ORDER_PAID: orders.order_paid,
    EventType.ORDER_FULFILLED: orders.order_fulfilled,
    EventType.SHIPMENT_DELAYED: orders.shipment_delayed,
    EventType.SHIPMENT_DELIVERED: orders.shipment_delivered,
    EventType.RETURN_INITIATED: orders.return_initiated,
    EventType.CART_UPDATED: orders.cart_updated,
    EventType.CART_COMPLETED: orders.cart_completed,
    EventType.CART_ABANDONED: orders.cart_abandoned,
    EventType.PRODUCT_OUT_OF_STOCK: orders.out_of_stock,
    EventType.PRODUCT_BACK_IN_STOCK: orders.back_in_stock,
    EventType.NPS_DETRACTOR: voices.detractor,
    EventType.NPS_PASSIVE: voices.passive,
    EventType.NPS_PROMOTER: voices.promoter,
    EventType.REVIEW_NEGATIVE: voices.negative_review,
    EventType.TICKET_CREATED: voices.ticket_created,
    EventType.TICKET_ESCALATED: voices.ticket_escalated,
    EventType.TICKET_REOPENED: voices.ticket_reopened,
    EventType.TICKET_SOLVED: voices.ticket_solved,
    EventType.CSAT: voices.satisfaction,
    EventType.APP_INACTIVE: voices.inactive,
    EventType.UNSUBSCRIBED: voices.unsubscribed,
    EventType.SUBSCRIBED: voices.subscribed,
    EventType.DATA_REQUESTED: voices.data_requested,
    EventType.REDACT_REQUESTED: voices.redact_requested,
}
