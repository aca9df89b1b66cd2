"""Short ways to declare the columns that tables are made of."""

from importlib.resources import files

from procx_graph.schema.column import Column, Kind


def text(name: str, doc: str, *, known_after: str | None = None) -> Column:
    """Declare free text."""
    return Column(name, Kind.TEXT, doc, known_after=known_after)


def word(
    name: str,
    doc: str,
    *,
    required: bool = False,
    known_at: str | None = None,
    known_after: str | None = None,
    snapshot: bool = False,
) -> Column:
    """Declare a category."""
    return Column(
        name,
        Kind.CATEGORY,
        doc,
        required=required,
        known_at=known_at,
        known_after=known_after,
        snapshot=snapshot,
    )


def ident(name: str, doc: str, *, required: bool = False) -> Column:
    """Declare an id."""
    return Column(name, Kind.ID, doc, required=required)


def time(
    name: str,
    doc: str,
    *,
    required: bool = False,
    known_at: str | None = None,
    snapshot: bool = False,
) -> Column:
    """Declare a timestamp."""
    return Column(
        name, Kind.TIMESTAMP, doc, required=required, known_at=known_at, snapshot=snapshot
    )


def money(name: str, doc: str, *, decisive: bool = False, snapshot: bool = False) -> Column:
    """Declare an amount, not below zero."""
    return Column(name, Kind.MONEY, doc, decisive=decisive, minimum=0, snapshot=snapshot)


def count(name: str, doc: str, *, unit: str | None = None) -> Column:
    """Declare a whole number, not below zero."""
    return Column(name, Kind.COUNT, doc, unit=unit, minimum=0)


def score(
    name: str,
    doc: str,
    least: float,
    most: float,
    *,
    required: bool = False,
    known_after: str | None = None,
) -> Column:
    """Declare a whole number on a scale."""
    return Column(
        name,
        Kind.COUNT,
        doc,
        required=required,
        minimum=least,
        maximum=most,
        known_after=known_after,
    )


def within(name: str, doc: str, least: float, most: float) -> Column:
    """Declare a number on a scale."""
    return Column(name, Kind.NUMBER, doc, minimum=least, maximum=most)


def hours(name: str, doc: str, *, known_after: str | None = None) -> Column:
    """Declare a duration in hours."""
    return Column(name, Kind.NUMBER, doc, unit="hours", minimum=0, known_after=known_after)


def days(name: str, doc: str, *, known_at: str) -> Column:
    """Declare a number of days that is known at a moment."""
    return Column(name, Kind.NUMBER, doc, unit="days", known_at=known_at)


def flag(
    name: str,
    doc: str,
    *,
    required: bool = False,
    known_at: str | None = None,
    known_after: str | None = None,
) -> Column:
    """Declare a yes, no or unknown."""
    return Column(
        name, Kind.FLAG, doc, required=required, known_at=known_at, known_after=known_after
    )


def time_zones() -> tuple[str, ...]:
    """Give the IANA names."""
    return tuple((files("tzdata") / "zones").read_text(encoding="utf-8").split())


CUSTOMER = ident("customer_id", "The customer.", required=True)
ORDER = ident("order_id", "The order.")
PRODUCT = ident("product_id", "The product.")
TICKET = ident("ticket_id", "The ticket.", required=True)
METHOD = word("payment_method", "How it was paid: card, upi, wallet, netbanking, cod.")
