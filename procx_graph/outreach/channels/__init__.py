"""The channels by which messages leave the house, one file each."""

from procx_graph.outreach.channels.carrier import (
    Answer,
    Carrier,
    Delivered,
    Envelope,
    Refused,
    Retry,
    Unclear,
)
from procx_graph.outreach.channels.routes import carriers_of

__all__ = [
    "Answer",
    "Carrier",
    "Delivered",
    "Envelope",
    "Refused",
    "Retry",
    "Unclear",
    "carriers_of",
]
