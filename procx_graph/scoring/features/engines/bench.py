"""What an engine must be able to do."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

Frame = nw.LazyFrame[Any]


class Bench(ABC):
    """An engine, ready to work; frames are its own, whatever narwhals can wrap."""

    @abstractmethod
    def take(self, plan: pl.LazyFrame) -> Any:
        """Give a polars frame as a frame of the engine."""

    def read(self, _files: Sequence[Path], /) -> Any | None:
        """Give Parquet files as one frame; None where it cannot read them."""
        return None

    def stream(self, _frame: Any, /) -> pl.LazyFrame | None:
        """Give a frame to be read piece by piece; None where it has to be held in memory."""
        return None

    def join(self, customers: Frame, parts: Sequence[Frame], /) -> Frame:
        """Put what was counted beside the customers; no customer is in a part twice."""
        return joined(customers, parts)

    def collect(self, frame: nw.LazyFrame[Any]) -> pl.DataFrame:
        """Compute a frame of the engine and give it as polars."""
        return computed(frame)

    @abstractmethod
    def close(self) -> None:
        """Let go of what the engine holds; its frames cannot be read any more."""


def joined(customers: Frame, parts: Sequence[Frame]) -> Frame:
    """Join parts to the customers one after the other; works on every engine."""
    for part in parts:
        customers = customers.join(part, on="customer_id", how="left")
    return customers


def computed(frame: nw.LazyFrame[Any]) -> pl.DataFrame:
    """Compute a frame where it lies and give it as polars."""
    native = frame.to_native()
    if isinstance(native, pl.LazyFrame):
        return native.collect(engine="streaming")
    return frame.collect("polars").to_native()  # type: ignore[no-any-return]
