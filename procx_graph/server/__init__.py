"""The server: webhooks over HTTP. Needs the extra `server`."""

from procx_graph.server.app import build_app

__all__ = ["build_app"]
