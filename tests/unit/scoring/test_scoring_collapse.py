import numpy as np
import pytest

from procx_graph.scoring.silence.collapse import Cells, coarsen, collapse
from procx_graph.scoring.silence.mbg import Histories
from tests.unit.scoring.crowds import draw_buyers

ALL = 10**9


def rows(cells: Cells) -> list[list[float]]:
    told = cells.histories
    columns = (told.x, told.t, told.T, cells.counts)
    return [list(row) for row in zip(*(column.tolist() for column in columns), strict=True)]


def test_equal_histories_are_one_cell_with_a_count() -> None:
    told = Histories(np.array([2.0, 0, 2, 2]), np.array([30.0, 0, 30, 31]), np.full(4, 90.0))

    assert rows(collapse(told, ALL)) == [[0, 0, 90, 1], [2, 30, 90, 2], [2, 31, 90, 1]]


@pytest.mark.parametrize("limit", [ALL, 8_000, 500])
def test_cells_do_not_depend_on_the_order_of_customers(limit: int) -> None:
    crowd = draw_buyers(20_000)
    mixed = np.random.default_rng(1).permutation(len(crowd))
    other = Histories(crowd.x[mixed], crowd.t[mixed], crowd.T[mixed])

    assert rows(collapse(crowd, limit)) == rows(collapse(other, limit))


@pytest.mark.parametrize("limit", [ALL, 8_000, 500])
def test_cells_do_not_depend_on_the_slices_in_which_customers_came(limit: int) -> None:
    crowd = draw_buyers(20_000)

    assert rows(collapse(crowd, limit)) == rows(collapse(crowd, limit, at_a_time=3_001))


@pytest.mark.parametrize("limit", [8_000, 500])
def test_a_grid_keeps_every_customer_and_every_day(limit: int) -> None:
    crowd = draw_buyers(20_000)

    cells = collapse(crowd, limit)

    assert len(cells) <= limit
    assert cells.counts.sum() == len(crowd)
    for name in ("x", "t", "T"):
        days = getattr(cells.histories, name) @ cells.counts
        assert days == pytest.approx(getattr(crowd, name).sum(), rel=1e-12)


def test_a_grid_tells_frequent_buyers_apart_more_finely_than_rare_ones() -> None:
    rare = Histories(np.array([1.0, 1]), np.array([200.0, 205]), np.full(2, 300.0))
    frequent = Histories(np.array([99.0, 99]), np.array([200.0, 205]), np.full(2, 300.0))

    told = [len(coarsen(collapse(both, ALL), 3)) for both in (rare, frequent)]

    assert told == [1, 2]


def test_nobody_is_no_cell() -> None:
    assert len(collapse(Histories(*np.zeros((3, 0))), ALL)) == 0
