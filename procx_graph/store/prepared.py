"""Statements that every delivery runs: put into words once, and given to the driver as they are.

SQLAlchemy takes several times as long to hand a statement over as SQLite takes to run it, and a
delivery runs thirty. The statements stay SQLAlchemy's, so they are right on every database; only
the way from a compiled one to the driver is short.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from sqlalchemy import Connection, Dialect, Select
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.dml import UpdateBase
from sqlalchemy.types import TypeEngine

Statement = Select[Any] | UpdateBase
Values = Mapping[str, Any]
_Treat = Callable[[Any], Any]


class Prepared:
    """A statement that is compiled once for each kind of database and set of columns.

    Args:
        statement: What is run, or what makes it from the name of a dialect. Its parameters are
            single values: no list for an `IN`.
    """

    def __init__(self, statement: Statement | Callable[[str], Statement]) -> None:
        self._statement = statement
        self._compiled: dict[tuple[str, frozenset[str]], _Compiled] = {}

    def rows(self, connection: Connection, values: Values) -> list[tuple[Any, ...]]:
        """Run it and give what it finds.

        Args:
            connection: In a transaction.
            values: Value of each parameter.
        """
        compiled = self._for(connection, values)
        cursor = connection.connection.cursor()
        try:
            cursor.execute(compiled.text, compiled.bound(values))
            return compiled.read(cursor)
        finally:
            cursor.close()

    def first(self, connection: Connection, values: Values) -> tuple[Any, ...] | None:
        """Run it and give the first row that it finds."""
        found = self.rows(connection, values)
        return found[0] if found else None

    def column(self, connection: Connection, values: Values) -> list[Any]:
        """Run it and give the first value of each row that it finds."""
        return [row[0] for row in self.rows(connection, values)]

    def run(self, connection: Connection, *many: Values) -> int:
        """Run it once for each of some values, and give how many rows were changed.

        Args:
            connection: In a transaction.
            many: Values of the parameters; all with the same names.
        """
        changed = 0
        cursor = connection.connection.cursor()
        try:
            for values in many:
                compiled = self._for(connection, values)
                cursor.execute(compiled.text, compiled.bound(values))
                changed += cursor.rowcount
        finally:
            cursor.close()
        return changed

    def _for(self, connection: Connection, values: Values) -> "_Compiled":
        key = connection.dialect.name, frozenset(values)
        if (found := self._compiled.get(key)) is None:
            made = self._statement
            statement = made(connection.dialect.name) if callable(made) else made
            found = self._compiled[key] = _compile(statement, connection.dialect, values)
        return found


@dataclass(slots=True)
class _Compiled:
    """A statement in the words of a database, and what becomes of its values on the way.

    Attributes:
        order: Names of the parameters in the order of the text; empty where they go by name.
        given: Values that the statement itself has.
        writes: How a parameter's value is put for the driver.
        types: Of the columns that are found.
        reads: How a found column is put for us; known once the driver told what it gives.
    """

    text: str
    dialect: Dialect
    order: Sequence[str]
    given: Values
    writes: Mapping[str, _Treat]
    types: Sequence[TypeEngine[Any]]
    reads: Sequence[tuple[int, _Treat]] | None = field(default=None)

    def bound(self, values: Values) -> Any:
        """Give the values as the driver takes them."""
        full = {**self.given, **values} if self.given else dict(values)
        for name, write in self.writes.items():
            full[name] = write(full[name])
        return [full[name] for name in self.order] if self.order else full

    def read(self, cursor: Any) -> list[tuple[Any, ...]]:
        """Give the rows that a cursor found."""
        found: Iterable[Sequence[Any]] = cursor.fetchall()
        if self.reads is None:
            told = [column[1] for column in cursor.description]
            self.reads = _reads(self.types, told, self.dialect)
        if not self.reads:
            return [tuple(row) for row in found]
        return [self._put(row) for row in found]

    def _put(self, row: Sequence[Any]) -> tuple[Any, ...]:
        cells = list(row)
        for at, treat in self.reads or ():
            cells[at] = treat(cells[at])
        return tuple(cells)


def _compile(statement: Statement, dialect: Dialect, values: Values) -> _Compiled:
    compiled: SQLCompiler = statement.compile(dialect=dialect, column_keys=list(values))
    writes = {
        name: write
        for name, bind in compiled.binds.items()
        if (write := bind.type.dialect_impl(dialect).bind_processor(dialect)) is not None
    }
    for name, bind in compiled.binds.items():
        if bind.required and name not in values:
            raise KeyError(name)
    given = {name: value for name, value in compiled.params.items() if name not in values}
    return _Compiled(
        text=compiled.string,
        dialect=dialect,
        order=tuple(compiled.positiontup or ()),
        given=given,
        writes=writes,
        types=tuple(column.type for column in statement.exported_columns),
    )


def _reads(
    types: Sequence[TypeEngine[Any]], told: Sequence[Any], dialect: Dialect
) -> list[tuple[int, _Treat]]:
    found = (
        (at, kind.dialect_impl(dialect).result_processor(dialect, given))
        for at, (kind, given) in enumerate(zip(types, told, strict=True))
    )
    return [(at, cast(_Treat, treat)) for at, treat in found if treat is not None]
