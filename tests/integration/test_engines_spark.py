"""The same scores on Spark, from frames and from Parquet where it lies."""

import errno
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from polars.testing import assert_frame_equal

from procx_graph.base import CustomerBase
from procx_graph.errors import ConfigError
from procx_graph.scoring.engine import score
from procx_graph.scoring.features import NEEDED, collect_features, features_of
from procx_graph.scoring.profiles import load_profile
from procx_graph.tables.sample import write_parquet
from tests.unit.scoring.bases import AS_OF, Tables, days_ago, messy, open_base, shop, told

pytest.importorskip("pyspark", reason="pyspark is not installed")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("java") is None, reason="Spark needs Java"),
    pytest.mark.filterwarnings("ignore::FutureWarning:pyspark"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),  # pyspark leaves its sockets open
]
PROFILE = load_profile()

ASK = """
from procx_graph.base import CustomerBase
from procx_graph.scoring.features import collect_features
from procx_graph.scoring.profiles import load_profile
collect_features(CustomerBase.sample(), load_profile(), "spark")
"""


@pytest.fixture(scope="module", autouse=True)
def session() -> Iterator[Any]:
    """A session of somebody in another zone, which scoring must neither use nor change."""
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    builder = builder.config("spark.sql.shuffle.partitions", "2")
    builder = builder.config("spark.driver.bindAddress", "127.0.0.1")
    builder = builder.config("spark.driver.host", "127.0.0.1")
    session = started(builder.config("spark.sql.session.timeZone", "Asia/Kolkata"))
    yield session
    session.stop()


def started(builder: Any) -> Any:
    """Start Java; the system may refuse a fork while another thread holds much address space."""
    for left in (2, 1, 0):
        try:
            return builder.getOrCreate()
        except OSError as error:
            if error.errno != errno.ENOMEM or not left:
                raise
            time.sleep(1)
    raise AssertionError("the last try returns or raises")


def old() -> Tables:
    tables = shop({"a": [30_000, 29_000, 3, 3], "b": [], "c": [0]}, amount=-0.125)
    tables["orders"].loc[0, "total_amount"] = 1e300
    return tables


def test_the_sample_scores_the_same(sample_base: CustomerBase, session: Any) -> None:
    reference, other = score(sample_base), score(sample_base, engine="spark")

    assert_frame_equal(other.frame, reference.frame, check_exact=True)
    assert session.conf.get("spark.sql.session.timeZone") == "Asia/Kolkata"


def troubled() -> Tables:
    tables = shop({"a": [50, 40], "b": [30]})
    tables["orders"]["delivery_delay_days"] = [5.0, None, 5.0]
    tables["customer_events"] = told(
        ("order_delayed", 9, "O0", None),
        ("order_delayed", 8, "O1", None),
        ("shipment_delayed", 7, "O1", None),
        ("shipment_delayed", 6, "O2", None),
        ("shipment_delayed", 5, None, None),
        ("dispute_opened", 5, "O0", None),
        ("review_negative", 4, None, 1),
        ("payment_failed", 3, None, None),
        ("view", 2, None, None),
    )
    return tables


@pytest.mark.parametrize(
    "tables", [lambda: messy(seed=4), old, troubled], ids=["messy", "old", "troubled"]
)
def test_nasty_bases_count_the_same_to_the_bit(tables: Callable[[], Tables]) -> None:
    base = open_base(tables())

    for seen in (base, base.at(days_ago(200))):
        reference = collect_features(seen, PROFILE, "polars")
        assert collect_features(seen, PROFILE, "spark").equals(reference)


def test_parquet_is_read_where_it_lies(tmp_path: Path) -> None:
    base = CustomerBase.from_folder(write_parquet(300, tmp_path, seed=3))

    for seen in (base, base.at(base.as_of - timedelta(days=120))):
        reference = collect_features(seen, PROFILE, "polars")
        assert collect_features(seen, PROFILE, "spark").equals(reference)


def test_frames_of_spark_are_counted_where_they_are(session: Any) -> None:
    base = open_base(messy(seed=6))
    own = session.newSession()
    own.conf.set("spark.sql.session.timeZone", "UTC")
    own.conf.set("spark.sql.timestampType", "TIMESTAMP_NTZ")
    frames = {name: own.createDataFrame(base.table(name).collect().to_arrow()) for name in NEEDED}

    counted = features_of(frames, as_of=AS_OF, profile=PROFILE)

    assert counted.equals(collect_features(base, PROFILE, "polars"))


def test_without_java_spark_is_refused_with_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    asked = [sys.executable, "-c", ASK]

    told = subprocess.run(asked, capture_output=True, text=True, check=False)

    assert ConfigError.__name__ in told.stderr
    assert 'engine "spark" needs Java' in told.stderr


def test_a_session_of_our_own_says_nothing_on_stdout() -> None:
    told = subprocess.run([sys.executable, "-c", ASK], capture_output=True, text=True, check=True)

    assert told.stdout == ""
    assert "WARN " not in told.stderr
