"""The sender: takes what is due out of the outbox and hands it to its channel, one by one."""

import logging
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Self

from procx_graph.base import CustomerBase
from procx_graph.domain.clock import Clock, in_utc
from procx_graph.domain.message import Channel, Purpose
from procx_graph.domain.model import Noun
from procx_graph.domain.outbound import OutboundMessage, OutboxState
from procx_graph.domain.policy import Policy
from procx_graph.domain.profile import Profile
from procx_graph.errors import ConfigError
from procx_graph.outreach.channels import Carrier, Delivered, Envelope, Refused, Retry, Unclear
from procx_graph.outreach.gate import Gate
from procx_graph.outreach.names import usable_name
from procx_graph.outreach.sending.clearance import Cleared, Objection, clear
from procx_graph.outreach.sending.recipients import Recipient, Recipients
from procx_graph.outreach.unsubscribe import Unsubscribe
from procx_graph.store.database import Store
from procx_graph.store.durable import DurableLedger
from procx_graph.store.holder import new_holder
from procx_graph.store.outbox import Outbox
from procx_graph.tables.lookup import open_lookup

log = logging.getLogger(__name__)

EARLIER = 5
"""Messages that advertising is compared with."""


class SendResult(Noun):
    """What became of one message."""

    message_id: str
    run_id: str
    customer_id: str
    channel: Channel
    purpose: Purpose
    state: OutboxState
    """`approved`: it waits until `not_before`. In a dry run, `sending`: it would go now."""
    reason: str | None = None
    detail: str | None = None
    not_before: datetime | None = None


class SendReport(Noun):
    """What came of sending what was due."""

    at: datetime
    dry_run: bool
    results: tuple[SendResult, ...]

    @property
    def counts(self) -> dict[str, int]:
        """How many messages ended up in each state."""
        return dict(sorted(Counter(result.state.value for result in self.results).items()))


class OutboxSender:
    """Sends approved messages, each checked again right before.

    Several senders may share a store, in any number of processes: a message is held by one of
    them, and of one customer only one message at a time. A message is noted as being sent before
    its channel gets it, so that after a crash at most one of a sender's is in doubt: it is sent
    again where the channel takes a key, and else becomes unclear.

    ```python
    carriers = {Channel.EMAIL: FolderCarrier("outbox")}
    with OutboxSender(
        store, policy=load_policy(), carriers=carriers, clock=clock, profile=load_profile()
    ) as sender:
        report = sender.send_due()
    ```

    Args:
        store: Where the outbox is.
        policy: What we may do.
        carriers: What serves each channel.
        clock: Tells the moment of sending.
        profile: When a customer is new, active or dormant.
        source: The customers' tables: an opened base, which shows them as it was opened, or a
            URL or path, which is read again for every message; the store's own when not given.
        gate: Who may be written to; made of policy and store when not given.
        unsubscribe: Makes the links in marketing; none when not given.

    Raises:
        DataError: The tables cannot be read.
    """

    def __init__(
        self,
        store: Store,
        *,
        policy: Policy,
        carriers: Mapping[Channel, Carrier],
        clock: Clock,
        profile: Profile,
        source: CustomerBase | str | Path | None = None,
        gate: Gate | None = None,
        unsubscribe: Unsubscribe | None = None,
    ) -> None:
        self.store, self.policy, self.carriers, self.clock = store, policy, carriers, clock
        self.gate = gate or Gate(policy, DurableLedger(store, clock=clock))
        self.unsubscribe = unsubscribe
        self.outbox = Outbox(store)
        self._lookup = open_lookup(store.url if source is None else source)
        self._recipients = Recipients(self._lookup, profile)
        self._holder = new_holder()
        self._lease = timedelta(minutes=policy.outbox.lease)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the tables."""
        self._lookup.close()

    def send_due(
        self,
        limit: int | None = None,
        *,
        dry_run: bool = False,
        on_result: Callable[[SendResult], None] | None = None,
        stopped: Callable[[], bool] = lambda: False,
    ) -> SendReport:
        """Send what is due, after seeing to what a dead sender left.

        Args:
            limit: So many messages at most; `None` for all.
            dry_run: Only say what would be sent and what would not; nothing is changed.
            on_result: Called after each message.
            stopped: Asked before each message; true ends the sending.

        Raises:
            ConfigError: `limit` is no number from 1 on.
            StoreError: The store fails.
            DataError: The customers' tables cannot be read.
        """
        if limit is not None and (isinstance(limit, bool) or limit < 1):
            raise ConfigError("the limit of messages must be a whole number from 1 on")
        results: list[SendResult] = []

        def tell(result: SendResult) -> None:
            results.append(result)
            if on_result is not None:
                on_result(result)

        if not dry_run:
            for unclear in self._recovered():
                tell(unclear)
        done = 0
        for message_id in self.outbox.due(self.clock.now()):
            if stopped() or done == limit:
                break
            result = self._foreseen(message_id) if dry_run else self._send(message_id)
            if result is not None:
                done += 1
                tell(result)
        return SendReport(at=in_utc(self.clock.now()), dry_run=dry_run, results=tuple(results))

    def _send(self, message_id: str) -> SendResult | None:
        """Send one message; `None` when somebody else has it or its customer."""
        held = self.outbox.hold(message_id, self._holder, now=self.clock.now(), lease=self._lease)
        if held is None:
            return None
        try:
            recipient = self._recipients.find(held.customer_id, self.clock.now())
            cleared = self._clear(held, recipient)
            carrier = self._carrier(held.channel)
        except BaseException:
            # Ctrl-C as well: nothing was handed over, so another sender may have it at once
            self.outbox.let_go(held, self._holder)
            raise
        if isinstance(cleared, Objection):
            return self._object(held, cleared)
        if not self.outbox.begin(held, self._holder, at=self.clock.now()):
            return None
        sending = held.model_copy(update={"attempts": held.attempts + 1})
        try:
            answer = carrier.deliver(self._envelope(sending, recipient, cleared))
        except Exception as error:  # noqa: BLE001 - one message that breaks a carrier bars no other
            answer = Unclear("carrier_broke", f"{carrier.name}: {type(error).__name__}")
        return self._settle(sending, answer)

    def _foreseen(self, message_id: str) -> SendResult:
        """Say what would become of a message."""
        outbound = self.outbox.get(message_id)
        recipient = self._recipients.find(outbound.customer_id, self.clock.now())
        cleared = self._clear(outbound, recipient)
        if isinstance(cleared, Cleared):
            return _result(outbound, OutboxState.SENDING)
        state = OutboxState.SUPPRESSED if cleared.until is None else OutboxState.APPROVED
        return _result(outbound, state, cleared.code, cleared.text, cleared.until)

    def _earlier(self, customer_id: str) -> list[str]:
        """Give what was sent to a customer last."""
        sent = self.outbox.messages(state=OutboxState.SENT, customer_id=customer_id, limit=EARLIER)
        return [one.message.body for one in sent]

    def _clear(self, outbound: OutboundMessage, recipient: Recipient | None) -> Cleared | Objection:
        return clear(
            outbound,
            recipient,
            owned=self.outbox.owned_by_person(outbound),
            policy=self.policy,
            gate=self.gate,
            now=self.clock.now(),
            earlier=self._earlier(outbound.customer_id),
        )

    def _object(self, held: OutboundMessage, objection: Objection) -> SendResult | None:
        """Write down why a message is not sent; `None` when it was taken from us meanwhile."""
        now, until = self.clock.now(), objection.until
        told = {"reason": objection.code, "detail": objection.text}
        if until is None:
            ours = self.outbox.suppress(held, self._holder, **told, at=now)
        else:
            ours = self.outbox.delay(held, self._holder, until=until, **told, at=now)
        log.info("message held back", extra=_about(held) | {"reason": objection.code})
        return self._as_it_is(held) if ours else None

    def _settle(
        self, sent: OutboundMessage, answer: Delivered | Retry | Refused | Unclear
    ) -> SendResult:
        now = self.clock.now()
        if isinstance(answer, Delivered):
            self.outbox.delivered(sent, at=now, reference=answer.reference)
            log.info("message sent", extra=_about(sent))
            return self._as_it_is(sent)
        told = {"reason": answer.reason, "detail": answer.detail}
        log.warning("message not sent", extra=_about(sent) | {"reason": answer.reason})
        if isinstance(answer, Unclear) and not self._carrier(sent.channel).idempotent:
            self.outbox.doubt(sent, self._holder, **told, at=now)
        elif isinstance(answer, Refused) or sent.attempts >= self.policy.outbox.attempts:
            self.outbox.fail(sent, self._holder, **told, at=now)
        else:
            asked = answer.after if isinstance(answer, Retry) else None
            until = in_utc(now) + self.policy.outbox.wait(sent.attempts, asked)
            self.outbox.delay(sent, self._holder, until=until, **told, at=now)
        return self._as_it_is(sent)

    def _recovered(self) -> list[SendResult]:
        """See to what died in a channel's hands: due again under the same key, or unclear."""
        now, results = self.clock.now(), []
        for left in self.outbox.left(now, lease=self._lease):
            holder = left.holder or ""
            carrier = self.carriers.get(left.channel)
            if carrier is not None and carrier.idempotent:
                told = {"reason": "sender_died", "detail": "is sent again under the same key"}
                self.outbox.delay(left, holder, until=now, **told, at=now)
                continue
            detail = (
                "the sender died while it was sent: find out whether it went out, and say so with "
                f"procx outbox settle {left.message_id}"
            )
            if self.outbox.doubt(left, holder, reason="sender_died", detail=detail, at=now):
                log.warning("message unclear", extra=_about(left))
                results.append(self._as_it_is(left))
        return results

    def _as_it_is(self, outbound: OutboundMessage) -> SendResult:
        found = self.outbox.get(outbound.message_id)
        waits = found.not_before if found.state is OutboxState.APPROVED else None
        return _result(found, found.state, found.reason, found.detail, waits)

    def _carrier(self, channel: Channel) -> Carrier:
        if channel not in self.carriers:
            raise ConfigError(
                f"nothing carries {channel.value}: set PROCX_OUTBOX_{channel.upper()}"
            )
        return self.carriers[channel]

    def _envelope(
        self, held: OutboundMessage, recipient: Recipient | None, cleared: Cleared
    ) -> Envelope:
        assert recipient is not None
        link = None
        if self.unsubscribe is not None and held.purpose is Purpose.MARKETING:
            link = self.unsubscribe.link(held.customer_id, held.channel)
        return Envelope(
            message_id=held.message_id,
            customer_id=held.customer_id,
            channel=held.channel,
            purpose=held.purpose,
            language=cleared.message.language,
            to=cleared.to,
            name=usable_name(recipient.customer.first_name),
            subject=cleared.message.subject,
            text=cleared.message.body,
            at=in_utc(self.clock.now()),
            unsubscribe=link,
        )


def _result(
    outbound: OutboundMessage,
    state: OutboxState,
    reason: str | None = None,
    detail: str | None = None,
    not_before: datetime | None = None,
) -> SendResult:
    return SendResult(
        message_id=outbound.message_id,
        run_id=outbound.run_id,
        customer_id=outbound.customer_id,
        channel=outbound.channel,
        purpose=outbound.purpose,
        state=state,
        reason=reason,
        detail=detail,
        not_before=not_before,
    )


def _about(outbound: OutboundMessage) -> dict[str, str]:
    """Give what a log says of a message: ids, never its text."""
    return {"message_id": outbound.message_id, "customer_id": outbound.customer_id}
