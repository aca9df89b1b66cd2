"""How much may be given away."""

from pydantic import Field

from procx_graph.domain.model import Noun


class CustomerBudget(Noun):
    """What one customer may be offered within some days; `None` is no limit."""

    days: int = Field(default=90, ge=1)
    number: int | None = Field(default=None, ge=0)
    """Offers, also those that wait for a person; refused ones do not count."""
    worth: float | None = Field(default=None, ge=0)
    """Their worth together, in the base's currency: share of the price x mean order value.

    An offer whose worth is unknown counts as nothing here.
    """


class ScanBudget(Noun):
    """What one scan may offer; `None` is no limit."""

    worth: float | None = Field(default=None, ge=0)
    """The worth of all its offers together, in the base's currency."""
