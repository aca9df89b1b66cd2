"""What the gate allows for one customer at one moment."""

from collections.abc import Iterable
from datetime import datetime

from pydantic import Field

from procx_graph.domain.message import Channel, Purpose
from procx_graph.domain.model import Noun


class Permit(Noun):
    """For what and by which channels a customer may be contacted, and why no more."""

    purposes: frozenset[Purpose] = frozenset(Purpose)
    channels: frozenset[Channel] = frozenset(Channel)
    """Those that may be used for some purpose; empty when nothing may be sent."""
    barred: dict[Channel, frozenset[Purpose]] = Field(default_factory=dict)
    """Purposes that a channel may not be used for, though another one may."""
    code: str | None = None
    """Why something is forbidden.

    `open_case`, `churned`, `no_channel`, `suppressed`, `resolved`, `cooldown`, `cap`, `opted_out`,
    `holdout`: nothing may be sent; `dormant` (outside the win-back lane), `no_consent`: no
    marketing; `quiet_hours`: not now.
    """
    text: str = ""
    """The same in a sentence."""
    until: datetime | None = None
    """From when on that reason is gone; `None` when time alone does not help."""

    def allows(self, purpose: Purpose, channel: Channel | None = None) -> bool:
        """Whether the customer may be contacted for this purpose, and by this channel if named."""
        if purpose not in self.purposes:
            return False
        if channel is not None:
            return channel in self.channels and purpose not in self.barred.get(channel, ())
        return True

    def way(self, purpose: Purpose, order: Iterable[Channel]) -> Channel | None:
        """Give the first of these channels by which it may be sent, `None` when none may."""
        return next((channel for channel in order if self.allows(purpose, channel)), None)
