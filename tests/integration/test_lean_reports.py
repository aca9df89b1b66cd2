"""A scan that keeps no results has the counts alone."""

from procx_graph import CustomerBase, Monitor
from procx_graph.monitor import CustomerFinished


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
