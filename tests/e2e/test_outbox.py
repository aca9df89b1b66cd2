"""`procx outbox`: from a scan to messages in a folder, with a person's last word."""

import json
import signal
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

from procx_graph.domain.outbound import OutboxState
from procx_graph.store import Store
from procx_graph.store.outbox import Outbox
from tests.e2e.terminal import Ran, procx
from tests.outboxes import NOW, an_outbound

AT = "2025-10-09T09:00"
DAY = (AT, "2025-10-09T13:00", "2025-10-09T18:00")
"""Moments of one day, one of which is in the hours for messages of nearly everybody."""


@pytest.fixture(autouse=True)
def _no_outbox(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    names = ("OUTBOX_EMAIL", "OUTBOX_SMS", "OUTBOX_WHATSAPP", "OUTBOX_FROM", "OUTBOX_REPLY_TO")
    for name in (*names, "SMTP_PASSWORD", "GATEWAY_SECRET", "UNSUBSCRIBE_URL"):
        monkeypatch.delenv(f"PROCX_{name}", raising=False)
    for channel in ("EMAIL", "SMS", "WHATSAPP"):
        monkeypatch.setenv(f"PROCX_OUTBOX_{channel}", f"file:{tmp_path / 'out'}")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "procx.db"


def kept(place: Path, *states: OutboxState) -> list[str]:
    """Fill a store with a message in each of these states."""
    ids = []
    with Store.open(place) as store:
        for number, state in enumerate(states):
            one = an_outbound(f"C{number}", state=state)
            Outbox(store).add(one)
            ids.append(one.message_id)
    return ids


def scanned(shop: Path, place: Path) -> None:
    ran = procx("scan", shop, "--store", place, "--limit", 5, "--now", AT, "--scan-id", "s")
    assert ran.code == 0


def send(shop: Path, place: Path, *more: object, at: str = AT) -> Ran:
    return procx("outbox", "send", "--store", place, "--source", shop, "--now", at, *more)


def test_what_a_scan_drafted_is_listed_vetoed_and_sent(
    shop: Path, place: Path, tmp_path: Path
) -> None:
    scanned(shop, place)
    listed = procx("outbox", "list", "--store", place, "--json").json
    no = listed[0]["message_id"]

    dry = send(shop, place, "--dry-run")
    assert not (tmp_path / "out").exists()
    veto = procx("outbox", "veto", no, "--why", "she called", "--store", place, "--as", "ann")
    sent = [send(shop, place, "--json", at=at).json for at in DAY]
    again = send(shop, place, at=DAY[-1])
    after = procx("outbox", "list", "--store", place, "--json").json

    assert "would go" in dry.out
    assert "nothing was sent" in dry.out
    assert f"{no} is suppressed" in veto.out
    mails = {path.stem for path in (tmp_path / "out").glob("*.eml")}
    assert mails == {one["message_id"] for one in after if one["state"] == "sent"}
    assert sum(report["counts"].get("sent", 0) for report in sent) == len(mails) > 0
    assert {one["message_id"] for one in after if one["state"] == "suppressed"} == {no}
    assert len(after) == len(listed)
    assert again.out.strip() == "nothing is due"
    shown = procx("outbox", "show", no, "--store", place)
    assert "veto: she called" in shown.out
    assert "ann" in shown.out


def test_a_text_from_outside_is_harmless_on_the_terminal(place: Path) -> None:
    with Store.open(place) as store:
        evil = an_outbound(message={"body": "\x1b[31mDear[/] {first_name}[bold]"})
        Outbox(store).add(evil)

    shown = procx("outbox", "show", evil.message_id, "--store", place)

    assert "\x1b" not in shown.out
    assert "Dear[/] {first_name}[bold]" in shown.out


def test_a_list_is_chosen_by_state_and_customer(place: Path) -> None:
    kept(place, OutboxState.APPROVED, OutboxState.DRAFTED)

    drafts = procx("outbox", "list", "--state", "drafted", "--store", place, "--json").json
    theirs = procx("outbox", "list", "--customer", "C0", "--store", place)
    none = procx("outbox", "list", "--state", "failed", "--store", place)
    wrong = procx("outbox", "list", "--state", "lost", "--store", place)

    assert [one["state"] for one in drafts] == ["drafted"]
    assert "in all: 1 drafted, 1 approved" in theirs.out
    assert none.out.strip() == "no such message"
    assert wrong.code == 2


def test_drafts_dead_letters_and_unclear_ones_are_settled_by_a_person(place: Path) -> None:
    draft, dead, unclear = kept(place, OutboxState.DRAFTED, OutboxState.FAILED, OutboxState.UNCLEAR)
    at = ("--store", place, "--as", "ann")

    approved = procx("outbox", "approve", draft, *at, "--json").json
    retried = procx("outbox", "retry", dead, *at)
    neither = procx("outbox", "settle", unclear, *at)
    settled = procx("outbox", "settle", unclear, "--sent", *at)
    late = procx("outbox", "veto", unclear, "--why", "late", *at)

    assert (approved["state"], approved["approved_by"]) == ("approved", "ann")
    assert f"{dead} is approved" in retried.out
    assert (neither.code, "--sent or --not-sent" in neither.err) == (2, True)
    assert f"{unclear} is sent" in settled.out
    assert (late.code, "too late" in late.err) == (2, True)
    history = procx("outbox", "show", unclear, "--store", place, "--json").json["history"]
    assert [step["became"] for step in history] == ["unclear", "sent"]


@pytest.mark.parametrize(
    ("setting", "value", "told"),
    [
        ("PROCX_OUTBOX_EMAIL", "pigeon:", "pigeon"),
        ("PROCX_OUTBOX_EMAIL", "smtp://mail.example", "PROCX_OUTBOX_FROM"),
        ("PROCX_OUTBOX_SMS", "https://gw.example", "PROCX_GATEWAY_SECRET"),
        ("PROCX_UNSUBSCRIBE_URL", "https://x.example/", "PROCX_UNSUBSCRIBE_SECRET"),
    ],
)
def test_a_wrong_setting_is_one_line_that_names_it(
    shop: Path, place: Path, monkeypatch: pytest.MonkeyPatch, setting: str, value: str, told: str
) -> None:
    kept(place, OutboxState.APPROVED)
    monkeypatch.setenv(setting, value)

    ran = send(shop, place)

    assert (ran.code, len(ran.err.strip().splitlines())) == (2, 1)
    assert told in ran.err


@pytest.mark.parametrize("command", ["show", "approve", "retry"])
def test_an_unknown_message_is_one_line_that_names_it(place: Path, command: str) -> None:
    kept(place)
    ran = procx("outbox", command, "msg_none", "--store", place)

    assert (ran.code, "no message 'msg_none'" in ran.err) == (2, True)


def test_a_store_that_is_not_there_is_not_made(place: Path) -> None:
    ran = procx("outbox", "list", "--store", place)

    assert (ran.code, place.exists()) == (2, False)


def test_a_message_on_the_console_is_apart_from_the_json(
    shop: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scanned(shop, place)
    for channel in ("EMAIL", "SMS", "WHATSAPP"):
        monkeypatch.setenv(f"PROCX_OUTBOX_{channel}", "console:")

    rounds = [send(shop, place, "--json", at=at) for at in DAY]

    assert any("sent" in one.json["counts"] for one in rounds)
    assert "msg_" in "".join(one.err for one in rounds)


@pytest.mark.parametrize("command", ["list", "show", "send", "approve", "veto", "retry", "settle"])
def test_help_teaches_by_example(command: str) -> None:
    ran = procx("outbox", command, "--help")

    assert ran.code == 0
    assert f"procx outbox {command}" in ran.out


def test_a_moment_that_is_none_is_an_error(shop: Path, place: Path) -> None:
    kept(place)
    ran = procx("outbox", "send", "--store", place, "--source", shop, "--now", "soon")

    assert (ran.code, "'soon' is no moment" in ran.err) == (2, True)


def test_a_store_without_customers_asks_for_their_tables(place: Path) -> None:
    kept(place, OutboxState.APPROVED)
    ran = procx("outbox", "send", "--store", place)

    assert (ran.code, "--source" in ran.err) == (2, True)


def test_an_unclear_message_is_pointed_out(shop: Path, place: Path) -> None:
    kept(place, OutboxState.UNCLEAR)
    ran = send(shop, place)

    assert "1 unclear" in ran.err
    assert "procx outbox list --state unclear" in ran.err


def test_a_sender_that_goes_on_sends_what_comes_later_and_ends_when_told(
    shop: Path, place: Path, tmp_path: Path
) -> None:
    scanned(shop, place)
    asked = ["outbox", "send", "--store", place, "--source", shop, "--every", "1s", "--json"]
    with Store.open(place) as store:
        first = set(Outbox(store).due(NOW))
        running = subprocess.Popen(
            [sys.executable, "-m", "procx_graph", *map(str, asked), "--now", AT],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert running.stdout is not None
        told = json.loads(running.stdout.readline())
        late = an_outbound("C100001", run="later", created_at=datetime.fromisoformat(AT + "+00:00"))
        Outbox(store).add(late)
        then = json.loads(running.stdout.readline())
        running.send_signal(signal.SIGTERM)
        running.wait(timeout=30)
        running.stdout.close()

    assert {one["message_id"] for one in told["results"]} == first
    assert [one["message_id"] for one in then["results"]] == [late.message_id]
    assert running.returncode == 0
