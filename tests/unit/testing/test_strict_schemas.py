"""A strict schema is refused as a provider refuses it, with the place and the reason."""

from enum import StrEnum
from typing import Any

import openai
import pytest
from pydantic import BaseModel

from procx_graph.testing.strict_schemas import objection

TEXT = {"type": "string"}


class Tone(StrEnum):
    WARM = "warm"
    PLAIN = "plain"


class Line(BaseModel):
    text: str
    tone: Tone
    notes: list[str]


class Draft(BaseModel):
    subject: str | None
    lines: list[Line]
    first: Line


def closed(**properties: Any) -> dict[str, Any]:
    """An object that has these properties and no others."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def nested(levels: int) -> dict[str, Any]:
    schema = closed(end=TEXT)
    for _ in range(levels - 1):
        schema = closed(within=schema)
    return schema


@pytest.mark.parametrize(
    "schema",
    [
        openai.pydantic_function_tool(Draft)["function"]["parameters"],
        closed(),
        closed(when={"type": ["string", "null"], "format": "date"}),
        closed(rate={"type": "number", "minimum": 0, "maximum": 1}),
        closed(one={"anyOf": [TEXT, {"type": "null"}]}, two={"const": 1}),
        {**closed(node={"$ref": "#/$defs/n"}), "$defs": {"n": closed(next={"$ref": "#/$defs/n"})}},
        nested(10),
    ],
)
def test_what_a_provider_takes_is_taken(schema: dict[str, Any]) -> None:
    assert objection(schema) is None


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ({"type": "array", "items": TEXT}, "got 'type: \"array\"'"),
        ({"anyOf": [closed()]}, "got 'type: \"None\"'"),
        ("text", "got 'type: \"None\"'"),
        ({**closed(a=TEXT), "additionalProperties": True}, "'additionalProperties' is required"),
        ({"type": "object", "properties": {}}, "'additionalProperties' is required"),
        (closed(a={"type": "object"}), "context=('properties', 'a'), 'additionalProperties'"),
        ({**closed(a=TEXT, b=TEXT), "required": ["a"]}, "Missing 'b'"),
        ({**closed(a=TEXT), "required": ["a", "c"]}, "Extra 'c'"),
        (closed(a={**TEXT, "default": "x"}), "context=('properties', 'a'), 'default' is not"),
        (closed(a={**TEXT, "minLength": 1}), "'minLength' is not permitted"),
        (closed(a={"oneOf": [TEXT], "type": "string"}), "'oneOf' is not permitted"),
        (closed(a={"type": "array", "prefixItems": [TEXT]}), "'prefixItems' is not permitted"),
        (closed(a={"type": "array"}), "array schema missing items"),
        (closed(a={}), "schema must have a 'type' key"),
        (closed(a=True), "schema must be an object"),
        (closed(a={"type": "text"}), "'text' is not valid"),
        (closed(a={**TEXT, "format": "uri"}), "'uri' is not a valid format"),
        (closed(a={"$ref": "#/$defs/x"}), "'#/$defs/x' which was not found"),
        (
            {**closed(a={"$ref": "#/$defs/x", "description": "d"}), "$defs": {"x": TEXT}},
            "$ref cannot have keywords {'description'}",
        ),
        (
            {**closed(), "$defs": {"x": {"type": "object"}}},
            "context=('$defs', 'x'), 'additionalProperties'",
        ),
        (
            closed(a={"anyOf": [{"type": "null"}, {"allOf": []}]}),
            "('properties', 'a', 'anyOf', '1'",
        ),
        (nested(11), "11 levels of nesting exceeds limit of 10"),
        (closed(**{f"p{n}": TEXT for n in range(5_001)}), "5001 object properties exceeds"),
        (closed(a={"enum": [str(n) for n in range(1_001)]}), "1001 enum values exceeds"),
        (closed(a={"enum": ["x" * 120_001]}), "characters in names and values exceeds"),
    ],
)
def test_what_a_provider_refuses_is_refused_with_its_reason(schema: object, said: str) -> None:
    assert said in (objection(schema) or "")
