"""Prompts: Markdown files with a strict head and a sandboxed body."""

import hashlib
from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any

import yaml
from jinja2 import Template, TemplateError
from jinja2.meta import find_undeclared_variables
from pydantic import Field, ValidationError

from procx_graph.assets import asset_path
from procx_graph.domain.model import Noun
from procx_graph.errors import ConfigError, PromptError
from procx_graph.prompts.sandbox import PromptSandbox, deepest_loop

MOST_LOOPS = 2
"""Loops inside each other: facts, and what belongs to each."""


class RenderedPrompt(Noun):
    """A prompt with its inputs filled in. Traces carry name, version and digest."""

    name: str
    version: int
    digest: str
    """Twelve hexadecimal digits of the prompt file's body."""
    source: str = "file"
    """Where the prompt came from: `file`, or the service that keeps it."""
    instructions: str
    """What is common to all customers, and so can be cached by the provider."""
    record: str
    """What is about this one; data, whatever it says."""

    @property
    def text(self) -> str:
        """All of it, the common part first."""
        return f"{self.instructions}\n\n{self.record}"


class Prompt(Noun):
    """One prompt file."""

    name: str
    """Its path below prompts/ without `.md`."""
    version: int = Field(ge=1)
    """Raised when the meaning changes."""
    inputs: tuple[str, ...]
    body: str
    """The instructions, a line of three dashes, and the record. Only the record takes inputs."""
    source: str = "file"
    """Where it came from: `file`, or the service that keeps it."""

    @property
    def digest(self) -> str:
        """Twelve hexadecimal digits that change with the body."""
        return hashlib.sha256(self.body.encode()).hexdigest()[:12]

    def render(self, **inputs: Any) -> RenderedPrompt:
        """Fill the prompt in.

        Raises:
            PromptError: An input is missing or unknown, or the body is wrong.
        """
        if set(inputs) != set(self.inputs):
            wanted, given = ", ".join(self.inputs), ", ".join(inputs) or "nothing"
            raise PromptError(f"prompt {self.name} takes {wanted}, and was given {given}")
        instructions, cut, record = self.body.partition("\n---\n")
        if not cut:
            raise PromptError(
                f"prompt {self.name} needs a line of --- between its instructions and its record"
            )
        return RenderedPrompt(
            name=self.name,
            version=self.version,
            digest=self.digest,
            source=self.source,
            instructions=self._filled(instructions, {}),
            record=self._filled(record, inputs),
        )

    def check(self) -> None:
        """Refuse a body that cannot be filled in, without filling it in.

        Raises:
            PromptError: It has no record, or does not say where its data begin and end; its syntax
                is wrong, or it takes what is no input.
        """
        instructions, cut, record = self.body.partition("\n---\n")
        if not cut:
            raise PromptError(f"prompt {self.name} has no line of --- before its record")
        for part, inputs in ((instructions, set()), (record, set(self.inputs))):
            try:
                _template(part)
                parsed = _environment().parse(part)
                unknown = find_undeclared_variables(parsed) - inputs
            except (TemplateError, RecursionError) as error:
                raise PromptError(f"prompt {self.name} is no template: {error}") from error
            if deepest_loop(parsed) > MOST_LOOPS:
                raise PromptError(f"prompt {self.name} has loops inside of loops inside of loops")
            if unknown:
                raise PromptError(f"prompt {self.name} takes no {', '.join(sorted(unknown))} there")
        _, opening, rest = record.partition("<record>")
        inside, closing, after = rest.partition("</record>")
        if not (opening and closing) or "record>" in inside + after:
            raise PromptError(f"prompt {self.name} has not one <record> that ends with </record>")

    def _filled(self, template: str, inputs: dict[str, Any]) -> str:
        try:
            return _template(template).render(**inputs).strip()
        except TemplateError as error:
            raise PromptError(f"prompt {self.name} cannot be rendered: {error}") from error
        except Exception as error:  # of an expression: a division by zero
            what = type(error).__name__
            raise PromptError(f"prompt {self.name} cannot be rendered: {what}") from error


Prompts = Callable[[str], Prompt]
"""Gives a prompt by name, as `load_prompt` does."""


@cache
def load_prompt(name: str) -> Prompt:
    """Read a prompt by name, e.g. `retention/context`.

    Raises:
        PromptError: There is none, or its head is wrong.
    """
    try:
        raw = asset_path(f"prompts/{name}.md").read_text(encoding="utf-8")
    except ConfigError as error:
        raise PromptError(f"there is no prompt {name!r}") from error
    return parse_prompt(raw, name)


def parse_prompt(raw: str, name: str) -> Prompt:
    """Read a prompt file's text.

    Raises:
        PromptError: It has no head, the head has an unknown key, or another name than its path.
    """
    opening, _, rest = raw.partition("---\n")
    head, closing, body = rest.partition("\n---\n")
    if opening.strip() or not closing:
        raise PromptError(f"prompt {name} must begin with a head between two lines of ---")
    try:
        prompt = Prompt.model_validate({**(yaml.safe_load(head) or {}), "body": body.strip()})
    except (yaml.YAMLError, ValidationError, TypeError) as error:
        raise PromptError(f"the head of prompt {name} is wrong: {error}") from error
    if prompt.name != name:
        raise PromptError(f"prompt {name} calls itself {prompt.name!r}")
    return prompt


@lru_cache(maxsize=64)
def _template(text: str) -> Template:
    return _environment().from_string(text)


@cache
def _environment() -> PromptSandbox:
    return PromptSandbox()
