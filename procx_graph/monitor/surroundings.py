"""What every run of a monitor shares, and how a scan may be told to behave."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from langgraph.checkpoint.memory import InMemorySaver
from pydantic import ConfigDict, Field, ValidationError, model_validator

from procx_graph.base import CustomerBase
from procx_graph.domain.clock import Clock
from procx_graph.domain.lane import Lane
from procx_graph.domain.message import Channel, Language
from procx_graph.domain.model import Noun
from procx_graph.domain.model_use import Prices
from procx_graph.domain.policy import Policy
from procx_graph.domain.profile import Profile
from procx_graph.errors import ConfigError
from procx_graph.llm import Model
from procx_graph.monitor.run import Graph
from procx_graph.outreach.gate import Gate
from procx_graph.scoring.engine import Scores
from procx_graph.store import DurableLedger, Ledger
from procx_graph.tracing import NoTracer, Tracer


@dataclass(frozen=True)
class Surroundings:
    """The parts that a monitor hands to its scans and its review desk."""

    base: CustomerBase
    scores: Scores
    policy: Policy
    profile: Profile
    store: Ledger
    clock: Clock
    graph: Graph
    saver: InMemorySaver
    gate: Gate
    remote: bool
    """Whether the graph runs on a server, where a thread id must be a UUID."""
    models: Mapping[str, Model] = field(default_factory=dict)
    """Who helps the graph's agents; not known where it runs on a server."""
    prices: Prices | None = None
    """What models cost; `None` when that is not known."""
    usual_cost: float = 0.0
    """What a customer's models usually cost."""
    tracer: Tracer = field(default_factory=NoTracer)
    """Where runs are told."""

    @property
    def may_ask(self) -> bool:
        """Whether there is a model to ask."""
        return self.remote or bool(self.models)

    def gate_for(self, customer_ids: Sequence[str]) -> Gate:
        """Give a gate that knows these customers as they stand now, read together."""
        if not isinstance(self.store, DurableLedger):
            return self.gate
        return Gate(self.policy, self.store.standing(customer_ids))


class ScanOptions(Noun):
    """How a scan behaves."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    lane: Lane = Lane.RETENTION
    """Whom the scan is for: active customers, or dormant ones to win back."""
    limit: int | None = Field(default=10, ge=1)
    """Customers to process, counted after the gate; `None` for all."""
    min_risk: float | None = Field(default=None, ge=0, le=1)
    """Only customers with at least this churn risk; `None` takes the profile's floor."""
    min_value: float | None = Field(default=None, ge=0)
    """Only customers with at least this lifetime value; `None` takes the profile's floor."""
    segments: tuple[str, ...] = ()
    """Only these segments; all when empty."""
    diverse: bool = False
    """Spread the choice over segments and languages."""
    rest_days: int | None = Field(default=None, ge=0)
    """Leave out whom a scan of this store did something for within so many days, unless something
    happened to them since; `None` leaves out nobody."""
    dry_run: bool = False
    """Score, gate and draft, but claim nothing and open no review."""
    language: Language | None = None
    """Write in this language instead of each customer's own."""
    channel: Channel | None = None
    """Use this channel where it reaches the customer."""
    keep_results: bool = True
    """Keep each result for the report. Without them it has the counts alone, a scan of any length
    takes the same memory, and results are told as events and kept in the store, if there is one."""
    models: bool = True
    """Let language models help where the graph has some; rules alone when not."""
    max_tokens: int | None = Field(default=None, ge=0)
    """Tokens that models may read and write in all; then rules go on alone."""
    max_cost: float | None = Field(default=None, ge=0)
    """The same in money, in the currency of the price list."""
    scan_id: str | None = Field(default=None, min_length=1, max_length=200)
    """The scan's id, instead of one from the factory."""
    resume: str | None = Field(default=None, min_length=1, max_length=200)
    """Id of a scan in the store to go on with, as it was started: no other option is taken."""

    @model_validator(mode="after")
    def _resumed_as_it_was(self) -> Self:
        others = self.model_fields_set - {"resume", "limit"}
        if self.resume is not None and others:
            raise ValueError(
                f"a scan is resumed as it was started, without {', '.join(sorted(others))}"
            )
        return self

    @classmethod
    def of(cls, **options: Any) -> Self:
        """Check options given by name.

        Raises:
            ConfigError: An option is unknown or has a wrong value.
        """
        try:
            return cls.model_validate(options)
        except ValidationError as error:
            first = error.errors()[0]
            name = ".".join(str(part) for part in first["loc"]) or "resume"
            raise ConfigError(f"scan option {name}: {first['msg']}") from error
