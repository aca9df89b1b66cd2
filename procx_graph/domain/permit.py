"""What the gate allows for one customer at one moment."""

from procx_graph.domain.message import Purpose
from procx_graph.domain.model import Noun


class Permit(Noun):
    """The purposes for which a customer may be contacted, and why no more."""

    purposes: frozenset[Purpose] = frozenset(Purpose)
    code: str | None = None
    """Why something is forbidden.

    `open_case`, `churned`, `no_channel`, `cooldown`: nothing may be sent; `dormant` (outside the
    win-back lane), `no_consent`: service only.
    """
    text: str = ""
    """The same in a sentence."""

    def allows(self, purpose: Purpose) -> bool:
        """Whether the customer may be contacted for this purpose."""
        return purpose in self.purposes
