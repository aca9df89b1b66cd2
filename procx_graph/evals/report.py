"""What an evaluation found: typed, as JSON, and as a frame."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from pydantic import Field, ValidationError

from procx_graph.domain.decision import ReasonCode
from procx_graph.domain.model import Noun
from procx_graph.domain.model_use import Usage
from procx_graph.errors import ConfigError
from procx_graph.evals import judging
from procx_graph.evals.judging import Aspect, Detection, Judged, Proportion
from procx_graph.evals.rubric import Criterion, share_met
from procx_graph.evals.situations import FREE_TEXT
from procx_graph.llm import Model
from procx_graph.report import Document

if TYPE_CHECKING:
    import pandas as pd

RULES = "rules"
"""Who decided where no model helped."""


class ModelNames(Noun):
    """Which agents asked which model; rules alone when none did."""

    by_agent: dict[str, str] = Field(default_factory=dict)

    @classmethod
    def of(cls, models: Mapping[str, Model]) -> Self:
        """Name models as prices are listed by."""
        return cls(
            by_agent={
                agent: getattr(model, "name", "") or type(model).__name__
                for agent, model in models.items()
            }
        )

    def __str__(self) -> str:
        names = dict.fromkeys(self.by_agent.values())
        told = (f"{name} ({', '.join(self._agents(name))})" for name in names)
        return "; ".join(told) or RULES

    def _agents(self, name: str) -> Iterable[str]:
        return (agent for agent, one in self.by_agent.items() if one == name)


class Summary(Noun):
    """An evaluation in figures."""

    agreement: Proportion
    """Situations in which everything about the decision is right."""
    agreement_structured: Proportion
    """The same of those that need no reading of the customer's words."""
    aspects: dict[Aspect, Proportion]
    escalation: Detection
    reasons: dict[ReasonCode, Detection]
    languages: dict[str, Proportion]
    tags: dict[str, Proportion]
    confusion: dict[str, dict[str, int]]
    """Decisions given, by the decision expected."""
    rubric: Proportion
    """Criteria that messages meet, of all that apply to them."""
    criteria: dict[Criterion, Proportion]
    findings: dict[str, int]
    """What the checks found in drafts, by code."""
    failed: int
    degraded: int
    """Runs in which a model failed and rules stood in."""
    usage: Usage | None


class EvalReport(Noun):
    """The result of one evaluation."""

    set: str
    """Name of the folder or file of situations."""
    models: ModelNames
    policy: Document
    profile: Document
    situations: tuple[Judged, ...]

    @property
    def summary(self) -> Summary:
        """The figures."""
        all_of_them = self.situations
        usages = [one.given.usage for one in all_of_them if one.given.usage is not None]
        return Summary(
            agreement=Proportion.over(one.agrees for one in all_of_them),
            agreement_structured=Proportion.over(
                one.agrees for one in all_of_them if FREE_TEXT not in one.tags
            ),
            aspects=judging.by_aspect(all_of_them),
            escalation=judging.escalation(all_of_them),
            reasons=judging.by_reason(all_of_them),
            languages=judging.grouped(all_of_them, lambda one: (one.language,)),
            tags=judging.grouped(all_of_them, lambda one: one.tags),
            confusion=judging.confusion(all_of_them),
            rubric=Proportion.over(met for one in all_of_them for met in one.rubric.values()),
            criteria=judging.by_criterion(all_of_them),
            findings=_findings(all_of_them),
            failed=sum(one.given.action is None for one in all_of_them),
            degraded=sum(one.given.degraded for one in all_of_them),
            usage=sum(usages[1:], usages[0]) if usages else None,
        )

    @property
    def disagreements(self) -> tuple[Judged, ...]:
        """The situations in which something about the decision is wrong."""
        return tuple(one for one in self.situations if not one.agrees)

    def to_json(self, *, indent: int | None = 2) -> str:
        """Give the report as JSON with its figures, the same bytes for the same report."""
        whole = self.model_dump(mode="json")
        whole = {"summary": self.summary.model_dump(mode="json"), **whole}
        return json.dumps(whole, ensure_ascii=False, indent=indent)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what `to_json` gave.

        Raises:
            ConfigError: It is something else.
        """
        try:
            whole = json.loads(text)
            if not isinstance(whole, dict):
                raise ConfigError("it is not the result of procx eval")
            whole.pop("summary", None)
            return cls.model_validate(whole)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(str(part) for part in first["loc"])
            raise ConfigError(
                f"it is not the result of procx eval: {where}: {first['msg']}"
            ) from error
        except ValueError as error:
            raise ConfigError(f"it is not JSON: {error}") from error

    @classmethod
    def read(cls, file: str | Path) -> Self:
        """Read a result that was kept in a file.

        Raises:
            ConfigError: There is none, or it is something else.
        """
        try:
            return cls.from_json(Path(file).read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"{file} cannot be read: {error}") from error
        except ConfigError as error:
            raise ConfigError(f"{file}: {error}") from error

    def to_frame(self) -> "pd.DataFrame":
        """Give one row a situation: the label, what was given, and what is wrong."""
        import pandas as pd

        return pd.DataFrame([_row(one) for one in self.situations])


def _findings(judged: Iterable[Judged]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for one in judged:
        for finding in one.given.message.findings if one.given.message else ():
            counts[finding.code] = counts.get(finding.code, 0) + 1
    return dict(sorted(counts.items()))


def _row(one: Judged) -> dict[str, Any]:
    message = one.given.message
    return {
        "id": one.id,
        "language": one.language,
        "tags": " ".join(one.tags),
        "agrees": one.agrees,
        "expected": judging.label_of(one.expected),
        "given": one.given.label,
        "expected_action": " ".join(one.expected.action),
        "action": one.given.action.value if one.given.action else None,
        "expected_reasons": " ".join(one.expected.person),
        "reasons": " ".join(one.given.reasons),
        "offer": one.given.offer,
        "rubric": share_met(one.rubric),
        "findings": " ".join(f.code for f in message.findings) if message else "",
        "subject": message.subject if message else None,
        "body": message.body if message else None,
        "why": one.why,
    }
