"""The smallest value that a JSON schema allows."""

import math
from collections.abc import Mapping
from typing import Any

from procx_graph.testing.strict_schemas import resolve

EXAMPLES = {
    "date-time": "2025-01-01T00:00:00Z",
    "time": "00:00:00Z",
    "date": "2025-01-01",
    "duration": "P1D",
    "email": "someone@example.com",
    "hostname": "example.com",
    "ipv4": "127.0.0.1",
    "ipv6": "::1",
    "uuid": "00000000-0000-4000-8000-000000000000",
}


def smallest(schema: Mapping[str, Any], *, named: str = "text") -> Any:
    """Make the smallest value that a schema allows.

    `null` where it may be, the first of an enum, no more items than asked for, the number nearest
    to zero. A text is the name of its field, so that it is not blank. A `pattern` is not heeded.

    Args:
        schema: A JSON schema, as `model_json_schema()` gives it.
        named: What a text consists of where no field names it.
    """
    return _Smallest(schema).of(schema, named, frozenset())


class _Smallest:
    """Walks one schema; `within` names the references that are being followed."""

    def __init__(self, root: Mapping[str, Any]) -> None:
        self.root = root

    def of(self, node: Mapping[str, Any], named: str, within: frozenset[str]) -> Any:
        if "$ref" in node:
            name = str(node["$ref"])
            found = None if name in within else resolve(name, self.root)
            return self.of(found, named, within | {name}) if found else None
        if "const" in node:
            return node["const"]
        if options := node.get("enum"):
            return None if None in options else options[0]
        if options := node.get("anyOf") or node.get("oneOf") or node.get("allOf"):
            return self._option(options, named, within)
        kinds = node.get("type", "object" if "properties" in node else "null")
        kind = kinds if isinstance(kinds, str) else "null" if "null" in kinds else kinds[0]
        return self._of_kind(kind, node, named, within)

    def _option(self, options: list[Any], named: str, within: frozenset[str]) -> Any:
        if {"type": "null"} in options:
            return None
        ends = [one for one in options if one.get("$ref") not in within]
        return self.of((ends or options)[0], named, within)

    def _of_kind(
        self, kind: str, node: Mapping[str, Any], named: str, within: frozenset[str]
    ) -> Any:
        if kind == "object":
            properties = node.get("properties") or {}
            required = node.get("required", ())
            return {
                name: self.of(properties[name], name, within)
                for name in properties
                if name in required
            }
        if kind == "array":
            least = int(node.get("minItems", 0))
            return [self.of(node.get("items") or {}, named, within) for _ in range(least)]
        if kind == "string":
            return _text(node, named)
        if kind in {"integer", "number"}:
            return _number(node, whole=kind == "integer")
        return False if kind == "boolean" else None


def _text(node: Mapping[str, Any], named: str) -> str:
    text = EXAMPLES.get(str(node.get("format")), named)
    return text.ljust(int(node.get("minLength", 0)), "-")[: node.get("maxLength")]


def _number(node: Mapping[str, Any], *, whole: bool) -> float:
    step = node.get("multipleOf") or (1 if whole else None)
    low = node.get("minimum", -math.inf)
    high = node.get("maximum", math.inf)
    above = node.get("exclusiveMinimum", -math.inf)
    below = node.get("exclusiveMaximum", math.inf)
    if low <= 0 <= high and above < 0 < below:
        return 0
    positive = low > 0 or above >= 0
    edge, open_edge = (
        (max(low, above), above >= low) if positive else (min(high, below), below <= high)
    )
    if step is None:
        room = (min(high, below) - edge) if positive else (max(low, above) - edge)
        aside = room / 2 if math.isfinite(room) else math.copysign(1, room)
        return float(edge + aside) if open_edge else float(edge)
    steps = math.ceil(edge / step) if positive else math.floor(edge / step)
    if open_edge and steps * step == edge:
        steps += 1 if positive else -1
    value = steps * step
    return int(value) if whole else float(value)
