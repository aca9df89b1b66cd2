"""The engines that count features, one a file; their libraries load on first use."""

from procx_graph.scoring.features.engines.bench import Bench, computed, joined
from procx_graph.scoring.features.engines.on_duckdb import DuckDBBench
from procx_graph.scoring.features.engines.on_pandas import PandasBench
from procx_graph.scoring.features.engines.on_polars import PolarsBench
from procx_graph.scoring.features.engines.on_spark import SparkBench

__all__ = ["Bench", "DuckDBBench", "PandasBench", "PolarsBench", "SparkBench", "computed", "joined"]
