"""Agreement, precision and recall, against numbers worked out by hand."""

import pytest

from procx_graph.domain.decision import ReasonCode
from procx_graph.errors import ConfigError
from procx_graph.evals.compare import compare
from procx_graph.evals.judging import (
    Aspect,
    Proportion,
    by_aspect,
    by_reason,
    confusion,
    escalation,
    grouped,
    judge,
)
from procx_graph.evals.report import EvalReport, ModelNames
from procx_graph.report import Document
from tests.labelled import expected, given, judged

PEOPLE = [
    judged(expected("thank", "vip_risk"), given("thank", "vip_risk"), name="en-both"),
    judged(expected("thank", "vip_risk"), given("thank"), name="ta-missed"),
    judged(expected("thank"), given("thank", "low_csat"), name="ta-too-much"),
    judged(expected("thank", "vip_risk"), given("thank", "vip_risk", "low_csat"), name="te-more"),
    judged(expected("thank"), given("check_in"), name="bn-other"),
]
"""Three of five need a person; of the three that got one, two are right."""


def report(*found: object) -> EvalReport:
    document = Document(name="default", hash="0")
    return EvalReport.model_validate(
        {"set": "s", "models": ModelNames(), "policy": document, "profile": document}
        | {"situations": found}
    )


def test_everything_that_can_be_compared_is() -> None:
    found = judge(expected(), given())

    assert found == dict.fromkeys(
        (Aspect.ACTION, Aspect.PERSON, Aspect.OFFER, Aspect.LANGUAGE, Aspect.PURPOSE), True
    )


@pytest.mark.parametrize(
    ("wanted", "got", "wrong"),
    [
        (expected("thank"), given("check_in"), {Aspect.ACTION}),
        (expected("thank", "vip_risk"), given("thank"), {Aspect.PERSON}),
        (expected("thank"), given("thank", "vip_risk"), {Aspect.PERSON}),
        (expected("thank", "vip_risk"), given("thank", "low_csat"), {Aspect.REASONS}),
        (expected("thank", "vip_risk"), given("thank", "low_csat", "vip_risk"), set()),
        (expected("thank"), given("thank", offer="come-back-5"), {Aspect.OFFER}),
        (expected("thank", offers=("a", "b")), given("thank", offer="b"), set()),
        (expected("thank", offers=("a", "b")), given("thank"), set()),
        (expected("thank"), given("thank", language="hi"), {Aspect.LANGUAGE}),
        (expected("thank", purpose="service"), given("thank"), {Aspect.PURPOSE}),
        (expected("no_contact", refused="churned"), given("no_contact", refused="x"),
         {Aspect.REFUSED}),
        (expected("no_contact"), given("no_contact", refused="x"), set()),
        (expected("no_contact"), given("thank"), {Aspect.ACTION}),
        (expected("thank", "vip_risk"), given(None, error="x"), {Aspect.ACTION, Aspect.PERSON}),
    ],
)  # fmt: skip
def test_what_differs_is_wrong(wanted: object, got: object, wrong: set[Aspect]) -> None:
    found = judge(wanted, got)  # type: ignore[arg-type]

    assert {aspect for aspect, right in found.items() if not right} == wrong


def test_one_of_several_right_actions_is_right() -> None:
    assert all(judge(expected(action=["check_in", "thank"]), given("thank")).values())


def test_an_interval_is_wilsons() -> None:
    found = Proportion.counted(8, 10)

    assert found.share == 0.8
    assert found.low == pytest.approx(0.4902, abs=1e-4)
    assert found.high == pytest.approx(0.9433, abs=1e-4)
    assert Proportion.counted(0, 0).share is None


def test_precision_and_recall_of_calling_a_person() -> None:
    found = escalation(PEOPLE)

    assert (found.precision.count, found.precision.of) == (2, 3)
    assert (found.recall.count, found.recall.of) == (2, 3)


def test_a_second_reason_nobody_expected_costs_that_reason_its_precision() -> None:
    found = by_reason(PEOPLE)

    assert set(found) == {ReasonCode.VIP_RISK, ReasonCode.LOW_CSAT}
    extra, wanted = found[ReasonCode.LOW_CSAT].precision, found[ReasonCode.VIP_RISK].recall
    assert (extra.count, extra.of) == (0, 2)
    assert (wanted.count, wanted.of) == (2, 3)
    assert [one.agrees for one in PEOPLE] == [True, False, False, True, False]


def test_confusion_is_by_decision() -> None:
    assert confusion(PEOPLE) == {
        "person": {"person": 2, "thank": 1},
        "thank": {"person": 1, "check_in": 1},
    }


def test_groups_and_aspects_are_counted_apart() -> None:
    languages = grouped(PEOPLE, lambda one: (one.language,))
    aspects = by_aspect(PEOPLE)

    assert {code: (one.count, one.of) for code, one in languages.items()} == {
        "en": (1, 1), "ta": (0, 2), "te": (1, 1), "bn": (0, 1),
    }  # fmt: skip
    assert (aspects[Aspect.PERSON].count, aspects[Aspect.PERSON].of) == (3, 5)
    assert (aspects[Aspect.REASONS].count, aspects[Aspect.REASONS].of) == (2, 2)
    assert Aspect.REFUSED not in aspects


def test_why_names_both_sides() -> None:
    assert PEOPLE[1].why == "person: expected a person (vip_risk), got none"
    assert PEOPLE[4].why == "action: expected thank, got check_in"
    assert PEOPLE[0].why == ""
    assert judged(expected(), given(None, error="DataError")).why == "the run failed: DataError"


def test_a_report_is_read_as_it_was_written() -> None:
    told = report(*PEOPLE)

    again = EvalReport.from_json(told.to_json())

    assert again == told
    assert again.to_json() == told.to_json()
    assert list(told.to_frame()["id"]) == [one.id for one in PEOPLE]
    assert told.summary.agreement.count == 2


@pytest.mark.parametrize("text", ["[]", "{}", "no JSON", '{"set": 3}'])
def test_something_else_is_no_report(text: str) -> None:
    with pytest.raises(ConfigError, match="it is not"):
        EvalReport.from_json(text)


def test_a_comparison_tells_what_was_mended_and_what_was_broken() -> None:
    label = expected("thank", "vip_risk")
    good, bad = given("thank", "vip_risk"), given("thank")
    earlier = report(
        judged(label, good, name="en-a"), judged(label, bad, name="en-b"),
        judged(label, bad, name="en-c"), judged(label, good, name="en-gone"),
    )  # fmt: skip
    later = report(
        judged(label, bad, name="en-a"), judged(label, good, name="en-b"),
        judged(label, given("check_in"), name="en-c"), judged(label, bad, name="en-new"),
    )  # fmt: skip

    found = compare(earlier, later)

    assert [one.id for one in found.broken] == ["en-a"]
    assert [one.id for one in found.mended] == ["en-b"]
    assert [(one.id, one.after) for one in found.different] == [("en-c", "check_in")]
    assert (found.added, found.gone) == (("en-new",), ("en-gone",))
    assert (found.before.count, found.after.count, found.after.of) == (1, 1, 3)


def test_models_are_named_with_their_agents() -> None:
    assert str(ModelNames()) == "rules"
    assert str(ModelNames(by_agent={"decision": "m", "empathy": "m"})) == "m (decision, empathy)"
