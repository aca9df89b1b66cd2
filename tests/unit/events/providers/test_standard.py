"""Standard Webhooks' signatures, and every event of our own shape."""

import base64
import hashlib
import hmac
import json
import sys
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st
from standardwebhooks import Webhook

from procx_graph.domain.event_type import EventType
from procx_graph.domain.occurrence import Facts, Occurrence, ReferenceKind
from procx_graph.errors import WebhookError
from procx_graph.events.payload import read_payload
from procx_graph.events.providers.provider import Delivery
from procx_graph.events.providers.standard import StandardProvider
from tests.unit.events.providers.given import (
    JSON,
    damaged,
    flipped,
    objects,
    read_or_refused,
    recorded,
)

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ID = "msg_p5jXN8AQM9LWM0D4loKWxJek"
NOW = datetime(2025, 1, 10, 14, 33, tzinfo=UTC)
STAMP = str(int(NOW.timestamp()))
PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = "whpk_" + base64.b64encode(PRIVATE.public_key().public_bytes_raw()).decode()
STANDARD = StandardProvider()

EXAMPLE: dict[str, Any] = {
    "event_type": "payment.failed",
    "timestamp": "2025-01-10T14:32:00Z",
    "source": "stripe",
    "data": {
        "customer_id": "C1001",
        "amount": 2499.99,
        "currency": "USD",
        "order_id": "ORD-2025-789",
        "reason": "insufficient_funds",
        "payment_method": "card_****1234",
        "attempt": 2,
    },
}
BODY = json.dumps(EXAMPLE).encode()
TELLING: dict[str, Any] = {
    "customer_id": "C1",
    "payment_id": "P",
    "invoice_id": "I",
    "subscription_id": "S",
    "shipment_id": "H",
    "cart_id": "K",
    "response_id": "R",
    "review_id": "V",
    "product_id": "X",
    "ticket_id": "T",
    "refund_id": "F",
    "return_id": "N",
    "dispute_id": "D",
    "order_id": "O",
}
"""An id of every thing there is."""


def v1(body: bytes = BODY, stamp: str = STAMP, secret: str = SECRET) -> str:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.digest(key, f"{ID}.{stamp}.".encode() + body, hashlib.sha256)
    return f"v1,{base64.b64encode(digest).decode()}"


def v1a(body: bytes = BODY, stamp: str = STAMP) -> str:
    return f"v1a,{base64.b64encode(PRIVATE.sign(f'{ID}.{stamp}.'.encode() + body)).decode()}"


def headers(signature: str | None = None, stamp: str = STAMP) -> dict[str, str]:
    return {
        "webhook-id": ID,
        "webhook-timestamp": stamp,
        "webhook-signature": v1(stamp=stamp) if signature is None else signature,
    }


def verify(given: dict[str, str], body: bytes = BODY, *secrets: str) -> None:
    STANDARD.verify(given, body, secrets or [SECRET], now=NOW)


def refusal(given: dict[str, str], body: bytes = BODY, *secrets: str) -> str:
    with pytest.raises(WebhookError) as refused:
        verify(given, body, *secrets)
    assert refused.value.status == 401
    assert SECRET.removeprefix("whsec_") not in str(refused.value)
    return refused.value.reason


def event(type_: str = "payment.failed", **data: Any) -> dict[str, Any]:
    return {"event_type": type_, "data": data}


def read(payload: Any, key: str | None = "k") -> Delivery:
    return read_payload(payload, key=key, now=NOW)


def happened(type_: str = "payment.failed", **data: Any) -> Occurrence:
    return read(event(type_, **data)).occurrences[0]


def refused_field(payload: dict[str, Any]) -> str:
    with pytest.raises(WebhookError) as refused:
        read(payload)
    assert refused.value.status == 400
    return str(refused.value)


def test_what_the_official_library_signs_is_accepted() -> None:
    vector = recorded("standardwebhooks", "vector")
    signature = Webhook(vector["secret"]).sign(ID, NOW, vector["payload"])

    verify(headers(signature), vector["payload"].encode(), vector["secret"])
    verify(headers(signature), vector["payload"].encode(), f"whsec_{vector['secret']}")
    assert Webhook(SECRET).sign(ID, NOW, BODY.decode()) == v1()


def test_an_unpadded_secret_is_read_as_the_official_library_reads_it() -> None:
    secret = "whsec_" + base64.b64encode(b"a key of 25 bytes, padded").decode().rstrip("=")

    verify(headers(Webhook(secret).sign(ID, NOW, BODY.decode())), BODY, secret)


def test_any_byte_flipped_in_the_body_is_refused() -> None:
    assert {refusal(headers(), body) for body in flipped(BODY)} == {"bad_signature"}


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_any_character_changed_in_a_header_is_refused(name: str) -> None:
    assert {refusal(one) for one in damaged(headers(), name)} <= {"bad_signature"}


def test_any_character_changed_in_an_asymmetric_signature_is_refused() -> None:
    one = headers(v1a())

    found = {refusal(other, BODY, PUBLIC) for other in damaged(one, "webhook-signature")}
    assert found == {"bad_signature"}
    found = {refusal(one, body, PUBLIC) for body in flipped(BODY)}
    assert found == {"bad_signature"}


def test_one_good_signature_among_several_is_enough() -> None:
    other = v1(secret="whsec_" + base64.b64encode(b"another").decode())

    verify(headers(f"{other} {v1()}"))
    verify(headers(f"{v1a()} v9,x {v1()}"))
    verify(headers(f"{other} {v1a()}"), BODY, SECRET, PUBLIC)
    assert refusal(headers(f"{other} {v1a()} v9,{v1()[3:]}")) == "bad_signature"


def test_the_old_secret_is_good_while_the_new_one_is_rolled_out() -> None:
    verify(headers(), BODY, "whsec_bmV3", SECRET)
    verify(headers(v1a()), BODY, "whpk_" + base64.b64encode(b"0" * 32).decode(), PUBLIC)

    assert refusal(headers(), BODY, "whsec_bmV3") == "bad_signature"


def test_a_public_key_is_no_shared_secret() -> None:
    forged = v1(secret=PUBLIC.removeprefix("whpk_"))

    assert refusal(headers(forged), BODY, PUBLIC) == "bad_signature"


@pytest.mark.parametrize("secrets", [[], [""]])
def test_nothing_is_accepted_without_a_secret(secrets: list[str]) -> None:
    with pytest.raises(WebhookError) as refused:
        STANDARD.verify(headers(), BODY, secrets, now=NOW)

    assert refused.value.reason == "no_secret"


@pytest.mark.parametrize("secret", ["whsec_", "whsec_é", "whsec_*", "whpk_", "whpk_AAAA", "whsk_A"])
def test_an_empty_or_damaged_secret_accepts_nothing(secret: str) -> None:
    signature = hmac.digest(b"", f"{ID}.{STAMP}.".encode() + BODY, hashlib.sha256)
    forged = f"v1,{base64.b64encode(signature).decode()}"

    assert refusal(headers(forged), BODY, secret) == "bad_secret"


def test_a_signature_is_good_for_five_minutes_both_ways() -> None:
    for seconds, reason in ((-301, "too_old"), (301, "too_new")):
        stamp = str(int((NOW + timedelta(seconds=seconds)).timestamp()))
        assert refusal(headers(stamp=stamp)) == reason
    for seconds in (-300, 300):
        verify(headers(stamp=str(int((NOW + timedelta(seconds=seconds)).timestamp()))))


@pytest.mark.parametrize("stamp", ["x", "1e9", "-1", "9" * 400, "１", "1.5", " 1", "1_0"])
def test_a_timestamp_that_is_no_time_is_refused(stamp: str) -> None:
    assert refusal(headers(stamp=stamp)) == "bad_timestamp"


@pytest.mark.parametrize(
    "signature", ["v1", "v1,", "v1,é", "v1,%%", "v1,\ud800", "v1a,é v1a,AA==", "v1a,\ud800", " "]
)
def test_a_malformed_signature_is_refused(signature: str) -> None:
    assert refusal(headers(signature), BODY, SECRET, PUBLIC) == "bad_signature"


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_a_missing_header_is_no_signature(name: str) -> None:
    assert refusal(headers() | {name: ""}) == "no_signature"


def test_without_the_package_an_asymmetric_signature_is_refused_by_the_name_of_the_extra(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "cryptography.exceptions", None)

    with pytest.raises(WebhookError, match=r"procx_graph\[webhooks\]") as refused:
        verify(headers(v1a()), BODY, PUBLIC)

    assert (refused.value.reason, refused.value.status) == ("no_ed25519", 401)
    verify(headers(f"{v1a()} {v1()}"), BODY, PUBLIC, SECRET)


@settings(max_examples=60, deadline=None)
@given(st.text(), st.text(), st.text(), st.binary())
def test_verifying_fails_in_no_way_of_its_own(
    name: str, stamp: str, signature: str, body: bytes
) -> None:
    for given_ in (signature, f"v1,{signature} v1a,{signature}"):
        parts = {"webhook-id": name, "webhook-timestamp": stamp, "webhook-signature": given_}
        for one in (parts, parts | {"webhook-timestamp": STAMP}):
            with pytest.raises(WebhookError):
                verify(one, body, SECRET, PUBLIC)


def test_the_example_is_read() -> None:
    delivery = STANDARD.read(headers(), BODY, now=NOW)
    occurrence = delivery.occurrences[0]

    assert (delivery.key, delivery.account, delivery.topic) == (ID, "stripe", "payment.failed")
    assert occurrence.occurred_at == datetime(2025, 1, 10, 14, 32, tzinfo=UTC)
    assert occurrence.things == ("payment:ORD-2025-789", "order:ORD-2025-789")
    assert [(one.kind, one.value) for one in occurrence.references] == [
        (ReferenceKind.CUSTOMER_ID, "C1001"),
        (ReferenceKind.ORDER, "ORD-2025-789"),
    ]
    assert occurrence.facts == Facts(
        amount=Decimal("2499.99"),
        currency="USD",
        order_id="ORD-2025-789",
        order_ids=("ORD-2025-789",),
        reason="insufficient_funds",
        payment_method="card_****1234",
        attempt=2,
    )


@pytest.mark.parametrize("type_", list(EventType))
def test_every_event_type_is_accepted(type_: EventType) -> None:
    occurrence = happened(type_.value)

    assert occurrence.type is type_
    assert occurrence.things


@pytest.mark.parametrize("name", list(Facts.model_fields))
def test_every_fact_may_be_told_under_its_own_name(name: str) -> None:
    whole = {
        "attempt": 2, "score": 3, "quantity": 3, "days": 3,
        "amount": "3.50", "order_amount": "3.50", "refunded_in_all": "3.50",
        "currency": "usd", "order_ids": ["1", "2"],
        "ordered_at": "2025-01-01", "expected_at": "2025-01-01",
    }  # fmt: skip
    told = whole.get(name, "word")

    found = getattr(happened("app.inactive", **{name: told}).facts, name)

    assert found not in {None, ()}


@pytest.mark.parametrize(
    ("told", "fact", "value"),
    [
        ({"delay_days": 3}, "days", 3),
        ({"inactive_days": "30"}, "days", 30),
        ({"rating": 2.0}, "score", 2),
        ({"nps_score": 9}, "score", 9),
        ({"message": "hello"}, "text", "hello"),
        ({"feedback": "hello"}, "text", "hello"),
        ({"product_name": "Lamp"}, "product", "Lamp"),
        ({"expected_delivery": "2025-01-12"}, "expected_at", datetime(2025, 1, 12, tzinfo=UTC)),
        ({"expected_at": date(2025, 1, 12)}, "expected_at", datetime(2025, 1, 12, tzinfo=UTC)),
        ({"cart_items": [{"quantity": 2}, {"name": "Lamp"}]}, "quantity", 3),
        ({"amount": Decimal("1.234"), "currency": "KWD"}, "amount", Decimal("1.234")),
        ({"amount": 0.1 + 0.2}, "amount", Decimal("0.3")),
        ({"order_id": 820982911946154508}, "order_ids", ("820982911946154508",)),
        ({"payment_method": "4242 4242 4242 4242"}, "payment_method", "****4242"),
        ({"text": "x" * 5000}, "text", "x" * 1000),
    ],
)
def test_facts_may_be_told_in_other_words(told: dict[str, Any], fact: str, value: Any) -> None:
    assert getattr(happened("app.inactive", **told).facts, fact) == value


@pytest.mark.parametrize(
    ("type_", "things"),
    [
        ("payment.failed", {"payment:P", "invoice:I"}),
        ("payment.method_expired", {"payment_method:C1"}),
        ("invoice.paid", {"invoice:I", "payment:P"}),
        ("subscription.payment_failed", {"invoice:I", "payment:P"}),
        ("subscription.cancelled", {"subscription:S"}),
        ("order.cancelled", set()),
        ("shipment.delayed", {"shipment:H"}),
        ("cart.abandoned", {"cart:K"}),
        ("nps.passive", {"response:R"}),
        ("review.negative", {"review:V"}),
        ("product.out_of_stock", {"product:X"}),
        ("support.ticket.created", {"ticket:T"}),
        ("support.csat", {"ticket:T", "response:R"}),
        ("email.unsubscribe", {"consent:C1"}),
        ("refund.made", {"refund:F", "ticket:T", "payment:P"}),
        ("return.initiated", {"return:N"}),
        ("dispute.opened", {"dispute:D", "payment:P"}),
    ],
)
def test_a_type_happens_to_its_own_things_and_to_the_order(type_: str, things: set[str]) -> None:
    assert set(happened(type_, **TELLING).things) == things | {"order:O"}


@pytest.mark.parametrize(
    ("type_", "told", "thing"),
    [
        ("payment.failed", {}, "payment:k"),
        ("subscription.payment_failed", {"subscription_id": "S"}, "subscription:S"),
        ("invoice.paid", {"subscription_id": "S", "customer_id": "C1"}, "subscription:S"),
        ("invoice.paid", {"customer_id": "C1"}, "invoice:k"),
        ("subscription.resumed", {"customer_id": "C1"}, "subscription:C1"),
        ("review.negative", {"product_id": "X"}, "review:k"),
        ("email.unsubscribe", {}, "email:k"),
    ],
)
def test_without_an_id_the_story_is_the_customers_or_its_own(
    type_: str, told: dict[str, Any], thing: str
) -> None:
    assert happened(type_, **told).things == (thing,)


def test_consent_told_by_address_names_a_digest_and_not_the_address() -> None:
    occurrence = happened("email.unsubscribe", email="Ana@Example.com")

    assert occurrence.references[0].value == "ana@example.com"
    assert occurrence.references[0].verified
    assert "ana" not in occurrence.things[0]
    assert occurrence.things[0].startswith("consent:")


@pytest.mark.parametrize(
    ("told", "number"),
    [("+1 (415) 555-0123", "+14155550123"), ("0044 7946 000000", "+447946000000"), ("555", None)],
)
def test_a_phone_number_counts_with_its_country(told: str, number: str | None) -> None:
    found = [one.value for one in happened(phone=told).references]

    assert found == ([number] if number else [])


@pytest.mark.parametrize(
    ("named", "score", "meant"),
    [
        ("nps.promoter", 3, EventType.NPS_DETRACTOR),
        ("nps.detractor", 9, EventType.NPS_PROMOTER),
        ("nps.detractor", 7, EventType.NPS_PASSIVE),
        ("nps.detractor", None, EventType.NPS_DETRACTOR),
    ],
)
def test_the_score_wins_over_the_name(named: str, score: int | None, meant: EventType) -> None:
    assert happened(named, nps_score=score).type is meant


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"amount": "2,499.99"}, "data.amount"),
        ({"amount": -1}, "data.amount"),
        ({"amount": 1e300}, "data.amount"),
        ({"amount": float("nan")}, "data.amount"),
        ({"amount": True}, "data.amount"),
        ({"currency": "dollars"}, "data.currency"),
        ({"attempt": 0}, "data.attempt"),
        ({"days": -1}, "data.days"),
        ({"days": 10**30}, "data.days"),
        ({"score": 11}, "data.score"),
        ({"order_id": {"id": 1}}, "data.order_id"),
        ({"order_id": "x" * 300}, "data.order_id"),
        ({"order_ids": "O1"}, "data.order_ids"),
        ({"customer_id": "a\x00b"}, "data.customer_id"),
        ({"expected_delivery": "soon"}, "data.expected_delivery"),
        ({"message": ["hello"]}, "data.message"),
    ],
)
def test_a_known_field_that_cannot_be_read_is_named(told: dict[str, Any], field: str) -> None:
    assert field in refused_field(event(**told))


def test_a_rating_is_one_to_five() -> None:
    assert "1 to 5" in refused_field(event("support.csat", score=9))
    assert happened("review.negative", stars=1).facts.score == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"event_type": None}, "event_type"),
        ({"event_type": ["payment.failed"]}, "event_type"),
        ({"timestamp": "yesterday"}, "timestamp"),
        ({"timestamp": 1736519520}, "timestamp"),
        ({"source": {}}, "source"),
        ({"data": []}, "data"),
    ],
)
def test_an_envelope_of_another_shape_is_a_bad_request(changes: dict[str, Any], field: str) -> None:
    assert field in refused_field(EXAMPLE | changes)


def test_an_unknown_type_is_kept_without_an_occurrence() -> None:
    delivery = read({"event_type": "loyalty.level_up", "data": {"amount": "anything"}})

    assert (delivery.topic, delivery.occurrences) == ("loyalty.level_up", ())


def test_a_missing_timestamp_is_now_and_one_without_an_offset_is_utc() -> None:
    assert read(event()).occurred_at == NOW
    naive = read(event() | {"timestamp": "2025-01-10T14:32:00"})
    assert naive.occurred_at == datetime(2025, 1, 10, 14, 32, tzinfo=UTC)


def test_a_payload_without_a_key_is_known_by_its_id_or_by_what_it_says() -> None:
    same = {"data": event()["data"], "event_type": "payment.failed"}

    assert read(event() | {"id": "E1"}, key=None).key == "E1"
    assert read(event(), key=None).key == read(same, key=None).key
    assert read(event(), key=None).key != read(event(amount=1), key=None).key
    assert read(event(amount=Decimal(1), expected_at=NOW), key=None).key.startswith("sha256:")


@pytest.mark.parametrize("key", ["", "x" * 501, "a\x00"])
def test_an_id_that_cannot_be_stored_is_refused(key: str) -> None:
    with pytest.raises(WebhookError):
        read(event(), key=key)


def test_an_id_is_known_without_the_space_around_it() -> None:
    assert read(event(), key=f" E1{' ' * 600}").key == "E1"


def test_a_payment_method_that_is_an_address_is_masked() -> None:
    assert happened(payment_method="ana@example.com").facts.payment_method == "[contact]"


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from([one.value for one in EventType]) | st.text(),
    objects("id", "timestamp", "source"),
    objects(*Facts.model_fields, "email", "phone", "items", "response_id") | JSON,
)
def test_any_payload_is_read_or_refused(type_: str, envelope: dict[str, Any], data: Any) -> None:
    body = json.dumps(envelope | {"event_type": type_, "data": data}).encode()

    read_or_refused(lambda: STANDARD.read({}, body, now=NOW))


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(list(EventType)), st.sampled_from(list(Facts.model_fields)), JSON)
def test_any_value_of_a_known_field_is_read_or_refused(
    type_: EventType, name: str, value: Any
) -> None:
    read_or_refused(lambda: read(event(type_.value, **{name: value}), key=None))
