import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from procx_graph.domain.profile import PurchaseModel
from procx_graph.scoring.silence.mbg import BLOCK, Histories, alive, prospects, rate, silent
from tests.unit.scoring.crowds import BUSY, USUAL, draw_buyers

PUBLISHED = PurchaseModel(r=0.525, alpha=6.183, a=0.891, b=1.614)
HORIZON = 90.0


def histories(*rows: tuple[float, float, float]) -> Histories:
    x, t, age = np.array(rows, dtype=float).T
    return Histories(x=x, t=t, T=age)


def columns(model: PurchaseModel, told: Histories) -> np.ndarray:
    found = prospects(model, told, HORIZON)
    return np.array([found.alive, found.silent, found.silent_fresh, found.ln_rate])


def test_known_histories_have_known_probabilities() -> None:
    known = histories(
        (0, 0, 38.86), (1, 1.71, 38.86), (2, 30.43, 38.86), (6, 26, 30), (10, 38, 38.86),
        (10, 20, 38.86),
    )  # fmt: skip

    assert alive(PUBLISHED, known) == pytest.approx(
        [0.389735, 0.170836, 0.706202, 0.799150, 0.914098, 0.041397], abs=1e-6
    )
    assert silent(PUBLISHED, known, 90 / 7) == pytest.approx(
        [0.951864, 0.945650, 0.668401, 0.310756, 0.150948, 0.961549], abs=1e-6
    )


@given(
    x=st.integers(0, 60),
    t=st.floats(0, 2000),
    silence=st.floats(0, 3000),
    longer=st.floats(0.01, 1000),
    horizon=st.floats(1, 500),
)
def test_longer_silence_never_lowers_the_probability_of_silence(
    x: int, t: float, silence: float, longer: float, horizon: float
) -> None:
    both = histories((x, t, t + silence), (x, t, t + silence + longer))

    sooner, later = silent(USUAL, both, horizon)

    assert 0 <= sooner <= later + 1e-12 <= 1 + 1e-12


@given(x=st.integers(0, 60), silence=st.floats(0, 3000), horizon=st.floats(1, 500))
def test_a_longer_horizon_lowers_the_probability_of_silence(
    x: int, silence: float, horizon: float
) -> None:
    one = histories((x, 100.0 * (x > 0), 100 + silence))

    assert silent(USUAL, one, horizon + 10) <= silent(USUAL, one, horizon) + 1e-12


@given(x=st.integers(0, 1000), t=st.floats(0, 5000), silence=st.floats(0, 5000))
def test_whoever_just_bought_is_never_likelier_to_fall_silent(
    x: int, t: float, silence: float
) -> None:
    found = prospects(BUSY, histories((x, t, t + silence)), HORIZON)

    assert found.silent_fresh <= found.silent


def test_all_columns_at_once_are_the_same_numbers_as_one_by_one() -> None:
    crowd = draw_buyers(1_000)
    fresh = Histories(crowd.x, crowd.T, crowd.T)

    found = columns(USUAL, crowd)

    alone = [
        alive(USUAL, crowd),
        silent(USUAL, crowd, HORIZON),
        silent(USUAL, fresh, HORIZON),
        np.log(rate(USUAL, crowd)),
    ]
    assert np.array_equal(found, np.array(alone))


@pytest.mark.parametrize("rows", [1, 2, 3, 7, 1000])
def test_a_buyer_has_the_same_bits_alone_and_in_a_crowd(rows: int) -> None:
    crowd = draw_buyers(2 * BLOCK + 1_003)
    together = columns(USUAL, crowd)

    for start in range(0, len(crowd) - rows, 997):
        few = columns(USUAL, crowd.part(start, start + rows))
        assert np.array_equal(few, together[:, start : start + rows])


@pytest.mark.parametrize("step", [-1, 2, -3])
def test_a_buyer_has_the_same_bits_in_a_view_of_another_stride(step: int) -> None:
    crowd = draw_buyers(5_000)
    view = Histories(crowd.x[::step], crowd.t[::step], crowd.T[::step])

    assert np.array_equal(columns(USUAL, view), columns(USUAL, crowd)[:, ::step])


def test_extreme_histories_have_finite_expectations() -> None:
    extreme = histories((0, 0, 1), (1e7, 1e7, 1e7), (1e7, 1, 1e9), (0, 0, 1e9), (1, 1, 1))
    edges = [PurchaseModel(r=3000, alpha=1e-5, a=3000, b=3e-4), USUAL, BUSY]

    for model in edges:
        found = columns(model, extreme)
        assert np.isfinite(found).all()
        assert (found[:3] >= 0).all()
        assert (found[:3] <= 1).all()
