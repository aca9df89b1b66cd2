"""Qualtrics' signed form, its unsigned one behind a token, and what an answer means."""

import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procx_graph.domain.event_type import EventType
from procx_graph.domain.occurrence import Reference, ReferenceKind
from procx_graph.errors import ConfigError, WebhookError
from procx_graph.events.providers.provider import Delivery
from procx_graph.events.providers.qualtrics import QualtricsProvider
from tests.unit.events.providers.given import (
    JSON,
    flipped,
    objects,
    read_or_refused,
    recorded,
    recorded_text,
)

KEY = "kyma4ever"
TOPIC = "acme.surveyengine.completedResponse.SV_1"
NOW = datetime(2025, 1, 8, 10, 13, tzinfo=UTC)
QUALTRICS = QualtricsProvider()


def message(**changes: Any) -> str:
    told = {
        "Status": "Complete",
        "SurveyID": "SV_1",
        "ResponseID": "R_1",
        "CompletedDate": "2025-01-08 09:30:00",
        "BrandID": "acme",
    }
    return json.dumps(told | changes)


def form(msg: str | None = None, key: str = KEY, **fields: str) -> bytes:
    msg = message() if msg is None else msg
    digest = hmac.digest(key.encode(), msg.encode(), hashlib.sha512).hex()
    return urlencode({"HMAC": digest, "MSG": msg, "Topic": TOPIC} | fields).encode()


def plain() -> bytes:
    return urlencode(json.loads(message()) | {"Topic": TOPIC}).encode()


def refusal(body: bytes, *secrets: str, token: str | None = None) -> str:
    with pytest.raises(WebhookError) as refused:
        QUALTRICS.verify({}, body, secrets or [KEY], now=NOW, token=token)
    assert KEY not in str(refused.value)
    assert refused.value.status == (400 if refused.value.reason == "not_a_form" else 401)
    return refused.value.reason


def read(body: bytes, *, zone: str = "UTC", **extra: Any) -> Delivery:
    return QualtricsProvider(zone=zone).read({}, body, now=NOW, extra=extra)


def test_the_published_vector_is_accepted() -> None:
    vector = recorded("qualtrics", "signature_vector")
    body = urlencode({"HMAC": vector["hmac"], "MSG": vector["msg"], "Topic": TOPIC}).encode()

    QUALTRICS.verify({}, body, [vector["key"]], now=NOW)


def test_any_character_changed_in_the_message_or_its_signature_is_refused() -> None:
    msg = message()
    for other in flipped(msg.encode("latin-1")):
        body = form(msg, MSG=other.decode("latin-1"))
        assert refusal(body) == "bad_signature"
    digest = hmac.digest(KEY.encode(), msg.encode(), hashlib.sha512).hex()
    for other in flipped(digest.encode()):
        assert refusal(form(msg, HMAC=other.decode())) == "bad_signature"


def test_a_signature_in_capitals_is_another_one() -> None:
    digest = hmac.digest(KEY.encode(), message().encode(), hashlib.sha512).hex()

    assert refusal(form(HMAC=digest.upper())) == "bad_signature"


def test_the_old_key_is_good_while_the_new_one_is_rolled_out() -> None:
    QUALTRICS.verify({}, form(), ["new", "token:T", KEY], now=NOW)


def test_an_unsigned_delivery_needs_the_token_of_the_address() -> None:
    QUALTRICS.verify({}, plain(), ["token:old", "token:T"], now=NOW, token="T")

    assert refusal(plain(), "token:T", token="t") == "bad_signature"
    assert refusal(plain(), "token:T", token="\ud800") == "bad_signature"
    assert refusal(plain(), "token:T") == "no_signature"
    assert refusal(plain(), KEY, token="T") == "no_signature"
    assert refusal(plain(), "token:", token="") == "no_signature"


def test_a_token_is_no_key_and_a_key_is_no_token() -> None:
    assert refusal(form(key="token:T"), "token:T") == "no_secret"
    assert refusal(form(key="T"), "token:T", token="T") == "no_secret"
    assert refusal(plain(), KEY, token=KEY) == "no_signature"


def test_a_wrong_signature_is_not_saved_by_a_right_token() -> None:
    assert refusal(form(key="x"), KEY, "token:T", token="T") == "bad_signature"


def test_nothing_is_accepted_without_a_secret() -> None:
    assert refusal(form(), "") == "no_secret"


@pytest.mark.parametrize("body", [b"\xff", b"MSG=%ff", b"MSG=1&MSG=2", b"&".join([b"a=1"] * 99)])
def test_a_body_that_is_no_form_is_a_bad_request(body: bytes) -> None:
    assert refusal(body) == "not_a_form"


@settings(max_examples=60, deadline=None)
@given(st.binary(), st.text())
def test_verifying_fails_in_no_way_of_its_own(body: bytes, token: str) -> None:
    with pytest.raises(WebhookError):
        QUALTRICS.verify({}, body, [KEY, "token:never"], now=NOW, token=token)


def test_the_recorded_form_is_read() -> None:
    body = recorded_text("qualtrics", "completedResponse.signed.form.txt").strip().encode()
    delivery = read(body, nps_score=3, customer_id="C1")

    survey, response = "SV_22VlHYNeldrrrkp", "R_1l9mcVuXubb4aGm"
    assert delivery.key == f"{survey}/{response}/completedResponse"
    assert delivery.topic == f"sapdevelopment.surveyengine.completedResponse.{survey}"
    assert delivery.account == "sapdevelopment"
    assert delivery.occurred_at == datetime(2019, 6, 26, 13, 28, 11, tzinfo=UTC)
    assert delivery.occurrences[0].things == (f"response:{response}",)


@pytest.mark.parametrize("body", [form(), plain()])
def test_the_enriched_answer_names_its_customer_and_what_was_said(body: bytes) -> None:
    extra = {"customer_id": "C1", "email": " Ana@Example.com ", "text": "Too slow."}
    occurrence = read(body, nps_score=2, **extra).occurrences[0]

    assert occurrence.facts.score == 2
    assert occurrence.facts.survey_id == "R_1"
    assert occurrence.facts.text == "Too slow."
    assert occurrence.references == (
        Reference(kind=ReferenceKind.CUSTOMER_ID, value="C1"),
        Reference(kind=ReferenceKind.EMAIL, value="ana@example.com"),
    )


@pytest.mark.parametrize(
    ("score", "meant"),
    [
        (0, EventType.NPS_DETRACTOR),
        (6, EventType.NPS_DETRACTOR),
        (7, EventType.NPS_PASSIVE),
        (8, EventType.NPS_PASSIVE),
        (9, EventType.NPS_PROMOTER),
        ("10", EventType.NPS_PROMOTER),
    ],
)
def test_a_score_makes_a_detractor_a_passive_or_a_promoter(score: Any, meant: EventType) -> None:
    assert read(form(), nps_score=score).occurrences[0].type is meant


@pytest.mark.parametrize("score", [None, 11, -1, "often", True, 6.5])
def test_without_a_score_there_is_no_occurrence_but_a_remark(score: Any) -> None:
    delivery = read(form(), nps_score=score)

    assert delivery.occurrences == ()
    assert delivery.remark


def test_completion_is_told_in_the_zone_of_the_brand() -> None:
    assert read(form(), zone="America/Denver").occurred_at == datetime(
        2025, 1, 8, 16, 30, tzinfo=UTC
    )


def test_an_unknown_zone_is_a_matter_of_configuration() -> None:
    with pytest.raises(ConfigError, match="Nowhere"):
        QualtricsProvider(zone="Nowhere/At_All")


def test_other_topics_mean_nothing() -> None:
    delivery = read(form(Topic="acme.controlpanel.activateSurvey"), nps_score=1)

    assert delivery.occurrences == ()
    assert delivery.remark is None


@pytest.mark.parametrize("topic", [TOPIC[:-1] + "2", "other" + TOPIC, "completedResponse.x"])
def test_a_topic_that_is_not_of_the_signed_message_is_refused(topic: str) -> None:
    with pytest.raises(WebhookError) as refused:
        read(form(Topic=topic))

    assert refused.value.status == 400


def test_an_answer_sent_again_under_another_topic_is_the_same_delivery() -> None:
    again = form(Topic="acme.x.completedResponse.SV_1")

    assert read(again).key == read(form()).key


@pytest.mark.parametrize("msg", ["", "{}", "[]", "not json"])
def test_a_message_of_another_shape_is_a_bad_request(msg: str) -> None:
    with pytest.raises(WebhookError) as refused:
        read(form(msg))

    assert refused.value.status == 400


@settings(max_examples=60, deadline=None)
@given(objects("CompletedDate", "BrandID", "Status"), JSON, JSON, JSON)
def test_any_answer_is_read_or_refused(
    told: dict[str, Any], score: Any, customer: Any, text: Any
) -> None:
    body = form(json.dumps({"SurveyID": "SV_1", "ResponseID": "R_1"} | told))

    read_or_refused(lambda: read(body, nps_score=score, customer_id=customer, text=text))
