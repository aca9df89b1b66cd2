"""Who takes a case."""

from typing import Any

import pandas as pd
import pytest

from procx_graph import CustomerBase
from procx_graph.casework.assignment import Agent, agents_of, choose_agent
from procx_graph.domain.decision import Priority
from tests.unit.casework.test_clock import a_case

PEOPLE = (
    Agent(agent_id="ann", team="First", role="Agent", languages=frozenset({"en"})),
    Agent(agent_id="bob", team="First", role="Senior Agent", languages=frozenset({"en", "hi"})),
    Agent(agent_id="cid", team="First", role="Agent"),
    Agent(agent_id="dot", team="Second", role="Manager", languages=frozenset({"en", "hi"})),
)


def chosen(load: dict[str, int] | None = None, **case: Any) -> str | None:
    agent = choose_agent(a_case(**case), PEOPLE, load or {})
    return agent.agent_id if agent else None


@pytest.mark.parametrize(
    ("language", "priority", "who"),
    [
        ("en", Priority.LOW, "ann"),
        ("en", Priority.CRITICAL, "bob"),
        ("hi", Priority.LOW, "bob"),
        ("ta", Priority.LOW, "cid"),
        (None, Priority.LOW, "ann"),
    ],
)
def test_language_goes_before_skill(language: str | None, priority: Priority, who: str) -> None:
    assert chosen(language=language, priority=priority) == who


def test_who_has_much_to_do_is_passed_over_for_a_free_colleague() -> None:
    assert chosen({"bob": 3}, language="en", priority=Priority.CRITICAL) == "ann"


def test_of_two_alike_the_one_with_less_to_do_takes_it() -> None:
    twins = [Agent(agent_id=name, team="First") for name in ("ann", "bob")]

    taken = choose_agent(a_case(), twins, {"ann": 1})

    assert taken is not None
    assert taken.agent_id == "bob"


def test_of_two_alike_the_faster_takes_it() -> None:
    twins = [
        Agent(agent_id="ann", team="First", hours_to_resolve=9),
        Agent(agent_id="bob", team="First", hours_to_resolve=2),
    ]

    taken = choose_agent(a_case(), twins, {})

    assert taken is not None
    assert taken.agent_id == "bob"


def test_a_team_without_people_has_nobody() -> None:
    assert chosen(team="Third") is None


def test_people_are_read_from_agent_profiles() -> None:
    people = pd.DataFrame(
        {
            "agent_id": ["a2", "a1"],
            "team": ["First", "Second"],
            "role": ["Team Lead", None],
            "languages": ["en, HI", None],
            "avg_resolution_time_hours": [3.5, None],
        }
    )
    customers = pd.DataFrame({"customer_id": ["ana"]})
    base = CustomerBase.from_frames(
        {"customers": customers, "agent_profiles": people}, as_of=pd.Timestamp("2025-06-30")
    )

    first, second = agents_of(base)

    assert (first.agent_id, first.languages, first.hours_to_resolve) == ("a1", None, None)
    assert (second.languages, second.hours_to_resolve) == (frozenset({"en", "hi"}), 3.5)
    assert (
        agents_of(
            CustomerBase.from_frames({"customers": customers}, as_of=pd.Timestamp("2025-06-30"))
        )
        == ()
    )
