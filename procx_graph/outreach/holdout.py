"""Into which arm of the policy's experiment a customer falls."""

from procx_graph.domain.dealings import Dealings
from procx_graph.domain.holdout import Holdout


def is_held_out(customer_id: str, dealings: Dealings, holdout: Holdout) -> bool:
    """Whether a customer gets nothing.

    Whoever has an arm keeps it, whatever the share is by now; the others draw theirs.
    """
    if not holdout.on:
        return False
    stored = dealings.arms.get(holdout.experiment)
    return holdout.draws(customer_id) if stored is None else stored
