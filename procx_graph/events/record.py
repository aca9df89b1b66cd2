"""Telling an event from Python, without HTTP or signature."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from procx_graph.domain.clock import in_utc
from procx_graph.events.inbox import take_in
from procx_graph.events.payload import digest_of, read_payload
from procx_graph.events.receipt import Receipt
from procx_graph.store.database import Store


def record_event(store: Store, payload: Mapping[str, Any], *, now: datetime) -> Receipt:
    """Store an event of our own shape, and apply it.

    ```python
    record_event(
        store,
        {"event_type": "payment.failed", "data": {"customer_id": "C100042", "amount": 24.99}},
        now=datetime.now(UTC),
    )
    ```

    Args:
        store: Where the customers live.
        payload: The event, see `events.payload`; its `id`, or all of it, is what a second telling
            is known by.
        now: The present moment; naive is UTC.

    Raises:
        WebhookError: It is not of this shape; the message names the field.
        StoreError: The store cannot be written.
    """
    moment = in_utc(now)
    delivery = read_payload(payload, key=None, now=moment)
    return take_in(store, delivery, now=moment, digest=digest_of(payload))
