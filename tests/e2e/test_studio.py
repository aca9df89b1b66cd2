"""`langgraph dev` serves the graph offline and without a key, and a person answers over its API."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pandas as pd
import pytest
from langgraph.pregel.remote import RemoteGraph
from langgraph_sdk import get_sync_client
from langgraph_sdk.client import SyncLangGraphClient
from pydantic import SecretStr
from sqlalchemy import create_engine

from procx_graph import CustomerBase, Monitor
from procx_graph.report import Status
from procx_graph.settings import Settings
from procx_graph.testing import ModelServer
from tests.agreeing import agreeing

pytestmark = pytest.mark.slow

CHECKOUT = Path(__file__).parents[2]
PATIENCE = 90
"""Seconds until the server must answer, on a busy machine."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address of a dev server that runs the checkout's langgraph.json."""
    with a_server(tmp_path_factory.mktemp("studio")) as url:
        yield url


@contextmanager
def a_server(folder: Path, **variables: str) -> Iterator[str]:
    """Run a dev server, which remembers whose cases were answered, and give its address."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command: list[str | Path] = [
        Path(sys.executable).with_name("langgraph"), "dev", "--config", CHECKOUT / "langgraph.json",
        "--no-browser", "--no-reload", "--host", "127.0.0.1", "--port", str(port),
    ]  # fmt: skip
    plain = {k: v for k, v in os.environ.items() if not k.startswith(("PROCX_", "LANG"))}
    surroundings = plain | {"LANGGRAPH_CLI_NO_ANALYTICS": "1", "PYTHONPATH": str(CHECKOUT)}
    surroundings |= variables
    log = folder / "log"
    with (
        log.open("wb") as sink,
        subprocess.Popen(
            command, cwd=folder, env=surroundings, stdout=sink, stderr=sink, start_new_session=True
        ) as running,
    ):
        try:
            url = f"http://127.0.0.1:{port}"
            _wait_for(url, running, log)
            yield url
        finally:
            os.killpg(running.pid, signal.SIGKILL)


def _wait_for(url: str, running: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and running.poll() is None:
        try:
            if httpx.get(f"{url}/ok").is_success:
                return
        except httpx.TransportError:
            time.sleep(0.2)
    pytest.fail(f"langgraph dev does not answer:\n{log.read_text()[-3000:]}")


@pytest.fixture
def client(server: str) -> Iterator[SyncLangGraphClient]:
    with get_sync_client(url=server) as client:
        yield client


@pytest.fixture
def assistant(client: SyncLangGraphClient) -> dict[str, Any]:
    return dict(client.assistants.search(graph_id="procx")[0])


@pytest.fixture(scope="module")
def customers() -> dict[Status, list[str]]:
    """Customers of the sample by how their run ends."""
    with Monitor(CustomerBase.sample()) as monitor:
        report = monitor.scan(30, dry_run=True)
    return {
        status: [r.customer_id for r in report.results if r.status is status] for status in Status
    }


def run(
    client: SyncLangGraphClient, thread: str, **work: Any
) -> tuple[list[str], list[dict[str, Any]]]:
    """Run to the end or to a pause; give the nodes that reported and what went wrong."""
    nodes, errors = [], []
    for part in client.runs.stream(thread, "procx", stream_mode=["updates"], **work):
        if part.event == "updates":
            nodes += list(part.data)
        elif part.event == "error":
            errors.append(part.data)
    return nodes, errors


def test_the_assistant_says_what_it_does(assistant: dict[str, Any]) -> None:
    assert assistant["name"] == "procx"
    assert "drafts a message" in assistant["description"]


def test_the_drawn_graph_shows_every_branch_with_its_label(
    client: SyncLangGraphClient, assistant: dict[str, Any]
) -> None:
    drawn = client.assistants.get_graph(assistant["assistant_id"])

    branches = {
        (edge["source"], edge.get("data"), edge["target"])
        for edge in drawn["edges"]
        if edge.get("conditional")
    }
    assert branches == {
        ("decision", "auto", "empathy"),
        ("decision", "human", "escalation"),
        ("escalation", "reviewed", "empathy"),
        ("escalation", "ended", "__end__"),
    }


def test_the_input_form_needs_only_a_customer_id(
    client: SyncLangGraphClient, assistant: dict[str, Any]
) -> None:
    asked = client.assistants.get_schemas(assistant["assistant_id"])["input_schema"] or {}

    assert asked["required"] == ["customer_id"]
    assert asked["properties"]["customer_id"]["type"] == "string"
    assert asked["properties"]["customer_id"]["description"]


def test_the_context_form_offers_the_run_options(
    client: SyncLangGraphClient, assistant: dict[str, Any]
) -> None:
    asked = client.assistants.get_schemas(assistant["assistant_id"])["context_schema"] or {}

    assert {"language", "channel", "dry_run"} <= asked["properties"].keys()
    assert all(field["description"] for field in asked["properties"].values())


def test_a_customer_gets_a_drafted_message(
    client: SyncLangGraphClient, customers: dict[Status, list[str]]
) -> None:
    thread = client.threads.create()["thread_id"]

    nodes, errors = run(client, thread, input={"customer_id": customers[Status.DRAFTED][0]})

    assert (nodes, errors) == (["context", "pattern", "decision", "empathy"], [])
    values = client.threads.get_state(thread)["values"]
    assert isinstance(values, dict)
    assert "{first_name}" in values["message"]["body"]
    assert client.threads.get(thread)["status"] == "idle"


def test_a_run_takes_its_options_from_the_context(
    client: SyncLangGraphClient, customers: dict[Status, list[str]]
) -> None:
    thread = client.threads.create()["thread_id"]
    who = {"customer_id": customers[Status.ESCALATED][3]}

    nodes, errors = run(client, thread, input=who, context={"dry_run": True})

    assert (nodes[-1], errors) == ("escalation", [])
    assert client.threads.get(thread)["status"] == "idle"


def test_a_valuable_customer_waits_for_a_person_and_resumes(
    client: SyncLangGraphClient, customers: dict[Status, list[str]]
) -> None:
    thread = client.threads.create()["thread_id"]
    who = customers[Status.ESCALATED][0]

    nodes, errors = run(client, thread, input={"customer_id": who})

    assert (nodes, errors) == (["context", "pattern", "decision", "__interrupt__"], [])
    waiting = client.threads.get(thread)
    assert waiting["status"] == "interrupted"
    [[asked]] = waiting["interrupts"].values()
    assert asked["value"]["packet"]["customer_id"] == who
    draft = asked["value"]["action_requests"][0]["args"]

    nodes, errors = run(client, thread, command={"resume": {"verdict": "approve"}})

    assert (nodes, errors) == (["escalation", "empathy"], [])
    state = client.threads.get_state(thread)
    assert isinstance(state["values"], dict)
    assert state["values"]["message"]["body"] == draft["body"]
    assert client.threads.get(thread)["status"] == "idle"


@pytest.mark.parametrize(
    ("which", "answer"), [(1, {"decisions": [{"type": "reject"}]}), (2, "dismiss")]
)
def test_without_approval_the_run_ends_without_a_message_and_each_run_has_its_own_review(
    client: SyncLangGraphClient, customers: dict[Status, list[str]], which: int, answer: object
) -> None:
    thread = client.threads.create()["thread_id"]
    run(client, thread, input={"customer_id": customers[Status.ESCALATED][which]})

    nodes, errors = run(client, thread, command={"resume": answer})

    assert (nodes, errors) == (["escalation"], [])
    assert client.threads.get(thread)["status"] == "idle"


def test_an_unknown_customer_is_a_run_error_of_ours(client: SyncLangGraphClient) -> None:
    thread = client.threads.create()["thread_id"]

    _, errors = run(client, thread, input={"customer_id": "nobody"})

    assert [error["error"] for error in errors] == ["UnknownCustomer"]


def test_a_monitor_scans_on_a_server_as_it_does_here(tmp_path: Path) -> None:
    base = CustomerBase.sample()

    with (
        a_server(tmp_path) as url,
        Monitor(base) as here,
        Monitor(base, graph=RemoteGraph("procx", url=url)) as there,
    ):
        local = here.scan(4, scan_id="fleet")
        scanned = there.scan(4, scan_id="fleet")
        case = scanned.waiting[0].review
        assert case is not None
        closed = there.resolve(str(case.review_id), "approve")

        assert scanned.to_json() == local.to_json()
        assert closed.status is Status.CLOSED
        assert closed.message
        assert not there.store.case(str(case.review_id)).open


def test_studio_reads_the_database_it_is_given(tmp_path: Path) -> None:
    from procx_graph.studio import open_base  # importing it builds the graph

    url = f"sqlite:///{tmp_path / 'shop.db'}"
    engine = create_engine(url)
    pd.DataFrame({"customer_id": ["C1", "C2"]}).to_sql("customers", engine, index=False)
    order = {"customer_id": ["C1"], "order_date": ["2025-01-01"], "total_amount": [10.0]}
    pd.DataFrame(order).to_sql("orders", engine, index=False)
    engine.dispose()

    base = open_base(Settings(database_url=SecretStr(url)))

    assert list(base.customer_ids) == ["C1", "C2"]
    assert open_base(Settings(database_url=None)).name == "procx_sample.xlsx"


def test_a_model_of_the_settings_helps_the_agents(
    tmp_path: Path, customers: dict[Status, list[str]]
) -> None:
    with (
        ModelServer(agreeing) as provider,
        a_server(tmp_path, PROCX_MODEL="openai:gpt-4o-mini", OPENAI_BASE_URL=provider.url) as url,
        get_sync_client(url=url) as client,
    ):
        thread = client.threads.create()["thread_id"]
        work = {"customer_id": customers[Status.DRAFTED][0]}
        nodes, errors = run(client, thread, input=work)
        state: Any = client.threads.get_state(thread)["values"]

    assert errors == []
    assert nodes == ["context", "pattern", "decision", "empathy"]
    assert [one["prompt"] for one in state["asked"]] == ["retention/decision", "retention/empathy"]
    assert [one["failed"] for one in state["asked"]] == [None, None]
    assert state["decision"]["why"] == "as the playbook says"
