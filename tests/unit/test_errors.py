"""The tree of errors: what is caught with what, and what an error carries."""

import inspect

import pytest

from procx_graph import errors
from procx_graph.errors import (
    ConfigError,
    DataError,
    ModelError,
    ModelReplyError,
    ModelUnavailable,
    ProcxError,
    PromptError,
    ReviewError,
    RowError,
    StoreError,
    UnknownCustomer,
)


def test_everything_we_raise_on_purpose_is_one_family_drawn_in_the_docstring() -> None:
    found = (kind for _, kind in inspect.getmembers(errors, inspect.isclass))
    tree = [kind for kind in found if kind.__module__ == errors.__name__]

    assert all(issubclass(kind, ProcxError) for kind in tree)
    assert all(kind.__name__ in (errors.__doc__ or "") for kind in tree)


@pytest.mark.parametrize(
    ("error", "parent"),
    [
        (RowError, DataError),
        (ModelUnavailable, ModelError),
        (ModelReplyError, ModelError),
        (ConfigError, ProcxError),
        (DataError, ProcxError),
        (UnknownCustomer, ProcxError),
        (PromptError, ProcxError),
        (ReviewError, ProcxError),
        (StoreError, ProcxError),
    ],
)
def test_an_error_is_caught_with_its_parent(
    error: type[ProcxError], parent: type[ProcxError]
) -> None:
    assert error.__bases__ == (parent,)


def test_a_row_error_carries_its_place_as_facts_and_as_text() -> None:
    error = RowError("orders", 7, "total_amount", "abc", "is not a number")

    assert (error.table, error.row, error.column) == ("orders", 7, "total_amount")
    assert (error.value, error.problem) == ("abc", "is not a number")
    assert str(error) == "orders row 7, column total_amount: is not a number ('abc')"


@pytest.mark.parametrize("value", ["x" * 1_000_000, "line\nline", None, 3.5])
def test_a_row_error_is_one_short_line_whatever_the_cell_holds(value: object) -> None:
    error = RowError("orders", 7, "total_amount", value, "is wrong")

    assert len(error.value) <= 80
    assert len(str(error)) < 200
    assert "\n" not in str(error)


def test_an_unknown_customer_is_named() -> None:
    error = UnknownCustomer("C404")

    assert error.customer_id == "C404"
    assert "C404" in str(error)


def test_a_bad_reply_is_kept() -> None:
    error = ModelReplyError("not the JSON that was asked for", reply="Sure! Here you go")

    assert error.reply == "Sure! Here you go"
    assert "Sure" not in str(error)
