"""The state of a run: JSON-native in the channels, typed models for the agents."""

import operator
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Required, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from typing_extensions import TypedDict

from procx_graph.domain.clock import in_utc
from procx_graph.domain.lane import Lane
from procx_graph.domain.message import Channel, Language
from procx_graph.errors import DataError

Json = dict[str, Any]
Update = dict[str, Any]
NounT = TypeVar("NounT", bound=BaseModel)


class InputState(TypedDict, total=False):
    """What a run is started with; only the customer id is needed."""

    customer_id: Required[
        Annotated[str, Field(description="Id of the customer", examples=["C100042"])]
    ]
    event: Annotated[Json | None, Field(description="What happened, as a domain Event; optional")]
    score: Annotated[Json | None, Field(description="The monitor's score; derived when absent")]


class RetentionState(InputState, total=False):
    """What the agents add, each under its own name. Contact data and names never enter."""

    run_id: str
    now: str
    options: Json
    permit: Json
    situation: Json
    pattern: Json
    decision: Json
    packet: Json
    review: Json
    message: Json | None
    degraded: Annotated[list[str], operator.add]
    asked: Annotated[list[Json], operator.add]


class RunOptions(BaseModel):
    """How one run behaves; copied into the state by the first node, so that a resume keeps it."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    language: Language | None = None
    """Write in this language instead of the customer's own."""
    channel: Channel | None = None
    """Use this channel, if it reaches the customer."""
    lane: Lane = Lane.RETENTION
    """Whom the run is for; only in the win-back lane may the dormant get marketing."""
    dry_run: bool = False
    """Decide and draft, but open no review and pause for nobody."""
    models: bool = True
    """Let language models help where the graph has some; rules alone when not."""
    run_id: str | None = None
    """Identity of the run; derived from thread and customer when absent."""
    now: datetime | None = None
    """The moment of the run; the graph's clock when absent."""


def update(**values: BaseModel | str | list[str] | Sequence[BaseModel] | None) -> Update:
    """Make a partial update of the state out of typed values; an empty list adds nothing.

    Raises:
        KeyError: The state knows no such key; langgraph would drop it silently.
    """
    unknown = values.keys() - RetentionState.__annotations__.keys()
    if unknown:
        raise KeyError(f"the retention state has no {', '.join(sorted(unknown))}")
    return {key: _native(value) for key, value in values.items() if value != []}


def _native(value: Any) -> Any:
    """Give a value as JSON has it."""
    if isinstance(value, list):
        return [_native(part) for part in value]
    return value.model_dump(mode="json") if isinstance(value, BaseModel) else value


def read(state: Mapping[str, Any], key: str, noun: type[NounT]) -> NounT:
    """Give one value of the state as its typed model."""
    return noun.model_validate(state[key])


def read_optional(state: Mapping[str, Any], key: str, noun: type[NounT]) -> NounT | None:
    """Give one value of the state as its typed model, `None` when the run has none."""
    value = state.get(key)
    return None if value is None else noun.model_validate(value)


def read_input(state: Mapping[str, Any], key: str, noun: type[NounT]) -> NounT | None:
    """Give a value that came from outside as its typed model, `None` when there is none.

    Raises:
        DataError: It is not such a value.
    """
    try:
        return read_optional(state, key, noun)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in (key, *first["loc"]))
        raise DataError(f"{where}: {first['msg']}") from error


def moment(state: Mapping[str, Any]) -> datetime:
    """Give the run's moment, aware and in UTC."""
    return in_utc(datetime.fromisoformat(state["now"]))
