"""Why a model did not answer, in a sentence, and what mends it."""

import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass

from procx_graph.errors import ModelError, ModelReplyError
from procx_graph.llm.failures import status_of

Told = tuple[str, str]
"""What was found, and what to do."""


@dataclass(frozen=True)
class Whom:
    """Who was asked.

    Attributes:
        host: Name of the machine, or of the provider.
        key: What names its key.
        address: What to check when nobody is there.
    """

    host: str
    key: str
    address: str


def told_failure(error: ModelError, whom: Whom, seconds: float) -> Told:
    """Give what happened and what mends it.

    The provider's own words stay out: they may repeat the key.

    Args:
        error: With the client's error as its cause.
        whom: Who was asked.
        seconds: How long it was waited for.
    """
    causes = list(_causes(error))
    status = next((found for one in causes if (found := status_of(one)) is not None), None)
    if status is not None:
        return _refused(status, whom)
    if isinstance(error, ModelReplyError):
        why = str(error).rpartition("asked twice: ")[2]
        todo = "agents need JSON of a given form: name a model that can give it"
        return f"{whom.host} answers, but not as asked: {why}", todo
    return _unreached(causes, whom, seconds)


def _refused(status: int, whom: Whom) -> Told:
    """Tell what a status means."""
    host = whom.host
    match status:
        case 400 | 422:
            todo = "it may know no JSON schema: name another model"
            return f"{host} does not take the question ({status})", todo
        case 401:
            return f"{host} refuses the key (401)", f"check {whom.key}"
        case 403:
            todo = f"check what {whom.key} may do"
            return f"{host} does not let this key ask the model (403)", todo
        case 404:
            todo = f"check the name of the model; if that is right, {whom.address}"
            return f"{host} knows no such model, or is not at this address (404)", todo
        case 429:
            why = "asked too often, or nothing is left of the account"
            return f"{host} takes no more for now (429): {why}", "wait, or look at the account"
        case _ if status >= 500:
            return f"{host} fails by itself (status {status})", "try again later"
        case _:
            return f"{host} answers with status {status}", whom.address


def _unreached(causes: list[BaseException], whom: Whom, seconds: float) -> Told:
    """Tell what kept the question from its answer."""
    names = [type(one).__name__ for one in causes]
    host, todo = whom.host, whom.address
    if any(isinstance(one, ConnectionRefusedError) for one in causes):
        return f"nobody listens at {host} (connection refused)", todo
    if any(isinstance(one, socket.gaierror) for one in causes):
        return f"{host} is no known host", todo
    if any(isinstance(one, ssl.SSLError) for one in causes):
        return f"{host} has no certificate that is trusted here", todo
    if any("Timeout" in name for name in names):
        todo = "try again, name a faster model, or check the network"
        return f"{host} did not answer within {seconds:g} s", todo
    if any("Connection" in name for name in names):
        return f"{host} breaks the connection off", todo
    return f"{host} answers with something that is no model's answer", todo


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Give what lies below an error, the nearest first."""
    below = error.__cause__ or error.__context__
    while below is not None:
        yield below
        below = below.__cause__ or below.__context__
