"""A model that answers from a function, without any provider."""

from collections.abc import Callable

from pydantic import BaseModel, ValidationError

from procx_graph.errors import ModelReplyError
from procx_graph.llm import Reply, ResultT
from procx_graph.prompts import RenderedPrompt

ScriptedAnswer = BaseModel | dict[str, object] | Exception


class ScriptedModel:
    """A `Model` that answers from a function, and remembers the prompts it was given.

    Args:
        answer: Gives, for a prompt, the result, its fields, or the error to raise.
    """

    def __init__(self, answer: Callable[[RenderedPrompt], ScriptedAnswer]) -> None:
        self.answer = answer
        self.prompts: list[RenderedPrompt] = []

    async def __call__(self, prompt: RenderedPrompt, result: type[ResultT]) -> Reply[ResultT]:
        """Answer as scripted.

        Raises:
            ModelReplyError: The scripted fields are not such a result.
        """
        self.prompts.append(prompt)
        answer = self.answer(prompt)
        if isinstance(answer, Exception):
            raise answer
        try:
            return Reply(result.model_validate(answer, from_attributes=True))
        except ValidationError as error:
            raise ModelReplyError("the scripted answer does not fit", reply=str(answer)) from error
