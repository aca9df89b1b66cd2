"""The reference workbook, scanned from the first customer to the last."""

import pytest

from procx_graph import CustomerBase, Monitor
from procx_graph.domain.message import Language, Message
from procx_graph.report import ScanReport, Status
from tests.conftest import written_in


@pytest.fixture(scope="module")
def report(agentmax_base: CustomerBase) -> ScanReport:
    with Monitor(agentmax_base) as monitor:
        return monitor.scan(limit=None, dry_run=True, scan_id="agentmax")


def test_nobody_is_left_out(report: ScanReport, agentmax_base: CustomerBase) -> None:
    assert report.counts.scored == len(agentmax_base) == 1000
    assert len(report.results) + sum(report.others.values()) == 1000
    assert report.counts.failed == 0
    assert report.counts.processed > 100


def test_every_message_is_in_the_customers_own_language_and_script(
    report: ScanReport, agentmax_base: CustomerBase
) -> None:
    written = [result for result in report.results if result.message is not None]

    for result in written:
        assert result.message is not None
        assert result.message.language == agentmax_base.customer(result.customer_id).language
        assert written_in(result.message.language, result.message.body), result.customer_id
        assert not result.message.findings
        assert "{" not in result.message.body
    languages = {result.message.language for result in written if result.message}
    assert languages == set(Language)


def test_who_is_not_written_to_has_said_so_or_has_a_case_open(
    report: ScanReport, agentmax_base: CustomerBase
) -> None:
    for result in report.results:
        if result.status is Status.SKIPPED:
            assert result.message is None
            assert result.reason in {"no_consent", "open_case"}
        elif result.decision is not None and result.decision.offer is not None:
            assert agentmax_base.customer(result.customer_id).opt_in_marketing is True


def test_drafts_for_a_person_carry_no_name(report: ScanReport) -> None:
    drafts = [r.review.packet.draft for r in report.waiting if r.review and r.review.packet]

    for draft in drafts:
        assert isinstance(draft, Message)
        assert "{first_name}" in draft.body
