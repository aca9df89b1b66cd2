"""What a story says of one row of a customer table."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Row:
    """One row as a story would have it.

    Attributes:
        table: Name of the customer table.
        name: Tells the rows of a story in one table apart.
        keys: Values of the table's key by which a row that was loaded is recognised, the
            likeliest first; empty where only a row of the story's own will do.
        values: Columns whose state the story tells; written to a loaded row too.
        new: Further columns of a row that the story makes; the customer's id comes on top.
        since: The moment of the newest event that speaks of the row: a loaded row that is newer
            knows better.
        makes: Whether a row is made where there is none.
        always: Columns that hold against a newer loaded row too.
    """

    table: str
    name: str
    values: Mapping[str, object]
    since: datetime
    new: Mapping[str, object] = field(default_factory=dict)
    keys: tuple[str, ...] = ()
    makes: bool = True
    always: frozenset[str] = field(default_factory=frozenset)
