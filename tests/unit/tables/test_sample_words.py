"""What the customers of the sample write: varied, and in their language or in English."""

import re

import pandas as pd
import pytest

from procx_graph.tables.sample import generate
from procx_graph.tables.sample.resources import word_list

BLOCKS = {
    "hi": "\u0900-\u097f",
    "ta": "\u0b80-\u0bff",
    "te": "\u0c00-\u0c7f",
    "bn": "\u0980-\u09ff",
}
CATEGORIES = {"payment", "delivery", "product", "refund", "account", "other"}
LANGUAGES = ["en", *BLOCKS]


def sentences(language: str) -> list[str]:
    words = word_list(f"texts/{language}")
    return [text for part in words.values() for texts in part.values() for text in texts]


@pytest.fixture(scope="module")
def tickets() -> pd.DataFrame:
    tables = generate(1000, seed=7).tables
    return tables["support_tickets"].merge(tables["customers"][["customer_id", "language"]])


def test_messages_are_not_a_handful_of_fixed_strings(tickets: pd.DataFrame) -> None:
    assert tickets["initial_message"].nunique() > 1000
    assert (tickets.groupby("category")["initial_message"].nunique() > 100).all()
    assert not tickets["initial_message"].str.contains(r"[{}]").any()


@pytest.mark.parametrize("language", BLOCKS)
def test_customers_write_in_their_own_script_or_in_english(
    tickets: pd.DataFrame, language: str
) -> None:
    messages = tickets.loc[tickets["language"] == language, "initial_message"]
    own = messages.str.contains(f"[{BLOCKS[language]}]")
    others = "".join(block for other, block in BLOCKS.items() if other != language)
    shared = "\u0964\u0965"

    assert 0.5 < own.mean() < 0.7
    assert messages[~own].map(str.isascii).all()
    assert not messages.str.replace(f"[{shared}]", "", regex=True).str.contains(f"[{others}]").any()


def test_english_speakers_write_english(tickets: pd.DataFrame) -> None:
    assert tickets.loc[tickets["language"] == "en", "initial_message"].map(str.isascii).all()


def test_a_message_names_the_order_of_its_ticket(tickets: pd.DataFrame) -> None:
    named = tickets["initial_message"].str.extract(r"(O3\d{5})")[0]

    assert named.notna().sum() > 500
    assert (named.isna() | (named == tickets["order_id"])).all()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_words_for_every_category_and_mood(language: str) -> None:
    words = word_list(f"texts/{language}")

    assert set(words["ticket"]) == CATEGORIES | {"calm", "upset", "thanks", "demand"}
    assert set(words["survey"]) == {
        f"{band}{end}" for band in ("promoter", "passive", "detractor") for end in ("", "_end")
    }
    assert all(
        len(texts) == len(set(texts)) > 1 for part in words.values() for texts in part.values()
    )


@pytest.mark.parametrize("language", BLOCKS)
def test_the_sentences_of_a_language_hold_no_foreign_letters(language: str) -> None:
    own = re.compile(f"[{BLOCKS[language]}\u0964\u200c\\s\\d,.;:!?()'-]*")

    for text in sentences(language):
        assert own.fullmatch(re.sub(r"\{(order|product|amount|date)\}", "", text)), text


@pytest.mark.parametrize("language", LANGUAGES)
def test_tickets_without_an_order_are_described_without_one(language: str) -> None:
    words = word_list(f"texts/{language}")["ticket"]

    assert not any("{" in text for kind in ("account", "other") for text in words[kind])


def test_survey_comments_vary_and_some_are_empty() -> None:
    comments = generate(1000, seed=7).tables["nps_survey"]["feedback_text"]

    assert comments.nunique() > 100
    assert 0.1 < comments.isna().mean() < 0.25
