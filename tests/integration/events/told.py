"""Recorded deliveries of each provider, about customers of the store, with ids of their own."""

import json
from collections.abc import Mapping
from datetime import datetime
from itertools import count
from typing import Any

from tests.deliveries import Sent, qualtrics, shopify, standard, stripe, zendesk
from tests.integration.stores import NOW
from tests.unit.events.providers.given import recorded, recorded_text

NOTHING = "0" * 24
"""How every id of the recorded Stripe bodies ends."""
SEED: dict[str, Any] = {
    "event_type": "payment.failed",
    "timestamp": "2025-01-10T14:32:00Z",
    "source": "stripe",
    "data": {
        "customer_id": "C1",
        "amount": 2499.99,
        "currency": "USD",
        "order_id": "ORD-2025-789",
        "reason": "insufficient_funds",
        "payment_method": "card",
        "attempt": 2,
    },
}
"""The event of the story that the library is built for."""
_NUMBERS = count(1)


def stripe_event(name: str, number: int | None = None, **changes: Any) -> Sent:
    """Give a recorded event of Stripe whose ids end in a number; a new one when not given."""
    ending = f"{next(_NUMBERS) if number is None else number:024d}"
    event = json.loads(recorded_text("stripe", f"{name}.json").replace(NOTHING, ending))
    event["created"] = int(NOW.timestamp())
    event["data"]["object"].update(changes)
    return stripe(event, at=NOW)


def shopify_delivery(name: str, topic: str | None = None, **changes: Any) -> Sent:
    """Give a recorded body of Shopify, by default under the topic it is recorded of."""
    body = recorded("shopify", name) | changes
    key = f"event-{next(_NUMBERS):06}"
    return shopify(topic or name.replace("__", "/"), body, key=key, at=NOW)


def zendesk_ticket(**changes: Any) -> Sent:
    """Give the recorded ticket of Zendesk, opened now."""
    event = recorded("zendesk", "ticket.created")
    event["detail"].update(changes)
    return zendesk(event | {"id": f"event-{next(_NUMBERS):06}", "time": NOW.isoformat()}, at=NOW)


def qualtrics_answer(response: str = "R_1") -> Sent:
    """Give word of a completed response, as it is recorded."""
    message: dict[str, Any] = json.loads(recorded("qualtrics", "signature_vector")["msg"])
    message |= {"ResponseID": response, "CompletedDate": f"{NOW:%Y-%m-%d %H:%M:%S}"}
    topic = f"{message['BrandID']}.surveyengine.completedResponse.{message['SurveyID']}"
    return qualtrics(message, topic=topic)


def standard_event(payload: Mapping[str, Any] = SEED, at: datetime = NOW) -> Sent:
    """Give an event of our own shape; the recorded secret's kind signs it."""
    return standard(payload, key=f"msg_{next(_NUMBERS):06}", at=at)


def moved(sent: Sent, **changes: Any) -> Sent:
    """Give a delivery with another body or other headers, and the signature it had."""
    return Sent(sent.provider, changes.get("headers", sent.headers), changes.get("body", sent.body))
