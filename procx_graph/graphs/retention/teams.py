"""Who takes a case: the policy's teams, or the business's own."""

import polars as pl

from procx_graph.base import CustomerBase
from procx_graph.domain.policy import Team


def own_teams(base: CustomerBase) -> dict[str, Team]:
    """Give the teams of the base's escalation_matrix by name; none without one."""
    if not base.has("escalation_matrix"):
        return {}
    rows = (
        base.table("escalation_matrix")
        .drop_nulls(["team", "level", "sla_hours"])
        .filter((pl.col("level") >= 1) & (pl.col("sla_hours") > 0))
        .select(name="team", level="level", sla_hours="sla_hours")
        .collect()
    )
    return {row["name"]: Team.model_validate(row) for row in rows.iter_rows(named=True)}
