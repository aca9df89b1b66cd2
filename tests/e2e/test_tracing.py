"""Commands with Langfuse's keys: one run through three processes is one trace."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from tests.e2e.terminal import Ran
from tests.langfuse_server import SECRET, LangfuseServer, langfuse_server

pytestmark = pytest.mark.slow


@pytest.fixture
def server() -> Iterator[LangfuseServer]:
    with langfuse_server(public_key=f"pk-{uuid4().hex}") as server:
        yield server


def procx(*args: object, server: LangfuseServer | None = None) -> Ran:
    """Run `procx` in a process of its own, with the keys of a server if there is one."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("LANGFUSE_", "PROCX_", "OTEL_"))
    }
    if server is not None:
        kept |= {"LANGFUSE_PUBLIC_KEY": server.public_key, "LANGFUSE_SECRET_KEY": SECRET}
        kept |= {"LANGFUSE_BASE_URL": server.url}
    asked = [sys.executable, "-m", "procx_graph", *map(str, args)]
    ran = subprocess.run(asked, env=kept, capture_output=True, text=True, check=False)
    return Ran(ran.returncode, ran.stdout, ran.stderr)


def test_a_scan_an_answer_and_an_outcome_are_one_trace(
    server: LangfuseServer, shop: Path, careful: Path, tmp_path: Path
) -> None:
    where = ("--store", tmp_path / "procx.db", "--policy", careful)
    now = ("--now", "2025-10-09T09:00")
    scan = procx("scan", shop, *where, *now, "--limit", 20, "--json", "-", server=server)
    assert scan.code == 0, scan.err
    waiting = [r for r in json.loads(scan.out)["results"] if r["review"] is not None]
    run_id, review_id = waiting[0]["run_id"], waiting[0]["review"]["review_id"]
    scanned = len(server.received.spans)

    told = procx("inbox", "dismiss", review_id, "--source", shop, *where, "--as", "asha",
                 *now, "--false-alarm", server=server)  # fmt: skip
    assert told.code == 0, told.err
    outcome = procx("outcome", waiting[0]["customer_id"], "retained_30", "--value", 1,
                    "--run", run_id, *where[:2], server=server)  # fmt: skip
    assert outcome.code == 0, outcome.err

    received = server.received
    [risk] = [s for s in received.score("churn_risk") if s["id"] == f"{run_id}:churn_risk"]
    resumed = received.spans[scanned:]
    assert {span.trace_id for span in resumed} == {risk["traceId"]}
    assert {span.name for span in resumed} >= {"procx.resume", "procx", "escalation"}
    for name in ("human_decision", "outcome_false_alarm", "outcome"):
        [score] = received.score(name)
        assert score["traceId"] == risk["traceId"]
    assert received.score("outcome")[0]["value"] == "retained"


def test_one_line_says_where_the_traces_are(server: LangfuseServer, shop: Path) -> None:
    ran = procx("scan", shop, "--limit", 1, "--as-of", "2025-06-30", server=server)

    assert ran.code == 0
    assert [line for line in ran.err.splitlines() if "traces" in line] == [f"traces: {server.url}"]
    assert len(server.received.named("procx.customer")) == 1


def test_keys_change_nothing_else_and_without_them_nothing_is_said(
    server: LangfuseServer, shop: Path
) -> None:
    asked = ("scan", shop, "--limit", 2, "--as-of", "2025-06-30", "--scan-id", "s", "--json", "-")

    plain, traced = procx(*asked), procx(*asked, server=server)

    assert plain.out == traced.out
    assert "traces" not in plain.err
    assert plain.err.splitlines() == traced.err.splitlines()[:-1]
