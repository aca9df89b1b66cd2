"""What all signature schemes share: secrets, constant-time comparison, and the replay window.

The vendors' libraries fail in ways of their own on bad input and read the wall clock (facts on
webhooks, section 4), so the schemes are written here on `hmac`.
"""

import hmac
import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from procx_graph.errors import WebhookError
from procx_graph.events.providers.provider import Headers

WINDOW = timedelta(minutes=5)
"""How old a signature may be, and how far in the future."""


def require_secrets(provider: str, secrets: Sequence[str]) -> list[str]:
    """Give the secrets that are not empty or blank.

    Raises:
        WebhookError: There is none, and nothing may be accepted.
    """
    found = [secret for secret in secrets if secret.strip()]
    if not found:
        raise WebhookError(
            provider,
            "no_secret",
            f"no secret is configured, so nothing can be accepted: set "
            f"PROCX_WEBHOOK_SECRETS_{provider.upper()}",
            status=401,
        )
    return found


def require_header(provider: str, headers: Headers, name: str) -> str:
    """Give a header that a signed delivery must have.

    Raises:
        WebhookError: It is missing or empty.
    """
    value = headers.get(name, "")
    if not value:
        raise WebhookError(provider, "no_signature", f"the header {name} is missing", status=401)
    return value


def require_match(provider: str, expected: Iterable[bytes], given: Iterable[bytes]) -> None:
    """Check that one of the signatures is one of those that our secrets make.

    Every pair is compared, in constant time each.

    Raises:
        WebhookError: None is.
    """
    candidates = list(given)
    matched = False
    for ours in expected:
        for theirs in candidates:
            matched |= hmac.compare_digest(ours, theirs)
    if not matched:
        raise WebhookError(provider, "bad_signature", "the signature does not match", status=401)


def require_recent(provider: str, signed_at: datetime, now: datetime) -> None:
    """Check that a signature was made at about the present moment.

    Raises:
        WebhookError: It is more than five minutes old, or from the future.
    """
    if now - signed_at > WINDOW:
        raise WebhookError(provider, "too_old", "the signature is too old", status=401)
    if signed_at - now > WINDOW:
        raise WebhookError(provider, "too_new", "the signature is from the future", status=401)


def as_bytes(told: str) -> bytes:
    """Give the bytes of a header or secret, also of half a character, which matches nothing."""
    return told.encode("utf-8", "surrogatepass")


def read_json(provider: str, body: bytes) -> dict[str, Any]:
    """Read a body that must be a JSON object.

    Raises:
        WebhookError: It is none.
    """
    try:
        found = json.loads(body, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise WebhookError(provider, "not_json", "the body is no JSON") from error
    if not isinstance(found, dict):
        raise WebhookError(provider, "not_an_object", "the body is no JSON object")
    return found


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")
