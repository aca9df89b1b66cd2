"""A model's calls in a trace: real client and tracer, a provider and a Langfuse on this machine."""

from procx_graph import CustomerBase, Monitor
from procx_graph.llm import connect
from procx_graph.report import Status
from procx_graph.testing import Answers, ModelServer, faults
from procx_graph.tracing.prompt_store import prompts_from
from tests.agreeing import agreeing
from tests.langfuse_server import Received
from tests.traced import arrived, settings_for, traced

BODY = (
    "Decide.\n\n---\nAllowed actions: {% for action in actions %}{{ action.value }} {% endfor %}\n"
    "<record>{{ situation.summary | data }}</record>"
)


def told_of_a_scan(base: CustomerBase, answers: Answers) -> tuple[Received, dict[str, int]]:
    """Scan with a model and a prompt of Langfuse; give what arrived, and tokens by customer."""
    with traced() as (tracer, langfuse), ModelServer(answers) as provider:
        langfuse.received.prompts["retention/decision"] = {"version": 7, "prompt": BODY}
        prompts = prompts_from(settings_for(langfuse, prompts="langfuse"))
        model = connect("openai:gpt-4o-mini", base_url=provider.url)
        with Monitor(base, models=model, tracer=tracer, prompts=prompts) as monitor:
            report = monitor.scan(limit=8, scan_id="g")
        received = arrived(tracer, langfuse)
    asked = [r for r in report.results if r.status is not Status.SKIPPED and r.usage]
    return received, {r.customer_id: r.usage.tokens.prompt for r in asked if r.usage}


def test_each_generation_has_its_customer_its_tokens_and_its_prompt(
    sample_base: CustomerBase,
) -> None:
    received, tokens = told_of_a_scan(sample_base, agreeing)

    generations = [span for span in received.spans if span.type == "generation"]
    counted = dict.fromkeys(tokens, 0)
    for span in generations:
        counted[str(span.attributes["user.id"])] += span.told("usage_details")["input"]
        assert span.attributes["session.id"] == "g"
        assert span.told("model.name") == "gpt-4o-mini"
    assert counted == tokens
    linked = {(s.told("prompt.name"), s.told("prompt.version")) for s in generations}
    assert linked == {("retention/decision", 7), (None, None)}


def test_what_a_provider_refuses_is_an_error_of_its_generation_and_not_of_the_run(
    sample_base: CustomerBase,
) -> None:
    received, _ = told_of_a_scan(sample_base, faults.unauthorized())

    failed = [span for span in received.spans if span.told("level") == "ERROR"]
    assert failed
    assert {span.type for span in failed} == {"generation"}
    assert b"Incorrect API key" not in received.wire.encode()
