"""Channels: could a message leave by each? None is sent."""

import os
from collections.abc import Iterator
from pathlib import Path

from procx_graph.doctor.asked import Asked
from procx_graph.doctor.finding import Finding, Subject
from procx_graph.domain.message import Channel
from procx_graph.errors import ConfigError
from procx_graph.outreach.channels.carrier import Carrier, Delivered
from procx_graph.outreach.channels.folder import FolderCarrier
from procx_graph.outreach.channels.routes import DEFAULT, carriers_of
from procx_graph.outreach.channels.smtp import SmtpCarrier
from procx_graph.settings import Settings, variable_of

SECONDS = 10.0
"""For each word of an SMTP server."""


def look_at_channels(asked: Asked) -> Iterator[Finding]:
    """Judge where each channel's messages go, and the link that stops them."""
    for channel in Channel:
        yield _channel(channel, asked)
    yield _unsubscribe(asked.settings)


def _channel(channel: Channel, asked: Asked) -> Finding:
    name = f"outbox_{channel.value}"
    variable = variable_of(name)
    if getattr(asked.settings, name) is None:
        told = f"not set: messages go to {DEFAULT}"
        return Finding.off(Subject.CHANNELS, channel.value, told)
    others = {f"outbox_{one.value}": None for one in Channel if one is not channel}
    try:
        alone = asked.settings.model_copy(update=others)
        carrier = carriers_of(alone, show=_nowhere)[channel]
    except ConfigError as error:
        return Finding.broken(Subject.CHANNELS, channel.value, str(error), f"correct {variable}")
    return _carrier(channel, carrier, asked)


def _carrier(channel: Channel, carrier: Carrier, asked: Asked) -> Finding:
    part = channel.value
    if isinstance(carrier, SmtpCarrier):
        return _smtp(part, carrier, asked)
    if isinstance(carrier, FolderCarrier) and not _may_be_written(carrier.folder):
        told = f"{carrier.name} cannot be written"
        return Finding.broken(Subject.CHANNELS, part, told, "make it, or give write access")
    if isinstance(carrier, FolderCarrier):
        return Finding.ok(Subject.CHANNELS, part, f"{carrier.name} can be written")
    return Finding.ok(Subject.CHANNELS, part, f"{carrier.name} is well formed; nothing was sent")


def _smtp(part: str, carrier: SmtpCarrier, asked: Asked) -> Finding:
    if asked.offline:
        told = f"{carrier.name} was not asked (--offline)"
        return Finding.off(Subject.CHANNELS, part, told)
    carrier = SmtpCarrier(carrier.server, carrier.sender, timeout=SECONDS)
    answer = carrier.greet()
    if isinstance(answer, Delivered):
        how = {"off": "unencrypted", "starttls": "encrypted", "implicit": "encrypted"}
        login = ", takes the login" if carrier.server.user else ""
        told = f"{carrier.name} answers, {how[carrier.server.tls]}{login}; nothing was sent"
        return Finding.ok(Subject.CHANNELS, part, told)
    todo = "check PROCX_OUTBOX_EMAIL, PROCX_SMTP_PASSWORD and the network"
    return Finding.broken(Subject.CHANNELS, part, answer.detail, todo)


def _unsubscribe(settings: Settings) -> Finding:
    from procx_graph.outreach.unsubscribe import unsubscribe_of

    part = "unsubscribe"
    try:
        made = unsubscribe_of(settings)
    except ConfigError as error:
        return Finding.broken(Subject.CHANNELS, part, str(error))
    if made is None:
        told = "PROCX_UNSUBSCRIBE_URL is not set: marketing asks for an answer that says STOP"
        return Finding.off(Subject.CHANNELS, part, told)
    return Finding.ok(Subject.CHANNELS, part, "links can be made and signed")


def _may_be_written(folder: Path) -> bool:
    """Whether a folder can be written, or could be made where it is not there yet."""
    folder = folder.absolute()
    there = next(one for one in (folder, *folder.parents) if one.exists())
    return there.is_dir() and os.access(there, os.W_OK | os.X_OK)


def _nowhere(text: str) -> None:
    """Show a text to nobody."""
    del text
