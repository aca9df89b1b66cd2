"""Sending what is in the outbox: who gets it, whether it may still go, and the sender itself."""

from procx_graph.outreach.sending.sender import OutboxSender, SendReport, SendResult

__all__ = ["OutboxSender", "SendReport", "SendResult"]
