"""A customer as the tables have them at the moment of sending."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl

from procx_graph.domain.clock import in_utc
from procx_graph.domain.customer import Customer, CustomerState
from procx_graph.domain.message import Channel
from procx_graph.domain.profile import Profile
from procx_graph.schema import TABLES
from procx_graph.scoring.scorer import COLUMNS
from procx_graph.scoring.standing import Standings
from procx_graph.tables.lookup import Lookup

_TICKETS = "support_tickets"
_WANTED: Mapping[str, tuple[str, ...]] = {
    name: tuple(dict.fromkeys((*columns, *TABLES[name].names)))
    if name in {"customers", _TICKETS}
    else tuple(columns)
    for name, columns in ({_TICKETS: ()} | COLUMNS).items()
}


@dataclass(frozen=True)
class Recipient:
    """Who gets a message. The addresses are kept nowhere else.

    Attributes:
        escalated: When each ticket was opened that is escalated now; `None` for one without date.
    """

    customer: Customer
    state: CustomerState
    email: str | None
    phone: str | None
    escalated: tuple[datetime | None, ...] = ()

    def address(self, channel: Channel) -> str | None:
        """Give where a channel reaches them, `None` when nowhere."""
        found = self.email if channel is Channel.EMAIL else self.phone
        return found.strip() or None if found else None

    def __repr__(self) -> str:
        return f"Recipient({self.customer.customer_id!r})"


class Recipients:
    """Reads customers afresh, each time they are asked for, and nobody else's rows.

    Args:
        lookup: The tables.
        profile: When a customer is new, active or dormant.
    """

    def __init__(self, lookup: Lookup, profile: Profile) -> None:
        self.lookup = lookup
        self._standings = Standings(profile)

    def find(self, customer_id: str, now: datetime) -> Recipient | None:
        """Give a customer, `None` when they are not in the tables.

        Raises:
            DataError: The tables cannot be read.
        """
        tables = self.lookup.rows([customer_id], _WANTED)
        rows = tables["customers"].rows(named=True)
        if not rows:
            return None
        row: dict[str, Any] = rows[0]
        email, phone = row.get("email"), row.get("phone")
        known = {name: row[name] for name in TABLES["customers"].names if name in row}
        return Recipient(
            customer=Customer.model_validate(
                known | {"has_email": email is not None, "has_phone": phone is not None}
            ),
            state=self._standings.state_in(tables, as_of=now),
            email=email,
            phone=phone,
            escalated=_escalated(tables.get(_TICKETS)),
        )


def _escalated(tickets: pl.DataFrame | None) -> tuple[datetime | None, ...]:
    if tickets is None:
        return ()
    found = tickets.filter(pl.col("status") == "escalated")["created_at"].to_list()
    return tuple(None if moment is None else in_utc(moment) for moment in found)
