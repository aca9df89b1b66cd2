"""JSON schemas as providers take them in strict mode, in few tokens."""

from functools import lru_cache
from typing import Any

from pydantic import BaseModel

_KEPT = frozenset({"type", "enum", "anyOf", "description"})
"""What strict mode knows everywhere. Ranges and lengths are told in words and checked by us."""


@lru_cache(maxsize=256)
def strict_schema(result: type[BaseModel]) -> dict[str, Any]:
    """Give the schema of a result: every field required, none beyond them, no default.

    Types that it uses are written out where they stand, and of all texts only those of the fields
    are told. The schema of a result that contains itself is not for this.
    """
    schema = result.model_json_schema()
    types = {name: _untold(named) for name, named in schema.get("$defs", {}).items()}
    return {"title": result.__name__, **_strict(_untold(schema), types)}


def _untold(node: dict[str, Any]) -> dict[str, Any]:
    """Leave out a type's own text, which is a docstring for us."""
    return {key: value for key, value in node.items() if key != "description"}


def _strict(node: dict[str, Any], types: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in node:
        named = types[node["$ref"].rsplit("/", 1)[-1]]
        told = {"description": node["description"]} if "description" in node else {}
        return {**_strict(named, types), **told}
    kept = {key: value for key, value in node.items() if key in _KEPT}
    if "const" in node:
        kept["enum"] = [node["const"]]
    if "anyOf" in node:
        kept["anyOf"] = [_strict(part, types) for part in node["anyOf"]]
    if "items" in node:
        kept["items"] = _strict(node["items"], types)
    if node.get("type") == "object":
        fields = node.get("properties", {})
        kept["properties"] = {name: _strict(part, types) for name, part in fields.items()}
        kept["required"] = list(fields)
        kept["additionalProperties"] = False
    return kept
