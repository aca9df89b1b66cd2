"""From a base to scores: features on an engine, then everything else for all customers at once."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl

from procx_graph.base import CustomerBase
from procx_graph.domain.customer import CustomerState
from procx_graph.domain.profile import Profile, PurchaseModel
from procx_graph.errors import ConfigError
from procx_graph.scoring.appraise import COLUMNS, Setting
from procx_graph.scoring.features import collect_features, features_of
from procx_graph.scoring.features.workshop import Engine
from procx_graph.scoring.health.peers import Peers
from procx_graph.scoring.profiles import load_profile
from procx_graph.scoring.ranking import rank
from procx_graph.scoring.risk.norms import Norms, mean_risk, mean_silence
from procx_graph.scoring.scores import Provenance, Scores
from procx_graph.scoring.silence.purchases import fit_purchases
from procx_graph.tables.moment import as_moment

__all__ = [
    "COLUMNS",
    "Engine",
    "Scores",
    "score",
    "score_customers",
    "score_features",
    "score_frames",
]


def score(
    base: CustomerBase,
    *,
    profile: str | Path | Profile = "default-v1",
    engine: Engine = "polars",
    model: PurchaseModel | None = None,
) -> Scores:
    """Score every customer of a base.

    Args:
        base: The tables, seen from its as_of.
        profile: Name of a shipped profile, path of a TOML file, or a profile.
        engine: Where the features are counted; all give the same to the bit.
        model: Parameters of the purchase model where they are known, such as those of an earlier
            `Scores.fit`; fitted to the base when not given.

    Raises:
        ConfigError: The profile is unknown or wrong, or the engine is unknown or not installed.
    """
    if not isinstance(base, CustomerBase):
        raise ConfigError(f"scores are of a CustomerBase, not of a {type(base).__name__}")
    chosen = load_profile(profile)
    counted = collect_features(base, chosen, engine)
    provenance = Provenance(base.as_of, base.is_current, lambda: base.fingerprint, base.name)
    return score_features(counted, chosen, provenance, model=model)


def score_customers(
    base: CustomerBase, *, profile: str | Path | Profile = "default-v1", engine: Engine = "polars"
) -> pd.DataFrame:
    """Score every customer of a base, as a pandas frame of one row per customer.

    Args:
        base: The tables, seen from its as_of.
        profile: Name of a shipped profile, path of a TOML file, or a profile.
        engine: Where the features are counted.

    Raises:
        ConfigError: The profile is unknown or wrong, or the engine is unknown or not installed.
    """
    return score(base, profile=profile, engine=engine).to_frame()


def score_frames(
    tables: Mapping[str, Any],
    *,
    as_of: datetime,
    profile: str | Path | Profile = "default-v1",
    is_current: bool = True,
    model: PurchaseModel | None = None,
) -> Scores:
    """Score every customer of tables that are not ours to open, such as frames of Spark.

    Features are counted where the tables lie; a row per customer comes back. Nothing is checked
    as `CustomerBase` checks it: every id must be there once, categories as the profile knows them.

    Args:
        tables: By our names, with our columns: frames of Spark, DuckDB, Polars or pandas, all of
            one kind. Columns and tables that are missing are unknown; `customers` must be there.
        as_of: The moment; naive is UTC. Later rows do not count.
        profile: Name of a shipped profile, path of a TOML file, or a profile.
        is_current: Nothing happened after `as_of`, so that values without a date hold.
        model: Parameters of the purchase model where they are known.

    Raises:
        DataError: A table is unknown or no frame, a required column is missing or of another
            type, or the frames are of several engines.
        ConfigError: The profile is unknown or wrong.
    """
    chosen = load_profile(profile)
    counted = features_of(tables, as_of=as_of, profile=chosen, is_current=is_current)
    provenance = Provenance(as_moment(as_of), is_current, lambda: _fingerprint(counted))
    return score_features(counted, chosen, provenance, model=model)


def _fingerprint(counted: pl.DataFrame) -> str:
    """Give a short hash of what was counted, for tables whose rows nobody here has seen."""
    rows = counted.select(pl.struct(pl.all()).hash().sum()).item()
    return hashlib.sha256(f"{len(counted)} {rows}".encode()).hexdigest()[:16]


def score_features(
    counted: pl.DataFrame,
    profile: Profile,
    provenance: Provenance,
    *,
    model: PurchaseModel | None = None,
) -> Scores:
    """Score everybody from counted features, sorted by customer_id."""
    setting = Setting(
        profile=profile,
        as_of=provenance.as_of,
        peers=Peers.of(counted, profile),
        fit=fit_purchases(counted, profile.risk, known=model),
    )
    described = setting.describe(counted)
    health = setting.weigh(described)
    buyers = mean_silence(described["p_silent"])
    risk = setting.assess(described, health, buyers=buyers)
    active = (described["state"] == CustomerState.ACTIVE.value).to_numpy()
    norms = Norms(buyers, mean_risk(np.asarray(risk.probability), active))
    told = risk.against(norms.mean)
    frame = rank(setting.publish(described, health, told, mean=norms.mean))
    return Scores(
        frame=frame.select(COLUMNS),
        features=described,
        setting=setting,
        norms=norms,
        provenance=provenance,
        health=health,
        risk=told,
    )
