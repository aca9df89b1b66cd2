"""Everything the tables say about one customer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from procx_graph.domain.customer import Customer

Row = Mapping[str, Any]
"""One row of a table: column name to value, `None` where the cell is empty."""


@dataclass(frozen=True)
class CustomerRecord:
    """A customer and their rows, each table newest first, nothing later than the base's as_of.

    A table that the base lacks is `None`; a table without rows for this customer is empty.
    Timestamps in rows are naive UTC datetimes.
    """

    customer: Customer
    orders: Sequence[Row] | None = None
    payments: Sequence[Row] | None = None
    support_tickets: Sequence[Row] | None = None
    nps_survey: Sequence[Row] | None = None
    customer_events: Sequence[Row] | None = None
    refunds: Sequence[Row] | None = None
    shipments: Sequence[Row] | None = None
    """Shipments of this customer's orders (found through order_id)."""
    extra: Mapping[str, Sequence[Row]] = field(default_factory=dict)
    """Rows of further tables by name (churn_labels, recommendations)."""
