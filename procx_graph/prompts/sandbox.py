"""Where prompts are filled in: their text may come from a service, and what they read from anybody.

A prompt may read fields and nothing else: a method of a model would let its text run code, because
pydantic's old `parse_raw` unpickles.
"""

import unicodedata
from typing import Any

from jinja2 import StrictUndefined, nodes
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from pydantic import BaseModel

DATA_LIMIT = 1_000
"""Characters of one outside text that a prompt takes."""
_FILTERS = (
    *("capitalize", "default", "first", "join", "last", "length", "lower", "round", "title"),
    *("trim", "truncate", "upper"),
)
_METHODS = frozenset({"casefold", "endswith", "lower", "split", "startswith", "strip", "upper"})
"""Of texts; no other callable may be called."""


class _Data(str):
    """Outside text that is harmless already."""

    __slots__ = ()


def as_data(text: object, limit: int = DATA_LIMIT) -> str:
    """Give outside text as harmless data for a prompt.

    Cut, without control and invisible characters, and with no angle bracket that could end the
    record it stands in.
    """
    kept = "".join(
        char
        for char in str(text)[: limit * 2]
        if char in "\n\u200c\u200d" or unicodedata.category(char)[0] != "C"
    )
    return _Data(kept.replace("<", "‹").replace(">", "›")[:limit])


class PromptSandbox(ImmutableSandboxedEnvironment):
    """Fills prompts in: fields are read, and whatever is read is data, filtered or not."""

    intercepted_binops = frozenset({"*", "**", "%"})

    def __init__(self) -> None:
        super().__init__(
            undefined=StrictUndefined,
            autoescape=False,  # prompts are plain text
            finalize=_harmless,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.globals.clear()
        self.filters = {name: self.filters[name] for name in _FILTERS} | {"data": as_data}

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Whether something may be read: of a model its fields and properties."""
        if isinstance(obj, BaseModel):
            kind = type(obj)
            return attr in kind.model_fields or (
                not attr.startswith(("_", "model_"))
                and isinstance(getattr(kind, attr, None), property)
            )
        return super().is_safe_attribute(obj, attr, value)

    def is_safe_callable(self, obj: Any) -> bool:
        """Whether something may be called: a few methods of texts."""
        return isinstance(getattr(obj, "__self__", None), str) and obj.__name__ in _METHODS

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """Calculate with figures, and make no long texts.

        Raises:
            SecurityError: It is something else.
        """
        figures = all(isinstance(one, int | float) for one in (left, right))
        if operator == "**" or not figures:
            raise SecurityError(f"{operator} is for figures")
        return super().call_binop(context, operator, left, right)


def deepest_loop(node: nodes.Node) -> int:
    """Give how many loops of a template stand inside each other."""
    inner = max(map(deepest_loop, node.iter_child_nodes()), default=0)
    return inner + isinstance(node, nodes.For)


def _harmless(value: Any) -> str:
    return value if isinstance(value, _Data) else as_data(value)
