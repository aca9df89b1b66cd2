"""Running the retention graph over labelled situations, several at once, and judging each."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path

from procx_graph.domain.decision import Action, Decision, ReasonCode
from procx_graph.domain.message import Message
from procx_graph.domain.model_use import Prices
from procx_graph.domain.policy import Policy
from procx_graph.domain.profile import Profile
from procx_graph.domain.review import HandoffPacket
from procx_graph.domain.situation import Situation
from procx_graph.errors import ConfigError
from procx_graph.evals.judging import Given, Judged, judge
from procx_graph.evals.population import base_of, ledger_of
from procx_graph.evals.report import EvalReport, ModelNames
from procx_graph.evals.rubric import Brief, rate
from procx_graph.evals.situations import LabelledSituation, SituationSet
from procx_graph.graphs.retention.models import Models, models_by_agent
from procx_graph.graphs.retention.state import read_optional
from procx_graph.monitor import AgentFinished, Monitor
from procx_graph.monitor.running import AWAKE, RunningScan
from procx_graph.prompts import Prompts, load_prompt
from procx_graph.report import CustomerResult, Document, Status

CONCURRENCY = 8
"""Situations under way at once."""


@dataclass(frozen=True)
class SituationJudged:
    """One more situation is done."""

    number: int
    of: int
    judged: Judged


def run_evals(
    found: SituationSet,
    *,
    chosen: Sequence[LabelledSituation] | None = None,
    models: Models = None,
    policy: Policy | str | Path | None = None,
    profile: Profile | str | Path | None = None,
    prices: Prices | None = None,
    prompts: Prompts = load_prompt,
    concurrency: int = CONCURRENCY,
    tell: Callable[[SituationJudged], None] | None = None,
) -> EvalReport:
    """Run the real graph over situations as a dry run, and judge decisions and messages.

    Every situation is a customer of one base, made of the whole set and of made-up others, so that
    a score does not depend on which of them are run.

    Args:
        found: The set.
        chosen: Those of it to run; all when not given.
        models: As for `Monitor`; rules alone when not given.
        policy: As for `Monitor`; labels are by the default policy.
        profile: As for `Monitor`.
        prices: What models cost.
        prompts: As for `Monitor`.
        concurrency: Situations under way at once.
        tell: Called after each.

    Raises:
        ConfigError: There are no situations, a row of one is wrong, or a part cannot be used.
    """
    wanted = found.situations if chosen is None else tuple(chosen)
    if not wanted:
        raise ConfigError(f"no situation of {found.name} is like that")
    asked = models_by_agent(models)
    with Monitor(
        base_of(found), store=ledger_of(found), policy=policy, profile=profile, models=asked,
        prices=prices, prompts=prompts, concurrency=concurrency,
    ) as monitor:  # fmt: skip
        monitor.scores  # noqa: B018 - scored once, before threads ask for it
        done: dict[str, Judged] = {}
        under_way: set[RunningScan] = set()
        with ThreadPoolExecutor(max_workers=concurrency) as several:
            works = [several.submit(_judged, monitor, one, under_way) for one in wanted]
            try:
                for number, work in enumerate(_as_completed(works), 1):
                    judged = work.result()
                    done[judged.id] = judged
                    if tell is not None:
                        tell(SituationJudged(number, len(wanted), judged))
            finally:
                for work in works:
                    work.cancel()
                for running in tuple(under_way):
                    running.stop()
        return EvalReport(
            set=found.name,
            models=ModelNames.of(asked),
            policy=Document(name=monitor.policy.name, hash=monitor.policy.hash),
            profile=Document(name=monitor.profile.name, hash=monitor.profile.hash),
            situations=tuple(done[one.id] for one in wanted),
        )


def _as_completed(works: Sequence[Future[Judged]]) -> Iterator[Future[Judged]]:
    """Give works as they end, awake often enough for Ctrl-C."""
    left: set[Future[Judged]] = set(works)
    while left:
        ended, left = wait(left, timeout=AWAKE, return_when=FIRST_COMPLETED)
        yield from ended


def _judged(monitor: Monitor, one: LabelledSituation, under_way: set[RunningScan]) -> Judged:
    """Run one situation and judge it."""
    event = None if one.event is None else one.event.event(monitor.base.as_of)
    running = monitor.process(
        one.id, event=event, scan_id=f"eval-{one.id}", lane=one.lane, dry_run=True
    )
    under_way.add(running)
    state: dict[str, object] = {}
    try:
        for happened in running:
            if isinstance(happened, AgentFinished):
                state |= happened.update
    finally:
        under_way.discard(running)
    given = _given(running.report().results[0], state)
    rubric = {}
    if given.message is not None:
        rubric = rate(given.message, _brief(monitor, one, state))
    return Judged(
        id=one.id, about=one.about, language=one.language, tags=one.tags, expected=one.expect,
        given=given, aspects=judge(one.expect, given), rubric=rubric,
    )  # fmt: skip


def _given(result: CustomerResult, state: dict[str, object]) -> Given:
    """Read what came out of a run."""
    usage, degraded = result.usage, result.degraded
    if result.status is Status.FAILED:
        return Given(action=None, error=f"{result.reason}: {result.detail}", usage=usage)
    decision = read_optional(state, "decision", Decision)
    if decision is None or decision.action is Action.NO_CONTACT:
        why = result.reason if decision is None else decision.refused
        return Given(action=Action.NO_CONTACT, refused=why, degraded=degraded, usage=usage)
    packet = read_optional(state, "packet", HandoffPacket)
    message = read_optional(state, "message", Message) or (packet and packet.draft)
    codes = tuple(reason.code for reason in decision.reasons)
    person = result.status is Status.ESCALATED
    return Given(
        action=decision.action,
        person=person,
        reasons=codes or ((ReasonCode.COMPLIANCE_BLOCK,) if person else ()),
        offer=decision.offer.id if decision.offer else None,
        language=message.language if message else decision.language,
        purpose=message.purpose if message else decision.purpose,
        kind=result.situation.kind if result.situation else None,
        message=message,
        degraded=degraded,
        usage=usage,
    )


def _brief(monitor: Monitor, one: LabelledSituation, state: dict[str, object]) -> Brief:
    situation = read_optional(state, "situation", Situation)
    decision = read_optional(state, "decision", Decision)
    assert situation is not None
    assert decision is not None
    offer = decision.offer
    if offer is not None and decision.escalate:  # whoever approves the draft approves its offer
        offer = offer.model_copy(update={"approved": True})
    return Brief(
        language=one.expect.language,
        situation=situation,
        offer=offer,
        customer=monitor.base.customer(one.id),
        policy=monitor.policy,
    )
