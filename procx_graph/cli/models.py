"""Which language models a command uses: options, and the settings behind them."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from procx_graph.errors import ConfigError
from procx_graph.settings import Settings

if TYPE_CHECKING:
    from procx_graph.domain.model_use import Prices


def _agents(incomplete: str) -> list[str]:
    names = ("lean", "full", "context", "pattern", "decision", "empathy")
    return [name for name in names if name.startswith(incomplete)]


ModelName = Annotated[
    str | None,
    typer.Option(
        "--model",
        metavar="NAME",
        help="Language model that helps the agents, e.g. openai:gpt-5-mini; none for rules alone. "
        "Without it: PROCX_MODEL.",
        show_default=False,
    ),
]
AgentNames = Annotated[
    str | None,
    typer.Option(
        "--agents",
        metavar="WHICH",
        help="Which agents ask it: lean (decision and empathy), full (all four), or their names "
        "with commas. Without it: PROCX_MODEL_AGENTS, else lean.",
        autocompletion=_agents,
        show_default=False,
    ),
]
MaxTokens = Annotated[
    int | None,
    typer.Option(
        "--max-tokens",
        min=0,
        help="Tokens that models may read and write in this scan; rules do the rest.",
    ),
]
MaxCost = Annotated[
    float | None,
    typer.Option(
        "--max-cost",
        min=0,
        help="The same in money; needs PROCX_MODEL_PRICES.",
    ),
]


def helping_models(model: str | None = None, agents: str | None = None) -> dict[str, Any]:
    """Give a Monitor's models, their prices and their prompts, as options and settings say.

    A model of the settings without a key is left out with a remark, because rules do without; one
    that was asked for on the command line is an error then.

    Raises:
        ConfigError: An option or a setting is wrong, or the model of the options has no key.
    """
    from procx_graph.cli import console
    from procx_graph.graphs.retention.models import models_of
    from procx_graph.tracing.prompt_store import prompts_from

    settings = chosen(Settings(), model, agents)
    prices = prices_of(settings)
    try:
        models = models_of(settings)
    except ConfigError as error:
        if model is not None or settings.openai_api_key or settings.openai_base_url:
            raise
        remark = f"note: {error}; rules do all the work"
        console.err().print(console.cell(remark, "yellow"), soft_wrap=True)
        models = {}
    if not models:
        return {"models": None, "prices": prices}
    return {"models": models, "prices": prices, "prompts": prompts_from(settings)}


def chosen(settings: Settings, model: str | None, agents: str | None) -> Settings:
    """Give the settings with what the command line says; a model named there is everybody's.

    Raises:
        ConfigError: The option names no agents.
    """
    from procx_graph.graphs.retention.models import FULL, agents_named

    changes: dict[str, str | None] = {}
    if model is not None:
        changes = {"model": model} | dict.fromkeys((f"model_{agent}" for agent in FULL), None)
    if agents is not None:
        changes["model_agents"] = ",".join(agents_named(agents, said_by="--agents"))
    return settings.model_copy(update=changes)


def prices_of(settings: Settings) -> "Prices | None":
    """Give the prices that the settings list, `None` when they list none.

    Raises:
        ConfigError: They are written in another way.
    """
    from procx_graph.domain.model_use import Prices

    if settings.model_prices is None:
        return None
    try:
        return Prices.parse(settings.model_prices, currency=settings.model_currency or "USD")
    except ValueError as error:
        raise ConfigError(f"PROCX_MODEL_PRICES: {error}") from error
