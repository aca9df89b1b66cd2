"""Models: does each that is named answer one tiny question, through the client of production?"""

import asyncio
from collections.abc import Callable, Iterator
from typing import Literal
from urllib.parse import urlsplit

from procx_graph.doctor.asked import Asked
from procx_graph.doctor.finding import Finding, Subject
from procx_graph.doctor.refusals import Whom, told_failure
from procx_graph.domain.clock import monotonic as real_monotonic
from procx_graph.domain.model import Noun
from procx_graph.errors import ConfigError, ModelError
from procx_graph.llm import Model, Reply, closed, connect, within
from procx_graph.prompts import RenderedPrompt
from procx_graph.settings import Settings

SECONDS = 10.0
"""For one answer."""
OPENAI = "api.openai.com"
MODEL = Subject.MODEL


class Ready(Noun):
    """What a model is asked for."""

    word: Literal["ready"]


QUESTION = RenderedPrompt(
    name="doctor/ready",
    version=1,
    digest="0" * 12,
    source="code",
    instructions="You say whether you are there. Answer with the word ready.",
    record="Are you there?",
)
"""It is about no customer, and so is no file under prompts/."""


def look_at_models(
    asked: Asked, *, seconds: float = SECONDS, monotonic: Callable[[], float] = real_monotonic
) -> Iterator[Finding]:
    """Ask every model that is named, once.

    Args:
        asked: With the names, and the key and address of the provider.
        seconds: For one answer.
        monotonic: A clock in seconds.
    """
    from procx_graph.graphs.retention.models import named_models

    settings = asked.settings
    try:
        agents = named_models(settings)
    except ConfigError as error:
        yield Finding.broken(MODEL, "", str(error), "correct PROCX_MODEL_AGENTS")
        return
    if not agents:
        yield Finding.off(MODEL, "", "no model is named (PROCX_MODEL): rules do the work")
    for name in dict.fromkeys(agents.values()):
        yield _judged(name, asked, seconds, monotonic)
    yield from _prices(settings)


def whom_of(name: str, settings: Settings) -> Whom:
    """Give who is asked when a model of this name is.

    Raises:
        ConfigError: The address of the server is none.
    """
    provider, colon, _ = name.strip().partition(":")
    if colon and provider != "openai":
        return Whom(provider, f"the key of {provider}", "check the network")
    if settings.openai_base_url is None:
        return Whom(OPENAI, "OPENAI_API_KEY", "check the network")
    try:
        parts = urlsplit(settings.openai_base_url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port, parts = None, None, urlsplit("")
    if parts.scheme not in {"http", "https"} or not host:
        raise ConfigError("OPENAI_BASE_URL is no address: write https://host/v1")
    where = f"{host}:{port}" if port else host
    return Whom(where, "OPENAI_API_KEY", "check OPENAI_BASE_URL, which often ends in /v1")


def _judged(name: str, asked: Asked, seconds: float, monotonic: Callable[[], float]) -> Finding:
    settings = asked.settings
    try:
        whom = whom_of(name, settings)
        model = connect(
            name, key=settings.openai_api_key, base_url=settings.openai_base_url, concurrency=1
        )
    except ConfigError as error:
        return Finding.broken(MODEL, name, str(error))
    if asked.offline:
        told = f"named and set up; {whom.host} was not asked (--offline)"
        return Finding.off(MODEL, name, told)
    _load_client()
    began = monotonic()
    try:
        reply = asyncio.run(_asked(model, seconds))
    except ModelError as error:
        found, todo = told_failure(error, whom, seconds)
        return Finding.broken(MODEL, name, found, todo)
    took = f"{(monotonic() - began) * 1000:.0f} ms"
    tokens = reply.tokens
    spent = "tokens not told" if tokens.uncounted else f"{tokens.total} tokens"
    return Finding.ok(MODEL, name, f"{whom.host} answers in {took}, {spent}")


async def _asked(model: Model, seconds: float) -> Reply[Ready]:
    with within(seconds):
        try:
            return await model(QUESTION, Ready)
        finally:
            await closed(model)


def _load_client() -> None:
    """Load the client now, so that it is not counted as waiting for the answer."""
    import langchain_openai  # noqa: F401 # loading it is the point


def _prices(settings: Settings) -> Iterator[Finding]:
    from procx_graph.domain.model_use import Prices

    if settings.model_prices is None:
        return
    try:
        Prices.parse(settings.model_prices)
    except ValueError as error:
        yield Finding.broken(MODEL, "prices", str(error), "correct PROCX_MODEL_PRICES")
