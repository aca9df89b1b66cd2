"""What an answer to "would you recommend us?" makes of a customer."""

from procx_graph.domain.event_type import EventType

_PASSIVE, _PROMOTER = 7, 9
"""Least scores of the two."""


def nps_type(score: int) -> EventType:
    """Tell a detractor (0 to 6), a passive (7, 8) and a promoter (9, 10) apart."""
    if score >= _PROMOTER:
        return EventType.NPS_PROMOTER
    return EventType.NPS_PASSIVE if score >= _PASSIVE else EventType.NPS_DETRACTOR
