"""From a source to clean tables and a report of what it took."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from procx_graph.errors import ConfigError, DataError
from procx_graph.schema import TABLES, Table
from procx_graph.tables.convert import fits
from procx_graph.tables.mapping import TableMapping
from procx_graph.tables.moment import Behaviour, behaviour
from procx_graph.tables.report import Report, TableReport
from procx_graph.tables.source import RawTable, Source
from procx_graph.tables.stored import Stored
from procx_graph.tables.validate import NUMBERED, Cleaned, clean


@dataclass(frozen=True)
class Loaded:
    """Clean tables by our names, `customers` among them.

    Attributes:
        name: What the source is called.
        cleaned: What became of every table.
        stored: Where every table lies.
        customer_ids: All ids, sorted.
        behaviour: When customers did things.
        report: What came of reading.
    """

    name: str
    cleaned: Mapping[str, Cleaned]
    stored: Mapping[str, Stored]
    customer_ids: pl.Series
    behaviour: Behaviour
    report: Report

    @cached_property
    def tables(self) -> Mapping[str, pl.LazyFrame]:
        """Every declared column, every row that holds, whatever its date."""
        return {name: cleaned.frame for name, cleaned in self.cleaned.items()}

    @cached_property
    def integer_ids(self) -> bool:
        """Whether all ids of customers and orders are whole numbers of 64 bits in the source."""
        return all(
            fits(cleaned.found[name])
            for cleaned in self.cleaned.values()
            for name in NUMBERED
            if name in cleaned.found
        )

    @cached_property
    def fingerprint(self) -> str:
        """A short hash of the tables, whatever the order of their rows."""
        digest = hashlib.sha256()
        for name in sorted(self.tables):
            rows = pl.struct(pl.all()).hash().sum()
            found = self.tables[name].select(pl.len(), rows.alias("rows"))
            digest.update(f"{name} {found.collect(engine='streaming').row(0)}".encode())
        return digest.hexdigest()[:16]


def load(source: Source, mapping: TableMapping, *, strict: bool = False) -> Loaded:
    """Read every table we know, translated and checked.

    Args:
        source: Where the tables are.
        mapping: How its names and values translate.
        strict: Refuse the load on the first cell that is not what is declared.

    Raises:
        DataError: There is no customers table, or a required column is missing.
        RowError: `strict`, and a cell is not what is declared.
        ConfigError: The source is a store, and the mapping would translate it.
    """
    chosen = choose(source, mapping)
    done: dict[str, Cleaned] = {}
    stored: dict[str, Stored] = {}
    warnings: list[str] = []
    words = [f"{theirs} → {ours}" for ours, theirs in chosen.items() if ours != theirs]
    ids: pl.Series | None = None
    for name, theirs in chosen.items():
        table, raw = TABLES[name], source.tables[theirs]
        if table.ignored:
            continue
        cleaned, translated, verbatim = _read(table, raw, mapping, strict, ids)
        if cleaned is None:
            warnings.append(f"{theirs} is empty, without even a header, and is not used")
            continue
        done[name], stored[name] = cleaned, Stored(raw.files, verbatim)
        words += translated
        if ids is None:
            ids = cleaned.frame.select("customer_id").collect().to_series().sort()
    assert ids is not None
    active = behaviour({name: cleaned.frame for name, cleaned in done.items()})
    warnings += [warning for warning in (active.warning, _unpriced(done)) if warning]
    report = Report(
        tuple(_told(name, chosen[name], cleaned) for name, cleaned in done.items()),
        tuple(theirs for ours, theirs in chosen.items() if TABLES[ours].ignored),
        tuple(name for name in source.tables if name not in chosen.values()),
        tuple(words),
        tuple(warnings),
    )
    return Loaded(source.name, done, stored, ids, active, report)


def _read(
    table: Table, raw: RawTable, mapping: TableMapping, strict: bool, ids: pl.Series | None
) -> tuple[Cleaned | None, list[str], frozenset[str]]:
    """Read one table; None when it has no columns at all, unless it is `customers`.

    Also gives what was translated, and the columns whose names and values were not.
    """
    try:
        frame = raw.read()
        theirs = frame.collect_schema().names()
        if table.name != "customers" and not theirs:
            return None, [], frozenset()
        renamed, translated = mapping.rename(table, frame.lazy())
        cleaned = clean(
            table,
            renamed.collect() if isinstance(frame, pl.DataFrame) else renamed,
            first_row=raw.first_row,
            strict=strict,
            time_zone=mapping.time_zone,
            customers=ids,
        )
    except (pl.exceptions.PolarsError, OSError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise DataError(f"cannot read {table.name}: {reason}") from error
    return cleaned, translated, _verbatim(table, mapping, theirs)


def _unpriced(cleaned: Mapping[str, Cleaned]) -> str | None:
    """Say that orders have no amounts, which may as well be a column of another name."""
    orders = cleaned.get("orders")
    if orders is None or "total_amount" in orders.found:
        return None
    return (
        "orders has no column total_amount, so nothing is known of anybody's spend; "
        "where another column holds it, name that in a mapping (--map)"
    )


def _verbatim(table: Table, mapping: TableMapping, theirs: list[str]) -> frozenset[str]:
    """Give our columns that have the same name in the source and whose values are not mapped."""
    same = {ours for name, ours in mapping.columns_of(table, theirs).items() if name == ours}
    mapped = {*mapping.values.get(table.name, ())} | ({"currency"} if mapping.currency else set())
    return frozenset(same - mapped)


def _told(name: str, theirs: str, cleaned: Cleaned) -> TableReport:
    table = TABLES[name]
    return TableReport(
        name=name,
        source=theirs,
        rows=cleaned.rows,
        rows_kept=cleaned.rows_kept,
        cells_set_aside=sum(
            number
            for column, number in cleaned.counts.items()
            if column not in (*table.decisive, table.key)
        ),
        counts=cleaned.counts,
        issues=cleaned.issues,
        unknown_columns=cleaned.unknown_columns,
    )


def choose(source: Source, mapping: TableMapping) -> dict[str, str]:
    """Give our tables and their names; a listed name first, then the same, then a similar one.

    Raises:
        DataError: There is no customers table, or the mapping names a table that is not there.
        ConfigError: The source is a store, and the mapping would translate it.
    """
    if source.is_store and mapping != TableMapping():
        raise ConfigError(
            f"{source.name} is a store, whose tables are in our words already: leave the mapping "
            "(--map) out, and give it to `procx load`"
        )
    there = ", ".join(source.tables) or "none"
    for theirs in mapping.tables:
        if theirs not in source.tables:
            raise DataError(
                f"{source.name} has no table {theirs!r}, which the mapping names; it has: {there}"
            )
    ranked = sorted(
        source.tables, key=lambda name: (name not in mapping.tables, name not in TABLES)
    )
    chosen: dict[str, str] = {}
    for theirs in ranked:
        ours = mapping.table_of(theirs)
        if ours is not None:
            chosen.setdefault(ours, theirs)
    if "customers" not in chosen:
        raise DataError(
            f"{source.name} has no table customers (it has: {there}); "
            f"name the table that holds them in a mapping (--map)"
        )
    return {name: chosen[name] for name in TABLES if name in chosen}
