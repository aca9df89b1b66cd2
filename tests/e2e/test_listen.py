"""`procx listen`: deliveries over HTTP to a process of its own."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from sqlalchemy import select

from procx_graph.monitor.history import record
from procx_graph.scoring.engine import score
from procx_graph.store import Store
from procx_graph.store.schema import receipts, rescorings
from tests.e2e.listening import LONG, Listening, listening
from tests.e2e.sender import ticket
from tests.e2e.terminal import procx
from tests.integration.stores import base, filled, table

pytestmark = pytest.mark.slow


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A store with three customers and their scan."""
    place = tmp_path / "procx.db"
    with filled(str(place)) as store:
        record(score(base()), store, at=base().as_of)
    return place


@pytest.fixture
def heard(place: Path) -> Iterator[Listening]:
    with listening(place, "--no-rescore") as heard:
        yield heard


def stored(place: Path) -> set[str]:
    """Give the keys of what was taken in."""
    with Store.open(place) as store, store.reading() as connection:
        return set(connection.scalars(select(receipts.c.key)))


def test_a_delivery_is_answered_when_it_is_kept_and_the_end_is_clean(
    heard: Listening, place: Path
) -> None:
    first, again = heard.send(ticket(1)), heard.send(ticket(1))
    damaged = heard.send(type(ticket(1))("standard", ticket(1).headers, b"{}"))

    assert [one.status_code for one in (first, again, damaged)] == [200, 200, 401]
    assert [one.json()["outcome"] for one in (first, again)] == ["accepted", "duplicate"]
    assert damaged.json() == {"outcome": "refused", "events": [], "reason": "bad_signature"}
    assert heard.end() == 0
    with Store.open(place) as store:
        assert [row["ticket_id"] for row in table(store, "support_tickets")] == ["T1"]


def test_it_says_whether_it_can_take_deliveries_in(heard: Listening, place: Path) -> None:
    well = httpx.get(f"{heard.url}/healthz", timeout=LONG)
    place.unlink()
    gone = httpx.get(f"{heard.url}/healthz", timeout=LONG)
    refused = heard.send(ticket(1))

    assert (well.status_code, well.json()) == (200, {"ok": True, "store": "sqlite:procx.db"})
    assert (gone.status_code, gone.json()["ok"]) == (503, False)
    assert (refused.status_code, refused.json()["reason"]) == (503, "store")


def test_what_no_provider_sends_is_refused(heard: Listening) -> None:
    sent = ticket(1)

    assert httpx.post(f"{heard.url}/webhooks/nobody", content=b"{}").status_code == 404
    large = httpx.post(f"{heard.url}/webhooks/stripe", content=b" " * 2_100_000, timeout=LONG)
    assert large.status_code == 413
    assert httpx.get(f"{heard.url}/webhooks/stripe").status_code == 405
    assert heard.send(sent).status_code == 200


def test_a_body_that_comes_too_slowly_is_not_waited_for(heard: Listening) -> None:
    there = urlsplit(heard.url)
    with socket.create_connection((str(there.hostname), int(there.port or 0)), LONG) as slow:
        slow.sendall(b"POST /webhooks/stripe HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\n{")
        started = time.monotonic()
        answer = slow.recv(65_536)

    assert b" 408 " in answer.splitlines()[0]
    assert b"connection: close" in answer.lower()
    assert time.monotonic() - started >= 9
    assert heard.send(ticket(1)).status_code == 200


def test_a_sender_who_hangs_up_disturbs_nobody(heard: Listening) -> None:
    there = urlsplit(heard.url)
    with socket.create_connection((str(there.hostname), int(there.port or 0)), LONG) as cut:
        cut.sendall(b"POST /webhooks/stripe HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\n{")

    assert heard.send(ticket(1)).status_code == 200
    assert heard.end() == 0
    assert heard.lines.empty()


def sending(heard: Listening, first: int, count: int) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "tests.e2e.sender", heard.url, str(first), str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_two_who_send_at_once_lose_nothing_and_neither_does_the_end(
    heard: Listening, place: Path
) -> None:
    senders = [sending(heard, first, 40) for first in (0, 1_000)]
    answered = [sender.communicate(timeout=LONG)[0].split() for sender in senders]

    assert [len(one) for one in answered] == [40, 40]
    assert heard.end() == 0
    assert stored(place) == {f"msg_{number}" for one in answered for number in one}


@pytest.mark.parametrize("after", [3, 17])
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_whatever_was_answered_is_kept_when_the_process_is_ended(
    heard: Listening, place: Path, after: int, how: signal.Signals
) -> None:
    senders = [sending(heard, first, 100_000) for first in (0, 1_000_000)]
    assert senders[0].stdout is not None
    answered = [senders[0].stdout.readline().strip() for _ in range(after)]

    os.kill(heard.process.pid, how)
    code = heard.process.wait(LONG)
    for sender in senders:
        answered += sender.communicate(timeout=LONG)[0].split()

    assert code == (-signal.SIGKILL if how is signal.SIGKILL else 0)
    assert {f"msg_{number}" for number in answered} <= stored(place)
    with Store.open(place) as store:
        tickets = {row["ticket_id"] for row in table(store, "support_tickets")}
    assert {f"T{number}" for number in answered} <= tickets
    assert len(tickets) == len(stored(place))


def test_whom_something_happens_to_is_scored_again_meanwhile(place: Path) -> None:
    with listening(place) as heard:
        assert heard.send(ticket(1)).status_code == 200
        deadline = time.monotonic() + LONG
        with Store.open(place) as store:
            while not rescored(store) and time.monotonic() < deadline:
                time.sleep(0.1)
            assert rescored(store) == ["C1"]
        assert heard.end() == 0


def rescored(store: Store) -> list[str]:
    with store.reading() as connection:
        return list(connection.scalars(select(rescorings.c.customer_id)))


def test_without_a_secret_nothing_is_listened_for(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("STRIPE", "SHOPIFY", "ZENDESK", "QUALTRICS", "STANDARD"):
        monkeypatch.delenv(f"PROCX_WEBHOOK_SECRETS_{name}", raising=False)

    told = procx("listen", "--store", place)

    assert told.code == 2
    assert "no provider has a secret" in told.err


def test_a_port_that_is_taken_is_one_clear_line(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROCX_WEBHOOK_SECRETS_STRIPE", "whsec_1")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        told = procx("listen", "--store", place, "--port", port)

    assert told.code == 2
    assert f"cannot listen on 127.0.0.1, port {port}" in told.err
