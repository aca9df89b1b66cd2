"""Playing deliveries one after the other, and seeing what each does to its customers."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from procx_graph.domain.clock import in_utc
from procx_graph.domain.model import Noun
from procx_graph.domain.profile import Profile
from procx_graph.errors import DataError, WebhookError
from procx_graph.events import Receipt
from procx_graph.events.inbox import take_in
from procx_graph.events.payload import read_payload
from procx_graph.events.providers import default_providers
from procx_graph.events.providers.provider import Delivery
from procx_graph.events.receiver import lowered
from procx_graph.monitor.rescoring import Rescored, Rescorer
from procx_graph.store.database import Store


@dataclass(frozen=True, slots=True)
class Recorded:
    """A delivery as a file keeps it: not verified, since whoever has the file vouches for it.

    Attributes:
        provider: Who sent it; None for an event of our own shape.
        headers: Of the request.
        body: Of the request, or the event.
        place: Where it stands, for messages.
    """

    provider: str | None
    headers: Mapping[str, str]
    body: Any
    place: str


class Step(Noun):
    """What one delivery did."""

    now: datetime
    """The moment it was taken in: when it happened, but never before the tables end."""
    raw: Any
    """The delivery as JSON."""
    receipt: Receipt
    rescored: tuple[Rescored, ...]
    """The customers it is about, scored again."""


@dataclass
class Hand:
    """A clock that is set from delivery to delivery."""

    at: datetime

    def now(self) -> datetime:
        """Give the moment that it was set to."""
        return self.at


def read_recorded(path: Path) -> list[Recorded]:
    """Read a file with a delivery on each line: JSON, empty lines and lines with # left out.

    A line is an event of our own shape (`events.payload`), or an object with `provider`, `body`
    and, where the provider needs them, `headers`.

    Raises:
        DataError: The file cannot be read, or a line is no JSON object.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is no text in UTF-8"
        raise DataError(f"cannot read {path}: {why}") from error
    found = []
    for number, line in enumerate(lines, start=1):
        if line.strip() and not line.startswith("#"):
            found.append(_recorded(line, f"{path.name} line {number}"))
    return found


def play(
    recorded: Iterable[Recorded],
    store: Store,
    *,
    since: datetime,
    profile: Profile,
) -> Iterator[Step]:
    """Take deliveries in one after the other, and score again whom each is about.

    Args:
        recorded: The deliveries.
        store: A live store in which a scan with the profile is recorded.
        since: The moment of its tables.
        profile: How customers are scored.

    Raises:
        DataError: A delivery is not of its provider's shape; those before it are kept.
        StoreError: The store cannot be used.
    """
    clock = Hand(in_utc(since))
    with Rescorer(store, clock=clock, profile=profile) as rescorer:
        for one in recorded:
            delivery, body = _delivery(one, clock.at)
            clock.at = max(clock.at, delivery.occurred_at)
            receipt = take_in(
                store, delivery, now=clock.at, digest=hashlib.sha256(body).hexdigest()
            )
            rescored = tuple(rescorer.run())
            yield Step(now=clock.at, raw=one.body, receipt=receipt, rescored=rescored)


def _recorded(line: str, place: str) -> Recorded:
    try:
        told = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise DataError(f"{place}: this is no JSON") from error
    if not isinstance(told, dict):
        raise DataError(f"{place}: this is no JSON object")
    if "provider" not in told:
        return Recorded(None, {}, told, place)
    provider, headers = told["provider"], told.get("headers") or {}
    if not isinstance(provider, str) or not isinstance(headers, dict) or "body" not in told:
        raise DataError(f"{place}: a delivery has a provider, a body, and headers by name")
    return Recorded(provider, lowered(headers), told["body"], place)


def _delivery(one: Recorded, now: datetime) -> tuple[Delivery, bytes]:
    text = one.body if isinstance(one.body, str) else json.dumps(one.body, sort_keys=True)
    body = text.encode("utf-8", "surrogatepass")
    try:
        if one.provider is None:
            return read_payload(one.body, key=None, now=now), body
        providers = {provider.name: provider for provider in default_providers()}
        if one.provider not in providers:
            known = ", ".join(providers)
            raise DataError(f"{one.place}: no provider {one.provider!r}; known: {known}")
        return providers[one.provider].read(one.headers, body, now=now), body
    except WebhookError as error:
        raise DataError(f"{one.place}: {error}") from error
