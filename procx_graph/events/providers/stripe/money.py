"""Stripe's amounts are whole numbers of a currency's smallest part; these are its own rules.

They are not those of ISO 4217 or CLDR: UGX and ISK have no parts any more, yet Stripe goes on
sending hundredths, and so it does for ALL, LBP, RSD and others that CLDR gives no parts.

Source: docs.stripe.com/currencies, zero-decimal, three-decimal and special cases.
"""

from decimal import Decimal
from typing import Any

from procx_graph.events.providers.reading import AMOUNT_LIMIT, currency, whole

_WHOLE_UNITS = frozenset(
    "BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF".split()  # noqa: SIM905 # reads as the list it is
)
_THOUSANDTHS = frozenset({"BHD", "JOD", "KWD", "OMR", "TND"})


def parts(value: Any) -> int | None:
    """Give an amount in the smallest part of its currency, zero or more."""
    return whole(value, most=10**18)


def amount(value: Any, code: Any) -> Decimal | None:
    """Give an amount in the currency's main unit; `None` without either, or below zero."""
    found, unit = parts(value), currency(code)
    if found is None or unit is None:
        return None
    decimals = 0 if unit in _WHOLE_UNITS else 3 if unit in _THOUSANDTHS else 2
    told = Decimal(found).scaleb(-decimals)
    return told if told < AMOUNT_LIMIT else None
