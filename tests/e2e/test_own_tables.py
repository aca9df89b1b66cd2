"""Which customers a command about a store reads when it names none: never those of another base."""

from pathlib import Path

import pytest

from tests.e2e.terminal import Ran, procx

AT = "2025-10-09T09:00"


@pytest.fixture
def place(shop: Path, tmp_path: Path) -> Path:
    """A store with the tables of the small shop in it."""
    place = tmp_path / "live.db"
    assert procx("load", shop, "--store", place).code == 0
    return place


def scan(*args: object) -> Ran:
    return procx("scan", *args, "--limit", 20, "--now", AT)


def a_case(place: Path, *more: object) -> str:
    listed = procx("inbox", "list", "--store", place, "--now", AT, "--json", *more)
    return str(listed.json[0]["review_id"])


def test_a_scan_reads_the_customers_of_its_store_and_not_the_sample(place: Path) -> None:
    ran = scan("--store", place)

    assert "sqlite:live.db" in ran.out
    assert "200 customers scored" in ran.out
    assert ran.err == ""


def test_an_answer_is_checked_against_the_customers_of_its_store(
    place: Path, careful: Path
) -> None:
    scan(place, "--store", place, "--policy", careful)
    where = ("--store", place, "--policy", careful)

    approved = procx("inbox", "approve", a_case(place), *where, "--now", AT, "--json")

    assert approved.json["status"] == "closed"


@pytest.mark.parametrize("command", [("inbox", "approve"), ("review",)])
def test_where_the_scan_read_another_source_it_must_be_named(
    shop: Path, tmp_path: Path, careful: Path, command: tuple[str, ...]
) -> None:
    place = tmp_path / "procx.db"
    scan(shop, "--store", place, "--policy", careful)
    case = a_case(place, "--source", shop)
    said = ("approve",) if command == ("review",) else ()
    where = ("--store", place, "--policy", careful)

    refused = procx(*command, case, *said, *where)
    taken = procx(*command, case, *said, *where, "--source", shop, "--now", AT)

    assert (refused.code, refused.out) == (2, "")
    assert "the scan read shop: name it again with --source" in refused.err
    assert taken.code == 0


def test_what_the_scan_of_the_sample_left_is_answered_with_the_sample(
    place: Path, tmp_path: Path
) -> None:
    other = tmp_path / "procx.db"
    procx("scan", "--store", other, "--limit", 20)

    listed = procx("inbox", "list", "--store", other)

    assert "in time" in listed.out


def test_a_scan_says_how_to_answer_with_the_options_it_had(
    shop: Path, tmp_path: Path, careful: Path
) -> None:
    place = tmp_path / "procx.db"

    ran = scan(shop, "--store", place, "--policy", careful)

    told = f"procx inbox list --store {place} --source {shop} --policy {careful}"
    assert f"Answer those who wait with: {told}" in ran.out


def test_scores_that_a_store_keeps_are_of_its_own_customers(place: Path) -> None:
    scored = procx("score", "--store", place)
    again = procx("rescore", "C100000", "--store", place, "--json")

    assert "sqlite:live.db" in scored.out
    assert (scored.code, again.code) == (0, 0)
    assert "as of" in procx("rescore", "C100000", "--store", place).out
    assert procx("rescore", "C100900", "--store", place).code == 2


def test_in_a_store_without_customers_the_sample_is_scored(tmp_path: Path) -> None:
    assert "procx_sample" in procx("score", "--store", tmp_path / "new.db").out
