"""Labelled situations: what the tables hold of a customer, and what would be right to do."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BeforeValidator, Field, field_validator, model_validator

from procx_graph.domain.clock import in_utc
from procx_graph.domain.dealings import SuppressionReason
from procx_graph.domain.decision import Action, ReasonCode
from procx_graph.domain.event import Event, EventKind
from procx_graph.domain.lane import Lane
from procx_graph.domain.message import Language, Purpose
from procx_graph.domain.model import Noun
from procx_graph.domain.situation import Sentiment, SituationKind
from procx_graph.schema import TABLES, Kind

FREE_TEXT = "free_text"
"""Tag of situations that only the customer's own words tell."""
ROWS = ("orders", "payments", "support_tickets", "nps_survey", "customer_events", "churn_labels")
"""Tables that a situation may bring rows of."""

_MOMENT = re.compile(r"([+-]\d{1,5})([dhm])")
_UNITS = {"d": "days", "h": "hours", "m": "minutes"}


def as_moment(value: Any) -> timedelta:
    """Read a moment relative to the day of the set: `-3d`, `-5h`, `+2d`."""
    if isinstance(value, timedelta):
        return value
    found = _MOMENT.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError(f"{value!r} is no moment: write e.g. -3d, -5h or +2d")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def _id(value: str) -> str:
    if not re.fullmatch(r"[a-z]{2}-[a-z0-9-]{2,50}", value):
        raise ValueError(
            f"{value!r} is no id: two letters of a language, then small letters, digits and -, "
            "e.g. en-late-order"
        )
    return value


Moment = Annotated[timedelta, BeforeValidator(as_moment)]


class Habit(Noun):
    """How a customer bought before anything happened: delivered orders, evenly spread."""

    times: int = Field(default=10, ge=0, le=200)
    every: int = Field(default=30, ge=1, le=1000)
    """Days from one to the next."""
    last: Moment = timedelta(days=-12)
    amount: float = Field(default=60.0, ge=0)


class Told(Noun):
    """An event that the run is started with."""

    kind: EventKind
    description: str = Field(default="", max_length=4000)
    at: Moment = timedelta()
    order_id: str | None = None
    sentiment: Sentiment | None = None

    def event(self, as_of: datetime) -> Event:
        """Give the event, dated."""
        return Event(
            kind=self.kind, description=self.description, occurred_at=in_utc(as_of + self.at),
            order_id=self.order_id, sentiment=self.sentiment,
        )  # fmt: skip


class Past(Noun):
    """What we had to do with the customer."""

    contacted: tuple[Moment, ...] = ()
    """When messages went out."""
    suppressed: SuppressionReason | None = None
    """Why nobody may write to them."""


class Expected(Noun):
    """What a good colleague would do, within the default policy."""

    action: Annotated[tuple[Action, ...], Field(min_length=1)]
    """The right one, or each that is right, the best first; one alone may be written as it is."""
    kind: SituationKind | None = None
    """What is going on; for the reader, and to see that every situation is there."""
    person: tuple[ReasonCode, ...] = ()
    """Why a person must look first; empty when nobody must."""
    offers: tuple[str, ...] = ()
    """Ids of offers any of which may be given, or none; empty when none may."""
    language: Language | None = None
    """To write in; `None` where there are no templates for the customer's."""
    purpose: Purpose | None = None
    """`None` when nobody is written to."""
    refused: str | None = None
    """The gate's code when it must forbid any message."""

    @field_validator("action", mode="before")
    @classmethod
    def _alone(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _coherent(self) -> Self:
        silent = self.action == (Action.NO_CONTACT,)
        if silent and (self.offers or self.purpose):
            raise ValueError("whoever is not written to gets no offer, and a purpose is for nobody")
        if self.refused and not silent:
            raise ValueError("refused goes with the action no_contact alone")
        if not silent and self.purpose is None:
            raise ValueError("a message has a purpose: service, transactional or marketing")
        return self


class LabelledSituation(Noun):
    """One customer at one moment, with the label."""

    id: Annotated[str, AfterValidator(_id)]
    """Also the customer's id, e.g. `en-late-order`."""
    about: str = Field(min_length=10, max_length=200)
    """One sentence for a reader."""
    language: str = Field(pattern="[a-z]{2}")
    """Of the customer."""
    tags: tuple[str, ...] = ()
    customer: dict[str, Any] = Field(default_factory=dict)
    """Columns of the customers table."""
    buys: Habit = Habit()
    orders: tuple[dict[str, Any], ...] = ()
    payments: tuple[dict[str, Any], ...] = ()
    support_tickets: tuple[dict[str, Any], ...] = ()
    nps_survey: tuple[dict[str, Any], ...] = ()
    customer_events: tuple[dict[str, Any], ...] = ()
    churn_labels: tuple[dict[str, Any], ...] = ()
    event: Told | None = None
    past: Past = Past()
    lane: Lane = Lane.RETENTION
    expect: Expected

    @field_validator("customer", *ROWS)
    @classmethod
    def _declared(cls, value: Any, info: Any) -> Any:
        name = "customers" if info.field_name == "customer" else info.field_name
        for row in value if isinstance(value, tuple) else (value,):
            _require_declared(name, row)
        return value

    @property
    def needs_words(self) -> bool:
        """Whether only who reads the customer's words can get it right."""
        return FREE_TEXT in self.tags


class SituationSet(Noun):
    """Labelled situations that are looked at together: they are customers of one base."""

    name: str
    situations: tuple[LabelledSituation, ...]

    def chosen(
        self,
        *,
        languages: Sequence[str] = (),
        tags: Sequence[str] = (),
        limit: int | None = None,
    ) -> tuple[LabelledSituation, ...]:
        """Give those of some languages and with all of some tags.

        At most `limit` of them are taken in turn from the languages, so that a few show all.
        """
        found = [
            one
            for one in self.situations
            if (not languages or one.language in languages) and set(tags) <= set(one.tags)
        ]
        if limit is None or limit >= len(found):
            return tuple(found)
        turns: Counter[str] = Counter()
        places = []
        for place, one in enumerate(found):
            places.append((turns[one.language], place))
            turns[one.language] += 1
        return tuple(found[place] for place in sorted(place for _, place in sorted(places)[:limit]))


def _require_declared(table: str, row: Mapping[str, Any]) -> None:
    columns = {column.name: column for column in TABLES[table].columns}
    for name, value in row.items():
        if name not in columns:
            raise ValueError(f"the table {table} has no column {name}")
        if columns[name].kind is Kind.TIMESTAMP:
            as_moment(value)
