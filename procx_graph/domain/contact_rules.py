"""When and how often a customer may be written to."""

from datetime import time
from typing import Annotated, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator, model_validator

from procx_graph.domain.dealings import KEPT_CONTACTS
from procx_graph.domain.message import Channel, Purpose
from procx_graph.domain.model import Noun

Cap = Annotated[int, Field(ge=1, le=KEPT_CONTACTS)]
"""So many messages at most."""


class Caps(Noun):
    """How many messages at most, counted over those that went out; `None` is no limit."""

    per_day: Cap | None = None
    """Within 24 hours."""
    per_week: Cap | None = None
    """Within 7 times 24 hours."""


class HoursRule(Noun):
    """When messages may go out to a place. Of all that fit, the last one counts."""

    country: str | None = Field(default=None, pattern="^[A-Z]{2}$")
    """ISO 3166 code; `None` is everywhere."""
    regions: tuple[str, ...] = ()
    """Parts of the country, in every spelling that the tables use; empty is all of it."""
    days: tuple[Annotated[int, Field(ge=1, le=7)], ...] = ()
    """ISO week days, 1 is Monday; empty is every day. A window belongs to the day it opens on."""
    purposes: tuple[Purpose, ...] = ()
    """Only messages of these purposes; empty is all."""
    opens: time
    """The customer's own time; from then on, it included."""
    closes: time
    """The customer's own time; no longer then. Not after `opens`: on the next day."""
    per_day: Cap | None = None
    """So many messages within 24 hours at most, whatever the caps say."""

    @model_validator(mode="after")
    def _somewhere(self) -> Self:
        if self.regions and self.country is None:
            raise ValueError("regions without a country")
        return self

    def fits(
        self, country: str | None, region: str | None, *, weekday: int, purpose: Purpose
    ) -> bool:
        """Whether it is about such a message; a region is compared whatever its case."""
        return (
            self.covers(country, region)
            and (not self.days or weekday in self.days)
            and (not self.purposes or purpose in self.purposes)
        )

    def covers(self, country: str | None, region: str | None) -> bool:
        """Whether it is about a place."""
        if self.country is None:
            return True
        if self.country != country:
            return False
        names = {name.casefold() for name in self.regions}
        return not names or (region is not None and region.strip().casefold() in names)


class ContactRules(Noun):
    """When and how often a customer may be written to, and what must have passed since."""

    overall: Caps = Caps()
    """Over all channels together."""
    channels: dict[Channel, Caps] = Field(default_factory=dict)
    """Of each channel by itself."""
    resolved_days: int = Field(default=0, ge=0)
    """Days after a person answered a case in which no other message follows."""
    time_zone: str = "UTC"
    """IANA name: where customers are taken to be of whom neither zone nor country is known."""
    hours: tuple[HoursRule, ...] = (HoursRule(opens=time(9), closes=time(20)),)
    """From the general to the particular."""

    @field_validator("time_zone")
    @classmethod
    def _known(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(f"no time zone is called {name!r}") from error
        return name

    @field_validator("hours")
    @classmethod
    def _for_everybody(cls, rules: tuple[HoursRule, ...]) -> tuple[HoursRule, ...]:
        first = rules[0] if rules else None
        if first is None or first.country or first.days or first.purposes:
            raise ValueError("the first rule must be for every country, day and purpose")
        return rules
