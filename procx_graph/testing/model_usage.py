"""How a model server counts tokens, and which part of a prompt it has read before."""

import hashlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass

from procx_graph.testing.model_answers import Answer
from procx_graph.testing.model_request import ModelRequest

CHARACTERS_PER_TOKEN = 4
LEAST_CACHED = 1_024
CACHE_STEP = 128


def tokens(text: str) -> int:
    """Count a token for every four characters, and one for what is left."""
    return -(-len(text) // CHARACTERS_PER_TOKEN)


@dataclass(frozen=True)
class Usage:
    """Tokens of one answer."""

    read: int
    cached: int
    written: int
    reasoning: int

    @property
    def total(self) -> int:
        """All tokens."""
        return self.read + self.written


class PromptCache:
    """Remembers the beginnings of prompts that were answered, by model.

    A beginning counts from 1,024 tokens on, in steps of 128.
    """

    def __init__(self) -> None:
        self._known: set[tuple[str, bytes]] = set()
        self._lock = threading.Lock()

    def used(self, request: ModelRequest, answer: Answer) -> Usage:
        """Count an answer, and remember its prompt."""
        beginnings = dict(_beginnings(request.prompt))
        with self._lock:
            known = [
                length
                for digest, length in beginnings.items()
                if (request.model, digest) in self._known
            ]
            self._known |= {(request.model, digest) for digest in beginnings}
        said = [answer.text or "", answer.refusal or "", *(one.text for one in answer.tool_calls)]
        return Usage(
            read=tokens(request.prompt),
            cached=max(known, default=0),
            written=sum(map(tokens, said)) + answer.reasoning_tokens,
            reasoning=answer.reasoning_tokens,
        )


def _beginnings(prompt: str) -> Iterator[tuple[bytes, int]]:
    digest = hashlib.sha256()
    read = 0
    for length in range(LEAST_CACHED, len(prompt) // CHARACTERS_PER_TOKEN + 1, CACHE_STEP):
        end = length * CHARACTERS_PER_TOKEN
        digest.update(prompt[read:end].encode("utf-8", "surrogatepass"))
        read = end
        yield digest.digest(), length
