"""What was delivered and what happened: receipts, events, and the stories they make."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    Connection,
    Select,
    and_,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from procx_graph.domain.model import Noun
from procx_graph.store.bulk import insert_of
from procx_graph.store.once import add_new, put
from procx_graph.store.prepared import Prepared, Values
from procx_graph.store.schema import (
    events,
    parked,
    receipts,
    story_references,
    story_rows,
    story_things,
)


class Standing(StrEnum):
    """What is known of whose an event is."""

    MATCHED = "matched"
    UNMATCHED = "unmatched"
    """Nobody is named whom we know."""
    CONFLICT = "conflict"
    """Two customers are named."""
    NOBODY = "nobody"
    """It is about a product, not a customer."""


class NewReceipt(Noun):
    """A delivery that was verified."""

    provider: str
    account: str
    key: str
    topic: str
    occurred_at: datetime
    received_at: datetime
    mapped: bool
    """Whether it means anything to us."""
    remark: str | None
    digest: str
    body: bytes | None


class StoredEvent(Noun):
    """An event as the log keeps it."""

    event_id: str
    receipt_id: int
    type: str
    provider: str
    account: str
    story: str
    customer_id: str | None
    standing: Standing
    occurred_at: datetime
    received_at: datetime
    description: str
    facts: str
    """JSON of `domain.occurrence.Facts`."""


_EVENT = tuple(events.c[name] for name in StoredEvent.model_fields)
_OF_RECEIPT = Prepared(
    select(*_EVENT).where(events.c.receipt_id == bindparam("receipt")).order_by(events.c.id)
)
_OF_STORY = Prepared(select(*_EVENT).where(events.c.story == bindparam("story")))
_OF_CUSTOMER = select(*_EVENT).where(
    events.c.customer_id == bindparam("customer"),
    events.c.type.in_(bindparam("types", expanding=True)),
)
_KNOWN = Prepared(
    select(func.min(receipts.c.id)).where(
        receipts.c.provider == bindparam("provider"),
        receipts.c.account == bindparam("account"),
        or_(
            receipts.c.key == bindparam("key"),
            and_(receipts.c.topic == bindparam("topic"), receipts.c.digest == bindparam("digest")),
        ),
    )
)
_REPEATED = Prepared(
    update(receipts)
    .where(receipts.c.id == bindparam("number"))
    .values(repeats=receipts.c.repeats + 1)
)
_THINGS = Prepared(
    select(story_things.c.thing, story_things.c.story).where(
        story_things.c.thing == bindparam("thing")
    )
)
_THINGS_OF = Prepared(
    select(story_things.c.thing).where(story_things.c.story == bindparam("story"))
)
_OTHERS = story_things.alias()
_BESIDE = Prepared(
    select(_OTHERS.c.story, _OTHERS.c.thing)
    .distinct()
    .join(story_things, story_things.c.story == _OTHERS.c.story)
    .where(story_things.c.thing == bindparam("thing"))
)
_REFERENCES_OF = Prepared(
    select(story_references.c.reference).where(story_references.c.story == bindparam("story"))
)
_REFERRING = Prepared(
    select(story_references.c.story).where(story_references.c.reference == bindparam("reference"))
)
_STAND = Prepared(
    update(events)
    .where(events.c.story == bindparam("of"))
    .values(standing=bindparam("stands"), customer_id=bindparam("whose"))
)
_UNPARK = Prepared(delete(parked).where(parked.c.story == bindparam("story")))
_MADE = Prepared(
    select(story_rows.c.table_name, story_rows.c.row).where(
        story_rows.c.story == bindparam("story")
    )
)
_MAKE = Prepared(insert(story_rows))
_UNMAKE = Prepared(
    delete(story_rows).where(
        story_rows.c.story == bindparam("story"),
        story_rows.c.table_name == bindparam("table_name"),
        story_rows.c.row == bindparam("row"),
    )
)
_TAKING = Prepared(
    lambda dialect: insert_of(dialect, receipts).on_conflict_do_nothing().returning(receipts.c.id)
)


@dataclass(frozen=True, slots=True)
class EventLog:
    """The log, in the transaction of a connection."""

    connection: Connection

    def add_receipt(self, receipt: NewReceipt) -> tuple[int, bool]:
        """Note a delivery; give its number, and whether it is new.

        Not every sender signs what a delivery is to be known by: the same body about the same
        topic is known too. Another telling counts as a repeat.
        """
        values = receipt.model_dump() | {"repeats": 0}
        if new := _TAKING.column(self.connection, values):
            return new[0], True
        names = ("provider", "account", "key", "topic", "digest")
        known = {name: values[name] for name in names}
        [number] = _KNOWN.column(self.connection, known)
        _REPEATED.run(self.connection, {"number": number})
        return number, False

    def of_receipt(self, number: int) -> list[StoredEvent]:
        """Give the events that a delivery told, in its order."""
        return self._found(_OF_RECEIPT, {"receipt": number})

    def add(self, event: StoredEvent) -> bool:
        """Add an event; false where it is known."""
        return add_new(self.connection, events, event.model_dump()) == 1

    def of_story(self, story: str) -> list[StoredEvent]:
        """Give the events of a story."""
        return self._found(_OF_STORY, {"story": story})

    def of_stories(self, stories: Iterable[str]) -> list[StoredEvent]:
        """Give the events of some stories."""
        return [event for story in sorted(set(stories)) for event in self.of_story(story)]

    def of_customer(self, customer_id: str, types: Sequence[str]) -> list[StoredEvent]:
        """Give a customer's events of some types."""
        return self._events(_OF_CUSTOMER, customer=customer_id, types=list(types))

    def latest(
        self,
        *,
        limit: int,
        standing: Standing | None = None,
        customer_id: str | None = None,
    ) -> list[StoredEvent]:
        """Give the events received last, the newest first."""
        query = select(*_EVENT).order_by(events.c.id.desc()).limit(limit)
        if standing is not None:
            query = query.where(events.c.standing == standing.value)
        if customer_id is not None:
            query = query.where(events.c.customer_id == customer_id)
        return self._events(query)

    def last_of_story(
        self, types: Sequence[str], *, unless: Sequence[str], since: datetime, until: datetime
    ) -> list[StoredEvent]:
        """Give the last event of some types of each story in which nothing came after it.

        Args:
            types: Those that are looked for.
            unless: Types that end the story when they come after it.
            since: The earliest moment of the event.
            until: The latest one; a story with a later event of `types` is left out.
        """
        later = events.alias()
        ended = (
            select(later.c.id)
            .where(
                later.c.story == events.c.story,
                later.c.type.in_([*types, *unless]),
                or_(
                    later.c.occurred_at > events.c.occurred_at,
                    and_(later.c.occurred_at == events.c.occurred_at, later.c.id > events.c.id),
                ),
            )
            .exists()
        )
        query = select(*_EVENT).where(
            events.c.type.in_(types),
            events.c.occurred_at >= since,
            events.c.occurred_at <= until,
            ~ended,
        )
        return self._events(query.order_by(events.c.id))

    def stories(self) -> list[str]:
        """Give the names of all stories, sorted."""
        query = select(events.c.story).distinct().order_by(events.c.story)
        return list(self.connection.scalars(query))

    def story_of(self, things: Sequence[str]) -> tuple[str, tuple[str, ...]]:
        """Give the story of some things, and the stories that became one with it by them.

        The name of a story is that of its first thing in the order of the alphabet, whatever was
        told first.
        """
        known = dict(self._stories_of(things))
        old = set(known.values())
        story = min((*things, *old))
        new = [thing for thing in dict.fromkeys(things) if thing not in known]
        add_new(self.connection, story_things, [{"thing": one, "story": story} for one in new])
        gone = tuple(sorted(old - {story}))
        for name in gone:
            self._rename(name, story)
        return story, gone

    def _rename(self, old: str, new: str) -> None:
        for table in (story_things, events):
            changed = update(table).where(table.c.story == old).values(story=new)
            self.connection.execute(changed)
        references = select(story_references.c.reference).where(story_references.c.story == old)
        self.refer(new, list(self.connection.scalars(references)))
        for table in (story_references, parked):
            self.connection.execute(delete(table).where(table.c.story == old))
        for made in self.rows_of(old):
            values = {"story": new, "table_name": made[0], "row": made[1]}
            add_new(self.connection, story_rows, values)
        self.connection.execute(delete(story_rows).where(story_rows.c.story == old))

    def things_of(self, story: str) -> list[str]:
        """Give the things that a story is about, sorted."""
        return sorted(_THINGS_OF.column(self.connection, {"story": story}))

    def things_beside(self, things: Iterable[str]) -> list[str]:
        """Give all things of the stories that are about one of these, a story after the other."""
        found = {
            beside
            for thing in set(things)
            for beside in _BESIDE.rows(self.connection, {"thing": thing})
        }
        return [thing for _, thing in sorted(found)]

    def stories_about(self, things: Iterable[str]) -> set[str]:
        """Give the stories that are about one of these things."""
        return {story for _, story in self._stories_of(things)}

    def refer(self, story: str, references: Sequence[str]) -> None:
        """Note how a story names its customer."""
        rows = [{"story": story, "reference": one} for one in dict.fromkeys(references)]
        add_new(self.connection, story_references, rows)

    def references_of(self, story: str) -> list[str]:
        """Give how a story names its customer, sorted."""
        return sorted(_REFERENCES_OF.column(self.connection, {"story": story}))

    def stories_referring(self, references: Iterable[str]) -> set[str]:
        """Give the stories that name their customer in one of these ways."""
        return {
            story
            for reference in set(references)
            for story in _REFERRING.column(self.connection, {"reference": reference})
        }

    def stand(self, story: str, standing: Standing, customer_id: str | None) -> None:
        """Write whose the events of a story are."""
        values = {"of": story, "stands": standing.value, "whose": customer_id}
        _STAND.run(self.connection, values)

    def park(self, story: str, standing: Standing, detail: str, at: datetime) -> bool:
        """Set a story aside until somebody knows more; say whether that is new."""
        before = self.connection.execute(
            select(parked.c.standing, parked.c.detail).where(parked.c.story == story)
        ).one_or_none()
        if before == (standing.value, detail):
            return False
        values = {"story": story, "standing": standing.value, "detail": detail, "since": at}
        put(self.connection, parked, values, key=["story"])
        return True

    def unpark(self, story: str) -> None:
        """Take a story up again."""
        _UNPARK.run(self.connection, {"story": story})

    def parked(self) -> list[tuple[str, Standing, str, datetime]]:
        """Give the stories set aside, the longest first: story, standing, detail, since."""
        query = select(parked).order_by(parked.c.since, parked.c.story)
        return [
            (row.story, Standing(row.standing), row.detail, row.since)
            for row in self.connection.execute(query)
        ]

    def rows_of(self, story: str) -> set[tuple[str, str]]:
        """Give the table and name of each row that a story made."""
        return {(table, row) for table, row in _MADE.rows(self.connection, {"story": story})}

    def made(self, story: str, rows: set[tuple[str, str]]) -> set[tuple[str, str]]:
        """Note which rows a story makes now, and give those that it made before and no more."""
        before = self.rows_of(story)
        for statement, changed in ((_MAKE, rows - before), (_UNMAKE, before - rows)):
            named = [{"story": story, "table_name": t, "row": r} for t, r in sorted(changed)]
            statement.run(self.connection, *named)
        return before - rows

    def _stories_of(self, things: Iterable[str]) -> list[tuple[Any, ...]]:
        """Give each of some things that a story is about, and the story."""
        return [
            found
            for thing in sorted(set(things))
            for found in _THINGS.rows(self.connection, {"thing": thing})
        ]

    def _found(self, prepared: Prepared, values: Values) -> list[StoredEvent]:
        return [
            StoredEvent.model_validate(dict(zip(StoredEvent.model_fields, row, strict=True)))
            for row in prepared.rows(self.connection, values)
        ]

    def _events(self, query: Select[Any], **bound: Any) -> list[StoredEvent]:
        rows = self.connection.execute(query, bound)
        return [StoredEvent.model_validate(row._asdict()) for row in rows]


def as_json(facts: Any) -> str:
    """Write facts as the log keeps them: what is told, in one order."""
    return json.dumps(
        facts.model_dump(mode="json", exclude_defaults=True), sort_keys=True, ensure_ascii=False
    )
