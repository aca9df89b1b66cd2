"""The policy: what it refuses, what it chooses, and its hash."""

import copy
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import ValidationError

from procx_graph.domain.decision import Action
from procx_graph.domain.message import Tone
from procx_graph.domain.policy import Policy
from procx_graph.domain.risk import RiskLevel
from procx_graph.domain.situation import SituationKind
from procx_graph.outreach.policies import load_policy
from tests.unit.builders import a_policy

Document = dict[str, Any]
Change = Callable[[Document], object]


@pytest.fixture
def document() -> Document:
    return copy.deepcopy(load_policy().model_dump(mode="json"))


def put(*path: str | int, value: object) -> Change:
    def change(document: Document) -> None:
        place: Any = document
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = value

    return change


def drop(*path: str | int) -> Change:
    def change(document: Document) -> None:
        place: Any = document
        for key in path[:-1]:
            place = place[key]
        del place[path[-1]]

    return change


def without_playbook(situation: str) -> Change:
    def change(document: Document) -> None:
        document["playbooks"] = [b for b in document["playbooks"] if b["situation"] != situation]

    return change


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (put("colour", value="red"), "colour"),
        (drop("name"), "name"),
        (put("version", value=0), "version"),
        (put("default_language", value="fr"), "default_language"),
        (put("channels", value=[]), "channels"),
        (put("channels", value=["pigeon"]), "channels"),
        (put("cooldown_days", value=-1), "cooldown_days"),
        (put("cases", "calendar", "holidays", value="XX"), "cases.calendar.holidays"),
        (put("cases", "calendar", "holidays", value="IN-ZZ"), "cases.calendar.holidays"),
        (put("evidence", "adverse_days", value=0), "evidence.adverse_days"),
        (put("evidence", "angry_sentiment", value=-1.5), "evidence.angry_sentiment"),
        (put("evidence", "late_dais", value=2), "evidence.late_dais"),
        (put("situations", "grumpy", value={}), "situations.grumpy"),
        (put("situations", "praise", "urgency", value=6), "situations.praise.urgency"),
        (put("escalation", "vip_level", value="extreme"), "escalation.vip_level"),
        (put("escalation", "vip_top_share", value=5), "escalation.vip_top_share"),
        (put("escalation", "vip_events", value=["birth"]), "escalation.vip_events"),
        (put("escalation", "high_value", value=float("nan")), "escalation.high_value"),
        (put("priorities", "level", "huge", value="low"), "priorities.level.huge"),
        (put("offers", "automatic_limit", value=10), "offers.automatic_limit"),
        (put("offers", "catalogue", 0, "percent_off", value=0), "offers.catalogue.0.percent_off"),
        (put("playbooks", 0, "action", value="bribe"), "playbooks.0.action"),
        (put("playbooks", 0, "tone", value="rude"), "playbooks.0.tone"),
        (put("teams", "matrix", value=[]), "teams.matrix"),
        (put("teams", "matrix", 0, "sla_hours", value=0), "teams.matrix.0.sla_hours"),
    ],
)
def test_a_wrong_entry_is_refused_by_its_name(
    document: Document, change: Change, named: str
) -> None:
    change(document)

    with pytest.raises(ValidationError) as refused:
        Policy.model_validate(document)

    places = [".".join(str(part) for part in error["loc"]) for error in refused.value.errors()]
    assert any(place.startswith(named) for place in places)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (put("offers", "automatic_limit", value=0.2), "automatic_limit is above hard_cap"),
        (put("offers", "hard_cap", value=0.12), "'come-back-15' is above hard_cap"),
        (put("offers", "catalogue", 1, "percent_off", value=0.9), "'come-back-10' is above"),
        (put("teams", "default", value="Nobody"), "no team Nobody"),
        (put("teams", "by_reason", "low_csat", value="Nobody"), "no team Nobody"),
        (put("teams", "by_topic", "refund", value="Nobody"), "no team Nobody"),
        (drop("teams", "matrix", 2), "no team Payments Team"),
        (without_playbook("inquiry"), "inquiry"),
        (drop("situations", "open_ticket"), "open_ticket"),
    ],
)
def test_a_policy_that_contradicts_itself_is_refused(
    document: Document, change: Change, problem: str
) -> None:
    change(document)

    with pytest.raises(ValidationError, match=problem):
        Policy.model_validate(document)


def test_a_playbook_for_one_segment_does_not_serve_everybody(document: Document) -> None:
    for book in document["playbooks"]:
        if book["situation"] == "inquiry":
            book["segments"] = ["VIP"]

    with pytest.raises(ValidationError, match="inquiry"):
        Policy.model_validate(document)


def test_a_team_for_a_reason_that_does_not_exist_is_refused(document: Document) -> None:
    document["teams"]["by_reason"]["vip_riks"] = "CX Tier 2"

    with pytest.raises(ValidationError, match="vip_riks"):
        Policy.model_validate(document)


def test_a_priority_for_an_urgency_that_does_not_exist_is_refused(document: Document) -> None:
    document["priorities"]["urgency"]["9"] = "critical"

    with pytest.raises(ValidationError, match="9"):
        Policy.model_validate(document)


def test_two_offers_of_one_name_are_refused(document: Document) -> None:
    document["offers"]["catalogue"][2]["id"] = "come-back-10"

    with pytest.raises(ValidationError, match="come-back-10"):
        Policy.model_validate(document)


def test_the_hash_is_the_same_for_the_same_document(document: Document) -> None:
    policy = Policy.model_validate(document)

    assert policy.hash == load_policy().hash
    assert len(policy.hash) == 12
    assert set(policy.hash) <= set("0123456789abcdef")


@pytest.mark.parametrize(
    "change",
    [
        put("name", value="other"),
        put("version", value=2),
        put("sender", value="Asha"),
        put("cooldown_days", value=8),
        put("channels", value=["sms", "email"]),
        put("evidence", "late_days", value=3),
        put("escalation", "low_csat", value=2.4),
        put("offers", "automatic_limit", value=0.05),
        put("teams", "matrix", 0, "sla_hours", value=23),
        put("playbooks", 0, "steps", value=["Say sorry"]),
    ],
)
def test_the_hash_changes_with_anything_in_it(document: Document, change: Change) -> None:
    before = Policy.model_validate(document).hash
    change(document)

    assert Policy.model_validate(document).hash != before


@pytest.mark.parametrize(
    ("segment", "tone"),
    [("VIP", Tone.FORMAL), ("Regular", Tone.WARM), ("Platinum Plus", Tone.WARM), (None, Tone.WARM)],
)
def test_a_segment_s_own_playbook_comes_before_everybody_s(segment: str | None, tone: Tone) -> None:
    book = load_policy().playbook(SituationKind.GONE_QUIET, segment)

    assert (book.action, book.tone) == (Action.RE_ENGAGE, tone)


@pytest.mark.parametrize("situation", SituationKind)
@pytest.mark.parametrize("segment", ["VIP", "Loyal", "Occasional", None])
def test_every_situation_has_a_playbook_with_steps(
    situation: SituationKind, segment: str | None
) -> None:
    assert load_policy().playbook(situation, segment).steps


@pytest.mark.parametrize(
    ("segment", "level", "offer"),
    [
        ("VIP", RiskLevel.CRITICAL, "come-back-15"),
        ("VIP", RiskLevel.HIGH, "come-back-15"),
        ("VIP", RiskLevel.MEDIUM, "come-back-5"),
        ("Regular", RiskLevel.CRITICAL, "come-back-10"),
        ("Regular", RiskLevel.HIGH, "come-back-10"),
        (None, RiskLevel.MEDIUM, "come-back-5"),
        ("Regular", RiskLevel.LOW, None),
        ("VIP", None, None),
    ],
)
def test_the_first_offer_that_fits_is_proposed_and_not_yet_approved(
    segment: str | None, level: RiskLevel | None, offer: str | None
) -> None:
    proposed = load_policy().offer_for(SituationKind.GONE_QUIET, segment=segment, level=level)

    assert (proposed.id if proposed else None) == offer
    assert proposed is None or not proposed.approved


@pytest.mark.parametrize("segment", ["VIP", "Regular", None])
@pytest.mark.parametrize("level", RiskLevel)
def test_nothing_is_offered_to_win_back_unless_the_catalogue_says_so(
    segment: str | None, level: RiskLevel
) -> None:
    catalogue = load_policy().model_dump(mode="json")["offers"]["catalogue"]
    given = [rule | {"situations": ["win_back"], "min_level": "low"} for rule in catalogue]
    generous = a_policy(offers={"catalogue": given})
    kind = SituationKind.WIN_BACK

    assert load_policy().offer_for(kind, segment=segment, level=level) is None
    assert generous.offer_for(kind, segment=segment, level=level) is not None


@pytest.mark.parametrize(("segment", "tone"), [("VIP", Tone.FORMAL), ("Regular", Tone.WARM)])
def test_winning_back_has_a_playbook_of_its_own(segment: str, tone: Tone) -> None:
    book = load_policy().playbook(SituationKind.WIN_BACK, segment)

    assert (book.action, book.tone) == (Action.RE_ENGAGE, tone)
    assert "Ask what kept them away" in book.steps


@pytest.mark.parametrize("situation", [kind for kind in SituationKind if kind.adverse])
def test_nobody_with_a_concrete_problem_is_offered_a_discount(situation: SituationKind) -> None:
    policy = load_policy()

    assert policy.offer_for(situation, segment="VIP", level=RiskLevel.CRITICAL) is None


def test_whose_segment_is_unknown_is_no_vip() -> None:
    policy = a_policy(escalation={"vip_segments": ["VIP", "Gold"]})

    assert policy.is_vip("Gold")
    assert not policy.is_vip("Loyal")
    assert not policy.is_vip(None)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (put("playbooks", 0, "offers", value=["gold"]), "playbooks.0: no offer is called 'gold'"),
        (put("playbooks", 0, "channels", value=[]), "playbooks.0.channels"),
        (put("playbooks", 0, "states", value=["asleep"]), "playbooks.0.states"),
        (put("contact", "hours", value=[]), "the first rule must be for every"),
        (put("contact", "hours", 0, "days", value=[1]), "the first rule must be for every"),
        (put("contact", "hours", 1, "days", value=[8]), "contact.hours.1.days"),
        (put("contact", "hours", 1, "opens", value="25:00"), "contact.hours.1.opens"),
        (put("contact", "hours", 1, "country", value="USA"), "contact.hours.1.country"),
        (put("contact", "hours", 0, "regions", value=["FL"]), "regions without a country"),
        (put("contact", "overall", "per_day", value=0), "contact.overall.per_day"),
        (put("contact", "overall", "per_day", value=65), "contact.overall.per_day"),
        (put("contact", "channels", "fax", value={}), "contact.channels.fax"),
        (put("contact", "time_zone", value="Mars"), "no time zone is called 'Mars'"),
        (put("contact", "resolved_days", value=-1), "contact.resolved_days"),
        (put("holdout", "share", value=0.6), "holdout.share"),
        (put("holdout", "experiment", value=""), "holdout.experiment"),
        (put("approval", value="some"), "approval"),
        (put("offers", "budget_per_customer", "number", value=-1), "budget_per_customer.number"),
        (put("offers", "budget_per_scan", "worth", value=float("nan")), "budget_per_scan.worth"),
        (put("offers", "hard_cap", value="abc"), "'abc' is not a share of a price"),
        (put("offers", "catalogue", 0, "percent_off", value="1000"), "more than the whole price"),
    ],
)
def test_rules_of_contact_holdout_and_budget_are_refused_by_name(
    document: Document, change: Change, problem: str
) -> None:
    change(document)

    with pytest.raises(ValidationError) as refused:
        Policy.model_validate(document)

    assert problem in str(refused.value)


def test_only_a_playbook_for_every_state_serves_everybody(document: Document) -> None:
    for book in document["playbooks"]:
        if book["situation"] == "inquiry":
            book["states"] = ["active"]

    with pytest.raises(ValidationError, match="inquiry"):
        Policy.model_validate(document)


def test_shares_may_be_told_in_percent_and_are_the_same_policy(document: Document) -> None:
    document["offers"]["hard_cap"] = "15%"
    document["offers"]["catalogue"][1]["percent_off"] = "10%"

    assert Policy.model_validate(document).hash == load_policy().hash


def test_a_calendar_of_a_team_that_is_not_there_is_refused(document: Document) -> None:
    document["cases"]["calendars"] = {"Nobody": {}}

    with pytest.raises(ValidationError, match="no team Nobody"):
        Policy.model_validate(document)
