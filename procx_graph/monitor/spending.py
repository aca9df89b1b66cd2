"""How much a scan may take of language models."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from procx_graph.domain.model_use import Prices, Usage
from procx_graph.domain.tokens import Tokens
from procx_graph.errors import ConfigError
from procx_graph.llm import Model

USUAL = Tokens(calls=2, prompt=1_200, completion=300)
"""What a customer takes in the `lean` setting."""
USUAL_TOKENS = USUAL.total


@dataclass
class Spending:
    """Counts what a scan took of models, and says when it may take no more.

    Once a limit is near, further customers are done by rules alone. What a run will take is guessed
    from the dearest so far, and before any has ended by what is usual, so that a limit can be
    passed only by what the runs under way take beyond that. A run of which the provider does not
    tell the tokens, or whose price is not known, counts as much as the dearest.

    Attributes:
        max_tokens: Tokens read and written; `None` for no limit.
        max_cost: Money, in the currency of the price list; `None` for no limit.
        usual_cost: What a customer usually costs, see `usual_cost`.
    """

    max_tokens: int | None = None
    max_cost: float | None = None
    usual_cost: float = 0.0
    spent: Usage = field(default_factory=Usage)
    by_rules: int = 0
    """Customers that a limit left to the rules."""
    _under_way: int = 0
    _most_tokens: int = USUAL_TOKENS
    _most_cost: float = 0.0
    _tokens: int = 0
    _cost: float = 0.0
    _limit: str = ""

    def admits(self) -> bool:
        """Whether one more run may ask models; it counts as under way until it is settled."""
        self._under_way += 1
        if self._fits():
            return True
        self.by_rules += 1
        return False

    def settle(self, usage: Usage | None) -> None:
        """Count what a run took."""
        self._under_way = max(0, self._under_way - 1)
        if usage is None:
            return
        self.spent += usage
        tokens, cost, calls = usage.tokens.total, usage.cost or 0.0, usage.tokens.calls
        untold = usage.tokens.uncounted > usage.failed
        self._most_tokens = max(self._most_tokens, tokens)
        self._most_cost = max(self._most_cost, self.usual_cost, cost)
        self._tokens += self._most_tokens if untold else tokens
        self._cost += self._most_cost if untold or (calls and usage.cost is None) else cost

    @property
    def note(self) -> str | None:
        """What a reader should know; `None` while no limit was met."""
        if not self.by_rules:
            return None
        whom = f"{self.by_rules:,} customer{'s' if self.by_rules != 1 else ''}"
        return f"the limit of {self._limit} for models was met: rules alone did {whom}"

    def _fits(self) -> bool:
        tokens = self._tokens + self._under_way * self._most_tokens
        if self.max_tokens is not None and tokens > self.max_tokens:
            self._limit = f"{self.max_tokens:,} tokens"
            return False
        cost = self._cost + self._under_way * max(self._most_cost, self.usual_cost)
        if self.max_cost is not None and (self.max_cost <= 0 or cost > self.max_cost):
            self._limit = f"{self.max_cost:g} {self.spent.currency or ''}".rstrip()
            return False
        return True


def require_priced(models: Mapping[str, Model], prices: Prices | None) -> None:
    """Refuse a limit in money where the price of a model is not known.

    Raises:
        ConfigError: It is not.
    """
    known = prices.models if prices is not None else {}
    if missing := sorted(_names(models) - known.keys()):
        raise ConfigError(
            f"a limit in money needs prices, and there is none of {', '.join(missing)}: set "
            "PROCX_MODEL_PRICES"
        )


def usual_cost(models: Mapping[str, Model], prices: Prices | None) -> float:
    """Give what a customer usually costs with the dearest of these models; 0 without prices."""
    known = prices.models if prices is not None else {}
    return max((known[name].of(USUAL) for name in _names(models) & known.keys()), default=0.0)


def _names(models: Mapping[str, Model]) -> set[str]:
    return {getattr(model, "name", "") or type(model).__name__ for model in models.values()}
