"""How often and when a message is tried again."""

from datetime import timedelta
from typing import Self

from pydantic import Field, model_validator

from procx_graph.domain.model import Noun


class OutboxRules(Noun):
    """How the outbox works."""

    attempts: int = Field(default=6, ge=1)
    """How often a channel is asked before the message is a dead letter."""
    first_wait: float = Field(default=1, gt=0)
    """Minutes from the first failed attempt to the second; each further wait is four times as
    long."""
    longest_wait: float = Field(default=360, gt=0)
    """Minutes that a wait lasts at most, also when the channel asks for more."""
    lease: float = Field(default=10, gt=0)
    """Minutes after which somebody who still holds a message is taken for dead."""

    @model_validator(mode="after")
    def _rises(self) -> Self:
        if self.first_wait > self.longest_wait:
            raise ValueError("first_wait is above longest_wait")
        return self

    def wait(self, attempts: int, asked: timedelta | None = None) -> timedelta:
        """Give how long to wait after so many attempts.

        Args:
            attempts: At least 1.
            asked: What the channel asks for; the longer of the two counts, up to the longest.
        """
        longest = timedelta(minutes=self.longest_wait)
        own = timedelta(minutes=self.first_wait * 4.0 ** min(attempts - 1, 20))
        return min(max(own, asked or timedelta(0)), longest)
