"""A Langfuse server on this machine: it keeps what it is sent, and can fail in every way.

Run as `python -m tests.langfuse_server PUBLIC_KEY` it serves until its input ends, and tells on
stdout where.
"""

import gzip
import json
import sys
import threading
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs, unquote, urlsplit

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

SECRET = "sk-lf-of-a-test"
ERROR = 2
"""OTel's status of a span that failed."""


@dataclass(frozen=True)
class Span:
    """A span as it came in, its attributes by name."""

    name: str
    trace_id: str
    span_id: str
    parent_id: str
    attributes: dict[str, Any]
    status: int
    description: str
    events: int

    @property
    def type(self) -> str:
        return str(self.attributes.get("langfuse.observation.type", ""))

    def told(self, name: str) -> Any:
        """Give an attribute of the observation: `output`, `level`, `metadata.ls_provider`."""
        value = self.attributes.get(f"langfuse.observation.{name}")
        try:
            return json.loads(value) if isinstance(value, str) else value
        except ValueError:
            return value


@dataclass
class Received:
    """All that a server was sent."""

    bodies: list[bytes] = field(default_factory=list)
    """As they came, unpacked."""
    packed: list[int] = field(default_factory=list)
    """Bytes of each before that."""
    spans: list[Span] = field(default_factory=list)
    scores: list[dict[str, Any]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    """Paths of all requests."""
    prompts: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What is given out, by name."""
    datasets: dict[str, dict[str, Any]] = field(default_factory=dict)
    items: dict[str, dict[str, Any]] = field(default_factory=dict)
    run_items: list[dict[str, Any]] = field(default_factory=list)

    @property
    def wire(self) -> str:
        """Everything that left, as text."""
        return b"\n".join(self.bodies).decode("utf-8", errors="replace")

    def named(self, name: str) -> list[Span]:
        return [span for span in self.spans if span.name == name]

    def score(self, name: str) -> list[dict[str, Any]]:
        return [score for score in self.scores if score["name"] == name]


class LangfuseServer:
    """A server under way.

    Attributes:
        received: What it was sent.
        fails: The status it answers everything with; `None` when it works.
        delay: Seconds before each answer.
    """

    def __init__(self, *, public_key: str) -> None:
        self.received = Received()
        self.public_key = public_key
        self.fails: int | None = None
        self.delay = 0.0
        self.ended = threading.Event()
        handler = type("Bound", (_Handler,), {"stub": self})
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.http.daemon_threads = True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.http.server_address[1]}"

    @property
    def authorization(self) -> str:
        return "Basic " + b64encode(f"{self.public_key}:{SECRET}".encode()).decode()


@contextmanager
def langfuse_server(*, public_key: str = "pk-lf-of-a-test") -> Iterator[LangfuseServer]:
    """Serve from a thread of this process."""
    server = LangfuseServer(public_key=public_key)
    serving = threading.Thread(target=server.http.serve_forever, kwargs={"poll_interval": 0.02})
    serving.start()
    try:
        yield server
    finally:
        server.ended.set()
        server.http.shutdown()
        server.http.server_close()
        serving.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    stub: ClassVar[LangfuseServer]

    def do_GET(self) -> None:
        self._answer("GET")

    def do_POST(self) -> None:
        self._answer("POST")

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def _answer(self, method: str) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        stub, parts = self.stub, urlsplit(self.path)
        stub.received.asked.append(f"{method} {self.path}")
        stub.received.packed.append(len(body))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        if body:
            stub.received.bodies.append(body)
        if stub.delay and stub.ended.wait(stub.delay):
            return
        if stub.fails is not None:
            self._reply(stub.fails, {"message": "this fails on purpose"})
        elif self.headers.get("Authorization") != stub.authorization:
            self._reply(401, {"message": "unknown keys"})
        elif method == "POST" and parts.path == "/api/public/otel/v1/traces":
            request = ExportTraceServiceRequest.FromString(body)
            stub.received.spans += spans_of(request)
            done = ExportTraceServiceResponse().SerializeToString()
            self._send(200, done, "application/x-protobuf")
        else:
            path = unquote(parts.path).removeprefix("/api/public/")
            query = {key: values[0] for key, values in parse_qs(parts.query).items()}
            told = json.loads(body) if body else {}
            self._reply(*answered(stub.received, method, path, query, told))

    def _reply(self, status: int, told: Any) -> None:
        self._send(status, json.dumps(told).encode(), "application/json")

    def _send(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def answered(
    received: Received, method: str, path: str, query: Mapping[str, str], told: Any
) -> tuple[int, Any]:
    """Do what the API does at a path below /api/public/; give status and answer."""
    now = datetime.now(UTC).isoformat()
    dated = {"createdAt": now, "updatedAt": now, "projectId": "p1"}
    kind, _, name = path.partition("/")
    named = {k: v for k, v in told.items() if v is not None} if isinstance(told, dict) else {}
    if path == "scores" and method == "POST":
        received.scores += told
        return 202, {"message": "Accepted"}
    if path == "projects":
        owner = {"id": "o1", "name": "Us"}
        project = {"id": "p1", "name": "Shop", "metadata": {}, "organization": owner}
        return 200, {"data": [project]}
    if path == "health":
        return 200, {"status": "OK", "version": "4.59.0"}
    if path.startswith("v2/prompts/"):
        found = received.prompts.get(path.removeprefix("v2/prompts/"))
        if found is None:
            return 404, {"message": "Prompt not found"}
        labels = {"labels": [query.get("label", "production")], "tags": [], "config": {}}
        return 200, {"type": "text", **labels} | found
    if path == "v2/datasets" and method == "POST":
        made = {"id": told["name"], "metadata": {}, "description": None} | dated | named
        return 200, received.datasets.setdefault(told["name"], made)
    if path.startswith("v2/datasets/"):
        known = received.datasets.get(path.removeprefix("v2/datasets/"))
        return (404, {"message": "Dataset not found"}) if known is None else (200, known)
    if kind == "dataset-items" and method == "POST":
        item = told.get("id") or f"item-{len(received.items)}"
        given: dict[str, Any] = {
            "id": item,
            "status": "ACTIVE",
            "mediaReferences": [],
            "input": None,
        }
        whose = {"datasetId": told["datasetName"], "expectedOutput": None, "metadata": None}
        received.items[item] = given | whose | dated | named | {"id": item}
        return 200, received.items[item]
    if kind == "dataset-items" and name:
        one = received.items.get(name)
        return (404, {"message": "Item not found"}) if one is None else (200, one)
    if kind == "dataset-items":
        data = [i for i in received.items.values() if i["datasetName"] == query.get("datasetName")]
        pages = {"page": 1, "limit": len(data), "totalItems": len(data), "totalPages": 1}
        return 200, {"data": data, "meta": pages}
    if kind == "dataset-run-items" and method == "POST":
        run = {"id": f"run-item-{len(received.run_items)}", "datasetRunId": told["runName"]}
        received.run_items.append(run | {"datasetRunName": told["runName"]} | dated | named)
        return 200, received.run_items[-1]
    return 404, {"message": f"no such path: {path}"}


def spans_of(request: ExportTraceServiceRequest) -> list[Span]:
    """Read the spans of a request."""
    return [
        Span(
            name=span.name,
            trace_id=span.trace_id.hex(),
            span_id=span.span_id.hex(),
            parent_id=span.parent_span_id.hex(),
            attributes={one.key: _value(one.value) for one in span.attributes},
            status=span.status.code,
            description=span.status.message,
            events=len(span.events),
        )
        for resource in request.resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    ]


def _value(value: Any) -> Any:
    kind = value.WhichOneof("value")
    if kind == "array_value":
        return [_value(one) for one in value.array_value.values]
    return None if kind is None else getattr(value, kind)


def main() -> None:
    """Serve until the input ends."""
    with langfuse_server(public_key=sys.argv[1]) as server:
        print(server.url, flush=True)  # noqa: T201 - the parent reads it
        for line in sys.stdin:
            del line


if __name__ == "__main__":
    main()
