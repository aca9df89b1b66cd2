"""`procx rescore`: a few customers, from their own rows alone."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

from procx_graph.cli.history import StorePlace, open_store
from procx_graph.cli.options import (
    MapFile,
    ProfileName,
    SourceOption,
    Value,
    chosen_profile,
    named_source,
)
from procx_graph.cli.own_tables import source_of_scan
from procx_graph.domain.health import against

if TYPE_CHECKING:
    from collections.abc import Iterable

    from procx_graph.domain.risk import Score
    from procx_graph.scoring.cohort import Cohort


def rescore(
    customer_ids: Annotated[list[str], typer.Argument(help="Ids of the customers.")],
    source: SourceOption = None,
    store: StorePlace = None,
    profile: ProfileName = None,
    value: Value = None,
    map_file: MapFile = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the scores as JSON.")] = False,
) -> None:
    """Score a few customers from their own rows and the statistics of the last recorded scan.

    Nobody else's rows are read, and the numbers are exactly those of the full scan. Record one
    first: procx score --store procx.db

    Examples:

        procx rescore C100042

        procx rescore C100042 C100043 --source sqlite:///shop.db --store procx.db --json
    """
    from procx_graph.monitor.stored import stored_scorer

    chosen = chosen_profile(profile, value)
    with open_store(store, create=False) as opened:
        own = source_of_scan(source, opened, store, resume=None)
        scorer = stored_scorer(named_source(own), opened, profile=chosen, mapping=map_file)
    with scorer:
        found = scorer.score_many(customer_ids, drivers=True)
    if as_json:
        scores = [score.model_dump(mode="json") for score in found.values()]
        print(json.dumps(scores, ensure_ascii=False, indent=2))
    else:
        _show(found.values(), scorer.cohort)


def _show(scores: "Iterable[Score]", cohort: "Cohort") -> None:
    from procx_graph.cli import console

    title = f"statistics of {cohort.source} as of {cohort.as_of:%Y-%m-%d %H:%M} UTC"
    console.out().print(console.cell(title, "dim"))
    shown = console.table("Customer", "State", ">Health", ">Risk", "Level", ">At risk", "Why")
    for score in scores:
        cells = (
            score.customer_id,
            score.state.value,
            f"{score.health:.0f}",
            "-" if score.churn_risk is None else f"{score.churn_risk:.0%}",
            score.risk_level or "-",
            "-" if score.revenue_at_risk is None else f"{score.revenue_at_risk:,.0f}",
            "; ".join(driver.text for driver in against(score.drivers)[:2]),
        )
        shown.add_row(*(console.cell(cell) for cell in cells))
    console.out().print(shown)
