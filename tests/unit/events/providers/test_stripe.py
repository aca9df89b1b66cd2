"""Stripe: whose signature counts, and what its events mean."""

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procx_graph.domain.event_type import EventType
from procx_graph.domain.occurrence import Occurrence, ReferenceKind
from procx_graph.errors import WebhookError
from procx_graph.events.providers.provider import Delivery, Provider
from procx_graph.events.providers.stripe import StripeProvider
from procx_graph.events.providers.stripe.provider import _TOPICS
from tests.unit.events.providers.given import JSON, bent, names_of, read_or_refused, recorded

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
SECRET = "whsec_test"
STRIPE: Provider = StripeProvider()


def signed(body: bytes, secret: str = SECRET, at: datetime = NOW) -> str:
    """Give Stripe's header of a body."""
    seconds = int(at.timestamp())
    content = f"{seconds}.".encode() + body
    return f"t={seconds},v1={hmac.new(secret.encode(), content, hashlib.sha256).hexdigest()}"


def verify(body: bytes, header: str, *secrets: str) -> None:
    STRIPE.verify({"stripe-signature": header}, body, secrets or (SECRET,), now=NOW)


def refusal(body: bytes, header: str, *secrets: str) -> str:
    """Give the reason for which a delivery is refused."""
    with pytest.raises(WebhookError) as refused:
        verify(body, header, *secrets)
    assert refused.value.status == 401
    return refused.value.reason


def delivered(event: dict[str, Any], **extra: Any) -> Delivery:
    return STRIPE.read({}, json.dumps(event).encode(), now=NOW, extra=extra or None)


def told(topic: str, thing: dict[str, Any], **before: Any) -> Occurrence:
    """Give what an event says."""
    (one,) = read(topic, thing, **before).occurrences
    return one


def read(topic: str, thing: dict[str, Any], **before: Any) -> Delivery:
    return delivered(
        {
            "id": "evt_1",
            "object": "event",
            "type": topic,
            "created": int(NOW.timestamp()),
            "data": {"object": {"id": "x_1"} | thing, "previous_attributes": before},
        }
    )


def names(one: Occurrence) -> list[tuple[ReferenceKind, str, bool]]:
    return [(ref.kind, ref.value, ref.verified) for ref in one.references]


INTENT = {"id": "pi_1", "object": "payment_intent", "amount": 249999, "currency": "usd"}
CHARGE = {"id": "ch_1", "object": "charge", "amount": 249999, "currency": "usd"}
INVOICE = {"id": "in_1", "object": "invoice", "amount_due": 2000, "currency": "usd"}
SUBSCRIPTION = {"id": "sub_1", "object": "subscription", "status": "active", "customer": "cus_1"}


def test_a_delivery_that_stripe_signed_is_accepted() -> None:
    verify(b'{"id": 1}', signed(b'{"id": 1}'))


def test_any_active_secret_and_any_signature_of_scheme_v1_will_do() -> None:
    header = signed(b"{}", "whsec_new")
    both = f"{header},v1={'0' * 64},v0={'1' * 64}"

    verify(b"{}", header, "whsec_old", "whsec_new")
    verify(b"{}", both, "whsec_new")


def test_scheme_v0_does_not_count() -> None:
    assert refusal(b"{}", signed(b"{}").replace("v1=", "v0=")) == "bad_header"


@settings(max_examples=60, deadline=None)
@given(place=st.integers(min_value=0), bit=st.integers(0, 7), body=st.binary(min_size=1))
def test_no_byte_of_the_body_can_change(place: int, bit: int, body: bytes) -> None:
    changed = bytearray(body)
    changed[place % len(body)] ^= 1 << bit

    assert refusal(bytes(changed), signed(body)) == "bad_signature"


@settings(max_examples=60, deadline=None)
@given(place=st.integers(min_value=0), letter=st.characters())
def test_no_letter_of_the_header_can_change(place: int, letter: str) -> None:
    header = signed(b"{}")
    place %= len(header)
    changed = header[:place] + letter + header[place + 1 :]
    if changed != header:
        assert refusal(b"{}", changed) in {"bad_signature", "bad_header"}


@pytest.mark.parametrize(
    ("age", "reason"),
    [(timedelta(minutes=6), "too_old"), (-timedelta(minutes=6), "too_new")],
)
def test_a_signature_is_good_for_five_minutes_either_way(age: timedelta, reason: str) -> None:
    verify(b"{}", signed(b"{}", at=NOW - age * 0.8))

    assert refusal(b"{}", signed(b"{}", at=NOW - age)) == reason


@pytest.mark.parametrize("secrets", [(), ("",), ("  ",)])
def test_without_a_secret_nothing_is_accepted(secrets: tuple[str, ...]) -> None:
    with pytest.raises(WebhookError) as refused:
        STRIPE.verify({"stripe-signature": signed(b"{}", "")}, b"{}", secrets, now=NOW)
    assert (refused.value.reason, refused.value.status) == ("no_secret", 401)


@pytest.mark.parametrize(
    "header",
    ["", "t", "t=,v1=", "v1=00", "t=1", "t=1,t=2,v1=00", "t=١٢٣,v1=00", "t=9" * 9, "é=ü,v1=\ud800"],
)
def test_a_malformed_header_is_refused(header: str) -> None:
    assert refusal(b"{}", header) in {"no_signature", "bad_header"}


@settings(max_examples=60, deadline=None)
@given(st.text())
def test_no_header_raises_anything_else(header: str) -> None:
    assert refusal(b"{}", header)
    assert refusal(b"{}", f"t=1,v1={header}")


def test_the_vendors_library_signs_and_accepts_the_same() -> None:
    signature = pytest.importorskip("stripe").WebhookSignature
    body = '{"name": "Zoë"}'
    seconds = int(NOW.timestamp())

    theirs = signature.generate_signature_header(body, SECRET, seconds)

    assert theirs == signed(body.encode())
    verify(body.encode(), theirs)
    assert signature.verify_header(body, signed(body.encode()), SECRET, None)


@pytest.mark.parametrize(
    ("name", "kind", "amount"),
    [
        ("payment_intent.payment_failed", EventType.PAYMENT_FAILED, "20.00"),
        ("invoice.payment_failed", EventType.PAYMENT_FAILED, "20.00"),
        ("invoice.paid", EventType.INVOICE_PAID, "20.00"),
        ("charge.refunded", EventType.REFUND_MADE, "1.00"),
        ("customer.subscription.deleted", EventType.SUBSCRIPTION_CANCELLED, "15.00"),
    ],
)
def test_recorded_events_are_read(name: str, kind: EventType, amount: str) -> None:
    delivery = delivered(recorded("stripe", name))

    (one,) = delivery.occurrences
    assert (one.type, one.facts.amount, one.facts.currency) == (kind, Decimal(amount), "USD")
    assert delivery.topic == name
    assert one.key == delivery.key == "evt_000000000000000000000000"
    assert one.occurred_at == delivery.occurred_at < NOW


@pytest.mark.parametrize("name", names_of("stripe"))
def test_no_secret_of_a_recorded_body_is_kept(name: str) -> None:
    kept = delivered(recorded("stripe", name)).model_dump_json()

    assert "http" not in kept
    assert "_secret_" not in kept


def test_half_a_character_in_a_secret_matches_nothing() -> None:
    with pytest.raises(WebhookError) as refused:
        STRIPE.verify({"stripe-signature": signed(b"{}")}, b"{}", ["\ud800"], now=NOW)
    assert refused.value.reason == "bad_signature"


MEANINGS = {
    "payment_intent.payment_failed": EventType.PAYMENT_FAILED,
    "payment_intent.succeeded": EventType.PAYMENT_SUCCEEDED,
    "charge.failed": EventType.PAYMENT_FAILED,
    "charge.succeeded": EventType.PAYMENT_SUCCEEDED,
    "charge.refunded": EventType.REFUND_MADE,
    "charge.dispute.created": EventType.DISPUTE_OPENED,
    "charge.dispute.closed": EventType.DISPUTE_CLOSED,
    "refund.created": EventType.REFUND_MADE,
    "checkout.session.expired": EventType.CART_ABANDONED,
    "checkout.session.completed": EventType.CART_COMPLETED,
    "checkout.session.async_payment_failed": EventType.PAYMENT_FAILED,
    "checkout.session.async_payment_succeeded": EventType.PAYMENT_SUCCEEDED,
    "invoice.paid": EventType.INVOICE_PAID,
    "invoice.payment_succeeded": EventType.INVOICE_PAID,
    "invoice_payment.paid": EventType.INVOICE_PAID,
    "invoice.payment_failed": EventType.PAYMENT_FAILED,
    "invoice.payment_action_required": EventType.PAYMENT_FAILED,
    "invoice.overdue": EventType.PAYMENT_FAILED,
    "invoice.marked_uncollectible": EventType.PAYMENT_FAILED,
    "customer.subscription.deleted": EventType.SUBSCRIPTION_CANCELLED,
    "customer.subscription.paused": EventType.SUBSCRIPTION_PAUSED,
    "customer.subscription.resumed": EventType.SUBSCRIPTION_RESUMED,
    "customer.subscription.trial_will_end": EventType.SUBSCRIPTION_TRIAL_ENDING,
    "customer.source.expiring": EventType.PAYMENT_METHOD_EXPIRED,
    "payment_method.detached": EventType.PAYMENT_METHOD_EXPIRED,
    "payment_method.automatically_updated": EventType.PAYMENT_METHOD_UPDATED,
    "payment_method.card_automatically_updated": EventType.PAYMENT_METHOD_UPDATED,
    "setup_intent.setup_failed": EventType.PAYMENT_METHOD_EXPIRED,
    "setup_intent.succeeded": EventType.PAYMENT_METHOD_UPDATED,
}
MANY_MEANINGS = {
    "customer.subscription.updated",
    "refund.updated",
    "refund.failed",
    "charge.refund.updated",
}


@pytest.mark.parametrize(("topic", "kind"), MEANINGS.items())
def test_every_event_of_the_table_has_its_meaning(topic: str, kind: EventType) -> None:
    one = told(topic, {})

    assert one.type is kind
    assert one.things[-1].endswith(":x_1")


def test_the_table_is_complete() -> None:
    assert set(_TOPICS) == set(MEANINGS) | MANY_MEANINGS


def test_an_event_that_means_nothing_to_us_is_a_delivery_all_the_same() -> None:
    delivery = read("customer.created", {})

    assert (delivery.topic, delivery.occurrences, delivery.remark) == ("customer.created", (), None)


def test_a_failed_payment_says_how_much_why_and_by_what() -> None:
    problem = {
        "code": "card_declined",
        "decline_code": "insufficient_funds",
        "payment_method": {"type": "card", "card": {"last4": "0002"}},
    }
    facts = told("payment_intent.payment_failed", INTENT | {"last_payment_error": problem}).facts

    assert (facts.amount, facts.currency) == (Decimal("2499.99"), "USD")
    assert (facts.reason, facts.payment_method) == ("insufficient_funds", "card_****0002")
    assert facts.payment_id == "pi_1"


def test_a_generic_decline_gives_way_to_the_code_beside_it() -> None:
    problem = {"code": "card_declined", "decline_code": "generic_decline"}

    one = told("payment_intent.payment_failed", INTENT | {"last_payment_error": problem})

    assert one.facts.reason == "card_declined"


@pytest.mark.parametrize(
    ("code", "amount"),
    [
        ("usd", "5.00"),
        ("jpy", "500"),
        ("krw", "500"),
        ("kwd", "0.500"),
        ("bhd", "0.500"),
        ("ugx", "5.00"),
        ("isk", "5.00"),
        ("huf", "5.00"),
        ("lbp", "5.00"),
    ],
)
def test_amounts_follow_stripes_rules_of_each_currency(code: str, amount: str) -> None:
    one = told("charge.failed", CHARGE | {"amount": 500, "currency": code})

    assert (one.facts.amount, one.facts.currency) == (Decimal(amount), code.upper())


@pytest.mark.parametrize("amount", [None, "500x", -1, 5.5, 10**30, True])
def test_an_amount_that_is_none_is_left_out(amount: Any) -> None:
    assert told("charge.failed", CHARGE | {"amount": amount}).facts.amount is None


def test_the_events_of_one_payment_share_things_in_the_old_shape() -> None:
    intent = told(
        "payment_intent.payment_failed", INTENT | {"charges": {"data": [CHARGE]}, "invoice": "in_1"}
    )
    charge = told("charge.failed", CHARGE | {"payment_intent": "pi_1"})
    invoice = told("invoice.payment_failed", INVOICE | {"payment_intent": "pi_1", "charge": "ch_1"})

    assert set(intent.things) == {"payment_intent:pi_1", "charge:ch_1", "invoice:in_1"}
    assert set(charge.things) & set(intent.things)
    assert set(invoice.things) & set(charge.things)
    assert {one.facts.payment_id for one in (intent, charge, invoice)} == {"pi_1"}


def test_the_events_of_one_payment_share_things_in_the_shape_of_2025() -> None:
    intent = told(
        "payment_intent.payment_failed",
        INTENT | {"latest_charge": "ch_1", "payment_details": {"order_reference": "in_1"}},
    )
    charge = told("charge.failed", CHARGE | {"payment_intent": {"id": "pi_1"}})
    paid_by = {"payment": {"type": "payment_intent", "payment_intent": "pi_1"}}
    invoice = told("invoice.payment_failed", INVOICE | {"payments": {"data": [paid_by]}})
    link = told("invoice_payment.paid", {"id": "inpay_1", "invoice": "in_1"} | paid_by)

    assert set(intent.things) == {"payment_intent:pi_1", "charge:ch_1", "invoice:in_1"}
    assert {"payment_intent:pi_1", "invoice:in_1"} <= set(invoice.things)
    assert {"payment_intent:pi_1", "invoice:in_1"} <= set(link.things)
    assert "payment_intent:pi_1" in charge.things


@pytest.mark.parametrize(
    "shape",
    [
        {"subscription": "sub_1"},
        {"parent": {"subscription_details": {"subscription": "sub_1"}}},
        {"billing_reason": "subscription_cycle"},
    ],
)
def test_an_invoice_of_a_subscription_is_no_part_of_its_story(shape: dict[str, Any]) -> None:
    one = told("invoice.payment_failed", INVOICE | shape | {"attempt_count": 2})

    assert one.type is EventType.SUBSCRIPTION_PAYMENT_FAILED
    assert one.things == ("invoice:in_1",)
    assert one.facts.attempt == 2


def test_an_invoice_says_what_was_asked_or_what_was_paid() -> None:
    invoice = INVOICE | {"amount_paid": 1500, "attempt_count": 0}

    assert told("invoice.overdue", invoice).facts.amount == Decimal("20.00")
    assert told("invoice.overdue", invoice).facts.reason == "overdue"
    assert told("invoice.paid", invoice).facts.amount == Decimal("15.00")
    assert told("invoice.paid", invoice).facts.attempt is None


def test_a_refund_on_a_charge_is_the_increase_of_what_was_given_back() -> None:
    charge = CHARGE | {"payment_intent": "pi_1", "amount_refunded": 700}

    one = told("charge.refunded", charge, amount_refunded=500)

    assert (one.facts.amount, one.facts.refunded_in_all) == (Decimal("2.00"), Decimal("7.00"))
    assert one.things == ("charge:ch_1", "payment_intent:pi_1")


def test_a_refund_on_a_charge_without_a_before_is_the_newest_of_those_it_lists() -> None:
    refunds = [
        {"id": "re_1", "amount": 500, "created": 1},
        {"id": "re_2", "amount": 200, "created": 2},
    ]

    one = told("charge.refunded", CHARGE | {"amount_refunded": 700, "refunds": {"data": refunds}})

    assert (one.facts.amount, one.facts.refund_id) == (Decimal("2.00"), "re_2")


@pytest.mark.parametrize(
    ("topic", "status", "made"),
    [
        ("refund.created", "pending", True),
        ("refund.created", "failed", False),
        ("refund.updated", "succeeded", True),
        ("refund.updated", "pending", False),
        ("charge.refund.updated", "succeeded", True),
        ("refund.failed", "failed", False),
    ],
)
def test_a_refund_is_told_when_it_is_made_and_not_when_it_fails(
    topic: str, status: str, made: bool
) -> None:
    refund = {"id": "re_1", "status": status, "charge": "ch_1", "payment_intent": "pi_1"}

    delivery = read(topic, refund)

    assert bool(delivery.occurrences) is made
    assert (delivery.remark is None) is made
    for one in delivery.occurrences:
        assert one.things == ("refund:re_1", "charge:ch_1", "payment_intent:pi_1")
        assert one.facts.refund_id == "re_1"


def test_a_checkout_that_is_taken_up_again_is_one_story_with_the_one_that_was_left() -> None:
    left = told("checkout.session.expired", {"id": "cs_1", "amount_total": 500, "currency": "eur"})
    done = told("checkout.session.completed", {"id": "cs_2", "recovered_from": "cs_1"})

    assert (left.type, left.facts.amount) == (EventType.CART_ABANDONED, Decimal("5.00"))
    assert set(left.things) & set(done.things)


def test_a_dispute_is_part_of_the_payments_story() -> None:
    dispute = {"id": "dp_1", "charge": "ch_1", "payment_intent": "pi_1", "status": "lost"}

    one = told("charge.dispute.closed", dispute)

    assert one.things == ("dispute:dp_1", "charge:ch_1", "payment_intent:pi_1")
    assert one.facts.reason == "lost"


PERIOD_END = int((NOW + timedelta(days=9)).timestamp())


@pytest.mark.parametrize(
    ("now", "before", "kind"),
    [
        ({"cancel_at_period_end": True}, {"cancel_at_period_end": False}, "cancelled"),
        ({"cancel_at": PERIOD_END}, {"cancel_at": None}, "cancelled"),
        ({"cancel_at_period_end": False}, {"cancel_at_period_end": True}, "resumed"),
        ({"pause_collection": {"behavior": "void"}}, {"pause_collection": None}, "paused"),
        ({"pause_collection": None}, {"pause_collection": {"behavior": "void"}}, "resumed"),
        ({"status": "paused"}, {"status": "trialing"}, "paused"),
        ({"status": "active"}, {"status": "paused"}, "resumed"),
        ({"cancel_at_period_end": True}, {"quantity": 1}, None),
        ({"status": "past_due"}, {"status": "active"}, None),
        ({"status": "canceled"}, {"status": "paused"}, None),
        ({"status": "active"}, {}, None),
    ],
)
def test_a_changed_subscription_ends_pauses_or_goes_on(
    now: dict[str, Any], before: dict[str, Any], kind: str | None
) -> None:
    delivery = read("customer.subscription.updated", SUBSCRIPTION | now, **before)

    assert [one.type for one in delivery.occurrences] == ([f"subscription.{kind}"] if kind else [])
    assert (delivery.remark is None) is (kind is not None)


@pytest.mark.parametrize(
    "shape",
    [
        {"current_period_end": PERIOD_END},
        {"items": {"data": [{"current_period_end": PERIOD_END}, {"current_period_end": 5}]}},
    ],
)
def test_a_subscription_that_is_not_renewed_ends_with_its_period(shape: dict[str, Any]) -> None:
    ending = SUBSCRIPTION | {"cancel_at_period_end": True} | shape

    one = told("customer.subscription.updated", ending, cancel_at_period_end=False)

    assert one.facts.expected_at == NOW + timedelta(days=9)
    assert one.things == ("subscription:sub_1",)


def test_a_cancelled_subscription_says_why_and_what_it_cost() -> None:
    price = {"unit_amount": 1500, "currency": "usd", "nickname": "Gold"}
    details = {"feedback": "too_expensive", "reason": "cancellation_requested", "comment": "Sorry!"}
    ended = {"items": {"data": [{"price": price, "quantity": 2}]}, "cancellation_details": details}

    facts = told("customer.subscription.deleted", SUBSCRIPTION | ended).facts

    assert (facts.plan, facts.amount, facts.currency) == ("Gold", Decimal("30.00"), "USD")
    assert (facts.reason, facts.text) == ("too_expensive", "Sorry!")


def test_a_trial_says_when_it_ends() -> None:
    one = told("customer.subscription.trial_will_end", SUBSCRIPTION | {"trial_end": PERIOD_END})

    assert one.facts.expected_at == NOW + timedelta(days=9)


def test_a_card_that_was_taken_away_names_whose_it_was() -> None:
    one = told("payment_method.detached", {"id": "pm_1", "customer": None}, customer="cus_1")

    assert names(one) == [(ReferenceKind.ACCOUNT, "cus_1", True)]
    assert one.things == ("payment_method:pm_1",)


def test_the_customer_is_named_by_what_the_business_knows_first() -> None:
    charge = {
        "customer": {"id": "cus_1", "metadata": {"customer_id": "C-1"}, "email": "ana@example.com"},
        "metadata": {"customer_id": "C-1", "order_id": "ORD-2025-789"},
        "billing_details": {"email": "Bob@example.com", "phone": "+44 7946 000000"},
        "receipt_email": "ANA@example.com",
    }

    one = told("charge.failed", CHARGE | charge)

    assert names(one) == [
        (ReferenceKind.CUSTOMER_ID, "C-1", True),
        (ReferenceKind.ACCOUNT, "cus_1", True),
        (ReferenceKind.ORDER, "ORD-2025-789", True),
        (ReferenceKind.EMAIL, "ana@example.com", True),
        (ReferenceKind.EMAIL, "bob@example.com", False),
        (ReferenceKind.PHONE, "+447946000000", False),
    ]
    assert (one.facts.order_id, one.facts.order_ids) == ("ORD-2025-789", ("ORD-2025-789",))
    assert "order:ORD-2025-789" in one.things


def test_an_invoices_address_is_the_businesss_own_and_a_checkouts_is_typed() -> None:
    address = {"customer_email": "ana@example.com", "client_reference_id": "C-1"}
    session = {"object": "checkout.session"} | address
    named = {"parent": {"subscription_details": {"metadata": {"customer_id": "C-2"}}}}

    assert (ReferenceKind.EMAIL, "ana@example.com", True) in names(
        told("invoice.paid", INVOICE | address)
    )
    assert names(told("checkout.session.expired", session)) == [
        (ReferenceKind.CUSTOMER_ID, "C-1", True),
        (ReferenceKind.EMAIL, "ana@example.com", False),
    ]
    assert (ReferenceKind.CUSTOMER_ID, "C-2", True) in names(told("invoice.paid", INVOICE | named))


def test_an_order_in_a_subscriptions_metadata_does_not_tie_it_to_the_orders_story() -> None:
    one = told("customer.subscription.paused", SUBSCRIPTION | {"metadata": {"order_id": "O1"}})

    assert one.things == ("subscription:sub_1",)
    assert one.facts.order_id == "O1"


def test_the_account_is_the_connected_one() -> None:
    event = {"id": "evt_1", "type": "charge.failed", "data": {"object": CHARGE}}

    own, connected = delivered(event), delivered(event | {"account": "acct_1"})

    assert (own.account, connected.account) == ("", "acct_1")
    assert connected.occurrences[0].account == "acct_1"
    assert own.occurred_at == NOW


THIN = {
    "id": "evt_thin_1",
    "object": "v2.core.event",
    "type": "v1.charge.failed",
    "created": "2026-10-17T06:20:52.246Z",
    "context": "acct_1",
    "related_object": {"id": "ch_1", "type": "charge"},
}


def test_a_thin_event_means_nothing_until_the_whole_one_is_fetched() -> None:
    thin = delivered(THIN)
    whole = delivered(
        THIN,
        id="evt_other",
        object="event",
        type="charge.failed",
        created=1,
        data={"object": CHARGE},
    )

    assert thin.occurrences == ()
    assert thin.remark
    assert thin.occurred_at == datetime(2026, 10, 17, 6, 20, 52, 246000, tzinfo=UTC)
    assert whole.key == thin.key == "evt_thin_1"
    assert whole.occurrences[0].type is EventType.PAYMENT_FAILED
    assert whole.occurrences[0].account == "acct_1"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b"\xff",
        b'{"a": NaN}',
        b"{}",
        b'{"id": "evt_1"}',
        b'{"id": true, "type": "charge.failed"}',
        b'{"id": "evt_1", "type": "charge.failed"}',
        b'{"id": "evt_1", "type": "charge.failed", "data": {"object": {"id": null}}}',
    ],
)
def test_a_body_that_is_no_event_is_refused(body: bytes) -> None:
    with pytest.raises(WebhookError) as refused:
        STRIPE.read({}, body, now=NOW)
    assert refused.value.status == 400


@settings(max_examples=60, deadline=None)
@given(JSON, st.sampled_from(sorted(_TOPICS)), JSON)
def test_any_object_is_read_or_refused(thing: Any, topic: str, before: Any) -> None:
    named = {"id": "x_1", "currency": "usd"} | (thing if isinstance(thing, dict) else {})
    for one in (thing, named):
        data = {"object": one, "previous_attributes": before}
        event = {"id": "evt_1", "type": topic, "created": thing, "data": data}
        read_or_refused(partial(delivered, event))


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_recorded_event_with_strange_values_is_read_or_refused(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(names_of("stripe") or ["charge.refunded"]))
    event = data.draw(bent(recorded("stripe", name)))
    event["type"] = data.draw(st.sampled_from([name, *sorted(_TOPICS)]))

    read_or_refused(lambda: delivered(event))
