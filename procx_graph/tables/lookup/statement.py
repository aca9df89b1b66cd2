"""SELECTs that are written once and run with bound ids."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Dialect,
    Engine,
    Table,
    bindparam,
    inspect,
    select,
    type_coerce,
    types,
)
from sqlalchemy.exc import SQLAlchemyError

from procx_graph.errors import DataError
from procx_graph.tables.database import Place, describe, reason, shown
from procx_graph.tables.lookup.ids import numbers, written

AT_ONCE = 512
"""Ids bound to one SELECT at most."""


@dataclass(frozen=True, slots=True)
class Relation:
    """A table or view of a database.

    Attributes:
        table: Its columns.
        indexed: Columns by which rows are found without reading all; None for a view, of which
            that is not known.
    """

    table: Table
    indexed: frozenset[str] | None

    def finds(self, column: str) -> bool:
        """Tell whether rows are found by this column without reading all, as far as is known."""
        return self.indexed is None or column in self.indexed


def relation(engine: Engine, place: Place) -> Relation:
    """Describe a table or view.

    Raises:
        DataError: The database does not say.
    """
    schema, name = place
    try:
        inspector = inspect(engine)
        table = describe(engine, place)
        if name in inspector.get_view_names(schema=schema):
            return Relation(table, None)
        keys: list[Sequence[str | None]] = [
            inspector.get_pk_constraint(name, schema)["constrained_columns"],
            *(key["column_names"] for key in inspector.get_unique_constraints(name, schema)),
            *(index["column_names"] for index in inspector.get_indexes(name, schema)),
        ]
    except (SQLAlchemyError, OSError) as error:
        raise DataError(f"cannot read {name} of {shown(engine.url)}: {reason(error)}") from error
    return Relation(table, frozenset(columns[0] for columns in keys if columns and columns[0]))


class Statement:
    """Asks for the rows of a table in which a column holds one of some ids."""

    def __init__(
        self,
        table: Table,
        columns: Sequence[str],
        by: str,
        dialect: Dialect,
        translated: Mapping[str, str] | None,
    ) -> None:
        self._columns = [type_coerce(table.columns[name], types.NullType()) for name in columns]
        self._by = table.columns[by]
        self._dialect = dialect
        self._translated = translated
        self._text = lru_cache(maxsize=None)(self._compiled)

    def run(self, cursor: Any, ids: Sequence[str]) -> list[Sequence[object]]:
        """Give the rows as the driver does, in the order it does.

        Args:
            cursor: Of a connection of the driver.
            ids: Ids as cleaned.
        """
        bound = as_stored(self._by.type, written(ids, self._translated), self._dialect.name)
        rows: list[Sequence[object]] = []
        for start in range(0, len(bound), AT_ONCE):
            part = bound[start : start + AT_ONCE]
            # a few lengths only, so that the database knows the statement again
            size = 1 << (len(part) - 1).bit_length()
            part += part[-1:] * (size - len(part))
            text, positional = self._text(size)
            cursor.execute(text, part if positional else {f"i{n}": v for n, v in enumerate(part)})
            rows += cursor.fetchall()
        return rows

    def _compiled(self, size: int) -> tuple[str, bool]:
        """Write the SELECT for a number of ids, and say whether they are bound by position."""
        by = type_coerce(self._by, types.NullType())
        parameters = [bindparam(f"i{number}", type_=types.NullType()) for number in range(size)]
        chosen = by == parameters[0] if size == 1 else by.in_(parameters)
        compiled = select(*self._columns).where(chosen).compile(dialect=self._dialect)
        return str(compiled), bool(compiled.positional)


def as_stored(kind: types.TypeEngine[Any], texts: Sequence[str], dialect: str) -> list[object]:
    """Give texts as a column of a type stores them; those that it cannot store are left out."""
    if isinstance(kind, types.Uuid):
        return [found for text in texts if (found := _uuid(text)) is not None]
    if isinstance(kind, types.Integer | types.Numeric | types.Float):
        whole = numbers(texts)
        # a SQLite column of numbers may hold text all the same
        return [*whole, *(t for t in texts if dialect == "sqlite" and not t.isdigit())]
    if isinstance(kind, types.NullType) and dialect == "sqlite":
        return [*numbers(texts), *texts]
    return list(texts)


def _uuid(text: str) -> UUID | None:
    try:
        found = UUID(text)
    except ValueError:
        return None
    return found if str(found) == text else None
