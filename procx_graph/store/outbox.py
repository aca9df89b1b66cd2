"""The outbox: messages on their way, each step of them, and who works on which."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, and_, func, insert, or_, select, update

from procx_graph.domain.clock import in_utc
from procx_graph.domain.message import Message
from procx_graph.domain.outbound import Basis, OutboundMessage, OutboxState, OutboxStep
from procx_graph.errors import ReviewError, StoreError
from procx_graph.store.audit import note
from procx_graph.store.database import Store
from procx_graph.store.holder import is_gone
from procx_graph.store.once import add_new
from procx_graph.store.schema import contacts, outbox, outbox_history, review_cases

SENDER = "sender"
"""Actor of the steps that no person took."""
VETO = "veto"

_UNDECIDED = (OutboxState.DRAFTED, OutboxState.APPROVED, OutboxState.FAILED)
"""States in which a veto takes effect at once."""


def add(connection: Connection, outbound: OutboundMessage) -> None:
    """Add a message in the transaction of the connection; a run has one at most.

    A draft that waits for a person takes on what the person said: text, state and approval; its
    age begins anew with another text. Any other message that is there stays as it is. What nobody
    drafted is not added as suppressed.

    Raises:
        ReviewError: A person approves what another one has vetoed.
    """
    row = connection.execute(
        select(outbox).where(outbox.c.run_id == outbound.run_id).with_for_update()
    ).first()
    known = None if row is None else _message(row)
    actor = outbound.approved_by or (SENDER if known is None else "review")
    if known is None:
        if outbound.state is OutboxState.SUPPRESSED:
            return
        if add_new(connection, outbox, _row(outbound)) == 1:
            _step(connection, outbound, None, actor=actor)
        return
    if known.reason == VETO and outbound.approved_by is not None:
        raise ReviewError(
            f"the message {known.message_id} was vetoed by {_latest(connection, known)}: reject or "
            "dismiss the case"
        )
    if known.state is not OutboxState.DRAFTED or outbound.state is OutboxState.DRAFTED:
        return
    changes = _row(outbound)
    same = (known.message.subject, known.message.body) == (
        outbound.message.subject,
        outbound.message.body,
    )
    for fixed in ("message_id", "run_id", *(("created_at",) if same else ())):
        del changes[fixed]
    connection.execute(
        update(outbox).where(outbox.c.message_id == known.message_id).values(changes)
    )
    _step(connection, outbound, OutboxState.DRAFTED, actor=actor)


class Outbox:
    """Keeps messages. Every method is one transaction and raises `StoreError` when the store fails.

    Who sends a message holds it first (`hold`), looks whether it may go, says that the channel
    gets it (`begin`), and writes down what came of it. Of one customer only one message is held
    at a time, and none while another one is unclear.
    """

    def __init__(self, store: Store) -> None:
        self.store = store

    def add(self, outbound: OutboundMessage) -> None:
        """Add a message by itself; see `add`."""
        with self.store.writing(durable=True) as connection:
            add(connection, outbound)

    def get(self, message_id: str) -> OutboundMessage:
        """Give a message.

        Raises:
            StoreError: There is none of this id.
        """
        with self.store.reading() as connection:
            return self._find(connection, message_id)

    def messages(
        self,
        *,
        state: OutboxState | None = None,
        customer_id: str | None = None,
        limit: int | None = None,
    ) -> list[OutboundMessage]:
        """Give messages, the newest first.

        Args:
            state: Only those in this state.
            customer_id: Only those of this customer.
            limit: So many at most; `None` for all.
        """
        query = select(outbox).order_by(outbox.c.created_at.desc(), outbox.c.message_id)
        if state is not None:
            query = query.where(outbox.c.state == state.value)
        if customer_id is not None:
            query = query.where(outbox.c.customer_id == customer_id)
        with self.store.reading() as connection:
            return [_message(row) for row in connection.execute(query.limit(limit))]

    def counts(self) -> dict[OutboxState, int]:
        """Give how many messages are in each state that has any."""
        query = select(outbox.c.state, func.count()).group_by(outbox.c.state)
        with self.store.reading() as connection:
            return {OutboxState(state): number for state, number in connection.execute(query)}

    def due(self, now: datetime) -> list[str]:
        """Give the ids of approved messages whose moment has come, the longest due first."""
        ready = and_(outbox.c.state == OutboxState.APPROVED.value, _come(now))
        order = (func.coalesce(outbox.c.not_before, outbox.c.created_at), outbox.c.created_at)
        query = select(outbox.c.message_id).where(ready)
        with self.store.reading() as connection:
            return [*connection.scalars(query.order_by(*order, outbox.c.message_id))]

    def history(self, message_id: str) -> list[OutboxStep]:
        """Give every step of a message, in order.

        Raises:
            StoreError: There is none of this id.
        """
        names = OutboxStep.model_fields
        query = (
            select(*(outbox_history.c[name] for name in names))
            .where(outbox_history.c.message_id == message_id)
            .order_by(outbox_history.c.id)
        )
        with self.store.reading() as connection:
            self._find(connection, message_id)
            return [OutboxStep.model_validate(row._asdict()) for row in connection.execute(query)]

    def owned_by_person(self, outbound: OutboundMessage) -> bool:
        """Whether a case of this customer waits for a person, other than this message's own."""
        query = select(review_cases.c.review_id).where(
            review_cases.c.answered_at.is_(None),
            review_cases.c.customer_id == outbound.customer_id,
            review_cases.c.run_id != outbound.run_id,
        )
        with self.store.reading() as connection:
            return connection.scalar(query.limit(1)) is not None

    def approve(self, message_id: str, *, who: str, at: datetime) -> OutboundMessage:
        """Let a draft be sent on which no case waits; a case is answered itself.

        Raises:
            StoreError: There is none of this id, it is no draft, or a case waits on it.
        """
        with self.store.writing(durable=True) as connection:
            found = self._in(connection, message_id, OutboxState.DRAFTED, "approve")
            waits = select(review_cases.c.review_id).where(
                review_cases.c.run_id == found.run_id, review_cases.c.answered_at.is_(None)
            )
            case = connection.scalar(waits)
            if case is not None:
                raise StoreError(
                    f"the message {message_id} is the draft of a case: answer that with "
                    f"procx inbox approve {case}"
                )
            basis = found.basis.model_copy(update={"answered": True})
            return self._decide(
                connection, found, OutboxState.APPROVED, who=who, at=at, action="message.approved",
                approved_by=who, approved_at=in_utc(at), basis=basis.model_dump_json(),
                reason=None, detail=None,
            )  # fmt: skip

    def veto(self, message_id: str, *, who: str, why: str, at: datetime) -> OutboundMessage:
        """Forbid a message that was not sent yet.

        While the channel has it, the veto is kept: should the channel not take it, it is not
        tried again.

        Raises:
            StoreError: There is none of this id, or it is too late.
        """
        with self.store.writing(durable=True) as connection:
            found = self._locked(connection, message_id)
            if found.state is OutboxState.SUPPRESSED:
                return found
            if found.state is OutboxState.SENT:
                raise StoreError(f"the message {message_id} is sent: it is too late for a veto")
            if found.state is OutboxState.UNCLEAR:
                raise StoreError(
                    f"the message {message_id} may have gone out: say whether it did with "
                    f"procx outbox settle {message_id} --sent, or --not-sent and then veto it"
                )
            became = OutboxState.SUPPRESSED if found.state in _UNDECIDED else found.state
            holder = {"holder": None} if became is not found.state else {}
            return self._decide(
                connection, found, became, who=who, at=at, action="message.vetoed",
                reason=VETO, detail=why, **holder,
            )  # fmt: skip

    def retry(self, message_id: str, *, who: str, at: datetime) -> OutboundMessage:
        """Try a dead letter again from the beginning, or one that waits for its next attempt.

        Raises:
            StoreError: There is none of this id, or it is neither.
        """
        with self.store.writing(durable=True) as connection:
            found = self._locked(connection, message_id)
            if found.state not in {OutboxState.FAILED, OutboxState.APPROVED}:
                raise StoreError(
                    f"the message {message_id} is {found.state.value}: only a failed or delayed "
                    "one can be tried again"
                )
            return self._decide(
                connection, found, OutboxState.APPROVED, who=who, at=at, action="message.retried",
                attempts=0, not_before=None, reason=None, detail=None,
            )  # fmt: skip

    def settle(self, message_id: str, *, sent: bool, who: str, at: datetime) -> OutboundMessage:
        """Say what became of an unclear message.

        Args:
            message_id: Which.
            sent: Whether it went out; where not, it is sent now.
            who: Who says so.
            at: The present moment.

        Raises:
            StoreError: There is none of this id, or it is not unclear.
        """
        with self.store.writing(durable=True) as connection:
            found = self._in(connection, message_id, OutboxState.UNCLEAR, "settle")
            if sent:
                went = found.changed_at
                _contact(connection, found, went)
                return self._decide(
                    connection, found, OutboxState.SENT, who=who, at=at,
                    action="message.settled", sent_at=went, reason=None, detail=None,
                )  # fmt: skip
            vetoed = found.reason == VETO
            became = OutboxState.SUPPRESSED if vetoed else OutboxState.APPROVED
            kept = {} if vetoed else {"reason": None, "detail": None}
            return self._decide(
                connection, found, became, who=who, at=at, action="message.settled", **kept
            )

    def hold(
        self, message_id: str, holder: str, *, now: datetime, lease: timedelta
    ) -> OutboundMessage | None:
        """Take a message that is due, so that nobody else sends one to its customer.

        Args:
            message_id: Which.
            holder: From `new_holder`.
            now: The present moment.
            lease: After which a holder is taken for dead.

        Returns:
            `None` when it is no longer due, or somebody has it or another one of the customer.
        """
        with self.store.writing(durable=True) as connection:
            found = self._find(connection, message_id)
            _one_by_one(connection, found.customer_id)
            others = select(outbox).where(
                outbox.c.customer_id == found.customer_id,
                or_(
                    outbox.c.state == OutboxState.UNCLEAR.value,
                    outbox.c.state == OutboxState.SENDING.value,
                    outbox.c.holder.is_not(None),
                ),
            )
            for row in connection.execute(others):
                if row.state in {OutboxState.UNCLEAR, OutboxState.SENDING}:
                    return None
                if not _free(row.holder, row.changed_at, now, lease):
                    return None
            # who comes back after its lease must find that it holds nothing any more
            left = and_(outbox.c.customer_id == found.customer_id, outbox.c.holder.is_not(None))
            connection.execute(
                update(outbox)
                .where(left, outbox.c.state == OutboxState.APPROVED.value)
                .values(holder=None)
            )
            own = and_(
                outbox.c.message_id == message_id,
                outbox.c.state == OutboxState.APPROVED.value,
                _come(now),
            )
            taken = connection.execute(
                update(outbox).where(own).values(holder=holder, changed_at=in_utc(now))
            )
            return self._find(connection, message_id) if taken.rowcount == 1 else None

    def begin(self, outbound: OutboundMessage, holder: str, *, at: datetime) -> bool:
        """Say that the channel gets a held message now; false when it may no longer."""
        return self._move(
            outbound, (OutboxState.APPROVED,), OutboxState.SENDING, holder=holder, at=at,
            attempts=outbound.attempts + 1, reason=None, detail=None,
        )  # fmt: skip

    def delivered(self, outbound: OutboundMessage, *, at: datetime, reference: str | None) -> bool:
        """Write down that a message went out, and the contact, together.

        It is the truth whoever holds the message by now; false when it was known already.
        """
        with self.store.writing(durable=True) as connection:
            found = self._locked(connection, outbound.message_id)
            if found.state is OutboxState.SENT:
                return False
            _contact(connection, found, at)
            self._change(
                connection, found, OutboxState.SENT, actor=SENDER, at=at, sent_at=in_utc(at),
                reference=reference, reason=None, detail=None, holder=None, not_before=None,
            )  # fmt: skip
            return True

    def suppress(
        self, outbound: OutboundMessage, holder: str, *, reason: str, detail: str, at: datetime
    ) -> bool:
        """Write down that a held message is not sent; false when it is no longer ours."""
        return self._move(
            outbound, (OutboxState.APPROVED,), OutboxState.SUPPRESSED, holder=holder, at=at,
            reason=reason, detail=detail, keep=False,
        )  # fmt: skip

    def delay(
        self,
        outbound: OutboundMessage,
        holder: str,
        *,
        until: datetime,
        reason: str,
        detail: str,
        at: datetime,
    ) -> bool:
        """Let a message wait until a moment; a veto that came meanwhile ends it."""
        return self._move(
            outbound, (OutboxState.APPROVED, OutboxState.SENDING), OutboxState.APPROVED,
            holder=holder, at=at, not_before=in_utc(until), reason=reason, detail=detail,
            keep=False,
        )  # fmt: skip

    def fail(
        self, outbound: OutboundMessage, holder: str, *, reason: str, detail: str, at: datetime
    ) -> bool:
        """Make a dead letter of a message; a veto that came meanwhile suppresses it."""
        return self._move(
            outbound, (OutboxState.SENDING,), OutboxState.FAILED, holder=holder, at=at,
            reason=reason, detail=detail, keep=False,
        )  # fmt: skip

    def doubt(
        self, outbound: OutboundMessage, holder: str, *, reason: str, detail: str, at: datetime
    ) -> bool:
        """Write down that nobody knows whether a message went out."""
        return self._move(
            outbound, (OutboxState.SENDING,), OutboxState.UNCLEAR, holder=holder, at=at,
            reason=reason, detail=detail, keep=False,
        )  # fmt: skip

    def let_go(self, outbound: OutboundMessage, holder: str) -> None:
        """Give back a held message that nothing was done with."""
        own = and_(
            outbox.c.message_id == outbound.message_id,
            outbox.c.holder == holder,
            outbox.c.state == OutboxState.APPROVED.value,
        )
        with self.store.writing() as connection:
            connection.execute(update(outbox).where(own).values(holder=None))

    def left(self, now: datetime, *, lease: timedelta) -> list[OutboundMessage]:
        """Give the messages that a process had in a channel's hands when it died."""
        query = select(outbox).where(outbox.c.state == OutboxState.SENDING.value)
        with self.store.reading() as connection:
            found = [_message(row) for row in connection.execute(query)]
        return [one for one in found if _free(one.holder, one.changed_at, now, lease)]

    def _move(
        self,
        outbound: OutboundMessage,
        come_from: Sequence[OutboxState],
        became: OutboxState,
        *,
        holder: str,
        at: datetime,
        keep: bool = True,
        **values: Any,
    ) -> bool:
        """Take a step with a message that is ours; after a veto what is not sent is suppressed."""
        with self.store.writing(durable=True) as connection:
            found = self._locked(connection, outbound.message_id)
            if found.holder != holder or found.state not in come_from:
                return False
            if found.reason == VETO and found.state is OutboxState.SENDING:
                values |= {"reason": VETO, "detail": found.detail}
                if became is not OutboxState.UNCLEAR:
                    became = OutboxState.SUPPRESSED
            if not keep:
                values["holder"] = None
            self._change(connection, found, became, actor=SENDER, at=at, **values)
            return True

    def _decide(
        self,
        connection: Connection,
        found: OutboundMessage,
        became: OutboxState,
        *,
        who: str,
        at: datetime,
        action: str,
        **values: Any,
    ) -> OutboundMessage:
        """Take a step that a person wants, and note who did."""
        why = {"why": values["detail"]} if values.get("detail") else {}
        detail = {"was": found.state.value, "became": became.value, **why}
        note(connection, at=at, actor=who, action=action, subject=found.message_id, detail=detail)
        return self._change(connection, found, became, actor=who, at=at, **values)

    def _change(
        self,
        connection: Connection,
        found: OutboundMessage,
        became: OutboxState,
        *,
        actor: str,
        at: datetime,
        **values: Any,
    ) -> OutboundMessage:
        changes = values | {"state": became.value, "changed_at": in_utc(at)}
        own = outbox.c.message_id == found.message_id
        connection.execute(update(outbox).where(own).values(changes))
        changed = self._find(connection, found.message_id)
        _step(connection, changed, found.state, actor=actor)
        return changed

    def _in(
        self, connection: Connection, message_id: str, state: OutboxState, deed: str
    ) -> OutboundMessage:
        found = self._locked(connection, message_id)
        if found.state is not state:
            raise StoreError(
                f"cannot {deed} the message {message_id}: it is {found.state.value}, not "
                f"{state.value}"
            )
        return found

    def _locked(self, connection: Connection, message_id: str) -> OutboundMessage:
        return self._find(connection, message_id, lock=True)

    def _find(
        self, connection: Connection, message_id: str, *, lock: bool = False
    ) -> OutboundMessage:
        query = select(outbox).where(outbox.c.message_id == message_id)
        row = connection.execute(query.with_for_update() if lock else query).first()
        if row is None:
            raise StoreError(f"the store {self.store.name} has no message {message_id!r}")
        return _message(row)


def _one_by_one(connection: Connection, customer_id: str) -> None:
    """Let those who would hold messages of one customer follow each other; in SQLite all do."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(func.hashtext(customer_id))))


def _free(holder: str | None, since: datetime, now: datetime, lease: timedelta) -> bool:
    return holder is None or is_gone(holder) or since <= in_utc(now) - lease


def _latest(connection: Connection, outbound: OutboundMessage) -> str:
    """Give who took the latest step with a message."""
    query = (
        select(outbox_history.c.actor)
        .where(outbox_history.c.message_id == outbound.message_id)
        .order_by(outbox_history.c.id.desc())
    )
    return str(connection.scalar(query.limit(1)))


def _come(now: datetime) -> Any:
    return or_(outbox.c.not_before.is_(None), outbox.c.not_before <= in_utc(now))


def _contact(connection: Connection, sent: OutboundMessage, at: datetime) -> None:
    row = {
        "customer_id": sent.customer_id,
        "at": in_utc(at),
        "channel": sent.channel.value,
        "purpose": sent.purpose.value,
        "message_id": sent.message_id,
    }
    connection.execute(insert(contacts), row)


def _step(
    connection: Connection, outbound: OutboundMessage, was: OutboxState | None, *, actor: str
) -> None:
    row = {
        "message_id": outbound.message_id,
        "at": in_utc(outbound.changed_at),
        "actor": actor,
        "was": None if was is None else was.value,
        "became": outbound.state.value,
        "reason": outbound.reason,
        "detail": outbound.detail,
    }
    connection.execute(insert(outbox_history), row)


def _row(outbound: OutboundMessage) -> dict[str, Any]:
    return outbound.model_dump() | {
        "channel": outbound.channel.value,
        "purpose": outbound.purpose.value,
        "state": outbound.state.value,
        "message": outbound.message.model_dump_json(),
        "basis": outbound.basis.model_dump_json(),
    }


def _message(row: Row[Any]) -> OutboundMessage:
    told = row._asdict()
    told["message"] = Message.model_validate_json(row.message)
    told["basis"] = Basis.model_validate_json(row.basis)
    return OutboundMessage.model_validate(told)
