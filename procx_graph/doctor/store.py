"""The store: can it be reached, and are its tables those of this version?"""

import os
from collections.abc import Iterator
from pathlib import Path

from procx_graph.doctor.addresses import leads_away
from procx_graph.doctor.asked import Asked
from procx_graph.doctor.finding import Finding, Subject
from procx_graph.doctor.masking import without_password
from procx_graph.errors import ProcxError

VARIABLE = "PROCX_STORE_URL"


def look_at_store(asked: Asked) -> Iterator[Finding]:
    """Look at the store that is set, or else at the file that commands would use."""
    setting = asked.settings.store_url
    if setting is not None:
        yield _reached(setting.get_secret_value(), VARIABLE, asked)
    elif asked.store.is_file():
        yield _reached(str(asked.store), asked.store.name, asked)
    else:
        told = f"{VARIABLE} is not set, and there is no {asked.store.name} in this folder"
        yield Finding.off(Subject.STORE, "", told)


def _reached(place: str, part: str, asked: Asked) -> Finding:
    from procx_graph.store.address import read_address
    from procx_graph.store.checkup import glance
    from procx_graph.tables.database import sqlite_file

    if asked.offline and leads_away(place):
        told = f"{without_password(place)}, not asked (--offline)"
        return Finding.off(Subject.STORE, part, told)
    mend = f"correct {VARIABLE}" if part == VARIABLE else f"restore {part} from a copy"
    try:
        file = sqlite_file(read_address(place))
        if file is not None and not file.exists():
            told = f"{file.name} is not there yet: the first command that writes makes it"
            return Finding.warning(Subject.STORE, part, told)
        found = glance(place)
    except ProcxError as error:
        return Finding.broken(Subject.STORE, part, str(error), mend)
    if not found.is_current:
        newer = found.revision is not None and found.revision > found.head
        state = f"is at revision {found.revision}" if found.revision else "has no tables of ours"
        told = f"{found.store} {state}, and revision {found.head} is needed"
        todo = (
            "install a newer procx_graph" if newer else f"procx db upgrade --store {_said(place)}"
        )
        return Finding.broken(Subject.STORE, part, told, todo)
    if file is not None and not _may_write(file):
        told = f"{found.store} can only be read, and commands write to it"
        return Finding.broken(Subject.STORE, part, told, f"give write access to {file.name}")
    return Finding.ok(Subject.STORE, part, f"{found.store} is reachable, revision {found.revision}")


def _said(place: str) -> str:
    """Give a place as it can be typed: a file; a URL with a password stays in its variable."""
    return f'"${VARIABLE}"' if "://" in place else place


def _may_write(file: Path) -> bool:
    """Whether the file may be written, and its folder, where SQLite keeps its log."""
    return os.access(file, os.W_OK) and os.access(file.absolute().parent, os.W_OK)
