"""What a table and a column declare."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What the values of a column are."""

    ID = "id"
    """Text that identifies; numbers are written without decimals."""
    TEXT = "text"
    """Free text, kept verbatim."""
    CATEGORY = "category"
    """A short word; open unless `allowed` closes it."""
    MONEY = "money"
    """An amount in the base's currency."""
    NUMBER = "number"
    COUNT = "count"
    """A whole number."""
    TIMESTAMP = "timestamp"
    """A moment, naive UTC once cleaned."""
    FLAG = "flag"
    """Yes, no or unknown."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column and what its cells may hold.

    Attributes:
        unit: Unit of the number, such as `days`; None where the kind says enough.
        required: A row without this value is set aside.
        decisive: A row in which this value is wrong is set aside, not the cell alone; one without
            it is kept, unless the column is required.
        allowed: The only values there are; empty means open.
        minimum: Least value allowed, inclusive.
        maximum: Greatest value allowed, inclusive.
        pattern: Regular expression that the whole text must match.
        known_at: Timestamp column that says when this value became known; the value is null for
            a moment before that.
        known_after: Column of the hours from the row's `seen_at` until this value became known. A
            base seen from an earlier moment has null before that, and where the hours are null.
        snapshot: The value holds only at the moment the data was taken, so a base seen from an
            earlier moment must not use it.
    """

    name: str
    kind: Kind
    doc: str
    unit: str | None = None
    required: bool = False
    decisive: bool = False
    allowed: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    pattern: str | None = None
    known_at: str | None = None
    known_after: str | None = None
    snapshot: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """One table and how its rows hang together with the rest.

    Attributes:
        key: Column whose values are unique; None where rows have no identity.
        customer: Column that names the customer; None where a row belongs to none directly.
        parent: Table whose key this table repeats, when only that one names the customer.
        seen_at: Timestamp column that says when a row became known; None for reference tables.
        behaviour: Its rows are things customers did, so they date the base.
        ignored: Known, but nothing in the library reads it; it is not loaded.
    """

    name: str
    doc: str
    columns: tuple[Column, ...] = ()
    key: str | None = None
    customer: str | None = None
    parent: str | None = None
    seen_at: str | None = None
    behaviour: bool = False
    ignored: bool = False

    def column(self, name: str) -> Column:
        """Find a column by name; `KeyError` when the table has none such."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns, in order."""
        return tuple(column.name for column in self.columns)

    @property
    def required(self) -> tuple[str, ...]:
        """Names of the columns without which the table cannot be read."""
        return tuple(column.name for column in self.columns if column.required)

    @property
    def decisive(self) -> tuple[str, ...]:
        """Names of the columns in which a wrong value sets the row aside."""
        return tuple(column.name for column in self.columns if column.required or column.decisive)
