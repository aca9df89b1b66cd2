"""Find the customers a business is about to lose, and act before they complain."""

from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from procx_graph.base import CustomerBase as CustomerBase
    from procx_graph.domain.policy import Policy as Policy
    from procx_graph.domain.profile import Profile as Profile
    from procx_graph.domain.review import Review as Review
    from procx_graph.errors import ProcxError as ProcxError
    from procx_graph.events import Receiver as Receiver
    from procx_graph.events import load_base as load_base
    from procx_graph.events import record_event as record_event
    from procx_graph.graphs.retention import RunOptions as RunOptions
    from procx_graph.graphs.retention import build_retention_graph as build_retention_graph
    from procx_graph.monitor import Monitor as Monitor
    from procx_graph.monitor import Reviews as Reviews
    from procx_graph.outcomes import record_outcome as record_outcome
    from procx_graph.outreach.checks import MessageFacts as MessageFacts
    from procx_graph.outreach.checks import check_message as check_message
    from procx_graph.outreach.policies import load_policy as load_policy
    from procx_graph.outreach.sending import OutboxSender as OutboxSender
    from procx_graph.report import ScanReport as ScanReport
    from procx_graph.scoring.engine import score_customers as score_customers
    from procx_graph.scoring.evaluation.protocol import evaluate as evaluate
    from procx_graph.scoring.learned.training import train as train
    from procx_graph.scoring.profiles import load_profile as load_profile
    from procx_graph.scoring.reasons.explain import explain_customer as explain_customer
    from procx_graph.scoring.scorer import CustomerScorer as CustomerScorer
    from procx_graph.scoring.streamed import score_to_parquet as score_to_parquet
    from procx_graph.store import Store as Store
    from procx_graph.store import record_consent as record_consent
    from procx_graph.store import suppress as suppress

_HOMES = {
    "CustomerBase": "base",
    "CustomerScorer": "scoring.scorer",
    "MessageFacts": "outreach.checks",
    "Monitor": "monitor",
    "OutboxSender": "outreach.sending",
    "Policy": "domain.policy",
    "ProcxError": "errors",
    "Profile": "domain.profile",
    "Receiver": "events",
    "Review": "domain.review",
    "Reviews": "monitor",
    "RunOptions": "graphs.retention",
    "ScanReport": "report",
    "Store": "store",
    "build_retention_graph": "graphs.retention",
    "check_message": "outreach.checks",
    "evaluate": "scoring.evaluation.protocol",
    "explain_customer": "scoring.reasons.explain",
    "load_base": "events",
    "load_policy": "outreach.policies",
    "load_profile": "scoring.profiles",
    "record_consent": "store",
    "record_event": "events",
    "record_outcome": "outcomes",
    "score_customers": "scoring.engine",
    "score_to_parquet": "scoring.streamed",
    "suppress": "store",
    "train": "scoring.learned.training",
}
"""Public names and the modules they load from on first use (PEP 562)."""

__all__ = [*sorted(_HOMES), "__version__"]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return version("procx_graph")
    if name not in _HOMES:
        raise AttributeError(f"module 'procx_graph' has no attribute {name!r}")
    value = getattr(import_module(f"procx_graph.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
