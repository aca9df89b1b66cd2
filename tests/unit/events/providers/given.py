"""Deliveries that the tests share: recorded bodies, damaged ones, and strange ones."""

import json
import string
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st

from procx_graph.errors import WebhookError
from procx_graph.events.providers.provider import Delivery

WEBHOOKS = Path(__file__).parents[5] / "shared" / "webhooks"


def recorded_text(provider: str, name: str) -> str:
    """Give a recorded file as it is, where the recordings lie beside the checkout."""
    path = WEBHOOKS / provider / name
    if not path.exists():
        pytest.skip("the recorded webhooks are not in ../shared/webhooks")
    return path.read_text(encoding="utf-8")


def recorded(provider: str, name: str) -> dict[str, Any]:
    """Give a recorded body."""
    found: dict[str, Any] = json.loads(recorded_text(provider, f"{name}.json"))
    return found


def names_of(provider: str) -> list[str]:
    """Give the names of all recorded bodies of a provider."""
    return sorted(path.stem for path in (WEBHOOKS / provider).glob("*.json"))


def flipped(body: bytes) -> Iterator[bytes]:
    """Give the body once for each of its bytes with that byte changed."""
    for place in range(len(body)):
        yield body[:place] + bytes([body[place] ^ 1]) + body[place + 1 :]


def damaged(headers: Mapping[str, str], name: str) -> Iterator[dict[str, str]]:
    """Give the headers once for each character of one of them with that character changed."""
    value = headers[name]
    for place, char in enumerate(value):
        other = chr(ord(char) ^ 1)
        yield {**headers, name: f"{value[:place]}{other}{value[place + 1 :]}"}


def read_or_refused(read: Callable[[], Delivery]) -> None:
    """Read a delivery, which may give one that can be stored or call the request a bad one."""
    try:
        delivery = read()
    except WebhookError as refused:
        if refused.status != 400:
            raise
    else:
        assert Delivery.model_validate_json(delivery.model_dump_json()) == delivery


STRANGE = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(min_value=10**20, max_value=10**400),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=20),
    st.text(alphabet=string.digits + "+-.:TZ#@ ", max_size=30),
    st.sampled_from(
        [
            "",
            " ",
            "\x00",
            "\ud800",
            "x" * 5000,
            "9" * 400,
            "a@b",
            f"{'ß' * 60}@{'ß' * 250}",
            "1e999999",
            "NaN",
            "2025-01-10T14:32:00Z",
            "0001-01-01T00:00:00+23:59",
        ]
    ),
)
"""Values that no provider sends, or nobody expects."""

JSON = st.recursive(
    STRANGE,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=12,
)


def objects(*names: str) -> st.SearchStrategy[dict[str, Any]]:
    """Give JSON objects in which the names may mean anything."""
    return st.fixed_dictionaries({}, optional=dict.fromkeys(names, JSON))


@st.composite
def bent(draw: st.DrawFn, body: dict[str, Any], times: int = 4) -> dict[str, Any]:
    """Give a body in which a few values, wherever they lie, are replaced by strange ones."""
    changed: dict[str, Any] = json.loads(json.dumps(body))
    for _ in range(draw(st.integers(1, times))):
        holder: Any = changed
        while True:
            keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
            if not keys:
                break
            key = draw(st.sampled_from(keys))
            if isinstance(holder[key], dict | list) and holder[key] and draw(st.booleans()):
                holder = holder[key]
                continue
            holder[key] = draw(JSON)
            break
    return changed
