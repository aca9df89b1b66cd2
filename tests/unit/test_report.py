"""The report: what other programs, notebooks and people read of a scan."""

import json
from typing import Any

import jsonschema
import pytest

from procx_graph.assets import package_file
from procx_graph.domain.customer import CustomerState
from procx_graph.domain.decision import Action, Offer, Priority
from procx_graph.domain.health import Driver, DriverUnit, Measure
from procx_graph.domain.lane import Lane
from procx_graph.domain.message import Channel, Language, Tone
from procx_graph.domain.risk import RiskLevel, RiskMethod
from procx_graph.report import (
    Counts,
    CustomerResult,
    DecisionView,
    Document,
    MessageView,
    ReviewView,
    ScanReport,
    Status,
    count,
    json_schema,
)
from tests.conftest import MakeMonitor, Shop, rated
from tests.unit.builders import NOW, a_situation

DRIVER = Driver(
    of=Measure.RISK,
    factor="rhythm",
    contribution=0.7,
    unit=DriverUnit.LOG_ODDS,
    text="silent for 60 days",
)


def a_result(customer_id: str = "C1", **changes: Any) -> CustomerResult:
    values: dict[str, Any] = {
        "customer_id": customer_id,
        "run_id": f"s:{customer_id}",
        "status": Status.DRAFTED,
        "reason": "order_delayed",
        "detail": "order delayed, Regular segment",
        "health": 55.5,
        "churn_risk": 0.4,
        "risk_method": RiskMethod.MBG,
        "risk_level": RiskLevel.HIGH,
        "revenue_at_risk": 80.0,
        "state": CustomerState.ACTIVE,
        "drivers": (DRIVER,),
        "situation": a_situation(),
        "pattern": None,
        "decision": DecisionView(
            action=Action.UPDATE_ON_ORDER,
            priority=Priority.HIGH,
            channel=Channel.EMAIL,
            offer=Offer(id="o", percent_off=0.1, valid_days=30),
            escalate=False,
            reasons=(),
        ),
        "message": MessageView(
            language=Language.ENGLISH,
            channel=Channel.EMAIL,
            subject="Your order",
            body="Dear Asha,\n\nit is late.",
            tone=Tone.WARM,
            findings=(),
        ),
        "review": None,
        "degraded": False,
    }
    return CustomerResult.model_validate(values | changes)


def waiting(customer_id: str = "C2") -> CustomerResult:
    case = ReviewView(review_id="rev_1", team="CX Tier 2", sla_due=NOW, packet=None)
    return a_result(customer_id, status=Status.ESCALATED, reason="vip_risk", review=case)


def skipped(customer_id: str = "C3") -> CustomerResult:
    nothing = dict.fromkeys(("situation", "decision", "message"))
    return a_result(
        customer_id, status=Status.SKIPPED, reason="no_consent", revenue_at_risk=None, **nothing
    )


def a_report(*results: CustomerResult, scan_id: str = "s") -> ScanReport:
    return ScanReport(
        scan_id=scan_id,
        as_of=NOW,
        profile=Document(name="default-v1", hash="p"),
        policy=Document(name="default", hash="q"),
        counts=Counts(scored=9, eligible=4, processed=2, **count(results)),
        others={"dormant": 6},
        results=results,
    )


def test_results_are_counted_by_status() -> None:
    assert count([a_result(), waiting(), skipped(), skipped("C4")]) == {
        "drafted": 1, "escalated": 1, "skipped": 2, "failed": 0, "closed": 0,
    }  # fmt: skip


def test_only_what_has_a_case_waits() -> None:
    dry = waiting("C5").model_copy(update={"review": None})

    assert [r.customer_id for r in a_report(a_result(), waiting(), dry).waiting] == ["C2"]


def test_an_exchanged_result_keeps_its_place_and_is_counted_anew() -> None:
    report = a_report(waiting(), a_result())
    closed = waiting().model_copy(update={"status": Status.CLOSED, "review": None})

    after = report.replace(closed)

    assert [r.customer_id for r in after.results] == ["C2", "C1"]
    assert (after.counts.escalated, after.counts.closed, after.counts.processed) == (0, 1, 2)
    assert report.counts.escalated == 1


def test_a_result_of_another_scan_changes_nothing() -> None:
    report = a_report(a_result())

    assert report.replace(a_result("C9")) == report


def test_the_frame_has_a_row_per_result_and_always_the_same_columns() -> None:
    columns = [
        "customer_id", "status", "reason", "state", "health", "churn_risk", "risk_level",
        "revenue_at_risk", "lifetime_value", "situation", "action", "priority", "channel", "offer",
        "language", "subject", "message", "review_id", "team", "sla_due", "tokens", "cost", "why",
    ]  # fmt: skip
    frame = a_report(a_result(), waiting(), skipped()).to_frame()

    assert list(frame.columns) == columns == list(a_report().to_frame().columns)
    assert frame["status"].to_list() == ["drafted", "escalated", "skipped"]
    assert frame["offer"].to_list()[0] == 0.1
    assert frame["review_id"].to_list()[1] == "rev_1"
    assert frame["why"].to_list()[0] == "silent for 60 days"


def test_the_json_is_the_same_for_the_same_report_and_reads_back() -> None:
    report = a_report(a_result(), waiting(), skipped())

    assert report.to_json() == a_report(a_result(), waiting(), skipped()).to_json()
    assert ScanReport.model_validate_json(report.to_json(indent=None)) == report


def test_the_json_keeps_letters_of_every_script() -> None:
    name = a_result().message
    assert name is not None
    tamil = name.model_copy(update={"body": "வணக்கம்"})

    assert "வணக்கம்" in a_report(a_result(message=tamil)).to_json()


def test_the_json_has_exactly_the_promised_keys(shop: Shop, monitor_of: MakeMonitor) -> None:
    base = shop(ana={}, ben={}, cem={"opt_in_marketing": False}, support_tickets=rated("ben", 1, 2))
    told = json.loads(monitor_of(base).scan(scan_id="s").to_json())

    assert set(told) == {
        "scan_id", "as_of", "profile", "policy", "counts", "results",
        "others", "lane", "usage", "notes",
    }  # fmt: skip
    assert set(told["profile"]) == set(told["policy"]) == {"name", "hash"}
    assert set(told["counts"]) == {
        "scored", "eligible", "processed", "drafted", "escalated", "skipped", "failed",
        "closed",
    }  # fmt: skip
    by_status = {result["status"]: result for result in told["results"]}
    drafted, escalated, refused = (by_status[name] for name in ("drafted", "escalated", "skipped"))
    for result in told["results"]:
        assert set(result) == {
            "customer_id", "run_id", "status", "reason", "health", "churn_risk", "risk_method",
            "risk_level", "revenue_at_risk", "state", "drivers", "situation", "pattern",
            "decision", "message", "review", "degraded",
            "detail", "lifetime_value", "usage",
        }  # fmt: skip
        assert result["run_id"] == f"s:{result['customer_id']}"
        for driver in result["drivers"]:
            assert set(driver) == {"of", "factor", "contribution", "unit", "text"}
    assert set(drafted["decision"]) == {
        "action", "priority", "channel", "offer", "escalate", "reasons",
    }  # fmt: skip
    assert set(drafted["message"]) == {
        "language", "channel", "subject", "body", "tone", "findings",
    }  # fmt: skip
    assert set(escalated["review"]) == {"review_id", "team", "sla_due", "packet"}
    assert drafted["message"]["body"].startswith("Dear Ana,")
    assert (drafted["review"], refused["message"], refused["decision"]) == (None, None, None)


def test_the_shipped_schema_is_the_reports_own() -> None:
    shipped = package_file("scan_report.schema.json").read_text(encoding="utf-8")

    made = json.dumps(json_schema(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    assert shipped == made


def test_a_real_report_is_what_the_schema_says(shop: Shop, monitor_of: MakeMonitor) -> None:
    base = shop(
        ana={"language": "hi"},
        ben={},
        cem={"opt_in_marketing": False},
        dev={"language": "fr"},
        support_tickets=rated("ben", 1, 2),
    )
    monitor = monitor_of(base)
    report = monitor.scan()
    closed = monitor.resolve(
        str(report.waiting[0].review and report.waiting[0].review.review_id), True
    )
    validator = jsonschema.Draft202012Validator(
        json_schema(), format_checker=jsonschema.FormatChecker()
    )

    for told in (report, report.replace(closed), a_report()):
        validator.validate(json.loads(told.to_json()))


def test_the_schema_refuses_what_is_no_report() -> None:
    wrong = json.loads(a_report(a_result()).to_json())
    wrong["results"][0]["status"] = "sent"

    with pytest.raises(jsonschema.ValidationError, match="sent"):
        jsonschema.validate(wrong, json_schema())


def test_a_hostile_text_is_shown_and_not_run() -> None:
    attack = "<script>alert('x')</script><img src=x onerror=alert(1)>"
    message = a_result().message
    assert message is not None
    result = a_result(
        attack,
        reason=attack,
        message=message.model_copy(update={"body": attack}),
        drivers=(DRIVER.model_copy(update={"text": attack}),),
    )

    shown = a_report(result, scan_id=attack)._repr_html_()

    assert "<script" not in shown
    assert "<img" not in shown
    assert shown.count("&lt;script&gt;") == 5


def test_a_notebook_shows_a_row_per_result() -> None:
    shown = a_report(a_result(), waiting(), skipped())._repr_html_()

    assert shown.count("<tr>") == 4
    assert "as of 2025-06-30 12:00 UTC" in shown
    assert "9 scored" in shown


def test_a_report_says_which_lane_it_is_of(shop: Shop, monitor_of: MakeMonitor) -> None:
    monitor = monitor_of(shop(ana={}, fay={"days_ago": 300}))

    told = {lane: json.loads(monitor.scan(lane=lane.value).to_json()) for lane in Lane}

    assert [told[lane]["lane"] for lane in Lane] == ["retention", "winback"]
    assert [told[lane]["results"][0]["customer_id"] for lane in Lane] == ["ana", "fay"]
    jsonschema.validate(told[Lane.WINBACK], json_schema())


def test_a_report_from_before_the_lanes_is_one_of_retention() -> None:
    old = json.loads(a_report(a_result()).to_json())
    del old["lane"], old["results"][0]["lifetime_value"]

    assert ScanReport.model_validate(old) == a_report(a_result())


@pytest.mark.parametrize(
    ("lane", "shown", "hidden"),
    [
        (Lane.RETENTION, "revenue_at_risk", "lifetime_value"),
        (Lane.WINBACK, "lifetime_value", "revenue_at_risk"),
    ],
)
def test_a_notebook_shows_the_money_that_the_lane_is_about(
    lane: Lane, shown: str, hidden: str
) -> None:
    page = a_report(a_result(lifetime_value=1234.0)).model_copy(update={"lane": lane})

    assert f"{lane.value} lane" in page._repr_html_()
    assert f"<th>{shown}</th>" in page._repr_html_()
    assert hidden not in page._repr_html_()
