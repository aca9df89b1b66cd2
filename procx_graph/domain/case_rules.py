"""How people work on cases: business hours, warnings, and what counts as the same matter."""

from datetime import date, time
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator, model_validator

from procx_graph.domain.decision import ReasonCode
from procx_graph.domain.model import Noun

if TYPE_CHECKING:
    from collections.abc import Container


@lru_cache(maxsize=64)
def public_holidays(country: str) -> "Container[date]":
    """Give the public holidays of a country, or of a part of it such as "IN-TN".

    Raises:
        ValueError: No such country or part is known.
    """
    from holidays import country_holidays

    name, _, part = country.upper().partition("-")
    try:
        found: Container[date] = country_holidays(name, subdiv=part or None)
    except NotImplementedError as error:
        raise ValueError(f"no holidays are known of {country!r}: say a code like IN") from error
    return found


class Calendar(Noun):
    """When a team works. The clock of a case stands still outside these hours."""

    time_zone: str = "UTC"
    """IANA name."""
    days: tuple[Annotated[int, Field(ge=1, le=7)], ...] = (1, 2, 3, 4, 5)
    """ISO week days: 1 is Monday."""
    opens: time = time(9)
    closes: time = time(18)
    """Local time; `opens` equal to `closes` is round the clock."""
    holidays: str | None = None
    """Country whose public holidays are free, such as "IN" or "IN-TN"; `None` for none."""

    @field_validator("time_zone")
    @classmethod
    def _known(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"no time zone is called {name!r}") from error
        return name

    @field_validator("holidays")
    @classmethod
    def _observed(cls, country: str | None) -> str | None:
        if country is not None:
            public_holidays(country)
        return country

    @model_validator(mode="after")
    def _works(self) -> Self:
        if not self.days:
            raise ValueError("a team works on one day at least")
        if self.opens > self.closes:
            raise ValueError("opens is after closes")
        return self

    @property
    def round_the_clock(self) -> bool:
        """Whether the clock never stands still on a working day."""
        return self.opens == self.closes


class CaseRules(Noun):
    """How long cases may take, and how they hang together."""

    calendar: Calendar = Calendar()
    """Of teams that have none of their own."""
    calendars: dict[str, Calendar] = Field(default_factory=dict)
    """By team."""
    warn_at: tuple[Annotated[float, Field(gt=0, lt=1)], ...] = (0.5, 0.8)
    """Shares of the time after which somebody is warned, rising."""
    reopen_days: int = Field(default=14, ge=0)
    """A case about the same matter within this of the last one's end goes on with it."""
    draft_days: int = Field(default=7, ge=1)
    """A draft older than this may no longer be approved as it is."""
    groups: dict[str, tuple[ReasonCode, ...]] = Field(default_factory=dict)
    """Reasons that are one matter, by name; a reason in none is a matter of its own."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if list(self.warn_at) != sorted(set(self.warn_at)):
            raise ValueError("warn_at must rise")
        grouped = [code for codes in self.groups.values() for code in codes]
        if len(grouped) != len(set(grouped)):
            raise ValueError("a reason is in two groups")
        return self

    def group_of(self, code: ReasonCode) -> str:
        """Name the matter that a reason belongs to."""
        return next((name for name, codes in self.groups.items() if code in codes), code.value)

    def calendar_of(self, team: str) -> Calendar:
        """Give when a team works."""
        return self.calendars.get(team, self.calendar)
