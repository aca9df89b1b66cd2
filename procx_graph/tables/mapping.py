"""Whose names are whose: tables, columns and values of another business in our words."""

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import polars as pl
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from procx_graph.assets import read_toml
from procx_graph.errors import ConfigError, DataError
from procx_graph.schema import TABLES, Table

Names = dict[str, str]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]


class TableMapping(BaseModel):
    """How the names and values of a source translate into ours.

    Every pair reads theirs = ours. Names not listed match when they differ only in case, spaces,
    hyphens and underscores; a listed name wins.

    ```toml
    time_zone = "Asia/Kolkata"
    currency = "INR"

    [tables]
    Kunden = "customers"

    [columns.customers]
    "Kunden-Nr" = "customer_id"

    [values.customers.segment]
    Gold = "VIP"
    ```

    Attributes:
        tables: Their sheet, file or database table (`schema.table`) to our table.
        columns: By our table: their column to our column.
        values: By our table and column: their value, as text, to ours.
        time_zone: IANA zone of timestamps that name none.
        currency: ISO 4217 code for customers that have none; None leaves it unknown.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    tables: Names = Field(default_factory=dict)
    columns: dict[str, Names] = Field(default_factory=dict)
    values: dict[str, dict[str, Names]] = Field(default_factory=dict)
    time_zone: str = "UTC"
    currency: Currency | None = None

    @classmethod
    def load(cls, path: str | Path) -> "TableMapping":
        """Read a TOML file.

        Raises:
            ConfigError: The file is missing, is not TOML, or names what we do not have.
        """
        return as_mapping(read_toml(path))

    @field_validator("time_zone")
    @classmethod
    def _exists(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ConfigError(f"mapping: there is no time zone {name!r}") from error
        return name

    @model_validator(mode="after")
    def _targets_exist(self) -> Self:
        for ours in (*self.tables.values(), *self.columns, *self.values):
            _known("table", ours, TABLES)
        for table, names in self.columns.items():
            for ours in names.values():
                _known(f"column of {table}", ours, TABLES[table].names)
        for table, columns in self.values.items():
            for ours in columns:
                _known(f"column of {table}", ours, TABLES[table].names)
        return self

    def table_of(self, theirs: str) -> str | None:
        """Give our name of their table, None when it is none of ours."""
        return self.tables.get(theirs) or _match(theirs, TABLES)

    def columns_of(self, table: Table, theirs: Iterable[str]) -> Names:
        """Give their column to ours, for those that are ours; one of theirs for each of ours.

        A listed name comes before the same name, and that before a similar one.
        """
        theirs = list(theirs)
        listed = self.columns.get(table.name, {})
        pairs = [(name, listed[name]) for name in theirs if name in listed]
        pairs += [(name, name) for name in theirs if name in table.names]
        pairs += [(name, ours) for name in theirs if (ours := _match(name, table.names))]
        chosen: Names = {}
        for name, ours in pairs:
            if name not in chosen and ours not in chosen.values():
                chosen[name] = ours
        return chosen

    def rename(self, table: Table, frame: pl.LazyFrame) -> tuple[pl.LazyFrame, list[str]]:
        """Give a table our column names and values.

        Returns:
            The frame, columns that are not ours untouched, and what was translated, in words.

        Raises:
            DataError: The mapping names a column that is not there.
        """
        theirs = frame.collect_schema().names()
        for name in self.columns.get(table.name, {}):
            if name not in theirs:
                raise DataError(
                    f"{table.name} has no column {name!r}, which the mapping names; "
                    f"it has: {', '.join(theirs)}"
                )
        chosen = self.columns_of(table, theirs)
        clashes = {ours for name, ours in chosen.items() if name != ours and ours in theirs}
        frame = frame.drop(clashes).rename(chosen)
        words = [f"{table.name}: {a} → {b}" for a, b in chosen.items() if a != b]
        for column, values in self.values.get(table.name, {}).items():
            if column in chosen.values():
                text = pl.col(column).cast(pl.String)
                frame = frame.with_columns(text.replace(values))
                words += [f"{table.name}.{column}: {a} → {b}" for a, b in values.items()]
        if table.name == "customers" and self.currency:
            frame = self._with_currency(frame)
            words.append(f"customers.currency: {self.currency} where none is given")
        return frame, words

    def _with_currency(self, frame: pl.LazyFrame) -> pl.LazyFrame:
        if "currency" not in frame.collect_schema():
            return frame.with_columns(pl.lit(self.currency).alias("currency"))
        given = pl.col("currency").cast(pl.String).replace("", None)
        return frame.with_columns(given.fill_null(self.currency))


def _plain(name: str) -> str:
    return re.sub(r"[\s_\-]+", "", name).casefold()


def _match(theirs: str, ours: Iterable[str]) -> str | None:
    ours = list(ours)
    if theirs in ours:
        return theirs
    return next((name for name in ours if _plain(name) == _plain(theirs)), None)


def _known(what: str, name: str, names: Iterable[str]) -> None:
    names = list(names)
    if name not in names:
        near = get_close_matches(name, names, n=3) or names[:5]
        raise ConfigError(f"mapping: {name!r} is no {what}; near: {', '.join(near)}")


def _in_words(error: ValidationError) -> str:
    return "; ".join(
        f"{'.'.join(str(part) for part in each['loc'])}: {each['msg']}" for each in error.errors()
    )


def as_mapping(mapping: TableMapping | str | Path | Mapping[str, object] | None) -> TableMapping:
    """Accept a mapping, the path of its file, or nothing.

    Raises:
        ConfigError: The file is missing or wrong.
    """
    if isinstance(mapping, TableMapping):
        return mapping
    if mapping is None:
        return TableMapping()
    if isinstance(mapping, str | Path):
        return TableMapping.load(mapping)
    try:
        return TableMapping.model_validate(mapping)
    except ValidationError as error:
        raise ConfigError(f"the mapping is wrong: {_in_words(error)}") from error
