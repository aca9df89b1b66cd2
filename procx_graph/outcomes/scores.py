"""What became of a run, as scores of its trace."""

from procx_graph.domain.outcome import Outcome, OutcomeKind
from procx_graph.tracing import Kind, Tracer


def score_outcome(tracer: Tracer, told: Outcome) -> None:
    """Score a run with what became of it, however much later; an outcome of no run is not told.

    Each kind has a score of its own. `outcome` is whether the customer was retained or churned, by
    whichever window was told last.
    """
    if told.run_id is None:
        return
    kind = told.kind
    if kind is OutcomeKind.CSAT and told.value is not None:
        tracer.score(told.run_id, "outcome_csat", told.value, Kind.NUMERIC, at=told.at)
    else:
        tracer.score(told.run_id, f"outcome_{kind.value}", told.holds, Kind.BOOLEAN, at=told.at)
    if kind.window is not None:
        word = "retained" if told.holds else "churned"
        tracer.score(told.run_id, "outcome", word, Kind.CATEGORICAL, kind.value, at=told.at)
