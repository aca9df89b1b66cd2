"""What asking language models took: calls, tokens, and money where prices are known."""

from typing import Self

from pydantic import Field

from procx_graph.domain.model import Noun


class Tokens(Noun):
    """Tokens that calls of a model read and wrote."""

    calls: int = Field(default=0, ge=0)
    """Answers that were asked for, without what the provider's client sends again by itself."""
    uncounted: int = Field(default=0, ge=0)
    """Calls of which the provider told no tokens; they are in `calls` alone."""
    prompt: int = Field(default=0, ge=0)
    """Tokens read."""
    cached: int = Field(default=0, ge=0)
    """Of those read, the ones that the provider had in its cache."""
    completion: int = Field(default=0, ge=0)
    """Tokens written."""

    @property
    def total(self) -> int:
        """Tokens read and written."""
        return self.prompt + self.completion

    def __add__(self, other: Self) -> Self:
        return type(self)(
            **{name: getattr(self, name) + getattr(other, name) for name in type(self).model_fields}
        )
