"""The declared schema holds together."""

import pytest

from procx_graph.schema import TABLES, Kind, Table


def every_table() -> list[Table]:
    return list(TABLES.values())


def test_five_tables_say_what_customers_did() -> None:
    behaviour = {table.name for table in every_table() if table.behaviour}

    assert behaviour == {
        "orders",
        "payments",
        "support_tickets",
        "customer_events",
        "nps_survey",
    }


def test_the_least_a_base_needs_is_an_id() -> None:
    assert TABLES["customers"].required == ("customer_id",)
    assert TABLES["orders"].required == ("customer_id", "order_date")
    assert TABLES["orders"].decisive == ("customer_id", "order_date", "total_amount")


@pytest.mark.parametrize("table", every_table(), ids=lambda table: table.name)
def test_every_reference_inside_a_table_names_one_of_its_columns(table: Table) -> None:
    named = [table.key, table.customer, table.seen_at, *(c.known_at for c in table.columns)]
    named += [c.known_after for c in table.columns]

    assert {name for name in named if name} <= set(table.names)
    assert len(set(table.names)) == len(table.names)


@pytest.mark.parametrize("table", every_table(), ids=lambda table: table.name)
def test_every_moment_column_is_a_timestamp(table: Table) -> None:
    moments = {table.seen_at, *(c.known_at for c in table.columns)} - {None}

    assert {table.column(name or "").kind for name in moments} <= {Kind.TIMESTAMP}


@pytest.mark.parametrize("table", every_table(), ids=lambda table: table.name)
def test_a_parent_shares_its_key_with_the_child(table: Table) -> None:
    if table.parent:
        assert TABLES[table.parent].key in table.names


@pytest.mark.parametrize("table", every_table(), ids=lambda table: table.name)
def test_what_customers_did_is_always_dated_and_named(table: Table) -> None:
    if table.behaviour:
        assert {table.seen_at, table.customer} <= set(table.required)


def test_snapshots_are_the_columns_that_the_present_leaks_through() -> None:
    snapshots = {c.name for c in TABLES["customers"].columns if c.snapshot}

    assert snapshots == {
        "segment",
        "loyalty_tier",
        "lifetime_value",
        "avg_order_value",
        "last_active_date",
    }


def test_an_unknown_column_is_a_key_error() -> None:
    with pytest.raises(KeyError, match="colour"):
        TABLES["customers"].column("colour")
