"""The smallest value of a schema is small, and the schema allows it."""

from datetime import date
from typing import Annotated, Any, Literal

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from procx_graph.testing.smallest import smallest


class Offer(BaseModel):
    id: str
    rate: Annotated[float, Field(gt=0.05, le=0.3)]


class Proposal(BaseModel):
    kind: Literal["email", "call"]
    why: str
    offer: Offer | None
    offers: Annotated[list[Offer], Field(min_length=2)]
    until: date
    priority: Annotated[int, Field(ge=1, le=5)]
    sure: bool
    below: "Proposal | None"


def test_a_model_reads_the_smallest_value_of_its_own_schema() -> None:
    read = Proposal.model_validate(smallest(Proposal.model_json_schema()))

    assert (read.kind, read.why, read.offer, read.priority) == ("email", "why", None, 1)
    assert len(read.offers) == 2


def test_a_schema_that_has_only_itself_within_ends() -> None:
    schema = {"$ref": "#/$defs/n", "$defs": {"n": {"anyOf": [{"$ref": "#/$defs/n"}]}}}

    assert smallest(schema) is None


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string", "minLength": 9},
        {"type": "string", "maxLength": 2},
        {"type": "number", "exclusiveMinimum": 0},
        {"type": "number", "exclusiveMaximum": -3},
        {"type": "integer", "maximum": -3},
        {"type": "integer", "exclusiveMinimum": 4, "multipleOf": 2},
        {"enum": ["a", 1]},
        {"const": {"a": 1}},
        {"type": ["string", "null"]},
        {"type": "array", "items": {"type": "boolean"}, "minItems": 3},
        {"properties": {"a": {"type": "integer"}}, "required": ["a"]},
    ],
)
def test_the_schema_allows_it(schema: dict[str, Any]) -> None:
    jsonschema.validate(smallest(schema), schema)


@given(
    low=st.integers(-50, 50), room=st.integers(1, 20), step=st.integers(1, 5), whole=st.booleans()
)
def test_a_number_keeps_its_bounds(low: int, room: int, step: int, whole: bool) -> None:
    schema: dict[str, Any] = {"minimum": low, "exclusiveMaximum": low + room}
    schema |= {"type": "integer", "multipleOf": step} if whole else {"type": "number"}

    value = smallest(schema)

    if not whole or any(number % step == 0 for number in range(low, low + room)):
        jsonschema.validate(value, schema)
