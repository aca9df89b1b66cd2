"""Who is held out: by chance, always the same, and never more than the share."""

import pytest

from procx_graph.domain.dealings import NOTHING, Dealings
from procx_graph.domain.holdout import Holdout
from procx_graph.outreach.holdout import is_held_out

IDS = [f"C{number:05}" for number in range(10_000)]


def held(holdout: Holdout) -> set[str]:
    return {name for name in IDS if is_held_out(name, NOTHING, holdout)}


@pytest.mark.parametrize("share", [0.05, 0.10])
def test_about_the_share_of_ten_thousand_is_held_out(share: float) -> None:
    number = len(held(Holdout(share=share)))

    assert abs(number / len(IDS) - share) < 0.01


def test_the_draw_is_the_same_every_time_and_on_every_machine() -> None:
    drawn = held(Holdout(share=0.05))

    assert drawn == held(Holdout(share=0.05))
    assert sorted(drawn)[:3] == ["C00039", "C00048", "C00060"]


def test_a_larger_share_holds_out_all_of_a_smaller_one() -> None:
    assert held(Holdout(share=0.05)) < held(Holdout(share=0.10))


@pytest.mark.parametrize("change", [{"experiment": "autumn"}, {"salt": "another"}])
def test_another_experiment_or_salt_draws_anew(change: dict[str, str]) -> None:
    first, second = held(Holdout(share=0.10)), held(Holdout(share=0.10, **change))

    assert len(first & second) < 0.2 * len(first)


def test_without_a_share_nobody_is_held_out() -> None:
    assert not held(Holdout())
    assert not is_held_out("C1", Dealings(arms={"retention": True}), Holdout())


@pytest.mark.parametrize("arm", [True, False])
def test_whoever_has_an_arm_keeps_it_whatever_the_share_becomes(arm: bool) -> None:
    known = Dealings(arms={"retention": arm, "other": not arm})

    assert {is_held_out(name, known, Holdout(share=0.05)) for name in IDS[:500]} == {arm}
