"""A policy in a few sentences, for people who decide whether it is right."""

from collections.abc import Iterator

from procx_graph.domain.case_rules import Calendar
from procx_graph.domain.contact_rules import Caps, HoursRule
from procx_graph.domain.policy import Approval, Policy

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_APPROVAL = {
    Approval.NONE: "only what a person must decide waits",
    Approval.ESCALATED: "drafts of escalated cases wait for a person",
    Approval.ALL: "every draft waits for a person",
}
_USUAL = (0.05, 0.10)
"""Shares of a holdout that are usual."""


def policy_summary(policy: Policy) -> list[str]:
    """Give what a policy allows, a line for each subject."""
    return [
        f"Channels: {', '.join(channel.value for channel in policy.channels)}",
        f"Approval: {_APPROVAL[policy.approval]}",
        f"Pause: {_days(policy.cooldown_days)} after a message, "
        f"{_days(policy.contact.resolved_days)} after an answered case",
        f"Caps: {'; '.join(_caps(policy))}",
        *(f"Hours: {_hours(rule)}" for rule in policy.contact.hours),
        f"Festivals: {_festivals(policy)}",
        f"Holdout: {_holdout(policy)}",
        f"Offers: {_offers(policy)}",
        *(
            f"Offer {rule.id}: {rule.percent_off:.0%} for {_days(rule.valid_days)}, in "
            f"{', '.join(kind.value for kind in rule.situations) or 'no situation'}"
            for rule in policy.offers.catalogue
        ),
        f"Budgets: {_budgets(policy)}",
        f"Teams: {', '.join(f'{t.name} ({t.sla_hours:g} h)' for t in policy.teams.matrix)}",
        f"Clock of cases: {_calendar(policy.cases.calendar)}",
        *(
            f"Clock of {team}: {_calendar(calendar)}"
            for team, calendar in policy.cases.calendars.items()
        ),
        f"Playbooks: {len(policy.playbooks)} for {len(policy.situations)} situations",
    ]


def policy_remarks(policy: Policy) -> list[str]:
    """Give what is allowed and yet unusual."""
    share, found = policy.holdout.share, []
    if share and not _USUAL[0] <= share <= _USUAL[1]:
        found.append(f"holdout.share: {share:.0%} are held out; 5 to 10 % is usual")
    for place, rule in enumerate(policy.contact.hours):
        if rule.opens == rule.closes:
            found.append(f"contact.hours.{place}: open round the clock")
    return found


def _caps(policy: Policy) -> Iterator[str]:
    rules = policy.contact
    told = [("overall", rules.overall), *((c.value, caps) for c, caps in rules.channels.items())]
    for name, caps in told:
        yield f"{name} {_cap(caps)}"


def _cap(caps: Caps) -> str:
    parts = [
        f"{number} a {unit}"
        for number, unit in ((caps.per_day, "day"), (caps.per_week, "week"))
        if number is not None
    ]
    return ", ".join(parts) or "without limit"


def _hours(rule: HoursRule) -> str:
    place = rule.country or "everywhere"
    parts = [f"{place} {'/'.join(rule.regions)}".strip()]
    if rule.days:
        parts.append(" ".join(_DAYS[day - 1] for day in rule.days))
    if rule.purposes:
        parts.append("/".join(purpose.value for purpose in rule.purposes))
    parts.append(f"{rule.opens:%H:%M}-{rule.closes:%H:%M}")
    if rule.per_day is not None:
        parts.append(f"{rule.per_day} within 24 hours")
    return ", ".join(parts)


def _holdout(policy: Policy) -> str:
    holdout = policy.holdout
    return f"{holdout.share * 100:g}% in {holdout.experiment!r}" if holdout.on else "nobody"


def _festivals(policy: Policy) -> str:
    rules = policy.festivals
    if not rules.enabled:
        return "no greetings"
    return f"{', '.join(rules.names) or 'all'}, greeted up to {_days(rules.days)} ahead"


def _calendar(calendar: Calendar) -> str:
    days = " ".join(_DAYS[day - 1] for day in sorted(set(calendar.days)))
    hours = f"{calendar.opens:%H:%M}-{calendar.closes:%H:%M} {calendar.time_zone}"
    told = f"{days}, {'round the clock' if calendar.round_the_clock else hours}"
    return f"{told}, not on holidays of {calendar.holidays}" if calendar.holidays else told


def _offers(policy: Policy) -> str:
    offers = policy.offers
    return (
        f"up to {offers.automatic_limit:.0%} automatic, above it a person, "
        f"never above {offers.hard_cap:.0%}"
    )


def _budgets(policy: Policy) -> str:
    one, scan = policy.offers.budget_per_customer, policy.offers.budget_per_scan
    parts = []
    if one.number is not None:
        parts.append(f"{one.number} offers a customer in {_days(one.days)}")
    if one.worth is not None:
        parts.append(f"worth {one.worth:g} a customer in {_days(one.days)}")
    if scan.worth is not None:
        parts.append(f"worth {scan.worth:g} a scan")
    return ", ".join(parts) or "none"


def _days(number: int) -> str:
    return "1 day" if number == 1 else f"{number} days"
