"""Words and signs that say what a number counts: percent, days, other times, money."""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from procx_graph.domain.message import Language
from procx_graph.outreach.checks.reading import fold


class Unit(StrEnum):
    """What a number counts."""

    PERCENT = "percent"
    DAYS = "days"
    TIME = "time"
    """Hours, weeks, months: times that no fact is in."""
    MONEY = "money"


@dataclass(frozen=True)
class Measure:
    """A unit found beside a number, with the word or sign that says it."""

    unit: Unit
    mark: str


# Indic words are stems: case endings follow them. Every text is read in all languages.
_WORDS = {
    Unit.PERCENT: r"[%٪]|per\s?cent|pct\b|प्रतिशत|फ़ीसद|फीसद|சதவீத|சதவிகித|விழுக்காடு|శాత|শতাংশ|পার্সেন্ট",
    Unit.DAYS: r"(?:business |working )?days?\b|दिन|நாள|நாட்க|రోజు|দিন",
    Unit.TIME: (
        r"(?:hours?|hrs?|minutes?|mins?|weeks?|months?|years?)\b"
        r"|घंट|घण्ट|मिनट|सप्ताह|हफ़्त|हफ्त|महीन|माह|साल|वर्ष"
        r"|மணி|நிமிட|வாரம|வாரங்க|வாரத்|மாதம|மாதங்க|மாதத்|ஆண்டு|வருட"
        r"|గంట|నిమిష|వారం|వారాల|నెల|సంవత్సర"
        r"|ঘণ্টা|ঘন্টা|মিনিট|সপ্তাহ|মাস|বছর"
    ),
}
_NOUNS = {
    "rupee": r"Rs\b\.?|rupees?\b|रुपय|रुपए|रूपय|रूपए|रु\.|ரூபா|ரூ\.|రూపాయ|రూ\.|রুপি|টাকা",
    "taka": r"taka\b|Tk\b\.?|টাকা",
    "dollar": r"dollars?\b|डॉलर|டாலர்|డాలర్|ডলার",
    "euro": r"euros?\b|यूरो|யூரோ|యూరో|ইউরো",
    "pound": r"pounds?\b|पाउंड|பவுண்ட|పౌండ్|পাউন্ড",
}
_SIGN = r"(?-i:[A-Z]{0,2})[$¢£¥৲৳௹\u20a0-\u20c0]"
_CODE = r"(?-i:[A-Z]{3})(?![A-Za-z])"
_MONEY = "|".join([_SIGN, *dict.fromkeys(_NOUNS.values())])
_AFTER = re.compile(
    fold(
        r"[\s-]{0,2}(?:"
        + "|".join(f"(?P<{unit}>{words})" for unit, words in _WORDS.items())
        + rf"|(?P<money>{_MONEY})|(?P<code>{_CODE}))"
    ),
    re.IGNORECASE,
)
_BEFORE = re.compile(
    fold(rf"(?<![A-Za-z])(?:(?P<money>{_MONEY})|(?P<code>(?-i:[A-Z]{{3}})))\s?$"), re.IGNORECASE
)
_REACH = 16
"""Characters before a number in which its currency is looked for."""


def measure(text: str, start: int, end: int) -> Measure | None:
    """Give what the number at `start` to `end` counts; `None` when nothing beside it says so."""
    for match in (
        _AFTER.match(text, end),
        _BEFORE.search(text[max(0, start - _REACH) : start]),
    ):
        if match is None or match.lastgroup is None:
            continue
        mark = match[match.lastgroup]
        if match.lastgroup != "code":
            return Measure(Unit(match.lastgroup), mark)
        if mark in _currencies():
            return Measure(Unit.MONEY, mark)
    return None


def names_currency(mark: str, currency: str | None) -> bool:
    """Whether a sign, code or word may stand for a currency, e.g. "₹", "INR", "Rs." for INR."""
    if currency is None:
        return False
    if mark.upper() in _signs(currency):
        return True
    name = _english_name(currency)
    return any(
        noun in name and re.match(fold(words), mark, re.IGNORECASE)
        for noun, words in _NOUNS.items()
    )


@cache
def _english_name(currency: str) -> str:
    from babel.numbers import get_currency_name

    return get_currency_name(currency, locale="en").casefold()


@cache
def _currencies() -> frozenset[str]:
    from babel.numbers import list_currencies

    return frozenset(list_currencies())


@cache
def _signs(currency: str) -> frozenset[str]:
    """Give the code and the signs of a currency, wide (US$) and narrow ($)."""
    from babel.numbers import get_currency_symbol

    wide = {get_currency_symbol(currency, locale=language.value) for language in Language}
    return frozenset({currency} | wide | {sign[-1] for sign in wide if not sign[-1].isalpha()})
