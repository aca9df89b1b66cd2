"""The ASGI app that webhooks are sent to."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, Field
from sqlalchemy import select

from procx_graph.domain.clock import Clock
from procx_graph.errors import ConfigError, StoreError
from procx_graph.events import Receipt, Receiver
from procx_graph.outreach.unsubscribe import Unsubscribe
from procx_graph.server.stopping import add_stopping
from procx_graph.store.schema import receipts

if TYPE_CHECKING:
    from fastapi import FastAPI, Request

log = logging.getLogger(__name__)

PATIENCE = timedelta(seconds=10)
"""How long a body may take to arrive."""


TOO_LARGE = 413


class Answer(BaseModel):
    """What a provider is told: no more than it needs to know."""

    outcome: str = Field(description="accepted, duplicate, unmapped, refused or unavailable")
    events: list[str] = Field(default_factory=list, description="Ids of the events it became")
    reason: str | None = Field(default=None, description="What is wrong with it, as a word")


class Health(BaseModel):
    """Whether deliveries can be taken in."""

    ok: bool
    store: str


def build_app(
    receiver: Receiver,
    *,
    clock: Clock,
    patience: timedelta = PATIENCE,
    beside: Callable[[], AbstractContextManager[Any]] = nullcontext,
    unsubscribe: Unsubscribe | None = None,
) -> "FastAPI":
    """Build the app: `POST /webhooks/{provider}`, `GET /healthz`, and `/unsubscribe` if asked for.

    Args:
        receiver: Takes deliveries in.
        clock: Says when they arrive.
        patience: How long a body may take to arrive.
        beside: Work that goes on while the app serves: entered at its start, left at its end.
        unsubscribe: Knows the links that stop messages, see `stopping`; without it there is no
            such address.

    Raises:
        ConfigError: The extra `server` is not installed.
    """
    try:
        from fastapi import FastAPI, Path, Query, Request, Response
        from starlette.requests import ClientDisconnect
    except ImportError as error:
        raise ConfigError('a server needs: pip install "procx_graph[server]"') from error

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        with beside():
            yield

    app = FastAPI(
        title="procx_graph webhooks",
        summary="Deliveries of Stripe, Shopify, Zendesk, Qualtrics and Standard Webhooks.",
        version="1",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
    )
    senders = {"enum": list(receiver.providers)}
    refusals = {
        400: "not of the provider's shape",
        401: "the signature is missing, wrong, too old or too new",
        404: "nobody of this name sends here",
        408: "the body took too long to arrive",
        413: "the body is too large",
        503: "it cannot be stored now: send it again",
    }

    @app.post(
        "/webhooks/{provider}",
        response_model=Answer,
        responses={
            status: {"model": Answer, "description": why} for status, why in refusals.items()
        },
        openapi_extra={
            "requestBody": {
                "required": True,
                "content": {
                    "application/json": {"schema": {"type": "object"}},
                    "application/x-www-form-urlencoded": {"schema": {"type": "object"}},
                },
            }
        },
    )
    async def webhook(
        request: Request,
        response: Response,
        provider: Annotated[str, Path(description="Who sends", json_schema_extra=senders)],
        token: Annotated[
            str | None, Query(description="The secret of an address that is not signed")
        ] = None,
    ) -> Answer:
        """Take a delivery in."""
        try:
            body = await asyncio.wait_for(
                _body(request, receiver.largest), patience.total_seconds()
            )
        except TimeoutError:
            response.status_code = 408
            response.headers["connection"] = "close"
            return Answer(outcome="refused", reason="too_slow")
        except ClientDisconnect:
            # nobody is there any more to read this
            response.status_code = 400
            return Answer(outcome="refused", reason="cut_off")
        receipt = await asyncio.to_thread(
            receiver.receive, provider, request.headers.items(), body, now=clock.now(), token=token
        )
        response.status_code = receipt.status
        if receipt.status == TOO_LARGE:
            # the rest is not read
            response.headers["connection"] = "close"
        return _answer(receipt)

    @app.get("/healthz", response_model=Health, responses={503: {"model": Health}})
    async def healthz(response: Response) -> Health:
        """Say whether deliveries can be taken in."""
        ok = await asyncio.to_thread(_reachable, receiver)
        response.status_code = 200 if ok else 503
        return Health(ok=ok, store=receiver.store.name)

    if unsubscribe is not None:
        add_stopping(app, receiver.store, unsubscribe, clock=clock)
    return app


async def _body(request: "Request", largest: int) -> bytes:
    """Read a body, and no more than one byte beyond the largest."""
    parts, size = [], 0
    async for part in request.stream():
        parts.append(part[: largest + 1 - size])
        size += len(part)
        if size > largest:
            break
    return b"".join(parts)


def _answer(receipt: Receipt) -> Answer:
    return Answer(
        outcome=receipt.outcome.value,
        events=[one.event_id for one in receipt.events],
        reason=receipt.reason,
    )


def _reachable(receiver: Receiver) -> bool:
    try:
        with receiver.store.reading() as connection:
            connection.execute(select(receipts.c.id).limit(1))
    except StoreError as error:
        log.warning("store not reachable", extra={"error": str(error)})
        return False
    return True
