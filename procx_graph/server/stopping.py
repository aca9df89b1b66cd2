"""Stopping messages by the link that each of them carries."""

import asyncio
import html
import logging
from typing import TYPE_CHECKING, Annotated, Any

from procx_graph.domain.clock import Clock
from procx_graph.domain.message import Channel, Purpose
from procx_graph.errors import StoreError
from procx_graph.outreach.unsubscribe import Unsubscribe
from procx_graph.store import Store
from procx_graph.store.consents import record_consent

if TYPE_CHECKING:
    from fastapi import FastAPI

log = logging.getLogger(__name__)

PATH = "/unsubscribe"
SOURCE = "unsubscribe link"

_PAGE = (
    '<!doctype html><html lang="en"><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width"><title>{title}</title>'
    '<body style="font-family:sans-serif;max-width:36em;margin:3em auto;padding:0 1em">'
    "<p>{text}</p>{form}</body></html>"
)
_BUTTON = '<form method="post"><button>Stop these messages</button></form>'


def add_stopping(app: "FastAPI", store: Store, unsubscribe: Unsubscribe, *, clock: Clock) -> None:
    """Add `GET` and `POST /unsubscribe` to an app.

    Mail programs post there with one click (RFC 8058). A mere look at the link changes nothing,
    because scanners look at every link: it shows a button that posts.

    Args:
        app: What serves.
        store: Where consent is kept.
        unsubscribe: Knows its own links, whose template leads here with `c`, `on` and `t`:
            `https://shop.example/unsubscribe?c={customer}&on={channel}&t={token}`.
        clock: Dates the customer's word.
    """
    from fastapi import Query
    from fastapi.responses import HTMLResponse

    who = Annotated[str, Query(alias="c", max_length=200, description="Whose messages")]
    by = Annotated[Channel, Query(alias="on", description="By which channel")]
    proof = Annotated[str, Query(alias="t", max_length=200, description="Of the link")]
    wrong: dict[int | str, dict[str, Any]] = {403: {"description": "the link is not one of ours"}}

    def page(status: int, text: str, *, form: bool = False) -> HTMLResponse:
        shown = _PAGE.format(title=html.escape(text), text=html.escape(text), form=_BUTTON * form)
        return HTMLResponse(shown, status_code=status, headers={"cache-control": "no-store"})

    def foreign() -> HTMLResponse:
        return page(403, "This link is not complete. Reply STOP to a message instead.")

    @app.get(PATH, response_class=HTMLResponse, responses=wrong)
    async def ask(customer_id: who, channel: by, token: proof) -> HTMLResponse:
        """Show the button."""
        if not unsubscribe.is_own(token, customer_id, channel):
            return foreign()
        return page(200, f"Shall we stop advertising to you by {channel.value}?", form=True)

    @app.post(PATH, response_class=HTMLResponse, responses=wrong)
    async def stop(customer_id: who, channel: by, token: proof) -> HTMLResponse:
        """Keep that the customer wants no more advertising by this channel."""
        if not unsubscribe.is_own(token, customer_id, channel):
            return foreign()
        try:
            await asyncio.to_thread(
                record_consent,
                store, customer_id, channel=channel, purpose=Purpose.MARKETING, given=False,
                at=clock.now(), source=SOURCE,
            )  # fmt: skip
        except StoreError as error:
            log.error("consent not stored", extra={"error": str(error)})
            return page(503, "This cannot be kept now. Please try again, or reply STOP.")
        return page(200, "Done: you get no more of these messages.")
