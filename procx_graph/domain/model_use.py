"""What a run asked of language models, and what that costs."""

from collections import Counter
from collections.abc import Iterable, Mapping
from math import inf
from typing import Self

from pydantic import Field

from procx_graph.domain.model import Noun
from procx_graph.domain.tokens import Tokens


class ModelUse(Noun):
    """One question to a model, with its repair."""

    prompt: str
    """Name of the prompt, e.g. `retention/decision`."""
    model: str = ""
    """Name of the model; empty when it has none."""
    tokens: Tokens = Tokens()
    failed: str | None = None
    """The error when no usable answer came, and the rules stood: `ModelUnavailable`, ..."""
    why: str | None = None
    """The same in words; nothing that a customer wrote is in them."""


class Price(Noun):
    """What a million tokens of one model cost."""

    read: float = Field(ge=0)
    cached: float = Field(ge=0)
    """Of those read out of the provider's cache."""
    written: float = Field(ge=0)

    def of(self, tokens: Tokens) -> float:
        """Give the price of some tokens."""
        fresh = max(0, tokens.prompt - tokens.cached)
        money = fresh * self.read + tokens.cached * self.cached + tokens.completion * self.written
        return money / 1_000_000


class Prices(Noun):
    """Prices of models by their names, in one currency."""

    currency: str = "USD"
    models: dict[str, Price] = Field(default_factory=dict)

    @classmethod
    def parse(cls, text: str, *, currency: str = "USD") -> Self:
        """Read `gpt-5-mini=0.25/2.00, other=0.25/0.025/2.00`: read, or read, cached, written.

        Raises:
            ValueError: It is written in another way.
        """
        return cls(
            currency=currency,
            models=dict(_price(part.strip()) for part in text.split(",") if part.strip()),
        )

    def of(self, use: ModelUse) -> float | None:
        """Give the cost of one question; `None` when the model's price is not known."""
        price = self.models.get(use.model)
        return None if price is None else price.of(use.tokens)


class Usage(Noun):
    """What a customer, or a scan, took of models."""

    asked: int = 0
    """Questions that agents had, without the repairs of their answers; `tokens.calls` went out."""
    failed: int = 0
    """Of these, the ones without a usable answer: the rules stood in."""
    failures: dict[str, int] = Field(default_factory=dict)
    """How many of them failed, by why."""
    tokens: Tokens = Tokens()
    cost: float | None = None
    """In the currency of the price list, to six decimals; `None` when a price is not known."""
    currency: str | None = None

    @classmethod
    def of(cls, uses: Iterable[ModelUse], prices: Prices | None) -> Self:
        """Sum questions up."""
        uses = tuple(uses)
        costs = [prices.of(use) if prices is not None else None for use in uses]
        known = [cost for cost in costs if cost is not None]
        return cls(
            asked=len(uses),
            failed=sum(use.failed is not None for use in uses),
            failures=_sorted(Counter(use.why or use.failed for use in uses if use.failed)),
            tokens=sum((use.tokens for use in uses), Tokens()),
            cost=round(sum(known), 6) if prices is not None and len(known) == len(uses) else None,
            currency=prices.currency if prices is not None else None,
        )

    def __add__(self, other: Self) -> Self:
        if not self.asked or not other.asked:
            return other if not self.asked else self
        cost = None
        if self.cost is not None and other.cost is not None:
            cost = round(self.cost + other.cost, 6)
        return type(self)(
            asked=self.asked + other.asked,
            failed=self.failed + other.failed,
            failures=_sorted(Counter(self.failures) + Counter(other.failures)),
            tokens=self.tokens + other.tokens,
            cost=cost,
            currency=self.currency or other.currency,
        )


def _sorted(counts: Mapping[str, int]) -> dict[str, int]:
    """Give counts in the order of their names, so that the same ones are the same bytes."""
    return dict(sorted(counts.items()))


def _price(text: str) -> tuple[str, Price]:
    model, equals, told = text.partition("=")
    try:
        numbers = [float(part) for part in told.split("/")]
    except ValueError:
        numbers = []
    told_all = len(numbers) in {2, 3} and all(0 <= number < inf for number in numbers)
    if not model.strip() or not equals or not told_all:
        raise ValueError(
            f"{text!r} is no price: write model=read/written or model=read/cached/written, "
            "for a million tokens"
        )
    read, cached, written = numbers if len(numbers) == 3 else (numbers[0], numbers[0], numbers[1])
    return model.strip(), Price(read=read, cached=cached, written=written)
