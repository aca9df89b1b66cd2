"""From settings to a tracer."""

import pytest

from procx_graph.errors import ConfigError
from procx_graph.settings import Settings
from procx_graph.tracing import Kind, NoTracer, tracer_from
from procx_graph.tracing.langfuse_tracer import LangfuseTracer

KEYS = {"LANGFUSE_PUBLIC_KEY": "pk", "LANGFUSE_SECRET_KEY": "sk"}


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PUBLIC_KEY", "SECRET_KEY", "BASE_URL", "HOST", "TRACING_ENABLED", "SAMPLE_RATE"):
        monkeypatch.delenv(f"LANGFUSE_{name}", raising=False)


def test_without_keys_nobody_listens() -> None:
    tracer = tracer_from(Settings())

    assert isinstance(tracer, NoTracer)
    with tracer.run("s:C1", scan_id="s", customer_id="C1") as run:
        assert run.callbacks == []
        run.end(output={"status": "drafted"})
    with tracer.scan("s") as scan:
        scan.end(output={})
    tracer.score("s:C1", "health", 1.0, Kind.NUMERIC)
    tracer.score_scan("s", "rate", 0.5)
    assert tracer.flush()
    tracer.close()
    assert not tracer.status().enabled
    assert not tracer.check().ok


def test_an_error_goes_its_way_where_nobody_listens() -> None:
    with pytest.raises(ValueError, match="mine"), NoTracer().run("r", scan_id="s", customer_id="c"):
        raise ValueError("mine")


def test_with_keys_nothing_is_sent_or_opened_before_the_first_run() -> None:
    tracer = tracer_from(Settings(**KEYS))

    assert isinstance(tracer, LangfuseTracer)
    status = tracer.status()
    assert (status.enabled, status.used, status.breaker) == (True, False, "-")
    assert status.host == "https://cloud.langfuse.com"


@pytest.mark.parametrize("missing", KEYS)
def test_half_of_the_keys_is_an_error_that_names_the_other(missing: str) -> None:
    given = {name: value for name, value in KEYS.items() if name != missing}

    with pytest.raises(ConfigError, match=missing):
        tracer_from(Settings(**given))


def test_tracing_can_be_off_in_spite_of_keys() -> None:
    tracer = tracer_from(Settings(**KEYS, LANGFUSE_TRACING_ENABLED="false"))

    assert isinstance(tracer, NoTracer)
    assert tracer.status().problem == "LANGFUSE_TRACING_ENABLED is off"


def test_the_address_may_have_its_old_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGFUSE_HOST", "https://langfuse.shop.example/")

    assert tracer_from(Settings(**KEYS)).status().host == "https://langfuse.shop.example"


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("LANGFUSE_BASE_URL", "langfuse.example"),
        ("LANGFUSE_SAMPLE_RATE", "1.5"),
        ("LANGFUSE_SAMPLE_RATE", "often"),
        ("LANGFUSE_TRACING_ENABLED", "perhaps"),
        ("LANGFUSE_TRACING_ENVIRONMENT", "Production!"),
        ("LANGFUSE_TRACING_ENVIRONMENT", "langfuse-x"),
        ("PROCX_LANGFUSE_CONTENT", "some"),
        ("PROCX_PROMPTS", "elsewhere"),
    ],
)
def test_a_wrong_value_names_its_variable(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)

    with pytest.raises(ConfigError, match=variable):
        Settings()


def test_an_empty_variable_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*KEYS, "LANGFUSE_BASE_URL", "LANGFUSE_SAMPLE_RATE", "PROCX_PROMPTS"):
        monkeypatch.setenv(name, "")

    assert isinstance(tracer_from(Settings()), NoTracer)


def test_the_secret_is_not_shown() -> None:
    tracer = tracer_from(Settings(LANGFUSE_PUBLIC_KEY="pk", LANGFUSE_SECRET_KEY="sk-hush"))

    assert isinstance(tracer, LangfuseTracer)
    assert "sk-hush" not in f"{tracer.address!r} {tracer.status()}"
