import polars as pl
import pytest

from procx_graph.scoring.features.engines.addresses import ROOM, beside, in_text_order

CUSTOMERS = pl.DataFrame({"customer_id": [13, 11, 12], "segment": ["c", "a", "b"]})


@pytest.mark.parametrize("width", [pl.Int8, pl.Int32, pl.UInt64, pl.Int64])
def test_counts_come_to_the_customer_they_belong_to(width: pl.DataType) -> None:
    orders = pl.DataFrame({"customer_id": [12, 13], "orders": [2, 3]})

    found = beside(CUSTOMERS, [orders.cast({"customer_id": width})])

    assert found is not None
    assert found["orders"].to_list() == [3, None, 2]


def test_rows_of_nobody_and_of_strangers_join_nobody() -> None:
    orders = pl.DataFrame({"customer_id": [None, 10, 99, -(2**63), 2**63 - 1], "orders": [1] * 5})
    tickets = orders.clear().rename({"orders": "tickets"})

    found = beside(CUSTOMERS, [orders, tickets])

    assert found is not None
    assert found["orders"].to_list() == found["tickets"].to_list() == [None] * 3


@pytest.mark.parametrize("ids", [[], [1, 2 * ROOM + 1], [-(2**63), 2**63 - 1]])
def test_ids_that_lie_far_apart_have_no_addresses(ids: list[int]) -> None:
    customers = pl.DataFrame({"customer_id": pl.Series(ids, dtype=pl.Int64)})

    assert beside(customers, []) is None


@pytest.mark.parametrize("ids", [[], [7], [3, 1, 2], [2, 10, 1], [-1, 1, -2, 0, 100, 99]])
def test_whole_numbers_are_sorted_as_text(ids: list[int]) -> None:
    customers = pl.DataFrame({"customer_id": pl.Series(ids, dtype=pl.Int64)})

    assert in_text_order(customers)["customer_id"].to_list() == sorted(ids, key=str)
