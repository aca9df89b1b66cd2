"""Versions are compared with what our own metadata asks for."""

from importlib.metadata import metadata

import pytest
from packaging.requirements import Requirement

from procx_graph.doctor import State, Subject
from procx_graph.doctor.extras import PURPOSES, extra_of
from procx_graph.doctor.packages import compared, requirements
from procx_graph.doctor.python import python_of, sqlite_of
from tests.examined import found, states

POLARS = Requirement("polars>=2,<3")


def test_this_installation_is_well() -> None:
    for subject in (Subject.PYTHON, Subject.PACKAGES):
        assert set(states(found(subject)).values()) == {State.OK}


def test_extras_are_told_apart_from_what_is_needed() -> None:
    assert "duckdb" not in {one.name for one in requirements()}
    assert [one.name for one in requirements("duckdb")] == ["duckdb"]
    assert {one.name for one in requirements("webhooks")} == {"cryptography"}


def test_every_extra_for_users_says_what_it_is_for() -> None:
    offered = metadata("procx_graph").get_all("Provides-Extra") or []

    assert set(PURPOSES) == {*offered} - {"dev"}
    assert states(found(Subject.EXTRAS)).keys() == PURPOSES.keys()


@pytest.mark.parametrize(
    ("version", "state"),
    [("2.1.0", State.OK), ("3.0", State.BROKEN), ("1.9", State.BROKEN), (None, State.BROKEN)],
)
def test_a_package_out_of_its_range_or_missing_is_broken(version: str | None, state: State) -> None:
    told = compared(POLARS, {"polars": version}.get)

    assert told.state is state
    if state is State.BROKEN:
        assert told.todo == 'pip install "polars<3,>=2"'


@pytest.mark.parametrize(
    ("there", "state"),
    [
        ({}, State.OFF),
        ({"fastapi": "0.115"}, State.OFF),
        ({"fastapi": "0.115", "uvicorn": "0.34"}, State.OK),
        ({"fastapi": "0.1", "uvicorn": "0.34"}, State.WARNING),
    ],
)
def test_an_extra_is_off_unless_all_of_it_is_there(there: dict[str, str], state: State) -> None:
    needed = [Requirement("fastapi>=0.115"), Requirement("uvicorn>=0.34")]

    told = extra_of("server", needed, there.get)

    assert told.state is state
    assert state is not State.OFF or "procx listen" in told.found


@pytest.mark.parametrize(("version", "state"), [((3, 11, 0), State.OK), ((3, 10, 9), State.BROKEN)])
def test_an_old_python_is_broken(version: tuple[int, ...], state: State) -> None:
    assert python_of(version, "CPython").state is state


@pytest.mark.parametrize(("version", "state"), [((3, 35, 0), State.OK), ((3, 34, 9), State.BROKEN)])
def test_an_old_sqlite_is_broken(version: tuple[int, ...], state: State) -> None:
    assert sqlite_of(version).state is state
