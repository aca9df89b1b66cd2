"""A made-up customer base of any size, whose churn is known exactly; nobody in it is real."""

from procx_graph.tables.sample.knobs import AS_OF
from procx_graph.tables.sample.world import World, generate
from procx_graph.tables.sample.write import write_parquet, write_workbook

__all__ = ["AS_OF", "World", "generate", "write_parquet", "write_workbook"]
