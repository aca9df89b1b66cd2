"""Envelopes that carriers are tried with."""

import base64
from datetime import UTC, datetime
from typing import Any

from pydantic import SecretStr

from procx_graph.domain.message import Channel, Language, Purpose
from procx_graph.outreach.channels import Envelope
from procx_graph.outreach.channels.letter import Sender

NOW = datetime(2025, 6, 30, 12, tzinfo=UTC)
SECRET = SecretStr("whsec_" + base64.b64encode(b"k" * 24).decode())
CARE = Sender.of("Asha from Care <care@shop.example>", "answers@shop.example")


def an_envelope(**changes: Any) -> Envelope:
    values: dict[str, Any] = {
        "message_id": "msg_1",
        "customer_id": "C1",
        "channel": Channel.EMAIL,
        "purpose": Purpose.SERVICE,
        "language": Language.ENGLISH,
        "to": "ada@example.com",
        "name": "Ada",
        "subject": "Your order",
        "text": "Dear Ada,\n\nwe are <b>looking</b> into it & more.\n.\nBye",
        "at": NOW,
    }
    return Envelope(**values | changes)
