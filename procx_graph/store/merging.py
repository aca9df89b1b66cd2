"""Rows that were staged into a live table: which of them win, and what that changed."""

from collections import Counter
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    and_,
    delete,
    func,
    or_,
    select,
    true,
)
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from procx_graph.store.bulk import insert_into
from procx_graph.store.schema import AS_OF, ROW

Columns = ReadOnlyColumnCollection[str, Any]


def merge(connection: Connection, live: Table, staged: Table) -> Counter[str]:
    """Put staged rows into a live table, and count what became of them.

    Returns:
        `rows`, and of these `new`, `changed`, `unchanged` and `older`.
    """
    counts = _counted(connection, live, staged)
    given = insert_into(connection, live)
    names = [column.name for column in live.columns]
    rows = select(*(staged.c[name] for name in names)).where(true())
    others = [name for name in names if name != ROW]
    replaced = given.from_select(names, rows).on_conflict_do_update(
        index_elements=[ROW],
        set_={name: given.excluded[name] for name in others},
        where=and_(_yields(live, given.excluded[AS_OF]), _differs(live, given.excluded, others)),
    )
    connection.execute(replaced)
    return counts


def remove_others(connection: Connection, live: Table, staged: Table, as_of: datetime) -> int:
    """Remove what was loaded no later than a moment and is not among the staged rows.

    Returns:
        How many there were.
    """
    gone = delete(live).where(live.c[AS_OF] <= as_of, live.c[ROW].not_in(select(staged.c[ROW])))
    return int(connection.execute(gone).rowcount)


def _counted(connection: Connection, live: Table, staged: Table) -> Counter[str]:
    content = [column.name for column in live.columns if column.name not in (ROW, AS_OF)]
    there = live.c[ROW].is_not(None)
    yields = and_(there, _yields(live, staged.c[AS_OF]))
    # a row that an event made is another one afterwards, even where the content agrees
    changes = or_(live.c[AS_OF].is_(None), _differs(live, staged.c, content))
    kinds = {
        "new": live.c[ROW].is_(None),
        "changed": and_(yields, changes),
        "unchanged": and_(yields, ~changes),
        "older": and_(there, live.c[AS_OF] > staged.c[AS_OF]),
    }
    query = select(
        func.count().label("rows"),
        *(func.count().filter(kind).label(name) for name, kind in kinds.items()),
    ).select_from(staged.outerjoin(live, live.c[ROW] == staged.c[ROW]))
    return Counter(dict(connection.execute(query).one()._mapping))


def _yields(live: Table, as_of: ColumnElement[datetime]) -> ColumnElement[bool]:
    """Tell whether a row that is there gives way to one of this moment."""
    return or_(live.c[AS_OF].is_(None), live.c[AS_OF] <= as_of)


def _differs(live: Table, given: Columns, names: list[str]) -> ColumnElement[bool]:
    return or_(*(live.c[name].is_distinct_from(given[name]) for name in names))
