"""Standard Webhooks: events of our own shape, signed by the business or a service of its own."""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from procx_graph.errors import WebhookError
from procx_graph.events.payload import PROVIDER, read_payload
from procx_graph.events.providers.provider import Delivery, Headers
from procx_graph.events.providers.verify import (
    as_bytes,
    read_json,
    require_header,
    require_match,
    require_recent,
    require_secrets,
)

_ID, _TIMESTAMP, _SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
_SECRET, _PUBLIC = "whsec_", "whpk_"
_SECONDS = re.compile(r"[0-9]{1,11}")
_KEY = 32
"""Bytes of a public key."""
_SEVERAL = 20
"""Signatures that are tried of one delivery."""


class StandardProvider:
    """Verifies `v1` (HMAC-SHA256) and `v1a` (ed25519); the dedupe key is `webhook-id`.

    A secret `whpk_…` is a public key and answers for `v1a`, every other one (`whsec_…` or plain
    base64) for `v1`. What is no base64 counts as no secret.
    """

    name = PROVIDER

    def verify(
        self,
        headers: Headers,
        body: bytes,
        secrets: Sequence[str],
        *,
        now: datetime,
        token: str | None = None,  # noqa: ARG002 - every delivery is signed
    ) -> None:
        """Check that one signature of `id.timestamp.body` is of one secret, and the timestamp.

        Raises:
            WebhookError: See the protocol; also (401) where only a `v1a` signature could match
                and the package that reads it is not installed (reason `no_ed25519`).
        """
        known = require_secrets(self.name, secrets)
        identifier = require_header(self.name, headers, _ID)
        stamp = require_header(self.name, headers, _TIMESTAMP)
        given = require_header(self.name, headers, _SIGNATURE)
        if not _SECONDS.fullmatch(stamp):
            message = f"the header {_TIMESTAMP} is no time in seconds"
            raise WebhookError(self.name, "bad_timestamp", message, status=401)
        private, public = self._keys(known)
        signed = b".".join([as_bytes(identifier), as_bytes(stamp), body])
        plain, asymmetric = _of_version(given, "v1"), _of_version(given, "v1a")
        ours = [_signature(key, signed) for key in private]
        try:
            require_match(self.name, ours, plain)
        except WebhookError:
            if not public or not asymmetric:
                raise
            require_match(self.name, self._verified(signed, asymmetric, public), asymmetric)
        require_recent(self.name, datetime.fromtimestamp(int(stamp), UTC), now)

    def read(
        self,
        headers: Headers,
        body: bytes,
        *,
        now: datetime,
        extra: Mapping[str, Any] | None = None,  # noqa: ARG002 - the body tells everything
    ) -> Delivery:
        """Read an event of our own shape; see `read_payload`."""
        told = read_payload(read_json(self.name, body), key=headers.get(_ID) or None, now=now)
        return told.model_copy(update={"key_is_signed": True})

    def _keys(self, secrets: Sequence[str]) -> tuple[list[bytes], list[bytes]]:
        """Give the keys of the secrets: those to sign with, and the public ones."""
        private, public = [], []
        for secret in secrets:
            if secret.startswith(_PUBLIC):
                public.append(_decode(_padded(secret.removeprefix(_PUBLIC))))
            else:
                private.append(_decode(_padded(secret.removeprefix(_SECRET))))
        private = [key for key in private if key]
        public = [key for key in public if len(key) == _KEY]
        if not private and not public:
            message = "no secret is base64 after whsec_ (or 32 bytes of it after whpk_)"
            raise WebhookError(self.name, "bad_secret", message, status=401)
        return private, public

    def _verified(
        self, signed: bytes, signatures: Sequence[bytes], keys: Sequence[bytes]
    ) -> list[bytes]:
        """Give those of the signatures that one of the public keys confirms."""
        try:
            from cryptography.exceptions import InvalidSignature
            from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
        except ImportError as error:
            message = (
                "v1a signatures need the extra `webhooks`: pip install 'procx_graph[webhooks]'"
            )
            raise WebhookError(self.name, "no_ed25519", message, status=401) from error
        found = []
        for signature in signatures:
            for key in keys:
                raw = _decode(signature.decode("utf-8", "surrogatepass").partition(",")[2])
                with suppress(InvalidSignature):
                    Ed25519PublicKey.from_public_bytes(key).verify(raw, signed)
                    found.append(signature)
        return found


def _of_version(given: str, version: str) -> list[bytes]:
    """Give the signatures of a version, as the header writes them with the version before."""
    listed = given.split(" ")[:_SEVERAL]
    return [as_bytes(one) for one in listed if one.startswith(f"{version},")]


def _signature(key: bytes, signed: bytes) -> bytes:
    return b"v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256))


def _decode(text: str) -> bytes:
    """Read base64 that is written the one right way; nothing where it is none."""
    try:
        found = base64.b64decode(text, validate=True)
    except ValueError:
        return b""
    return found if base64.b64encode(found).decode() == text else b""


def _padded(text: str) -> str:
    return text + "=" * (-len(text) % 4)
