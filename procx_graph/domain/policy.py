"""What we may do: escalation, priorities, offers, teams and playbooks in one document."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from procx_graph.domain.case_rules import CaseRules
from procx_graph.domain.contact_rules import ContactRules
from procx_graph.domain.customer import CustomerState
from procx_graph.domain.decision import Action, Offer, Priority, ReasonCode
from procx_graph.domain.event import EventKind
from procx_graph.domain.festival_rules import FestivalRules
from procx_graph.domain.holdout import Holdout
from procx_graph.domain.message import Channel, Language, Tone
from procx_graph.domain.model import Noun
from procx_graph.domain.offer_budget import CustomerBudget, ScanBudget
from procx_graph.domain.outbox_rules import OutboxRules
from procx_graph.domain.risk import RiskLevel
from procx_graph.domain.share import Share
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
    percent_off: Share = Field(gt=0, le=1)
    """A share of the price, as 0.10 or "10%"."""
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

    def proposed(self) -> Offer:
        """Give it as an offer that is not approved yet."""
        return Offer(id=self.id, percent_off=self.percent_off, valid_days=self.valid_days)


class Offers(Noun):
    """What may be given at all, and what a person must approve."""

    automatic_limit: Share
    """Up to this share of the price without a person."""
    hard_cap: Share
    """Beyond this share never, whoever proposes it."""
    catalogue: tuple[OfferRule, ...]
    """In order of preference: the first that fits is proposed."""
    budget_per_customer: CustomerBudget = CustomerBudget()
    budget_per_scan: ScanBudget = ScanBudget()

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        wrong = []
        if self.automatic_limit > self.hard_cap:
            wrong.append("automatic_limit is above hard_cap")
        for rule in self.catalogue:
            if rule.percent_off > self.hard_cap:
                wrong.append(f"offer {rule.id!r} is above hard_cap")
            if rule is not self.named(rule.id):
                wrong.append(f"two offers are called {rule.id!r}")
        if wrong:
            raise ValueError("; ".join(wrong))
        return self

    def named(self, offer_id: str) -> OfferRule | None:
        """Give the rule with this id, `None` when the catalogue has none."""
        return next((rule for rule in self.catalogue if rule.id == offer_id), None)


class Playbook(Noun):
    """What to do in a situation; the first that fits is used."""

    situation: SituationKind
    segments: tuple[str, ...] = ()
    """Empty means every segment."""
    states: tuple[CustomerState, ...] = ()
    """Empty means every state."""
    action: Action
    tone: Tone
    steps: tuple[str, ...]
    offers: tuple[str, ...] | None = None
    """Ids of what may be offered, in order; `None` means any that fits, empty means nothing."""
    channels: tuple[Channel, ...] | None = Field(default=None, min_length=1)
    """In order of preference, out of the policy's; `None` means the policy's own order."""

    promises: tuple[str, ...] = ()
    """Phrases that messages may promise here, exactly as they are written in any language."""

    def fits(
        self, situation: SituationKind, segment: str | None, state: CustomerState | None
    ) -> bool:
        """Whether it is for such a customer; an unknown segment or state fits only all."""
        return (
            self.situation is situation
            and (not self.segments or is_among(segment, self.segments))
            and (not self.states or state in self.states)
        )


ALWAYS_A_PERSON = frozenset(
    {
        ReasonCode.OFFER_APPROVAL,
        ReasonCode.UNSUPPORTED_LANGUAGE,
        ReasonCode.COMPLIANCE_BLOCK,
        ReasonCode.FRAUD_OR_SECURITY,
        ReasonCode.LEGAL_OR_REGULATOR,
        ReasonCode.CUSTOMER_ASKED,
    }
)
"""Reasons for which a person must decide under every policy."""


class Approval(StrEnum):
    """Which messages wait for a person before they go out."""

    NONE = "none"
    """Only those for which a person must decide, see `ALWAYS_A_PERSON`."""
    ESCALATED = "escalated"
    """Those of cases that were escalated, and drafts that the checks stopped."""
    ALL = "all"
    """Every one."""


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
    approval: Approval = Approval.ESCALATED
    evidence: Evidence
    situations: dict[SituationKind, SituationRule]
    escalation: Escalation
    priorities: Priorities
    offers: Offers
    teams: Teams
    contact: ContactRules = ContactRules()
    holdout: Holdout = Holdout()
    cases: CaseRules = CaseRules()
    outbox: OutboxRules = OutboxRules()
    festivals: FestivalRules = FestivalRules()
    playbooks: tuple[Playbook, ...]

    @model_validator(mode="after")
    def _complete(self) -> Self:
        wrong = [*self._wrong_situations(), *self._wrong_teams(), *self._wrong_playbooks()]
        if wrong:
            raise ValueError("; ".join(wrong))
        return self

    def _wrong_situations(self) -> Iterator[str]:
        everybody = {
            book.situation for book in self.playbooks if not book.segments and not book.states
        }
        missing = [kind.value for kind in SituationKind if kind not in everybody]
        if missing:
            yield f"no playbook for everybody in {', '.join(missing)}"
        unruled = [kind.value for kind in SituationKind if kind not in self.situations]
        if unruled:
            yield f"no [situations] entry for {', '.join(unruled)}"

    def _wrong_teams(self) -> Iterator[str]:
        names = {team.name for team in self.teams.matrix}
        named = {*self.teams.by_reason.values(), *self.teams.by_topic.values(), self.teams.default}
        if named - names:
            yield f"no team {', '.join(sorted(named - names))} in teams.matrix"
        if unknown := self.cases.calendars.keys() - names:
            yield f"cases.calendars: no team {', '.join(sorted(unknown))} in teams.matrix"

    def _wrong_playbooks(self) -> Iterator[str]:
        for number, book in enumerate(self.playbooks):
            for one in book.offers or ():
                if self.offers.named(one) is None:
                    yield f"playbooks.{number}: no offer is called {one!r}"
            if book.channels and not set(book.channels) & set(self.channels):
                yield f"playbooks.{number}: none of its channels is in channels"

    @property
    def hash(self) -> str:
        """Twelve hexadecimal digits that change with anything in the document.

        The order of a table's keys is not in it; that of a list is.
        """
        text = json.dumps(self.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    def is_vip(self, segment: str | None) -> bool:
        """Whether this segment is one of the VIP segments."""
        return is_among(segment, self.escalation.vip_segments)

    def playbook(
        self, situation: SituationKind, segment: str | None, state: CustomerState | None = None
    ) -> Playbook:
        """Give the first playbook that fits."""
        return next(book for book in self.playbooks if book.fits(situation, segment, state))

    def channels_of(self, book: Playbook) -> tuple[Channel, ...]:
        """Give the channels that a playbook may use, in its own order of preference."""
        wanted = self.channels if book.channels is None else book.channels
        return tuple(channel for channel in wanted if channel in self.channels)

    def offers_for(
        self,
        situation: SituationKind,
        *,
        segment: str | None,
        level: RiskLevel | None,
        book: Playbook | None = None,
    ) -> tuple[OfferRule, ...]:
        """Give what may be offered, the preferred first; no budget is looked at yet.

        Args:
            situation: What it is about.
            segment: The customer's.
            level: The customer's churn risk level.
            book: Whose offers only; `None` takes the whole catalogue.
        """
        rules = self.offers.catalogue
        if book is not None and book.offers is not None:
            named = (self.offers.named(one) for one in book.offers)
            rules = tuple(rule for rule in named if rule is not None)
        return tuple(rule for rule in rules if rule.fits(situation, segment, level))

    def offer_for(
        self, situation: SituationKind, *, segment: str | None, level: RiskLevel | None
    ) -> Offer | None:
        """Propose the first offer of the catalogue that fits; it is not approved yet."""
        return next(
            (rule.proposed() for rule in self.offers_for(situation, segment=segment, level=level)),
            None,
        )
