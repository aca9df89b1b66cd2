"""Whose a story is: by our id, a provider's id, an order, or a verified address. Never by name."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from procx_graph.domain.occurrence import ReferenceKind
from procx_graph.events.naming import order_reference, parts
from procx_graph.events.one_order import one_order
from procx_graph.store import aliases
from procx_graph.store.event_log import EventLog, Standing
from procx_graph.store.live_rows import LiveRows
from procx_graph.store.schema import EMAIL, PHONE


@dataclass(frozen=True, slots=True)
class Identity:
    """Whose a story is, as far as that is known.

    Attributes:
        detail: Why nobody is found, or whom the references name; ids only.
    """

    standing: Standing
    customer_id: str | None = None
    detail: str = ""


NOBODY = Identity(Standing.NOBODY)


def identify(references: Sequence[str], log: EventLog, rows: LiveRows) -> Identity:
    """Find the one customer that all references name.

    A reference that names nobody says nothing; two that name different customers are a conflict,
    and so is an address that two customers have.

    Args:
        references: How the story names its customer, see `events.naming`.
        log: Knows whose the orders of other stories are.
        rows: The customer tables.
    """
    named: dict[str, list[str]] = {}
    for reference in references:
        for customer_id in _customers(reference, log, rows):
            named.setdefault(customer_id, []).append(parts(reference)[0].value)
    if len(named) == 1:
        [customer_id] = named
        return Identity(Standing.MATCHED, customer_id)
    if named:
        both = "; ".join(
            f"{who} by {', '.join(sorted(set(how)))}" for who, how in sorted(named.items())
        )
        return Identity(Standing.CONFLICT, detail=f"two customers are named: {both}")
    if not references:
        return Identity(Standing.UNMATCHED, detail="no customer is named")
    kinds = ", ".join(sorted({parts(one)[0].value for one in references}))
    return Identity(Standing.UNMATCHED, detail=f"nobody is known by {kinds}")


def _customers(reference: str, log: EventLog, rows: LiveRows) -> Iterable[str]:
    kind, value = parts(reference)
    match kind:
        case ReferenceKind.CUSTOMER_ID:
            return [value] if rows.knows_customer(value) else []
        case ReferenceKind.ACCOUNT:
            known = aliases.customer_of(log.connection, reference)
            return [known] if known is not None else []
        case ReferenceKind.EMAIL:
            return rows.customers_at(EMAIL, value)
        case ReferenceKind.PHONE:
            return rows.customers_at(PHONE, value)
        case ReferenceKind.ORDER:
            return _owners(value, log, rows)


def _owners(order_id: str, log: EventLog, rows: LiveRows) -> Iterable[str]:
    """Give whose an order is: as the tables say, else as the events about it do."""
    order = one_order([order_id], log)
    found = rows.order(order.ids)
    if found is not None:
        return [found[1]] if found[1] is not None else []
    events = log.of_stories(log.stories_about(map(order_reference, order.ids)))
    return sorted({one.customer_id for one in events if one.customer_id is not None})
