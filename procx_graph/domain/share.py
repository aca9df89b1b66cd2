"""Shares of a price as people and systems write them: 0.10, or "10%"."""

import math
import re
from typing import Annotated

from pydantic import BeforeValidator

_PERCENT = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s?%")
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?|\.[0-9]+")


def parse_share(value: object) -> float:
    """Read a share of the price: 0.1, "0.1" and "10%" are all ten percent.

    A number above 1 is never taken for percent: 10 might be meant as ten percent, 1000 as nothing
    that a price has. Nothing is rounded away: "0.5%" is .005.

    Raises:
        ValueError: It is no number, not finite, negative, or more than the whole price.
    """
    share = _number(value)
    if not math.isfinite(share):
        raise ValueError(f"{value!r} is not a share of a price")
    if share < 0:
        raise ValueError(f"{value!r} is negative: a share of a price is between 0 and 1")
    if share > 1:
        raise ValueError(
            f"{value!r} is more than the whole price: write ten percent as 0.10 or 10%"
        )
    return share


def _number(value: object) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, str):
        text = value.strip()
        if percent := _PERCENT.fullmatch(text.removeprefix("-")):
            sign = -1 if text.startswith("-") else 1
            # through the decimal text, so that "15%" is 0.15 and not 0.15000000000000002
            return sign * float(f"{percent[1]}e-2")
        if _NUMBER.fullmatch(text.removeprefix("-")):
            return float(text)
    raise ValueError(f"{value!r} is not a share of a price, such as 0.10 or '10%'")


Share = Annotated[float, BeforeValidator(parse_share, json_schema_input_type=float | str)]
"""A share of a price in [0, 1], read by `parse_share`."""
