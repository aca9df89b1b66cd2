"""`procx listen`: webhooks over HTTP, and scoring again whoever they are about."""

import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from procx_graph.cli.history import StorePlace, open_store
from procx_graph.cli.options import ProfileName, chosen_profile
from procx_graph.domain.clock import SystemClock
from procx_graph.errors import ConfigError
from procx_graph.settings import Settings

if TYPE_CHECKING:
    from fastapi import FastAPI
    from uvicorn import Server

    from procx_graph.domain.profile import Profile
    from procx_graph.store import Store

GRACE = 10
"""Seconds that deliveries under way have to be answered when the server ends."""


def listen(
    store: StorePlace = None,
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="Port to listen on.")
    ] = 8080,
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1",
    profile: ProfileName = None,
    rescore: Annotated[
        bool,
        typer.Option(
            "--rescore/--no-rescore", help="Score customers again after something happened to them."
        ),
    ] = True,
    keep_bodies: Annotated[
        bool,
        typer.Option("--keep-bodies", help="Keep raw bodies too; they hold names and addresses."),
    ] = False,
) -> None:
    """Receive webhooks: POST /webhooks/stripe, shopify, zendesk, qualtrics or standard.

    Secrets come from PROCX_WEBHOOK_SECRETS_STRIPE and so on, several separated by commas; a
    provider without one is refused. GET /healthz says whether deliveries can be taken in.

    Examples:

        procx listen --store procx.db --port 8080

        procx listen --store postgresql+psycopg://host/shop --no-rescore
    """
    from procx_graph.cli import console
    from procx_graph.events import Receiver
    from procx_graph.outreach.unsubscribe import unsubscribe_of
    from procx_graph.server import build_app

    secrets = Settings().webhook_secrets
    if not secrets:
        raise ConfigError(
            "no provider has a secret, so every delivery would be refused: set "
            "PROCX_WEBHOOK_SECRETS_STRIPE, _SHOPIFY, _ZENDESK, _QUALTRICS or _STANDARD"
        )
    chosen = chosen_profile(profile)
    with open_store(store, create=True) as opened:
        receiver = Receiver(opened, secrets=secrets, keep_bodies=keep_bodies)

        @contextmanager
        def beside() -> Iterator[None]:
            with _rescoring(opened, chosen) if rescore else _nothing():
                yield

        app = build_app(
            receiver, clock=SystemClock(), beside=beside, unsubscribe=unsubscribe_of(Settings())
        )
        server = _server(app)
        with _bound(host, port) as bound, _ended_by_signals(server):
            names = ", ".join(sorted(secrets))
            where = f"http://{_shown(bound)}/webhooks/…"
            console.err().print(console.cell(f"listening on {where} for {names}"))
            server.run(sockets=[bound])
        if not server.started:
            raise ConfigError("the server did not start; its log says why")


def _bound(host: str, port: int) -> socket.socket:
    """Give a socket that listens; port 0 is any that is free."""
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        return socket.create_server(address[:2], family=family, backlog=2048)
    except OSError as error:
        raise ConfigError(f"cannot listen on {host}, port {port}: {error.strerror}") from error


def _shown(bound: socket.socket) -> str:
    host, port = bound.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _server(app: "FastAPI") -> "Server":
    try:
        from uvicorn import Config, Server
    except ImportError as error:
        raise ConfigError('a server needs: pip install "procx_graph[server]"') from error
    # a log of requests would tell addresses, and with them their tokens
    return Server(
        Config(
            app,
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=GRACE,
        )
    )


@contextmanager
def _ended_by_signals(server: "Server") -> Iterator[None]:
    """Let signals end the server, which is how it usually ends and no failure.

    It has handlers of its own while it runs, and raises what it caught again afterwards.
    """

    def end(*_: object) -> None:
        server.should_exit = True

    before = {name: signal.signal(name, end) for name in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)


@contextmanager
def _rescoring(store: "Store", profile: "Profile") -> Iterator[None]:
    from procx_graph.cli import console
    from procx_graph.monitor.background import rescoring
    from procx_graph.monitor.rescoring import Rescored, Rescorer

    def tell(one: Rescored) -> None:
        risk = "-" if one.churn_risk is None else f"{one.churn_risk:.0%}"
        why = next((driver.text for driver in one.drivers), "")
        console.err().print(
            console.cell(f"customer.at_risk {one.customer_id}: risk {risk}; {why}", "yellow")
        )

    with (
        Rescorer(store, clock=SystemClock(), profile=profile, on_at_risk=tell) as rescorer,
        rescoring(rescorer),
    ):
        yield


@contextmanager
def _nothing() -> Iterator[None]:
    yield
