"""Who was eligible for an experiment, and into which arm they fell."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, select

from procx_graph.domain.model import Noun
from procx_graph.store.database import Store
from procx_graph.store.once import add_new
from procx_graph.store.schema import holdouts

_OF_MANY = select(holdouts.c.customer_id, holdouts.c.experiment, holdouts.c.held).where(
    holdouts.c.customer_id.in_(bindparam("who", expanding=True))
)


class Assignment(Noun):
    """One customer's arm."""

    customer_id: str
    held: bool
    """Held out; otherwise treated."""
    assigned_at: datetime
    """When they first were eligible."""


def assign(
    connection: Connection, experiment: str, arms: Mapping[str, bool], *, at: datetime
) -> None:
    """Keep the arms of customers, in the transaction; who has one keeps it."""
    rows = [
        {"experiment": experiment, "customer_id": name, "held": held, "assigned_at": at}
        for name, held in sorted(arms.items())
    ]
    if rows:
        add_new(connection, holdouts, rows)


def assignments(store: Store, experiment: str) -> list[Assignment]:
    """Give everybody who was ever eligible for an experiment, by customer id.

    Raises:
        StoreError: The store cannot be read.
    """
    query = (
        select(holdouts.c.customer_id, holdouts.c.held, holdouts.c.assigned_at)
        .where(holdouts.c.experiment == experiment)
        .order_by(holdouts.c.customer_id)
    )
    with store.reading() as connection:
        return [Assignment(**row._asdict()) for row in connection.execute(query)]


def of_many(connection: Connection, customer_ids: Sequence[str]) -> dict[str, dict[str, bool]]:
    """Give whether customers are held out, by experiment; who has no arm is left out."""
    found: dict[str, dict[str, bool]] = defaultdict(dict)
    for name, experiment, held in connection.execute(_OF_MANY, {"who": list(customer_ids)}):
        found[name][experiment] = held
    return found
