"""Messages shown on a stream, for trying things out."""

from collections.abc import Callable

from procx_graph.outreach.channels.carrier import Answer, Delivered, Envelope


class TerminalCarrier:
    """Shows each message by calling `show` with its text."""

    idempotent = False
    name = "console"

    def __init__(self, show: Callable[[str], None]) -> None:
        self._show = show

    def deliver(self, envelope: Envelope) -> Answer:
        """Show one message."""
        subject = f"Subject: {envelope.subject}\n" if envelope.subject else ""
        about = f"{envelope.channel.value} to {envelope.to} ({envelope.message_id})"
        self._show(f"{about}\n{subject}\n{envelope.text}\n")
        return Delivered()
