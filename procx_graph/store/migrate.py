"""Bringing the tables of a store to the form that this version of the code works with."""

from threading import Lock
from typing import TYPE_CHECKING

from sqlalchemy import Connection, String, column, inspect, select, table, text

from procx_graph.errors import StoreError
from procx_graph.store.schema import HEAD, VERSIONS, metadata

if TYPE_CHECKING:
    from alembic.config import Config

FIRST = "0001"
"""The revision of tables that do not say by which one they came to be."""

LOCK = 0x70726F6378
"""Key of the PostgreSQL advisory lock: "procx" in ASCII."""

_alembic = Lock()
"""Alembic keeps what it works on in globals, so that two threads would mix up their stores."""

_versions = table(VERSIONS, column("version_num", String))


def revision(connection: Connection) -> str | None:
    """Give the revision that the tables are at; None where there are none of ours yet."""
    if not inspect(connection).has_table(VERSIONS):
        return None
    return connection.scalar(select(_versions.c.version_num))


def require_known(found: str | None, name: str) -> None:
    """Refuse a store that a newer version of the library made.

    Raises:
        StoreError: The revision is not among ours.
    """
    if found is not None and found not in _revisions():
        raise StoreError(
            f"the store {name} is at revision {found!r}, which this version of procx_graph does "
            f"not know (it goes up to {HEAD}): install a newer version"
        )


def require_head(found: str | None, name: str) -> None:
    """Refuse a store whose tables are not yet those of this version.

    Raises:
        StoreError: They are older, or there are none.
    """
    if found != HEAD:
        state = f"is at revision {found}" if found else "has no tables of procx_graph"
        raise StoreError(
            f"the store {name} {state}, and revision {HEAD} is needed: run "
            "`procx db upgrade --store PLACE`, or open it with migrate=True"
        )


def migrate(connection: Connection, name: str) -> None:
    """Bring the tables to the newest revision, within the transaction of the connection.

    Whoever comes second waits, and then finds the work done.

    Raises:
        StoreError: A table of another owner has one of our names, or the store is too new.
    """
    from alembic import command

    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
    found = revision(connection)
    require_known(found, name)
    _require_free_names(connection, name, found)
    with _alembic:
        command.upgrade(alembic_config(connection), "head")


def _require_free_names(connection: Connection, name: str, found: str | None) -> None:
    """Refuse a place where a table that is to be made is there already."""
    to_make = {
        made.name
        for made in metadata.tables.values()
        if found is None or made.info.get("revision", FIRST) > found
    }
    taken = sorted(to_make.intersection(inspect(connection).get_table_names()))
    if taken:
        raise StoreError(
            f"{name} already has a table {taken[0]} that is not ours: give the store a database "
            "or a PostgreSQL schema of its own (?options=-csearch_path%3Dprocx)"
        )


def alembic_config(connection: Connection | None = None) -> "Config":
    """Give what Alembic must know: the revisions in the package, and where to apply them."""
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", "procx_graph.store:migrations")
    config.set_main_option("path_separator", "os")
    return config


def _revisions() -> set[str]:
    from alembic.script import ScriptDirectory

    walked = ScriptDirectory.from_config(alembic_config()).walk_revisions()
    return {script.revision for script in walked}
