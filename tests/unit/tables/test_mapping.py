"""Names and values of another business are translated, and wrong ones are refused."""

from pathlib import Path

import polars as pl
import pytest

from procx_graph.errors import ConfigError
from procx_graph.schema import TABLES
from procx_graph.tables.mapping import TableMapping, as_mapping

GERMAN = """
time_zone = "Europe/Berlin"
currency = "EUR"

[tables]
Kunden = "customers"

[columns.customers]
"Kunden-Nr" = "customer_id"
Klasse = "segment"

[values.customers.segment]
Gold = "VIP"
"""


@pytest.fixture
def german(tmp_path: Path) -> TableMapping:
    (tmp_path / "german.toml").write_text(GERMAN, encoding="utf-8")
    return TableMapping.load(tmp_path / "german.toml")


def test_listed_names_and_values_are_translated(german: TableMapping) -> None:
    theirs = pl.LazyFrame({"Kunden-Nr": [1], "Klasse": ["Gold"], "Stadt": ["Köln"]})

    ours, words = german.rename(TABLES["customers"], theirs)

    assert ours.collect().to_dicts() == [
        {"customer_id": 1, "segment": "VIP", "Stadt": "Köln", "currency": "EUR"}
    ]
    assert "customers: Kunden-Nr → customer_id" in words
    assert "customers.segment: Gold → VIP" in words
    assert german.table_of("Kunden") == "customers"


def test_names_match_without_case_spaces_and_underscores() -> None:
    mapping = TableMapping()

    assert mapping.table_of("Support Tickets") == "support_tickets"
    assert mapping.columns_of(TABLES["customers"], ["Customer ID", "LifetimeValue", "x"]) == {
        "Customer ID": "customer_id",
        "LifetimeValue": "lifetime_value",
    }


def test_the_same_name_comes_before_a_similar_one() -> None:
    names = ["Customer ID", "customer_id"]

    assert TableMapping().columns_of(TABLES["orders"], names) == {"customer_id": "customer_id"}


def test_a_listed_column_takes_the_place_of_one_that_has_our_name() -> None:
    mapping = TableMapping(columns={"orders": {"net": "total_amount"}})
    theirs = pl.LazyFrame({"net": [8.0], "total_amount": [10.0]})

    ours, _ = mapping.rename(TABLES["orders"], theirs)

    assert ours.collect().to_dicts() == [{"total_amount": 8.0}]


def test_values_that_are_numbers_are_translated_by_their_text() -> None:
    mapping = TableMapping(values={"customers": {"segment": {"1": "VIP"}}})

    ours, _ = mapping.rename(TABLES["customers"], pl.LazyFrame({"segment": [1, 2]}))

    assert ours.collect()["segment"].to_list() == ["VIP", "2"]


def test_the_currency_stands_in_where_none_is_given() -> None:
    mapping = TableMapping(currency="INR")

    ours, _ = mapping.rename(TABLES["customers"], pl.LazyFrame({"currency": ["USD", None, ""]}))

    assert ours.collect()["currency"].to_list() == ["USD", "INR", "INR"]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('[tables]\nKunden = "custmers"', r"'custmers' is no table; near: customers"),
        (
            '[columns.orders]\nBetrag = "total_amont"',
            r"'total_amont' is no column of orders.*total_",
        ),
        ('[values.orders.colour]\nrot = "red"', r"'colour' is no column of orders"),
        ('time_zone = "Mars/Base"', r"no time zone 'Mars/Base'"),
        ('currency = "rupee"', r"currency"),
        ("[colums.orders]", r"colums"),
        ("tables = [", r"TOML"),
    ],
)
def test_a_wrong_mapping_is_refused_by_name(tmp_path: Path, text: str, complaint: str) -> None:
    (tmp_path / "map.toml").write_text(text, encoding="utf-8")

    with pytest.raises(ConfigError, match=complaint):
        TableMapping.load(tmp_path / "map.toml")


def test_a_missing_mapping_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.toml"):
        as_mapping(tmp_path / "nowhere.toml")


def test_no_mapping_translates_nothing() -> None:
    assert as_mapping(None) == TableMapping()
    assert as_mapping({"currency": "EUR"}).currency == "EUR"
