"""Ending in time: whatever a server does, a process waits for it only so long."""

import atexit
import threading
from collections.abc import Callable


def within(seconds: float, work: Callable[[], object]) -> bool:
    """Do something in a thread, and wait for it only so long.

    Args:
        seconds: How long.
        work: What to do; what it raises is not told.

    Returns:
        Whether it is done. If not it goes on in its thread, which does not keep the process.
    """
    return Parked(work).run(seconds)


class Parked:
    """Work with a thread that is ready for it: a process that ends can start none any more.

    Args:
        work: What to do, once; what it raises is not told.
    """

    def __init__(self, work: Callable[[], object]) -> None:
        self._work = work
        self._go, self._over = threading.Event(), threading.Event()
        self._done = False
        threading.Thread(target=self._wait, name="procx-tracing", daemon=True).start()

    def run(self, seconds: float) -> bool:
        """Do it, and wait for it only so long.

        Returns:
            Whether it is done. If not it goes on in its thread, which does not keep the process.
        """
        self._go.set()
        self._over.wait(seconds)
        return self._done

    def _wait(self) -> None:
        self._go.wait()
        try:
            self._work()
            self._done = True
        except Exception:  # noqa: BLE001, S110 - the caller asked only whether it is done
            pass
        finally:
            self._over.set()


def on_exit(work: Callable[[], object]) -> Callable[[], None]:
    """Have something done when the process ends, before all that was registered earlier.

    Returns:
        Takes that back.
    """

    def leave() -> None:
        work()

    atexit.register(leave)
    return lambda: atexit.unregister(leave)
