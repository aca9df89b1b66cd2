"""Which agents ask which language models."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeAlias

from procx_graph.errors import ConfigError
from procx_graph.llm import Model, connect
from procx_graph.settings import Settings

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

FULL = ("context", "pattern", "decision", "empathy")
"""Agents that a model can help."""
LEAN = ("decision", "empathy")
"""Those of them that gain most: decision, which reads free text too, and empathy."""
NAMED = {"lean": LEAN, "full": FULL}

Models: TypeAlias = "Mapping[str, Model | BaseChatModel | str] | Model | BaseChatModel | str | None"


def models_by_agent(given: Models) -> dict[str, Model]:
    """Give each agent its model: one for all is asked by decision and empathy alone.

    Raises:
        ConfigError: It names no such agent, or no model.
    """
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        return dict.fromkeys(LEAN, connect(given))
    unknown = given.keys() - set(FULL)
    if unknown:
        raise ConfigError(f"no agent {', '.join(sorted(unknown))}: {', '.join(FULL)}")
    made: dict[object, Model] = {}
    return {
        agent: made.setdefault(model if isinstance(model, str) else id(model), connect(model))
        for agent, model in given.items()
    }


def models_of(settings: Settings) -> dict[str, Model]:
    """Give the models that `PROCX_MODEL` and its companions name; those of one name are one.

    Raises:
        ConfigError: A setting names no agents or no model, or there is no key.
    """
    shared: dict[str, Model] = {}
    for name in set(named_models(settings).values()):
        shared[name] = connect(
            name,
            key=settings.openai_api_key,
            base_url=settings.openai_base_url,
            rate=settings.model_rate,
            concurrency=settings.model_concurrency or 8,
        )
    return {agent: shared[name] for agent, name in named_models(settings).items()}


def named_models(settings: Settings) -> dict[str, str]:
    """Give the name of each agent's model, for those that have one; nothing is connected.

    Raises:
        ConfigError: `PROCX_MODEL_AGENTS` names no agents.
    """
    chosen = agents_named(settings.model_agents or "lean", said_by="PROCX_MODEL_AGENTS")
    named = dict.fromkeys(chosen, settings.model) if settings.model else {}
    own = {agent: getattr(settings, f"model_{agent}") for agent in FULL}
    named |= {agent: name for agent, name in own.items() if name}
    return {agent: name for agent, name in named.items() if name and name != "none"}


def agents_named(text: str, *, said_by: str) -> tuple[str, ...]:
    """Give the agents that `lean`, `full` or some of their names mean, in whatever case.

    Args:
        text: What is said.
        said_by: The variable or option that says so, for the error.

    Raises:
        ConfigError: It means none, or one that does not exist.
    """
    said = text.strip().lower()
    names = NAMED.get(said) or tuple(part.strip() for part in said.split(",") if part.strip())
    if set(names) - set(FULL) or not names:
        raise ConfigError(f"{said_by} is lean, full, or some of {', '.join(FULL)}; not {text!r}")
    return names
