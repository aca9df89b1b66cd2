"""Who gets nothing, so that we can tell what the others get is good for."""

import hashlib

from pydantic import Field

from procx_graph.domain.model import Noun


class Holdout(Noun):
    """A part of the customers who could be written to, chosen by chance and left alone."""

    experiment: str = Field(default="retention", min_length=1)
    """What is tried. A new name draws anew."""
    share: float = Field(default=0.0, ge=0, le=0.5)
    """Of those who could be written to: .05 to .10 is usual, 0 holds nobody out."""
    salt: str = ""
    """Makes the draw differ from that of others who use the same name."""

    @property
    def on(self) -> bool:
        """Whether anybody is held out."""
        return self.share > 0

    def draws(self, customer_id: str) -> bool:
        """Whether chance holds a customer out: the same every time and on every machine."""
        text = "\x1f".join((self.experiment, self.salt, customer_id))
        number = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8])
        return number < self.share * 2**64
