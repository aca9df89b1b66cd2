"""Why a model did not answer, in a sentence, and what mends it."""

import socket
import ssl
from collections.abc import Iterator

from procx_graph.errors import ModelError, ModelReplyError
from procx_graph.llm.failures import status_of

Told = tuple[str, str]
"""What was found, and what to do."""

_KEY = "check OPENAI_API_KEY"
_ADDRESS = "check OPENAI_BASE_URL, which often ends in /v1"
_STATUSES: dict[int, Told] = {
    400: ("{host} does not take the question (400)", "the model may know no JSON schema: try another"),
    401: ("{host} refuses the key (401)", _KEY),
    403: ("{host} does not let this key ask the model (403)", f"{_KEY} and what it may do"),
    404: (
        "{host} knows no such model, or is not at this address (404)",
        f"check the name of the model; with a server of your own {_ADDRESS}",
    ),
    429: (
        "{host} takes no more for now (429): asked too often, or nothing is left of the account",
        "wait, look at the account, or lower PROCX_MODEL_RATE",
    ),
}


def told_failure(error: ModelError, *, name: str, host: str, seconds: float) -> Told:
    """Give what happened and what mends it.

    The provider's own words stay out: they may repeat the key.

    Args:
        error: With the client's error as its cause.
        name: Of the model.
        host: Whom it was asked of.
        seconds: How long it was waited for.
    """
    provider, colon, _ = name.partition(":")
    own = f"check the key and the package of {provider}"
    found, todo = _told(list(_causes(error)), error, seconds)
    if colon and provider != "openai" and "OPENAI" in todo:
        todo = own
    return found.format(host=host), todo


def _told(causes: list[BaseException], error: ModelError, seconds: float) -> Told:
    status = next((found for one in causes if (found := status_of(one)) is not None), None)
    if status in _STATUSES:
        return _STATUSES[status]
    if status is not None and status >= 500:
        return f"{{host}} fails by itself (status {status})", "try again later"
    if status is not None:
        return f"{{host}} answers with status {status}", _ADDRESS
    if isinstance(error, ModelReplyError):
        why = str(error).rpartition("asked twice: ")[2]
        todo = "agents need JSON of a given form: name a model that can give it"
        return f"{{host}} answers, but not as asked: {_plain(why)}", todo
    return _unreached(causes, seconds)


def _unreached(causes: list[BaseException], seconds: float) -> Told:
    """Tell what kept the question from its answer."""
    if any(isinstance(one, ConnectionRefusedError) for one in causes):
        return "nobody listens at {host} (connection refused)", _ADDRESS
    if any(isinstance(one, socket.gaierror) for one in causes):
        return "{host} is no known host", f"{_ADDRESS}, and the network"
    if any(isinstance(one, ssl.SSLError) for one in causes):
        return "{host} has no certificate that is trusted here", _ADDRESS
    if any(isinstance(one, TimeoutError) or "Timeout" in type(one).__name__ for one in causes):
        todo = "try again, name a faster model, or check the network"
        return f"{{host}} did not answer within {seconds:g} s", todo
    if any("Connection" in type(one).__name__ for one in causes):
        return "{host} breaks the connection off", f"{_ADDRESS}, and the network"
    return "{host} answers with something that is no model's answer", _ADDRESS


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Give what lies below an error, the nearest first."""
    below = error.__cause__ or error.__context__
    while below is not None:
        yield below
        below = below.__cause__ or below.__context__


def _plain(text: str) -> str:
    return text.replace("{", "").replace("}", "")
