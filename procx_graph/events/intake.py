"""Taking deliveries of one moment in together, so that all of them wait for the disk once."""

import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from procx_graph.errors import StoreError
from procx_graph.events.inbox import hold_the_pen, take
from procx_graph.events.providers.provider import Delivery
from procx_graph.events.receipt import Receipt
from procx_graph.store.database import Store

TOGETHER = 50
"""Deliveries of one transaction at most."""
WAIT = 10.0
"""Seconds to wait for others who write: a provider does not wait much longer for its answer."""


@dataclass(eq=False)
class _Waiting:
    """A delivery that somebody waits for, and what became of it."""

    delivery: Delivery
    now: datetime
    digest: str
    body: bytes | None
    became: Receipt | Exception | None = None


class Intake:
    """Takes deliveries in for all threads of a process.

    Whoever comes first takes in what the others brought meanwhile, and nobody is answered before
    all of it is on the disk. Where that fails each is taken in alone, so that one cannot spoil
    another.

    Args:
        store: Where everything is kept.
        wait: Seconds to wait for others who write.
    """

    def __init__(self, store: Store, *, wait: float = WAIT) -> None:
        self.store, self.wait = store, wait
        self._queue: deque[_Waiting] = deque()
        self._pen = threading.Lock()

    def take_in(
        self, delivery: Delivery, *, now: datetime, digest: str, body: bytes | None = None
    ) -> Receipt:
        """Store a delivery that was verified, and apply what it tells; see `inbox.take_in`.

        Raises:
            StoreError: The store cannot be written; nothing of the delivery is kept then.
        """
        mine = _Waiting(delivery, now, digest, body)
        self._queue.append(mine)
        with self._pen:
            while mine.became is None:
                self._take([self._queue.popleft() for _ in range(min(len(self._queue), TOGETHER))])
        if isinstance(mine.became, Exception):
            raise mine.became
        return mine.became

    def _take(self, together: Sequence[_Waiting]) -> None:
        begun = False
        try:
            with self.store.writing(durable=True, wait=self.wait) as connection:
                hold_the_pen(connection)
                begun = True
                receipts = [
                    take(connection, one.delivery, now=one.now, digest=one.digest, body=one.body)
                    for one in together
                ]
            for one, receipt in zip(together, receipts, strict=True):
                one.became = receipt
        except Exception as error:  # noqa: BLE001 - it is raised again by whoever brought it
            if begun and len(together) > 1:
                for one in together:
                    self._take([one])
            else:
                _spoil(together, error)
        finally:
            _spoil(together, StoreError(f"taking in was interrupted in {self.store.name}"))


def _spoil(together: Sequence[_Waiting], error: Exception) -> None:
    """Let those fail of whom nothing became."""
    for one in together:
        if one.became is None:
            one.became = error
