"""Deliveries that the tests share: recorded bodies, and strange ones."""

import json
import string
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st

WEBHOOKS = Path(__file__).parents[5] / "shared" / "webhooks"


def recorded(provider: str, name: str) -> dict[str, Any]:
    """Give a recorded body, where the recordings lie beside the checkout."""
    path = WEBHOOKS / provider / f"{name}.json"
    if not path.exists():
        pytest.skip("the recorded webhooks are not in ../shared/webhooks")
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def names_of(provider: str) -> list[str]:
    """Give the names of all recorded bodies of a provider."""
    return sorted(path.stem for path in (WEBHOOKS / provider).glob("*.json"))


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
            "a@b",
            "1e999999",
            "NaN",
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
