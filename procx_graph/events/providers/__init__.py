"""One file a provider of webhooks: its signature, and what its deliveries mean."""

from procx_graph.events.providers.provider import Provider


def default_providers() -> tuple[Provider, ...]:
    """Give the providers that are known, each as it is set up when nothing else is said."""
    from procx_graph.events.providers.qualtrics import QualtricsProvider
    from procx_graph.events.providers.shopify import ShopifyProvider
    from procx_graph.events.providers.standard import StandardProvider
    from procx_graph.events.providers.stripe import StripeProvider
    from procx_graph.events.providers.zendesk import ZendeskProvider

    return (
        StripeProvider(),
        ShopifyProvider(),
        ZendeskProvider(),
        QualtricsProvider(),
        StandardProvider(),
    )
