"""The tables of a report: one for the terminal, the sheets and the page alike."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from procx_graph.outcomes.figures import Figures, Share

UNKNOWN = "–"
_INTERVAL = ("from", "to")
"""Columns of the interval of the column before them."""


class Look(StrEnum):
    """What a column holds, and so how it is written."""

    TEXT = "text"
    COUNT = "count"
    SHARE = "share"
    """Of 1, written as percent."""
    POINTS = "points"
    """The difference of two shares, written as percent points."""
    RATING = "rating"
    HOURS = "hours"
    MONEY = "money"
    CHANCE = "chance"
    """A probability, small ones included."""


@dataclass(frozen=True, slots=True)
class Topic:
    """A table and what it is about.

    Attributes:
        name: A word, unique among the topics.
        about: How to read it.
        columns: Heading and look of each column.
        rows: Values as the looks say; `None` is unknown.
    """

    name: str
    about: str
    columns: Sequence[tuple[str, Look]]
    rows: Sequence[Sequence[Any]]


def topics(figures: Figures) -> list[Topic]:
    """Give the tables that have rows."""
    made = (
        _triggers(figures),
        _uplift(figures),
        _offers(figures),
        _teams(figures),
        _waits(figures),
        _messages(figures),
    )
    return [topic for topic in made if topic.rows]


def shown(value: Any, look: Look) -> str:
    """Write a value for people."""
    return UNKNOWN if value is None else _WRITE[look](value)


_WRITE: dict[Look, Callable[[Any], str]] = {
    Look.TEXT: str,
    Look.COUNT: lambda number: f"{number:,}",
    Look.SHARE: lambda share: f"{share:.1%}",
    Look.POINTS: lambda share: f"{share * 100:+.1f}",
    Look.RATING: lambda rating: f"{rating:.2f}",
    Look.HOURS: lambda hours: f"{hours:,.1f}",
    Look.MONEY: lambda money: f"{money:,.2f}",
    Look.CHANCE: lambda p: f"{p:.4f}" if p >= 1e-4 else "< 0.0001",
}


def _share(name: str, look: Look = Look.SHARE) -> list[tuple[str, Look]]:
    return [(name, look), *((end, look) for end in _INTERVAL)]


def _parts(share: Share) -> tuple[float | None, float | None, float | None]:
    return share.share, share.low, share.high


def _counts(*names: str) -> list[tuple[str, Look]]:
    return [(name, Look.COUNT) for name in names]


def _triggers(figures: Figures) -> Topic:
    rows = [
        (
            one.name, one.kind.value.replace("_", " "), one.runs, one.precision.of,
            *_parts(one.precision), one.false_alarms, one.premature, one.contacted, one.replied,
            one.accepted, one.resolved, one.rated, one.mean_csat,
        )
        for one in figures.triggers
    ]  # fmt: skip
    return Topic(
        "Triggers",
        "Was it right to act, and what came of it? Precision is the share of runs that proved "
        "right among those judged either way, with a 95 % interval (Wilson).",
        [
            ("trigger", Look.TEXT), ("kind", Look.TEXT), *_counts("runs", "judged"),
            *_share("precision"),
            *_counts("false alarms", "premature", "contacted", "replied", "accepted", "resolved",
                     "rated"),
            ("mean CSAT", Look.RATING),
        ],
        rows,
    )  # fmt: skip


def _uplift(figures: Figures) -> Topic:
    rows = [
        (
            one.experiment, one.days, one.verdict.value.replace("_", " "), one.treated.assigned,
            one.treated.retained.of, one.treated.retained.share, one.held.assigned,
            one.held.retained.of, one.held.retained.share, one.contacted,
            one.difference, one.low, one.high, one.ratio_p, one.needed, one.missing, one.text,
        )
        for one in figures.uplifts
    ]  # fmt: skip
    return Topic(
        "Uplift",
        "Do treated customers stay more often than those left alone? Customers count in the arm "
        "they fell into, from that day on; the difference has Newcombe's 95 % interval. It is left "
        "out where the arms are not as declared or too small.",
        [
            ("experiment", Look.TEXT), ("days", Look.COUNT), ("verdict", Look.TEXT),
            *_counts("treated", "known of treated"), ("treated stayed", Look.SHARE),
            *_counts("held out", "known of held out"), ("held out stayed", Look.SHARE),
            ("held out and contacted", Look.COUNT),
            *_share("difference in points", Look.POINTS), ("p of the sizes", Look.CHANCE),
            *_counts("needed", "missing"), ("in words", Look.TEXT),
        ],
        rows,
    )  # fmt: skip


def _offers(figures: Figures) -> Topic:
    rows: list[Sequence[Any]] = [
        (one.offer_id, one.status, one.offers, one.worth, one.unknown) for one in figures.offers
    ]
    total = figures.offer_totals
    about = "What was offered, and what it may cost in the base's currency."
    if total is not None:
        cost = shown(total.cost, Look.MONEY) if total.accepted.count else "nothing"
        about += (
            f" Made: {total.made:,}; accepted: {total.accepted.count:,} "
            f"({shown(total.accepted.share, Look.SHARE)}), which costs {cost}"
            + (f" and {total.unknown:,} of unknown worth." if total.unknown else ".")
        )
    return Topic(
        "Offers",
        about,
        [
            ("offer", Look.TEXT),
            ("status", Look.TEXT),
            ("offers", Look.COUNT),
            ("worth", Look.MONEY),
            ("of unknown worth", Look.COUNT),
        ],
        rows,
    )


def _teams(figures: Figures) -> Topic:
    return Topic(
        "Deadlines",
        "Did people answer in time? Of cases that are answered or overdue; hours are of the "
        "calendar, nights included.",
        [
            ("team", Look.TEXT),
            *_counts("cases", "open"),
            *_share("in time"),
            ("breaches", Look.COUNT),
            ("median hours", Look.HOURS),
            ("90 % within hours", Look.HOURS),
        ],
        [
            (
                one.team, one.cases, one.open, *_parts(one.in_time), one.breaches,
                one.median_hours, one.p90_hours,
            )
            for one in figures.teams
        ],
    )  # fmt: skip


def _waits(figures: Figures) -> Topic:
    return Topic(
        "Waiting",
        "How long things waited for a person, in hours of the calendar.",
        [
            ("what", Look.TEXT),
            *_counts("answered", "open"),
            ("median hours", Look.HOURS),
            ("90 % within hours", Look.HOURS),
        ],
        [tuple(one.model_dump().values()) for one in figures.waits],
    )


def _messages(figures: Figures) -> Topic:
    return Topic(
        "Messages",
        "Where messages stand, and why.",
        [
            ("channel", Look.TEXT),
            ("state", Look.TEXT),
            ("reason", Look.TEXT),
            ("messages", Look.COUNT),
        ],
        [tuple(one.model_dump().values()) for one in figures.messages],
    )


def written(topic: Topic, *, without: Iterable[str] = ()) -> Topic:
    """Give a table as people read it: every value as text, intervals behind what they are of.

    Args:
        topic: The table.
        without: Columns to leave out.
    """
    left_out = {*without, *_INTERVAL}
    names = [name for name, _ in topic.columns]
    kept = [at for at, name in enumerate(names) if name not in left_out]
    ranged = {at for at in kept if tuple(names[at + 1 : at + 3]) == _INTERVAL}
    rows = [
        [
            shown(row[at], topic.columns[at][1]) + (_range(row, at, topic) if at in ranged else "")
            for at in kept
        ]
        for row in topic.rows
    ]
    return Topic(topic.name, topic.about, [topic.columns[at] for at in kept], rows)


def _range(row: Sequence[Any], at: int, topic: Topic) -> str:
    """Write the interval that follows a value, nothing where it has none."""
    if row[at + 1] is None or row[at + 2] is None:
        return ""
    low, high = (shown(row[place], topic.columns[place][1]) for place in (at + 1, at + 2))
    return f" ({low.removesuffix('%')} to {high})"
