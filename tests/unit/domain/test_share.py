"""Shares of a price as they come from outside."""

from typing import Any

import pytest
from pydantic import ValidationError

from procx_graph.domain.decision import Offer
from procx_graph.domain.share import parse_share


@pytest.mark.parametrize(
    ("told", "share"),
    [
        ("10%", 0.10), (" 10 % ", 0.10), ("0.5%", 0.005), ("15%", 0.15), ("100%", 1.0),
        (0.1, 0.10), ("0.1", 0.10), (".05", 0.05), (0, 0.0), (1, 1.0),
    ],
)  # fmt: skip
def test_a_share_is_read_in_either_way(told: Any, share: float) -> None:
    assert parse_share(told) == share


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ("abc", "not a share"), ("", "not a share"), (None, "not a share"), (True, "not a share"),
        ("ten", "not a share"), ("10%%", "not a share"), ("1e-1", "not a share"),
        ("१०%", "not a share"), ([0.1], "not a share"), (float("nan"), "not a share"),
        (float("inf"), "not a share"), (-0.1, "negative"), ("-5%", "negative"),
        (1000, "more than the whole"), ("1000", "more than the whole"), (10, "0.10 or 10%"),
        ("101%", "more than the whole"),
    ],
)  # fmt: skip
def test_whatever_else_is_refused_with_a_reason(told: Any, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        parse_share(told)


@pytest.mark.parametrize("told", ["abc", -0.1, float("nan"), 1000, 0, "0%"])
def test_an_offer_of_no_share_is_none(told: Any) -> None:
    with pytest.raises(ValidationError, match="percent_off"):
        Offer(id="x", percent_off=told, valid_days=30)


def test_an_offer_may_be_told_in_percent() -> None:
    assert Offer.model_validate({"id": "x", "percent_off": "10%", "valid_days": 30}) == Offer(
        id="x", percent_off=0.10, valid_days=30
    )
