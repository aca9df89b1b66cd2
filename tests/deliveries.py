"""Deliveries as each provider sends them, signed with secrets of the tests."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

SECRETS = {
    "stripe": ["whsec_stripe_secret"],
    "shopify": ["shopify_secret"],
    "zendesk": ["zendesk_secret"],
    "qualtrics": ["qualtrics_secret"],
    "standard": ["whsec_" + base64.b64encode(b"a secret of the standard kind").decode()],
}
"""One active secret of each provider."""
SHOP = "a-shop.example"
"""The account of Shopify's deliveries."""


@dataclass(frozen=True)
class Sent:
    """A request as it arrives."""

    provider: str
    headers: Mapping[str, str]
    body: bytes


def stripe(event: Mapping[str, Any], *, at: datetime) -> Sent:
    """Sign an event as Stripe does."""
    body, seconds = json.dumps(event).encode(), int(at.timestamp())
    made = hmac.new(_secret("stripe"), f"{seconds}.".encode() + body, hashlib.sha256)
    return Sent("stripe", {"Stripe-Signature": f"t={seconds},v1={made.hexdigest()}"}, body)


def shopify(topic: str, thing: Mapping[str, Any], *, key: str, at: datetime) -> Sent:
    """Sign the body of a topic as Shopify does."""
    body = json.dumps(thing).encode()
    headers = {
        "X-Shopify-Topic": topic,
        "X-Shopify-Shop-Domain": SHOP,
        "X-Shopify-Event-Id": key,
        "X-Shopify-Triggered-At": at.isoformat(),
        "X-Shopify-Hmac-Sha256": _base64("shopify", body),
    }
    return Sent("shopify", headers, body)


def zendesk(event: Mapping[str, Any], *, at: datetime) -> Sent:
    """Sign an event as Zendesk does."""
    body, stamp = json.dumps(event).encode(), at.isoformat()
    headers = {
        "X-Zendesk-Webhook-Signature": _base64("zendesk", stamp.encode() + body),
        "X-Zendesk-Webhook-Signature-Timestamp": stamp,
    }
    return Sent("zendesk", headers, body)


def qualtrics(message: Mapping[str, Any], *, topic: str) -> Sent:
    """Sign a message as Qualtrics does, in a form."""
    text = json.dumps(message, separators=(",", ":"))
    made = hmac.new(_secret("qualtrics"), text.encode(), hashlib.sha512).hexdigest()
    form = urlencode({"HMAC": made, "MSG": text, "Topic": topic, "undefined": ""})
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    return Sent("qualtrics", headers, form.encode())


def standard(payload: Mapping[str, Any] | bytes, *, key: str, at: datetime) -> Sent:
    """Sign an event of our own shape, or any bytes, as Standard Webhooks says."""
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    seconds = str(int(at.timestamp()))
    secret = base64.b64decode(SECRETS["standard"][0].removeprefix("whsec_"))
    made = hmac.digest(secret, f"{key}.{seconds}.".encode() + body, hashlib.sha256)
    headers = {
        "webhook-id": key,
        "webhook-timestamp": seconds,
        "webhook-signature": f"v1,{base64.b64encode(made).decode()}",
    }
    return Sent("standard", headers, body)


def _secret(provider: str) -> bytes:
    return SECRETS[provider][0].encode()


def _base64(provider: str, content: bytes) -> str:
    return base64.b64encode(hmac.digest(_secret(provider), content, hashlib.sha256)).decode()
