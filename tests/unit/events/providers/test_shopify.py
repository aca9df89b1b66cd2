"""Shopify: whose signature counts, and what its deliveries mean."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procx_graph.domain.event_type import EventType
from procx_graph.domain.occurrence import Occurrence, ReferenceKind
from procx_graph.errors import WebhookError
from procx_graph.events.providers.provider import Delivery, Merge, Provider
from procx_graph.events.providers.shopify import ShopifyProvider
from procx_graph.events.providers.shopify.provider import _TOPICS
from tests.unit.events.providers.given import JSON, bent, names_of, read_or_refused, recorded

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
EARLIER = NOW - timedelta(hours=1)
SECRET = "shpss_test"
SHOPIFY: Provider = ShopifyProvider()
SHOP = "jsmith.myshopify.com"


def signed(body: bytes, secret: str = SECRET) -> str:
    """Give Shopify's signature of a body."""
    return base64.b64encode(hmac.digest(secret.encode(), body, hashlib.sha256)).decode()


def verify(body: bytes, signature: str, *secrets: str, name: str = "x-shopify-hmac-sha256") -> None:
    SHOPIFY.verify({name: signature}, body, secrets or (SECRET,), now=NOW)


def refusal(body: bytes, signature: str, *secrets: str) -> str:
    """Give the reason for which a delivery is refused."""
    with pytest.raises(WebhookError) as refused:
        verify(body, signature, *secrets)
    assert refused.value.status == 401
    return refused.value.reason


def headers(topic: str) -> dict[str, str]:
    return {
        "x-shopify-topic": topic,
        "x-shopify-shop-domain": SHOP,
        "x-shopify-event-id": "e-1",
        "x-shopify-webhook-id": "w-1",
        "x-shopify-triggered-at": EARLIER.isoformat(),
    }


def read(topic: str, body: Any, **extra: Any) -> Delivery:
    return SHOPIFY.read(headers(topic), json.dumps(body).encode(), now=NOW, extra=extra or None)


def told(topic: str, body: dict[str, Any], **extra: Any) -> Occurrence:
    """Give what a delivery says."""
    (one,) = read(topic, body, **extra).occurrences
    return one


def sample(topic: str, **changes: Any) -> dict[str, Any]:
    """Give the recorded body of a topic, with other values in places."""
    return recorded("shopify", topic.replace("/", "__")) | changes


def names(one: Occurrence) -> list[tuple[ReferenceKind, str, bool]]:
    return [(ref.kind, ref.value, ref.verified) for ref in one.references]


def ways(one: Occurrence, kind: ReferenceKind) -> list[tuple[str, bool]]:
    return [(ref.value, ref.verified) for ref in one.references if ref.kind is kind]


ORDER = {
    "id": 820982911946154500,
    "admin_graphql_api_id": "gid://shopify/Order/820982911946154508",
    "name": "#9999",
    "total_price": "404.95",
    "currency": "USD",
    "created_at": "2026-10-31T19:00:00-05:00",
    "updated_at": "2026-11-01T01:00:00-05:00",
}


def test_a_delivery_that_shopify_signed_is_accepted() -> None:
    verify(b'{"id": 1}', signed(b'{"id": 1}'))


@pytest.mark.parametrize("name", ["X-Shopify-Hmac-Sha256", "shopify-hmac-sha256"])
def test_the_signature_is_found_under_the_older_and_the_newer_name(name: str) -> None:
    verify(b"{}", signed(b"{}"), name=name)


def test_any_active_secret_will_do() -> None:
    verify(b"{}", signed(b"{}", "new"), "old", "new")


@settings(max_examples=60, deadline=None)
@given(place=st.integers(min_value=0), bit=st.integers(0, 7), body=st.binary(min_size=1))
def test_no_byte_of_the_body_can_change(place: int, bit: int, body: bytes) -> None:
    changed = bytearray(body)
    changed[place % len(body)] ^= 1 << bit

    assert refusal(bytes(changed), signed(body)) == "bad_signature"


@settings(max_examples=60, deadline=None)
@given(place=st.integers(min_value=0), letter=st.characters())
def test_no_letter_of_the_signature_can_change(place: int, letter: str) -> None:
    signature = signed(b"{}")
    place %= len(signature)
    changed = signature[:place] + letter + signature[place + 1 :]
    if changed != signature:
        assert refusal(b"{}", changed) == "bad_signature"


@settings(max_examples=60, deadline=None)
@given(st.text())
def test_no_header_raises_anything_else(signature: str) -> None:
    assert refusal(b"{}", signature) in {"bad_signature", "no_signature"}


@pytest.mark.parametrize("secrets", [(), ("",), ("  ",)])
def test_without_a_secret_nothing_is_accepted(secrets: tuple[str, ...]) -> None:
    with pytest.raises(WebhookError) as refused:
        SHOPIFY.verify({"x-shopify-hmac-sha256": signed(b"{}", "")}, b"{}", secrets, now=NOW)
    assert (refused.value.reason, refused.value.status) == ("no_secret", 401)


def test_half_a_character_in_a_secret_matches_nothing() -> None:
    with pytest.raises(WebhookError) as refused:
        SHOPIFY.verify({"x-shopify-hmac-sha256": signed(b"{}")}, b"{}", ["\ud800"], now=NOW)
    assert refused.value.reason == "bad_signature"


MEANINGS = {
    "orders/paid": EventType.ORDER_PAID,
    "orders/cancelled": EventType.ORDER_CANCELLED,
    "orders/fulfilled": EventType.ORDER_FULFILLED,
    "orders/create": EventType.CART_COMPLETED,
    "fulfillment_orders/placed_on_hold": EventType.ORDER_DELAYED,
    "fulfillment_orders/rescheduled": EventType.ORDER_DELAYED,
    "returns/request": EventType.RETURN_INITIATED,
    "returns/approve": EventType.RETURN_INITIATED,
    "disputes/create": EventType.DISPUTE_OPENED,
    "checkouts/create": EventType.CART_UPDATED,
    "checkouts/update": EventType.CART_UPDATED,
    "variants/out_of_stock": EventType.PRODUCT_OUT_OF_STOCK,
    "variants/in_stock": EventType.PRODUCT_BACK_IN_STOCK,
    "customer_payment_methods/revoke": EventType.PAYMENT_METHOD_EXPIRED,
    "customer_payment_methods/create": EventType.PAYMENT_METHOD_UPDATED,
    "customer_payment_methods/update": EventType.PAYMENT_METHOD_UPDATED,
    "customers/redact": EventType.REDACT_REQUESTED,
    "customers/data_request": EventType.DATA_REQUESTED,
    "subscription_contracts/cancel": EventType.SUBSCRIPTION_CANCELLED,
    "subscription_contracts/expire": EventType.SUBSCRIPTION_CANCELLED,
    "subscription_contracts/pause": EventType.SUBSCRIPTION_PAUSED,
    "subscription_contracts/activate": EventType.SUBSCRIPTION_RESUMED,
    "subscription_contracts/fail": EventType.SUBSCRIPTION_PAYMENT_FAILED,
    "subscription_billing_attempts/failure": EventType.SUBSCRIPTION_PAYMENT_FAILED,
    "subscription_billing_attempts/challenged": EventType.SUBSCRIPTION_PAYMENT_FAILED,
    "subscription_billing_attempts/success": EventType.INVOICE_PAID,
}
MANY_MEANINGS = {
    "refunds/create",
    "order_transactions/create",
    "fulfillment_events/create",
    "disputes/update",
    "inventory_levels/update",
    "customers_email_marketing_consent/update",
    "customers_marketing_consent/update",
}


@pytest.mark.parametrize(("topic", "kind"), MEANINGS.items())
def test_every_topic_of_the_table_has_its_meaning(topic: str, kind: EventType) -> None:
    one = told(topic, {})

    assert one.type is kind
    assert (one.provider, one.account, one.key) == ("shopify", SHOP, f"{topic}:e-1")
    assert one.things == (f"delivery:{topic}:e-1",)
    assert one.occurred_at == EARLIER


def test_the_table_is_complete() -> None:
    assert set(_TOPICS) == set(MEANINGS) | MANY_MEANINGS


@pytest.mark.parametrize("topic", ["products/update", "app/uninstalled", "carts/create"])
def test_a_topic_that_means_nothing_to_us_is_a_delivery_all_the_same(topic: str) -> None:
    delivery = read(topic, {"id": 1})

    assert (delivery.topic, delivery.occurrences, delivery.remark) == (topic, (), None)
    assert delivery.occurred_at == EARLIER


def test_headers_are_read_in_any_case_and_by_their_newer_names() -> None:
    old = {name.title(): value for name, value in headers("orders/paid").items()}
    new = {name.removeprefix("x-"): value for name, value in headers("orders/paid").items()}

    assert SHOPIFY.read(old, b"{}", now=NOW) == SHOPIFY.read(new, b"{}", now=NOW)


def test_a_delivery_is_told_apart_by_topic_and_event_else_by_what_there_is() -> None:
    sent = headers("orders/paid")

    keys = []
    for lost in ("", "x-shopify-event-id", "x-shopify-webhook-id"):
        sent.pop(lost, None)
        keys.append(SHOPIFY.read(sent, b"{}", now=NOW).key)

    assert keys[:2] == ["orders/paid:e-1", "orders/paid:w-1"]
    assert keys[2] == f"orders/paid:{hashlib.sha256(b'{}').hexdigest()}"


def test_without_a_time_of_its_own_a_delivery_happened_when_it_came() -> None:
    assert SHOPIFY.read({"x-shopify-topic": "returns/request"}, b"{}", now=NOW).occurred_at == NOW


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b'{"a": NaN}'])
def test_a_body_that_is_no_object_is_refused(body: bytes) -> None:
    with pytest.raises(WebhookError) as refused:
        SHOPIFY.read(headers("orders/paid"), body, now=NOW)
    assert refused.value.status == 400


def test_a_delivery_without_a_topic_is_refused() -> None:
    with pytest.raises(WebhookError) as refused:
        SHOPIFY.read({}, b"{}", now=NOW)
    assert (refused.value.reason, refused.value.status) == ("no_topic", 400)


SECRETS = ["http", "123456abcd", "abcdefg", "123123123", "eeafa272cebfd4b22385bc4b645e762c"]


@pytest.mark.parametrize("name", names_of("shopify"))
def test_no_secret_of_a_recorded_body_is_kept(name: str) -> None:
    kept = read(name.replace("__", "/"), recorded("shopify", name)).model_dump_json()

    assert not [secret for secret in SECRETS if secret in kept]


def test_a_cancelled_order_says_why_for_how_much_and_whose_it_was() -> None:
    one = told("orders/cancelled", sample("orders/cancelled"))

    assert one.occurred_at == datetime(2022, 1, 1, tzinfo=UTC)
    assert (one.facts.reason, one.facts.order_amount) == ("customer", Decimal("404.95"))
    assert (one.facts.order_id, one.facts.quantity) == ("#9999", 5)
    assert names(one) == [
        (ReferenceKind.ACCOUNT, "115310627314723954", True),
        (ReferenceKind.EMAIL, "john@example.com", True),
        (ReferenceKind.EMAIL, "jon@example.com", False),
        (ReferenceKind.ORDER, "820982911946154508", True),
        (ReferenceKind.ORDER, "#9999", True),
        (ReferenceKind.ORDER, "9999", True),
    ]


@pytest.mark.parametrize(
    ("name", "things"),
    [
        ("#1001", ("order:5",)),
        ("ORD-2025-789", ("order:5", "order:ORD-2025-789")),
        (None, ("order:5",)),
    ],
)
def test_a_name_that_every_shop_gives_does_not_make_two_orders_one(
    name: str | None, things: tuple[str, ...]
) -> None:
    one = told("orders/paid", {"id": 5, "name": name})

    assert one.things == things
    assert one.facts.order_ids[0] == "5"


def test_every_delivery_about_an_order_shares_it() -> None:
    order = {"order_id": 820982911946154508}
    stories = [
        told("orders/paid", ORDER),
        told("orders/create", ORDER),
        told("returns/request", {"order": order | {"id": 820982911946154508}}),
        told("refunds/create", order | {"transactions": [{"kind": "refund", "status": "success"}]}),
        told("order_transactions/create", order | {"kind": "sale", "status": "failure"}),
        told("fulfillment_events/create", order | {"status": "delayed"}),
        told("disputes/create", order),
        told("fulfillment_orders/placed_on_hold", {}, **order),
    ]

    for one in stories:
        assert "order:820982911946154508" in one.things
        assert ("820982911946154508", True) in ways(one, ReferenceKind.ORDER)


def test_a_new_order_completes_its_cart_and_may_be_paid_at_once() -> None:
    order = ORDER | {"checkout_id": 7}
    open_ = read("orders/create", order | {"financial_status": "pending"}).occurrences
    paid = read("orders/create", order | {"financial_status": "paid"}).occurrences

    assert [one.type for one in open_] == [EventType.CART_COMPLETED]
    assert [one.type for one in paid] == [EventType.CART_COMPLETED, EventType.ORDER_PAID]
    assert len({one.key for one in paid}) == 2
    assert all("checkout:7" in one.things for one in paid)
    assert paid[0].occurred_at == datetime(2026, 11, 1, tzinfo=UTC)


def test_our_own_id_is_found_in_notes_and_tags() -> None:
    order = ORDER | {
        "note_attributes": [
            {"name": "customer_id", "value": "C-1"},
            {"name": "gift", "value": "x"},
        ],
        "tags": "vip, customer_id:C-2",
        "customer": {"id": 1, "tags": ["Customer_ID=C-3", 5]},
    }

    found = ways(told("orders/paid", order), ReferenceKind.CUSTOMER_ID)

    assert found == [("C-1", True), ("C-2", True), ("C-3", True)]


@pytest.mark.parametrize("verified", [True, False, None, "true"])
def test_an_address_is_verified_only_when_the_shop_says_so(verified: Any) -> None:
    customer = {"id": 1, "email": "Ana@example.com", "verified_email": verified, "phone": "+447946"}

    one = told("orders/paid", ORDER | {"customer": customer, "email": "ana@example.com"})

    assert ways(one, ReferenceKind.EMAIL) == [("ana@example.com", verified is True)]


def test_money_is_that_of_the_shop() -> None:
    shop = {"shop_money": {"amount": "10.00", "currency_code": "EUR"}}

    facts = told("orders/paid", ORDER | {"total_price_set": shop}).facts

    assert (facts.amount, facts.order_amount, facts.currency) == (Decimal(10), Decimal(10), "EUR")


@pytest.mark.parametrize(("code", "amount"), [("JPY", "500"), ("KWD", "5.125")])
def test_money_is_told_in_main_units_whatever_the_currency(code: str, amount: str) -> None:
    facts = told("orders/paid", ORDER | {"total_price": amount, "currency": code}).facts

    assert (facts.amount, facts.currency) == (Decimal(amount), code)


def test_a_refund_is_what_its_transactions_give_back() -> None:
    one = told("refunds/create", sample("refunds/create"))

    assert (one.type, one.facts.amount) == (EventType.REFUND_MADE, Decimal("85.00"))
    assert (one.facts.currency, one.facts.reason) == ("USD", "Things were damaged")
    assert one.facts.refund_id == "890088186047892319"
    assert one.things == ("refund:890088186047892319", "order:820982911946154500")
    assert ways(one, ReferenceKind.ORDER) == [
        ("820982911946154500", True),
        ("#9999", True),
        ("9999", True),
    ]


@pytest.mark.parametrize(
    "transactions",
    [
        [],
        [{"kind": "refund", "status": "failure"}],
        [{"kind": "void"}],
        [{"kind": "refund", "status": []}],
    ],
)
def test_goods_that_come_back_without_money_are_no_refund(transactions: list[Any]) -> None:
    delivery = read("refunds/create", {"id": 1, "transactions": transactions})

    assert delivery.occurrences == ()
    assert delivery.remark


@pytest.mark.parametrize(
    ("kind", "status", "meaning"),
    [
        ("authorization", "success", EventType.PAYMENT_SUCCEEDED),
        ("sale", "failure", EventType.PAYMENT_FAILED),
        ("capture", "error", EventType.PAYMENT_FAILED),
        ("sale", "pending", None),
        ("refund", "success", None),
        ("void", "success", None),
    ],
)
def test_a_transaction_is_a_payment_that_failed_or_succeeded(
    kind: str, status: str, meaning: EventType | None
) -> None:
    body = sample("order_transactions/create", kind=kind, status=status, error_code="card_declined")

    delivery = read("order_transactions/create", body)

    assert [one.type for one in delivery.occurrences] == ([meaning] if meaning else [])
    assert (delivery.remark is None) is (meaning is not None)
    for one in delivery.occurrences:
        assert (one.facts.amount, one.facts.currency) == (Decimal("419.95"), "USD")
        assert (one.facts.payment_method, one.facts.order_id) == ("card_****1234", "#9999")
        failed = meaning is EventType.PAYMENT_FAILED
        assert one.facts.reason == ("card_declined" if failed else None)


def test_a_capture_is_the_payment_that_was_authorized() -> None:
    body = {"id": 2, "parent_id": 1, "kind": "capture", "status": "success"}

    one = told("order_transactions/create", body)

    assert one.facts.payment_id == "1"
    assert one.things == ("transaction:2", "transaction:1")


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("delayed", EventType.SHIPMENT_DELAYED),
        ("failure", EventType.SHIPMENT_DELAYED),
        ("ATTEMPTED_DELIVERY", EventType.SHIPMENT_DELAYED),
        ("delivered", EventType.SHIPMENT_DELIVERED),
        ("in_transit", None),
        ("out_for_delivery", None),
        (None, None),
    ],
)
def test_a_carrier_tells_when_a_parcel_is_late_or_there(
    status: str | None, kind: EventType | None
) -> None:
    body = sample("fulfillment_events/create", status=status, message="Snow", order_id=5)

    delivery = read("fulfillment_events/create", body)

    assert [one.type for one in delivery.occurrences] == ([kind] if kind else [])
    for one in delivery.occurrences:
        assert one.things == ("fulfillment:123456", "order:5")
        assert one.facts.reason == ("Snow" if kind is EventType.SHIPMENT_DELAYED else None)


def test_a_held_order_says_why_and_is_the_one_the_business_fetched() -> None:
    body = {
        "fulfillment_order": {
            "id": "gid://shopify/FulfillmentOrder/1",
            "fulfillment_holds": [{"reason": "inventory_out_of_stock", "reason_notes": "secret"}],
        },
        "created_fulfillment_hold": {"reason": None},
    }

    one = told("fulfillment_orders/placed_on_hold", body, order_id=5, customer_id=9)

    assert one.things == ("fulfillment_order:1", "order:5")
    assert one.facts.reason == "inventory_out_of_stock"
    assert ways(one, ReferenceKind.ACCOUNT) == [("9", True)]


def test_a_rescheduled_order_says_until_when() -> None:
    held = {"id": 1, "order_id": 5, "fulfill_at": "2026-12-01T00:00:00Z"}

    one = told("fulfillment_orders/rescheduled", {"fulfillment_order": held})

    assert one.facts.expected_at == datetime(2026, 12, 1, tzinfo=UTC)
    assert "order:5" in one.things


def test_a_return_names_its_order_and_says_why() -> None:
    lines = [{"return_reason": "defective", "customer_note": "It hums."}]

    one = told(
        "returns/request", sample("returns/request", return_line_items=lines, name="#1001-R1")
    )

    assert one.things == ("order_return:123134564567890", "order:4783296544821")
    assert (one.facts.reason, one.facts.text, one.facts.quantity) == ("defective", "It hums.", 2)
    assert (one.facts.order_id, one.occurred_at) == ("#1001", EARLIER)


@pytest.mark.parametrize(
    ("topic", "status", "kind"),
    [
        ("disputes/create", "needs_response", EventType.DISPUTE_OPENED),
        ("disputes/update", "under_review", None),
        ("disputes/update", "won", EventType.DISPUTE_CLOSED),
        ("disputes/update", "lost", EventType.DISPUTE_CLOSED),
    ],
)
def test_a_dispute_is_open_until_it_is_won_or_lost(
    topic: str, status: str, kind: EventType | None
) -> None:
    body = {"id": 2, "order_id": 5, "amount": "11.50", "currency": "CAD", "status": status}

    delivery = read(topic, body)

    assert [one.type for one in delivery.occurrences] == ([kind] if kind else [])
    for one in delivery.occurrences:
        assert one.things == ("dispute:2", "order:5")
        assert (one.facts.amount, one.facts.currency) == (Decimal("11.50"), "CAD")


def test_a_checkout_is_a_cart_until_it_is_completed() -> None:
    cart = told("checkouts/update", sample("checkouts/update"))
    done = told("checkouts/update", sample("checkouts/update", completed_at="2022-01-02T00:00:00Z"))

    assert (cart.type, done.type) == (EventType.CART_UPDATED, EventType.CART_COMPLETED)
    assert cart.things == done.things == ("checkout:981820079255243537",)
    assert (cart.facts.amount, cart.facts.quantity) == (Decimal("421.88"), 2)
    assert done.occurred_at == datetime(2022, 1, 2, tzinfo=UTC)


def test_a_product_that_ran_out_is_nobodys() -> None:
    one = told("variants/out_of_stock", sample("variants/out_of_stock", customer_id=1))

    assert one.things == ("variant:642667041472713922",)
    assert (one.facts.product_id, one.facts.quantity) == ("788032119674292900", 0)
    assert one.references == ()


@pytest.mark.parametrize(
    ("available", "kind"),
    [
        (0, EventType.PRODUCT_OUT_OF_STOCK),
        (-3, EventType.PRODUCT_OUT_OF_STOCK),
        (4, EventType.PRODUCT_BACK_IN_STOCK),
        (None, None),
    ],
)
def test_stock_is_there_or_not(available: int | None, kind: EventType | None) -> None:
    body = {"inventory_item_id": 1, "location_id": 2, "available": available}

    delivery = read("inventory_levels/update", body)

    assert [one.type for one in delivery.occurrences] == ([kind] if kind else [])
    for one in delivery.occurrences:
        assert one.things == ("inventory_level:1-2",)
        assert one.facts.product_id == "1"


EMAIL, SMS = "customers_email_marketing_consent/update", "customers_marketing_consent/update"


def consent(topic: str, state: Any, level: str | None = None) -> dict[str, Any]:
    said = {"state": state, "opt_in_level": level, "consent_updated_at": "2026-10-31T00:00:00Z"}
    if topic == EMAIL:
        return {
            "customer_id": 7,
            "email_address": "ana@example.com",
            "email_marketing_consent": said,
        }
    return {"id": 7, "phone": "+447946000000", "sms_marketing_consent": said}


@pytest.mark.parametrize(("topic", "channel"), [(EMAIL, "email"), (SMS, "sms")])
@pytest.mark.parametrize(
    ("state", "kind"),
    [
        ("unsubscribed", EventType.UNSUBSCRIBED),
        ("SUBSCRIBED", EventType.SUBSCRIBED),
        ("redacted", EventType.UNSUBSCRIBED),
        ("not_subscribed", None),
        ("pending", None),
        ("invalid", None),
        (None, None),
    ],
)
def test_consent_is_what_its_state_says(
    topic: str, channel: str, state: str | None, kind: EventType | None
) -> None:
    delivery = read(topic, consent(topic, state))

    assert [one.type for one in delivery.occurrences] == ([kind] if kind else [])
    assert (delivery.remark is None) is (kind is not None)
    for one in delivery.occurrences:
        assert one.facts.channel == channel
        assert one.things == (f"{channel}_consent:7",)
        assert ways(one, ReferenceKind.ACCOUNT) == [("7", True)]
        assert one.occurred_at == datetime(2026, 10, 31, tzinfo=UTC)


@pytest.mark.parametrize(
    ("topic", "kind"), [(EMAIL, ReferenceKind.EMAIL), (SMS, ReferenceKind.PHONE)]
)
def test_a_no_counts_for_the_address_and_a_yes_only_once_confirmed(
    topic: str, kind: ReferenceKind
) -> None:
    def sure(state: str, level: str) -> bool:
        ((_, verified),) = ways(told(topic, consent(topic, state, level)), kind)
        return verified

    assert sure("unsubscribed", "single_opt_in")
    assert sure("subscribed", "confirmed_opt_in")
    assert not sure("subscribed", "single_opt_in")


def test_a_revoked_card_and_a_new_one_are_one_story_without_their_tokens() -> None:
    body = {
        "admin_graphql_api_id": "gid://shopify/CustomerPaymentMethod/0eccccc666aac73efcd3",
        "token": "0eccccc666aac73efcd3",
        "customer_id": 7,
        "payment_instrument": {"last_digits": "4242", "name": "Jim Smith"},
    }

    lost = told("customer_payment_methods/revoke", body)
    new = told("customer_payment_methods/create", body | {"token": "1"})

    assert lost.things == new.things == ("payment_methods:7",)
    assert lost.facts.payment_method == "card_****4242"
    assert "0eccccc" not in lost.model_dump_json()
    assert "Jim" not in lost.model_dump_json()


@pytest.mark.parametrize(
    ("topic", "orders", "sure"),
    [
        ("customers/redact", "orders_to_redact", True),
        ("customers/data_request", "orders_requested", False),
    ],
)
def test_a_wish_to_be_forgotten_counts_for_the_address_and_one_for_data_does_not(
    topic: str, orders: str, sure: bool
) -> None:
    customer = {"id": 191167, "email": "john@example.com", "phone": "555-625-1199"}

    one = told(topic, {"shop_domain": "x", "customer": customer, orders: [299938, None]})

    assert names(one) == [
        (ReferenceKind.ACCOUNT, "191167", True),
        (ReferenceKind.ORDER, "299938", True),
        (ReferenceKind.EMAIL, "john@example.com", sure),
    ]


def test_a_shop_that_leaves_is_remarked_upon() -> None:
    delivery = SHOPIFY.read(
        {"x-shopify-topic": "shop/redact"}, b'{"shop_domain": "A.myshopify.com"}', now=NOW
    )

    assert delivery.occurrences == ()
    assert delivery.remark
    assert delivery.account == "a.myshopify.com"


def test_two_customers_become_one_when_the_merge_is_complete() -> None:
    body = {
        "admin_graphql_api_customer_kept_id": "gid://shopify/Customer/1",
        "admin_graphql_api_customer_deleted_id": "gid://shopify/Customer/2",
    }

    done, failed = (
        read("customers/merge", body | {"status": status}) for status in ("completed", "failed")
    )

    assert done.merges == (Merge(gone="2", kept="1"),)
    assert (failed.merges, bool(failed.remark)) == ((), True)
    assert read("customers/merge", {"status": "completed"}).merges == ()


def test_a_contract_is_a_story_of_its_own_and_an_account_of_its_customer() -> None:
    contract = {
        "admin_graphql_api_id": "gid://shopify/SubscriptionContract/1634929605",
        "customer_id": 7,
        "origin_order_id": 5,
        "currency_code": "CAD",
    }

    one = told("subscription_contracts/expire", contract)

    assert one.things == ("subscription:1634929605",)
    assert (one.facts.reason, one.facts.currency) == ("expired", "CAD")
    assert names(one) == [
        (ReferenceKind.ACCOUNT, "7", True),
        (ReferenceKind.ACCOUNT, "subscription:1634929605", True),
        (ReferenceKind.ORDER, "5", True),
    ]


def test_a_success_makes_good_for_failures_to_bill_the_same_contract() -> None:
    attempt = {"id": 1, "subscription_contract_id": 3, "error_code": "insufficient_funds"}

    failed = told("subscription_billing_attempts/failure", attempt)
    asked = told("subscription_billing_attempts/challenged", attempt | {"id": None})
    paid = told("subscription_billing_attempts/success", attempt | {"id": 2, "order_id": 5})

    assert failed.things == asked.things == paid.things == ("billing:3",)
    assert failed.facts.reason == "insufficient_funds"
    assert asked.facts.reason == "authentication_required"
    assert (paid.facts.reason, paid.facts.order_id) == (None, "5")
    assert ways(failed, ReferenceKind.ACCOUNT) == [("subscription:3", True)]


def test_what_the_business_fetched_fills_gaps_and_overrides_nothing() -> None:
    one = told(
        "subscription_billing_attempts/failure", {"customer_id": 7, "id": None}, customer_id=8
    )
    filled = told("subscription_billing_attempts/failure", {"customer_id": None}, customer_id=8)

    assert ways(one, ReferenceKind.ACCOUNT) == [("7", True)]
    assert ways(filled, ReferenceKind.ACCOUNT) == [("8", True)]


TOPICS = [*sorted(_TOPICS), "customers/merge", "shop/redact"]


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(TOPICS), JSON)
def test_any_object_is_read_or_refused(topic: str, body: Any) -> None:
    read_or_refused(lambda: read(topic, body))


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_recorded_body_with_strange_values_is_read_or_refused(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(names_of("shopify") or ["orders__cancelled"]))
    topic = data.draw(st.sampled_from([name.replace("__", "/"), *TOPICS]))

    body = data.draw(bent(recorded("shopify", name)))
    read_or_refused(lambda: read(topic, body))


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.sampled_from(sorted(headers("x"))), st.text()))
def test_no_header_of_a_delivery_raises_anything_else(told_: dict[str, str]) -> None:
    read_or_refused(lambda: SHOPIFY.read(told_, b"{}", now=NOW))
