"""The retention graph, put together."""

from langgraph.graph import END, START, StateGraph

from procx_graph.base import CustomerBase
from procx_graph.domain.clock import Clock, FixedClock
from procx_graph.domain.policy import Policy
from procx_graph.domain.profile import Profile
from procx_graph.errors import ConfigError
from procx_graph.graphs.retention.cohort import Cohort
from procx_graph.graphs.retention.context import ContextAgent
from procx_graph.graphs.retention.decision import DecisionAgent, route
from procx_graph.graphs.retention.empathy import EmpathyAgent
from procx_graph.graphs.retention.escalation import EscalationAgent, after_review
from procx_graph.graphs.retention.models import Models, models_by_agent
from procx_graph.graphs.retention.pattern import PatternAgent
from procx_graph.graphs.retention.state import InputState, RetentionState, RunOptions
from procx_graph.outreach.budget import OfferBudget
from procx_graph.outreach.executor import OfferExecutor, PendingOffers
from procx_graph.outreach.gate import Gate
from procx_graph.outreach.policies import load_policy
from procx_graph.prompts import Prompts, load_prompt
from procx_graph.scoring.engine import Scores
from procx_graph.scoring.profiles import load_profile
from procx_graph.store import Ledger, MemoryLedger

RetentionGraph = StateGraph[RetentionState, RunOptions, InputState, RetentionState]


def build_retention_graph(
    base: CustomerBase,
    *,
    policy: Policy | str | None = None,
    profile: Profile | str | None = None,
    ledger: Ledger | None = None,
    clock: Clock | None = None,
    scores: Scores | None = None,
    models: Models = None,
    prompts: Prompts = load_prompt,
    executor: OfferExecutor | None = None,
) -> RetentionGraph:
    """Build the graph with its dependencies bound; compile it with a checkpointer of your own.

    Args:
        base: The customers.
        policy: What we may do; the default policy when not given.
        profile: How customers are scored when a run brings no score; default-v1 when not given.
        ledger: Where reviews and contacts are kept; in memory when not given.
        clock: The moment of a run that names none; the base's as_of when not given.
        scores: Scores of the base computed before, to compute them only once.
        models: Language models by agent (context, pattern, decision, empathy), each of which
            refines what that agent's rules give; one for all is asked by decision and empathy.
            Each is a `Model`, a LangChain chat model, or a name such as `openai:gpt-…`. Without
            them the rules do all the work.
        prompts: Gives a prompt by name; the files of prompts/ when not given.
        executor: Brings approved offers to the customers; when not given they stay pending.

    Raises:
        ConfigError: Policy, profile or executor cannot be used, or `models` names no such agent,
            or no model.
    """
    models = models_by_agent(models)
    if executor is not None and not callable(getattr(executor, "apply", None)):
        raise ConfigError(f"an executor has a method apply; {type(executor).__name__} has none")
    policy, ledger = load_policy(policy), ledger or MemoryLedger()
    clock = clock or FixedClock(base.as_of)
    cohort = Cohort(base, profile=load_profile(profile or "default-v1"), scores=scores)

    context = ContextAgent(
        cohort, policy=policy, gate=Gate(policy, ledger), clock=clock,
        model=models.get("context"), prompts=prompts,
    )  # fmt: skip
    pattern = PatternAgent(cohort, model=models.get("pattern"), prompts=prompts)
    decision = DecisionAgent(
        base, policy=policy, budget=OfferBudget(policy, ledger),
        model=models.get("decision"), prompts=prompts,
    )  # fmt: skip
    empathy = EmpathyAgent(
        base, policy=policy, model=models.get("empathy"), prompts=prompts,
        executor=executor or PendingOffers(),
    )  # fmt: skip
    escalation = EscalationAgent(cohort, policy=policy, ledger=ledger, clock=clock)

    graph: RetentionGraph = StateGraph(
        RetentionState, context_schema=RunOptions, input_schema=InputState
    )
    graph.add_node("context", context)
    graph.add_node("pattern", pattern)
    graph.add_node("decision", decision)
    graph.add_node("empathy", empathy)
    graph.add_node("escalation", escalation)

    graph.add_edge(START, "context")
    graph.add_edge("context", "pattern")
    graph.add_edge("pattern", "decision")
    graph.add_conditional_edges("decision", route, {"auto": "empathy", "human": "escalation"})
    graph.add_conditional_edges("escalation", after_review, {"reviewed": "empathy", "ended": END})
    graph.add_edge("empathy", END)
    return graph
