"""How much a scan may take of language models."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from procx_graph.domain.model_use import Prices, Usage
from procx_graph.domain.tokens import Tokens
from procx_graph.errors import ConfigError
from procx_graph.llm import Model

USUAL = Tokens(prompt=1_200, completion=300)
"""What a customer takes in the `lean` setting."""
USUAL_TOKENS = USUAL.total


@dataclass
class Spending:
    """Counts what a scan took of models, and says when it may take no more.

    Once a limit is near, further customers are done by rules alone. What a run will take is guessed
    from the dearest so far, and before any has ended by what is usual, so that a limit can be
    passed only by what the runs under way take beyond that.

    Attributes:
        max_tokens: Tokens read and written; `None` for no limit.
        max_cost: Money, in the currency of the price list; `None` for no limit.
        likely_cost: Money that a run may take: what is usual at first, then the dearest so far.
    """

    max_tokens: int | None = None
    max_cost: float | None = None
    likely_cost: float = 0.0
    spent: Usage = field(default_factory=Usage)
    by_rules: int = 0
    """Customers that a limit left to the rules."""
    _under_way: int = 0
    _most_tokens: int = USUAL_TOKENS
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
        self._most_tokens = max(self._most_tokens, usage.tokens.total)
        self.likely_cost = max(self.likely_cost, usage.cost or 0.0)
        self.spent += usage

    @property
    def note(self) -> str | None:
        """What a reader should know; `None` while no limit was met."""
        if not self.by_rules:
            return None
        whom = f"{self.by_rules:,} customer{'s' if self.by_rules != 1 else ''}"
        return f"the limit of {self._limit} for models was met: rules alone did {whom}"

    def _fits(self) -> bool:
        tokens = self.spent.tokens.total + self._under_way * self._most_tokens
        if self.max_tokens is not None and tokens > self.max_tokens:
            self._limit = f"{self.max_tokens:,} tokens"
            return False
        cost = (self.spent.cost or 0.0) + self._under_way * self.likely_cost
        if self.max_cost is not None and cost > self.max_cost:
            self._limit = f"{self.max_cost:g} {self.spent.currency or ''}".rstrip()
            return False
        return True


def usual_cost(models: Mapping[str, Model], prices: Prices | None) -> float:
    """Give what a usual customer costs with the dearest of some models; 0 without prices."""
    known = prices.models if prices is not None else {}
    names = {getattr(model, "name", "") for model in models.values()}
    return max((known[name].of(USUAL) for name in names & known.keys()), default=0.0)


def require_priced(models: Mapping[str, Model], prices: Prices | None) -> None:
    """Refuse a limit in money where the price of a model is not known.

    Raises:
        ConfigError: It is not.
    """
    known = prices.models if prices is not None else {}
    names = {getattr(model, "name", "") or type(model).__name__ for model in models.values()}
    if missing := sorted(names - known.keys()):
        raise ConfigError(
            f"a limit in money needs prices, and there is none of {', '.join(missing)}: set "
            "PROCX_MODEL_PRICES"
        )
