"""Asking a model from synchronous code."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from procx_graph.llm.model import Model, Reply, ResultT
from procx_graph.prompts import RenderedPrompt


def ask(model: Model, prompt: RenderedPrompt, result: type[ResultT]) -> Reply[ResultT]:
    """Do what `await model(prompt, result)` does, also where an event loop is running (Jupyter).

    Raises:
        ModelUnavailable: It cannot be reached.
        ModelReplyError: It did not answer with such a value.
    """
    with ThreadPoolExecutor(max_workers=1) as one:
        return one.submit(asyncio.run, _once(model, prompt, result)).result()


async def _once(model: Model, prompt: RenderedPrompt, result: type[ResultT]) -> Reply[ResultT]:
    try:
        return await model(prompt, result)
    finally:
        await closed(model)


async def closed(*models: Model) -> None:
    """Close the connections that models opened in this event loop, once each."""
    for model in {id(one): one for one in models}.values():
        close = getattr(model, "aclose", None)
        if close is not None:
            await close()
