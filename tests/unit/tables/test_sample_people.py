"""The customers of the sample: plausible people who do not exist."""

import re
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from procx_graph.tables.sample import generate
from procx_graph.tables.sample.resources import word_list

ZONES = {
    "India": {"Asia/Kolkata"},
    "Singapore": {"Asia/Singapore"},
    "UAE": {"Asia/Dubai"},
    "UK": {"Europe/London"},
}
SCRIPTS = {
    "hi": re.compile(r"[\u0900-\u097f]"),
    "ta": re.compile(r"[\u0b80-\u0bff]"),
    "te": re.compile(r"[\u0c00-\u0c7f]"),
    "bn": re.compile(r"[\u0980-\u09ff]"),
}


@pytest.fixture(scope="module")
def customers() -> pd.DataFrame:
    return generate(1000, seed=7).tables["customers"]


def test_consent_is_given_refused_or_unknown(customers: pd.DataFrame) -> None:
    consent = customers["opt_in_marketing"]

    assert consent.mean(skipna=True) == pytest.approx(58 / 85, abs=0.05)
    assert consent.isna().mean() == pytest.approx(0.15, abs=0.03)


def test_the_time_zone_belongs_to_the_country(customers: pd.DataFrame) -> None:
    for country, zones in ZONES.items():
        assert set(customers.loc[customers["country"] == country, "time_zone"]) <= zones
    assert (
        customers.loc[customers["country"] == "USA", "time_zone"].str.startswith("America/").all()
    )
    there = customers["country"] == "Australia"
    assert customers.loc[there, "time_zone"].str.startswith("Australia/").all()


def test_a_city_has_one_country_one_region_and_a_time_zone_that_exists(
    customers: pd.DataFrame,
) -> None:
    homes = customers.groupby("city")[["country", "region", "time_zone"]].nunique()

    assert (homes[["country", "time_zone"]] == 1).all(axis=None)
    assert (homes["region"] <= 1).all()
    assert all(ZoneInfo(zone) for zone in customers["time_zone"].unique())
    assert customers.loc[customers["city"] == "Phoenix", "time_zone"].eq("America/Phoenix").all()
    assert customers.loc[customers["city"] == "Perth", "region"].eq("Western Australia").all()


def test_names_fit_the_language_and_some_are_in_its_own_script(customers: pd.DataFrame) -> None:
    for language, script in SCRIPTS.items():
        names = customers[customers["language"] == language]
        own = names["first_name"].str.contains(script)
        assert 0.02 < own.mean() < 0.25, language
        assert (own == names["last_name"].str.contains(script)).all(), language
        known = {name[0] for name in word_list("people")["names"][language]["first"]}
        assert names.loc[~own, "first_name"].isin(known).all(), language


def test_each_native_spelling_is_in_the_script_of_its_language() -> None:
    for language, script in SCRIPTS.items():
        for kind in word_list("people")["names"][language].values():
            for latin, native in kind:
                assert latin.isascii(), latin
                assert all(script.match(letter) for letter in native), native


def test_nobody_can_be_reached(customers: pd.DataFrame) -> None:
    assert customers["email"].str.fullmatch(r"[a-z.]+\d+@example\.(com|net|org)").all()
    assert customers["email"].is_unique
    assert customers["phone"].is_unique
    phones = customers["phone"].astype(str)
    for country, pattern in {
        "USA": r"1\d{3}55501\d{2}",
        "UK": r"447700900\d{3}",
        "Australia": r"61\d5550\d{4}",
        "India": r"9155555\d{5}",
    }.items():
        assert phones[customers["country"] == country].str.fullmatch(pattern).all(), country


def test_amounts_are_in_one_currency(customers: pd.DataFrame) -> None:
    assert customers["currency"].eq("USD").all()


def test_customers_who_never_bought_have_no_average_order(customers: pd.DataFrame) -> None:
    never = customers["lifetime_value"] == 0

    assert never.any()
    assert customers["avg_order_value"].isna().equals(never)
