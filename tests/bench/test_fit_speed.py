"""The purchase model on a million customers: fitting it, and asking it about everybody."""

import time
import tracemalloc
from collections.abc import Callable

import numpy as np
import pytest

from procx_graph.domain.profile import FitRule, PurchaseModel
from procx_graph.scoring.silence.collapse import collapse
from procx_graph.scoring.silence.fit import fit, maximise_likelihood
from procx_graph.scoring.silence.mbg import Histories, prospects
from tests.unit.scoring.crowds import BUSY, USUAL, draw_buyers

MILLION = 1_000_000
GROCERY = PurchaseModel(r=1.3, alpha=46, a=0.38, b=0.75)
SHOPS = {"usual": USUAL, "busy": BUSY, "grocery": GROCERY}
UNGRIDDED = 10**9

pytestmark = pytest.mark.bench


def seconds(work: Callable[[], object]) -> float:
    """Processor time, best of three."""
    taken = []
    for _ in range(3):
        start = time.process_time()
        work()
        taken.append(time.process_time() - start)
    return min(taken)


@pytest.mark.parametrize("shop", SHOPS)
def test_a_million_customers_are_fitted_in_two_seconds(shop: str) -> None:
    crowd = draw_buyers(MILLION, SHOPS[shop])
    rule = FitRule()

    collapsing = seconds(lambda: collapse(crowd, rule.cells))
    all_of_it = seconds(lambda: fit(crowd, USUAL, rule))
    tracemalloc.start()
    fit(crowd, USUAL, rule)
    peak = tracemalloc.get_traced_memory()[1] / 2**20
    tracemalloc.stop()

    print(  # noqa: T201 - a measurement is for reading
        f"\n{shop}: fitted {MILLION:,} customers in {all_of_it:.2f} s of processor time, "
        f"{collapsing:.2f} s of it collapsing; numpy's peak {peak:.0f} MiB"
    )
    assert all_of_it < 2


@pytest.mark.parametrize("shop", SHOPS)
@pytest.mark.parametrize("cells", [FitRule().cells, 100_000])
def test_a_grid_moves_the_fit_by_less_than_anyone_sees(shop: str, cells: int) -> None:
    crowd = draw_buyers(MILLION, SHOPS[shop])
    exact, coarse = (
        maximise_likelihood(crowd, penalty=0.001, cells=limit).model for limit in (UNGRIDDED, cells)
    )
    moved = max(
        abs(getattr(coarse, name) / getattr(exact, name) - 1) for name in ("r", "alpha", "a", "b")
    )
    apart = np.abs(silence(exact, crowd) - silence(coarse, crowd)).max()

    print(  # noqa: T201 - a measurement is for reading
        f"\n{shop}: {len(collapse(crowd, UNGRIDDED)):,} different histories, "
        f"{len(collapse(crowd, cells)):,} cells: a parameter moves by {moved:.3%} at most, "
        f"P(silent) by {apart:.5f}"
    )
    if cells == FitRule().cells:
        assert moved < 0.005
        assert apart < 0.001


def test_a_million_customers_are_asked_about_in_no_time() -> None:
    crowd = draw_buyers(MILLION)

    taken = seconds(lambda: prospects(USUAL, crowd, 90.0))

    print(f"\nfour columns of {MILLION:,} customers in {taken:.3f} s")  # noqa: T201 - as above
    assert taken < 0.15


def silence(model: PurchaseModel, crowd: Histories) -> np.ndarray:
    return prospects(model, crowd, 90.0).silent
