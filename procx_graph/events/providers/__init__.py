"""One file a provider of webhooks: its signature, and what its deliveries mean."""
