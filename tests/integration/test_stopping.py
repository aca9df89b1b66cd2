"""The link in a message stops messages: with one click, and only for whom it was made."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import select

from procx_graph import Store
from procx_graph.domain.clock import FixedClock
from procx_graph.domain.message import Channel
from procx_graph.events import Receiver
from procx_graph.outreach.unsubscribe import Unsubscribe
from procx_graph.server import build_app
from procx_graph.store import DurableLedger, audit
from procx_graph.store.outbox import Outbox
from procx_graph.store.schema import consents
from tests.integration.stores import filled
from tests.outboxes import NOW, Clock, Hand, marketing, sender_of
from tests.serving import served

SECRET = SecretStr("sign-me")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with filled(str(tmp_path / "procx.db")) as store:
        yield store


@pytest.fixture
def site(store: Store) -> Iterator[Unsubscribe]:
    """The store's server; gives the links that lead to it."""
    made = Unsubscribe("http://x/?c={customer}&on={channel}&t={token}", SECRET)
    app = build_app(Receiver(store, secrets={}), clock=FixedClock(NOW), unsubscribe=made)
    with served(app) as url:
        yield Unsubscribe(url + "/unsubscribe?c={customer}&on={channel}&t={token}", SECRET)


def words(store: Store) -> list[tuple[str, str, bool | None]]:
    with store.reading() as connection:
        return [
            (row.customer_id, row.channel, row.given)
            for row in connection.execute(select(consents))
        ]


def test_one_click_stops_advertising_by_that_channel(store: Store, site: Unsubscribe) -> None:
    link = site.link("C1", Channel.EMAIL)

    answer = httpx.post(link, data={"List-Unsubscribe": "One-Click"})
    again = httpx.post(link, data={"List-Unsubscribe": "One-Click"})

    assert (answer.status_code, again.status_code) == (200, 200)
    assert words(store) == [("C1", "email", False)]
    told = DurableLedger(store).dealings("C1")
    assert told is not None
    with store.reading() as connection:
        assert audit.entries(connection)[-1].actor == "unsubscribe link"


def test_who_stopped_them_gets_no_advertising_that_was_approved_before(
    store: Store, site: Unsubscribe
) -> None:
    Outbox(store).add(marketing())
    httpx.post(site.link("C1", Channel.EMAIL))
    hand = Hand()

    with sender_of(store, hand, clock=Clock(NOW)) as sender:
        report = sender.send_due()

    assert hand.got == []
    assert report.counts == {"suppressed": 1}


def test_looking_at_the_link_changes_nothing_and_shows_a_button(
    store: Store, site: Unsubscribe
) -> None:
    page = httpx.get(site.link("C1", Channel.SMS))

    assert page.status_code == 200
    assert '<form method="post">' in page.text
    assert words(store) == []


@pytest.mark.parametrize(
    ("customer", "channel", "token"),
    [
        ("C2", Channel.EMAIL, None),
        ("C1", Channel.SMS, None),
        ("C1", Channel.EMAIL, ""),
        ("C1", Channel.EMAIL, "\u00e9"),
    ],
)
def test_nobody_stops_the_messages_of_another(
    store: Store, site: Unsubscribe, customer: str, channel: Channel, token: str | None
) -> None:
    own = site.token("C1", Channel.EMAIL)
    where = site.template.split("?")[0]
    told = {"c": customer, "on": channel.value, "t": own if token is None else token}

    for method in ("GET", "POST"):
        assert httpx.request(method, where, params=told).status_code == 403
    assert words(store) == []


def test_without_links_there_is_no_such_address(store: Store) -> None:
    with served(build_app(Receiver(store, secrets={}), clock=FixedClock(NOW))) as url:
        assert httpx.post(f"{url}/unsubscribe").status_code == 404
