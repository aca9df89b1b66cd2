"""By what an order is called: its number at Shopify, its name in the shop."""

import re
from dataclasses import dataclass
from typing import Any

from procx_graph.domain.occurrence import Reference, ReferenceKind
from procx_graph.events.providers.reading import Body, ident, nested, reference, rows, things
from procx_graph.events.providers.shopify.delivery import number, own_number

_COUNTER = re.compile(r"#?[0-9]+")
_PAYMENT = re.compile(r"(#.+)\.[0-9]*")
_RETURN = re.compile(r"(#.+)-R[0-9]+")


@dataclass(frozen=True, slots=True)
class OrderName:
    """What an order is called, as far as it is told."""

    number: str | None = None
    """Shopify's id, which every delivery about the order tells."""
    name: str | None = None
    """Such as "#1001", which people see."""

    @property
    def ids(self) -> tuple[str, ...]:
        """Every id that a table of orders may hold, the one that is always told first.

        Exports write the name with or without its "#".
        """
        bare = self.name.removeprefix("#") if self.name else None
        return tuple(dict.fromkeys(one for one in (self.number, self.name, bare) if one))

    @property
    def things(self) -> tuple[str, ...]:
        """The order as a thing.

        A name that only counts, such as "#1001", exists in every shop: it is looked up, but two
        orders of that name are not one.
        """
        counted = self.name is None or _COUNTER.fullmatch(self.name)
        return things(order=(self.number, None if counted else self.name))

    @property
    def references(self) -> tuple[Reference, ...]:
        """The order as a way to its customer."""
        return tuple(one for id_ in self.ids for one in reference(ReferenceKind.ORDER, id_))

    @property
    def facts(self) -> dict[str, Any]:
        """The order by the names of `Facts`."""
        return {"order_id": self.name or self.number, "order_ids": self.ids}


def name_of(order: Body) -> OrderName:
    """Give what an order is called."""
    return OrderName(own_number(order), ident(order.get("name")))


def order_named_by(thing: Body) -> OrderName:
    """Give the order that a refund, a payment, a return or a delivery belongs to.

    Names of payments and returns ("#1001.1", "#1001-R1") tell that of the order.
    """
    order = nested(thing, "order")
    found = number(
        thing.get("admin_graphql_api_order_id"),
        thing.get("order_id"),
        order.get("admin_graphql_api_id"),
        order.get("id"),
    )
    payments = [thing.get("payment_id")]
    payments += [row.get("payment_id") for row in rows(thing, "transactions")]
    names = [_PAYMENT.fullmatch(ident(told) or "") for told in payments]
    names.append(_RETURN.fullmatch(ident(thing.get("name")) or ""))
    told = ident(order.get("name")) or next((match[1] for match in names if match), None)
    return OrderName(found, told)
