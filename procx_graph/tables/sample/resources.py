"""Reading the word lists that lie beside these modules, and drawing from them."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

from procx_graph.tables.sample.knobs import Ints


@cache
def word_list(name: str) -> Mapping[str, Any]:
    """Return a TOML file of this package, such as `texts/en`."""
    path = files("procx_graph.tables.sample").joinpath(*f"{name}.toml".split("/"))
    return tomllib.loads(path.read_text(encoding="utf-8"))


def draw(weights: Any, size: int, rng: np.random.Generator) -> Ints:
    """Draw positions in a list of weights, which need not add up to one."""
    share = np.cumsum(np.asarray(weights, dtype=np.float64))
    return np.searchsorted(share / share[-1], rng.random(size), side="right").astype(np.int64)
