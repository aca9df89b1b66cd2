"""`procx event-driven` and `procx watch`, as people run them."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.e2e.terminal import procx

SEED = {
    "event_type": "payment.failed",
    "timestamp": "2025-10-10T14:32:00Z",
    "source": "stripe",
    "data": {
        "customer_id": "C100109",
        "amount": 2499.99,
        "currency": "USD",
        "order_id": "ORD-2025-789",
        "reason": "insufficient_funds",
        "payment_method": "card_****1234",
        "attempt": 2,
    },
}


def test_health_falls_the_next_scan_sees_it_and_a_message_is_drafted() -> None:
    told = procx("event-driven", "--json").json

    [who] = {one["customer_id"] for step in told["steps"] for one in step["rescored"]}
    healths = [step["rescored"][0] for step in told["steps"]]
    assert all(one["health"] < one["health_before"] for one in healths)
    assert healths[-1]["churn_risk"] > healths[0]["churn_risk_before"]
    [result] = [one for one in told["report"]["results"] if one["customer_id"] == who]
    assert result["status"] == "drafted"
    assert result["situation"]["kind"] == "payment_failed"
    assert result["message"]["body"]


def test_the_story_reads_well() -> None:
    told = " ".join(procx("event-driven").out.split())

    assert '"event_type": "payment.failed"' in told
    assert "This is attempt #2." in told
    assert "payments: new row" in told
    assert "health" in told
    assert "the next scan" in told


def test_a_file_of_deliveries_is_played_into_a_store(tmp_path: Path) -> None:
    file, store = tmp_path / "events.jsonl", str(tmp_path / "procx.db")
    other = SEED | {"data": {"customer_id": "nobody"}}
    file.write_text(f"# told\n{json.dumps(SEED)}\n\n{json.dumps(other)}\n", encoding="utf-8")

    told = procx("event-driven", "--file", str(file), "--store", store).out
    events = procx("events", "list", "--store", store, "--json").json
    waits = procx("events", "unmatched", "--store", store, "--json").json

    assert "C100109: Payment of $2,499.99 failed for order ORD-2025-789" in told
    assert [one["standing"] for one in events] == ["unmatched", "matched"]
    assert [one["why"] for one in waits] == ["nobody is known by customer_id"]


def test_a_line_that_is_no_delivery_is_named(tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    for line, why in (
        ("{", "line 1: this is no JSON"),
        ("[]", "line 1: this is no JSON object"),
        ('{"provider": "fax", "body": {}}', "line 1: no provider 'fax'"),
        ('{"data": {}}', "line 1: standard: the event has no event_type"),
    ):
        file.write_text(line, encoding="utf-8")
        done = procx("event-driven", "--file", file)
        assert (done.code, why in done.err) == (2, True)


def test_a_watch_scans_and_ends_cleanly_when_told_to(tmp_path: Path) -> None:
    store = str(tmp_path / "procx.db")
    procx("load", "--store", store)
    command = [sys.executable, "-m", "procx_graph", "watch", "--store", store, "--every", "1h"]
    with subprocess.Popen(
        [*command, "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as watching:
        assert watching.stdout is not None
        report = json.loads(watching.stdout.readline())
        watching.send_signal(signal.SIGTERM)
        began = time.monotonic()
        _, errors = watching.communicate(timeout=60)

    assert report["event"] == "scan"
    assert watching.returncode == 0, errors
    assert time.monotonic() - began < 30


def test_a_span_of_time_that_is_none_is_refused(tmp_path: Path) -> None:
    done = procx("watch", "--store", tmp_path / "procx.db", "--every", "often")

    assert done.code == 2
    assert "a span of time is written 30s, 5m, 2h or 1d, not 'often'" in done.err
