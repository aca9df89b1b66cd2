"""The ledger in the store: what `MemoryLedger` keeps, for as long as the store is kept."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, func, select, update

from procx_graph.domain.case import Case, CaseState, Step
from procx_graph.domain.clock import Clock, SystemClock
from procx_graph.domain.dealings import Contact, Dealings, OfferMade
from procx_graph.domain.message import Channel, Purpose
from procx_graph.domain.review import Review, ReviewCase, Verdict
from procx_graph.errors import ReviewError
from procx_graph.store import audit, cases, holdouts, offers
from procx_graph.store.contacts import add_contact
from procx_graph.store.database import Store
from procx_graph.store.dealings import Standing, read_standing
from procx_graph.store.holder import new_holder
from procx_graph.store.once import add_new
from procx_graph.store.schema import contacts, review_cases, runs

_ANSWER = {"answer", "answered_at"}
_ELSEWHERE = {*_ANSWER, "work"}

_OPEN = review_cases.c.answered_at.is_(None)
_WAITS = (
    select(review_cases.c.customer_id)
    .where(_OPEN, review_cases.c.customer_id == bindparam("who"))
    .limit(1)
)
_LATEST = select(func.max(contacts.c.at, type_=contacts.c.at.type)).where(
    contacts.c.customer_id == bindparam("who")
)
_ANSWERED = (
    update(review_cases)
    .where(review_cases.c.review_id == bindparam("answered"), _OPEN)
    .values(answer=bindparam("said"), answered_at=bindparam("when"))
)


class DurableLedger:
    """Claims, reviews and contacts that processes share and that outlive them.

    Every method is one short transaction and raises `StoreError` when the store fails.

    Args:
        store: Where they are kept.
        clock: Dates the claims; the machine's when not given.
    """

    def __init__(self, store: Store, *, clock: Clock | None = None) -> None:
        self.store = store
        self.clock = clock or SystemClock()
        self._holder = new_holder()

    def open(self, case: ReviewCase) -> None:
        """Add a case that waits; adding the same one again changes nothing."""
        with self.store.writing() as connection:
            add_case(connection, case)

    def settle(self, case: ReviewCase, answer: Review, *, at: datetime) -> ReviewCase:
        """Write the answer of a case, opening it first if it is not known, and give it back.

        Raises:
            ReviewError: The case was answered before.
        """
        with self.store.writing() as connection:
            return settle_case(connection, case, answer, at=at)

    def case(self, review_id: str) -> ReviewCase:
        """Give a case.

        Raises:
            ReviewError: No case has this id.
        """
        with self.store.reading() as connection:
            found = _find(connection, review_id)
        if found is None:
            raise ReviewError(f"no review {review_id!r} is known here")
        return found

    def work_on(self, review_id: str) -> Case | None:
        """Give how far the work on a review is, `None` where nobody keeps that."""
        with self.store.reading() as connection:
            return cases.find(connection, review_id)

    def waiting(self) -> Sequence[ReviewCase]:
        """Give the open cases, oldest first."""
        query = select(review_cases).where(_OPEN)
        order = (review_cases.c.opened_at, review_cases.c.review_id)
        with self.store.reading() as connection:
            return [_case(row) for row in connection.execute(query.order_by(*order))]

    def has_open_case(self, customer_id: str) -> bool:
        """Whether a case of this customer waits."""
        with self.store.reading() as connection:
            return connection.scalar(_WAITS, {"who": customer_id}) is not None

    def claim(self, run_id: str) -> bool:
        """Take a run; false when it was taken before, by whatever process."""
        row = {
            "run_id": run_id,
            "state": "claimed",
            "holder": self._holder,
            "claimed_at": self.clock.now(),
        }
        with self.store.writing() as connection:
            return add_new(connection, runs, row) == 1

    def release(self, run_id: str) -> None:
        """Give a run back that was taken and not finished, so that it can be taken again."""
        unfinished = (runs.c.run_id == run_id) & (runs.c.state == "claimed")
        with self.store.writing() as connection:
            connection.execute(delete(runs).where(unfinished))

    def record_contact(
        self,
        customer_id: str,
        *,
        at: datetime,
        channel: Channel | None = None,
        purpose: Purpose | None = None,
        message_id: str | None = None,
    ) -> None:
        """Note that a message went out; one with an id is noted once."""
        contact = Contact(at=at, channel=channel, purpose=purpose, message_id=message_id)
        with self.store.writing() as connection:
            add_contact(connection, customer_id, contact)

    def last_contact(self, customer_id: str) -> datetime | None:
        """Give the latest contact, `None` when there was none."""
        with self.store.reading() as connection:
            found: datetime | None = connection.scalar(_LATEST, {"who": customer_id})
        return found

    def dealings(self, customer_id: str) -> Dealings:
        """Give all that the gate must know of a customer."""
        return self.standing([customer_id]).dealings(customer_id)

    def standing(self, customer_ids: Sequence[str]) -> Standing:
        """Give what is known of many customers at this moment, in few queries."""
        with self.store.reading() as connection:
            return read_standing(connection, customer_ids)

    def assign(self, experiment: str, arms: Mapping[str, bool], *, at: datetime) -> None:
        """Keep whether customers are held out; who has an arm keeps it."""
        with self.store.writing() as connection:
            holdouts.assign(connection, experiment, arms, at=at)

    def record_offer(self, made: OfferMade) -> None:
        """Keep the offer of a run, or how far it is by now."""
        with self.store.writing() as connection:
            offers.keep(connection, made)

    def offered_in(self, scan_id: str) -> float:
        """Give what the offers of a scan are worth together, in the base's currency."""
        with self.store.reading() as connection:
            return offers.worth_in(connection, scan_id)


def add_case(connection: Connection, case: ReviewCase) -> bool:
    """Add a case, in the transaction of the connection; one that is known stays as it is.

    Returns:
        False where another case about the same matter is open: it goes along with that one.
    """
    if case.work is not None:
        same = cases.open_case(connection, case.work)
        if same.review_id != case.review_id:
            at = case.opened_at
            cases.note(connection, same, Step.MERGED, actor=cases.SYSTEM, at=at, run_id=case.run_id)
            return False
    row: dict[str, Any] = {
        "review_id": case.review_id,
        "run_id": case.run_id,
        "customer_id": case.customer_id,
        "kind": case.kind.value,
        "opened_at": case.opened_at,
        "case": case.model_dump_json(exclude=_ELSEWHERE),
        "answer": None if case.answer is None else case.answer.model_dump_json(),
        "answered_at": case.answered_at,
    }
    add_new(connection, review_cases, row)
    return True


def settle_case(
    connection: Connection, case: ReviewCase, answer: Review, *, at: datetime
) -> ReviewCase:
    """Write an answer, in the transaction of the connection.

    Raises:
        ReviewError: The case was answered before, or is somebody else's.
    """
    add_case(connection, case.model_copy(update=dict.fromkeys(_ELSEWHERE)))
    work = cases.find(connection, case.review_id)
    if work is not None:
        require_own(work, answer)
    said = {"answered": case.review_id, "said": answer.model_dump_json(), "when": at}
    written = connection.execute(_ANSWERED, said)
    settled = _find(connection, case.review_id)
    if written.rowcount != 1 or settled is None:
        raise ReviewError(f"review {case.review_id!r} is already answered")
    who, dropped = answer.reviewer or "unknown", answer.verdict is Verdict.DISMISS
    detail = {"verdict": answer.verdict.value, "why": answer.note, "run_id": case.run_id}
    if work is not None:
        cases.change(
            connection,
            work,
            Step.DROPPED if dropped else Step.ANSWERED,
            actor=who,
            at=at,
            detail=detail,
            state=CaseState.CANCELLED if dropped else CaseState.RESOLVED,
        )
    else:
        audit.note(
            connection, at=at, actor=who, action="answer", subject=case.review_id, detail=detail
        )
    return settled


def require_own(work: Case, answer: Review) -> None:
    """Refuse an answer to a case that somebody else took.

    Raises:
        ReviewError: It is another person's.
    """
    if work.assignee is None or work.assignee == answer.reviewer:
        return
    by = f"{answer.reviewer} answers" if answer.reviewer else "nobody says who answers"
    raise ReviewError(
        f"case {work.review_id!r} was taken by {work.assignee}, and {by}: "
        "have it assigned to you first"
    )


def _find(connection: Connection, review_id: str) -> ReviewCase | None:
    query = select(review_cases).where(review_cases.c.review_id == review_id)
    row = connection.execute(query).first()
    return None if row is None else _case(row)


def _case(row: Row[Any]) -> ReviewCase:
    case = ReviewCase.model_validate_json(row.case)
    if row.answer is None:
        return case
    answer = Review.model_validate_json(row.answer)
    return case.model_copy(update={"answer": answer, "answered_at": row.answered_at})
