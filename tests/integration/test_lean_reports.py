"""A scan that keeps no results has the counts alone."""

from procx_graph import CustomerBase, Monitor
from procx_graph.domain.model_use import Prices
from procx_graph.llm import connect
from procx_graph.monitor import CustomerFinished
from procx_graph.testing import ModelServer
from tests.agreeing import agreeing


def test_without_kept_results_the_counts_are_the_same_and_events_tell_the_rest(
    sample_base: CustomerBase,
) -> None:
    with Monitor(sample_base) as monitor:
        whole = monitor.scan(limit=12, scan_id="w", dry_run=True)
        running = monitor.begin(12, scan_id="w", dry_run=True, keep_results=False)
        told = {e.result.customer_id: e.result for e in running if isinstance(e, CustomerFinished)}
        lean = running.report()

    assert lean.results == ()
    assert (lean.counts, lean.others) == (whole.counts, whole.others)
    assert told == {result.customer_id: result for result in whole.results}


def test_what_a_customer_cost_is_told_only_where_results_are_kept(
    sample_base: CustomerBase,
) -> None:
    with ModelServer(agreeing) as server:
        model = connect("openai:m", base_url=server.url)
        with Monitor(sample_base, models=model, prices=Prices.parse("m=1/2")) as monitor:
            whole = monitor.scan(limit=4, scan_id="w", dry_run=True)
            lean = monitor.scan(limit=4, scan_id="w", dry_run=True, keep_results=False)

    assert "a customer)" in whole.remarks[0]
    assert "USD" in lean.remarks[0]
    assert "a customer)" not in lean.remarks[0]
