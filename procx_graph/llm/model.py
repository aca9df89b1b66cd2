"""What an agent asks of a language model: one call, a typed answer, or a `ModelError`."""

from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from pydantic import BaseModel

from procx_graph.domain.tokens import Tokens
from procx_graph.prompts import RenderedPrompt

ResultT = TypeVar("ResultT", bound=BaseModel)


@dataclass(frozen=True)
class Reply(Generic[ResultT]):
    """A model's answer, validated.

    Attributes:
        result: The typed answer.
        tokens: What it took, repairs included.
        model: Name of the model that answered, as prices are listed by; empty when it has none.
    """

    result: ResultT
    tokens: Tokens = field(default_factory=Tokens)
    model: str = ""


class Model(Protocol):
    """A language model behind whatever client; the agent renders the prompt and merges."""

    async def __call__(self, prompt: RenderedPrompt, result: type[ResultT]) -> Reply[ResultT]:
        """Answer a prompt with a value of the asked type.

        Raises:
            ModelUnavailable: It cannot be reached.
            ModelReplyError: It did not answer with such a value.
        """
        ...
