"""Receiving: from the raw bytes of a delivery to stored events and changed tables."""

import hashlib
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import SecretStr, ValidationError

from procx_graph.domain.clock import in_utc
from procx_graph.errors import StoreError, WebhookError
from procx_graph.events.intake import Intake
from procx_graph.events.providers import default_providers
from procx_graph.events.providers.provider import Delivery, Provider
from procx_graph.events.receipt import Outcome, Receipt
from procx_graph.store.database import Store

log = logging.getLogger(__name__)

LARGEST = 2 * 1024 * 1024
"""Bytes of a body that are read at most."""

Enricher = Callable[[Delivery], Mapping[str, Any] | None]
"""Fetches from a provider what a delivery itself does not tell; None where it cannot."""


class Receiver:
    """Takes deliveries in: verified, once, and with everything that follows from them.

    A delivery, its events and the rows they change are kept in one transaction that outlives a
    loss of power before the answer is given. It may be used by several threads and processes.

    Args:
        store: Where everything is kept.
        secrets: Active secrets of each provider, by its name; a provider without one accepts
            nothing. Several are for the time of a rotation.
        providers: Who may send; Stripe, Shopify, Zendesk, Qualtrics and Standard Webhooks when
            not given.
        enrichers: Fetch, by provider, what its deliveries leave out.
        keep_bodies: Keep the raw body of every delivery too; they hold names and addresses.
        largest: Bytes of a body that are read at most.
    """

    def __init__(
        self,
        store: Store,
        *,
        secrets: Mapping[str, Sequence[str | SecretStr]],
        providers: Iterable[Provider] | None = None,
        enrichers: Mapping[str, Enricher] | None = None,
        keep_bodies: bool = False,
        largest: int = LARGEST,
    ) -> None:
        self.store, self.keep_bodies, self.largest = store, keep_bodies, largest
        self._intake = Intake(store)
        known = default_providers() if providers is None else providers
        self._providers = {provider.name: provider for provider in known}
        self._secrets = {name: tuple(map(_secret, given)) for name, given in secrets.items()}
        self._enrichers = dict(enrichers or {})

    @property
    def providers(self) -> tuple[str, ...]:
        """Names of those who may send."""
        return tuple(self._providers)

    def receive(
        self,
        provider: str,
        headers: Mapping[str, str] | Iterable[tuple[str, str]],
        body: bytes,
        *,
        now: datetime,
        token: str | None = None,
    ) -> Receipt:
        """Verify, store and apply a delivery; whatever is wrong with it becomes the answer.

        Args:
            provider: Who is said to have sent it.
            headers: Of the request; names in any case.
            body: The raw bytes, as they came.
            now: The present moment; naive is UTC.
            token: The secret that the address carried, for those who do not sign.
        """
        moment = in_utc(now)
        # an address may be anything, and is not to write into our log
        sender = provider if provider in self._providers else None
        try:
            if len(body) > self.largest:
                raise WebhookError(
                    provider, "too_large", f"the body is over {self.largest:,} bytes", status=413
                )
            delivery = self._read(provider, lowered(headers), body, moment, token)
            return self._intake.take_in(
                delivery,
                now=moment,
                digest=_digest(delivery, body),
                body=body if self.keep_bodies else None,
            )
        except WebhookError as error:
            log.info("delivery refused", extra={"provider": sender, "reason": error.reason})
            return Receipt(
                outcome=Outcome.REFUSED,
                status=error.status,
                provider=provider,
                reason=error.reason,
                remark=str(error),
            )
        except StoreError as error:
            # without the trace, which holds what was to be stored
            log.error("delivery not stored", extra={"provider": sender, "error": str(error)})
            return _unavailable(provider, "store", "the store cannot be written now")

    def _read(
        self,
        name: str,
        headers: Mapping[str, str],
        body: bytes,
        now: datetime,
        token: str | None,
    ) -> Delivery:
        provider = self._providers.get(name)
        if provider is None:
            known = ", ".join(self._providers)
            raise WebhookError(
                name, "unknown_provider", f"nobody of this name sends here; known: {known}",
                status=404,
            )  # fmt: skip
        provider.verify(headers, body, self._secrets.get(name, ()), now=now, token=token)
        try:
            delivery = provider.read(headers, body, now=now)
            extra = self._extra(delivery)
            return provider.read(headers, body, now=now, extra=extra) if extra else delivery
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            raise WebhookError(name, "bad_shape", f"{where}: {first['msg']}") from error

    def _extra(self, delivery: Delivery) -> Mapping[str, Any] | None:
        """Ask the enricher of a delivery that tells too little."""
        enricher = self._enrichers.get(delivery.provider)
        if delivery.occurrences or delivery.merges or enricher is None:
            return None
        try:
            found = enricher(delivery)
            if found is not None and not isinstance(found, Mapping):
                raise TypeError(f"an enricher gives a mapping or None, not {type(found).__name__}")
        except Exception as error:
            # foreign code may raise anything; the delivery is then sent again
            log.warning(
                "enricher failed",
                extra={"provider": delivery.provider, "error": type(error).__name__},
            )
            raise WebhookError(
                delivery.provider, "not_enriched", "its details cannot be fetched now", status=503
            ) from error
        return found


def lowered(headers: Mapping[str, str] | Iterable[tuple[str, str]]) -> dict[str, str]:
    """Give headers with their names in lower case; of two with one name the first counts."""
    pairs = headers.items() if isinstance(headers, Mapping) else headers
    found: dict[str, str] = {}
    for name, value in pairs:
        found.setdefault(str(name).lower(), str(value))
    return found


def _digest(delivery: Delivery, body: bytes) -> str:
    """Give what tells a delivery from another one under the same topic: its body.

    Where the key is signed too, the same words under another key are told a second time.
    """
    key = delivery.key.encode("utf-8", "surrogatepass") + b"\0" if delivery.key_is_signed else b""
    return hashlib.sha256(key + body).hexdigest()


def _secret(given: str | SecretStr) -> str:
    return given.get_secret_value() if isinstance(given, SecretStr) else given


def _unavailable(provider: str, reason: str, remark: str) -> Receipt:
    return Receipt(
        outcome=Outcome.UNAVAILABLE, status=503, provider=provider, reason=reason, remark=remark
    )
