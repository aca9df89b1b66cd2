"""`procx score` and `procx explain`: the numbers of everybody, and the reasons of one."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from procx_graph.cli.console import safe
from procx_graph.cli.history import StorePlace, fill, keep, require_store
from procx_graph.cli.options import (
    AsOf,
    Engine,
    EngineName,
    MapFile,
    ProfileName,
    Source,
    SourceOption,
    Strict,
    Value,
    chosen_profile,
    is_sample,
    open_base,
    remark_on,
    require_writable,
)
from procx_graph.cli.own_tables import source_of_scores
from procx_graph.domain.health import against
from procx_graph.errors import ConfigError

if TYPE_CHECKING:
    import pandas as pd

    from procx_graph.base import CustomerBase
    from procx_graph.domain.profile import Profile
    from procx_graph.scoring.engine import Engine as EngineWord
    from procx_graph.scoring.scores import Scores

_FORMATS = (".csv", ".parquet", ".xlsx", ".json")
LARGE = 1_000_000
"""Customers from which a Parquet file is written part by part."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def score(
    source: Source = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            help="Write the table to a .csv, .parquet, .xlsx or .json file.",
            show_default="a summary on the terminal",
        ),
    ] = None,
    profile: ProfileName = None,
    value: Value = None,
    map_file: MapFile = None,
    as_of: AsOf = None,
    engine: Engine = EngineName.POLARS,
    strict: Strict = False,
    stream: Annotated[
        bool | None,
        typer.Option(
            "--stream/--no-stream",
            help="Write a .parquet part by part, without the reasons, so that a base need not fit "
            "into memory.",
            show_default=f"from {LARGE:,} customers on",
        ),
    ] = None,
    top: Annotated[
        int, typer.Option("--top", min=1, help="How many to show on the terminal.")
    ] = 15,
    history: Annotated[
        str | None,
        typer.Option(
            "--history",
            help="Score the past into the store: daily, weekly, monthly, or every so many days. "
            "What is recorded already is left as it is.",
            show_default=False,
        ),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option("--since", help="First day of the history.", show_default=False),
    ] = None,
    store: StorePlace = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only list the moments of the history.")
    ] = False,
) -> None:
    """Score every customer: health, churn risk, revenue at risk, and the ten factors' points.

    With --store the scores are recorded, with --history those of the past as well.

    Examples:

        procx score customers.xlsx --out scores.csv

        procx score exports/ --profile procx-seed --engine duckdb

        procx score warehouse/ --engine duckdb --out scores.parquet --stream

        procx score customers.xlsx --store procx.db

        procx score customers.xlsx --history weekly --since 2025-01-01
    """
    from procx_graph.cli import console
    from procx_graph.scoring.engine import score as score_base

    if out is not None and out.suffix.lower() not in _FORMATS:
        raise ConfigError(f"cannot write {out}: name a {', '.join(_FORMATS)} file")
    _require_history(history, since, out=out, dry_run=dry_run)
    if stream and (out is None or store is not None or history is not None):
        raise ConfigError("--stream writes a file and nothing else: give --out scores.parquet")
    if out is not None:
        require_writable(out)
    if store is not None or history is not None:
        source = source_of_scores(source, store)
    base = open_base(source, mapping=map_file, as_of=as_of, strict=strict)
    replay = is_sample(source) or as_of is not None
    chosen = chosen_profile(profile, value)
    if history is not None and since is not None:
        fill(
            base, store, profile=chosen, every=history, since=since, engine=engine.value,
            dry_run=dry_run,
        )  # fmt: skip
        remark_on(base, replay=replay)
        return
    if out is not None and store is None and _streams(base, out, stream):
        _stream(base, out, chosen, engine.value)
        remark_on(base, replay=replay)
        return
    if store is not None:
        require_store(store)
    with console.progress("scoring"):
        scores = score_base(base, profile=chosen, engine=engine.value)
    remark_on(base, replay=replay)
    if store is not None:
        keep(scores, store)
    if out is None:
        _summarise(scores, base.name, top)
        return
    try:
        _write(scores.to_frame(), out)
    except OSError as error:
        raise ConfigError(f"cannot write {out}: {error.strerror or error}") from error
    console.out().print(console.cell(f"{len(scores):,} customers scored, written to {out}"))


def explain(
    customer_id: Annotated[str, typer.Argument(help="Id of the customer.")],
    source: SourceOption = None,
    profile: ProfileName = None,
    map_file: MapFile = None,
    as_of: AsOf = None,
    strict: Strict = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
) -> None:
    """Take one customer's health and churn risk apart: what adds, what costs, and why.

    Example:

        procx explain C100042 --source customers.xlsx
    """
    from procx_graph.cli import console
    from procx_graph.scoring.reasons.explain import explain_customer

    base = open_base(source, mapping=map_file, as_of=as_of, strict=strict)
    found = explain_customer(base, customer_id, profile=chosen_profile(profile))
    if not as_json:
        remark_on(base, replay=is_sample(source) or as_of is not None)
    if as_json:
        print(json.dumps(found.to_dict(), ensure_ascii=False, indent=2))
    else:
        console.out().print(console.cell(found))


def _streams(base: "CustomerBase", out: Path, asked: bool | None) -> bool:
    """Whether to write part by part."""
    if asked and out.suffix.lower() != ".parquet":
        raise ConfigError(f"--stream writes Parquet: name a .parquet file, not {out}")
    return bool(asked) or (
        asked is None and out.suffix.lower() == ".parquet" and len(base) >= LARGE
    )


def _stream(base: "CustomerBase", out: Path, profile: "Profile", engine: "EngineWord") -> None:
    from procx_graph.cli import console
    from procx_graph.scoring.streamed import score_to_parquet

    with console.progress("scoring") as bar:
        task = bar.add_task("writing", total=len(base))
        written = score_to_parquet(
            base,
            out,
            profile=profile,
            engine=engine,
            on_progress=lambda done, _: bar.update(task, completed=done),
        )
    console.out().print(
        console.cell(f"{written.customers:,} customers scored, written to {out} without reasons")
    )


def _require_history(
    history: str | None, since: str | None, *, out: Path | None, dry_run: bool
) -> None:
    """Refuse options that would be ignored."""
    if (history is None) != (since is None):
        raise ConfigError("--history and --since go together: --history weekly --since 2025-01-01")
    if history is None and dry_run:
        raise ConfigError("--dry-run is for --history weekly --since 2025-01-01")
    if history is not None and out is not None:
        raise ConfigError("--history writes to the store: leave out --out, or score once more")


def _summarise(scores: "Scores", name: str, top: int) -> None:
    """Print how many stand where, and the head of the queue."""
    from procx_graph.cli import console

    out, frame = console.out(), scores.frame
    out.print(
        console.cell(
            f"{name} as of {scores.as_of:%Y-%m-%d %H:%M} UTC · profile {scores.profile.name} "
            f"({scores.profile.hash})",
            "dim",
        )
    )
    states = ", ".join(
        f"{number:,} {state}" for state, number in sorted(frame["state"].value_counts().iter_rows())
    )
    health = frame["health"].mean()
    mean = f"mean health {health:.1f}" if isinstance(health, float) else "nobody to score"
    out.print(f"{len(frame):,} customers ({states}); {mean}")
    queue = frame.drop_nulls("rank").sort("rank").head(top)
    reasons = scores.drivers(queue["customer_id"].to_list())
    shown = console.table(">Rank", "Customer", ">Health", ">Risk", "Level", ">At risk", "Why")
    for row in queue.iter_rows(named=True):
        shown.add_row(
            console.cell(row["rank"]),
            console.cell(row["customer_id"]),
            console.cell(f"{row['health']:.0f}"),
            console.cell(f"{row['churn_risk']:.0%}"),
            console.cell(row["risk_level"]),
            console.cell(f"{row['revenue_at_risk']:,.0f}"),
            console.cell("; ".join(d.text for d in against(reasons[row["customer_id"]])[:2])),
        )
    out.print(shown)


def _write(frame: "pd.DataFrame", out: Path) -> None:
    """Write the table; drivers become JSON text, and no cell of a sheet becomes a formula."""
    kind = out.suffix.lower()
    if kind == ".json":
        frame.to_json(out, orient="records", date_format="iso", force_ascii=False, indent=1)
        return
    told = [json.dumps(drivers, ensure_ascii=False) for drivers in frame["drivers"]]
    flat = frame.assign(drivers=told)
    if kind == ".parquet":
        flat.to_parquet(out, index=False)
        return
    flat = flat.assign(
        customer_id=[_harmless(name) for name in flat["customer_id"]],
        drivers=[safe(text) for text in flat["drivers"]],
    )
    if kind == ".csv":
        flat.to_csv(out, index=False)
    else:
        flat["as_of"] = flat["as_of"].dt.tz_localize(None)
        flat.to_excel(out, index=False, sheet_name="scores")


def _harmless(text: str) -> str:
    """Give text that a spreadsheet can hold and takes for text.

    Control characters go, and a quote comes before what would start a formula.
    """
    plain = safe(text)
    return f"'{plain}" if plain.startswith(_FORMULA) else plain
