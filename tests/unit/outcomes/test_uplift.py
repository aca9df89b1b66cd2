"""Uplift is told where the arms allow it, and not otherwise."""

from datetime import timedelta

import polars as pl
import pytest
from pydantic import ValidationError

from procx_graph.outcomes.figures import Uplift, UpliftVerdict
from procx_graph.outcomes.uplift import Expectation, uplifts
from procx_graph.store.outcomes import ARMS, CONTACTS, RETENTION
from tests.unit.builders import NOW

ASSIGNED = NOW - timedelta(days=100)


def arm(of: int, *, held: bool, experiment: str = "autumn") -> pl.DataFrame:
    side = "h" if held else "t"
    ids = [f"{side}{number}" for number in range(of)]
    return pl.DataFrame(
        {"experiment": experiment, "customer_id": ids, "held": held, "assigned_at": ASSIGNED},
        schema=ARMS,
    )


def stayed(
    members: pl.DataFrame, number: int, *, days: int = 90, source: str = "orders"
) -> pl.DataFrame:
    """Tell of everybody in an arm whether they stayed: the first so many did."""
    return pl.DataFrame(
        {
            "customer_id": members["customer_id"],
            "kind": f"retained_{days}",
            "value": [float(at < number) for at in range(len(members))],
            "at": members["assigned_at"] + timedelta(days=days),
            "source": source,
            "outcome_id": [f"{source}:{name}" for name in members["customer_id"]],
        },
        schema=RETENTION,
    )


def declared(held: tuple[int, int], treated: tuple[int, int], **expected: float) -> Uplift:
    """Compare arms given as (who stayed, of how many) after the declared window."""
    left, right = arm(held[1], held=True), arm(treated[1], held=False)
    told = pl.concat([stayed(left, held[0]), stayed(right, treated[0])])
    found = uplifts(pl.concat([left, right]), told, Expectation.model_validate(expected), now=NOW)
    assert [one.days for one in found] == [90, 60, 30]
    return found[0]


def test_treated_who_stay_more_often_are_told_with_newcombes_interval() -> None:
    found = declared((800, 1_000), (7_740, 9_000))

    assert found.verdict is UpliftVerdict.HIGHER
    assert found.difference == pytest.approx(0.06)
    assert found.low is not None
    assert found.high is not None
    assert 0.03 < found.low < 0.06 < found.high < 0.09
    assert "Of the treated, more stayed: +6.0 points" in found.text


def test_treated_who_stay_less_often_are_told_too() -> None:
    assert declared((800, 1_000), (6_700, 9_000)).verdict is UpliftVerdict.LOWER


def test_a_difference_that_may_be_none_is_not_called_one() -> None:
    found = declared((800, 1_000), (7_250, 9_000))

    assert found.verdict is UpliftVerdict.NO_DIFFERENCE
    assert "the interval holds 0" in found.text


def test_below_the_needed_size_nothing_is_claimed_and_what_is_missing_is_told() -> None:
    found = declared((320, 400), (3_400, 3_600))

    assert found.verdict is UpliftVerdict.NOT_ENOUGH
    assert (found.difference, found.low, found.high) == (None, None, None)
    assert (found.needed, found.missing) == (859, 459)
    assert "400 of 859 needed, 459 more to go" in found.text
    assert found.held.retained.share == pytest.approx(0.8)


def test_arms_that_are_not_as_declared_claim_nothing_however_large() -> None:
    found = declared((1_600, 2_000), (7_740, 9_000))

    assert found.verdict is UpliftVerdict.MISMATCH
    assert found.difference is None
    assert found.ratio_p is not None
    assert found.ratio_p < 0.001
    assert "No uplift is claimed" in found.text


def test_arms_of_which_unequal_parts_are_known_claim_nothing() -> None:
    left, right = arm(1_000, held=True), arm(9_000, held=False)
    told = pl.concat([stayed(left, 800), stayed(right, 7_740).head(5_000)])

    found = uplifts(pl.concat([left, right]), told, Expectation(), now=NOW)[0]

    assert found.verdict is UpliftVerdict.MISMATCH
    assert (found.treated.assigned, found.treated.retained.of) == (9_000, 5_000)


def test_another_effect_needs_another_size() -> None:
    found = declared((320, 400), (3_400, 3_600), churn=0.3, reduced_to=0.2)

    assert found.needed < 400
    assert found.verdict is UpliftVerdict.HIGHER


def test_windows_that_are_not_over_are_not_counted() -> None:
    members = arm(10, held=True).with_columns(
        assigned_at=pl.lit(NOW - timedelta(days=45)).cast(ARMS["assigned_at"])
    )

    found = {
        one.days: one
        for one in uplifts(members, stayed(members, 5, days=30), Expectation(), now=NOW)
    }

    assert [found[days].held.assigned for days in (30, 60, 90)] == [10, 0, 0]
    assert found[30].held.retained.of == 10


def test_other_windows_are_only_background() -> None:
    left, right = arm(1_000, held=True), arm(9_000, held=False)
    told = pl.concat([stayed(left, 700, days=30), stayed(right, 7_740, days=30)])

    found = {
        one.days: one for one in uplifts(pl.concat([left, right]), told, Expectation(), now=NOW)
    }

    assert not found[30].declared
    assert "Only background: the window that decides is 90 days" in found[30].text
    assert found[90].verdict is not UpliftVerdict.HIGHER


def test_what_the_orders_say_goes_before_what_anybody_told() -> None:
    members = arm(4, held=True)
    told = pl.concat([stayed(members, 4, source="a person"), stayed(members, 1)])

    found = uplifts(members, told, Expectation(), now=NOW)[0]

    assert (found.held.retained.count, found.held.retained.of) == (1, 4)


def test_a_word_from_before_the_windows_end_says_nothing_of_it() -> None:
    members = arm(4, held=True)
    early = stayed(members, 4, source="a person").with_columns(pl.col("at") - timedelta(days=1))

    assert uplifts(members, early, Expectation(), now=NOW)[0].held.retained.of == 0


def test_experiments_are_told_apart() -> None:
    both = pl.concat([arm(3, held=True, experiment="a"), arm(2, held=True, experiment="b")])

    found = [
        one
        for one in uplifts(both, stayed(both.head(0), 0), Expectation(), now=NOW)
        if one.declared
    ]

    assert [(one.experiment, one.held.assigned) for one in found] == [("a", 3), ("b", 2)]


@pytest.mark.parametrize(
    "wrong",
    [{"churn": 0.1, "reduced_to": 0.2}, {"holdout_share": 0}, {"holdout_share": 1}, {"days": 45}],
)
def test_what_cannot_be_declared_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValidationError):
        Expectation.model_validate(wrong)


def test_held_out_customers_who_got_a_message_are_counted_and_told() -> None:
    left, right = arm(1_000, held=True), arm(9_000, held=False)
    told = pl.concat([stayed(left, 800), stayed(right, 7_740)])
    reached = pl.DataFrame(
        {
            "customer_id": ["h0", "h0", "h1", "h2", "h3"],
            "contacted_at": [ASSIGNED + timedelta(days=day) for day in (1, 2, 89, 91, -1)],
        },
        schema=CONTACTS,
    )

    found = uplifts(pl.concat([left, right]), told, Expectation(), now=NOW, contacts=reached)[0]

    assert found.contacted == 2
    assert "2 of the held out got a message nevertheless" in found.text
