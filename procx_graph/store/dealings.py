"""What the gate must know of customers, read together for many of them."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, Connection, bindparam, exists, literal, select, union_all

from procx_graph.domain.dealings import NOTHING, Dealings
from procx_graph.store import consents, contacts, holdouts, offers, suppressions
from procx_graph.store.schema import consents as consents_table
from procx_graph.store.schema import contacts as contacts_table
from procx_graph.store.schema import holdouts as holdouts_table
from procx_graph.store.schema import offers as offers_table
from procx_graph.store.schema import review_cases
from procx_graph.store.schema import suppressions as suppressions_table

_WHO: BindParameter[Any] = bindparam("who", expanding=True)
_TABLES = {
    "contacts": contacts_table,
    "consents": consents_table,
    "suppressions": suppressions_table,
    "arms": holdouts_table,
    "offers": offers_table,
}
_READ: dict[str, Callable[[Connection, Sequence[str]], Mapping[str, Any]]] = {
    "contacts": contacts.of_many,
    "consents": consents.of_many,
    "suppressions": suppressions.of_many,
    "arms": holdouts.of_many,
    "offers": offers.of_many,
}
_KINDS = union_all(
    *(
        select(literal(kind)).where(exists().where(table.c.customer_id.in_(_WHO)))
        for kind, table in _TABLES.items()
    )
)
"""Which tables have anything about these customers: of most there is nothing."""
_CASES = select(review_cases.c.customer_id, review_cases.c.answered_at).where(
    review_cases.c.customer_id.in_(_WHO)
)


class Standing:
    """What the gate must know of some customers, as it was at one moment."""

    def __init__(self, known: Mapping[str, Dealings]) -> None:
        self._known = known

    def dealings(self, customer_id: str) -> Dealings:
        """Give all of it, of one customer."""
        return self._known.get(customer_id, NOTHING)

    def has_open_case(self, customer_id: str) -> bool:
        """Whether a case of this customer waited."""
        return self.dealings(customer_id).open_case

    def last_contact(self, customer_id: str) -> datetime | None:
        """Give the latest contact, `None` when there was none."""
        found = self.dealings(customer_id).contacts
        return found[0].at if found else None


def read_standing(connection: Connection, customer_ids: Sequence[str]) -> Standing:
    """Read what is known of customers: two queries, and one for each table that has anything."""
    who = {"who": list(customer_ids)}
    found: dict[str, dict[str, Any]] = {}
    for customer_id, answered_at in connection.execute(_CASES, who):
        one = found.setdefault(customer_id, {})
        if answered_at is None:
            one["open_case"] = True
        else:
            one["resolved_at"] = max(answered_at, one.get("resolved_at") or answered_at)
    for kind in connection.scalars(_KINDS, who).all():
        for customer_id, rows in _READ[kind](connection, customer_ids).items():
            found.setdefault(customer_id, {})[kind] = rows
    return Standing({customer_id: Dealings(**parts) for customer_id, parts in found.items()})
