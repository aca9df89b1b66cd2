"""What changed from one evaluation to another."""

from typing import Self

from procx_graph.domain.model import Noun
from procx_graph.evals.judging import Judged, Proportion
from procx_graph.evals.report import EvalReport


class Change(Noun):
    """A situation that came out differently."""

    id: str
    about: str
    before: str
    """The decision in a word."""
    after: str
    was_right: bool
    is_right: bool
    why: str
    """What is wrong now, or was wrong before where all is right now."""

    @classmethod
    def between(cls, before: Judged, after: Judged) -> Self:
        """Tell two results of one situation apart."""
        return cls(
            id=after.id, about=after.about, before=before.given.label, after=after.given.label,
            was_right=before.agrees, is_right=after.agrees, why=after.why or before.why,
        )  # fmt: skip


class Comparison(Noun):
    """Two evaluations side by side; figures are over the situations of both."""

    earlier: str
    """Who decided then."""
    later: str
    before: Proportion
    after: Proportion
    rubric_before: Proportion
    rubric_after: Proportion
    mended: tuple[Change, ...]
    """Wrong before, right now."""
    broken: tuple[Change, ...]
    """Right before, wrong now."""
    different: tuple[Change, ...]
    """As right or wrong as before, but in another way."""
    added: tuple[str, ...]
    gone: tuple[str, ...]


def compare(earlier: EvalReport, later: EvalReport) -> Comparison:
    """Say what changed, situation by situation.

    A situation whose label was changed in between is judged by each report's own label.
    """
    before = {one.id: one for one in earlier.situations}
    after = {one.id: one for one in later.situations}
    both = [(before[one.id], one) for one in later.situations if one.id in before]
    changes = [Change.between(*pair) for pair in both if _differ(*pair)]
    return Comparison(
        earlier=str(earlier.models),
        later=str(later.models),
        before=Proportion.over(one.agrees for one, _ in both),
        after=Proportion.over(one.agrees for _, one in both),
        rubric_before=Proportion.over(met for one, _ in both for met in one.rubric.values()),
        rubric_after=Proportion.over(met for _, one in both for met in one.rubric.values()),
        mended=tuple(one for one in changes if one.is_right and not one.was_right),
        broken=tuple(one for one in changes if one.was_right and not one.is_right),
        different=tuple(one for one in changes if one.was_right == one.is_right),
        added=tuple(id_ for id_ in after if id_ not in before),
        gone=tuple(id_ for id_ in before if id_ not in after),
    )


def _differ(before: Judged, after: Judged) -> bool:
    """Whether decisions differ, or what is right about them; wording is left to the rubric."""
    return (before.given.label, before.why) != (after.given.label, after.why)
