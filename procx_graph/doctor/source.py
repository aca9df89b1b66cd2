"""Customer tables: can they be opened? Only names are looked at; rows are not read."""

from collections.abc import Iterator

from procx_graph.assets import SAMPLE, asset_path
from procx_graph.doctor.addresses import leads_away
from procx_graph.doctor.asked import Asked
from procx_graph.doctor.finding import Finding, Subject
from procx_graph.doctor.masking import without_password
from procx_graph.errors import ConfigError, DataError

NAMED = 6
"""Tables that are told by name."""


def look_at_sources(asked: Asked) -> Iterator[Finding]:
    """Open what commands read when they are told of nothing, and what Studio reads."""
    source, database = asked.settings.source, asked.settings.database_url
    if source is None:
        yield _sample()
    else:
        yield _opened("PROCX_SOURCE", source, asked)
    if database is not None:
        yield _opened("PROCX_DATABASE_URL", database.get_secret_value(), asked)


def _sample() -> Finding:
    try:
        asset_path(SAMPLE)
    except ConfigError as error:
        return Finding.broken(Subject.SOURCE, "", str(error), "install procx_graph again")
    return Finding.off(Subject.SOURCE, "", "PROCX_SOURCE is not set: the shipped sample is read")


def _opened(variable: str, place: str, asked: Asked) -> Finding:
    from procx_graph.tables.load import choose
    from procx_graph.tables.mapping import TableMapping
    from procx_graph.tables.opening import open_source

    if asked.offline and leads_away(place):
        told = f"{without_password(place)}, not asked (--offline)"
        return Finding.off(Subject.SOURCE, variable, told)
    try:
        source = open_source(place)
    except (ConfigError, DataError) as error:
        return Finding.broken(Subject.SOURCE, variable, str(error), f"correct {variable}")
    try:
        chosen = list(choose(source, TableMapping()))
    except DataError as error:
        todo = "fine where every command is given --map; else rename the table"
        return Finding.warning(Subject.SOURCE, variable, str(error), todo)
    named = ", ".join(chosen[:NAMED])
    more = f" and {len(chosen) - NAMED} more" if len(chosen) > NAMED else ""
    told = f"{source.name} opens, with {named}{more}; rows were not read (procx validate reads all)"
    return Finding.ok(Subject.SOURCE, variable, told)
