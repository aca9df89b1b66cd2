"""Pieces of sentences: money, dates, counts, and the outside world's words made harmless.

A phrase about something that is not told is empty, and the sentence is shorter.
"""

import re
import unicodedata
from datetime import datetime
from decimal import Decimal

from procx_graph.domain.occurrence import Facts
from procx_graph.events.masking import without_addresses, without_phones

LIMIT = 160
"""Characters that are quoted of a text from outside."""

_READ = 4
"""Times the limit that is read of a text before it is masked and cut."""
_BREAKS = frozenset({"Cc", "Zl", "Zp", "Zs"})
_UNSEEN = frozenset({"Cf", "Cn", "Co", "Cs"})
_HARMLESS = str.maketrans(
    {'"': "'", "“": "'", "”": "'", "{": "(", "}": ")", "<": "‹", ">": "›", "`": "'"}
)
"""What could close a quotation, open a tag or fill a template."""
_ENDS = ('."', '!"', '?"', '…"')
_TOKEN = re.compile(r"[#A-Za-z0-9][A-Za-z0-9._/*#-]{0,63}")
_CODE = re.compile(r"[a-z0-9]{1,40}(_[a-z0-9]{1,40}){0,7}")
_CODE_THEN_DIGIT = re.compile(r"(?<=[A-Z])(?=[0-9])")
_DIGITS = 15
"""Digits before the point of the largest amount that is believed."""
_REASONS = {
    "customer": "at the customer's request",
    "declined": "payment declined",
    "fraud": "suspected fraud",
    "inventory": "out of stock",
    "staff": "staff error",
    "nsf": "insufficient funds",
    "other": "",
    "unknown": "",
}
"""Codes that say little when read as words."""


def money(facts: Facts, amount: Decimal | None) -> str:
    """Write an amount as in "$2,499.99", with the digits its currency has."""
    if amount is None or not amount.is_finite() or amount.adjusted() >= _DIGITS:
        return ""
    from babel.numbers import format_currency, format_decimal

    if facts.currency and facts.currency != "XXX":
        written = format_currency(amount, facts.currency, locale="en_US")
    else:
        written = format_decimal(amount, "#,##0.00", locale="en_US")
    return _CODE_THEN_DIGIT.sub(" ", written.replace("\u00a0", " ").replace("\u202f", " "))


def day(when: datetime | None) -> str:
    """Write a date as in "January 10, 2025", the day it is in UTC."""
    if when is None:
        return ""
    from babel.dates import format_date

    return format_date(when, "long", locale="en_US")


def count(number: int | None, noun: str) -> str:
    """Write a count as in "1 day" and "2 days"."""
    if number is None:
        return ""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def quoted(text: str | None) -> str:
    """Quote a text from outside: one line, nothing hidden, addresses and links masked, cut."""
    flat = without_phones(without_addresses(_flat(text or ""))).translate(_HARMLESS)
    if len(flat) > LIMIT:
        flat = f"{flat[: LIMIT - 1].rstrip()}…"
    return f'"{flat}"' if flat else ""


def name(value: str | None) -> str:
    """Write an id or another short word as it is, and everything else as a quotation."""
    return value if value and _TOKEN.fullmatch(value) else quoted(value)


def words(code: str | None) -> str:
    """Write a code as words: insufficient_funds is "insufficient funds"; a sentence is quoted."""
    plain = (code or "").strip()
    known = "_".join(plain.lower().split())
    if known in _REASONS:
        return _REASONS[known]
    return plain.replace("_", " ") if _CODE.fullmatch(plain) else quoted(plain)


def after(lead: str, phrase: str) -> str:
    """Give a phrase with what leads to it, nothing where there is no phrase."""
    return f"{lead}{phrase}" if phrase else ""


def sentences(*said: str) -> str:
    """Join what is said, each with its full stop if it has none; empty ones are left out."""
    told = (one if one.endswith(_ENDS) else f"{one}." for one in said if one)
    return " ".join(f"{one[0].upper()}{one[1:]}" for one in told)


def amount_of(facts: Facts) -> str:
    """Give " of $24.99"."""
    return after(" of ", money(facts, facts.amount))


def for_order(facts: Facts) -> str:
    """Give " for order ORD-1"."""
    return after(" for order ", name(facts.order_id))


def because(facts: Facts) -> str:
    """Give " - insufficient funds"."""
    return after(" - ", words(facts.reason))


def attempt(facts: Facts) -> str:
    """Give "2", the number of the attempt."""
    return str(facts.attempt or "")


def wrote(facts: Facts) -> str:
    """Give what the customer wrote as a sentence of its own."""
    return after("customer wrote: ", quoted(facts.text))


def _flat(text: str) -> str:
    kinds = ((char, unicodedata.category(char)) for char in text[: _READ * LIMIT])
    seen = (" " if kind in _BREAKS else char for char, kind in kinds if kind not in _UNSEEN)
    return " ".join("".join(seen).split())
