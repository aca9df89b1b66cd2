"""How long a message waits for its next attempt."""

from datetime import timedelta

import pytest
from pydantic import ValidationError

from procx_graph.domain.outbound import message_id_of
from procx_graph.domain.outbox_rules import OutboxRules

RULES = OutboxRules(first_wait=1, longest_wait=60)


def test_each_wait_is_four_times_the_last_up_to_the_longest() -> None:
    waits = [RULES.wait(attempts).total_seconds() / 60 for attempts in range(1, 6)]

    assert waits == [1, 4, 16, 60, 60]
    assert RULES.wait(10**6) == timedelta(minutes=60)


def test_what_a_channel_asks_for_counts_when_it_is_longer() -> None:
    assert RULES.wait(1, timedelta(minutes=5)) == timedelta(minutes=5)
    assert RULES.wait(2, timedelta(seconds=5)) == timedelta(minutes=4)
    assert RULES.wait(1, timedelta(days=999_999_999)) == timedelta(minutes=60)


@pytest.mark.parametrize(
    "wrong", [{"attempts": 0}, {"first_wait": 0}, {"lease": -1}, {"first_wait": 9999}]
)
def test_rules_that_make_no_sense_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValidationError):
        OutboxRules.model_validate(wrong)


def test_a_run_has_the_same_message_id_for_ever() -> None:
    assert message_id_of("s:C1") == "msg_84e2143fc31b08d9b6ce48b0"
    assert message_id_of("s:C1") != message_id_of("s:C2")
    assert message_id_of("\ud800")
