"""Scores of a base too large for memory: features on disk, scored part by part, to Parquet."""

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow.parquet as pq

from procx_graph.base import CustomerBase
from procx_graph.domain.customer import CustomerState
from procx_graph.domain.profile import Profile, PurchaseModel
from procx_graph.errors import ConfigError
from procx_graph.scoring.appraise import COLUMNS, Setting
from procx_graph.scoring.cohort import Cohort
from procx_graph.scoring.features import sink_features
from procx_graph.scoring.features.workshop import Engine
from procx_graph.scoring.health.peers import Peers
from procx_graph.scoring.health.weighing import NAMES, Matrix, medians
from procx_graph.scoring.profiles import load_profile
from procx_graph.scoring.ranking import Standing, rank
from procx_graph.scoring.risk.norms import Norms, mean_risk, mean_silence
from procx_graph.scoring.silence.purchases import expectations, fit_purchases

PART = 500_000
"""Customers held in memory at a time."""
SURVEYED = (
    "ltv_cents",
    "segment",
    "loyalty_tier",
    "order_days",
    "days_since_order",
    "days_since_first_order",
    "spend_cents",
    "orders",
)
"""Features that are read of everybody at once."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True, eq=False)
class Streamed:
    """What was written.

    Attributes:
        path: The Parquet file: the columns of `Scores.frame`, a row per customer by id.
        customers: How many.
        survey: Makes the `cohort`.
    """

    path: Path
    customers: int
    survey: Callable[[], Cohort] = field(repr=False)

    @cached_property
    def cohort(self) -> Cohort:
        """The statistics with which one customer alone gets these same scores.

        They carry the fingerprint of the base, for which every table is read once more.
        """
        return self.survey()


def score_to_parquet(
    base: CustomerBase,
    out: str | Path,
    *,
    profile: str | Path | Profile = "default-v1",
    engine: Engine = "polars",
    model: PurchaseModel | None = None,
    part: int = PART,
    on_progress: Progress | None = None,
) -> Streamed:
    """Score every customer of a base and write the score table, without holding it in memory.

    The numbers are those of `score`. Reasons are not written: `CustomerScorer` gives them for
    whoever is looked at.

    Args:
        base: The tables, seen from its as_of.
        out: The file to write; written beside it first, so that no half file is left.
        profile: Name of a shipped profile, path of a TOML file, or a profile.
        engine: Where the features are counted.
        model: Parameters of the purchase model where they are known.
        part: Customers held in memory at a time.
        on_progress: Is told how many customers are written, of how many.

    Raises:
        ConfigError: The profile or engine is wrong, or the file cannot be written.
    """
    _require(base, out, part)
    chosen, path = load_profile(profile), Path(out)
    with tempfile.TemporaryDirectory(prefix="procx-") as folder:
        try:
            features = _Features(_features(base, chosen, engine, Path(folder)), part)
            setting = features.survey(chosen, base.as_of, model)
            everybody = _judge(features, setting)
            _write(features, setting, everybody, path, on_progress)
        except OSError as error:
            raise ConfigError(f"cannot write {path.name}: {error.strerror or error}") from error

    def survey() -> Cohort:
        return Cohort(
            setting=setting,
            norms=everybody.norms,
            medians=everybody.medians,
            standing=Standing.of(everybody.places),
            is_current=base.is_current,
            fingerprint=base.fingerprint,
            source=base.name,
        )

    return Streamed(path, features.rows, survey)


def _require(base: object, out: object, part: object) -> None:
    """Refuse what cannot be before the work begins."""
    if not isinstance(base, CustomerBase):
        raise ConfigError(f"scores are of a CustomerBase, not of a {type(base).__name__}")
    if not isinstance(part, int) or part < 1:
        raise ConfigError(f"a part holds a whole number of customers from 1 on, not {part!r}")
    if not isinstance(out, str | Path) or not Path(out).name:
        raise ConfigError(f"scores are written to a file, not to {out!r}")
    if not Path(out).parent.is_dir():
        raise ConfigError(f"cannot write {Path(out).name}: there is no folder {Path(out).parent}")


class _Features:
    """A file of features, sorted by customer_id, read part by part."""

    def __init__(self, file: Path, part: int) -> None:
        self._frame, self.part = pl.scan_parquet(file), part
        self.rows = int(self._frame.select(pl.len()).collect().item())

    def __iter__(self) -> Iterator[pl.DataFrame]:
        """Give the parts in order; one empty part of an empty base."""
        for start in range(0, max(self.rows, 1), self.part):
            yield self._frame.slice(start, self.part).collect()

    def survey(self, profile: Profile, as_of: datetime, model: PurchaseModel | None) -> Setting:
        """Take the statistics that need everybody at once, from the columns they need."""
        everybody = self._frame.select(SURVEYED).collect()
        return Setting(
            profile=profile,
            as_of=as_of,
            peers=Peers.of(everybody, profile),
            fit=fit_purchases(everybody, profile.risk, known=model),
        )


@dataclass(frozen=True, eq=False)
class _Everybody:
    """What is known once everybody has been looked at."""

    norms: Norms
    medians: Matrix
    places: pl.DataFrame
    """`customer_id`, `state`, `revenue_at_risk`, `rank` and `top_share` of everybody."""


def _features(base: CustomerBase, profile: Profile, engine: Engine, folder: Path) -> Path:
    """Write the features to a file, sorted by customer_id."""
    loose, ordered = folder / "loose.parquet", folder / "ordered.parquet"
    sink_features(base, profile, engine, loose)
    pl.scan_parquet(loose).sort("customer_id").sink_parquet(ordered)
    loose.unlink()
    return ordered


def _judge(features: _Features, setting: Setting) -> _Everybody:
    """Look at everybody once, for what levels, ranks and reasons compare with."""
    days = setting.profile.risk.horizon_days
    silence = [expectations(part, setting.fit, days)["p_silent"] for part in features]
    buyers = mean_silence(pl.concat(silence))
    probability, healths, places = [], [], []
    for part in features:
        described = setting.describe(part)
        health = setting.weigh(described)
        risk = setting.assess(described, health, buyers=buyers)
        published = setting.publish(described, health, risk, mean=buyers)
        probability.append(risk.probability)
        healths.append(health.frame.select(NAMES))
        places.append(published.select("customer_id", "state", "revenue_at_risk"))
    ranked = rank(pl.concat(places))
    active = (ranked["state"] == CustomerState.ACTIVE.value).to_numpy()
    norms = Norms(buyers, mean_risk(np.concatenate(probability), active))
    return _Everybody(norms, medians(healths), ranked)


def _write(
    features: _Features,
    setting: Setting,
    everybody: _Everybody,
    out: Path,
    on_progress: Progress | None,
) -> None:
    """Publish part by part into a file beside the one asked for, then put it in its place."""
    unfinished = out.with_name(f".{out.name}.part")
    writer: pq.ParquetWriter | None = None
    done, norms = 0, everybody.norms
    try:
        for part in features:
            described = setting.describe(part)
            health = setting.weigh(described)
            risk = setting.assess(described, health, buyers=norms.buyers)
            published = setting.publish(described, health, risk, mean=norms.mean)
            places = everybody.places.slice(done, len(part)).select("rank", "top_share")
            table = published.hstack(places).select(COLUMNS).to_arrow()
            writer = writer or pq.ParquetWriter(unfinished, table.schema, compression="zstd")
            writer.write_table(table)
            done += len(part)
            if on_progress is not None:
                on_progress(done, features.rows)
        assert writer is not None
        writer.close()
        unfinished.replace(out)
    finally:
        if writer is not None:
            writer.close()
        unfinished.unlink(missing_ok=True)
