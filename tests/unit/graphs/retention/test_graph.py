"""The graph as it is stored and drawn."""

import pytest
from langgraph.graph.state import CompiledStateGraph

from procx_graph.graphs.retention import build_retention_graph
from procx_graph.graphs.retention.state import RetentionState
from tests.unit.builders import a_base


@pytest.fixture(scope="module")
def graph() -> CompiledStateGraph[RetentionState]:
    return build_retention_graph(a_base()).compile()  # type: ignore[return-value] # wider type


def test_the_names_of_the_nodes_are_a_contract_with_stored_reviews() -> None:
    names = list(build_retention_graph(a_base()).nodes)

    assert names == ["context", "pattern", "decision", "empathy", "escalation"]


def test_the_drawing_has_both_labelled_branches(
    graph: CompiledStateGraph[RetentionState],
) -> None:
    edges = {(e.source, e.target, e.data) for e in graph.get_graph().edges}

    assert edges == {
        ("__start__", "context", None),
        ("context", "pattern", None),
        ("pattern", "decision", None),
        ("decision", "empathy", "auto"),
        ("decision", "escalation", "human"),
        ("escalation", "empathy", "reviewed"),
        ("escalation", "__end__", "ended"),
        ("empathy", "__end__", None),
    }


def test_a_run_is_started_with_little(graph: CompiledStateGraph[RetentionState]) -> None:
    assert set(graph.get_input_jsonschema()["properties"]) == {"customer_id", "event", "score"}
