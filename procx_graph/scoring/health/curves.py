"""Curves of a profile as expressions."""

from functools import reduce
from itertools import pairwise
from math import log

import narwhals.stable.v2 as nw

from procx_graph.domain.factor_rules import Curve, Shape


def follow(curve: Curve, x: nw.Expr) -> nw.Expr:
    """Give the sub-score of a raw value, in [0, 1]; null where the value is null.

    Args:
        curve: Points and shape.
        x: The raw value; its natural logarithm for a curve of shape `log`.
    """
    points = [(log(x) if curve.shape is Shape.LOG else x, y) for x, y in curve.points]
    scaled = [(x, y / curve.out_of) for x, y in points]
    number = x.cast(nw.Float64)
    reached = _steps(scaled, number) if curve.shape is Shape.STEP else _lines(scaled, number)
    return nw.when(~x.is_null()).then(reached)


def _steps(points: list[tuple[float, float]], x: nw.Expr) -> nw.Expr:
    start = nw.lit(points[0][1])
    return reduce(
        lambda below, point: nw.when(x >= point[0]).then(nw.lit(point[1])).otherwise(below),
        points[1:],
        start,
    )


def _lines(points: list[tuple[float, float]], x: nw.Expr) -> nw.Expr:
    pieces = [
        (x.clip(left[0], right[0]) - left[0]) * ((right[1] - left[1]) / (right[0] - left[0]))
        for left, right in pairwise(points)
    ]
    rise = reduce(lambda total, piece: total + piece, pieces, nw.lit(points[0][1]))
    return rise.clip(0.0, 1.0)
