"""Deliveries of every provider: verified, stored once, applied, and always answered."""

import json
import logging
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, func, select, text

from procx_graph.errors import WebhookError
from procx_graph.events import Outcome, Receipt, Receiver, record_event
from procx_graph.events.intake import Intake
from procx_graph.events.providers.provider import Delivery
from procx_graph.events.unmatched import unmatched
from procx_graph.store import Store
from procx_graph.store.schema import events, receipts
from tests.deliveries import SECRETS, Sent, qualtrics, shopify, standard, stripe, zendesk
from tests.integration.events.told import (
    SEED,
    qualtrics_answer,
    shopify_delivery,
    standard_event,
    stripe_event,
    zendesk_ticket,
)
from tests.integration.stores import NOW, a_copy, table
from tests.unit.events.providers.given import JSON, bent, recorded, recorded_text
from tests.unit.store.places import POSTGRES, a_place

ORDER = 820982911946154508
C1: dict[str, Any] = {"customer_id": "C1"}
NOTES: dict[str, Any] = {"note_attributes": [{"name": "customer_id", "value": "C1"}]}
FEW = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

SENT: dict[str, Callable[[], Sent]] = {
    "stripe": lambda: stripe_event("payment_intent.payment_failed", metadata=C1),
    "shopify": lambda: shopify_delivery("orders__cancelled", **NOTES),
    "zendesk": lambda: zendesk_ticket(external_id="C1"),
    "qualtrics": qualtrics_answer,
    "standard": standard_event,
}
"""A delivery of each provider that is about C1."""


def receiver_of(store: Store, **options: Any) -> Receiver:
    """Give a receiver that finds an answer of C1 at Qualtrics."""
    answers = {"qualtrics": lambda _: {"nps_score": 3, "customer_id": "C1", "text": "too slow"}}
    return Receiver(store, secrets=SECRETS, **{"enrichers": answers} | options)


def receive(receiver: Receiver, sent: Sent, **other: Any) -> Receipt:
    request: dict[str, Any] = {"headers": sent.headers, "body": sent.body, "now": NOW} | other
    return receiver.receive(request.pop("provider", sent.provider), **request)


def kept(store: Store) -> int:
    """Give how many receipts there are."""
    with store.reading() as connection:
        return connection.scalar(select(func.count()).select_from(receipts)) or 0


CHANGES: list[tuple[str, Callable[[], Sent], str, dict[str, Any]]] = [
    ("a payment fails", SENT["stripe"], "payments", {"status": "failed", "amount": 20.0}),
    (
        "an invoice is paid",
        lambda: stripe_event("invoice.paid", metadata=C1),
        "payments",
        {"status": "success"},
    ),
    (
        "an invoice is not paid",
        lambda: stripe_event("invoice.payment_failed", metadata=C1),
        "payments",
        {"status": "failed"},
    ),
    ("money goes back", lambda: stripe_event("charge.refunded", metadata=C1), "refunds", {}),
    (
        "a subscription ends",
        lambda: stripe_event("customer.subscription.deleted", metadata=C1),
        "customer_events",
        {"event_type": "subscription_cancelled"},
    ),
    (
        "an order is cancelled",
        SENT["shopify"],
        "orders",
        {"order_status": "cancelled"},
    ),
    (
        "a cart is left",
        lambda: shopify_delivery("checkouts__update", **NOTES),
        "customer_events",
        {},
    ),
    (
        "somebody unsubscribes",
        lambda: shopify_delivery(
            "customers_email_marketing_consent__update",
            email_address="ada@example.com",
            email_marketing_consent={"state": "unsubscribed", "consent_updated_at": str(NOW)},
        ),
        "customers",
        {"opt_in_marketing": False},
    ),
    ("a ticket is opened", SENT["zendesk"], "support_tickets", {"status": "open"}),
    ("a survey is answered", SENT["qualtrics"], "nps_survey", {"nps_score": 3}),
    ("our own event", SENT["standard"], "payments", {"status": "failed", "amount": 2499.99}),
]


@pytest.mark.parametrize(
    ("sent", "name", "values"), [one[1:] for one in CHANGES], ids=[one[0] for one in CHANGES]
)
def test_what_is_delivered_is_stored_and_changes_its_customers_rows(
    sqlite_store: Store, sent: Callable[[], Sent], name: str, values: dict[str, Any]
) -> None:
    receipt = receive(receiver_of(sqlite_store), sent())

    assert (receipt.status, receipt.outcome) == (200, Outcome.ACCEPTED)
    assert {one.customer_id for one in receipt.events} == {"C1"}
    assert name in {change.table for change in receipt.changes}
    mine = [row for row in table(sqlite_store, name) if row["customer_id"] == "C1"]
    assert any(values.items() <= row.items() for row in mine)
    assert kept(sqlite_store) == 1


def test_what_names_only_an_order_of_the_shop_finds_its_customer_through_it(store: Store) -> None:
    receiver = receiver_of(store)
    about: dict[str, Any] = {"order_id": ORDER}
    told = [
        shopify_delivery("refunds__create", **about),
        shopify_delivery("order_transactions__create", status="failure", **about),
        shopify_delivery("fulfillment_events__create", status="delayed", **about),
        shopify_delivery(
            "returns__request",
            order={"id": ORDER, "admin_graphql_api_id": f"gid://shopify/Order/{ORDER}"},
        ),
    ]
    assert {receive(receiver, sent).events[0].customer_id for sent in told} == {None}

    receive(receiver, SENT["shopify"]())

    assert unmatched(store) == []
    assert {row["customer_id"] for row in table(store, "refunds")} == {"C1"}
    assert [row["status"] for row in table(store, "payments")] == ["failed"]


@pytest.mark.parametrize("late", [True, False])
def test_an_invoice_that_was_paid_in_the_end_is_paid_whatever_came_first(
    sqlite_store: Store, late: bool
) -> None:
    names = ["invoice.payment_failed", "invoice.paid"]
    bodies = {name: json.loads(recorded_text("stripe", f"{name}.json")) for name in names}
    for number, name in enumerate(names):
        bodies[name]["id"] = f"evt_{number}"
        bodies[name]["data"]["object"]["metadata"] = C1
    receiver = receiver_of(sqlite_store)

    for name in reversed(names) if late else names:
        assert receive(receiver, stripe(bodies[name], at=NOW)).outcome is Outcome.ACCEPTED

    assert [row["status"] for row in table(sqlite_store, "payments")] == ["success"]


@pytest.mark.parametrize("provider", SENT)
def test_a_second_delivery_is_thanked_for_and_changes_nothing(store: Store, provider: str) -> None:
    receiver, sent = receiver_of(store), SENT[provider]()
    first = receive(receiver, sent)

    again = receive(receiver, sent)

    assert (again.status, again.outcome) == (200, Outcome.DUPLICATE)
    assert [one.event_id for one in again.events] == [one.event_id for one in first.events]
    assert again.changes == ()
    assert kept(store) == 1


UNKNOWN: list[Sent] = [
    stripe({"id": "evt_1", "object": "event", "type": "price.created", "data": {}}, at=NOW),
    shopify("themes/publish", {"id": 1}, key="1", at=NOW),
    zendesk({"id": "1", "type": "zen:event-type:organization.created", "detail": {}}, at=NOW),
    qualtrics({"SurveyID": "S", "ResponseID": "R"}, topic="b.surveyengine.startedSession.S"),
    standard({"event_type": "weather.changed"}, key="1", at=NOW),
]


@pytest.mark.parametrize("sent", UNKNOWN, ids=lambda sent: sent.provider)
def test_a_type_that_means_nothing_to_us_is_kept_and_thanked_for(
    sqlite_store: Store, sent: Sent
) -> None:
    receipt = receive(receiver_of(sqlite_store), sent)

    assert (receipt.status, receipt.outcome, receipt.events) == (200, Outcome.UNMAPPED, ())
    assert kept(sqlite_store) == 1


@pytest.mark.parametrize("provider", SENT)
@FEW
@given(data=st.data())
def test_a_byte_flipped_in_body_or_signature_is_refused_and_nothing_is_stored(
    sqlite_store: Store, provider: str, data: st.DataObject
) -> None:
    sent = SENT[provider]()
    signed, signature = _parts(sent)
    part = data.draw(st.sampled_from([signed, signature]))
    place = data.draw(st.integers(0, len(part) - 1))
    other = bytearray(part)
    other[place] ^= data.draw(st.sampled_from([1, 2, 4, 16]))

    receipt = receive(receiver_of(sqlite_store), _with(sent, part, bytes(other)))

    assert receipt.outcome is Outcome.REFUSED
    # a form may also be none any more
    assert receipt.status == 401 or (provider == "qualtrics" and receipt.status == 400)
    assert kept(sqlite_store) == 0


def _parts(sent: Sent) -> tuple[bytes, bytes]:
    """Give what is signed, and the signature."""
    if sent.provider == "qualtrics":
        _, signature, rest = sent.body.split(b"=", 2)
        return rest.partition(b"&")[0], signature.removesuffix(b"&MSG")
    return sent.body, next(
        value.encode()
        for name, value in sent.headers.items()
        if name.lower().endswith(("signature", "sha256"))
    )


def _with(sent: Sent, part: bytes, other: bytes) -> Sent:
    """Give a request with a part of it replaced."""
    headers = {
        name: other.decode("latin-1") if value.encode() == part else value
        for name, value in sent.headers.items()
    }
    return Sent(sent.provider, headers, sent.body.replace(part, other, 1))


def test_what_nobody_may_send_is_refused_in_the_terms_of_http(sqlite_store: Store) -> None:
    sent, receiver = SENT["stripe"](), receiver_of(sqlite_store, largest=20_000)
    strange = stripe({"id": "evt_1"}, at=NOW)
    no_json = standard(b"[1, 2", key="1", at=NOW)

    answers = {
        "too_large": receive(receiver, sent, body=b" " * 20_001),
        "unknown_provider": receive(receiver, sent, provider="strype\nforged: yes"),
        "too_old": receive(receiver, sent, now=NOW + timedelta(minutes=6)),
        "too_new": receive(receiver, sent, now=NOW - timedelta(minutes=6)),
        "no_signature": receive(receiver, sent, headers={}),
        "no_secret": receive(Receiver(sqlite_store, secrets={}), sent),
        "not_json": receive(receiver, no_json),
        "bad": receive(receiver, strange),
    }

    statuses = {reason: receipt.status for reason, receipt in answers.items()}
    assert list(statuses.values()) == [413, 404, 401, 401, 401, 401, 400, 400]
    assert all(str(answers[one].reason) == one for one in list(answers)[:-1])
    assert kept(sqlite_store) == 0


@pytest.mark.parametrize("provider", SENT)
@FEW
@given(data=st.data())
def test_whatever_a_provider_signs_is_answered_and_raises_nothing(
    sqlite_store: Store, provider: str, data: st.DataObject
) -> None:
    body = data.draw(st.one_of(bent(_recorded(provider)), st.dictionaries(st.text(), JSON)))
    topic = data.draw(st.sampled_from(["orders/cancelled", "refunds/create", "checkouts/update"]))
    signed = {
        "stripe": lambda: stripe(body, at=NOW),
        "shopify": lambda: shopify(topic, body, key="1", at=NOW),
        "zendesk": lambda: zendesk(body, at=NOW),
        "qualtrics": lambda: qualtrics(body, topic="b.surveyengine.completedResponse.S"),
        "standard": lambda: standard(body, key="1", at=NOW),
    }

    receipt = receive(receiver_of(sqlite_store), signed[provider]())

    assert receipt.status in {200, 400}


def _recorded(provider: str) -> dict[str, Any]:
    if provider == "qualtrics":
        message: dict[str, Any] = json.loads(recorded("qualtrics", "signature_vector")["msg"])
        return message
    body: dict[str, Any] = json.loads(SENT[provider]().body)
    return body


def test_a_store_that_is_closed_removed_or_broken_is_said_to_be_unavailable(
    full_store: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    sent = zendesk_ticket(external_id="C1", description="my secret words")
    answers = []
    for number, spoil in enumerate([Store.close, _remove, _replace, _lose_a_table]):
        with a_copy(full_store, tmp_path / f"{number}.db") as store:
            receiver = receiver_of(store)
            spoil(store)
            answers.append(receive(receiver, sent))

    assert {(one.status, one.outcome, one.reason) for one in answers} == {
        (503, Outcome.UNAVAILABLE, "store")
    }
    assert "my secret words" not in caplog.text
    assert "support_tickets" in str([one.__dict__ for one in caplog.records])
    assert "my secret words" not in str([one.__dict__ for one in caplog.records])


def _remove(store: Store) -> None:
    _file(store).unlink()


def _replace(store: Store) -> None:
    here = _file(store)
    there = here.with_suffix(".copy")
    there.write_bytes(here.read_bytes())
    there.replace(here)


def _lose_a_table(store: Store) -> None:
    with closing(sqlite3.connect(_file(store))) as connection:
        connection.execute("DROP TABLE support_tickets")


def _file(store: Store) -> Path:
    return Path(store.url.removeprefix("sqlite:///"))


def test_a_store_that_somebody_holds_is_not_waited_for_longer_than_is_good(
    sqlite_store: Store,
) -> None:
    delivery = Delivery(provider="stripe", key="1", topic="x", occurred_at=NOW)
    intake = Intake(sqlite_store, wait=0.05)

    with closing(sqlite3.connect(_file(sqlite_store), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Exception, match="locked"):
            intake.take_in(delivery, now=NOW, digest="1")
        other.execute("ROLLBACK")

    assert intake.take_in(delivery, now=NOW, digest="1").status == 200


def test_a_database_server_that_is_gone_is_said_to_be_unavailable(
    full_schema: str, tmp_path: Path
) -> None:
    sent = SENT["standard"]()
    with a_place("postgresql", tmp_path) as place, Store.open(place) as store:
        receiver = receiver_of(store)
        schema = place.partition("%3D")[2]
        engine = create_engine(POSTGRES)
        with engine.begin() as connection:
            connection.execute(text(f"ALTER SCHEMA {schema} RENAME TO {schema}_away"))
        gone = receive(receiver, sent)
        with engine.begin() as connection:
            connection.execute(text(f"ALTER SCHEMA {schema}_away RENAME TO {schema}"))
        engine.dispose()
        back = receive(receiver, sent)

    assert (gone.status, back.status) == (503, 200)


def test_an_answer_that_cannot_be_fetched_is_asked_for_again(sqlite_store: Store) -> None:
    def broken(_: Delivery) -> Any:
        raise ConnectionError("https://survey.example/?key=secret")

    def strange(_: Delivery) -> Any:
        return "nine"

    sent = qualtrics_answer()
    for enricher in (broken, strange):
        receipt = receive(receiver_of(sqlite_store, enrichers={"qualtrics": enricher}), sent)
        assert (receipt.status, receipt.reason) == (503, "not_enriched")
        assert "secret" not in str(receipt)
    assert kept(sqlite_store) == 0

    assert receive(receiver_of(sqlite_store), sent).outcome is Outcome.ACCEPTED


def test_an_answer_that_nobody_fetches_is_kept_and_remarked_on(sqlite_store: Store) -> None:
    receipt = receive(receiver_of(sqlite_store, enrichers={}), qualtrics_answer())

    assert (receipt.status, receipt.outcome) == (200, Outcome.UNMAPPED)
    assert receipt.remark is not None
    assert "NPS score" in receipt.remark


@pytest.mark.parametrize("keep", [True, False])
def test_raw_bodies_are_kept_only_on_request(store: Store, keep: bool) -> None:
    sent = SENT["standard"]()

    receive(receiver_of(store, keep_bodies=keep), sent)

    with store.reading() as connection:
        [body] = connection.scalars(select(receipts.c.body))
    assert body == (sent.body if keep else None)


def test_the_event_of_the_story_is_told_alike_by_webhook_and_by_python(
    full_store: Path, tmp_path: Path
) -> None:
    told: list[tuple[Receipt, dict[str, Any]]] = []
    for name in ("signed", "recorded"):
        with a_copy(full_store, tmp_path / f"{name}.db") as store:
            receipt = (
                receive(receiver_of(store), standard_event())
                if name == "signed"
                else record_event(store, SEED, now=NOW)
            )
            [payment] = table(store, "payments")
            assert payment.pop("payment_id") == receipt.events[0].event_id
            told.append((receipt, payment))

    [(signed, payment), (recorded_, same)] = told
    [event] = signed.events
    assert payment == same
    assert [one.description for one in recorded_.events] == [event.description]
    assert event.customer_id == "C1"
    assert event.event_id.startswith("EVT_20250110_143200_")
    for said in ("$2,499.99", "ORD-2025-789", "insufficient funds", "#2"):
        assert said in event.description


def test_what_is_recorded_in_python_must_be_an_event(sqlite_store: Store) -> None:
    for wrong in ({}, {"event_type": "payment.failed", "id": "1", 2: {"a"}, "data": 3}):
        with pytest.raises(WebhookError):
            record_event(sqlite_store, wrong, now=NOW)  # type: ignore[arg-type]
    assert kept(sqlite_store) == 0


def test_the_same_words_under_another_signed_id_are_another_event(sqlite_store: Store) -> None:
    silent = {"event_type": "app.inactive", "data": {"customer_id": "C1"}}
    receiver = receiver_of(sqlite_store)

    told = [receive(receiver, standard(silent, key=key, at=NOW)) for key in ("msg_1", "msg_2")]

    assert [one.outcome for one in told] == [Outcome.ACCEPTED, Outcome.ACCEPTED]


def test_deliveries_that_arrive_together_are_all_taken_in_and_one_cannot_spoil_another(
    sqlite_store: Store,
) -> None:
    receiver = receiver_of(sqlite_store)
    sent = [standard_event(SEED | {"id": str(number)}) for number in range(40)]
    bad = Delivery(provider="x", key="1", topic="\ud800", occurred_at=NOW)

    with ThreadPoolExecutor(12) as threads:
        spoilt = threads.submit(receiver._intake.take_in, bad, now=NOW, digest="1")
        receipts_ = list(threads.map(lambda one: receive(receiver, one), sent))

    assert isinstance(spoilt.exception(), UnicodeEncodeError)
    assert {one.status for one in receipts_} == {200}
    assert kept(sqlite_store) == 40
    with sqlite_store.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(events)) == 40


def test_secrets_and_texts_are_in_no_log(
    sqlite_store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    receiver = receiver_of(sqlite_store)
    for sent in (one() for one in SENT.values()):
        receive(receiver, sent)
        receive(receiver, sent, headers={}, body=sent.body + b" ")
        receive(receiver, sent, provider="nobody", token="a-token-of-ours")

    written = str([record.__dict__ for record in caplog.records])
    for secret in (*(one for many in SECRETS.values() for one in many), "a-token-of-ours"):
        assert secret not in written
    assert "too slow" not in written
    assert "ticket_info_desc" not in written
