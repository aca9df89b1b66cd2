"""Nothing that reaches a person or opens a page gets into facts and descriptions."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from procx_graph.errors import WebhookError
from procx_graph.events.describe import describe
from procx_graph.events.providers import default_providers
from procx_graph.events.providers.provider import Delivery
from tests.unit.events.providers.given import names_of, recorded

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
PROVIDERS = {one.name: one for one in default_providers()}
PRIVATE = "Write to ana@example.com, or see https://shop.example/orders/1?key=s3cret now"
IDS = {"order_id", "order_ids", "payment_id", "refund_id", "ticket_id"}
"""Ids are kept as they are: the provider makes them, and a changed one finds nothing."""
BODIES = [
    (provider, name)
    for provider in ("stripe", "shopify", "zendesk")
    for name in names_of(provider)
    if name != "signature_vectors"
]


def places(body: Any) -> Iterator[tuple[Any, Any]]:
    """Give every object or list of a body with each key that leads to a single value."""
    for key, value in list(body.items() if isinstance(body, dict) else enumerate(body)):
        if isinstance(value, dict | list):
            yield from places(value)
        else:
            yield body, key


def read(provider: str, name: str, body: Any) -> Delivery | None:
    """Read a body, which may be refused."""
    headers = {"x-shopify-topic": name.replace("__", "/")}
    try:
        return PROVIDERS[provider].read(headers, json.dumps(body).encode(), now=NOW)
    except WebhookError:
        return None


@pytest.mark.parametrize(("provider", "name"), BODIES)
def test_addresses_and_links_are_masked_wherever_they_are_written(provider: str, name: str) -> None:
    body = recorded(provider, name)
    for holder, key in places(body):
        was, holder[key] = holder[key], PRIVATE
        delivery = read(provider, name, body)
        holder[key] = was
        for one in delivery.occurrences if delivery else ():
            said = one.facts.model_dump_json(exclude=IDS) + describe(one)
            assert "ana@" not in said
            assert "s3cret" not in said
