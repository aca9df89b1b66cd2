"""E-mail by SMTP."""

import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass, replace

from pydantic import SecretStr

from procx_graph.outreach.channels.carrier import (
    Answer,
    Delivered,
    Envelope,
    Refused,
    Retry,
    Unclear,
)
from procx_graph.outreach.channels.letter import Sender, letter, mailbox

TIMEOUT = 30.0
"""Seconds that the server may stay silent."""


@dataclass(frozen=True)
class Server:
    """An SMTP server.

    Attributes:
        tls: `starttls` (required), `implicit` (from the first byte), or `off`.
    """

    host: str
    port: int
    tls: str = "starttls"
    user: str | None = None
    password: SecretStr | None = None


class SmtpCarrier:
    """Sends e-mail, one connection a message.

    SMTP knows no keys: a message whose connection breaks after the text was handed over is
    unclear. Its Message-ID is the same at every attempt, so that most mailboxes show it once.

    Args:
        server: Where.
        sender: Who writes.
        timeout: Seconds that the server may stay silent.
        context: How its certificate is checked; against the system's authorities by default.
    """

    idempotent = False

    def __init__(
        self,
        server: Server,
        sender: Sender,
        *,
        timeout: float = TIMEOUT,
        context: ssl.SSLContext | None = None,
    ) -> None:
        self.server, self.sender, self.timeout = server, sender, timeout
        self._context = context or ssl.create_default_context()
        self.name = f"smtp {server.host}:{server.port}"

    def deliver(self, envelope: Envelope) -> Answer:
        """Send one e-mail."""
        to = mailbox(envelope.to)
        if to is None:
            return Refused("bad_address", "the customer's e-mail address is none")
        data = letter(replace(envelope, to=to), self.sender).as_bytes()
        try:
            with self._connected() as smtp:
                answer = self._hand_over(smtp, to, data)
                with suppress(OSError, smtplib.SMTPException):
                    smtp.quit()
                return answer
        except (OSError, smtplib.SMTPException) as error:
            return self._failed(error)

    def greet(self) -> Answer:
        """Connect, encrypt and log in as for a message, and leave without one."""
        try:
            with self._connected() as smtp:
                with suppress(OSError, smtplib.SMTPException):
                    smtp.quit()
                return Delivered()
        except (OSError, smtplib.SMTPException) as error:
            return self._failed(error)

    def _failed(self, error: Exception) -> Answer:
        """Give what an error before the text means."""
        match error:
            case smtplib.SMTPAuthenticationError():
                return _answer("login_refused", error.smtp_code, "the server refused the login")
            case smtplib.SMTPNotSupportedError():
                return Retry("no_starttls", f"{self.name} offers no encryption or login")
            case smtplib.SMTPResponseException():
                return _answer("refused", error.smtp_code, "the server refused the connection")
            case ssl.SSLError():
                return Retry("bad_certificate", f"{self.name}: {type(error).__name__}")
            case TimeoutError():
                return Retry("timeout", f"{self.name} did not answer in {self.timeout:g} s")
            case _:
                return Retry("no_connection", f"{self.name}: {type(error).__name__}")

    def _connected(self) -> smtplib.SMTP:
        """Connect, encrypt and log in."""
        server = self.server
        if server.tls == "implicit":
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(
                server.host, server.port, timeout=self.timeout, context=self._context
            )
        else:
            smtp = smtplib.SMTP(server.host, server.port, timeout=self.timeout)
        try:
            if server.tls == "starttls":
                smtp.starttls(context=self._context)
            if server.user is not None:
                password = server.password.get_secret_value() if server.password else ""
                smtp.login(server.user, password)
            smtp.ehlo_or_helo_if_needed()
        except BaseException:
            # nobody else knows of the connection yet
            smtp.close()
            raise
        return smtp

    def _hand_over(self, smtp: smtplib.SMTP, to: str, data: bytes) -> Answer:
        code, _ = smtp.mail(self.sender.address.addr_spec)
        if code >= 400:
            return _answer("sender_refused", code, "the server refused the sender")
        code, _ = smtp.rcpt(to)
        if code >= 400:
            return _answer("recipient_refused", code, "the server refused the recipient")
        try:
            code, told = smtp.data(data)
        except smtplib.SMTPDataError as error:
            return _answer("message_refused", error.smtp_code, "the server refused the message")
        except (OSError, smtplib.SMTPServerDisconnected) as error:
            why = f"{self.name} broke off while it had the message: {type(error).__name__}"
            return Unclear("broke_off", why)
        if code >= 400:
            return _answer("message_refused", code, "the server refused the message")
        return Delivered(told.decode("ascii", "replace")[:200] or None)


def _answer(reason: str, code: int, detail: str) -> Answer:
    """Give what a code means: 5xx is for ever, everything else may pass.

    What the server says in words is left out, because it repeats the address.
    """
    told = f"{detail} (SMTP {code})"
    return Refused(reason, told) if 500 <= code < 600 else Retry(reason, told)
