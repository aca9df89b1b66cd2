"""pandas, in memory, with Arrow's types, because numpy's know no whole number that is missing."""

from typing import TYPE_CHECKING

import polars as pl

from procx_graph.scoring.features.engines.bench import Bench

if TYPE_CHECKING:
    import pandas as pd


class PandasBench(Bench):
    """Works on frames in memory."""

    def take(self, plan: pl.LazyFrame) -> "pd.DataFrame":
        """Compute a plan as a frame of Arrow types."""
        import pandas as pd

        table = plan.collect(engine="streaming").to_arrow(compat_level=pl.CompatLevel.oldest())
        return table.to_pandas(types_mapper=pd.ArrowDtype)  # type: ignore[no-any-return]

    def close(self) -> None:
        """Nothing is held."""
