"""Prompts that are kept in Langfuse, with the files standing in."""

import logging
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

import httpx
from pydantic import ValidationError

from procx_graph.assets import asset_path
from procx_graph.domain.clock import monotonic as system_monotonic
from procx_graph.errors import ConfigError, PromptError
from procx_graph.prompts import Prompt, Prompts, RenderedPrompt, load_prompt
from procx_graph.settings import Settings
from procx_graph.tracing.address import Address, data_of
from procx_graph.tracing.answers import told_status
from procx_graph.tracing.connect import address_from, has_keys
from procx_graph.tracing.leaving import Parked

log = logging.getLogger(__name__)

LABEL = "production"
TIMEOUT = 1.0
"""Seconds for each step of one request."""
TOGETHER = 2.0
"""Seconds for all of them, which are made at once."""
LONGEST = 20_000
"""Characters of a prompt."""


def prompts_from(settings: Settings) -> Prompts:
    """Give the prompts that the settings ask for: the files, or Langfuse's, fetched now.

    Raises:
        ConfigError: Langfuse is asked for without its keys.
    """
    if settings.prompts != "langfuse":
        return load_prompt
    if not has_keys(settings):
        raise ConfigError(
            "PROCX_PROMPTS=langfuse needs LANGFUSE_PUBLIC_KEY and LANGFUSE_SECRET_KEY"
        )
    label = settings.prompts_label or LABEL
    return fetched_prompts(prompt_names(), address=address_from(settings), label=label)


def prompt_names() -> list[str]:
    """Give the names of all prompts that there are files of."""
    root = asset_path("prompts")
    return sorted(path.relative_to(root).with_suffix("").as_posix() for path in root.rglob("*.md"))


def fetched_prompts(
    names: Iterable[str],
    *,
    address: Address,
    label: str = LABEL,
    monotonic: Callable[[], float] = system_monotonic,
) -> Prompts:
    """Fetch prompts, each once and all at the same time; what is missing or wrong is the file's.

    A prompt of type text is the file's body, from below its head; of one of type chat the system's
    message is the instructions, and the user's the record. What is not Langfuse's is told once.

    Args:
        names: Which, e.g. `retention/decision`.
        address: Where to ask.
        label: Which version.
        monotonic: A clock in seconds.

    Returns:
        Gives a prompt by name. It asks nobody any more.
    """
    wanted = list(names)
    found: dict[str, Prompt] = {}
    problems: dict[str, str] = {}

    def fetch(name: str) -> None:
        try:
            found[name] = _fetched(name, address, label)
        except PromptError as error:
            problems[name] = str(error)

    workers = [Parked(partial(fetch, name)) for name in wanted]
    for worker in workers:
        worker.run(0)
    ends = monotonic() + TOGETHER
    for worker in workers:
        worker.run(max(0.0, ends - monotonic()))
    kept = dict(found)  # whatever comes later is not used: a scan has one set of prompts
    missing = {name: problems.get(name, told_status(None)) for name in wanted if name not in kept}
    if missing:
        log.warning("prompts of files stand in for those of Langfuse: %s", by_problem(missing))
    return lambda name: kept[name] if name in kept else load_prompt(name)


def by_problem(problems: Mapping[str, str]) -> str:
    """Tell what is wrong with each name, every problem once."""
    names: dict[str, list[str]] = {}
    for name, problem in problems.items():
        names.setdefault(problem, []).append(name)
    return "; ".join(f"{', '.join(those)}: {problem}" for problem, those in names.items())


class FetchedPrompt(Prompt):
    """A prompt of Langfuse, and the file that stands in where it cannot be filled in."""

    file: Prompt

    def render(self, **inputs: Any) -> RenderedPrompt:
        """Fill the prompt in, or its file where this one reads what is not there."""
        try:
            return super().render(**inputs)
        except PromptError as error:
            filled = self.file.render(**inputs)
            log.info("prompt of Langfuse not used", extra={"prompt": self.name, "why": str(error)})
            return filled


def _fetched(name: str, address: Address, label: str) -> Prompt:
    """Fetch one.

    Raises:
        PromptError: There is none, or it cannot be used.
    """
    file = load_prompt(name)
    try:
        answer = address.get("v2/prompts", name, timeout=TIMEOUT, label=label)
    except httpx.HTTPError as error:
        raise PromptError(f"Langfuse {told_status(None)}") from error
    if answer.status_code == 404:
        raise PromptError(f"none with the label {label}")
    if not answer.is_success:
        raise PromptError(f"Langfuse {told_status(answer.status_code)}")
    told = data_of(answer)
    body = _body_of(told)
    if len(body) > LONGEST:
        raise PromptError(f"longer than {LONGEST:,} characters")
    try:
        prompt = FetchedPrompt(
            name=name, version=told["version"], inputs=file.inputs, body=body, source="langfuse",
            file=file,
        )  # fmt: skip
    except (ValidationError, KeyError) as error:
        raise PromptError("it has no version") from error
    prompt.check()
    return prompt


def _body_of(told: Any) -> str:
    """Give the body that a prompt of either type is to us.

    Raises:
        PromptError: It is of neither.
    """
    prompt = told.get("prompt") if isinstance(told, dict) else None
    if isinstance(prompt, str):
        return prompt.replace("\r\n", "\n").strip()
    if isinstance(prompt, list):
        said = {one.get("role"): one.get("content") for one in prompt if isinstance(one, dict)}
        parts = [said.get("system"), said.get("user")]
        if len(prompt) == 2 and all(isinstance(part, str) for part in parts):
            return "\n\n---\n".join(str(part).replace("\r\n", "\n").strip() for part in parts)
    raise PromptError("it is neither a text nor a chat of a system's and a user's message")
