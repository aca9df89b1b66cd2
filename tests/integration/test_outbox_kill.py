"""Kill −9 while messages go out: nobody is written to twice, and at most one is in doubt."""

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from procx_graph.domain.outbound import OutboxState
from procx_graph.store import Store
from procx_graph.store.outbox import Outbox
from procx_graph.store.schema import contacts
from tests.integration.stores import filled
from tests.outboxes import NOW, an_outbound
from tests.unit.store.places import KINDS, a_place

NOBODY = "after:99"
"""A message that there is not."""


@pytest.fixture(params=KINDS)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with a_place(request.param, tmp_path) as place:
        with filled(place) as store:
            for name in ("C1", "C2", "C3"):
                Outbox(store).add(an_outbound(name))
        yield place


def send(place: str, folder: Path, kill_at: str, *, keys: bool) -> int:
    """Send in a process of its own, and give how it ended."""
    asked = [sys.executable, "-m", "tests.outboxes", place, str(folder), kill_at]
    surroundings = os.environ | {"TEST_KEYS": "yes" if keys else "no"}
    return subprocess.run(asked, env=surroundings, check=False, timeout=120).returncode


def handed_over(folder: Path) -> Counter[str]:
    log = folder / "log"
    return Counter(log.read_text().split()) if log.exists() else Counter()


def counts(place: str) -> dict[OutboxState, int]:
    with Store.open(place) as store:
        return Outbox(store).counts()


def noted(place: str) -> Counter[str]:
    with Store.open(place) as store, store.reading() as connection:
        return Counter(connection.scalars(select(contacts.c.message_id)))


@pytest.mark.slow
@pytest.mark.parametrize("kill_at", ["before:2", "after:2"])
def test_a_channel_that_takes_keys_gets_everything_and_shows_it_once(
    place: str, tmp_path: Path, kill_at: str
) -> None:
    killed = send(place, tmp_path, kill_at, keys=True)
    then = counts(place)
    ended = send(place, tmp_path, NOBODY, keys=True)

    assert (killed, ended) == (-signal.SIGKILL, 0)
    assert then == {OutboxState.SENT: 1, OutboxState.SENDING: 1, OutboxState.APPROVED: 1}
    assert counts(place) == {OutboxState.SENT: 3}
    assert len(list((tmp_path / "mails").glob("*.eml"))) == 3
    assert set(noted(place).values()) == {1}


@pytest.mark.slow
@pytest.mark.parametrize("kill_at", ["before:2", "after:2"])
def test_a_channel_without_keys_gets_nothing_twice_and_one_message_waits_for_a_person(
    place: str, tmp_path: Path, kill_at: str
) -> None:
    send(place, tmp_path, kill_at, keys=False)
    send(place, tmp_path, NOBODY, keys=False)

    assert counts(place) == {OutboxState.SENT: 2, OutboxState.UNCLEAR: 1}
    assert set(handed_over(tmp_path).values()) == {1}
    with Store.open(place) as store:
        [unclear] = Outbox(store).messages(state=OutboxState.UNCLEAR)
        went_out = unclear.message_id in handed_over(tmp_path)
        assert went_out == kill_at.startswith("after")
        assert f"procx outbox settle {unclear.message_id}" in (unclear.detail or "")
        Outbox(store).settle(unclear.message_id, sent=went_out, who="ann", at=NOW)

    send(place, tmp_path, NOBODY, keys=False)
    assert counts(place) == {OutboxState.SENT: 3}
    assert handed_over(tmp_path) == noted(place)
    assert set(noted(place).values()) == {1}
