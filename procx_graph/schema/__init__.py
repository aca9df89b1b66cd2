"""The customer tables: every column declared once, for validation, store and documentation."""

from collections.abc import Mapping
from types import MappingProxyType

from procx_graph.schema.column import Column, Kind, Table
from procx_graph.schema.further import FURTHER
from procx_graph.schema.main import MAIN

__all__ = ["TABLES", "Column", "Kind", "Table"]

TABLES: Mapping[str, Table] = MappingProxyType({table.name: table for table in (*MAIN, *FURTHER)})
"""Every table we know, by name; `customers` is the only one that must be there."""
