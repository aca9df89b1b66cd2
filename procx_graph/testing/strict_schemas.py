"""What a provider refuses in a strict JSON schema, in its words.

Providers differ. This is the strictest of what was seen, so that a schema that passes here passes
elsewhere: OpenAI itself has come to accept `default`, `minLength` and `maxLength`, Azure and
several compatible servers have not.

Source: OpenAI's guide on structured outputs (supported schemas), and error messages as users of
OpenAI and Azure reported them.
"""

from collections.abc import Iterator, Mapping
from typing import Any

MOST_LEVELS = 10
MOST_PROPERTIES = 5_000
MOST_ENUM_VALUES = 1_000
MOST_CHARACTERS = 120_000
KEYWORDS = frozenset(
    {"type", "title", "description", "$schema", "$defs", "definitions", "$ref"}
    | {"properties", "required", "additionalProperties", "items", "anyOf", "enum", "const"}
    | {"pattern", "format", "minItems", "maxItems", "multipleOf"}
    | {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}
)
TYPES = frozenset({"object", "array", "string", "number", "integer", "boolean", "null"})
FORMATS = frozenset(
    {"date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid"}
)
Context = tuple[str, ...]


def objection(schema: object) -> str | None:
    """Say why a strict schema is refused, or `None` when it is not."""
    kind = schema.get("type") if isinstance(schema, Mapping) else None
    if not isinstance(schema, Mapping) or kind != "object":
        return f"schema must be a JSON Schema of 'type: \"object\"', got 'type: \"{kind}\"'."
    return next(_of_node(schema, (), schema), None) or next(_of_size(schema), None)


def resolve(reference: object, root: Mapping[str, Any]) -> Any:
    """Give what a `$ref` within a schema names, or `None`."""
    found: Any = root
    for step in str(reference).removeprefix("#").strip("/").split("/"):
        if step and not isinstance(found, Mapping):
            return None
        found = found.get(step) if step else found
    return found


def children(node: Mapping[str, Any]) -> Iterator[tuple[Context, Any]]:
    """Give the schemas within a schema, each with the way to it."""
    for table in ("properties", "$defs", "definitions"):
        held = node.get(table)
        for name, child in held.items() if isinstance(held, Mapping) else ():
            yield (table, str(name)), child
    if "items" in node:
        yield ("items",), node["items"]
    options = node.get("anyOf")
    for number, child in enumerate(options if isinstance(options, list) else ()):
        yield ("anyOf", str(number)), child


def _of_node(node: object, at: Context, root: Mapping[str, Any]) -> Iterator[str]:
    where = f"In context={at}, "
    if not isinstance(node, Mapping):
        yield f"{where}schema must be an object, got {node!r}."
        return
    for word in (word for word in node if word not in KEYWORDS):
        yield f"{where}'{word}' is not permitted."
    if "$ref" in node:
        yield from (where + what for what in _of_reference(node, root))
    elif not {"type", "anyOf", "enum", "const"} & set(node):
        yield f"{where}schema must have a 'type' key."
    yield from (where + what for what in _of_type(node))
    for way, child in children(node):
        yield from _of_node(child, at + way, root)


def _of_reference(node: Mapping[str, Any], root: Mapping[str, Any]) -> Iterator[str]:
    if beside := sorted(set(node) - {"$ref", "$defs", "definitions"}):
        yield f"$ref cannot have keywords {{{', '.join(map(repr, beside))}}}."
    if not isinstance(resolve(node["$ref"], root), Mapping):
        yield f"reference to component '{node['$ref']}' which was not found in the schema."


def _of_type(node: Mapping[str, Any]) -> Iterator[str]:
    kinds = node.get("type", [])
    kinds = kinds if isinstance(kinds, list) else [kinds]
    for kind in (kind for kind in kinds if kind not in TYPES):
        yield f"'{kind}' is not valid under any of the given schemas."
    if "object" in kinds or "properties" in node:
        yield from _of_object(node)
    if "array" in kinds and "items" not in node:
        yield "array schema missing items."
    if (written := node.get("format")) is not None and written not in FORMATS:
        yield f"'{written}' is not a valid format."


def _of_object(node: Mapping[str, Any]) -> Iterator[str]:
    if node.get("additionalProperties") is not False:
        yield "'additionalProperties' is required to be supplied and to be false."
    properties = node.get("properties") or {}
    required = node.get("required")
    required = required if isinstance(required, list) else []
    for name in (name for name in properties if name not in required):
        yield (
            "'required' is required to be supplied and to be an array including every key in "
            f"properties. Missing '{name}'."
        )
    for name in (name for name in required if name not in properties):
        yield f"'required' is required to be an array of keys in properties. Extra '{name}'."


def _of_size(root: Mapping[str, Any]) -> Iterator[str]:
    nodes = [root, *_within(root)]
    names = [str(name) for node in nodes for name in node.get("properties") or ()]
    values = [value for node in nodes for value in node.get("enum") or ()]
    words = [str(node["const"]) for node in nodes if "const" in node] + [
        str(name) for node in nodes for name in node.get("$defs") or node.get("definitions") or ()
    ]
    characters = sum(map(len, [*names, *words, *map(str, values)]))
    if (levels := _levels(root, root, frozenset())) > MOST_LEVELS:
        yield f"{levels} levels of nesting exceeds limit of {MOST_LEVELS}."
    if len(names) > MOST_PROPERTIES:
        yield f"{len(names)} object properties exceeds limit of {MOST_PROPERTIES}."
    if len(values) > MOST_ENUM_VALUES:
        yield f"{len(values)} enum values exceeds limit of {MOST_ENUM_VALUES}."
    if characters > MOST_CHARACTERS:
        yield f"{characters} characters in names and values exceeds limit of {MOST_CHARACTERS}."


def _within(node: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for _, child in children(node):
        yield child
        yield from _within(child)


def _levels(node: Mapping[str, Any], root: Mapping[str, Any], seen: frozenset[str]) -> int:
    """How many objects and arrays are within one another; one that holds itself counts once."""
    if "$ref" in node:
        name = str(node["$ref"])
        return 0 if name in seen else _levels(resolve(name, root), root, seen | {name})
    inner = [
        _levels(child, root, seen)
        for way, child in children(node)
        if way[0] not in {"$defs", "definitions"}
    ]
    here = 1 if "properties" in node or "items" in node else 0
    return here + max(inner, default=0)
