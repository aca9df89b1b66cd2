"""Labelled situations and judged ones, made in a line."""

from typing import Any

from procx_graph.domain.decision import Action, ReasonCode
from procx_graph.domain.message import Purpose
from procx_graph.evals.judging import Given, Judged, judge
from procx_graph.evals.situations import Expected

TELLING = """
language = "en"
[[situations]]
id = "en-late"
about = "An order is late by five days."
[[situations.orders]]
order_id = "O1"
order_date = "-11d"
estimated_delivery_date = "-5d"
order_status = "shipped"
[situations.expect]
action = "update_on_order"
purpose = "transactional"
"""


def expected(action: str | list[str] = "thank", *person: str, **fields: Any) -> Expected:
    """Give a label; whoever is written to gets marketing when nothing else is said."""
    purpose = None if action == "no_contact" else Purpose.MARKETING
    codes = tuple(ReasonCode(code) for code in person)
    whole = {"action": action, "person": codes, "purpose": purpose, "language": "en", **fields}
    return Expected.model_validate(whole)


def given(action: str | None = "thank", *reasons: str, **fields: Any) -> Given:
    """Give what a run gave; reasons send it to a person."""
    return Given(
        action=None if action is None else Action(action),
        person=bool(reasons),
        reasons=tuple(ReasonCode(code) for code in reasons),
        **{"language": "en", "purpose": Purpose.MARKETING, **fields},
    )


def judged(wanted: Expected, got: Given, *, name: str = "en-one", **fields: Any) -> Judged:
    """Put both together."""
    whole = {"about": "A situation of a test.", "language": name[:2], "tags": (), **fields}
    return Judged(id=name, expected=wanted, given=got, aspects=judge(wanted, got), **whole)
