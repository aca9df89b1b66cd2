"""Events to fold, told in few words."""

from datetime import UTC, datetime, timedelta
from typing import Any

from procx_graph.domain.event_type import EventType
from procx_graph.domain.occurrence import Facts
from procx_graph.events.effects import Row, Told, rows_of_story

START = datetime(2025, 1, 10, 14, 32, tzinfo=UTC)


def told(kind: str, hour: float = 0, *, event_id: str | None = None, **facts: Any) -> Told:
    """Give an event of customer C1 so many hours after the start."""
    at = START + timedelta(hours=hour)
    return Told(
        event_id=event_id or f"EVT_{kind}_{hour}",
        story="s",
        customer_id="C1",
        type=EventType(kind),
        occurred_at=at,
        facts=Facts.model_validate(facts),
        description=f"{kind} at {hour}",
    )


def rows(*events: Told, table: str, order_id: str | None = None) -> list[Row]:
    """Give the rows of one table that a story makes."""
    return [row for row in rows_of_story(events, order_id) if row.table == table]


def only(*events: Told, table: str, order_id: str | None = None) -> dict[str, object]:
    """Give the one row of a table that a story makes, as it would be written."""
    [row] = rows(*events, table=table, order_id=order_id)
    return {**row.new, **row.values}
