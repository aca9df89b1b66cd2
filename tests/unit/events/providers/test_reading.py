"""Values are taken out of strange bodies without a fuss."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings

from procx_graph.domain.occurrence import Reference, ReferenceKind
from procx_graph.events.providers.reading import (
    at,
    currency,
    distinct,
    ident,
    moment,
    money,
    nested,
    reference,
    rows,
    text,
    things,
    unix_moment,
    whole,
    word,
)
from tests.unit.events.providers.given import JSON


@settings(max_examples=100, deadline=None)
@given(JSON)
def test_no_value_raises_anything(value: Any) -> None:
    for read in (text, word, ident, whole, money, currency, moment, unix_moment, nested, rows):
        read(value)
    at(value, "a", "b")
    for kind in ReferenceKind:
        for one in reference(kind, value):
            assert Reference.model_validate_json(one.model_dump_json()) == one


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("75.00", Decimal("75.00")),
        (89.99, Decimal("89.99")),
        ("12.345", Decimal("12.345")),
        (0.1 + 0.2, Decimal("0.30")),
        (Decimal("1.2345678"), Decimal("1.2346")),
        ("-1.00", None),
        ("1_000", None),
        ("٣", None),
        (10**12, None),
        (float("inf"), None),
        ("NaN", None),
        ("1e400", None),
        (True, None),
        (None, None),
    ],
)
def test_money_is_a_plain_amount_or_nothing(value: Any, read: Decimal | None) -> None:
    assert money(value) == read


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("2021-12-31T19:00:00-05:00", datetime(2022, 1, 1, tzinfo=UTC)),
        ("2024-09-17T06:20:52.246Z", datetime(2024, 9, 17, 6, 20, 52, 246000, tzinfo=UTC)),
        ("2021-12-31 19:00:00", datetime(2021, 12, 31, 19, tzinfo=UTC)),
        ("0001-01-01T00:00:00+23:59", None),
        (date(2022, 1, 1), datetime(2022, 1, 1, tzinfo=UTC)),
        ("1969-12-31T23:59:59Z", None),
        ("1970-01-01T00:00:00+05:00", None),
        ("2200-01-01", None),
        (1648320009, None),
        ("soon", None),
    ],
)
def test_a_moment_is_in_utc_or_nothing(value: Any, read: datetime | None) -> None:
    assert moment(value) == read


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (1648320009, datetime(2022, 3, 26, 18, 40, 9, tzinfo=UTC)),
        (10**18, None),
        (10**11, None),
        (-1, None),
        ("2021-12-31", None),
        (True, None),
    ],
)
def test_seconds_since_1970_are_a_moment(value: Any, read: datetime | None) -> None:
    assert unix_moment(value) == read


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (2, 2),
        ("2", 2),
        (2.0, 2),
        (2.5, None),
        (-1, None),
        (True, None),
        (10**7, None),
        (float("nan"), None),
    ],
)
def test_a_whole_number_is_within_bounds(value: Any, read: int | None) -> None:
    assert whole(value) == read


def test_a_text_is_cut_and_can_be_stored_anywhere() -> None:
    assert text("x" * 5000) == "x" * 1000
    assert text(" a\x00b\ud800 ") == "ab"
    assert text(" ") is None
    assert text(5) is None


def test_a_text_keeps_neither_address_nor_link() -> None:
    wrote = "I am Ana.Ruiz@example.com, see https://shop.example/orders/1?key=s3cret please"

    assert text(wrote) == "I am [contact] see [link] please"
    assert word("Ana@Example.com") == "[contact]"


def test_an_id_is_never_cut() -> None:
    assert ident("x" * 201) is None
    assert ident("a\x00b") is None
    assert ident("a\ud800") is None
    assert ident(820982911946154508) == "820982911946154508"


@pytest.mark.parametrize(
    ("kind", "value", "found"),
    [
        (ReferenceKind.EMAIL, " Ana@Example.com ", "ana@example.com"),
        (ReferenceKind.EMAIL, "ana at example", None),
        (ReferenceKind.EMAIL, f"{'ß' * 60}@{'ß' * 250}", None),
        (ReferenceKind.PHONE, "+44 (7946) 000-000", "+447946000000"),
        (ReferenceKind.PHONE, "+44 (0)7946 000000", "+447946000000"),
        (ReferenceKind.PHONE, "555-625-1199", None),
        (ReferenceKind.ACCOUNT, "", None),
    ],
)
def test_a_customer_is_named_only_by_what_can_name_one(
    kind: ReferenceKind, value: str, found: str | None
) -> None:
    assert [one.value for one in reference(kind, value)] == ([found] if found else [])


def test_what_is_said_twice_is_kept_once_and_verified_if_either_is() -> None:
    said = reference(ReferenceKind.EMAIL, "ana@example.com", verified=False)
    surely = reference(ReferenceKind.EMAIL, "Ana@example.com")

    assert distinct(said + surely) == surely


def test_ids_that_differ_in_case_are_two() -> None:
    named = reference(ReferenceKind.ACCOUNT, "cus_A") + reference(ReferenceKind.ACCOUNT, "cus_a")

    assert distinct(named) == named


def test_things_name_every_id_once() -> None:
    assert things(charge=["ch_1", None, "ch_1"], invoice=None) == ("charge:ch_1",)


def test_the_currency_that_is_none_is_none() -> None:
    assert currency("usd") == "USD"
    assert currency("XXX") is None
