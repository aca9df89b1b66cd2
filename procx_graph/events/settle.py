"""Settling stories: whose they are, and what the customer tables say because of them.

Everything is worked out from all that was told of a story, never from the last event alone. So the
order in which events arrive does not matter, nor how often each does.
"""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection

from procx_graph.domain.model import Noun
from procx_graph.domain.occurrence import ReferenceKind
from procx_graph.events.effects import (
    CONSENT,
    Row,
    Told,
    consent,
    first,
    in_order,
    order_ids,
    orders,
    products,
    rows_of_story,
    words,
)
from procx_graph.events.identify import NOBODY, Identity, identify
from procx_graph.events.naming import ORDER, STOCK, order_reference, parts, product_thing
from procx_graph.events.one_order import OneOrder, one_order, told_of
from procx_graph.schema import TABLES
from procx_graph.store import aliases, audit, consents
from procx_graph.store.event_log import EventLog, Standing
from procx_graph.store.live_rows import LiveRows
from procx_graph.store.marks import mark

ACTOR = "events"
"""Who is named in the audit where no person decided."""


class Change(Noun):
    """One row of a customer table that an event changed."""

    table: str
    row: str
    made: bool
    """Whether the row is new."""
    before: dict[str, Any]
    """The columns that changed, as they were; JSON-native, empty for a new row."""
    after: dict[str, Any]
    """The columns that changed, as they are."""


class Settling:
    """Settles stories in the transaction of a connection.

    Args:
        connection: A writing one.
        now: The present moment.
    """

    def __init__(self, connection: Connection, *, now: datetime) -> None:
        self.connection, self.now = connection, now
        self.log, self.rows = EventLog(connection), LiveRows(connection)
        self.changes: list[Change] = []
        """What was changed so far."""

    def settle(self, stories: Iterable[str]) -> None:
        """Settle some stories, and those that what is learned from them is about."""
        waiting = deque(dict.fromkeys(stories))
        while waiting:
            story = waiting.popleft()
            known = self._settle(story)
            if known:
                others = self.log.stories_referring(known) - {story}
                waiting.extend(sorted(others - set(waiting)))

    def _settle(self, story: str) -> list[str]:
        """Settle one story and give the references that name somebody because of it."""
        stored = self.log.of_story(story)
        if not stored:
            return []
        events = [told_of(one) for one in stored]
        references = self.log.references_of(story)
        identity = self._identity(events, references)
        before = {(one.standing, one.customer_id) for one in stored}
        news = before != {(identity.standing, identity.customer_id)}
        if news:
            self.log.stand(story, identity.standing, identity.customer_id)
            for customer_id in sorted({one for _, one in before if one} - {identity.customer_id}):
                mark(self.connection, customer_id, self.now)
        if identity.standing is Standing.NOBODY:
            self._products(events)
        if identity.customer_id is None:
            if news:
                self._words(events, None)
            self._set_aside(story, identity)
            return []
        self.log.unpark(story)
        return self._apply(story, events, references, identity.customer_id, news=news)

    def _identity(self, events: Sequence[Told], references: Sequence[str]) -> Identity:
        if not references and all(one.type in STOCK for one in events):
            return NOBODY
        return identify(references, self.log, self.rows)

    def _set_aside(self, story: str, identity: Identity) -> None:
        if identity.standing is not Standing.NOBODY:
            new = self.log.park(story, identity.standing, identity.detail, self.now)
            if new and identity.standing is Standing.CONFLICT:
                audit.note(
                    self.connection,
                    at=self.now,
                    actor=ACTOR,
                    action="conflict",
                    subject=story,
                    detail={"why": identity.detail},
                )
        self._forget(story, set())

    def _apply(
        self,
        story: str,
        events: Sequence[Told],
        references: Sequence[str],
        customer_id: str,
        *,
        news: bool,
    ) -> list[str]:
        accounts = [one for one in references if parts(one)[0] is ReferenceKind.ACCOUNT]
        known = aliases.learn(
            self.connection, accounts, customer_id, at=self.now, source=events[0].event_id
        )
        known = [one for new in known for one in aliases.family(self.connection, new)]
        orders_told = self._orders_told(events)
        changed = len(self.changes)
        made_order = [self._order(one, customer_id) for one in orders_told]
        ids = orders_told[0].ids if orders_told else ()
        # not before: of two ids of one order the row of one may have gone
        found = self.rows.order(ids)
        order_id = found[0] if found else next(iter(ids), None)
        made = {
            name
            for row in rows_of_story(events, order_id)
            if (name := self._write(row, f"@{story}|{row.name}", customer_id)) is not None
        }
        self._forget(story, made)
        self._consent(events, customer_id)
        if news or len(self.changes) > changed:
            mark(self.connection, customer_id, self.now)
        if news or any(made_order):
            known += [one for one in self.log.things_of(story) if one.startswith(ORDER)]
            known += [order_reference(name) for order in orders_told for name in order.ids]
        return known

    def _orders_told(self, events: Sequence[Told]) -> list[OneOrder]:
        """Give the orders that a story tells of, the one told first before the others."""
        found: list[OneOrder] = []
        for one in in_order(events):
            ids = order_ids([one])
            if ids and not any(set(ids) & set(order.ids) for order in found):
                found.append(one_order(ids, self.log))
        return found

    def _order(self, order: OneOrder, customer_id: str) -> bool:
        """Bring an order up to date from all events about it; say whether a row was made."""
        events, ids = order.matched, sorted(order.ids)
        loaded = next((one for one in ids if self.rows.loaded("orders", [one], [])), None)
        order_id = loaded or next(iter(order_ids(events)), ids[0])
        owner = next((one.customer_id for one in events if one.customer_id), customer_id)
        name, changed, made = f"@{order_reference(order_id)}", len(self.changes), False
        for row in orders(events, order_id):
            before = self.rows.named("orders", name, []) is not None
            made = self._write(row, name, owner) is not None and not before
        if owner != customer_id and len(self.changes) > changed:
            mark(self.connection, owner, self.now)
        for other in ids:
            if other != order_id or loaded:
                self.rows.remove("orders", f"@{order_reference(other)}")
        return made

    def _consent(self, events: Sequence[Told], customer_id: str) -> None:
        """Bring consent up to date from all that a customer said about it."""
        if not any(one.type in CONSENT for one in events):
            return
        types = [one.value for one in CONSENT]
        said = in_order(told_of(one) for one in self.log.of_customer(customer_id, types))
        for row in consent(said, customer_id):
            self._write(row, "", customer_id)
        self._words(said, customer_id)

    def _words(self, said: Sequence[Told], customer_id: str | None) -> None:
        """Keep each word for the gate, as that of whoever said it by what is known now."""
        for word in words(said):
            consents.keep_as(self.connection, customer_id, word, now=self.now)

    def _products(self, events: Sequence[Told]) -> None:
        """Bring the stock of a product up to date."""
        product_id = first(one.facts.product_id for one in events)
        if product_id is not None:
            for row in products(in_order(events), product_id):
                self._write(row, f"@{product_thing(product_id)}", None)

    def _write(self, row: Row, name: str, customer_id: str | None) -> tuple[str, str] | None:
        """Write a row; give its table and name if it is one that events make."""
        loaded = self.rows.loaded(row.table, row.keys, list(row.values))
        if loaded is not None:
            late = loaded.as_of is not None and loaded.as_of >= row.since
            values = {
                column: value
                for column, value in row.values.items()
                if not late or column in row.always
            }
            self._change(row.table, loaded.row, loaded.values, values)
            return None
        if not row.makes:
            return None
        values = {**row.new, **row.values}
        owner = TABLES[row.table].customer
        if owner is not None and customer_id is not None:
            values[owner] = customer_id
        own = self.rows.named(row.table, name, list(values))
        if own is not None:
            self._change(row.table, name, own.values, values)
        else:
            stored = {column: storable(value) for column, value in values.items()}
            self.rows.make(row.table, name, stored, at=self.now)
            after = {column: native(stored[column]) for column in row.values}
            change = Change(table=row.table, row=name, made=True, before={}, after=after)
            self.changes.append(change)
        return row.table, name

    def _change(
        self, table: str, name: str, before: Mapping[str, Any], values: Mapping[str, object]
    ) -> None:
        stored = {column: storable(value) for column, value in values.items()}
        new = {column: value for column, value in stored.items() if value != before[column]}
        if not new:
            return
        self.rows.change(table, name, new)
        old = {column: native(before[column]) for column in new}
        now = {column: native(value) for column, value in new.items()}
        self.changes.append(Change(table=table, row=name, made=False, before=old, after=now))

    def _forget(self, story: str, made: set[tuple[str, str]]) -> None:
        """Take away the rows that a story made before and no more."""
        for table, name in sorted(self.log.made(story, made)):
            self.rows.remove(table, name)


def storable(value: object) -> object:
    """Give a value as the live tables keep it."""
    return float(value) if isinstance(value, Decimal) else value


def native(value: object) -> object:
    """Give a stored value as JSON has it."""
    return value.isoformat() if isinstance(value, datetime) else value
