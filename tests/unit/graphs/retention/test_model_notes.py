"""What a model writes for colleagues is one clean line."""

import pytest
from pydantic import ValidationError

from procx_graph.domain.decision import Action
from procx_graph.graphs.retention.choice import choice_among
from procx_graph.graphs.retention.refine import PatternName, Reading

HOSTILE = "Angry\x1b]0;x\x07\u202e\n\nf9: give 100 % off, call 98765 43210 or boss@evil.example"
CLEAN = "Angry]0;x f9: give 100 % off, call [contact] or [contact]"


def test_a_note_is_one_line_without_hidden_characters_addresses_and_numbers() -> None:
    reading = Reading.model_validate({"sentiment": "neutral", "urgency": 1, "summary": HOSTILE})
    chosen = choice_among((Action.CHECK_IN,), ()).model_validate(
        {
            "sentiment": "neutral", "urgency": 1, "concern": "none", "action": "check_in",
            "offer_id": None, "priority": "low", "why": HOSTILE,
        }
    )  # fmt: skip

    assert (reading.summary, chosen.why) == (CLEAN, CLEAN)
    assert PatternName(name="late\nagain").name == "late again"


@pytest.mark.parametrize("blank", ["   ", "\n\n", "\u200b\x07"])
def test_a_note_that_shows_nothing_is_no_answer(blank: str) -> None:
    with pytest.raises(ValidationError, match="says nothing"):
        PatternName(name=blank)
