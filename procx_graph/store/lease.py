"""Leases: what only one process may do at a time, for as long as it says that it still does."""

from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select, update

from procx_graph.domain.clock import in_utc
from procx_graph.domain.model import Noun
from procx_graph.store.database import Store
from procx_graph.store.holder import is_gone
from procx_graph.store.once import add_new
from procx_graph.store.schema import leases


class Lease(Noun):
    """Who does something, and until when it is theirs unless they renew."""

    name: str
    holder: str
    expires_at: datetime

    def is_live(self, now: datetime) -> bool:
        """Whether the holder still has it: not expired, and not known to be dead."""
        return self.expires_at > in_utc(now) and not is_gone(self.holder)


class Leases:
    """Leases by name, shared by every process on the store.

    A holder renews well before the lease expires, and stops what it does when that fails. The
    clocks of the machines should agree to within a fraction of `ttl`.

    ```python
    if leases.acquire("watch", holder, ttl=timedelta(minutes=1), now=clock.now()):
        ...
        leases.release("watch", holder)
    ```
    """

    def __init__(self, store: Store) -> None:
        self.store = store

    def acquire(self, name: str, holder: str, *, ttl: timedelta, now: datetime) -> bool:
        """Take a lease that nobody has, that expired, whose holder died, or that is one's own.

        Args:
            name: What is done.
            holder: Who does it: from `new_holder`, one for each piece of work.
            ttl: How long it is theirs without renewal.
            now: The present moment.

        Returns:
            False when somebody else has it.

        Raises:
            StoreError: The store cannot be written.
        """
        row = {"name": name, "holder": holder, "expires_at": in_utc(now) + ttl}
        with self.store.writing() as connection:
            add_new(connection, leases, row)
            known = connection.scalar(select(leases.c.holder).where(leases.c.name == name))
            free = [leases.c.holder == holder, leases.c.expires_at <= in_utc(now)]
            if known is not None and is_gone(known):
                free.append(leases.c.holder == known)
            taken = connection.execute(
                update(leases).where(leases.c.name == name, or_(*free)).values(row)
            )
            return taken.rowcount == 1

    def renew(self, name: str, holder: str, *, ttl: timedelta, now: datetime) -> bool:
        """Keep a lease for longer; false when it went to somebody else or was released.

        Raises:
            StoreError: The store cannot be written.
        """
        own = (leases.c.name == name) & (leases.c.holder == holder)
        with self.store.writing() as connection:
            kept = connection.execute(
                update(leases).where(own).values(expires_at=in_utc(now) + ttl)
            )
            return kept.rowcount == 1

    def release(self, name: str, holder: str) -> None:
        """Give a lease back; where it is somebody else's, nothing changes.

        Raises:
            StoreError: The store cannot be written.
        """
        with self.store.writing() as connection:
            connection.execute(
                delete(leases).where(leases.c.name == name, leases.c.holder == holder)
            )

    def find(self, name: str, now: datetime) -> Lease | None:
        """Give a lease that somebody has now, `None` when it is free.

        Raises:
            StoreError: The store cannot be read.
        """
        with self.store.reading() as connection:
            row = connection.execute(select(leases).where(leases.c.name == name)).first()
        lease = None if row is None else Lease.model_validate(row._asdict())
        return lease if lease is not None and lease.is_live(now) else None
