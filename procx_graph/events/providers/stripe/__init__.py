"""Stripe: payments, invoices, subscriptions, payment methods and checkouts."""

from procx_graph.events.providers.stripe.provider import StripeProvider

__all__ = ["StripeProvider"]
