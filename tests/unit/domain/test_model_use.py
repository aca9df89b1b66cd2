"""What models took, and what that costs."""

import pytest

from procx_graph.domain.model_use import ModelUse, Price, Prices, Usage
from procx_graph.domain.tokens import Tokens

PRICES = Prices.parse("small=0.25/0.025/2, big=2.5/10")


def use(model: str = "small", failed: str | None = None, **tokens: int) -> ModelUse:
    return ModelUse(prompt="a/b", model=model, tokens=Tokens(calls=1, **tokens), failed=failed)


def test_cached_tokens_have_a_price_of_their_own() -> None:
    cost = PRICES.of(use(prompt=2_000_000, cached=1_000_000, completion=500_000))

    assert cost == pytest.approx(0.25 + 0.025 + 1.0)


def test_without_a_price_of_their_own_cached_tokens_cost_as_much_as_others() -> None:
    assert PRICES.models["big"] == Price(read=2.5, cached=2.5, written=10)


def test_a_sum_counts_questions_failures_and_money() -> None:
    total = Usage.of(
        [use(prompt=1_000_000), use("big", prompt=1_000_000, failed="ModelReplyError")], PRICES
    )

    assert (total.asked, total.failed, total.cost, total.currency) == (2, 1, 2.75, "USD")
    assert total.tokens.prompt == 2_000_000


def test_one_unknown_price_makes_the_cost_unknown() -> None:
    assert Usage.of([use(), use("other")], PRICES).cost is None
    assert Usage.of([use()], None).cost is None


def test_nothing_added_to_a_sum_leaves_it() -> None:
    some = Usage.of([use(prompt=1_000_000)], PRICES)

    assert Usage() + some == some + Usage() == some
    assert (some + some).cost == 0.5


@pytest.mark.parametrize(
    "text", ["small", "small=", "small=1", "=1/2", "small=a/b", "s=-1/2", "s=nan/1", "s=1/inf"]
)
def test_what_is_no_price_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no price"):
        Prices.parse(text)
