"""What a model may add to the rules' results; whatever fails, the rules stand."""

import logging
from dataclasses import dataclass, field
from typing import Annotated, TypeVar

from langgraph.errors import GraphBubbleUp
from pydantic import AfterValidator, BaseModel, Field

from procx_graph.domain.model import Noun
from procx_graph.domain.model_use import ModelUse
from procx_graph.domain.permit import Permit
from procx_graph.domain.situation import Sentiment, Situation
from procx_graph.domain.tokens import Tokens
from procx_graph.errors import ModelError
from procx_graph.graphs.retention.evidence import quote
from procx_graph.graphs.retention.state import RunOptions, Update, update
from procx_graph.llm import Model
from procx_graph.outreach.gate import leaves_a_way
from procx_graph.prompts import RenderedPrompt

log = logging.getLogger(__name__)

WHY = 200
"""Characters of a reason that are kept."""

AnswerT = TypeVar("AnswerT", bound=BaseModel)
LONGEST_NOTE = 600
"""Characters of a text for a colleague."""


def _on_one_line(text: str) -> str:
    line = quote(text, limit=LONGEST_NOTE)
    if not line:
        raise ValueError("it says nothing")
    return line


Note = Annotated[str, AfterValidator(_on_one_line)]
"""What a model writes for a colleague: one line, nothing hidden in it, no address and no number."""


class Reads(Noun):
    """How a record reads to a model."""

    sentiment: Sentiment = Field(description="how the customer feels")
    urgency: int = Field(ge=1, le=5, description="1 whenever to 5 today")


class Reading(Reads):
    """The context prompt's answer."""

    summary: Note = Field(min_length=1, max_length=LONGEST_NOTE)


def graver(situation: Situation, reads: Reads) -> Situation:
    """Give the situation as the graver of two readings has it: ours or the model's.

    So no text can talk a case out of a person's hands.
    """
    moods = list(Sentiment)
    return situation.model_copy(
        update={
            "sentiment": max(situation.sentiment, reads.sentiment, key=moods.index),
            "urgency": max(situation.urgency, reads.urgency),
        }
    )


class PatternName(Noun):
    """The pattern prompt's answer: a short label for the case."""

    name: Note = Field(min_length=1, max_length=60)


class Wording(Noun):
    """The empathy prompt's answer: the text, with `{first_name}` for the name."""

    subject: str | None = Field(max_length=200)
    body: str = Field(min_length=1, max_length=5_000)


@dataclass
class Notes:
    """What an agent has to say of its work beside its result.

    Attributes:
        degraded: What failed, so that the rules stood in: names of prompts.
        asked: Questions to models, in order.
    """

    degraded: list[str] = field(default_factory=list)
    asked: list[ModelUse] = field(default_factory=list)

    def as_update(self) -> Update:
        """Give them as a part of the state; nothing when there is nothing to say."""
        return update(degraded=self.degraded, asked=self.asked)


def helping(
    model: Model | None, options: RunOptions, permit: Permit, situation: Situation
) -> Model | None:
    """Give the model if it may be asked: the run lets it, and there is somebody to write to."""
    return model if options.models and leaves_a_way(permit, situation) else None


async def ask(
    model: Model, prompt: RenderedPrompt, answer: type[AnswerT], *, notes: Notes
) -> AnswerT | None:
    """Ask a model, and note what that took; give `None` when no usable answer comes."""
    try:
        reply = await model(prompt, answer)
        result = answer.model_validate(reply.result, from_attributes=True)
    except GraphBubbleUp:
        raise
    except ModelError as error:
        _note(notes, prompt, error, str(error))
        return None
    except Exception as error:  # noqa: BLE001 - a model is anybody's code, and no run may fail by it
        why = f"the model itself raised {type(error).__name__}"
        _note(notes, prompt, error, why)
        return None
    notes.asked.append(ModelUse(prompt=prompt.name, model=reply.model, tokens=reply.tokens))
    return result


def _note(notes: Notes, prompt: RenderedPrompt, error: Exception, why: str) -> None:
    """Note that a question had no usable answer, and what it took all the same."""
    failed = type(error).__name__
    log.info("no usable answer, rules stand", extra={"prompt": prompt.name, "error": failed})
    notes.degraded.append(prompt.name)
    notes.asked.append(
        ModelUse(
            prompt=prompt.name,
            model=getattr(error, "model", "") if isinstance(error, ModelError) else "",
            tokens=(error.tokens if isinstance(error, ModelError) else None) or Tokens(),
            failed=failed,
            why=why[:WHY],
        )
    )
