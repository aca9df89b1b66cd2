"""Shopify: orders, payments, deliveries, carts, stock, consent and subscriptions of a shop."""

from procx_graph.events.providers.shopify.provider import ShopifyProvider

__all__ = ["ShopifyProvider"]
