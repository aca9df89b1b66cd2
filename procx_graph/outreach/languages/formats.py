"""Money, dates and counts as a language writes them."""

from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache

# Babel takes as long to load as much of the package: each function imports what it needs.


def cents(amount: float) -> Decimal:
    """Round an amount of money to two decimals, as it is told and checked."""
    return Decimal(str(amount)).quantize(Decimal("0.01"))


def exact_share(part: float) -> Decimal:
    """Give a share without the noise of floats: at most four decimals, 0.125 is 12.5 percent."""
    return Decimal(str(round(part, 4)))


@lru_cache(maxsize=4096)
def money(amount: Decimal, currency: str, locale: str) -> str:
    """Write an amount with its currency, e.g. `₹1,250.00`; plain spaces, never no-break ones."""
    from babel.numbers import format_currency

    return _plain_spaces(format_currency(amount, currency, locale=locale))


@lru_cache(maxsize=1024)
def day_count(days: int, locale: str) -> str:
    """Write a number of days with its noun, e.g. `5 days`."""
    from babel.dates import format_timedelta

    whole = timedelta(days=days)
    # format_unit has no Telugu and Bengali days; a threshold above any span keeps weeks away.
    return _plain_spaces(
        format_timedelta(whole, granularity="day", threshold=float("inf"), locale=locale)
    )


@lru_cache(maxsize=256)
def share(part: Decimal, locale: str) -> str:
    """Write a share with all its decimals: 0.125 is `12.5%`."""
    from babel.numbers import format_percent

    return _plain_spaces(format_percent(part, locale=locale, decimal_quantization=False))


@lru_cache(maxsize=256)
def day(when: date, locale: str) -> str:
    """Write a date with the name of its month."""
    from babel.dates import format_date

    return _plain_spaces(format_date(when, "long", locale=locale))


def _plain_spaces(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")
