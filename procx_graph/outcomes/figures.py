"""The numbers of a report on outcomes."""

import json
from datetime import datetime
from enum import StrEnum

from pydantic import Field

from procx_graph.domain.model import Noun
from procx_graph.outcomes.proportions import wilson


class Share(Noun):
    """A proportion with Wilson's 95 % interval."""

    count: int
    of: int
    share: float | None
    """`None` of nothing."""
    low: float | None
    high: float | None

    @classmethod
    def made(cls, count: int, of: int) -> "Share":
        """Give the proportion of some among all."""
        if not of:
            return cls(count=0, of=0, share=None, low=None, high=None)
        low, high = wilson(count, of)
        return cls(count=count, of=of, share=count / of, low=low, high=high)


class TriggerKind(StrEnum):
    """What made us act."""

    SITUATION = "situation"
    """What was going on with the customer."""
    REASON = "reason"
    """Why a person had to look; a run may have several."""
    NO_RUN = "no_run"
    """Outcomes that are about no run in particular."""


class TriggerFigures(Noun):
    """What became of the runs of one trigger. Counts are of runs, in the last row of outcomes."""

    kind: TriggerKind
    name: str
    runs: int
    precision: Share
    """Runs that proved right among those judged either way: resolved, accepted, or said to be no
    false alarm, against false alarms and premature ones."""
    false_alarms: int
    premature: int
    contacted: int
    """Reached, or a message went out."""
    replied: int
    accepted: int
    resolved: int
    rated: int
    mean_csat: float | None
    """1 to 5; `None` when nobody rated."""


class OfferFigures(Noun):
    """Offers of one kind in one state."""

    offer_id: str
    status: str
    offers: int
    worth: float | None
    """What they may cost, in the base's currency; `None` when it is known of none."""
    unknown: int
    """Offers whose worth is not known."""


class OfferTotals(Noun):
    """All offers together."""

    made: int
    """Those that got beyond a proposal and were not refused."""
    accepted: Share
    """Of those made."""
    cost: float | None
    """Worth of the accepted, in the base's currency; `None` when it is known of none."""
    unknown: int
    """Accepted ones whose worth is not known."""


class TeamFigures(Noun):
    """How a team kept its deadlines. Hours are of the calendar, nights and all."""

    team: str
    cases: int
    open: int
    in_time: Share
    """Of the cases that are answered or overdue."""
    breaches: int
    """Answered late, overdue, or moved on because their time was over."""
    median_hours: float | None
    """From opening to answer; `None` when none is answered."""
    p90_hours: float | None


class WaitFigures(Noun):
    """How long something waited for a person, in hours of the calendar."""

    what: str
    answered: int
    open: int
    median_hours: float | None
    p90_hours: float | None


class MessageFigures(Noun):
    """Messages that stand alike."""

    channel: str
    state: str
    reason: str | None
    messages: int


class Arm(Noun):
    """One arm of an experiment within a window."""

    assigned: int
    """Everybody in it whose window is over."""
    retained: Share
    """Who bought within the window, of those of whom it is known."""


class UpliftVerdict(StrEnum):
    """What an experiment tells."""

    MISMATCH = "mismatch"
    """The arms are not as large as declared: nothing is claimed."""
    NOT_ENOUGH = "not_enough_data"
    HIGHER = "higher"
    """More of the treated stayed."""
    LOWER = "lower"
    """Fewer of the treated stayed."""
    NO_DIFFERENCE = "no_difference"
    """None that this many customers could show."""


class Uplift(Noun):
    """What treatment did, against customers who were left alone."""

    experiment: str
    days: int
    """The window."""
    declared: bool
    """Whether this is the window that was declared beforehand; others are only background."""
    treated: Arm
    held: Arm
    contacted: int
    """Of the held out, those who got a message within the window nevertheless."""
    ratio_p: float | None
    """How likely the sizes of the arms are by chance."""
    needed: int
    """Held-out customers needed to see the declared minimum effect."""
    missing: int
    """How many more are needed."""
    verdict: UpliftVerdict
    difference: float | None
    """Retention of the treated minus that of the held out; `None` when nothing may be claimed."""
    low: float | None
    high: float | None
    text: str
    """The same as a sentence."""


class Figures(Noun):
    """What became of everything that began within a span of time."""

    store: str
    since: datetime | None
    until: datetime | None
    at: datetime
    """The moment of the report."""
    triggers: tuple[TriggerFigures, ...] = ()
    offers: tuple[OfferFigures, ...] = ()
    offer_totals: OfferTotals | None = None
    """`None` without offers."""
    teams: tuple[TeamFigures, ...] = ()
    waits: tuple[WaitFigures, ...] = ()
    messages: tuple[MessageFigures, ...] = ()
    uplifts: tuple[Uplift, ...] = ()
    suggestions: tuple[str, ...] = Field(default=())
    """What a person might change in the policy; nothing changes by itself."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing began within the span."""
        told = (self.triggers, self.offers, self.teams, self.waits, self.messages, self.uplifts)
        return not any(told)

    def to_json(self) -> str:
        """Give them as JSON, the same bytes for the same figures."""
        return json.dumps(self.model_dump(mode="json"), ensure_ascii=False, indent=2)
