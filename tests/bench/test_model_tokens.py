"""What the prompts of a customer cost, counted by OpenAI's own tokenizer over the sample."""

import json
from collections import defaultdict

import pytest

from procx_graph import CustomerBase, Monitor
from procx_graph.graphs.retention.models import FULL, LEAN
from procx_graph.llm import Reply, ResultT
from procx_graph.llm.strict_schema import strict_schema
from procx_graph.prompts import RenderedPrompt
from procx_graph.report import Status
from tests.agreeing import answer_to

GOALS = {"lean": (LEAN, 1_000, 2), "full": (FULL, 2_000, 4)}
"""Agents, prompt tokens a customer at most, and questions a customer at most."""
CUSTOMERS = 400

pytestmark = [
    pytest.mark.bench,
    pytest.mark.filterwarnings("ignore:open_binary is deprecated:DeprecationWarning"),
]


class Counting:
    """A model that agrees with the rules, and counts what it was told."""

    def __init__(self) -> None:
        from bpe_openai import get_encoding

        self.tokens: dict[str, list[int]] = defaultdict(list)
        self.encoding = get_encoding("o200k_base")

    async def __call__(self, prompt: RenderedPrompt, result: type[ResultT]) -> Reply[ResultT]:
        schema = json.dumps(strict_schema(result), ensure_ascii=False)
        told = f"{schema}\n{prompt.instructions}\n{prompt.record}"
        self.tokens[prompt.name].append(len(self.encoding.encode(told)))
        return Reply(result.model_validate(answer_to(prompt.record)))


@pytest.mark.parametrize("setting", GOALS)
def test_a_customer_takes_no_more_tokens_and_questions_than_promised(setting: str) -> None:
    agents, most, questions = GOALS[setting]
    model = Counting()
    with Monitor(CustomerBase.sample(), models=dict.fromkeys(agents, model)) as monitor:
        report = monitor.scan(limit=CUSTOMERS, dry_run=True, scan_id="tokens")

    helped = [result for result in report.results if result.usage is not None]
    total = sum(sum(counts) for counts in model.tokens.values())
    for name, counts in model.tokens.items():
        print(  # noqa: T201 - a measurement is for reading
            f"\n{setting}: {name} {sum(counts) / len(counts):.0f} tokens (at most {max(counts)})",
            end="",
        )
    print(  # noqa: T201
        f"\n{setting}: {total / len(helped):.0f} prompt tokens a customer over {len(helped)}, "
        f"{sum(r.usage.asked for r in helped if r.usage) / len(helped):.2f} questions "
        f"(goals {most:,} and {questions})"
    )
    assert total / len(helped) <= most
    assert all(result.usage.asked <= questions for result in helped if result.usage)
    assert all(r.usage is None for r in report.results if r.status is Status.SKIPPED)
