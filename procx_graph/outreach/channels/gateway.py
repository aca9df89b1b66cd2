"""Any channel by the business's own gateway: a signed HTTP request for each message."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import httpx
from pydantic import SecretStr

from procx_graph.domain.clock import in_utc
from procx_graph.errors import ConfigError
from procx_graph.outreach.channels.carrier import Answer, Delivered, Envelope, Refused, Retry

TIMEOUT = 15.0
"""Seconds that the gateway may stay silent."""
PASSING = frozenset({408, 425, 429})
"""Client errors that pass."""
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_LONGEST_REFERENCE = 200


class GatewayCarrier:
    """Posts messages, signed as Standard Webhooks v1 with `webhook-id` as the key.

    Every 2xx is delivered, and so is 409: the gateway has it already. A header `x-message-id` of
    the answer is kept as the reference. Redirects are not followed.

    Args:
        url: Where to; https, unless it is this machine.
        secret: `whsec_…` or plain base64, which signs.
        timeout: Seconds that the gateway may stay silent.

    Raises:
        ConfigError: The URL or the secret is none.
    """

    idempotent = True

    def __init__(self, url: str, secret: SecretStr, *, timeout: float = TIMEOUT) -> None:
        self.url, self.timeout = _checked(url), timeout
        self._key = _key(secret)
        self.name = f"gateway {self.url.host}"
        self._client = httpx.Client(timeout=timeout, follow_redirects=False, trust_env=False)

    def deliver(self, envelope: Envelope) -> Answer:
        """Post one message."""
        body = json.dumps(_told(envelope), ensure_ascii=False).encode("utf-8", "replace")
        try:
            # the answer's body is not read: its status says all, and it might never end
            with self._client.stream(
                "POST", self.url, content=body, headers=self._headers(envelope, body)
            ) as response:
                return self._read(response, envelope.at)
        except httpx.TimeoutException:
            return Retry("timeout", f"{self.name} did not answer in {self.timeout:g} s")
        except httpx.HTTPError as error:
            return Retry("no_connection", f"{self.name}: {type(error).__name__}")

    def _headers(self, envelope: Envelope, body: bytes) -> dict[str, str]:
        stamp = str(int(envelope.at.timestamp()))
        signed = b".".join([envelope.message_id.encode(), stamp.encode(), body])
        digest = base64.b64encode(hmac.digest(self._key, signed, hashlib.sha256)).decode()
        return {
            "content-type": "application/json",
            "webhook-id": envelope.message_id,
            "webhook-timestamp": stamp,
            "webhook-signature": f"v1,{digest}",
        }

    def _read(self, response: httpx.Response, at: datetime) -> Answer:
        status = response.status_code
        if response.is_success or status == httpx.codes.CONFLICT:
            told = response.headers.get("x-message-id", "")
            return Delivered(told[:_LONGEST_REFERENCE] or None)
        detail = f"{self.name} answered {status}"
        if status in PASSING or status >= 500:
            after = _retry_after(response.headers.get("retry-after"), at)
            return Retry(f"http_{status}", detail, after)
        if response.is_redirect:
            return Refused("redirect", f"{detail}, and redirects are not followed")
        return Refused(f"http_{status}", detail)


def _told(envelope: Envelope) -> dict[str, str | None]:
    return {
        "message_id": envelope.message_id,
        "channel": envelope.channel.value,
        "to": envelope.to,
        "subject": envelope.subject,
        "text": envelope.text,
        "language": envelope.language.value,
        "purpose": envelope.purpose.value,
        "customer_id": envelope.customer_id,
        "unsubscribe": envelope.unsubscribe,
    }


def _retry_after(told: str | None, at: datetime) -> timedelta | None:
    """Read seconds or a date; `None` for neither, or a moment that is over."""
    told = (told or "").strip()
    if told.isascii() and told.isdigit():
        return timedelta(seconds=int(told[:9]))
    try:
        moment = parsedate_to_datetime(told)
    except ValueError:
        return None
    wait = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - in_utc(at)
    return wait if wait > timedelta(0) else None


def _checked(text: str) -> httpx.URL:
    try:
        url = httpx.URL(text)
    except (httpx.InvalidURL, TypeError, ValueError):
        raise ConfigError("the gateway's URL is none: write https://host/path") from None
    if url.userinfo:
        raise ConfigError("the gateway's URL holds a password: PROCX_GATEWAY_SECRET signs instead")
    if not url.host or url.scheme not in {"http", "https"}:
        raise ConfigError("the gateway's URL is none: write https://host/path")
    if url.scheme == "http" and url.host not in _LOOPBACK:
        raise ConfigError(f"the gateway {url.host} must be reached by https")
    return url


def _key(secret: SecretStr) -> bytes:
    text = secret.get_secret_value().strip().removeprefix("whsec_")
    try:
        key = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except ValueError:
        key = b""
    if not key:
        raise ConfigError("PROCX_GATEWAY_SECRET must be base64, after whsec_ or plain")
    return key
