"""Reading what callers hand in about consent and suppression, with errors that name it."""

from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from procx_graph.domain.clock import in_utc
from procx_graph.domain.dealings import ANY, SuppressionReason
from procx_graph.domain.message import Channel, Purpose
from procx_graph.errors import DataError

WordT = TypeVar("WordT", bound=StrEnum)


def a_customer(customer_id: object) -> str:
    """Give a customer's id.

    Raises:
        DataError: It is none.
    """
    return _text("customer_id", customer_id)


def a_source(source: object) -> str:
    """Give who tells something.

    Raises:
        DataError: Nobody is named.
    """
    return _text("source", source)


def a_channel(told: object) -> Channel | None:
    """Give a channel; `None`, as "any", is every one.

    Raises:
        DataError: There is no such channel.
    """
    return None if told in {None, ANY} else _word("channel", told, Channel)


def a_purpose(told: object) -> Purpose | None:
    """Give a purpose; `None`, as "any", is every one.

    Raises:
        DataError: There is no such purpose.
    """
    return None if told in {None, ANY} else _word("purpose", told, Purpose)


def a_reason(told: object) -> SuppressionReason:
    """Give why nobody is to write.

    Raises:
        DataError: There is no such reason.
    """
    return _word("reason", told, SuppressionReason)


def a_moment(name: str, told: object) -> datetime:
    """Give a moment in UTC; a naive one is taken as UTC.

    Raises:
        DataError: It is none.
    """
    if not isinstance(told, datetime):
        raise DataError(f"{name}: {told!r} is not a datetime")
    return in_utc(told)


def _text(name: str, told: object) -> str:
    if not isinstance(told, str) or not told.strip():
        raise DataError(f"{name}: {told!r} is empty or not text")
    return told


def _word(name: str, told: object, words: type[WordT]) -> WordT:
    try:
        return words(str(told))
    except ValueError as error:
        known = ", ".join(word.value for word in words)
        raise DataError(f"{name}: there is no {told!r}; there are: {known}") from error
