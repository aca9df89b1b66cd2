"""Whether Langfuse takes our keys."""

import httpx

from procx_graph.tracing.address import Address, data_of
from procx_graph.tracing.answers import told_status
from procx_graph.tracing.tracer import Check


def asked(address: Address, timeout: float) -> Check:
    """Ask which project the keys are of."""
    try:
        answer = address.get("projects", timeout=timeout)
    except httpx.HTTPError:
        return Check(ok=False, detail=told_status(None))
    if not answer.is_success:
        return Check(ok=False, detail=told_status(answer.status_code))
    told = data_of(answer)
    projects = told.get("data") if isinstance(told, dict) else None
    if not isinstance(projects, list) or not projects:
        return Check(ok=False, detail="has no project for these keys")
    return Check(ok=True, detail=", ".join(str(one.get("name", "?")) for one in projects))
