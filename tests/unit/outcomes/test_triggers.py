"""Per trigger: what was right, what was not, and what a person might change."""

import pytest

from procx_graph.domain.outcome import OutcomeKind
from procx_graph.outcomes.figures import Share, TriggerFigures, TriggerKind
from procx_graph.outcomes.suggest import suggestions
from procx_graph.outcomes.triggers import trigger_figures
from procx_graph.store.period import DoneRun, MadeOffer, Word


def a_run(name: str, situation: str | None = "gone_quiet", *reasons: str) -> DoneRun:
    return DoneRun(name, "C1", situation, reasons)


def figures(*words: Word, run: DoneRun | None = None, **further: object) -> TriggerFigures:
    """Give the figures of the situation of one run of which this is said."""
    return trigger_figures([run or a_run("r")], words, **further)[0]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("said", "right", "judged"),
    [
        ([("resolved", None)], 1, 1),
        ([("accepted", 1)], 1, 1),
        ([("false_alarm", 0)], 1, 1),
        ([("false_alarm", None)], 0, 1),
        ([("premature", None)], 0, 1),
        ([("resolved", None), ("false_alarm", 1)], 0, 1),
        ([("resolved", 0)], 0, 0),
        ([("contacted", None), ("replied", None), ("csat", 5)], 0, 0),
        ([], 0, 0),
    ],
)
def test_a_run_is_right_wrong_or_not_judged(
    said: list[tuple[str, float | None]], right: int, judged: int
) -> None:
    found = figures(*(Word("r", kind, value) for kind, value in said))

    assert (found.precision.count, found.precision.of) == (right, judged)
    assert found.runs == 1


def test_a_run_counts_for_its_situation_and_for_each_reason() -> None:
    runs = [a_run("r1", "complaint", "vip_risk", "low_csat"), a_run("r2"), a_run("r3", "complaint")]

    found = trigger_figures(runs, [Word("r1", "resolved", None)])

    assert [(one.kind, one.name, one.runs, one.resolved) for one in found] == [
        (TriggerKind.SITUATION, "complaint", 2, 1),
        (TriggerKind.SITUATION, "gone_quiet", 1, 0),
        (TriggerKind.REASON, "low_csat", 1, 1),
        (TriggerKind.REASON, "vip_risk", 1, 1),
    ]


def test_a_message_that_went_out_and_an_accepted_offer_count_without_being_told_again() -> None:
    offers = [MadeOffer("r", "come-back-10", "accepted", 12.0)]

    found = figures(Word("r", "contacted", None), sent={"r"}, offers=offers)

    assert (found.contacted, found.accepted, found.precision.count) == (1, 1, 1)


def test_ratings_are_averaged() -> None:
    runs = [a_run("r1"), a_run("r2"), a_run("r3")]

    found = trigger_figures(runs, [Word("r1", "csat", 5), Word("r2", "csat", 2)])[0]

    assert (found.rated, found.mean_csat) == (2, 3.5)


def test_words_about_no_run_are_counted_apart_and_judge_nothing() -> None:
    found = trigger_figures([], [], of_no_run=[Word(None, "resolved", None)])

    assert [(one.kind, one.resolved, one.precision.of) for one in found] == [
        (TriggerKind.NO_RUN, 1, 0)
    ]


def test_every_kind_of_outcome_counts_somewhere() -> None:
    retained = {kind for kind in OutcomeKind if kind.window is not None}

    for kind in set(OutcomeKind) - retained:
        value = 4 if kind is OutcomeKind.CSAT else None
        assert figures(Word("r", kind, value)) != figures(), kind


def a_trigger(right: int, of: int, **changes: object) -> TriggerFigures:
    values: dict[str, object] = {
        "kind": TriggerKind.SITUATION, "name": "gone_quiet", "runs": of,
        "precision": Share.made(right, of), "false_alarms": of - right, "premature": 0,
        "contacted": 0, "replied": 0, "accepted": 0, "resolved": right, "rated": 0,
        "mean_csat": None,
    }  # fmt: skip
    return TriggerFigures.model_validate(values | changes)


def test_a_trigger_that_is_surely_imprecise_gets_a_suggestion_with_its_numbers() -> None:
    (told,) = suggestions([a_trigger(12, 40)])

    assert "right in 12 of 40 judged runs (30%" in told
    assert "mostly for nothing" in told
    assert "evidence.quiet_factor" in told


def test_one_that_comes_too_early_is_told_so() -> None:
    (told,) = suggestions([a_trigger(12, 40, premature=20, false_alarms=8)])

    assert "mostly too early" in told


@pytest.mark.parametrize(("right", "of"), [(3, 12), (28, 40), (39, 40), (0, 0)])
def test_with_few_runs_or_a_doubt_nothing_is_suggested(right: int, of: int) -> None:
    assert suggestions([a_trigger(right, of)]) == ()


def test_what_is_suggested_exists_in_the_policy() -> None:
    import re

    from procx_graph.outcomes import suggest
    from tests.unit.builders import a_policy

    policy = a_policy()
    told = " ".join((*suggest._SITUATIONS.values(), *suggest._REASONS.values()))

    named = re.findall(r"\b(evidence|escalation|offers)\.(\w+)", told)
    assert named
    for section, name in named:
        assert hasattr(getattr(policy, section), name), f"{section}.{name}"
