"""People at work on the cases of a store, on both databases."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import select, update

from procx_graph import CustomerBase, Monitor, Reviews, Store
from procx_graph.casework.clock import Lateness
from procx_graph.domain.case import CaseState, Opening, Step
from procx_graph.domain.clock import FixedClock
from procx_graph.errors import ConfigError, ReviewError
from procx_graph.report import ScanReport, Status
from procx_graph.store import DurableLedger, Scans, audit, cases
from procx_graph.store.schema import outcomes, review_cases
from tests.conftest import NOON, MakeMonitor, Shop, rated
from tests.unit.builders import a_policy
from tests.unit.store.places import KINDS, a_place

EAGER = a_policy(cooldown_days=0, contact={"resolved_days": 0})
"""Writes to the same customer again at once."""
LARGE = {"id": "big", "percent_off": 0.15, "valid_days": 1, "situations": ["check_in"]}
"""An offer that a person must approve."""


@pytest.fixture(scope="module")
def street(shop: Shop) -> CustomerBase:
    """Cem and Eva need a person; there are three people who could take a case."""
    base = shop(
        ana={},
        cem={"language": "hi"},
        eva={"language": "fr"},
        support_tickets=rated("cem", 1, 2, category="account"),
    )
    people = pd.DataFrame(
        {
            "agent_id": ["ravi", "tess", "umi"],
            "team": ["CX Tier 1", "CX Tier 2", "CX Tier 1"],
            "languages": ["hi, en", "en", "fr"],
        }
    )
    tables = {name: base.table(name).collect() for name in base.tables}
    return CustomerBase.from_frames(tables | {"agent_profiles": people}, as_of=base.as_of)


@pytest.fixture(params=KINDS)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    with a_place(request.param, tmp_path) as place, Store.open(place) as store:
        yield store


class Office:
    """A store with a scan, and the inbox at any later moment, as another process would open it."""

    def __init__(
        self, base: CustomerBase, store: Store, monitor_of: MakeMonitor, **parts: Any
    ) -> None:
        self.base, self.store, self._monitor_of = base, store, monitor_of
        self.report: ScanReport = self.monitor(**parts).scan(limit=None, scan_id="s")

    def monitor(self, hours: float = 0, **parts: Any) -> Monitor:
        clock = FixedClock(self.base.as_of + timedelta(hours=hours))
        return self._monitor_of(
            parts.pop("base", self.base), store=self.store, clock=clock, **parts
        )

    def at(self, hours: float = 0, **parts: Any) -> Reviews:
        return Reviews(self.monitor(hours, **parts))

    def id(self, customer_id: str) -> str:
        [review] = [r.review for r in self.report.results if r.customer_id == customer_id]
        assert review is not None
        return str(review.review_id)


@pytest.fixture
def office(street: CustomerBase, store: Store, monitor_of: MakeMonitor) -> Office:
    return Office(street, store, monitor_of)


def steps(reviews: Reviews, review_id: str) -> list[str]:
    return [f"{one.step.value} by {one.actor}" for one in reviews.show(review_id).history]


# The list


def test_what_waits_is_listed_by_when_it_is_due(office: Office) -> None:
    found = office.at(1).waiting()

    assert sorted(one.case.customer_id for one in found) == ["cem", "eva"]
    assert [one.case.due_at for one in found] == sorted(one.case.due_at for one in found)
    assert {one.reason for one in found} == {"low_csat", "unsupported_language"}
    assert {one.lateness for one in found} == {Lateness.IN_TIME}
    assert {one.case.state for one in found} == {CaseState.OPEN}


def test_the_list_is_narrowed_by_team_person_and_lateness(office: Office) -> None:
    reviews = office.at(13)
    reviews.take(office.id("cem"), "ravi")

    assert [one.case.customer_id for one in reviews.waiting(assignee="ravi")] == ["cem"]
    assert [one.case.customer_id for one in reviews.waiting(assignee="")] == ["eva"]
    assert reviews.waiting(team="nobody's team") == []
    assert len(reviews.waiting(team="cx tier 1")) == 2
    assert len(reviews.waiting(lateness="soon")) == 2
    assert reviews.waiting(lateness=Lateness.OVERDUE) == []


def test_an_inbox_without_a_store_is_refused(street: CustomerBase, monitor_of: MakeMonitor) -> None:
    with pytest.raises(ConfigError, match="needs the monitor's store"):
        Reviews(monitor_of(street))


# Whose a case is


def test_a_case_is_taken_released_and_taken_by_another(office: Office) -> None:
    reviews, case = office.at(), office.id("cem")

    assert reviews.take(case, "ravi").state is CaseState.IN_PROGRESS
    with pytest.raises(ReviewError, match="taken by ravi"):
        reviews.take(case, "umi")
    with pytest.raises(ReviewError, match="taken by ravi"):
        reviews.release(case, "umi")
    reviews.release(case, "ravi")
    assert reviews.take(case, "umi").assignee == "umi"
    assert steps(reviews, case) == [
        "opened by procx", "started by ravi", "released by ravi", "started by umi",
    ]  # fmt: skip


def test_an_answer_to_a_case_that_somebody_else_took_changes_nothing(office: Office) -> None:
    case = office.id("cem")
    office.at().take(case, "ravi")

    for who in ("umi", None):
        answer = {"verdict": "approve"} | ({"reviewer": who} if who else {})
        with pytest.raises(ReviewError, match="was taken by ravi"):
            office.monitor().resolve(case, answer)

    assert DurableLedger(office.store).case(case).open
    assert office.at().approve(case, "ravi").status is Status.CLOSED


def test_of_two_who_read_the_same_case_the_second_step_is_refused(office: Office) -> None:
    reviews, case = office.at(), office.id("cem")
    seen = reviews.show(case).case

    reviews.assign(case, "umi", by="tess", version=seen.version)
    with pytest.raises(ReviewError, match="changed meanwhile"):
        reviews.assign(case, "ravi", by="tess", version=seen.version)
    with office.store.writing() as connection, pytest.raises(ReviewError, match="by tess"):
        cases.change(connection, seen, Step.STARTED, actor="ravi", at=NOON, assignee="ravi")

    assert reviews.show(case).case.assignee == "umi"


def test_cases_go_to_whoever_speaks_the_language(office: Office) -> None:
    given = office.at().distribute(by="lead")

    assert {case.customer_id: case.assignee for case in given} == {"cem": "ravi", "eva": "umi"}
    assert {case.state for case in given} == {CaseState.ASSIGNED}
    assert office.at().distribute(by="lead") == []


def test_a_team_with_nobody_is_named(office: Office, street: CustomerBase) -> None:
    tables = {n: street.table(n).collect() for n in street.tables if n != "agent_profiles"}
    empty = CustomerBase.from_frames(tables, as_of=street.as_of)
    reviews = office.at(base=empty)

    with pytest.raises(ReviewError, match="nobody of CX Tier 1"):
        reviews.assign(office.id("cem"), by="lead")
    assert reviews.distribute(by="lead") == []


@pytest.mark.parametrize("name", ["", "  ", None, 7])
def test_a_step_needs_a_name(office: Office, name: Any) -> None:
    with pytest.raises(ReviewError, match="say who"):
        office.at().take(office.id("cem"), name)


def test_a_case_that_is_not_there_is_named(office: Office) -> None:
    reviews = office.at()

    for step in (reviews.take, reviews.release, reviews.wait, reviews.approve, reviews.reject):
        with pytest.raises(ReviewError, match="no review 'rev_0'"):
            step("rev_0", "ravi")
    with pytest.raises(ReviewError, match="no review 'rev_0'"):
        reviews.show("rev_0")


# The clock


def test_each_warning_is_given_once_and_an_overdue_case_goes_a_level_up(office: Office) -> None:
    assert office.at(1).tick() == []
    assert {one.detail["share"] for one in office.at(13).tick()} == {0.5}
    assert office.at(13).tick() == []
    assert {one.detail["share"] for one in office.at(20).tick()} == {0.8}

    raised = office.at(25).tick()

    assert [one.step for one in raised] == [Step.RAISED, Step.ASSIGNED] * 2
    case = office.at(25).show(office.id("cem")).case
    assert (case.team, case.level, case.assignee) == ("CX Tier 2", 2, "tess")
    assert case.due_at == office.base.as_of + timedelta(hours=37)
    assert steps(office.at(25), office.id("cem"))[-2:] == ["raised by procx", "assigned by procx"]


def test_the_highest_level_is_told_once_that_a_case_is_overdue(office: Office) -> None:
    for hours in (25, 38):
        office.at(hours).tick()

    assert [one.step for one in office.at(38 + 49).tick()] == [Step.OVERDUE] * 2
    assert office.at(200).tick() == []
    case = office.at(200).show(office.id("cem"))
    assert case.case.level == 3
    assert [one.step for one in case.history].count(Step.OVERDUE) == 1


def test_a_wait_that_is_told_twice_is_one_step(office: Office) -> None:
    case = office.id("cem")
    office.at(1).take(case, "ravi")

    once, twice = office.at(2).wait(case, "ravi"), office.at(3).wait(case, "ravi")

    assert once == twice


def test_an_unknown_lateness_is_no_empty_list(office: Office) -> None:
    with pytest.raises(ConfigError, match="'late'"):
        office.at(1).waiting(lateness="late")


def test_while_the_customer_is_to_answer_nobody_is_warned(office: Office) -> None:
    case = office.id("cem")
    office.at(1).take(case, "ravi")
    office.at(2).wait(case, "ravi")

    assert case not in {one.review_id for one in office.at(30).tick()}
    back = office.at(30).go_on(case, "ravi")

    assert (back.state, back.paused_at) == (CaseState.IN_PROGRESS, None)
    assert back.due_at == office.base.as_of + timedelta(hours=52)


def test_who_did_not_wait_does_not_go_on(office: Office) -> None:
    case = office.id("cem")
    taken = office.at(1).take(case, "ravi")

    assert office.at(2).go_on(case, "ravi") == taken


# Answers


def test_an_answer_ends_the_work_and_is_audited(office: Office) -> None:
    case = office.id("cem")
    office.at(1).take(case, "ravi")
    office.at(2).approve(case, "ravi", note="sounds right")

    file = office.at(2).show(case)
    assert (file.case.state, file.lateness) == (CaseState.RESOLVED, Lateness.IN_TIME)
    assert office.at(2).waiting(team="CX Tier 1")[0].case.customer_id == "eva"
    with office.store.reading() as connection:
        last = audit.entries(connection, case)[-1]
    assert (last.actor, last.action) == ("ravi", "case answered")
    assert last.detail == {"verdict": "approve", "why": "sounds right", "run_id": "s:cem"}
    assert office.at(3).close(case, "lead").state is CaseState.CLOSED


def test_a_dropped_case_is_cancelled(office: Office) -> None:
    office.at().dismiss(office.id("eva"), "umi", why="handled by phone")

    assert office.at().show(office.id("eva")).case.state is CaseState.CANCELLED


def test_a_false_alarm_is_kept_as_an_outcome(office: Office) -> None:
    office.at(1).dismiss(office.id("eva"), "umi", why="a test account", false_alarm=True)

    with office.store.reading() as connection:
        [kept] = connection.execute(select(outcomes)).all()
    assert (kept.customer_id, kept.kind, kept.run_id) == ("eva", "false_alarm", "s:eva")
    assert kept.note == "a test account"


def test_a_second_answer_is_refused(office: Office) -> None:
    case = office.id("cem")
    office.at().reject(case, "ravi", why="no")

    for answer in (office.at().approve, office.at().reject, office.at().dismiss):
        with pytest.raises(ReviewError, match="already answered"):
            answer(case, "ravi")
    with pytest.raises(ReviewError, match="resolved"):
        office.at().take(case, "ravi")


def test_an_edited_text_goes_through_the_checks(office: Office) -> None:
    case = office.id("cem")

    with pytest.raises(ReviewError, match="the checks refuse this text"):
        office.at().edit(case, "ravi", "हमने आपको 90% की छूट दी है।")

    assert office.at().show(case).case.state is CaseState.OPEN
    done = office.at().edit(case, "ravi", "क्षमा करें। इस संदेश का उत्तर दें।")
    assert done.status is Status.CLOSED


def test_an_old_draft_is_not_approved_any_more_but_written_again(office: Office) -> None:
    case = office.id("cem")

    with pytest.raises(ReviewError, match="more than 7 days old"):
        office.at(24 * 8).approve(case, "ravi")

    assert DurableLedger(office.store).case(case).open
    assert office.at(24 * 8).respond(case, "ravi", "formal").status is Status.CLOSED


def test_who_opted_out_meanwhile_is_not_written_to(
    street: CustomerBase, store: Store, monitor_of: MakeMonitor
) -> None:
    policy = a_policy(offers={"catalogue": [LARGE]})
    office = Office(street, store, monitor_of, policy=policy)
    case = office.id("ana")
    tables = {name: street.table(name).collect() for name in street.tables}
    people = tables["customers"].to_pandas()
    people["opt_in_marketing"] = False
    changed = CustomerBase.from_frames(tables | {"customers": people}, as_of=street.as_of)

    with pytest.raises(ReviewError, match="does not permit marketing by email: no_consent"):
        office.at(1, base=changed, policy=policy).approve(case, "tess")

    assert DurableLedger(office.store).case(case).open
    assert office.at(1, policy=policy).approve(case, "tess").status is Status.CLOSED


def test_the_text_that_was_approved_is_the_one_that_was_kept_and_shown(office: Office) -> None:
    case, added = office.id("cem"), "कृपया इस संदेश का उत्तर दें।"
    this = review_cases.c.review_id == case
    with office.store.writing() as connection:
        told = json.loads(connection.scalars(select(review_cases.c.case).where(this)).one())
        told["packet"]["draft"]["body"] += f"\n\n{added}"
        connection.execute(update(review_cases).where(this).values(case=json.dumps(told)))

    done = office.at(1).approve(case, "ravi")

    assert done.message is not None
    assert done.message.body.endswith(added)


# One case a matter


def test_a_matter_that_comes_up_again_goes_along_with_the_open_case(office: Office) -> None:
    case = office.at().show(office.id("cem"))
    again = case.case.model_copy(update={"review_id": "rev_other"})

    with office.store.writing() as connection:
        kept = cases.open_case(connection, Opening(case=again, reopens_since=NOON))

    assert kept.review_id == office.id("cem")
    assert len(office.at().waiting()) == 2


def test_two_scans_at_once_open_one_case(
    street: CustomerBase, store: Store, monitor_of: MakeMonitor
) -> None:
    first, second = (monitor_of(street, store=store) for _ in range(2))
    running = [m.begin(limit=None, scan_id=name) for m, name in ((first, "a"), (second, "b"))]

    reports = []
    for one in running:
        for _ in one:
            pass
        reports.append(one.report())

    assert len(Reviews(first).waiting()) == 2
    told = [r for report in reports for r in report.results if r.customer_id == "cem"]
    assert sorted(r.status for r in told) == [Status.ESCALATED, Status.SKIPPED]
    assert {r.reason for r in told if r.status is Status.SKIPPED} == {"open_case"}
    for report in reports:
        kept = Scans(store).runs(report.scan_id)
        assert {run.status for run in kept} <= {"drafted", "escalated", "skipped"}


def test_a_matter_that_comes_up_again_soon_reopens_the_last_case(office: Office) -> None:
    case = office.id("cem")
    office.at(1).reject(case, "ravi")
    again = office.monitor(48, policy=EAGER).scan(limit=None, scan_id="t")

    [review] = [r.review for r in again.results if r.customer_id == "cem"]
    assert review is not None
    found = office.at(48).show(str(review.review_id)).case
    assert (found.state, found.reopens) == (CaseState.REOPENED, case)

    office.at(49).reject(found.review_id, "ravi")
    later = office.monitor(24 * 20, policy=EAGER).scan(limit=None, scan_id="u")
    [review] = [r.review for r in later.results if r.customer_id == "cem"]
    assert review is not None
    assert office.at(24 * 20).show(str(review.review_id)).case.reopens is None


def test_an_offer_that_expired_is_not_approved(
    street: CustomerBase, store: Store, monitor_of: MakeMonitor
) -> None:
    policy = a_policy(offers={"catalogue": [LARGE]})
    office = Office(street, store, monitor_of, policy=policy)
    case = office.id("ana")

    with pytest.raises(ReviewError, match=r"expired on .*: respond"):
        office.at(24 * 3, policy=policy).approve(case, "tess")

    done = office.at(24 * 3, policy=policy).respond(case, "tess", "no offer")
    assert done.message is not None
    assert "15" not in done.message.body


def test_what_happens_to_a_customer_whom_a_person_has_in_hand_is_told_there(office: Office) -> None:
    event = {"kind": "complaint", "description": "Where is it?"}

    running = office.monitor(2).process("cem", event=event, scan_id="news")
    for _ in running:
        pass

    [result] = running.report().results
    assert (result.status, result.reason) == (Status.SKIPPED, "open_case")
    last = office.at(2).show(office.id("cem")).history[-1]
    assert (last.step, last.detail) == (Step.MERGED, {"event": "complaint", "run_id": "news:cem"})


def test_what_was_decided_without_a_person_is_audited_too(office: Office) -> None:
    with office.store.reading() as connection:
        [row] = audit.entries(connection, "s:ana")

    assert (row.actor, row.action) == ("procx", "drafted")
    assert row.detail["policy"] == office.at().policy.hash
