"""Telling what became of what we did."""

import hashlib
import json
from datetime import datetime

from pydantic import ValidationError
from sqlalchemy import Connection

from procx_graph.domain.clock import Clock, SystemClock
from procx_graph.domain.outcome import Outcome, OutcomeKind
from procx_graph.errors import DataError, UnknownCustomer
from procx_graph.outcomes.scores import score_outcome
from procx_graph.store import outcomes
from procx_graph.store.database import Store
from procx_graph.store.live import held
from procx_graph.store.live_rows import LiveRows
from procx_graph.tracing import Tracer

_SAME = ("customer_id", "kind", "run_id", "value", "at", "source")
"""What one word is; a note may be put differently the second time."""


def record_outcome(
    store: Store,
    customer_id: str,
    kind: OutcomeKind | str,
    *,
    at: datetime,
    run_id: str | None = None,
    value: float | None = None,
    source: str,
    note: str | None = None,
    outcome_id: str | None = None,
    clock: Clock | None = None,
    tracer: Tracer | None = None,
) -> Outcome:
    """Keep what became of what was done for a customer; telling the same again changes nothing.

    ```python
    record_outcome(store, "C100042", "csat", value=4, at=datetime.now(UTC), source="survey")
    ```

    Args:
        store: Where it is kept.
        customer_id: Whom it is about; where the store holds customers, one of them.
        kind: `contacted`, `replied`, `accepted`, `resolved`, `csat`, `retained_30`, `retained_60`,
            `retained_90`, `false_alarm` or `premature`.
        at: When it came about; naive is UTC.
        run_id: The run that it is about; without one it counts for no trigger.
        value: 1 to 5 for `csat`, 1 or 0 for `retained_…`; for the others 0 says no.
        source: Who says so: a system, or a person as they name themselves.
        note: Anything else, such as why it was a false alarm.
        outcome_id: What the word is known by; made of everything but the note when not given.
        clock: Dates the recording; the machine's when not given.
        tracer: Scores the run's trace with it, too.

    Returns:
        The outcome as it is kept.

    Raises:
        DataError: It is no outcome, the store has no such run of this customer, or its id is that
            of another outcome.
        UnknownCustomer: The store holds customers, and this one is not among them.
        StoreError: The store cannot be written.
    """
    told = _outcome(
        outcome_id=outcome_id, customer_id=customer_id, kind=kind, at=at, run_id=run_id,
        value=value, source=source, note=note,
    )  # fmt: skip
    with store.writing() as connection:
        if not _is_known(connection, told.customer_id):
            raise UnknownCustomer(told.customer_id)
        if told.run_id is not None:
            _require_run(told, outcomes.customers_of_run(connection, told.run_id), store.name)
        added = outcomes.add(connection, told, at=(clock or SystemClock()).now())
        kept = told if added else outcomes.find(connection, told.outcome_id)
    assert kept is not None
    differing = [name for name in _SAME if getattr(kept, name) != getattr(told, name)]
    if differing:
        raise DataError(
            f"outcome {told.outcome_id!r} is already that of another "
            f"{', '.join(differing)}: give this one an id of its own"
        )
    if tracer is not None:
        score_outcome(tracer, kept)
    return kept


def derived_id(*parts: object) -> str:
    """Give the id that an outcome has by what it says."""
    said = json.dumps([None if part is None else str(part) for part in parts], ensure_ascii=False)
    return f"out_{hashlib.sha256(said.encode()).hexdigest()[:24]}"


def _outcome(*, outcome_id: str | None, **given: object) -> Outcome:
    if not isinstance(given["at"], datetime):
        raise DataError(f"at {given['at']!r} is no moment: give a datetime")
    try:
        told = Outcome.model_validate(given | {"outcome_id": outcome_id or "?"})
    except (ValidationError, OverflowError) as error:
        raise DataError(f"not an outcome: {_in_words(error)}") from error
    if outcome_id is not None:
        return told
    said = (getattr(told, name) for name in _SAME)
    return told.model_copy(update={"outcome_id": derived_id(*said)})


def _is_known(connection: Connection, customer_id: str) -> bool:
    """Whether somebody has this id; a store without customers cannot tell."""
    if "customers" not in held(connection):
        return True
    return LiveRows(connection).knows_customer(customer_id)


def _require_run(told: Outcome, whose: set[str | None], store: str) -> None:
    if not whose:
        raise DataError(f"the store {store} knows no run {told.run_id!r}")
    if not whose & {None, told.customer_id}:
        raise DataError(f"run {told.run_id!r} is not of customer {told.customer_id!r}")


def _in_words(error: ValidationError | OverflowError) -> str:
    if isinstance(error, OverflowError):
        return "at is beyond the calendar"
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    problem = first["msg"].removeprefix("Value error, ")
    return f"{where}: {problem}" if where else problem
