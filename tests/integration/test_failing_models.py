"""A provider that fails, and a scan that goes on: the real client, a provider on this machine."""

from typing import Any

import pytest

from procx_graph import CustomerBase, Monitor, ScanReport
from procx_graph.domain.model_use import Prices
from procx_graph.errors import ConfigError
from procx_graph.llm import connect
from procx_graph.report import Status
from procx_graph.tables.sample import generate
from procx_graph.testing import Answers, Faulty, ModelServer, faults
from tests.agreeing import agreeing

DOWN = faults.status(500, headers={"x-should-retry": "false"})


def scan(
    base: CustomerBase, answers: Answers, *, monitor: dict[str, Any] | None = None, **options: Any
) -> tuple[ScanReport, ModelServer]:
    with ModelServer(answers) as server:
        model = connect("openai:gpt-4o-mini", base_url=server.url)
        with Monitor(base, models=model, **(monitor or {})) as made:
            report = made.scan(scan_id="f", dry_run=True, **options)
    return report, server


@pytest.fixture(scope="module")
def town() -> CustomerBase:
    return CustomerBase.from_frames(generate(1_500).tables)


@pytest.mark.slow
def test_with_thirty_percent_failures_every_customer_ends_with_a_valid_result(
    town: CustomerBase,
) -> None:
    with Monitor(town) as monitor:
        rules = monitor.scan(limit=500, scan_id="f", dry_run=True)

    report, server = scan(town, Faulty(agreeing, share=0.3, seed=11), limit=500)

    assert report.counts.processed == 500
    assert report.counts == rules.counts
    assert report.counts.failed == 0
    assert [r.status for r in report.results] == [r.status for r in rules.results]
    assert all(r.message for r in report.results if r.status is Status.DRAFTED)
    assert report.usage is not None
    assert 0 < report.usage.failed < report.usage.asked
    assert any(result.degraded for result in report.results)
    assert len(server.requests) > 1_000


def test_when_the_provider_is_down_the_scan_goes_on_by_rules_at_once(
    sample_base: CustomerBase,
) -> None:
    report, server = scan(sample_base, DOWN, limit=60)

    assert report.counts.failed == 0
    assert report.counts.processed == 60
    assert len(server.requests) <= 5 + 8
    assert report.usage is not None
    assert report.usage.failed == report.usage.asked
    assert all(r.degraded for r in report.results if r.status is Status.DRAFTED)


def test_a_wrong_key_is_asked_about_once(sample_base: CustomerBase) -> None:
    report, server = scan(sample_base, faults.unauthorized(), limit=30)

    assert report.counts.processed == 30
    assert len(server.requests) <= 8


def test_nobody_whom_the_gate_skips_costs_a_call(sample_base: CustomerBase) -> None:
    report, server = scan(sample_base, agreeing, limit=20)

    asked = sum(result.usage is not None for result in report.results)
    assert asked == sum(result.status is not Status.SKIPPED for result in report.results)
    assert len(server.requests) == sum(r.usage.asked for r in report.results if r.usage)
    assert all(r.usage.asked <= 2 for r in report.results if r.usage)


def test_the_report_says_what_the_models_took_and_cost(sample_base: CustomerBase) -> None:
    prices = Prices.parse("gpt-4o-mini=0.15/0.075/0.60", currency="EUR")

    report, _ = scan(sample_base, agreeing, limit=12, monitor={"prices": prices})

    usage = report.usage
    assert usage is not None
    tokens = usage.tokens
    assert usage.asked == tokens.calls > 12
    assert usage.currency == "EUR"
    fresh = tokens.prompt - tokens.cached
    cost = (fresh * 0.15 + tokens.cached * 0.075 + tokens.completion * 0.60) / 1e6
    assert usage.cost == pytest.approx(cost, abs=1e-4)
    assert usage.cost == pytest.approx(
        sum(r.usage.cost or 0 for r in report.results if r.usage), abs=1e-5
    )


def test_a_limit_of_tokens_is_kept_and_told(sample_base: CustomerBase) -> None:
    report, _ = scan(sample_base, agreeing, limit=40, max_tokens=12_000)

    assert report.usage is not None
    assert report.usage.tokens.total <= 12_000
    assert report.counts.processed == 40
    assert report.counts.failed == 0
    assert any("limit of 12,000 tokens" in note for note in report.notes)
    assert not any(result.degraded for result in report.results)


def test_a_limit_in_money_is_kept(sample_base: CustomerBase) -> None:
    prices = Prices.parse("gpt-4o-mini=100/100")

    report, _ = scan(
        sample_base, agreeing, limit=40, max_cost=1.0, monitor={"prices": prices, "concurrency": 1}
    )

    assert report.usage is not None
    assert report.usage.cost is not None
    assert 0.5 < report.usage.cost <= 1.0


def test_a_limit_in_money_without_prices_is_refused(sample_base: CustomerBase) -> None:
    with pytest.raises(ConfigError, match="none of gpt-4o-mini"):
        scan(sample_base, agreeing, limit=1, max_cost=1.0)


def test_a_slow_provider_does_not_hold_a_scan(sample_base: CustomerBase) -> None:
    with ModelServer(faults.slow(30)) as server:
        model = connect("openai:gpt-4o-mini", base_url=server.url, patience=0.3)
        with Monitor(sample_base, models=model) as monitor:
            report = monitor.scan(limit=12, scan_id="f", dry_run=True)

    assert report.counts.failed == 0
    assert report.counts.processed == 12


def test_no_money_costs_nothing_however_many_run_at_once(sample_base: CustomerBase) -> None:
    prices = Prices.parse("gpt-4o-mini=100/100")

    report, server = scan(sample_base, agreeing, limit=8, max_cost=0, monitor={"prices": prices})

    assert server.requests == []
    assert report.notes == ("the limit of 0 for models was met: rules alone did 8 customers",)


def test_without_models_no_limit_is_met(sample_base: CustomerBase) -> None:
    with Monitor(sample_base) as monitor:
        report = monitor.scan(limit=2, max_tokens=1, dry_run=True)

    assert report.notes == ()


def test_a_provider_that_refuses_the_key_is_named_once_with_the_reason(
    sample_base: CustomerBase, caplog: pytest.LogCaptureFixture
) -> None:
    scan(sample_base, faults.unauthorized(), limit=4)

    told = [one.getMessage() for one in caplog.records if one.name == "procx_graph.llm.chat"]
    assert len(told) == 1
    assert "gpt-4o-mini" in told[0]
    assert "401" in told[0]
