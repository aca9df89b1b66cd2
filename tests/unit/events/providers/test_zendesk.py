"""Zendesk's signature, and what its ticket events mean."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procx_graph.domain.event_type import EventType
from procx_graph.domain.occurrence import Reference, ReferenceKind
from procx_graph.errors import WebhookError
from procx_graph.events.providers.provider import Delivery, Merge
from procx_graph.events.providers.zendesk import ZendeskProvider
from tests.unit.events.providers.given import (
    JSON,
    damaged,
    flipped,
    objects,
    read_or_refused,
    recorded,
)

SECRET = "HRkRd4BeOAoUkfZr-mhauJT64rvBASlJRoIyPsd3zeA="
BODY = b'{"say": "hello"}'
SIGNED_AT = datetime(2021, 7, 25, 10, tzinfo=UTC)
STAMP = "2021-07-25T10:00:00Z"
NOW = datetime(2025, 1, 8, 10, 13, tzinfo=UTC)
ZENDESK = ZendeskProvider()


def signed(body: bytes = BODY, stamp: str = STAMP, secret: str = SECRET) -> dict[str, str]:
    digest = hmac.digest(secret.encode(), stamp.encode() + body, hashlib.sha256)
    return {
        "x-zendesk-webhook-signature": base64.b64encode(digest).decode(),
        "x-zendesk-webhook-signature-timestamp": stamp,
    }


def refusal(headers: dict[str, str], body: bytes = BODY, *secrets: str, **when: Any) -> str:
    with pytest.raises(WebhookError) as refused:
        ZENDESK.verify(headers, body, secrets or [SECRET], now=when.get("now", SIGNED_AT))
    assert refused.value.status == 401
    assert SECRET not in str(refused.value)
    return refused.value.reason


def ticket_event(type_: str, event: Any = None, **detail: Any) -> dict[str, Any]:
    return {
        "account_id": 22129848,
        "id": "cbe4028c",
        "type": f"zen:event-type:{type_}",
        "subject": "zen:ticket:5158",
        "time": "2025-01-08T10:12:07.672717030Z",
        "zendesk_event_version": "2022-11-06",
        "event": event or {},
        "detail": {"id": "5158", "requester_id": "84473", "external_id": None} | detail,
    }


def read(told: Any, provider: ZendeskProvider = ZENDESK) -> Delivery:
    return provider.read({}, json.dumps(told).encode(), now=NOW)


def types(told: Any, provider: ZendeskProvider = ZENDESK) -> list[EventType]:
    return [occurrence.type for occurrence in read(told, provider).occurrences]


def test_the_documented_order_of_timestamp_and_body_is_accepted() -> None:
    headers = signed()

    assert headers["x-zendesk-webhook-signature"] == "Rry/4TtIdFyawtXXp8QdI6tlAUUQ/5kL1OTp5qo/ZIk="
    ZENDESK.verify(headers, BODY, [SECRET], now=SIGNED_AT)


def test_the_legacy_order_of_body_and_timestamp_is_refused() -> None:
    legacy = recorded("zendesk", "signature_vectors")["legacy"]
    headers = signed() | {"x-zendesk-webhook-signature": legacy["signature"]}

    assert refusal(headers, legacy["body"].encode(), legacy["secret"]) == "bad_signature"


def test_any_byte_flipped_in_the_body_is_refused() -> None:
    assert {refusal(signed(), body) for body in flipped(BODY)} == {"bad_signature"}


@pytest.mark.parametrize(
    "name", ["x-zendesk-webhook-signature", "x-zendesk-webhook-signature-timestamp"]
)
def test_any_character_changed_in_a_signed_header_is_refused(name: str) -> None:
    assert {refusal(headers) for headers in damaged(signed(), name)} == {"bad_signature"}


def test_a_signature_is_good_for_five_minutes_both_ways() -> None:
    edge, beyond = timedelta(minutes=5), timedelta(minutes=5, seconds=1)

    ZENDESK.verify(signed(), BODY, [SECRET], now=SIGNED_AT + edge)
    ZENDESK.verify(signed(), BODY, [SECRET], now=SIGNED_AT - edge)
    assert refusal(signed(), now=SIGNED_AT + beyond) == "too_old"
    assert refusal(signed(), now=SIGNED_AT - beyond) == "too_new"


def test_the_old_secret_is_good_while_the_new_one_is_rolled_out() -> None:
    ZENDESK.verify(signed(), BODY, ["new", SECRET], now=SIGNED_AT)

    assert refusal(signed(), BODY, "new") == "bad_signature"


def test_nothing_is_accepted_without_a_secret() -> None:
    with pytest.raises(WebhookError, match="PROCX_WEBHOOK_SECRETS_ZENDESK") as refused:
        ZENDESK.verify(signed(), BODY, [""], now=SIGNED_AT)

    assert refused.value.reason == "no_secret"


@pytest.mark.parametrize("name", list(signed()))
def test_a_missing_header_is_no_signature(name: str) -> None:
    assert refusal(signed() | {name: ""}) == "no_signature"


@pytest.mark.parametrize("stamp", ["1627207200", "yesterday", "9999-12-31T23:59:59-23:00", "é"])
def test_a_signed_timestamp_that_is_no_time_is_refused(stamp: str) -> None:
    assert refusal(signed(stamp=stamp)) == "bad_timestamp"


def test_half_a_character_in_a_header_is_refused() -> None:
    headers = signed() | {"x-zendesk-webhook-signature": "\ud800"}

    assert refusal(headers) == "bad_signature"
    assert refusal(headers | {"x-zendesk-webhook-signature-timestamp": "\ud800"})


@settings(max_examples=60, deadline=None)
@given(st.text(), st.text(), st.binary())
def test_verifying_fails_in_no_way_of_its_own(signature: str, stamp: str, body: bytes) -> None:
    headers = {
        "x-zendesk-webhook-signature": signature,
        "x-zendesk-webhook-signature-timestamp": stamp,
    }
    with pytest.raises(WebhookError):
        ZENDESK.verify(headers, body, [SECRET], now=SIGNED_AT)


def test_the_recorded_ticket_is_read_with_its_nanoseconds() -> None:
    delivery = read(recorded("zendesk", "ticket.created"))
    occurrence = delivery.occurrences[0]

    assert delivery.key == "cbe4028c-7239-495d-b020-f22348516046"
    assert delivery.account == "22129848"
    assert occurrence.type is EventType.TICKET_CREATED
    assert occurrence.things == ("ticket:5158",)
    assert occurrence.occurred_at == datetime(2025, 1, 8, 10, 12, 7, 672717, tzinfo=UTC)
    assert occurrence.facts.ticket_id == "5158"
    assert occurrence.facts.priority == "low"
    assert occurrence.facts.channel == "web_service"
    assert occurrence.references == (Reference(kind=ReferenceKind.ACCOUNT, value="8447388090494"),)


def test_an_external_id_is_our_customer_before_the_requester_is_an_alias() -> None:
    occurrence = read(ticket_event("ticket.created", external_id="C1")).occurrences[0]

    assert [(one.kind, one.value) for one in occurrence.references] == [
        (ReferenceKind.CUSTOMER_ID, "C1"),
        (ReferenceKind.ACCOUNT, "84473"),
    ]


def test_a_ticket_with_a_refund_tag_also_asks_for_a_refund() -> None:
    delivery = read(ticket_event("ticket.created", tags=["vip", "Refund"]))

    assert [one.type for one in delivery.occurrences] == [
        EventType.TICKET_CREATED,
        EventType.REFUND_REQUESTED,
    ]
    assert len({one.key for one in delivery.occurrences}) == 2
    assert len({one.things for one in delivery.occurrences}) == 1
    assert delivery.occurrences[0].facts.category == "refund"


@pytest.mark.parametrize(
    ("type_", "event", "meant"),
    [
        ("status_changed", {"previous": "OPEN", "current": "SOLVED"}, EventType.TICKET_SOLVED),
        ("status_changed", {"previous": "SOLVED", "current": "CLOSED"}, EventType.TICKET_SOLVED),
        ("status_changed", {"previous": "SOLVED", "current": "OPEN"}, EventType.TICKET_REOPENED),
        ("status_changed", {"previous": "NEW", "current": "OPEN"}, None),
        ("priority_changed", {"previous": "LOW", "current": "URGENT"}, EventType.TICKET_ESCALATED),
        ("priority_changed", {"previous": None, "current": "HIGH"}, EventType.TICKET_ESCALATED),
        ("priority_changed", {"previous": "URGENT", "current": "HIGH"}, None),
        ("priority_changed", {"previous": "LOW", "current": "NORMAL"}, None),
        ("tags_changed", {"added": {"tags": ["escalated"]}}, EventType.TICKET_ESCALATED),
        ("tags_changed", {"tags_added": ["refund"]}, EventType.REFUND_REQUESTED),
        ("tags_changed", {"removed": {"tags": ["escalated"]}}, None),
        ("group_assignment_changed", {"current": "7"}, None),
        ("csat_received", {"satisfaction_score": {"score": "BAD"}}, EventType.CSAT),
        ("csat_received", {"satisfaction_score": None}, None),
        ("csat_requested", {}, None),
        ("subject_changed", {"current": "x"}, None),
    ],
)
def test_what_a_change_means(type_: str, event: Any, meant: EventType | None) -> None:
    assert types(ticket_event(f"ticket.{type_}", event)) == ([meant] if meant else [])


def test_groups_and_tags_that_escalate_are_the_business_own() -> None:
    provider = ZendeskProvider(escalation_tags=["Fire"], escalation_groups=["7"])

    moved = ticket_event("ticket.group_assignment_changed", {"previous": "1", "current": 7})
    tagged = ticket_event("ticket.tags_changed", {"added": {"tags": ["fire"]}})
    assert types(moved, provider) == [EventType.TICKET_ESCALATED]
    assert types(tagged, provider) == [EventType.TICKET_ESCALATED]


@pytest.mark.parametrize(
    ("rating", "stars"),
    [
        ({"satisfaction_score": {"score": "GOOD", "comment": "thanks"}}, 5),
        ({"satisfaction_score": {"score": "Bad, I'm unsatisfied", "comment": "thanks"}}, 1),
        ({"rating": 4, "comment": "thanks"}, 4),
    ],
)
def test_a_rating_is_one_to_five_with_its_comment(rating: Any, stars: int) -> None:
    occurrence = read(
        ticket_event("ticket.csat_received", rating, description="first")
    ).occurrences[0]

    assert occurrence.facts.score == stars
    assert occurrence.facts.text == "thanks"


def test_a_rating_that_tells_none_is_kept_with_a_remark() -> None:
    delivery = read(ticket_event("ticket.csat_received"))

    assert delivery.occurrences == ()
    assert delivery.remark


def test_two_users_become_one() -> None:
    told = ticket_event("user.merged", {"user": {"id": "2"}}) | {"detail": {"id": "1"}}

    assert read(told).merges == (Merge(gone="2", kept="1"),)
    other = ZendeskProvider(merge_keeps_detail=False)
    assert read(told, other).merges == (Merge(gone="1", kept="2"),)


def test_long_text_is_cut_and_loses_what_no_database_holds() -> None:
    occurrence = read(
        ticket_event("ticket.created", subject="a\x00b\ud800c", description="x" * 5000)
    ).occurrences[0]

    assert occurrence.facts.subject == "abc"
    assert len(occurrence.facts.text or "") == 1000


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{}", b'{"id": "1"}', b'{"id": true, "type": "x"}', b"\xff", b'{"id": NaN}'],
)
def test_a_body_of_another_shape_is_a_bad_request(body: bytes) -> None:
    with pytest.raises(WebhookError) as refused:
        ZENDESK.read({}, body, now=NOW)

    assert refused.value.status == 400


@settings(max_examples=60, deadline=None)
@given(
    objects("account_id", "subject", "time"),
    st.sampled_from(
        ["created", "status_changed", "priority_changed", "tags_changed", "csat_received"]
    ),
    objects("current", "previous", "added", "tags_added", "satisfaction_score") | JSON,
    objects("id", "status", "tags", "priority", "external_id", "description", "via", "requester_id")
    | JSON,
)
def test_any_ticket_event_is_read_or_refused(
    envelope: dict[str, Any], type_: str, event: Any, detail: Any
) -> None:
    told = envelope | {
        "id": "1",
        "type": f"zen:event-type:ticket.{type_}",
        "event": event,
        "detail": detail,
    }
    read_or_refused(lambda: read(told))
