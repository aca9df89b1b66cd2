"""What became of what we did for a customer."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from procx_graph.domain.clock import in_utc
from procx_graph.domain.model import Noun

Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class OutcomeKind(StrEnum):
    """What is told of a customer or of a run."""

    CONTACTED = "contacted"
    """Somebody reached the customer."""
    REPLIED = "replied"
    ACCEPTED = "accepted"
    """The customer took the offer."""
    RESOLVED = "resolved"
    """What was wrong is mended."""
    CSAT = "csat"
    """The customer's rating of it, 1 to 5."""
    RETAINED_30 = "retained_30"
    """Whether they bought within 30 days: 1 or 0."""
    RETAINED_60 = "retained_60"
    RETAINED_90 = "retained_90"
    FALSE_ALARM = "false_alarm"
    """There was nothing to act on; the value 0 says that there was."""
    PREMATURE = "premature"
    """There was, but it was too early to act."""

    @property
    def window(self) -> int | None:
        """Days within which a purchase counts, `None` for what has no window."""
        return _WINDOWS.get(self)

    @classmethod
    def retained(cls, days: int) -> Self:
        """Give the kind of a window."""
        return cls(f"retained_{days}")


_WINDOWS = {
    OutcomeKind.RETAINED_30: 30,
    OutcomeKind.RETAINED_60: 60,
    OutcomeKind.RETAINED_90: 90,
}
WINDOWS = tuple(_WINDOWS.values())
"""Days of the retention windows."""


class Outcome(Noun):
    """One word about a customer, and about one of their runs where that is known."""

    outcome_id: Word
    """The same id twice is the same word."""
    customer_id: Word
    kind: OutcomeKind
    at: Annotated[datetime, AfterValidator(in_utc)]
    """When it came about; naive is UTC."""
    source: Word
    """Who says so: "orders", a system, a person as they name themselves."""
    run_id: Word | None = None
    """The run that it is about; `None` when it is about none in particular."""
    value: float | None = None
    """The rating of `csat`, 1 or 0 of `retained_…`; otherwise 0 is no, and 1 or `None` is yes."""
    note: str | None = Field(default=None, max_length=4_000)

    @model_validator(mode="after")
    def _has_its_value(self) -> Self:
        kind, value = self.kind, self.value
        if kind is OutcomeKind.CSAT:
            if value is None or not 1 <= value <= 5:
                raise ValueError(f"csat is a rating from 1 to 5, not {value}")
        elif kind.window is not None and value not in {0, 1}:
            raise ValueError(f"{kind.value} is 1 (bought within the window) or 0, not {value}")
        elif value is not None and value not in {0, 1}:
            raise ValueError(f"{kind.value} is 1 (yes) or 0 (no), or has no value; not {value}")
        return self

    @property
    def holds(self) -> bool:
        """Whether it says yes; a rating does."""
        return self.value is None or self.value > 0
