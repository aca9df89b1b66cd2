"""The graph that LangGraph Studio and `langgraph dev` show: on the sample, or on your database."""

import logging

from procx_graph.base import CustomerBase
from procx_graph.errors import ConfigError
from procx_graph.graphs.retention import build_retention_graph
from procx_graph.graphs.retention.models import models_of
from procx_graph.llm import Model
from procx_graph.settings import Settings
from procx_graph.tracing.prompt_store import prompts_from

log = logging.getLogger(__name__)


def open_base(settings: Settings) -> CustomerBase:
    """Read the customer tables of PROCX_DATABASE_URL, or the shipped sample when it is not set.

    Raises:
        DataError: The database cannot be read.
    """
    if settings.database_url is None:
        return CustomerBase.sample()
    return CustomerBase.from_url(settings.database_url.get_secret_value())


def open_models(settings: Settings) -> dict[str, Model]:
    """Give the models that the settings name; none, with a warning, where a key is missing."""
    try:
        return models_of(settings)
    except ConfigError as error:
        log.warning("rules do all the work: %s", error)
        return {}


_settings = Settings()
graph = build_retention_graph(
    open_base(_settings),
    profile=_settings.profile,
    policy=_settings.policy,
    models=open_models(_settings),
    prompts=prompts_from(_settings),
).compile(name="procx")
"""Compiled without a checkpointer: the server brings its own."""
