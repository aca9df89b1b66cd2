"""The rows of a few customers, read where they lie and cleaned as a whole load would."""

from procx_graph.tables.lookup.base import BaseLookup
from procx_graph.tables.lookup.choose import open_lookup
from procx_graph.tables.lookup.parquet import ParquetLookup
from procx_graph.tables.lookup.protocol import Lookup
from procx_graph.tables.lookup.sql import SqlLookup

__all__ = ["BaseLookup", "Lookup", "ParquetLookup", "SqlLookup", "open_lookup"]
