"""Keeping a lease for as long as a piece of work takes."""

import asyncio
import logging
from contextlib import suppress
from datetime import timedelta

from procx_graph.domain.clock import Clock
from procx_graph.errors import StoreError
from procx_graph.store import Lease, Leases
from procx_graph.store.holder import told

log = logging.getLogger(__name__)

TTL = timedelta(minutes=1)
"""How long a lease lasts without renewal; what bars others after a machine has died."""


class Heartbeat:
    """Takes a lease and renews it three times within its life, until it is stopped.

    A lease that is lost is not fought for: what its holder writes is refused, which ends the work.
    """

    def __init__(
        self, leases: Leases, name: str, holder: str, *, clock: Clock, ttl: timedelta = TTL
    ) -> None:
        self.leases, self.name, self.holder = leases, name, holder
        self.clock, self.ttl = clock, ttl
        self._beating: asyncio.Task[None] | None = None

    async def start(self) -> Lease | None:
        """Take the lease; give who has it when it is somebody else's.

        Raises:
            StoreError: The store cannot be written.
        """
        while not await asyncio.to_thread(
            self.leases.acquire, self.name, self.holder, ttl=self.ttl, now=self.clock.now()
        ):
            other = await asyncio.to_thread(self.leases.find, self.name, self.clock.now())
            if other is not None:
                return other
        self._beating = asyncio.create_task(self._beat())
        return None

    async def stop(self) -> None:
        """Give the lease back.

        Raises:
            StoreError: The store cannot be written; the lease then ends by itself.
        """
        if self._beating is not None:
            self._beating.cancel()
            self._beating = None
            await asyncio.to_thread(self.leases.release, self.name, self.holder)

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(self.ttl.total_seconds() / 3)
            with suppress(StoreError):  # one beat may fail; the next is before the end
                kept = await asyncio.to_thread(
                    self.leases.renew, self.name, self.holder, ttl=self.ttl, now=self.clock.now()
                )
                if not kept:
                    log.warning("lease lost", extra={"lease": self.name})
                    return


def held_by(lease: Lease) -> str:
    """Say who has a lease, and until when."""
    return f"{told(lease.holder)}, at least until {lease.expires_at:%H:%M:%S} UTC"
