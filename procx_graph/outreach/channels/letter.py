"""An envelope as an e-mail: plain text and HTML, with headers that nobody can add to."""

import re
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from html import escape
from typing import Self

from procx_graph.domain.message import Channel, Purpose
from procx_graph.errors import ConfigError
from procx_graph.outreach.channels.carrier import Envelope

_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LABEL = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)")
_URL = re.compile(r"https?://[\x21-\x3b\x3d\x3f-\x7e]+")
_LINE = SMTP.clone(max_line_length=78)
"""Headers are folded, and lines end as SMTP wants."""


@dataclass(frozen=True)
class Sender:
    """Who writes: an address with a name, and where answers go."""

    address: Address
    reply_to: Address | None = None

    @classmethod
    def of(cls, address: str, reply_to: str | None = None) -> Self:
        """Read addresses such as `Asha from Care <care@shop.example>`.

        Raises:
            ConfigError: One of them is none.
        """
        return cls(_own(address), None if reply_to is None else _own(reply_to))

    @property
    def answers(self) -> str:
        """Where answers go."""
        return (self.reply_to or self.address).addr_spec


def mailbox(address: str) -> str | None:
    """Give an e-mail address as it may stand in a header; `None` when it is none.

    One address of the plain form `local@domain`; a domain in other letters is written in ASCII.
    """
    local, at, domain = address.strip().rpartition("@")
    if not at or len(local) > 64 or not _LOCAL.fullmatch(local):
        return None
    try:
        ascii_domain = domain.encode("idna").decode("ascii")
    except UnicodeError:
        return None
    labels = ascii_domain.split(".")
    if len(ascii_domain) > 253 or not all(map(_LABEL.fullmatch, labels)):
        return None
    return f"{local}@{ascii_domain}"


def letter(envelope: Envelope, sender: Sender | None) -> EmailMessage:
    """Write the e-mail of an envelope.

    Args:
        envelope: Whose `to` is what `mailbox` gave, where the channel is e-mail.
        sender: `None` leaves the sender out, where the e-mail is only kept in a folder.
    """
    mail = EmailMessage(policy=_LINE)
    domain = sender.address.domain if sender else "procx.invalid"
    if sender is not None:
        mail["From"] = sender.address
        if sender.reply_to is not None:
            mail["Reply-To"] = sender.reply_to
    if envelope.channel is Channel.EMAIL:
        mail["To"] = Address(one_line(envelope.name or ""), addr_spec=envelope.to)
    else:
        mail["X-Procx-To"] = one_line(envelope.to)
    mail["Subject"] = one_line(envelope.subject or "")
    mail["Date"] = format_datetime(envelope.at)
    mail["Message-ID"] = f"<{envelope.message_id}@{domain}>"
    mail["Content-Language"] = envelope.language.value
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Procx-Message"] = envelope.message_id
    mail["X-Procx-Channel"] = envelope.channel.value
    if envelope.purpose is Purpose.MARKETING:
        _say_how_to_stop(mail, envelope, sender)
    mail.set_content(envelope.text, cte="base64" if not envelope.text.isascii() else None)
    if envelope.channel is Channel.EMAIL:
        mail.add_alternative(_html(envelope), subtype="html", cte="base64")
    return mail


def one_line(text: str) -> str:
    """Give a text without line breaks or control characters, as a header must be.

    Nor has it encoded words (RFC 2047): the library would decode a line break out of them.
    """
    plain = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return plain.replace("=?", "= ?")


def _say_how_to_stop(mail: EmailMessage, envelope: Envelope, sender: Sender | None) -> None:
    """Add the headers of RFC 2369, and of RFC 8058 where one click is enough."""
    if envelope.unsubscribe is not None and _URL.fullmatch(envelope.unsubscribe):
        mail["List-Unsubscribe"] = f"<{envelope.unsubscribe}>"
        if envelope.unsubscribe.startswith("https://"):
            mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    elif sender is not None:
        mail["List-Unsubscribe"] = f"<mailto:{sender.answers}?subject=STOP>"


def _html(envelope: Envelope) -> str:
    paragraphs = [
        f"<p>{escape(part.strip()).replace(chr(10), '<br>')}</p>"
        for part in re.split(r"\n{2,}", envelope.text.replace("\r\n", "\n"))
        if part.strip()
    ]
    if envelope.unsubscribe is not None and envelope.purpose is Purpose.MARKETING:
        href = escape(envelope.unsubscribe)
        paragraphs.append(f'<p><a href="{href}">{href}</a></p>')
    body = "\n".join(paragraphs)
    return (
        f'<!doctype html>\n<html lang="{envelope.language.value}">\n'
        f'<head><meta charset="utf-8"></head>\n<body>\n{body}\n</body>\n</html>\n'
    )


def _own(text: str) -> Address:
    name, address = parseaddr(text)
    checked = mailbox(address)
    if checked is None or "\n" in text or "\r" in text:
        raise ConfigError(
            f"{text!r} is no e-mail address: write Asha from Care <care@shop.example>"
        )
    return Address(one_line(name), addr_spec=checked)
