"""What was offered: one offer a run at most, and how far it is."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, select, update

from procx_graph.domain.clock import in_utc
from procx_graph.domain.dealings import OfferMade, OfferStatus
from procx_graph.store.database import Store
from procx_graph.store.once import put
from procx_graph.store.schema import offers

_COLUMNS = [offers.c[name] for name in OfferMade.model_fields]
_OF_MANY = (
    select(*_COLUMNS)
    .where(offers.c.customer_id.in_(bindparam("who", expanding=True)))
    .order_by(offers.c.made_at.desc(), offers.c.run_id)
)
_COUNTED = [status.value for status in OfferStatus if status.counts]


def keep(connection: Connection, made: OfferMade) -> None:
    """Keep an offer, or bring the one of the same run up to date, in the transaction."""
    row = made.model_dump() | {"status": made.status.value, "changed_at": in_utc(made.made_at)}
    put(connection, offers, row, key=("run_id",))


def change(
    connection: Connection,
    run_id: str,
    status: OfferStatus,
    *,
    at: datetime,
    reference: str | None = None,
) -> bool:
    """Say how far the offer of a run is, in the transaction; false when the run made none."""
    values = {"status": status.value, "changed_at": in_utc(at)}
    if reference is not None:
        values["reference"] = reference
    done = connection.execute(update(offers).where(offers.c.run_id == run_id).values(values))
    return done.rowcount == 1


def offers_of(store: Store, customer_id: str) -> list[OfferMade]:
    """Give what a customer was offered, the newest first.

    Raises:
        StoreError: The store cannot be read.
    """
    with store.reading() as connection:
        return list(of_many(connection, [customer_id]).get(customer_id, ()))


def of_many(
    connection: Connection, customer_ids: Sequence[str]
) -> dict[str, tuple[OfferMade, ...]]:
    """Give what some customers were offered, the newest first; who got nothing is left out."""
    found: dict[str, list[OfferMade]] = defaultdict(list)
    for row in connection.execute(_OF_MANY, {"who": list(customer_ids)}):
        found[row.customer_id].append(OfferMade(**row._asdict()))
    return {customer_id: tuple(them) for customer_id, them in found.items()}


def worth_in(connection: Connection, scan_id: str) -> float:
    """Give what the offers of a scan are worth together; refused and lapsed ones do not count."""
    query = select(func.sum(offers.c.worth)).where(
        offers.c.scan_id == scan_id, offers.c.status.in_(_COUNTED)
    )
    return float(connection.scalar(query) or 0.0)
