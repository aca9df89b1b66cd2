"""The base of every noun: frozen, strict about unknown keys, JSON-native when dumped."""

from pydantic import BaseModel, ConfigDict


class Noun(BaseModel):
    """A frozen value; an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)
