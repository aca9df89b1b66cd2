"""The inbox from the command line."""

import sys
from pathlib import Path

import pytest

from tests.e2e.terminal import Ran, procx

AT = "2025-10-09T09:00"


class Desk:
    """A store in which cases wait, and the commands that name it."""

    def __init__(self, shop: Path, place: Path, policy: Path) -> None:
        self.where = ("--source", shop, "--store", place, "--policy", policy)
        scan = procx(
            "scan", shop, "--store", place, "--policy", policy, "--limit", 20, "--now", AT,
            "--scan-id", "s", "--json", "-",
        )  # fmt: skip
        self.ids = [r["review"]["review_id"] for r in scan.json["results"] if r["review"]]

    def inbox(self, command: str, *args: object, now: str = AT) -> Ran:
        return procx("inbox", command, *args, *self.where, "--now", now)


@pytest.fixture
def desk(shop: Path, tmp_path: Path, careful: Path) -> Desk:
    return Desk(shop, tmp_path / "procx.db", careful)


def test_what_waits_is_listed_for_people_and_for_programs(desk: Desk) -> None:
    table, listed = desk.inbox("list"), desk.inbox("list", "--json")

    assert table.code == 0
    assert desk.ids[0] in table.out
    assert "h left" in table.out
    assert {one["review_id"] for one in listed.json} == set(desk.ids)
    assert {one["lateness"] for one in listed.json} == {"in_time"}


def test_a_case_is_taken_shown_and_approved(desk: Desk) -> None:
    case = desk.ids[0]

    taken = desk.inbox("take", case, "--as", "asha")
    shown = desk.inbox("show", case)
    refused = desk.inbox("approve", case, "--as", "bo")
    approved = desk.inbox("approve", case, "--as", "asha", "--why", "fine", "--json")
    after = desk.inbox("show", case, "--json")

    assert "in progress" in taken.out
    assert "Draft" in shown.out
    assert "started by asha" in shown.out
    assert refused.code == 2
    assert "was taken by asha" in refused.err
    assert approved.json["status"] == "closed"
    assert [step["step"] for step in after.json["history"]] == ["opened", "started", "answered"]
    assert after.json["review"]["answer"]["note"] == "fine"


def test_an_edit_opens_the_editor_with_the_draft(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor = tmp_path / "editor.py"
    editor.write_text(
        "import pathlib, sys\n"
        "p = pathlib.Path(sys.argv[1])\n"
        "p.write_text(p.read_text('utf-8').replace('\\n\\n', '\\n\\n\\n', 1), 'utf-8')\n"
    )
    monkeypatch.setenv("VISUAL", f"{sys.executable} {editor}")
    done = desk.inbox("edit", desk.ids[0], "--as", "asha", "--json")

    assert "\n\n\n" in done.json["message"]["body"]
    assert done.json["reason"] == "edit"


def test_a_text_that_the_checks_refuse_changes_nothing(desk: Desk) -> None:
    refused = desk.inbox("edit", desk.ids[0], "--text", "You get 90% off!")

    assert refused.code == 2
    assert "the checks refuse this text" in refused.err
    assert desk.ids[0] in desk.inbox("list").out


def test_cases_are_shared_out(desk: Desk) -> None:
    given = desk.inbox("assign", "--all", "--as", "lead")
    mine = desk.inbox("list", "--mine", "--as", "nobody at all")
    named = desk.inbox("assign", desk.ids[0], "--to", "asha", "--as", "lead")
    asked = desk.inbox("assign")

    assert given.out.count("assigned") == len(desk.ids)
    assert "nothing waits" in mine.out
    assert "asha" in named.out
    assert asked.code == 2
    assert "name one case, or say --all" in asked.err


def test_the_clock_warns_once_and_moves_overdue_cases_up(desk: Desk) -> None:
    late = "2025-10-13T09:00"

    first, second = desk.inbox("tick", "--json", now=late), desk.inbox("tick", now=late)

    assert {one["step"] for one in first.json} & {"raised", "assigned", "overdue", "warned"}
    assert "nothing runs late that was not said before" in second.out


def test_a_wait_for_the_customer_and_a_release_are_steps_too(desk: Desk) -> None:
    case = desk.ids[0]
    desk.inbox("take", case, "--as", "asha")

    assert "waiting customer" in desk.inbox("wait", case, "--as", "asha").out
    assert "in progress" in desk.inbox("resume", case, "--as", "asha").out
    assert "open" in desk.inbox("release", case, "--as", "asha").out
    assert "closed" in desk.inbox("reject", case, "--as", "asha", "--why", "no").out
    assert "closed" in desk.inbox("close", case, "--as", "lead").out


def test_a_case_that_is_not_there_is_one_line(desk: Desk) -> None:
    missing = desk.inbox("show", "rev_0")

    assert (missing.code, missing.err.count("\n")) == (2, 1)
    assert "no review 'rev_0'" in missing.err


def test_the_help_teaches() -> None:
    told = procx("inbox", "approve", "--help").out

    for word in ("REVIEW", "--as", "--store", "--policy", "--why"):
        assert word in told


def test_what_became_of_a_case_is_kept_and_reported(desk: Desk) -> None:
    [first, *_] = desk.inbox("list", "--json").json
    case, who = first["review_id"], first["customer_id"]
    store = desk.where[2:4]

    desk.inbox("dismiss", case, "--false-alarm", "--why", "a test account")
    told = procx("outcome", who, "replied", "--run", f"s:{who}", "--at", AT, *store, "--json")
    again = procx("outcome", who, "replied", "--run", f"s:{who}", "--at", AT, *store)
    wrong = procx("outcome", who, "csat", "--value", 9, *store)
    report = procx("report", *store, "--json", "-")

    assert told.json["kind"] == "replied"
    assert told.json["outcome_id"] in again.out
    assert wrong.code == 2
    assert "csat" in wrong.err
    assert sum(one["false_alarms"] for one in report.json["triggers"]) >= 1


def test_a_case_is_told_in_words_with_its_zone(desk: Desk) -> None:
    case = desk.ids[0]

    ticked, shown = desk.inbox("tick", now="2025-11-09T09:00"), desk.inbox("show", case)

    assert "raised by procx" in ticked.out
    assert " UTC  rev_" in ticked.out
    head, history = shown.out.split("History (UTC)")
    assert f"{case}: " in head
    assert "opened by procx: due 2025-10-" in history
    assert "+00:00" not in history
    assert case not in history
