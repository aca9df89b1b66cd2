"""Who takes a case: of its team, speaking its language, skilled enough, with the least to do."""

from collections.abc import Mapping, Sequence

import polars as pl

from procx_graph.base import CustomerBase
from procx_graph.domain.case import Case
from procx_graph.domain.decision import Priority
from procx_graph.domain.model import Noun

_SENIOR = ("manager", "lead", "senior")
"""Words in a role, the most senior first."""
_URGENT = frozenset({Priority.CRITICAL, Priority.HIGH})


MUCH = 3
"""Cases after which a free colleague goes before a better suited one."""


class Agent(Noun):
    """A person in support."""

    agent_id: str
    team: str | None
    role: str | None = None
    languages: frozenset[str] | None = None
    """ISO 639-1 codes; `None` when unknown."""
    hours_to_resolve: float | None = None
    """Mean time to resolve."""

    @property
    def seniority(self) -> int:
        """From 0 up; what the role says."""
        role = (self.role or "").casefold()
        return next((len(_SENIOR) - at for at, word in enumerate(_SENIOR) if word in role), 0)


def agents_of(base: CustomerBase) -> tuple[Agent, ...]:
    """Give the people of the base's agent_profiles; nobody without that table."""
    if not base.has("agent_profiles"):
        return ()
    table = base.table("agent_profiles")
    names = table.collect_schema().names()
    wanted = {
        "agent_id": "agent_id",
        "team": "team",
        "role": "role",
        "languages": "languages",
        "hours_to_resolve": "avg_resolution_time_hours",
    }
    columns = {new: pl.col(old) for new, old in wanted.items() if old in names}
    rows = table.drop_nulls("agent_id").select(**columns).sort("agent_id").collect()
    return tuple(_agent(row) for row in rows.iter_rows(named=True))


def choose_agent(case: Case, agents: Sequence[Agent], load: Mapping[str, int]) -> Agent | None:
    """Choose who takes a case; `None` when its team has nobody.

    Who speaks the customer's language goes before who is not known to; for an urgent case the more
    senior goes first, for others the less senior, so that the senior are free; then whoever has
    the least to do, and is the fastest.

    Args:
        case: What is to be done.
        agents: Everybody.
        load: How many cases each has already, by id.
    """
    team = [one for one in agents if one.team == case.team]
    urgent = case.priority in _URGENT

    def order(one: Agent) -> tuple[object, ...]:
        speaks = case.language is None or (one.languages and case.language in one.languages)
        unknown = one.languages is None
        fast = one.hours_to_resolve if one.hours_to_resolve is not None else float("inf")
        rank = -one.seniority if urgent else one.seniority
        busy = load.get(one.agent_id, 0)
        language = 0 if speaks else 1 if unknown else 2
        return (language, busy // MUCH, rank, busy, fast, one.agent_id)

    return min(team, key=order, default=None)


def _agent(row: Mapping[str, object]) -> Agent:
    told = row.get("languages")
    spoken = (
        frozenset(part.strip().casefold() for part in str(told).split(",") if part.strip())
        if told
        else None
    )
    return Agent.model_validate({**row, "languages": spoken})
