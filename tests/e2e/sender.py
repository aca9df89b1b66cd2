"""Sends numbered deliveries: `python -m tests.e2e.sender URL FIRST COUNT`.

Each number that was answered with 200 is written to stdout at once.
"""

import sys
from datetime import UTC, datetime

import httpx

from tests.deliveries import Sent, standard


def ticket(number: int, customer_id: str = "C1") -> Sent:
    """Give word of a ticket with this number, signed now."""
    now = datetime.now(UTC)
    data = {"customer_id": customer_id, "ticket_id": f"T{number}", "subject": "Where is it?"}
    payload = {"event_type": "support.ticket.created", "timestamp": now.isoformat(), "data": data}
    return standard(payload, key=f"msg_{number}", at=now)


def send(url: str, numbers: range) -> None:
    """Send tickets one after the other until nobody answers."""
    with httpx.Client(timeout=60) as client:
        for number in numbers:
            sent = ticket(number)
            try:
                answer = client.post(
                    f"{url}/webhooks/standard", headers=dict(sent.headers), content=sent.body
                )
            except httpx.TransportError:
                return
            if answer.status_code == httpx.codes.OK:
                print(number, flush=True)  # noqa: T201 - the parent reads it


if __name__ == "__main__":
    first, count = int(sys.argv[2]), int(sys.argv[3])
    send(sys.argv[1], range(first, first + count))
