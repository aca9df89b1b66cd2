"""What a model may add to the rules' results; whatever fails, the rules stand."""

import logging
from typing import TypeVar

from pydantic import BaseModel, Field

from procx_graph.domain.decision import Priority
from procx_graph.domain.model import Noun
from procx_graph.domain.situation import Sentiment
from procx_graph.errors import ModelError
from procx_graph.llm import Model
from procx_graph.prompts import RenderedPrompt

log = logging.getLogger(__name__)

AnswerT = TypeVar("AnswerT", bound=BaseModel)


class Reading(Noun):
    """The context prompt's answer: how the record reads to the model."""

    sentiment: Sentiment
    urgency: int = Field(ge=1, le=5)
    summary: str = Field(min_length=1, max_length=600)


class PatternName(Noun):
    """The pattern prompt's answer: a short label for the case."""

    name: str = Field(min_length=1, max_length=60)


class Choice(Noun):
    """The decision prompt's answer: a choice inside the allowed set."""

    offer_id: str | None
    """One of the allowed offers, or none."""
    priority: Priority
    why: str = Field(min_length=1, max_length=300)


class Wording(Noun):
    """The empathy prompt's answer: the text, with `{first_name}` for the name."""

    subject: str | None = Field(max_length=200)
    body: str = Field(min_length=1, max_length=5_000)


async def ask(
    model: Model, prompt: RenderedPrompt, answer: type[AnswerT], *, degraded: list[str]
) -> AnswerT | None:
    """Ask a model; note the prompt in `degraded` and give `None` when it does not answer."""
    try:
        return (await model(prompt, answer)).result
    except ModelError as error:
        log.warning(
            "model did not answer, rules stand",
            extra={"prompt": prompt.name, "error": type(error).__name__},
        )
        degraded.append(prompt.name)
        return None
