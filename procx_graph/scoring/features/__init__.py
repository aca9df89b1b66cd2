"""Raw features of every customer, counted once, on any engine."""

from procx_graph.scoring.features.collect import (
    NEEDED,
    collect_features,
    features_of,
    plan_features,
    sink_features,
)
from procx_graph.scoring.features.workshop import Engine

__all__ = [
    "NEEDED",
    "Engine",
    "collect_features",
    "features_of",
    "plan_features",
    "sink_features",
]
