"""What we may do: escalation, priorities, offers, teams and playbooks in one document."""

import hashlib
from collections.abc import Iterable
from typing import Annotated, Self

from pydantic import Field, model_validator

from procx_graph.domain.case_rules import CaseRules
from procx_graph.domain.decision import Action, Offer, Priority, ReasonCode
from procx_graph.domain.event import EventKind
from procx_graph.domain.festival_rules import FestivalRules
from procx_graph.domain.message import Channel, Language, Tone
from procx_graph.domain.model import Noun
from procx_graph.domain.risk import RiskLevel
from procx_graph.domain.situation import Sentiment, SituationKind


def is_among(segment: str | None, segments: Iterable[str]) -> bool:
    """Whether a segment is one of these, in whatever case it is written."""
    return segment is not None and segment.casefold() in {name.casefold() for name in segments}


class Evidence(Noun):
    """What counts as evidence, and how far back: whole days before as_of."""

    adverse_days: int = Field(ge=1)
    """A bad experience within this is concrete: it may be answered as service."""
    history_days: int = Field(ge=1)
    """Tickets, ratings and repetitions that describe the relationship."""
    late_days: int = Field(ge=1)
    """An order at least this late counts as delayed."""
    quiet_factor: float = Field(ge=1)
    """Silence beyond this multiple of the customer's mean gap is unusual for them."""
    quiet_days: int = Field(ge=1)
    """Silence from which a customer without a known rhythm is quiet."""
    angry_sentiment: float = Field(ge=-1, le=1)
    """An open ticket with a sentiment at or below this is a complaint."""
    detractor: int = Field(ge=0, le=10)
    """An NPS answer at or below this is bad."""
    promoter: int = Field(ge=0, le=10)
    """An NPS answer at or above this is good."""
    bad_csat: int = Field(ge=1, le=5)
    """A rating at or below this is bad."""


class SituationRule(Noun):
    """What a situation means before anything is known about the customer."""

    urgency: int = Field(ge=1, le=5)
    sentiment: Sentiment


class Escalation(Noun):
    """When a person must look."""

    vip_segments: tuple[str, ...]
    vip_level: RiskLevel
    """A VIP at this level or above."""
    vip_top_share: float = Field(ge=0, le=1)
    """A VIP within this top share of revenue at risk."""
    vip_events: tuple[EventKind, ...]
    """Kinds of event that a VIP tells a person, not a machine."""
    high_value: float = Field(ge=0)
    """Lifetime value above which money alone matters, in the base's currency."""
    high_value_level: RiskLevel
    high_value_top_share: float = Field(ge=0, le=1)
    low_csat: float = Field(ge=1, le=5)
    """A mean CSAT below this ..."""
    low_csat_tickets: int = Field(ge=1)
    """... over at least this many rated tickets."""
    repeated: int = Field(ge=2)
    """The same adverse thing this often within the history window."""
    frustration_urgency: int = Field(ge=1, le=5)
    """Very negative sentiment at this urgency or above."""
    fraud_topics: tuple[str, ...]
    """Ticket categories and payment failure reasons about fraud or security."""
    legal_topics: tuple[str, ...]


class Priorities(Noun):
    """How soon: the highest that applies."""

    urgency: dict[Annotated[int, Field(ge=1, le=5)], Priority]
    level: dict[RiskLevel, Priority]
    vip_raises: bool
    """Whether a VIP's case moves up one step."""


class OfferRule(Noun):
    """One thing that may be given, and to whom."""

    id: str
    percent_off: float = Field(gt=0, le=1)
    valid_days: int = Field(ge=1)
    situations: tuple[SituationKind, ...]
    segments: tuple[str, ...] = ()
    """Empty means every segment."""
    min_level: RiskLevel = RiskLevel.LOW

    def fits(self, situation: SituationKind, segment: str | None, level: RiskLevel | None) -> bool:
        """Whether this may be given to such a customer; an unknown level fits nothing."""
        return (
            situation in self.situations
            and (not self.segments or is_among(segment, self.segments))
            and level is not None
            and level.order >= self.min_level.order
        )


class Offers(Noun):
    """What may be given at all, and what a person must approve."""

    automatic_limit: float = Field(ge=0, le=1)
    """Up to this share of the price without a person."""
    hard_cap: float = Field(ge=0, le=1)
    """Beyond this share never, whoever proposes it."""
    catalogue: tuple[OfferRule, ...]
    """In order of preference: the first that fits is proposed."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.automatic_limit > self.hard_cap:
            raise ValueError("automatic_limit is above hard_cap")
        for rule in self.catalogue:
            if rule.percent_off > self.hard_cap:
                raise ValueError(f"offer {rule.id!r} is above hard_cap")
            if rule is not self.named(rule.id):
                raise ValueError(f"two offers are called {rule.id!r}")
        return self

    def named(self, offer_id: str) -> OfferRule | None:
        """Give the rule with this id, `None` when the catalogue has none."""
        return next((rule for rule in self.catalogue if rule.id == offer_id), None)


class Playbook(Noun):
    """What to do in a situation; the first that fits is used."""

    situation: SituationKind
    segments: tuple[str, ...] = ()
    """Empty means every segment."""
    action: Action
    tone: Tone
    steps: tuple[str, ...]
    promises: tuple[str, ...] = ()
    """Phrases that messages may promise here, exactly as they are written in any language."""


class Team(Noun):
    """A team that takes cases."""

    name: str
    level: int = Field(ge=1)
    sla_hours: float = Field(gt=0)


class Teams(Noun):
    """Who takes which case; a base's escalation_matrix replaces the list of the same names."""

    matrix: tuple[Team, ...] = Field(min_length=1)
    by_reason: dict[ReasonCode, str]
    """Reason code to team name; looked at first."""
    by_topic: dict[str, str]
    """Ticket category to team name."""
    default: str


class Policy(Noun):
    """The document of what we may do. Loaded and hashed once, named in every result."""

    name: str
    version: int = Field(ge=1)
    sender: Annotated[str, Field(min_length=1, pattern=r"^[^\r\n]+$")] | None = None
    """Who signs; `None` uses each language's own words for the customer care team."""
    domains: tuple[str, ...] = ()
    """Hosts that links in messages may lead to, by https."""
    default_language: Language
    """For customers whose language is unknown."""
    channels: tuple[Channel, ...] = Field(min_length=1)
    """In order of preference."""
    cooldown_days: int = Field(ge=0)
    """Days after a contact in which nobody writes to the same customer again."""
    evidence: Evidence
    situations: dict[SituationKind, SituationRule]
    escalation: Escalation
    priorities: Priorities
    offers: Offers
    teams: Teams
    cases: CaseRules = CaseRules()
    festivals: FestivalRules = FestivalRules()
    playbooks: tuple[Playbook, ...]

    @model_validator(mode="after")
    def _complete(self) -> Self:
        everybody = {book.situation for book in self.playbooks if not book.segments}
        missing = [kind.value for kind in SituationKind if kind not in everybody]
        if missing:
            raise ValueError(f"no playbook for everybody in {', '.join(missing)}")
        unruled = [kind.value for kind in SituationKind if kind not in self.situations]
        if unruled:
            raise ValueError(f"no [situations] entry for {', '.join(unruled)}")
        names = {team.name for team in self.teams.matrix}
        named = {*self.teams.by_reason.values(), *self.teams.by_topic.values(), self.teams.default}
        if named - names:
            raise ValueError(f"no team {', '.join(sorted(named - names))} in teams.matrix")
        return self

    @property
    def hash(self) -> str:
        """Twelve hexadecimal digits that change with anything in the document."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:12]

    def is_vip(self, segment: str | None) -> bool:
        """Whether this segment is one of the VIP segments."""
        return is_among(segment, self.escalation.vip_segments)

    def playbook(self, situation: SituationKind, segment: str | None) -> Playbook:
        """Give the first playbook that fits."""
        return next(
            book
            for book in self.playbooks
            if book.situation is situation
            and (not book.segments or is_among(segment, book.segments))
        )

    def offer_for(
        self, situation: SituationKind, *, segment: str | None, level: RiskLevel | None
    ) -> Offer | None:
        """Propose the first offer of the catalogue that fits; it is not approved yet."""
        for rule in self.offers.catalogue:
            if rule.fits(situation, segment, level):
                return Offer(id=rule.id, percent_off=rule.percent_off, valid_days=rule.valid_days)
        return None
