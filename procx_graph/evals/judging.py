"""Comparing what a run gave with what a good colleague would do, one situation or many."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from typing import Self

from pydantic import Field

from procx_graph.domain.decision import Action, ReasonCode
from procx_graph.domain.message import Message, Purpose
from procx_graph.domain.model import Noun
from procx_graph.domain.model_use import Usage
from procx_graph.domain.situation import SituationKind
from procx_graph.evals.rubric import Criterion
from procx_graph.evals.situations import Expected
from procx_graph.outcomes.proportions import wilson

PERSON = "person"
"""Stands in the confusion for every case that goes to a person."""
FAILED = "failed"


class Aspect(StrEnum):
    """What of a decision is compared."""

    ACTION = "action"
    PERSON = "person"
    """Whether somebody must look."""
    REASONS = "reasons"
    """Why; more reasons than expected are no mistake, a missing one is."""
    OFFER = "offer"
    LANGUAGE = "language"
    PURPOSE = "purpose"
    REFUSED = "refused"
    """The gate's code, where it must forbid any message."""


class Given(Noun):
    """What a run gave."""

    action: Action | None
    """`None` when it failed."""
    person: bool = False
    reasons: tuple[ReasonCode, ...] = ()
    offer: str | None = None
    language: str | None = None
    purpose: Purpose | None = None
    refused: str | None = None
    kind: SituationKind | None = None
    message: Message | None = None
    """The draft, with `{first_name}` for the name."""
    degraded: bool = False
    usage: Usage | None = None
    error: str | None = None
    """Why it failed."""

    @property
    def label(self) -> str:
        """The decision in a word."""
        if self.action is None:
            return FAILED
        return PERSON if self.person else self.action.value


class Judged(Noun):
    """One situation with what came of it."""

    id: str
    about: str
    language: str
    tags: tuple[str, ...]
    expected: Expected
    given: Given
    aspects: dict[Aspect, bool]
    """Those that can be compared, and whether they are right."""
    rubric: dict[Criterion, bool] = Field(default_factory=dict)
    """Of the message; what does not apply is left out."""

    @property
    def agrees(self) -> bool:
        """Whether everything about the decision is right."""
        return all(self.aspects.values())

    @property
    def why(self) -> str:
        """What is wrong with it, in a line; empty when nothing is."""
        if self.given.action is None:
            return f"the run failed: {self.given.error}"
        wrong = [aspect for aspect, right in self.aspects.items() if not right]
        return "; ".join(_difference(aspect, self.expected, self.given) for aspect in wrong)


class Proportion(Noun):
    """A share of some cases, with Wilson's interval of 95 %."""

    count: int
    of: int
    low: float
    high: float

    @classmethod
    def over(cls, verdicts: Iterable[bool]) -> Self:
        """Count verdicts."""
        told = list(verdicts)
        return cls.counted(sum(told), len(told))

    @classmethod
    def counted(cls, count: int, of: int) -> Self:
        """Give so many of so many."""
        low, high = wilson(count, of)
        return cls(count=count, of=of, low=round(low, 6), high=round(high, 6))

    @property
    def share(self) -> float | None:
        """The share, `None` of nothing."""
        return self.count / self.of if self.of else None


class Detection(Noun):
    """How well one thing is found."""

    precision: Proportion
    """Of those found, the right ones."""
    recall: Proportion
    """Of those that are there, the found ones."""


def judge(expected: Expected, given: Given) -> dict[Aspect, bool]:
    """Compare every aspect that both sides have.

    The offer, the language and the purpose are of a message, so they are compared where one is
    expected and one is written; the reasons where both go to a person.
    """
    if given.action is None:
        return {Aspect.ACTION: False, Aspect.PERSON: not expected.person}
    found = {
        Aspect.ACTION: given.action in expected.action,
        Aspect.PERSON: given.person == bool(expected.person),
    }
    if given.person and expected.person:
        found[Aspect.REASONS] = set(expected.person) <= set(given.reasons)
    if given.action is not Action.NO_CONTACT and expected.purpose is not None:
        found[Aspect.OFFER] = given.offer is None or given.offer in expected.offers
        found[Aspect.LANGUAGE] = given.language == expected.language
        found[Aspect.PURPOSE] = given.purpose is expected.purpose
    if given.action is Action.NO_CONTACT and expected.refused is not None:
        found[Aspect.REFUSED] = given.refused == expected.refused
    return found


def label_of(expected: Expected) -> str:
    """Give the expected decision in a word."""
    return PERSON if expected.person else expected.action[0].value


def escalation(judged: Sequence[Judged]) -> Detection:
    """Give how well it is found that a person must look."""
    return _detection((bool(one.expected.person), one.given.person) for one in judged)


def by_reason(judged: Sequence[Judged]) -> dict[ReasonCode, Detection]:
    """Give the same for each reason that is expected or given somewhere.

    A second reason that nobody expected counts against the precision, though not as a mistake.
    """
    return {
        code: _detection((code in one.expected.person, code in one.given.reasons) for one in judged)
        for code in ReasonCode
        if any(code in (*one.expected.person, *one.given.reasons) for one in judged)
    }


def by_aspect(judged: Sequence[Judged]) -> dict[Aspect, Proportion]:
    """Give how often each aspect is right, of the situations where it can be compared."""
    return {
        aspect: Proportion.over(one.aspects[aspect] for one in judged if aspect in one.aspects)
        for aspect in Aspect
        if any(aspect in one.aspects for one in judged)
    }


def by_criterion(judged: Sequence[Judged]) -> dict[Criterion, Proportion]:
    """Give how often messages meet each criterion."""
    return {
        criterion: Proportion.over(
            one.rubric[criterion] for one in judged if criterion in one.rubric
        )
        for criterion in Criterion
        if any(criterion in one.rubric for one in judged)
    }


def grouped(
    judged: Sequence[Judged], keys: Callable[[Judged], Iterable[str]]
) -> dict[str, Proportion]:
    """Give the agreement in each group; a situation may be in several."""
    names = dict.fromkeys(key for one in judged for key in keys(one))
    return {
        name: Proportion.over(one.agrees for one in judged if name in keys(one)) for name in names
    }


def confusion(judged: Sequence[Judged]) -> dict[str, dict[str, int]]:
    """Count the decisions given, by the decision expected."""
    pairs = Counter((label_of(one.expected), one.given.label) for one in judged)
    table: dict[str, dict[str, int]] = {}
    for (wanted, got), count in sorted(pairs.items()):
        table.setdefault(wanted, {})[got] = count
    return table


def _detection(pairs: Iterable[tuple[bool, bool]]) -> Detection:
    """Count pairs of (is there, was found)."""
    told = list(pairs)
    both = sum(there and found for there, found in told)
    return Detection(
        precision=Proportion.counted(both, sum(found for _, found in told)),
        recall=Proportion.counted(both, sum(there for there, _ in told)),
    )


def _difference(aspect: Aspect, expected: Expected, given: Given) -> str:
    action = given.action.value if given.action else FAILED
    wanted, got = {
        Aspect.ACTION: (" or ".join(expected.action), action),
        Aspect.PERSON: (
            f"a person ({', '.join(expected.person)})" if expected.person else "no person",
            f"a person ({', '.join(given.reasons)})" if given.person else "none",
        ),
        Aspect.REASONS: (", ".join(expected.person), ", ".join(given.reasons) or "none"),
        Aspect.OFFER: (" or ".join(expected.offers) or "none", given.offer or "none"),
        Aspect.LANGUAGE: (expected.language or "none", given.language or "none"),
        Aspect.PURPOSE: (expected.purpose or "none", given.purpose or "none"),
        Aspect.REFUSED: (expected.refused or "none", given.refused or "none"),
    }[aspect]
    return f"{aspect.value}: expected {wanted}, got {got}"
