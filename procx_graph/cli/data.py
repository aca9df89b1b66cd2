"""`procx validate` and `procx sample`: looking at data, and making some."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from procx_graph.cli.options import AsOf, MapFile, Source, Strict, open_base
from procx_graph.errors import ConfigError

if TYPE_CHECKING:
    from procx_graph.base import CustomerBase


def validate(
    source: Source = None,
    map_file: MapFile = None,
    as_of: AsOf = None,
    strict: Strict = False,
    json_file: Annotated[
        bool, typer.Option("--json", help="Print the whole report as JSON.")
    ] = False,
    rows: Annotated[
        int, typer.Option("--rows", min=0, help="How many set-aside cells to list.")
    ] = 20,
    columns: Annotated[
        bool, typer.Option("--columns", help="List the tables and columns there are, and stop.")
    ] = False,
) -> None:
    """Report every table read, every row set aside and why, and the mapping applied.

    Examples:

        procx validate customers.xlsx

        procx validate exports/ --map ours.toml --json

        procx validate --columns
    """
    from procx_graph.cli import console

    if columns:
        _show_columns()
        return
    base = open_base(source, mapping=map_file, as_of=as_of, strict=strict)
    report = base.report
    if json_file:
        told = report.to_dict() | {"remarks": remarks(base)}
        print(json.dumps(told, ensure_ascii=False, indent=2))
        return
    out = console.out()
    out.print(
        console.cell(f"{base.name}: {len(base):,} customers as of {base.as_of:%Y-%m-%d %H:%M} UTC")
    )
    tables = console.table(
        "Table", "From", ">Rows", ">Used", ">Set aside", ">Empty cells made", "Columns not read"
    )
    for found in report.tables:
        cells = sum(found.counts.values()) - found.rows_set_aside
        tables.add_row(
            console.cell(found.name),
            console.cell(found.source),
            console.cell(f"{found.rows:,}"),
            console.cell(f"{found.rows_kept:,}"),
            console.cell(f"{found.rows_set_aside:,}" if found.rows_set_aside else "-"),
            console.cell(f"{max(0, cells):,}" if cells > 0 else "-"),
            console.cell(", ".join(found.unknown_columns)),
        )
    out.print(tables)
    for title, names in (
        ("Known but not used", report.unused),
        ("Unknown tables", report.unknown),
        ("Mapping", report.mappings),
        ("Warnings", report.warnings),
    ):
        if names:
            out.print(console.cell(f"{title}: {'; '.join(names)}"))
    for remark in remarks(base):
        out.print(console.cell(f"Note: {remark}", "yellow"))
    if not report.issue_count:
        out.print("Nothing was set aside.")
        return
    issues = console.table("Table", ">Row", "Column", "Value", "Problem", "Set aside")
    for issue in report.issues[:rows]:
        issues.add_row(
            *(
                console.cell(value, limit=80)
                for value in (
                    issue.table,
                    issue.row,
                    issue.column,
                    issue.value,
                    issue.problem,
                    issue.set_aside,
                )
            )
        )
    out.print(f"{report.issue_count:,} cells are not what their table declares:")
    out.print(issues)
    if report.issue_count > rows:
        out.print(f"… and {report.issue_count - rows:,} more; --json lists them")


def _show_columns() -> None:
    """Print every table and column that is read, and what it means."""
    from procx_graph.cli import console
    from procx_graph.schema import TABLES

    shown = console.table("Table", "!Column", "!Kind", "Needed", "Meaning")
    for table in TABLES.values():
        for number, column in enumerate(table.columns):
            shown.add_row(
                console.cell("" if number else table.name, "bold"),
                console.cell(column.name),
                console.cell(column.kind.value),
                console.cell("yes" if column.required else ""),
                console.cell(column.doc),
            )
    console.out().print(shown)


def remarks(base: "CustomerBase") -> list[str]:
    """Say what is right by the schema and yet of no use: unknown words, nobody to write to."""
    import polars as pl

    from procx_graph.domain.message import Language
    from procx_graph.scoring.profiles import load_profile

    factors, people = load_profile("default-v1").factors, base.table("customers")
    known = {
        "segment": [*factors.segment.values],
        "loyalty_tier": [*factors.loyalty_tier.values],
        "language": [language.value for language in Language],
    }
    told = []
    for column, words in known.items():
        lower = [word.casefold() for word in words]
        odd = (
            people.filter(~pl.col(column).str.to_lowercase().is_in(lower))
            .group_by(column)
            .len("rows")
            .sort("rows", column, descending=[True, False])
            .head(8)
            .collect()
        )
        if len(odd):
            named = ", ".join(f"{word!r} x {rows}" for word, rows in odd.iter_rows())
            told.append(
                f"{column}: {named} is none of {', '.join(words)}; "
                f"map it under [values.customers.{column}]"
            )
    reach = people.select(
        consent=pl.col("opt_in_marketing").any(ignore_nulls=True),
        address=(pl.col("email").is_not_null() | pl.col("phone").is_not_null()).any(),
    ).collect()
    if len(base) and not reach["consent"][0]:
        told.append("nobody has opt_in_marketing: only concrete problems may be answered")
    if len(base) and not reach["address"][0]:
        told.append("nobody has an email or a phone: nobody can be written to")
    return told


def sample(
    customers: Annotated[
        int, typer.Option("--customers", min=1, help="How many customers to make.")
    ] = 1000,
    seed: Annotated[int, typer.Option("--seed", min=0, help="The same seed, the same data.")] = 7,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            help="A workbook (.xlsx), or a folder for Parquet files (large bases, in chunks).",
            show_default="sample.xlsx",
        ),
    ] = None,
    oracle: Annotated[
        Path | None,
        typer.Option("--oracle", help="Also write who will leave, and how probable it was (CSV)."),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Replace a file that is already there.")
    ] = False,
) -> None:
    """Make a base of customers who do not exist, with a known best possible prediction.

    Examples:

        procx sample --customers 1000 --seed 7 --out sample.xlsx

        procx sample --customers 1000000 --out big/
    """
    from procx_graph.cli import console
    from procx_graph.tables.sample import generate, write_parquet, write_workbook

    target = out or Path("sample.xlsx")
    workbook = target.suffix.lower() == ".xlsx"
    if target.suffix and not workbook:
        raise ConfigError(f"cannot write {target}: name a .xlsx file, or a folder for Parquet")
    if workbook and customers > 50_000:
        raise ConfigError("a workbook holds at most 50,000 customers; name a folder for Parquet")
    if oracle is not None and not workbook:
        raise ConfigError("--oracle goes with a workbook")
    if not force and (target.is_file() or (target.is_dir() and any(target.iterdir()))):
        raise ConfigError(f"{target} is already there; name another place, or say --force")
    with console.progress("customers") as bar:
        task = bar.task_ids[0]
        bar.update(task, total=customers)
        try:
            if workbook:
                world = generate(customers, seed=seed)
                write_workbook(world, target)
                if oracle is not None:
                    world.oracle.to_csv(oracle, index=False)
            else:
                write_parquet(
                    customers,
                    target,
                    seed=seed,
                    progress=lambda done: bar.update(task, completed=done),
                )
        except OSError as error:
            raise ConfigError(f"cannot write {target}: {error.strerror}") from error
    console.out().print(console.cell(f"{customers:,} customers in {target}"))
