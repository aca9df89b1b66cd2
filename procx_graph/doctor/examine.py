"""One check after another, each within its time: whatever breaks in one is a finding."""

import logging
import threading
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass

from procx_graph.doctor.asked import Asked
from procx_graph.doctor.finding import Finding, State, Subject
from procx_graph.doctor.masking import Masked
from procx_graph.errors import ProcxError

log = logging.getLogger(__name__)

SECONDS = 20.0
"""For a check that does not say how long it may take."""


@dataclass(frozen=True)
class Check:
    """One subject's check.

    Attributes:
        subject: What it looks at.
        look: Gives what it finds.
        seconds: How long it may take.
    """

    subject: Subject
    look: Callable[[Asked], Iterable[Finding]]
    seconds: float = SECONDS


def examine(
    asked: Asked,
    checks: Iterable[Check],
    *,
    only: Collection[Subject] = (),
    on_subject: Callable[[Subject], None] | None = None,
) -> Iterator[Finding]:
    """Run the checks and give what they find, without any secret of the settings.

    Args:
        asked: What is examined.
        checks: In their order.
        only: These subjects alone; all when empty.
        on_subject: Told what is looked at next.
    """
    masked = Masked(asked.settings)
    for check in checks:
        if only and check.subject not in only:
            continue
        if on_subject is not None:
            on_subject(check.subject)
        for finding in _found(check, asked):
            yield finding.model_copy(
                update={
                    "found": masked(finding.found),
                    "todo": finding.todo and masked(finding.todo),
                }
            )


def _found(check: Check, asked: Asked) -> list[Finding]:
    """Run one check in a thread of its own, which does not keep the process when it hangs."""
    found: list[Finding] = []

    def look() -> None:
        try:
            found.extend(check.look(asked))
        except ProcxError as error:
            found.append(Finding.broken(check.subject, "", str(error)))
        except Exception as error:  # what breaks a check is its finding
            log.debug("check broke", extra={"subject": check.subject.value}, exc_info=error)
            first = (str(error).strip().splitlines() or [""])[0]
            told = f"{type(error).__name__}: {first}" if first else type(error).__name__
            found.append(Finding.broken(check.subject, "", f"this check itself broke: {told}"))

    thread = threading.Thread(target=look, name=f"procx-{check.subject.value}", daemon=True)
    thread.start()
    thread.join(check.seconds)
    if not thread.is_alive():
        return found
    late = f"no end after {check.seconds:g} s, so it was left alone"
    return [*found, Finding(subject=check.subject, state=State.BROKEN, found=late)]
