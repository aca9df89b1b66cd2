"""One delivery of Shopify, and what all its bodies have in common.

A body is the bare thing it is about; its topic, shop and time are in the headers. It holds keys to
the shop (status and recovery addresses, tokens), so only named attributes are ever taken from it,
and only numbers are taken as ids.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from procx_graph.domain.event_type import EventType
from procx_graph.domain.occurrence import Facts, Occurrence, Reference, ReferenceKind
from procx_graph.events.providers.reading import (
    Body,
    at,
    currency,
    distinct,
    ident,
    moment,
    money,
    nested,
    references,
    rows,
)

Told = tuple[Occurrence, ...] | str
"""What a delivery means; a text says why it means nothing."""

_NUMBER = re.compile(r"(?:gid://shopify/\w+/)?([0-9]+)(?:\?.*)?")
_TAG = re.compile(r"customer_id\s*[:=]\s*(.+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ShopifyDelivery:
    """A delivery that has been found to have the shape of one."""

    topic: str
    key: str
    account: str
    """The shop's domain."""
    told_at: datetime
    """When Shopify says it happened, for things that tell no time themselves."""
    body: Body

    def __getitem__(self, attribute: str) -> Any:
        """Give an attribute of the body, or `None`."""
        return self.body.get(attribute)

    def occurrence(
        self,
        kind: EventType,
        things: tuple[str, ...],
        *,
        when: Iterable[Any] = (),
        references: Iterable[Reference] | None = None,
        part: str = "",
        **facts: Any,
    ) -> Occurrence:
        """Give something the delivery says.

        Args:
            kind: What happened.
            things: Ids of what it happened to; where there are none, the delivery itself.
            when: As the body tells it: the first that is a moment counts.
            references: Who is named; by default everybody whom the body names.
            part: Tells apart what one delivery says, where it says several things.
            facts: See `Facts`.
        """
        moments = (moment(value) for value in when)
        named = references_of(self.body) if references is None else references
        return Occurrence(
            type=kind,
            provider="shopify",
            account=self.account,
            key=f"{self.key}:{part}" if part else self.key,
            occurred_at=next((found for found in moments if found), self.told_at),
            things=things or (f"delivery:{self.key}",),
            references=distinct(named),
            facts=Facts(**facts),
        )


def number(*told: Any) -> str | None:
    """Give the first id, exactly: from "gid://shopify/Order/1" or as the number itself.

    Ids are beyond what JavaScript counts exactly, so the text is to be named before the number.
    """
    for value in told:
        found = _NUMBER.fullmatch(ident(value) or "")
        if found:
            return found[1]
    return None


def own_number(thing: Body) -> str | None:
    """Give the id of a thing."""
    return number(thing.get("admin_graphql_api_id"), thing.get("id"))


def shop_money(thing: Body, name: str) -> dict[str, Any]:
    """Give an amount in the shop's currency, and the currency, by the names of `Facts`."""
    shop = nested(thing, f"{name}_set", "shop_money")
    told = money(shop.get("amount"))
    return {
        "amount": told if told is not None else money(thing.get(name)),
        "currency": currency(shop.get("currency_code"))
        or currency(shop.get("currency"))
        or currency(thing.get("currency")),
    }


def summed(amounts: Iterable[Decimal | None]) -> Decimal | None:
    """Add what is known; `None` where nothing is."""
    known = [amount for amount in amounts if amount is not None]
    return sum(known, Decimal(0)) if known else None


def references_of(thing: Body) -> tuple[Reference, ...]:
    """Give every way in which an order, a checkout or anything else names its customer.

    An address is verified only where the shop says so of its own customer; those of an order were
    typed by somebody, perhaps a customer who buys for another.
    """
    kind, customer = ReferenceKind, nested(thing, "customer")
    account = number(
        customer.get("admin_graphql_api_id"),
        customer.get("id"),
        thing.get("admin_graphql_api_customer_id"),
        thing.get("customer_id"),
    )
    sure = customer.get("verified_email") is True
    given = [
        *((kind.CUSTOMER_ID, own, True) for own in (*_noted(thing), *_tagged(thing, customer))),
        (kind.ACCOUNT, account, True),
        (kind.EMAIL, customer.get("email"), sure),
        (kind.EMAIL, thing.get("email"), False),
        (kind.EMAIL, thing.get("contact_email"), False),
        (kind.PHONE, customer.get("phone"), False),
        (kind.PHONE, thing.get("phone"), False),
    ]
    return references(*given)


def _noted(thing: Body) -> list[Any]:
    """Our own ids in the notes that the business attached to an order or cart."""
    notes = rows(thing, "note_attributes")
    return [note.get("value") for note in notes if note.get("name") == "customer_id"]


def _tagged(*things: Body) -> list[str]:
    """Our own ids in tags such as "customer_id:C-17"."""
    told = [at(thing, "tags") for thing in things]
    tags = [
        tag
        for one in told
        for tag in (
            one.split(",") if isinstance(one, str) else one if isinstance(one, list) else ()
        )
    ]
    matches = (_TAG.fullmatch(tag.strip()) for tag in tags if isinstance(tag, str))
    return [found[1] for found in matches if found]
