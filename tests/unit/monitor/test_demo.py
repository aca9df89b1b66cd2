"""The five scenarios, each for a customer it is true of."""

import pytest

from procx_graph import CustomerBase, Monitor
from procx_graph.domain.customer import CustomerState
from procx_graph.errors import DataError
from procx_graph.monitor.demo import SCENARIOS, Scenario, pick_customer
from procx_graph.report import Status
from tests.conftest import MakeMonitor, Shop

BY_NAME = pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)


@pytest.fixture
def monitor(sample_base: CustomerBase, monitor_of: MakeMonitor) -> Monitor:
    return monitor_of(sample_base)


def test_the_scenarios_are_the_five_of_the_modes_document() -> None:
    assert [(s.name, s.segment, s.event.kind.value) for s in SCENARIOS] == [
        ("vip_complaint", "VIP", "complaint"),
        ("loyal_order_delay", "Loyal", "order_delayed"),
        ("new_customer_inquiry", "Occasional", "inquiry"),
        ("high_value_at_risk", "VIP", "order_cancelled"),
        ("positive_feedback", "Loyal", "feedback"),
    ]


@BY_NAME
def test_the_customer_belongs_to_the_scenario_and_may_be_written_to(
    monitor: Monitor, scenario: Scenario
) -> None:
    chosen = pick_customer(monitor, scenario, set())

    customer = monitor.base.customer(chosen)
    assert customer.segment == scenario.segment
    assert customer.opt_in_marketing is True
    assert monitor.scores.score(chosen).state in {CustomerState.ACTIVE, CustomerState.NEW}


def test_nobody_plays_twice(monitor: Monitor) -> None:
    taken: set[str] = set()
    for scenario in SCENARIOS:
        taken.add(pick_customer(monitor, scenario, taken))

    assert len(taken) == len(SCENARIOS)


@BY_NAME
def test_vip_trouble_goes_to_a_person_and_the_rest_is_written(
    monitor: Monitor, scenario: Scenario
) -> None:
    chosen = pick_customer(monitor, scenario, set())
    running = monitor.process(chosen, event=scenario.event.model_dump(mode="json"))
    for _ in running:
        pass

    (result,) = running.report().results
    trouble = scenario.name in {"vip_complaint", "high_value_at_risk"}
    assert result.status is (Status.ESCALATED if trouble else Status.DRAFTED)
    assert result.message is not None
    assert result.message.language == monitor.base.customer(chosen).language
    assert not result.message.findings


def test_a_base_without_such_a_customer_says_so(shop: Shop, monitor_of: MakeMonitor) -> None:
    with pytest.raises(DataError, match="no VIP customer"):
        pick_customer(monitor_of(shop(ana={})), SCENARIOS[0], set())
