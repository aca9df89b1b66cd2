"""Scans in the store: what was started, how far it came, and each customer's result."""

import json
import zlib
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import Field
from sqlalchemy import Connection, Row, and_, bindparam, delete, func, select, update

from procx_graph.domain.model import Noun
from procx_graph.domain.review import Review, ReviewCase
from procx_graph.errors import StoreError
from procx_graph.store.database import Store
from procx_graph.store.durable import add_case, settle_case
from procx_graph.store.holder import told
from procx_graph.store.once import add_new
from procx_graph.store.schema import runs, scans

_FINISH = update(runs).where(
    runs.c.run_id == bindparam("own_run"),
    runs.c.holder == bindparam("own_holder"),
    runs.c.state == "claimed",
)


Also = Callable[[Connection], object]
"""What belongs to a step and is written in its transaction."""


class ScanState(StrEnum):
    """How far a scan is."""

    RUNNING = "running"
    """Being worked on, or left by a process that died: its lease tells."""
    STOPPED = "stopped"
    """Somebody or an error stopped it before the end."""
    FINISHED = "finished"


class RunState(StrEnum):
    """How far one customer's run is."""

    CLAIMED = "claimed"
    DONE = "done"
    FAILED = "failed"
    REFUSED = "refused"
    """The gate refused it, so that it never ran."""


class ScanRecord(Noun):
    """A scan as it was started; documents are JSON."""

    scan_id: str
    lane: str
    options: str
    event: str | None
    """What the one customer of the scan reported; `None` for a scan of a queue."""
    now: datetime
    """The moment of gate and deadlines."""
    as_of: datetime
    profile_name: str
    profile_hash: str
    policy_name: str
    policy_hash: str
    base_name: str
    fingerprint: str
    """Of the data."""
    scored: int
    """Customers in the base."""
    queue: tuple[str, ...]
    """Whom to look at, in order."""
    others: dict[str, int]
    """Everybody else, by why they are not looked at."""
    started_at: datetime
    holder: str
    """Who works on it, or did last."""
    state: ScanState = ScanState.RUNNING
    finished_at: datetime | None = None


class Run(Noun):
    """One customer's run in a scan."""

    run_id: str
    customer_id: str
    state: RunState
    status: str | None = None
    """Of the result."""
    result: str | None = None
    """JSON; `None` until it ended."""
    held: str | None = None
    """JSON that an answer to a waiting draft needs; `None` where nothing of the kind waits."""


class ScanSummary(Noun):
    """A scan in a list."""

    scan_id: str
    lane: str
    state: ScanState
    started_at: datetime
    finished_at: datetime | None
    holder: str
    counts: dict[str, int] = Field(default_factory=dict)
    """Results by status."""


class Scans:
    """Keeps scans. Every method is one transaction and raises `StoreError` when the store fails.

    Who changes a scan names itself as its holder; a scan that another holder took over refuses.
    """

    def __init__(self, store: Store) -> None:
        self.store = store

    def add(self, record: ScanRecord) -> None:
        """Keep a scan that begins.

        Raises:
            StoreError: There is one of this id.
        """
        row = record.model_dump(exclude={"queue", "others"}) | {
            "queue": _deflated(record.queue),
            "others": json.dumps(record.others),
            "state": record.state.value,
        }
        with self.store.writing() as connection:
            if add_new(connection, scans, row) != 1:
                raise StoreError(
                    f"the store {self.store.name} has a scan {record.scan_id!r} already: resume "
                    "it, or give the new one another id"
                )

    def get(self, scan_id: str) -> ScanRecord:
        """Give a scan.

        Raises:
            StoreError: There is none of this id.
        """
        with self.store.reading() as connection:
            row = connection.execute(select(scans).where(scans.c.scan_id == scan_id)).first()
        if row is None:
            raise StoreError(f"the store {self.store.name} has no scan {scan_id!r}")
        return _record(row)

    def summaries(self) -> list[ScanSummary]:
        """Give every scan, the latest first, with its results counted by status."""
        named = [scans.c[name] for name in ScanSummary.model_fields if name != "counts"]
        counted = (
            select(runs.c.scan_id, runs.c.status, func.count())
            .where(runs.c.scan_id.is_not(None), runs.c.status.is_not(None))
            .group_by(runs.c.scan_id, runs.c.status)
        )
        latest = select(*named).order_by(scans.c.started_at.desc(), scans.c.scan_id)
        counts: dict[str, dict[str, int]] = defaultdict(dict)
        with self.store.reading() as connection:
            for scan_id, status, number in connection.execute(counted):
                counts[scan_id][status] = number
            return [
                ScanSummary(**row._asdict(), counts=counts[row.scan_id])
                for row in connection.execute(latest)
            ]

    def take_over(self, scan_id: str, holder: str) -> None:
        """Become the holder of a scan and of its runs that are not finished."""
        with self.store.writing() as connection:
            connection.execute(
                update(scans)
                .where(scans.c.scan_id == scan_id)
                .values(holder=holder, state=ScanState.RUNNING.value)
            )
            connection.execute(update(runs).where(_claimed(scan_id)).values(holder=holder))

    def forget_unfinished(self, scan_id: str, holder: str) -> None:
        """Give back what a holder claimed and did not finish."""
        with self.store.writing() as connection:
            connection.execute(delete(runs).where(_claimed(scan_id), runs.c.holder == holder))

    def runs(self, scan_id: str) -> list[Run]:
        """Give the runs of a scan, finished and not, in no order."""
        with self.store.reading() as connection:
            return [_run(row) for row in connection.execute(_runs_where(runs.c.scan_id == scan_id))]

    def run(self, run_id: str) -> Run | None:
        """Give one run of a scan, `None` when it is none."""
        one = and_(runs.c.run_id == run_id, runs.c.scan_id.is_not(None))
        with self.store.reading() as connection:
            row = connection.execute(_runs_where(one)).first()
        return None if row is None else _run(row)

    def take(
        self,
        scan_id: str,
        wanted: Sequence[Run],
        *,
        holder: str,
        at: datetime,
        also: Sequence[Also] = (),
    ) -> set[str]:
        """Claim runs, and keep those that the gate refused; give the ids of the claimed ones.

        Args:
            scan_id: Whose runs they are.
            wanted: Those to claim, and those that were refused.
            holder: Who works on the scan.
            at: The present moment.
            also: Written in the same transaction.

        Raises:
            StoreError: Another holder took the scan over.
        """
        rows = [
            {
                **run.model_dump(mode="json"),
                "scan_id": scan_id,
                "holder": holder,
                "claimed_at": at,
                "finished_at": None if run.state is RunState.CLAIMED else at,
            }
            for run in wanted
        ]
        ids = [run.run_id for run in wanted]
        own = and_(_claimed(scan_id), runs.c.holder == holder, runs.c.run_id.in_(ids))
        with self.store.writing() as connection:
            self._require_held(connection, scan_id, holder)
            if rows:
                add_new(connection, runs, rows)
            _write(connection, also)
            return set(connection.scalars(select(runs.c.run_id).where(own)))

    def finish(
        self,
        scan_id: str,
        run: Run,
        *,
        holder: str,
        at: datetime,
        case: ReviewCase | None = None,
        also: Sequence[Also] = (),
        merged: Run | None = None,
    ) -> bool:
        """Keep what came of a claimed run, and the case that waits for a person, together.

        Args:
            scan_id: Whose run it is.
            run: With its result.
            holder: Who works on the scan.
            at: The present moment.
            case: What waits, if something does.
            also: Written in the same transaction, unless it is `merged` that is kept.
            merged: The run with the result that it has where a case about the same matter is open
                already.

        Returns:
            False where it is `merged` that was kept.

        Raises:
            StoreError: Another holder took the scan over.
        """
        with self.store.writing() as connection:
            opened = case is None or add_case(connection, case)
            kept = run if opened or merged is None else merged
            values = {
                "own_run": run.run_id,
                "own_holder": holder,
                "state": kept.state.value,
                "status": kept.status,
                "result": kept.result,
                "held": kept.held,
                "finished_at": at,
            }
            if connection.execute(_FINISH, values).rowcount != 1:
                self._require_held(connection, scan_id, holder)
                raise StoreError(f"the run {run.run_id} is not ours to finish")
            if opened:
                _write(connection, also)
        return opened

    def close(
        self,
        case: ReviewCase,
        answer: Review,
        run: Run,
        *,
        at: datetime,
        settled: bool = False,
        also: Sequence[Also] = (),
    ) -> None:
        """Keep an answer and the result it led to, together.

        Args:
            case: What was answered.
            answer: What the person said.
            run: The run with its new result.
            at: The present moment.
            settled: Whether the answer is written already.
            also: Written in the same transaction.

        Raises:
            ReviewError: The case was answered before.
        """
        with self.store.writing(durable=True) as connection:
            if not settled:
                settle_case(connection, case, answer, at=at)
            connection.execute(
                update(runs)
                .where(runs.c.run_id == run.run_id)
                .values(status=run.status, result=run.result, held=None)
            )
            _write(connection, also)

    def end(self, scan_id: str, state: ScanState, *, holder: str, at: datetime) -> None:
        """Note how a scan ended, and give back what was claimed and not finished."""
        own = and_(scans.c.scan_id == scan_id, scans.c.holder == holder)
        over = {"finished_at": at} if state is ScanState.FINISHED else {}
        with self.store.writing() as connection:
            connection.execute(delete(runs).where(_claimed(scan_id), runs.c.holder == holder))
            connection.execute(update(scans).where(own).values(state=state.value, **over))

    def _require_held(self, connection: Connection, scan_id: str, holder: str) -> None:
        query = select(scans.c.holder).where(scans.c.scan_id == scan_id).with_for_update()
        found = connection.scalar(query)
        if found != holder:
            by = "nobody" if found is None else told(found)
            raise StoreError(f"the scan {scan_id!r} was taken over by {by}: this one stops")


def _write(connection: Connection, also: Sequence[Also]) -> None:
    for write in also:
        write(connection)


def _claimed(scan_id: str) -> Any:
    return and_(runs.c.scan_id == scan_id, runs.c.state == RunState.CLAIMED.value)


def _runs_where(condition: Any) -> Any:
    return select(*(runs.c[name] for name in Run.model_fields)).where(condition)


def _run(row: Row[Any]) -> Run:
    return Run.model_validate(row._asdict())


def _record(row: Row[Any]) -> ScanRecord:
    return ScanRecord.model_validate(
        row._asdict() | {"queue": _inflated(row.queue), "others": json.loads(row.others)}
    )


def _deflated(ids: Sequence[str]) -> bytes:
    return zlib.compress(json.dumps(list(ids), ensure_ascii=False).encode())


def _inflated(packed: bytes) -> list[str]:
    ids: list[str] = json.loads(zlib.decompress(packed))
    return ids
