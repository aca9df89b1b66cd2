"""Whatever is sent to the server is answered as its own description says."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from procx_graph.domain.clock import FixedClock
from procx_graph.events import Receiver
from procx_graph.server import build_app
from procx_graph.store import Store
from tests.deliveries import SECRETS, standard
from tests.integration.stores import NOW
from tests.serving import served
from tests.unit.events.providers.given import JSON, objects

SCHEMATHESIS = os.environ.get("PROCX_TEST_SCHEMATHESIS", "schemathesis")
"""The command of schemathesis, which wants an environment of its own: its newest version and
langgraph's server ask for different releases of one package."""
MANY = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
FIELDS = ("event_type", "timestamp", "source", "data", "id")


@pytest.fixture(scope="module")
def served_at(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where a server on this machine is."""
    with Store.open(tmp_path_factory.mktemp("server") / "procx.db") as store:
        receiver = Receiver(store, secrets=SECRETS)
        with served(build_app(receiver, clock=FixedClock(NOW))) as url:
            yield url


def conforms(answer: httpx.Response, described: dict[str, Any], path: str, method: str) -> bool:
    """Whether an answer is one that the description knows, in the shape that it says."""
    [content] = described["paths"][path][method]["responses"][str(answer.status_code)][
        "content"
    ].values()
    schema = content["schema"] | {"components": described["components"]}
    jsonschema.validate(answer.json(), schema)
    return True


@MANY
@given(
    provider=st.one_of(
        st.sampled_from(sorted(SECRETS)), st.text("abc%/ é.", min_size=1, max_size=9)
    ),
    body=st.binary(max_size=60),
    headers=st.dictionaries(st.sampled_from(["stripe-signature", "webhook-id"]), st.just("x")),
    token=st.none() | st.text(max_size=5),
)
def test_what_anybody_sends_is_answered_as_described(
    served_at: str, provider: str, body: bytes, headers: dict[str, str], token: str | None
) -> None:
    described = httpx.get(f"{served_at}/openapi.json").json()
    url = httpx.URL(served_at).copy_with(path="/webhooks/x")
    url = url.join(httpx.URL(path=f"/webhooks/{provider.replace('/', '')}"))

    answer = httpx.post(url, content=body, headers=headers, params=token and {"token": token})

    assert answer.status_code in {401, 400, 404}
    if "detail" not in answer.json():  # no route at all
        assert conforms(answer, described, "/webhooks/{provider}", "post")


@MANY
@given(body=st.one_of(objects(*FIELDS), st.lists(JSON, max_size=2)), known=st.booleans())
def test_what_is_signed_is_answered_as_described(served_at: str, body: Any, known: bool) -> None:
    described = httpx.get(f"{served_at}/openapi.json").json()
    if known and isinstance(body, dict):
        body["event_type"] = "payment.failed"
    text = json.dumps(body).encode()
    sent = standard(text, key=f"{hash(text)}", at=NOW)

    answer = httpx.post(f"{served_at}/webhooks/standard", content=text, headers=dict(sent.headers))

    assert answer.status_code in {200, 400}
    assert conforms(answer, described, "/webhooks/{provider}", "post")


def test_health_is_told_as_described(served_at: str) -> None:
    described = httpx.get(f"{served_at}/openapi.json").json()

    assert conforms(httpx.get(f"{served_at}/healthz"), described, "/healthz", "get")


@pytest.mark.slow
@pytest.mark.skipif(
    shutil.which(SCHEMATHESIS) is None,
    reason="no schemathesis: set PROCX_TEST_SCHEMATHESIS to its command",
)
def test_schemathesis_finds_nothing_that_is_not_as_described(
    served_at: str, tmp_path: Path
) -> None:
    command = [SCHEMATHESIS, "run", f"{served_at}/openapi.json", "--no-color", "-n", "100"]
    # what providers send is described by them, so a body that we do not describe may be refused
    command += ["--exclude-checks", "positive_data_acceptance", "--seed", "1"]

    told = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)

    assert told.returncode == 0, told.stdout
