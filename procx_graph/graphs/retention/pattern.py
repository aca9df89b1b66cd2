"""Pattern agent: where has this been seen before, and what helped?"""

from langgraph.runtime import Runtime

from procx_graph.domain.health import Factor, against
from procx_graph.domain.pattern import Pattern, Trend
from procx_graph.domain.permit import Permit
from procx_graph.domain.risk import Score
from procx_graph.domain.situation import Situation, SituationKind
from procx_graph.graphs.retention.cohort import Cohort, is_lost
from procx_graph.graphs.retention.refine import Notes, PatternName, ask, helping
from procx_graph.graphs.retention.state import RetentionState, RunOptions, Update, read, update
from procx_graph.llm import Model
from procx_graph.prompts import Prompts, load_prompt

_NAMES = {
    SituationKind.COMPLAINT: "complaint",
    SituationKind.PAYMENT_FAILED: "failing payments",
    SituationKind.ORDER_CANCELLED: "cancelled order",
    SituationKind.ORDER_DELAYED: "late delivery",
    SituationKind.OPEN_TICKET: "waiting for an answer",
    SituationKind.POOR_RATING: "poor experience",
    SituationKind.INQUIRY: "question",
    SituationKind.PRAISE: "praise",
    SituationKind.GONE_QUIET: "fading rhythm",
    SituationKind.WIN_BACK: "gone for long",
    SituationKind.SPENDING_LESS: "shrinking baskets",
    SituationKind.CHECK_IN: "no clear cause",
}
_FALLING, _RISING = 0.5, 0.7
"""Bounds of the spending-trend sub-score: .6 and .75 are 19 % below and 23 % above the average."""


class PatternAgent:
    """Compare with the nearest customers and with how similar tickets were resolved."""

    def __init__(
        self, cohort: Cohort, *, model: Model | None = None, prompts: Prompts = load_prompt
    ) -> None:
        self.cohort, self.model, self.prompts = cohort, model, prompts

    async def __call__(self, state: RetentionState, runtime: Runtime[RunOptions]) -> Update:
        """Read `situation` and `score`; give the `pattern`."""
        situation, score = read(state, "situation", Situation), read(state, "score", Score)
        similar = self.cohort.neighbours(state["customer_id"])
        lost = sum(is_lost(customer.state) for customer in similar)
        repeated = situation.repeated > 1 and situation.kind.adverse
        name = _NAMES[situation.kind]
        pattern = Pattern(
            name=f"{name}, {situation.repeated} times" if repeated else name,
            churn_risk=score.churn_risk,
            explanation=tuple(d.text for d in against(score.drivers))[:3],
            similar=similar,
            similar_lost=lost / len(similar) if similar else None,
            resolutions=self.cohort.resolutions(situation.category),
            trend=_trend(score),
        )
        if self.model is None:
            return update(pattern=pattern)
        notes, options = Notes(), read(state, "options", RunOptions)
        model = helping(self.model, options, read(state, "permit", Permit), situation)
        if model is not None:
            prompt = self.prompts("retention/pattern").render(pattern=pattern, situation=situation)
            named = await ask(model, prompt, PatternName, notes=notes)
            pattern = pattern.model_copy(update=dict(named)) if named else pattern
        return update(pattern=pattern) | notes.as_update()


def _trend(score: Score) -> Trend:
    """Read the spending-trend sub-score; it is computed in scoring and nowhere else."""
    value = score.sub_scores.get(Factor.SPENDING_TREND)
    if value is None:
        return Trend.UNKNOWN
    if value < _FALLING:
        return Trend.FALLING
    return Trend.RISING if value > _RISING else Trend.STEADY
