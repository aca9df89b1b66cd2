"""A learned churn risk as it is saved: numbers and names, nothing that runs.

Whoever has these numbers can predict without the library they were fitted with. Floats survive
JSON to the bit.
"""

from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Self

from pydantic import AwareDatetime, Field, FiniteFloat, model_validator

from procx_graph.domain.model import Noun

Number = Annotated[float, Field(ge=-1e9, le=1e9)]
"""What any honest model holds; larger ones would overflow when they are multiplied."""


class Labels(StrEnum):
    """What counts as having left."""

    ORDERS = "orders"
    """No purchase within the horizon."""
    CHURN = "churn_labels"
    """A churn label dated within the horizon."""


class ModelKind(StrEnum):
    """How inputs become log-odds."""

    LOGISTIC = "logistic"
    """A straight line in every input."""
    ADDITIVE = "additive"
    """A smooth curve in every input."""
    GBM = "gbm"
    """Boosted trees; an additive model beside them explains."""


class LearnedFeature(Noun):
    """One input, how it is standardised, and its slope."""

    name: str
    """Of the input, and of its term in the risk."""
    sign: int = Field(ge=-1, le=1)
    """What its effect on the risk was held to: -1 not rising, 1 not falling, 0 free."""
    mean: Number
    """Over the rows of training that have it."""
    sd: float = Field(ge=1e-9, le=1e9)
    """Standard deviation over the same rows; 1 where they do not differ."""
    beta: Number = 0.0
    """Log-odds per standard deviation; 0 in a model that is not logistic."""


Cubic = tuple[Number, Number, Number, Number]
"""Coefficients of 1, u, u² and u³, where u counts from the left end of a piece."""


class Curve(Noun):
    """The effect of one standardised input: cubic pieces, flat outside the ends."""

    knots: tuple[Number, ...] = ()
    """Ends of the pieces, rising; none for an input without effect."""
    pieces: tuple[Cubic, ...] = ()

    @model_validator(mode="after")
    def _pieces_lie_between_knots(self) -> Self:
        if any(left >= right for left, right in pairwise(self.knots)):
            raise ValueError("the knots of a curve must rise")
        if len(self.pieces) != max(0, len(self.knots) - 1):
            raise ValueError("a curve needs one piece between every two knots")
        return self


class Tree(Noun):
    """One tree; node 0 is its root, and children come after their parents."""

    feature: tuple[int, ...] = Field(min_length=1)
    """Place of the input that a node asks for; -1 in a leaf."""
    threshold: tuple[FiniteFloat, ...]
    """Up to which the standardised input goes left."""
    missing_left: tuple[bool, ...]
    left: tuple[int, ...]
    right: tuple[int, ...]
    value: tuple[Number, ...]
    """Log-odds that a leaf adds."""

    @model_validator(mode="after")
    def _nodes_lead_down(self) -> Self:
        columns = (self.threshold, self.missing_left, self.left, self.right, self.value)
        size = len(self.feature)
        if any(len(column) != size for column in columns):
            raise ValueError("the columns of a tree must have one length")
        for node, (feature, *children) in enumerate(
            zip(self.feature, self.left, self.right, strict=True)
        ):
            if feature >= 0 and not all(node < child < size for child in children):
                raise ValueError(f"node {node} of a tree does not lead down")
        return self


class Boosted(Noun):
    """Trees that add up."""

    start: Number
    """Log-odds before the first tree."""
    trees: tuple[Tree, ...]


LogOdds = Annotated[float, Field(ge=-10, le=10)]


class LearnedModel(Noun):
    """A churn risk learned from what happened.

    log-odds = intercept + what each input adds, or for boosted trees what they add up to; then
    the calibration, if there is one.
    """

    kind: ModelKind
    labels: Labels
    horizon_days: int = Field(gt=0)
    """The risk is of leaving within so many days."""
    as_of: AwareDatetime
    """Moment up to which outcomes were known; scores of earlier moments would know the future."""
    fingerprint: str
    """Of the base it was trained on."""
    profile_hash: str
    """Of the profile it was trained with, itself without a model."""
    inputs_hash: str
    """Of the part of that profile that the inputs depend on."""
    features: tuple[LearnedFeature, ...] = Field(min_length=1)
    intercept: LogOdds
    """Log-odds of a customer whose every input is missing, or at the mean of training."""
    covariance: tuple[tuple[Number, ...], ...] = ()
    """Of the intercept and the slopes, by Laplace; empty unless logistic."""
    curves: tuple[Curve, ...] = ()
    """One per feature; empty if logistic."""
    boosted: Boosted | None = None
    calibration: tuple[tuple[Number, Number], ...] = ()
    """(log-odds, calibrated log-odds), both rising; straight lines between, shifted outside."""

    @model_validator(mode="after")
    def _parts_fit(self) -> Self:
        size, linear = len(self.features), self.kind is ModelKind.LOGISTIC
        if len(self.curves) != (0 if linear else size):
            raise ValueError("a model that is not logistic needs one curve per feature")
        if (self.boosted is None) == (self.kind is ModelKind.GBM):
            raise ValueError("a gbm needs trees, and nothing else may have them")
        lengths = {len(self.covariance), *(len(row) for row in self.covariance)}
        if self.covariance and (not linear or lengths != {size + 1}):
            raise ValueError("the covariance needs a row and a column per parameter")
        trees = self.boosted.trees if self.boosted else ()
        if any(max(tree.feature) >= size for tree in trees):
            raise ValueError("a tree asks for a feature that is not there")
        rise = all(x < y and v <= w for (x, v), (y, w) in pairwise(self.calibration))
        if not rise or len(self.calibration) == 1:
            raise ValueError("the calibration needs two or more rising points")
        return self
