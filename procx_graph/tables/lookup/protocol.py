"""What every lookup can do."""

from collections.abc import Mapping, Sequence
from typing import Protocol

import polars as pl


class Lookup(Protocol):
    """Gives the rows of a few customers without reading everybody's.

    The rows are those that a whole load keeps, whatever their date: a row with a wrong required
    cell is left out, any other wrong cell is empty. A key that repeats in the rows of two
    customers who are not asked for together is not noticed; a whole load keeps the first row.
    """

    def has(self, name: str) -> bool:
        """Tell whether the table is there."""

    def rows(
        self, ids: Sequence[str], tables: Mapping[str, Sequence[str]]
    ) -> dict[str, pl.DataFrame]:
        """Give the cleaned rows of these customers.

        Rows of `payments` and `refunds` that name an order of these customers but another
        customer come too, where `orders` and their `order_id` are asked for; scoring joins them
        by the order. A customer who is not in the customers table has no rows anywhere.

        Args:
            ids: Customers, in any order.
            tables: Columns to give, by table. Tables that are not there are left out; a column
                that the source lacks is null.

        Raises:
            DataError: An id is no text, the source cannot be read, a table names no customer, or
                a column is not declared.
        """

    def close(self) -> None:
        """Let go of connections; the lookup may not be used afterwards."""
