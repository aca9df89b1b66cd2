"""Cohort statistics are kept once and found again, on SQLite and PostgreSQL alike."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from procx_graph.errors import StoreError
from procx_graph.store import Cohorts, Store
from tests.unit.store.places import KINDS, a_place, day


@pytest.fixture(params=KINDS)
def cohorts(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Cohorts]:
    with a_place(request.param, tmp_path) as place, Store.open(place) as store:
        yield Cohorts(store)


def test_statistics_are_found_by_version_to_the_byte(cohorts: Cohorts) -> None:
    payload = bytes(range(256)) * 1000

    cohorts.keep("v1", day(0), "p", "f", payload)
    cohorts.keep("v1", day(0), "p", "f", payload)

    assert cohorts.get("v1") == payload


def test_the_latest_moment_counts_not_the_latest_deed(cohorts: Cohorts) -> None:
    cohorts.keep("new", day(9), "p", "f", b"new")
    cohorts.keep("old", day(1), "p", "f", b"old")
    cohorts.keep("else", day(20), "other", "f", b"else")

    assert cohorts.latest("p") == b"new"


def test_those_of_certain_data_can_be_asked_for(cohorts: Cohorts) -> None:
    cohorts.keep("a", day(0), "p", "f1", b"a")
    cohorts.keep("b", day(1), "p", "f2", b"b")

    assert cohorts.latest("p", "f1") == b"a"


def test_a_version_never_means_two_things(cohorts: Cohorts) -> None:
    cohorts.keep("v1", day(0), "p", "f", b"one")

    with pytest.raises(StoreError, match="'v1' is kept with another content"):
        cohorts.keep("v1", day(0), "p", "f", b"two")

    assert cohorts.get("v1") == b"one"


def test_what_is_not_there_is_named(cohorts: Cohorts) -> None:
    with pytest.raises(StoreError, match="no cohort 'v9'"):
        cohorts.get("v9")
    with pytest.raises(StoreError, match="no cohort for profile p of data f"):
        cohorts.latest("p", "f")
