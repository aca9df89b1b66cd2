"""PySpark, where the data already lives there: the active session, or a local one."""

import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl

from procx_graph.assets import package_file
from procx_graph.errors import ConfigError
from procx_graph.scoring.features.engines.bench import Bench

SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
}
"""Timestamps are naive UTC, whatever the zone of the machine."""
LOCAL = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.shuffle.partitions": "8",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
}


class SparkBench(Bench):
    """Works in a session of its own, beside the active one where there is one.

    Raises:
        ConfigError: PySpark or Java is not installed.
    """

    def __init__(self) -> None:
        session_type = _library()
        active = session_type.getActiveSession()
        self._started = active is None
        self._session = _start(session_type) if active is None else active.newSession()
        for name, value in SETTINGS.items():
            self._session.conf.set(name, value)

    def take(self, plan: pl.LazyFrame) -> Any:
        """Hand a plan's rows over as Arrow."""
        rows = plan.collect(engine="streaming")
        return self._session.createDataFrame(rows.to_arrow(compat_level=pl.CompatLevel.oldest()))

    def read(self, files: Sequence[Path], /) -> Any:
        """Give Parquet files as one frame, read by Spark where they lie."""
        return self._session.read.parquet(*(str(file) for file in files))

    def close(self) -> None:
        """Stop the session if it was started here."""
        if self._started:
            self._session.stop()


def _library() -> Any:
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise ConfigError(
            'engine "spark" needs the spark extra: pip install "procx_graph[spark]"'
        ) from error
    return SparkSession


def _start(session_type: Any) -> Any:
    """Start a local session on all cores, that says errors only."""
    home = os.environ.get("JAVA_HOME")
    java = Path(home, "bin", "java") if home else None
    if not (shutil.which(java) if java else shutil.which("java")):
        raise ConfigError(
            'engine "spark" needs Java 17 or newer, and there is none: install a JDK and set '
            "JAVA_HOME, or choose another engine"
        )
    builder = session_type.builder.master("local[*]").appName("procx_graph")
    quiet = package_file("scoring/features/engines/log4j2.properties")
    options = {"spark.driver.extraJavaOptions": f"-Dlog4j2.configurationFile=file:{quiet}"}
    for name, value in (SETTINGS | LOCAL | options).items():
        builder = builder.config(name, value)
    return builder.getOrCreate()
