"""What the retention graph costs beside LangGraph itself."""

import asyncio
import time
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from typing_extensions import TypedDict

from procx_graph import CustomerBase, RunOptions, build_retention_graph
from procx_graph.scoring.engine import Scores, score
from procx_graph.tables.sample import generate

Compiled = CompiledStateGraph[Any, Any, Any, Any]

CUSTOMERS = 10_000
RUNS = 300
"""Customers run through each graph; the base is what matters for size."""
ROUNDS = 9
"""Each of customers of its own. The first warms up; of the others the best counts."""
GOAL = 2.0
"""Times the CPU of five empty nodes."""

pytestmark = [pytest.mark.bench, pytest.mark.slow]


class Empty(TypedDict, total=False):
    customer_id: str


async def nothing(state: Empty) -> dict[str, Any]:
    return {}


def five_empty_nodes() -> Compiled:
    graph = StateGraph(Empty)
    names = ["context", "pattern", "decision", "empathy", "escalation"]
    for name in names:
        graph.add_node(name, nothing)
    for before, after in zip([START, *names], [*names, END], strict=True):
        graph.add_edge(before, after)
    return graph.compile(checkpointer=InMemorySaver())


@pytest.fixture(scope="module")
def town() -> CustomerBase:
    return CustomerBase.from_frames(generate(CUSTOMERS).tables)


@pytest.fixture(scope="module")
def scores(town: CustomerBase) -> Scores:
    return score(town)


def cpu_per_run(graph: Compiled, inputs: list[dict[str, Any]], *, round_: int) -> float:
    """Run every input once, on threads of its own; give the mean CPU seconds of a run."""

    async def run() -> None:
        for number, work in enumerate(inputs):
            await graph.ainvoke(
                work,
                {"configurable": {"thread_id": f"{round_}:{number}"}},
                context=RunOptions(dry_run=True),
                durability="exit",
            )

    began = time.process_time()
    asyncio.run(run())
    return (time.process_time() - began) / len(inputs)


def test_a_run_costs_at_most_twice_five_empty_nodes(town: CustomerBase, scores: Scores) -> None:
    queue = scores.frame.filter(state="active").sort("rank")["customer_id"].to_list()
    chunks = [queue[number * RUNS :][:RUNS] for number in range(ROUNDS)]
    ours = build_retention_graph(town, scores=scores).compile(checkpointer=InMemorySaver())
    empty = five_empty_nodes()

    rounds = []
    for number, ids in enumerate(chunks):
        known = scores.scores(ids)
        inputs = [{"customer_id": i, "score": known[i].model_dump(mode="json")} for i in ids]
        town.records(ids)
        bare = [{"customer_id": name} for name in ids]
        rounds.append(
            (
                cpu_per_run(ours, inputs, round_=number),
                cpu_per_run(empty, bare, round_=number),
            )
        )
    own, least = (min(column) for column in zip(*rounds[1:], strict=True))

    print(  # noqa: T201 - a measurement is for reading
        f"\nretention {own * 1e3:.2f} ms, five empty nodes {least * 1e3:.2f} ms of CPU per run: "
        f"{own / least:.2f} x (goal {GOAL} x, {CUSTOMERS:,} customers)"
    )
    assert own / least <= GOAL
