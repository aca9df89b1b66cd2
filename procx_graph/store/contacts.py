"""Messages that went out, as the store keeps them."""

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, func, insert, select

from procx_graph.domain.dealings import KEPT_CONTACTS, Contact
from procx_graph.store.schema import contacts

_TURN = (
    func.row_number()
    .over(
        partition_by=contacts.c.customer_id, order_by=(contacts.c.at.desc(), contacts.c.id.desc())
    )
    .label("turn")
)
_NUMBERED = (
    select(contacts, _TURN)
    .where(contacts.c.customer_id.in_(bindparam("who", expanding=True)))
    .subquery()
)
_OF_MANY = (
    select(_NUMBERED)
    .where(_NUMBERED.c.turn <= KEPT_CONTACTS)
    .order_by(_NUMBERED.c.customer_id, _NUMBERED.c.turn)
)


def add_contact(connection: Connection, customer_id: str, contact: Contact) -> None:
    """Note that a message went out, in the transaction; one with an id is noted once."""
    if contact.message_id is not None:
        same = contacts.c.message_id == contact.message_id
        known = select(contacts.c.id).where(contacts.c.customer_id == customer_id, same)
        if connection.scalar(known) is not None:
            return
    row = {
        "customer_id": customer_id,
        "at": contact.at,
        "channel": None if contact.channel is None else contact.channel.value,
        "purpose": None if contact.purpose is None else contact.purpose.value,
        "message_id": contact.message_id,
    }
    connection.execute(insert(contacts), row)


def of_many(connection: Connection, customer_ids: Sequence[str]) -> dict[str, tuple[Contact, ...]]:
    """Give the latest contacts of customers, the newest first; who got none is left out."""
    found: dict[str, list[Contact]] = defaultdict(list)
    for row in connection.execute(_OF_MANY, {"who": list(customer_ids)}):
        found[row.customer_id].append(
            Contact(at=row.at, channel=row.channel, purpose=row.purpose, message_id=row.message_id)
        )
    return {customer_id: tuple(them) for customer_id, them in found.items()}
