"""Per trigger: whether it was right to act, and what came of it."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from procx_graph.domain.outcome import OutcomeKind
from procx_graph.outcomes.figures import Share, TriggerFigures, TriggerKind
from procx_graph.store.period import DoneRun, MadeOffer, Word

NO_RUN = "(no run named)"
UNKNOWN = "(unknown)"
_YES = {
    kind: kind.value
    for kind in (
        OutcomeKind.CONTACTED,
        OutcomeKind.REPLIED,
        OutcomeKind.ACCEPTED,
        OutcomeKind.RESOLVED,
        OutcomeKind.PREMATURE,
    )
}


@dataclass(slots=True)
class _Tally:
    """What is known of one run, or of one trigger's runs."""

    runs: int = 0
    right: int = 0
    wrong: int = 0
    false_alarms: int = 0
    counts: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    ratings: list[float] = field(default_factory=list)


def trigger_figures(
    runs: Iterable[DoneRun],
    words: Sequence[Word],
    *,
    sent: Collection[str] = (),
    offers: Sequence[MadeOffer] = (),
    of_no_run: Sequence[Word] = (),
) -> tuple[TriggerFigures, ...]:
    """Give the figures of every trigger, situations first, the most frequent before others.

    Args:
        runs: Those that led to something.
        words: The newest outcome of each kind, by run.
        sent: Runs whose message went out.
        offers: Whose acceptance counts as well.
        of_no_run: Outcomes that name no run.
    """
    said: defaultdict[str, list[Word]] = defaultdict(list)
    for word in words:
        said[word.run_id or ""].append(word)
    for run_id in sent:
        said[run_id].append(Word(run_id, OutcomeKind.CONTACTED, None))
    for offer in offers:
        if offer.status == "accepted":
            said[offer.run_id].append(Word(offer.run_id, OutcomeKind.ACCEPTED, None))
    tallies: defaultdict[tuple[TriggerKind, str], _Tally] = defaultdict(_Tally)
    for run in runs:
        for trigger in _triggers(run):
            _count(tallies[trigger], said.get(run.run_id, ()))
    for word in of_no_run:
        _count(tallies[TriggerKind.NO_RUN, NO_RUN], (word,))
    order = list(TriggerKind)
    ranked = sorted(tallies, key=lambda of: (order.index(of[0]), -tallies[of].runs, of[1]))
    return tuple(_figures(*of, tallies[of]) for of in ranked)


def _triggers(run: DoneRun) -> Iterable[tuple[TriggerKind, str]]:
    yield TriggerKind.SITUATION, run.situation or UNKNOWN
    for code in run.reasons:
        yield TriggerKind.REASON, code


def _count(tally: _Tally, words: Iterable[Word]) -> None:
    """Add what is known of one run."""
    tally.runs += 1
    yes = {word.kind for word in words if word.value is None or word.value > 0}
    no = {word.kind for word in words if word.value == 0}
    for kind, name in _YES.items():
        tally.counts[name] += kind in yes
    tally.false_alarms += OutcomeKind.FALSE_ALARM in yes
    wrong = bool(yes & {OutcomeKind.FALSE_ALARM, OutcomeKind.PREMATURE})
    helped = bool(yes & {OutcomeKind.RESOLVED, OutcomeKind.ACCEPTED})
    tally.wrong += wrong
    tally.right += not wrong and (helped or OutcomeKind.FALSE_ALARM in no)
    tally.ratings += [word.value for word in words if word.kind == OutcomeKind.CSAT and word.value]


def _figures(kind: TriggerKind, name: str, tally: _Tally) -> TriggerFigures:
    ratings = tally.ratings
    judged = (0, 0) if kind is TriggerKind.NO_RUN else (tally.right, tally.right + tally.wrong)
    return TriggerFigures(
        kind=kind,
        name=name,
        runs=tally.runs,
        precision=Share.made(*judged),
        false_alarms=tally.false_alarms,
        rated=len(ratings),
        mean_csat=sum(ratings) / len(ratings) if ratings else None,
        **tally.counts,
    )
