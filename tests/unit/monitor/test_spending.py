"""How much a scan may take of models."""

import pytest

from procx_graph.domain.model_use import Prices, Usage
from procx_graph.domain.tokens import Tokens
from procx_graph.errors import ConfigError
from procx_graph.monitor.spending import USUAL_TOKENS, Spending, require_priced, usual_cost
from procx_graph.testing import ScriptedModel


def took(tokens: int, cost: float | None = None) -> Usage:
    return Usage(asked=1, tokens=Tokens(calls=1, prompt=tokens), cost=cost)


def test_without_limits_every_run_may_ask() -> None:
    spending = Spending()

    assert all(spending.admits() for _ in range(1000))
    assert spending.note is None


def test_no_tokens_means_rules_alone() -> None:
    spending = Spending(max_tokens=0)

    assert not spending.admits()
    assert spending.note == "the limit of 0 tokens for models was met: rules alone did 1 customer"


def test_runs_under_way_count_before_they_end() -> None:
    spending = Spending(max_tokens=3 * USUAL_TOKENS)

    assert [spending.admits() for _ in range(5)] == [True, True, True, False, False]


def test_one_after_the_other_never_passes_the_limit() -> None:
    spending = Spending(max_tokens=10_000)

    for _ in range(50):
        spending.settle(took(900) if spending.admits() else None)

    assert 8_000 < spending.spent.tokens.total <= 10_000


def test_money_is_a_limit_too() -> None:
    spending = Spending(max_cost=1.0)

    for _ in range(50):
        spending.settle(took(10, 0.3) if spending.admits() else None)

    assert spending.spent.cost == pytest.approx(0.9)
    assert spending.note is not None
    assert "limit of 1 " in spending.note


def test_no_money_means_rules_alone() -> None:
    assert not Spending(max_cost=0.0).admits()


def test_what_a_customer_usually_costs_counts_before_any_has_ended() -> None:
    prices = Prices.parse("ScriptedModel=100/100, another=9000/9000")
    usual = usual_cost({"decision": ScriptedModel(lambda _: {})}, prices)
    spending = Spending(max_cost=0.4, usual_cost=usual)

    assert usual == pytest.approx(0.15)
    assert [spending.admits() for _ in range(4)] == [True, True, False, False]


@pytest.mark.parametrize(
    "told",
    [
        Usage(asked=1, tokens=Tokens(calls=1, uncounted=1), cost=0.0),
        Usage(asked=1, tokens=Tokens(calls=1, prompt=10), cost=None),
    ],
)
def test_what_is_not_told_counts_as_the_dearest(told: Usage) -> None:
    spending = Spending(max_cost=1.0, usual_cost=0.15)

    admitted = 0
    while admitted < 50 and spending.admits():
        spending.settle(told)
        admitted += 1

    assert admitted == 6


def test_tokens_that_are_not_told_count_as_usual() -> None:
    spending = Spending(max_tokens=10 * USUAL_TOKENS)
    untold = Usage(asked=1, tokens=Tokens(calls=2, uncounted=2))

    admitted = 0
    while admitted < 50 and spending.admits():
        spending.settle(untold)
        admitted += 1

    assert admitted == 10


def test_a_question_that_was_never_sent_takes_nothing() -> None:
    spending = Spending(max_tokens=10 * USUAL_TOKENS, max_cost=1.0, usual_cost=0.1)
    refused = Usage(asked=2, failed=2)

    for _ in range(50):
        assert spending.admits()
        spending.settle(refused)


def test_the_note_names_the_limit_that_was_met() -> None:
    spending = Spending(max_tokens=0, max_cost=5.0)

    spending.admits()

    assert "limit of 0 tokens" in str(spending.note)


def test_a_limit_in_money_needs_the_price_of_every_model() -> None:
    with pytest.raises(ConfigError, match="none of ScriptedModel"):
        require_priced({"decision": ScriptedModel(lambda _: {})}, None)
