"""When a message may begin with a festival greeting."""

from pydantic import Field

from procx_graph.domain.model import Noun


class FestivalRules(Noun):
    """Whether festivals are greeted at all, which, and how long before."""

    enabled: bool = False
    days: int = Field(default=3, ge=0, le=30)
    """A festival at most this many days ahead is greeted; 0 greets only on the day."""
    names: tuple[str, ...] = ()
    """Only these festivals, such as "diwali"; empty means all that there are texts for."""
