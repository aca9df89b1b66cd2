"""Schemas that strict providers take."""

from typing import Literal

import pytest
from pydantic import BaseModel, Field

from procx_graph.domain.decision import Action
from procx_graph.graphs.retention.choice import choice_among
from procx_graph.graphs.retention.refine import PatternName, Reading, Wording
from procx_graph.llm.strict_schema import strict_schema
from procx_graph.testing.strict_schemas import objection

CHOICES = [
    choice_among((Action.CHECK_IN,), ()),
    choice_among((Action.RE_ENGAGE, Action.NO_CONTACT), ("come-back-5",)),
]


class Part(BaseModel):
    """Not told."""

    size: int | None = Field(default=None, ge=0, description="in grams")


class Whole(BaseModel):
    """Not told either."""

    kind: Literal["a"] = "a"
    parts: list[Part] = Field(default_factory=list, max_length=3)
    one: Part = Field(description="the best")


@pytest.mark.parametrize("result", [Whole, Reading, PatternName, Wording, *CHOICES])
def test_a_strict_provider_takes_the_schema_of_every_answer(result: type[BaseModel]) -> None:
    assert objection(strict_schema(result)) is None


def test_every_field_is_required_and_types_stand_where_they_are_used() -> None:
    part = {
        "type": "object",
        "properties": {
            "size": {"anyOf": [{"type": "integer"}, {"type": "null"}], "description": "in grams"}
        },
        "required": ["size"],
        "additionalProperties": False,
    }

    assert strict_schema(Whole) == {
        "title": "Whole",
        "type": "object",
        "properties": {
            "kind": {"enum": ["a"], "type": "string"},
            "parts": {"type": "array", "items": part},
            "one": {**part, "description": "the best"},
        },
        "required": ["kind", "parts", "one"],
        "additionalProperties": False,
    }


def test_a_choice_can_name_only_what_is_allowed() -> None:
    fields = strict_schema(CHOICES[1])["properties"]

    assert fields["action"]["enum"] == ["re_engage", "no_contact"]
    assert fields["offer_id"]["anyOf"][0]["enum"] == ["come-back-5"]
    assert strict_schema(CHOICES[0])["properties"]["offer_id"]["type"] == "null"
