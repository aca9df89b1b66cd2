"""Values are taken out of strange bodies without a fuss."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given

from procx_graph.domain.occurrence import Reference, ReferenceKind
from procx_graph.events.providers.reading import (
    at,
    count,
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
    whole,
)
from tests.unit.events.providers.given import JSON


@given(JSON)
def test_no_value_raises_anything(value: Any) -> None:
    for read in (text, ident, whole, count, money, currency, moment, nested, rows):
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
        ("-1.00", None),
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
        (1648320009, datetime(2022, 3, 26, 18, 40, 9, tzinfo=UTC)),
        ("2021-12-31T19:00:00-05:00", datetime(2022, 1, 1, tzinfo=UTC)),
        ("2024-09-17T06:20:52.246Z", datetime(2024, 9, 17, 6, 20, 52, 246000, tzinfo=UTC)),
        ("2021-12-31 19:00:00", datetime(2021, 12, 31, 19, tzinfo=UTC)),
        ("0001-01-01T00:00:00+23:59", None),
        (10**18, None),
        (-1, None),
        ("soon", None),
    ],
)
def test_a_moment_is_in_utc_or_nothing(value: Any, read: datetime | None) -> None:
    assert moment(value) == read


def test_a_text_is_cut_and_can_be_stored_anywhere() -> None:
    assert text("x" * 5000) == "x" * 1000
    assert text(" a\x00b\ud800 ") == "ab?"
    assert text(" ") is None


def test_an_id_is_never_cut() -> None:
    assert ident("x" * 201) is None
    assert ident(820982911946154508) == "820982911946154508"


@pytest.mark.parametrize(
    ("kind", "value", "found"),
    [
        (ReferenceKind.EMAIL, " Ana@Example.com ", "Ana@Example.com"),
        (ReferenceKind.EMAIL, "ana at example", None),
        (ReferenceKind.PHONE, "+44 (7946) 000-000", "+447946000000"),
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


def test_things_name_every_id_once() -> None:
    assert things(charge=["ch_1", None, "ch_1"], invoice=None) == ("charge:ch_1",)


def test_the_currency_that_is_none_is_none() -> None:
    assert currency("usd") == "USD"
    assert currency("XXX") is None
