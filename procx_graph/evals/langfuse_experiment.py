"""Recording an evaluation as an experiment in Langfuse, for comparison over time."""

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from procx_graph.domain.model import Noun
from procx_graph.evals.judging import Judged, Proportion
from procx_graph.evals.report import EvalReport
from procx_graph.evals.rubric import share_met
from procx_graph.evals.situations import SituationSet
from procx_graph.settings import Settings
from procx_graph.tracing import tracer_from
from procx_graph.tracing.langfuse_tracer import LangfuseTracer
from procx_graph.tracing.unsaid import unsaid

if TYPE_CHECKING:
    from langfuse import Evaluation

log = logging.getLogger(__name__)

_ROWS = frozenset({"customer", "buys", "past", "expect", "tags", "language", "id"})
"""What of a situation is not what the customer wrote or did."""

_NO_PROJECT = "Failed to resolve project id"
"""The SDK's line where the service does not answer, headers and all; `problem` tells it."""


class Recorded(Noun):
    """An experiment as it is in Langfuse."""

    name: str
    items: int
    url: str | None
    """`None` when the service did not say which project it is."""
    problem: str | None = None
    """Why something of it was dropped."""


def langfuse_tracer(settings: Settings) -> LangfuseTracer | None:
    """Give what tells Langfuse, with its redaction; `None` without keys.

    Every situation of an experiment is told, whatever share of the runs is traced.

    Raises:
        ConfigError: One key is missing.
    """
    tracer = tracer_from(settings.model_copy(update={"langfuse_sample_rate": None}))
    return tracer if isinstance(tracer, LangfuseTracer) else None


def record(
    report: EvalReport,
    tracer: LangfuseTracer,
    *,
    name: str,
    situations: SituationSet | None = None,
) -> Recorded:
    """Record what an evaluation found, with scores for each situation and for the whole.

    The situations are not run again: an experiment that Langfuse would run could fail with it.
    Only codes and figures are told.

    Args:
        report: What was found.
        tracer: To Langfuse.
        name: Of the experiment; each recording is a run of it.
        situations: The set, when texts may leave too: what customers wrote, and the messages. The
            tracer must let them.

    Raises:
        ConfigError: The key is in use by another client of this process.
    """
    judged = {one.id: one for one in report.situations}
    texts = _texts(situations)
    data: list[Any] = [
        {
            "input": _input(one) | texts.get(one.id, {}),
            "expected_output": _expected(one),
            "metadata": {"situation_id": one.id, "tags": " ".join(one.tags)},
        }
        for one in report.situations
    ]

    def given(*, item: Any, **_: Any) -> dict[str, Any]:
        one = judged[item["input"]["situation_id"]]
        return _output(one, content=situations is not None)

    def judgement(*, input: Any, **_: Any) -> "list[Evaluation]":  # noqa: A002 - the SDK's name
        return _scores(judged[input["situation_id"]])

    def figures(**_: Any) -> "list[Evaluation]":
        return _figures(report)

    client = tracer.client
    with unsaid("langfuse", beginning=_NO_PROJECT):
        result = client.run_experiment(
            name=name,
            data=data,
            task=given,
            evaluators=[judgement],
            run_evaluators=[figures],
            metadata={"models": str(report.models)[:200], "policy": report.policy.name},
        )
    log.info("evaluation recorded", extra={"experiment": name, "items": len(data)})
    return Recorded(
        name=result.run_name,
        items=len(result.item_results),
        url=result.experiment_url,
        problem=tracer.status().problem,
    )


def _input(one: Judged) -> dict[str, Any]:
    return {"situation_id": one.id, "language": one.language, "tags": list(one.tags)}


def _texts(situations: SituationSet | None) -> dict[str, dict[str, Any]]:
    """Give what there is to read of each situation."""
    told = situations.situations if situations is not None else ()
    return {
        one.id: {
            name: value
            for name, value in one.model_dump(mode="json").items()
            if name not in _ROWS and value
        }
        for one in told
    }


def _expected(one: Judged) -> dict[str, Any]:
    expected = one.expected
    return {
        "action": list(expected.action),
        "escalate": bool(expected.person),
        "code": list(expected.person),
        "language": expected.language,
        "purpose": expected.purpose,
        "refused": expected.refused,
    }


def _output(one: Judged, *, content: bool) -> dict[str, Any]:
    given = one.given
    told: dict[str, Any] = {
        "action": given.action,
        "escalate": given.person,
        "code": list(given.reasons),
        "kind": given.kind,
        "language": given.language,
        "purpose": given.purpose,
        "refused": given.refused,
        "degraded": given.degraded,
    }
    if content and given.message is not None:
        told["message"] = {"subject": given.message.subject, "body": given.message.body}
    return told


def _scores(one: Judged) -> "list[Evaluation]":
    found = [_yes("agreement", one.agrees, comment=None if one.given.error else one.why)]
    found += [_yes(f"right_{aspect.value}", right) for aspect, right in one.aspects.items()]
    met = share_met(one.rubric)
    if met is not None:
        missed = ", ".join(name.value for name, is_met in one.rubric.items() if not is_met)
        found.append(_number("message_rubric", met, comment=missed))
    return found


def _figures(report: EvalReport) -> "list[Evaluation]":
    """Give the whole as scores; a share of nothing is none."""
    summary = report.summary
    shares: Mapping[str, Proportion] = {
        "agreement": summary.agreement,
        "agreement_structured": summary.agreement_structured,
        "escalation_precision": summary.escalation.precision,
        "escalation_recall": summary.escalation.recall,
        "message_rubric": summary.rubric,
        **{f"agreement_{code}": one for code, one in summary.languages.items()},
        **{f"message_{criterion.value}": one for criterion, one in summary.criteria.items()},
    }
    found = [
        _number(name, share, comment=f"{one.count} of {one.of}")
        for name, one in shares.items()
        if (share := one.share) is not None
    ]
    if summary.usage is not None:
        found.append(_number("tokens", summary.usage.tokens.total))
        if summary.usage.cost is not None:
            found.append(_number("cost", summary.usage.cost))
    return found


def _yes(name: str, value: bool, *, comment: str | None = None) -> "Evaluation":
    from langfuse import Evaluation

    return Evaluation(
        name=name, value=1.0 if value else 0.0, comment=comment or None, data_type="BOOLEAN"
    )


def _number(name: str, value: float, *, comment: str | None = None) -> "Evaluation":
    from langfuse import Evaluation

    return Evaluation(
        name=name, value=round(float(value), 6), comment=comment or None, data_type="NUMERIC"
    )
