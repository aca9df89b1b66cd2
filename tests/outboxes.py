"""Messages in outboxes, and carriers that behave as told.

Run as `python -m tests.outboxes PLACE FOLDER KILL_AT` it sends what is due into FOLDER and dies by
kill −9 at the message of that number, right before its channel has it (`before:2`) or right after
(`after:2`).
"""

import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from procx_graph.domain.clock import FixedClock
from procx_graph.domain.message import Channel, Purpose
from procx_graph.domain.outbound import Basis, OutboundMessage, OutboxState, message_id_of
from procx_graph.domain.policy import Policy
from procx_graph.domain.situation import SituationKind
from procx_graph.outreach.channels import Answer, Carrier, Delivered, Envelope
from procx_graph.outreach.channels.folder import FolderCarrier
from procx_graph.outreach.sending import OutboxSender
from procx_graph.scoring.profiles import load_profile
from procx_graph.store import Store
from tests.unit.builders import a_message, a_policy, a_situation

SORRY = "Dear {first_name},\n\nwe are sorry that your order is late, and are looking into it."
NOW = datetime(2025, 1, 10, 14, 32, tzinfo=UTC)
"""A moment at which the customers of `tests.integration.stores` are active."""


@dataclass
class Clock:
    """A clock that is moved by hand."""

    at: datetime = NOW

    def now(self) -> datetime:
        return self.at

    def pass_(self, **span: float) -> None:
        self.at += timedelta(**span)


@dataclass
class Hand:
    """A carrier that keeps what it gets; `answers` are used up, then everything is delivered."""

    idempotent: bool = False
    answers: list[Answer] = field(default_factory=list)
    before: Callable[[Envelope], None] = lambda _: None
    got: list[Envelope] = field(default_factory=list)
    name: str = "hand"

    def deliver(self, envelope: Envelope) -> Answer:
        self.before(envelope)
        answer = self.answers.pop(0) if self.answers else Delivered(f"ref-{len(self.got)}")
        self.got.append(envelope)
        return answer


def an_outbound(customer_id: str = "C1", run: str = "s", **changes: Any) -> OutboundMessage:
    """Give an approved service message about a late order, written at NOW."""
    run_id = f"{run}:{customer_id}"
    message = a_message(**{"body": SORRY} | changes.pop("message", {}))
    values: dict[str, Any] = {
        "message_id": message_id_of(run_id),
        "run_id": run_id,
        "customer_id": customer_id,
        "channel": message.channel,
        "purpose": message.purpose,
        "message": message,
        "basis": Basis(situation=a_situation()),
        "state": OutboxState.APPROVED,
        "approved_at": NOW,
        "created_at": NOW,
        "changed_at": NOW,
    }
    return OutboundMessage.model_validate(values | changes)


def marketing(customer_id: str = "C1", **changes: Any) -> OutboundMessage:
    """Give an approved marketing message."""
    body = "Dear {first_name},\n\nwe would love to see you.\n\nReply STOP to stop."
    message = {"purpose": Purpose.MARKETING, "body": body}
    basis = Basis(situation=a_situation(SituationKind.CHECK_IN))
    return an_outbound(customer_id, message=message, **{"basis": basis} | changes)


def sender_of(
    store: Store, carrier: Carrier, *, clock: Any = None, policy: Policy | None = None, **parts: Any
) -> OutboxSender:
    """Give a sender whose every channel is one carrier."""
    return OutboxSender(
        store,
        policy=policy or a_policy(),
        carriers=dict.fromkeys(Channel, carrier),
        clock=clock or FixedClock(NOW),
        profile=load_profile("default-v1"),
        **parts,
    )


class Fatal:
    """A carrier that kills its own process at a message, before or after it has handed it over."""

    def __init__(self, folder: Path, kill_at: str, *, idempotent: bool) -> None:
        self.idempotent, self.name = idempotent, "fatal"
        self._log = folder / "log"
        self._folder = FolderCarrier(folder / "mails")
        self._when, number = kill_at.split(":")
        self._number, self._done = int(number), 0

    def deliver(self, envelope: Envelope) -> Answer:
        self._done += 1
        self._die("before")
        answer = self._folder.deliver(envelope)
        with self._log.open("a") as log:
            log.write(f"{envelope.message_id}\n")
            log.flush()
            os.fsync(log.fileno())
        self._die("after")
        return answer

    def _die(self, moment: str) -> None:
        if (self._when, self._number) == (moment, self._done):
            os.kill(os.getpid(), signal.SIGKILL)


def main(place: str, folder: str, kill_at: str) -> None:
    carrier = Fatal(Path(folder), kill_at, idempotent=os.environ.get("TEST_KEYS") == "yes")
    with Store.open(place) as store, sender_of(store, carrier) as sender:
        sender.send_due()


if __name__ == "__main__":
    main(*sys.argv[1:])
