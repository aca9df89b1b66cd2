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
    from procx_graph.graphs.retention import RunOptions as RunOptions
    from procx_graph.graphs.retention import build_retention_graph as build_retention_graph
    from procx_graph.monitor import Monitor as Monitor
    from procx_graph.outreach.policies import load_policy as load_policy
    from procx_graph.report import ScanReport as ScanReport
    from procx_graph.scoring.engine import score_customers as score_customers
    from procx_graph.scoring.explain import explain_customer as explain_customer
    from procx_graph.scoring.profiles import load_profile as load_profile

_HOMES = {
    "CustomerBase": "base",
    "Monitor": "monitor",
    "Policy": "domain.policy",
    "ProcxError": "errors",
    "Profile": "domain.profile",
    "Review": "domain.review",
    "RunOptions": "graphs.retention",
    "ScanReport": "report",
    "build_retention_graph": "graphs.retention",
    "explain_customer": "scoring.explain",
    "load_policy": "outreach.policies",
    "load_profile": "scoring.profiles",
    "score_customers": "scoring.engine",
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
