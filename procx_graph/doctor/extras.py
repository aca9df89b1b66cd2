"""What can be installed beside: which of it is there, and what each is for."""

from collections.abc import Iterator

from packaging.requirements import Requirement

from procx_graph.doctor.asked import Asked
from procx_graph.doctor.finding import Finding, Subject
from procx_graph.doctor.packages import OURS, VersionOf, installed, requirements

PURPOSES = {
    "duckdb": "scoring on DuckDB (--engine duckdb)",
    "ml": "a churn risk learned from your own past (procx train)",
    "notebooks": "opening notebooks in Jupyter",
    "plots": "pictures of scores and evaluations",
    "postgres": "a store or customer tables in PostgreSQL",
    "server": "webhooks over HTTP (procx listen)",
    "spark": "scoring on Spark (--engine spark)",
    "sqlite": "reading SQLite faster",
    "studio": "LangGraph Studio (langgraph dev)",
    "webhooks": "Standard Webhooks signed with public keys (v1a)",
}
"""Each extra that is for users, as in pyproject.toml."""


def look_at_extras(asked: Asked) -> Iterator[Finding]:
    """Tell which extras are there."""
    del asked
    if installed(OURS) is None:
        return
    for extra in PURPOSES:
        yield extra_of(extra, requirements(extra))


def extra_of(extra: str, needed: list[Requirement], version_of: VersionOf | None = None) -> Finding:
    """Judge one extra by the packages it needs."""
    versions = {one.name: (version_of or installed)(one.name) for one in needed}
    mend = f'pip install "{OURS}[{extra}]"'
    missing = [name for name, version in versions.items() if version is None]
    if missing:
        what = "" if len(missing) == len(versions) else f" (lacks {', '.join(missing)})"
        return Finding.off(Subject.EXTRAS, extra, f"not installed{what}; for {PURPOSES[extra]}")
    wrong = [
        f"{one.name} {versions[one.name]} instead of {one.specifier}"
        for one in needed
        if not one.specifier.contains(versions[one.name] or "", prereleases=True)
    ]
    if wrong:
        return Finding.warning(Subject.EXTRAS, extra, ", ".join(wrong), mend)
    return Finding.ok(Subject.EXTRAS, extra, "installed")
