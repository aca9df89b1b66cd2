"""The graph that LangGraph Studio and `langgraph dev` show: on the sample, or on your database."""

from procx_graph.base import CustomerBase
from procx_graph.graphs.retention import build_retention_graph
from procx_graph.settings import Settings


def open_base(settings: Settings) -> CustomerBase:
    """Read the customer tables of PROCX_DATABASE_URL, or the shipped sample when it is not set.

    Raises:
        DataError: The database cannot be read.
    """
    if settings.database_url is None:
        return CustomerBase.sample()
    return CustomerBase.from_url(settings.database_url.get_secret_value())


_settings = Settings()
graph = build_retention_graph(
    open_base(_settings), profile=_settings.profile, policy=_settings.policy
).compile(name="procx")
"""Compiled without a checkpointer: the server brings its own."""
