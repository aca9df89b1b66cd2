"""Features on DuckDB: from Parquet where it lies, and larger than memory."""

from datetime import timedelta
from pathlib import Path
from tempfile import gettempdir

import polars as pl
import pytest

from procx_graph.base import CustomerBase
from procx_graph.errors import ConfigError, DataError
from procx_graph.scoring.features import collect_features, sink_features
from procx_graph.scoring.features.engines import DuckDBBench
from procx_graph.scoring.features.workshop import Engine
from procx_graph.scoring.profiles import load_profile
from procx_graph.tables.sample import write_parquet

PROFILE = load_profile()


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> CustomerBase:
    return CustomerBase.from_folder(write_parquet(1_500, tmp_path_factory.mktemp("p"), seed=3))


def test_parquet_where_it_lies_counts_like_polars(base: CustomerBase) -> None:
    for seen in (base, base.at(base.as_of - timedelta(days=120))):
        reference = collect_features(seen, PROFILE, "polars")

        assert collect_features(seen, PROFILE, "duckdb").equals(reference)


def test_integer_ids_are_counted_as_numbers_and_given_as_text(
    base: CustomerBase, tmp_path: Path
) -> None:
    for name in base.tables:
        ids = [column for column in base.table(name).collect_schema() if column.endswith("_id")]
        number = pl.col(ids).str.extract(r"(\d+)$").cast(pl.Int64)
        base.table(name).with_columns(number).sink_parquet(tmp_path / f"{name}.parquet")
    numbered = CustomerBase.from_folder(tmp_path, as_of=base.as_of)
    text = collect_features(base, PROFILE, "polars")

    counted = [collect_features(numbered, PROFILE, engine) for engine in ("polars", "duckdb")]

    assert counted[0].equals(counted[1])
    assert counted[0].drop("customer_id").equals(text.drop("customer_id"))
    assert counted[0]["customer_id"].equals(text["customer_id"].str.strip_prefix("C"))


@pytest.mark.slow
def test_work_in_little_memory_counts_the_same_and_leaves_nothing_behind(tmp_path: Path) -> None:
    base = CustomerBase.from_folder(write_parquet(30_000, tmp_path, seed=3))
    before = set(Path(gettempdir()).glob("procx-*"))

    counted = collect_features(base, PROFILE, DuckDBBench(memory_limit="110MB"))

    assert counted.equals(collect_features(base, PROFILE, "polars"))
    assert set(Path(gettempdir()).glob("procx-*")) <= before


def test_too_little_memory_is_said_in_words(base: CustomerBase) -> None:
    with pytest.raises(ConfigError, match="raise its memory_limit"):
        collect_features(base, PROFILE, DuckDBBench(memory_limit="2MB"))


@pytest.mark.parametrize("engine", ["polars", "duckdb", "pandas"])
def test_features_are_written_to_parquet(
    base: CustomerBase, engine: Engine, tmp_path: Path
) -> None:
    sink_features(base, PROFILE, engine, tmp_path / "features.parquet")

    written = pl.read_parquet(tmp_path / "features.parquet").sort("customer_id")
    assert written.equals(collect_features(base, PROFILE, "polars"))


def test_a_file_that_cannot_be_written_is_named(base: CustomerBase, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"cannot write .*nowhere"):
        sink_features(base, PROFILE, "polars", tmp_path / "nowhere" / "features.parquet")
