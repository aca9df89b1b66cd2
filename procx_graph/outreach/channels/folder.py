"""Messages as files in a folder, for another program or a person to pick up."""

import os
import re
from dataclasses import replace
from pathlib import Path

from procx_graph.domain.message import Channel
from procx_graph.outreach.channels.carrier import Answer, Delivered, Envelope, Refused, Retry
from procx_graph.outreach.channels.letter import Sender, letter, mailbox

_NAME = re.compile(r"[A-Za-z0-9_-]{1,100}")


class FolderCarrier:
    """Writes each message as `<message_id>.eml`; the folder is made when it is first needed.

    A file appears whole or not at all; the same message again is the same file.
    """

    idempotent = True

    def __init__(self, folder: str | Path, sender: Sender | None = None) -> None:
        self.folder, self.sender = Path(folder), sender
        self.name = f"folder {self.folder.name or self.folder}"

    def deliver(self, envelope: Envelope) -> Answer:
        """Write one message."""
        if envelope.channel is Channel.EMAIL:
            to = mailbox(envelope.to)
            if to is None:
                return Refused("bad_address", "the customer's e-mail address is none")
            envelope = replace(envelope, to=to)
        if not _NAME.fullmatch(envelope.message_id):
            return Refused("bad_id", "the message's id is no name of a file")
        place = self.folder / f"{envelope.message_id}.eml"
        part = place.with_suffix(".part")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with part.open("wb") as file:
                file.write(letter(envelope, self.sender).as_bytes())
                file.flush()
                os.fsync(file.fileno())
            part.replace(place)
        except OSError as error:
            return Retry("cannot_write", f"{self.name}: {error.strerror or type(error).__name__}")
        return Delivered(place.name)
