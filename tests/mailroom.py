"""Servers on loopback that take messages: one speaks SMTP, the other is a business's gateway."""

import base64
import socket
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any, ClassVar

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Certificate:
    """A certificate of 127.0.0.1 that signed itself."""

    path: Path

    @classmethod
    def in_folder(cls, folder: Path) -> "Certificate":
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
        made = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(LONG_AGO)
            .not_valid_after(LONG_AGO + timedelta(days=36500))
            .add_extension(
                x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), False
            )
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
            .sign(key, hashes.SHA256())
        )
        path = folder / "server.pem"
        path.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            + made.public_bytes(serialization.Encoding.PEM)
        )
        return cls(path)

    def of_server(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.path)
        return context

    def for_client(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.path))


@dataclass
class Mailroom:
    """What an SMTP server got, and how it behaves.

    `says` replaces answers by verb (`MAIL`, `RCPT`, `DATA`, `END` of the text, ...), `hangs` and
    `drops` name verbs at which it falls silent or closes the connection.
    """

    tls: ssl.SSLContext | None = None
    implicit: bool = False
    user: tuple[str, str] | None = None
    says: dict[str, str] = field(default_factory=dict)
    hangs: set[str] = field(default_factory=set)
    drops: set[str] = field(default_factory=set)
    on_mail: Callable[[EmailMessage], None] = lambda _: None
    port: int = 0
    raw: list[bytes] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    logins: list[tuple[str, str]] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)

    @property
    def mails(self) -> list[EmailMessage]:
        found = [message_from_bytes(data, policy=policy.default) for data in self.raw]
        return [mail for mail in found if isinstance(mail, EmailMessage)]


class _Session(socketserver.StreamRequestHandler):
    room: ClassVar[Mailroom]

    def handle(self) -> None:
        try:
            with suppress(OSError, _Dropped):
                self._talk()
        finally:
            self.request.close()

    def _talk(self) -> None:
        self.secure = False
        if self.room.implicit:
            self._encrypt()
        self.allowed = self.room.user is None
        self._say("GREETING", "220 mailroom")
        while line := self.rfile.readline():
            verb, _, rest = line.decode("utf-8", "replace").strip().partition(" ")
            if verb.upper() == "QUIT":
                self._say("QUIT", "221 bye")
                return
            self._obey(verb.upper(), rest)

    def _obey(self, verb: str, rest: str) -> None:
        room = self.room
        if verb in {"EHLO", "HELO"}:
            offers = ["mailroom", "8BITMIME"]
            offers += ["STARTTLS"] if room.tls and not self.secure else []
            offers += ["AUTH PLAIN"] if room.user else []
            lines = [f"250-{one}" for one in offers[:-1]] + [f"250 {offers[-1]}"]
            self._say(verb, "\r\n".join(lines))
        elif verb == "STARTTLS" and room.tls:
            self._say(verb, "220 go ahead")
            self._encrypt()
        elif verb == "AUTH":
            _, user, password = base64.b64decode(rest.split(" ")[-1]).decode().split("\0")
            room.logins.append((user, password))
            self.allowed = (user, password) == room.user
            self._say(verb, "235 welcome" if self.allowed else "535 wrong")
        elif verb == "RCPT":
            room.recipients.append(rest)
            self._say(verb, "250 ok")
        elif verb == "DATA":
            if self._say(verb, "354 go on").startswith("354"):
                self._take()
        else:
            self._say(verb, "250 ok" if self.allowed else "530 log in first")

    def _encrypt(self) -> None:
        assert self.room.tls is not None
        self.request = self.room.tls.wrap_socket(self.request, server_side=True)
        self.setup()
        self.secure = True

    def _take(self) -> None:
        lines = []
        while (line := self.rfile.readline()) not in {b".\r\n", b""}:
            lines.append(line[1:] if line.startswith(b".") else line)
        if not self.room.says.get("END", "250").startswith(("4", "5")):
            self.room.raw.append(b"".join(lines))
            self.room.encrypted.append(self.secure)
            self.room.on_mail(self.room.mails[-1])
        self._say("END", "250 taken as 42")

    def _say(self, verb: str, line: str) -> str:
        if verb in self.room.hangs:
            threading.Event().wait(5)
        if verb in self.room.hangs | self.room.drops:
            raise _Dropped
        line = self.room.says.get(verb, line)
        self.wfile.write(f"{line}\r\n".encode())
        return line


class _Dropped(Exception):
    """The connection ends here."""


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True


@contextmanager
def smtp_server(room: Mailroom | None = None) -> Iterator[Mailroom]:
    """Run an SMTP server that behaves as its mailroom says."""
    room = room or Mailroom()
    handler = type("Session", (_Session,), {"room": room})
    with _Server(("127.0.0.1", 0), handler) as server:
        room.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        try:
            yield room
        finally:
            server.shutdown()


@dataclass
class Gateway:
    """What a gateway got, and how it behaves: `answers` are used up, then it is `always`."""

    always: tuple[int, Mapping[str, str]] = (200, {})
    answers: list[tuple[int, Mapping[str, str]]] = field(default_factory=list)
    hangs: bool = False
    url: str = ""
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    on_message: Callable[[], None] = lambda: None


@contextmanager
def gateway(told: Gateway | None = None) -> Iterator[Gateway]:
    """Run a gateway that behaves as told."""
    desk = told if told is not None else Gateway()
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            with lock:
                desk.got.append(({k.lower(): v for k, v in self.headers.items()}, body))
                status, headers = desk.answers.pop(0) if desk.answers else desk.always
                desk.on_message()
            if desk.hangs:
                threading.Event().wait(5)
            with suppress(OSError):
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

        def log_message(self, *_: Any) -> None:
            """Stay silent."""

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False

    with Quiet(("127.0.0.1", 0), Handler) as server:
        desk.url = f"http://127.0.0.1:{server.server_address[1]}/messages"
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        try:
            yield desk
        finally:
            server.shutdown()


def a_closed_port() -> int:
    """Give a port on which nobody listens."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
