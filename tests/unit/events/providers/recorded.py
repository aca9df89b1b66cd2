"""Deliveries recorded from the providers, where they lie beside the checkout, and damaged ones."""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st

from procx_graph.errors import WebhookError
from procx_graph.events.providers.provider import Delivery

FOLDER = Path(__file__).parents[5] / "shared" / "webhooks"

JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["\ud800", "\x00", "9" * 400, "2025-01-10T14:32:00Z", 10**400, -1, 1e308]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
"""Anything that may stand in a JSON body."""


def recorded(name: str) -> str:
    """Give a recorded body, or skip the test."""
    path = FOLDER / name
    if not path.exists():
        pytest.skip("the recorded deliveries are not in ../shared/webhooks")
    return path.read_text(encoding="utf-8")


def recorded_json(name: str) -> Any:
    """Give a recorded body as JSON, or skip the test."""
    return json.loads(recorded(name))


def objects(*names: str) -> st.SearchStrategy[dict[str, Any]]:
    """Give JSON objects in which the names may mean anything."""
    return st.fixed_dictionaries({}, optional=dict.fromkeys(names, JSON_VALUES))


def flipped(body: bytes) -> Iterator[bytes]:
    """Give the body once for each of its bytes with that byte changed."""
    for place in range(len(body)):
        yield body[:place] + bytes([body[place] ^ 1]) + body[place + 1 :]


def read_or_refused(read: Callable[[], Delivery]) -> None:
    """Read a delivery, which may give one that can be stored or call the request a bad one."""
    try:
        delivery = read()
    except WebhookError as refused:
        if refused.status != 400:
            raise
    else:
        delivery.model_dump_json()


def damaged(headers: Mapping[str, str], name: str) -> Iterator[dict[str, str]]:
    """Give the headers once for each character of one of them with that character changed."""
    value = headers[name]
    for place, char in enumerate(value):
        other = chr(ord(char) ^ 1)
        yield {**headers, name: f"{value[:place]}{other}{value[place + 1 :]}"}
