"""Answers to the recommendation question."""

from collections.abc import Iterator, Sequence

from procx_graph.domain.event_type import EventType
from procx_graph.events.effects.row import Row
from procx_graph.events.effects.told import Told, last, of_types

NPS = (EventType.NPS_DETRACTOR, EventType.NPS_PASSIVE, EventType.NPS_PROMOTER)


def surveys(events: Sequence[Told]) -> Iterator[Row]:
    """Give the answer of a story; an answer whose score is not told is no row.

    Args:
        events: Of one story, in order.
    """
    found = [one for one in of_types(events, NPS) if one.facts.score is not None]
    if not found:
        return
    newest = found[-1]
    survey_id = last(one.facts.survey_id for one in found)
    yield Row(
        table="nps_survey",
        name="answer",
        keys=(survey_id,) if survey_id else (),
        values={"date": newest.occurred_at, "nps_score": newest.facts.score},
        new={
            "survey_id": survey_id or newest.event_id,
            "feedback_text": last(one.facts.text for one in found),
        },
        since=newest.occurred_at,
    )
