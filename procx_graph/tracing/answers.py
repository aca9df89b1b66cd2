"""What the service's answers mean."""

ITS_OWN_FAULT = frozenset({400, 413, 422})
"""Statuses that are about one batch, and not about the service."""


def told_status(status: int | None) -> str:
    """Say in words what an HTTP status of the service means; `None` is no answer."""
    if status is None:
        return "does not answer"
    if status in {401, 403}:
        return f"refuses the keys ({status}): see LANGFUSE_PUBLIC_KEY and LANGFUSE_SECRET_KEY"
    if 300 <= status < 400 or status == 404:
        return f"is not at this address ({status}): see LANGFUSE_BASE_URL"
    return f"does not take what is sent (status {status})"
