"""The state of a run: JSON in the channels, typed models for the agents."""

import json
from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from procx_graph.domain.decision import Decision
from procx_graph.domain.event import Event
from procx_graph.domain.lane import Lane
from procx_graph.graphs.retention.state import (
    RetentionState,
    RunOptions,
    moment,
    read,
    read_optional,
    update,
)
from tests.unit.builders import a_decision, a_message, a_score, a_situation


def test_an_update_is_json_and_reads_back_as_it_was() -> None:
    decision = a_decision()
    given = update(decision=decision, situation=a_situation(), score=a_score(), message=None)

    assert json.loads(json.dumps(given)) == given
    assert given["message"] is None
    assert read(given, "decision", Decision) == decision


def test_a_key_that_the_state_does_not_know_is_refused() -> None:
    with pytest.raises(KeyError, match="mesage"):
        update(mesage=a_message())


def test_what_a_run_does_not_have_is_none() -> None:
    assert read_optional({}, "event", Event) is None
    assert read_optional({"event": None}, "event", Event) is None


def test_a_state_that_was_tampered_with_is_refused() -> None:
    with pytest.raises(ValidationError):
        read({"decision": {"action": "bribe"}}, "decision", Decision)


@pytest.mark.parametrize("told", ["2025-06-30T12:00:00", "2025-06-30T17:30:00+05:30"])
def test_the_moment_of_a_run_is_aware(told: str) -> None:
    assert moment({"now": told}) == datetime(2025, 6, 30, 12, tzinfo=UTC)


def test_the_state_has_no_place_for_a_name_or_an_address() -> None:
    names = RetentionState.__annotations__.keys()

    assert not names & {"customer", "name", "first_name", "email", "phone", "record"}


def test_options_refuse_what_they_do_not_know() -> None:
    with pytest.raises(ValidationError, match="colour"):
        RunOptions.model_validate({"colour": "red"})
    assert not RunOptions().dry_run


def test_the_lane_is_kept_as_json_and_only_the_two_are_known() -> None:
    kept = update(options=RunOptions(lane=Lane.WINBACK))

    assert json.loads(json.dumps(kept)) == kept
    assert read(kept, "options", RunOptions).lane is Lane.WINBACK
    assert RunOptions().lane is Lane.RETENTION
    with pytest.raises(ValidationError, match="'retention' or 'winback'"):
        RunOptions.model_validate({"lane": "sideways"})
