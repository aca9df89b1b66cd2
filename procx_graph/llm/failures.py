"""What a client's exception means to us: try again, give up, or a bad answer."""

from email.utils import parsedate_to_datetime
from typing import Any

from procx_graph.domain.tokens import Tokens
from procx_graph.errors import ModelError, ModelReplyError, ModelUnavailable

_FOR_GOOD = frozenset({401, 403, 404})
"""Statuses that asking again does not change: key, permission, name of the model."""
_OF_THE_ANSWER = frozenset({"LengthFinishReasonError", "ContentFilterFinishReasonError"})
"""Errors of openai's client about an answer that came."""


def model_error(error: Exception, model: str) -> ModelError:
    """Give our error for whatever a chat client raised; the text of its own may quote the prompt.

    Clients of all providers are told apart by the HTTP status that their errors carry.
    """
    status, name = status_of(error), type(error).__name__
    refused = "Refusal" in name
    if refused or status in {400, 413, 422} or name in _OF_THE_ANSWER:
        why = "it refused to answer" if refused else f"{name}{_of(status)}"
        found: ModelError = ModelReplyError(f"model {model}: {why}", reply="")
    else:
        found = ModelUnavailable(f"model {model} did not answer: {name}{_of(status)}")
    found.model, found.tokens = model, _spent(error)
    return found


def status_of(error: BaseException) -> int | None:
    """Give the HTTP status of a client's error, `None` when there was no response."""
    status = getattr(error, "status_code", None)
    return status if isinstance(status, int) else None


def is_for_good(error: Exception) -> bool:
    """Whether asking the same again cannot help."""
    return status_of(error) in _FOR_GOOD


def wait_asked_for(error: Exception) -> float | None:
    """Give the seconds that a provider asks us to wait; `None` when it does not say."""
    headers = getattr(getattr(error, "response", None), "headers", {})
    for header, divisor in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        try:
            return max(0.0, float(headers[header]) / divisor)
        except (KeyError, TypeError, ValueError):
            continue
    return _until_date(headers)


def _until_date(headers: Any) -> float | None:
    """Give the seconds to a date in `Retry-After`, by the provider's own clock."""
    try:
        then, now = (parsedate_to_datetime(headers[name]) for name in ("retry-after", "date"))
        return max(0.0, (then - now).total_seconds())
    except (KeyError, TypeError, ValueError):
        return None


def _of(status: int | None) -> str:
    return "" if status is None else f", status {status}"


def _spent(error: Exception) -> Tokens:
    usage: Any = getattr(getattr(error, "completion", None), "usage", None)
    if usage is None:
        return Tokens(calls=1, uncounted=1)
    return Tokens(calls=1, prompt=usage.prompt_tokens, completion=usage.completion_tokens)
