"""Boosted trees, monotone where the input has a sign; fitted by scikit-learn, saved as numbers.

Source: facts on scoring, sections 3.3 and 4.6.5.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from procx_graph.domain.learned import Boosted, Tree
from procx_graph.errors import ConfigError

Vector = NDArray[np.float64]
Flags = NDArray[np.bool_]

SETTINGS: dict[str, Any] = {
    "learning_rate": 0.05,
    "max_iter": 120,
    "max_leaf_nodes": 8,
    "min_samples_leaf": 40,
    "l2_regularization": 1.0,
    "early_stopping": False,  # it would hold back rows at random
    "random_state": 0,
}


def fit_trees(columns: Sequence[Vector], happened: Flags, signs: Sequence[int]) -> Boosted:
    """Fit boosted trees.

    Args:
        columns: Standardised inputs, NaN is missing.
        happened: What came of each row.
        signs: Per input: -1 lets no tree rise in it, 1 lets none fall, 0 leaves it free.

    Raises:
        ConfigError: scikit-learn is not installed.
    """
    return as_trees(grow(columns, happened, signs))


def grow(columns: Sequence[Vector], happened: Flags, signs: Sequence[int]) -> Any:
    """Fit scikit-learn's estimator.

    Raises:
        ConfigError: It is not installed.
    """
    try:
        from sklearn.ensemble import HistGradientBoostingClassifier
        from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]
    except ImportError as error:
        raise ConfigError('kind "gbm" needs the ml extra: pip install "procx_graph[ml]"') from error
    estimator = HistGradientBoostingClassifier(monotonic_cst=list(signs), **SETTINGS)
    # one thread: these trees are small, and on a busy machine threads that wait cost tenfold
    with threadpool_limits(1, user_api="openmp"):
        return estimator.fit(np.column_stack([_some(column) for column in columns]), happened)


def _some(column: Vector) -> Vector:
    """Give an input that nobody has as one that all have alike; scikit-learn refuses the former."""
    return np.zeros(len(column)) if np.isnan(column).all() else column


def as_trees(estimator: Any) -> Boosted:
    """Write a fitted estimator down."""
    grown = [tree for (tree,) in estimator._predictors]
    start = float(np.asarray(estimator._baseline_prediction).item())
    return Boosted(start=start, trees=tuple(_tree(tree.nodes) for tree in grown))


def _tree(nodes: Any) -> Tree:
    leaf = nodes["is_leaf"].astype(bool)
    most = float(np.finfo(np.float64).max)  # a split off the missing has an infinite threshold
    return Tree(
        feature=tuple(np.where(leaf, -1, nodes["feature_idx"]).tolist()),
        threshold=tuple(np.where(leaf, 0.0, nodes["num_threshold"].clip(-most, most)).tolist()),
        missing_left=tuple(nodes["missing_go_to_left"].astype(bool).tolist()),
        left=tuple(nodes["left"].tolist()),
        right=tuple(nodes["right"].tolist()),
        value=tuple(np.where(leaf, nodes["value"], 0.0).tolist()),
    )
