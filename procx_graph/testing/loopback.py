"""An HTTP server on this machine whose answers come from a function, and that ends when told."""

import socket
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import Any, Literal

HOST = "127.0.0.1"


@dataclass(frozen=True)
class HttpRequest:
    """A request as it came; the names of its headers are in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class HttpAnswer:
    """What is sent back.

    Attributes:
        pieces: The body. One piece is sent with its length, several as chunks.
        after: Seconds to wait before anything is sent.
        over: Seconds over which it is sent, bit by bit.
        cut: Where the connection is closed too early: before the head, or in the body.
    """

    pieces: tuple[bytes, ...]
    status: int = 200
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    after: float = 0.0
    over: float = 0.0
    cut: Literal["head", "body"] | None = None


class Loopback(ThreadingHTTPServer):
    """Serve on 127.0.0.1, on a port of its own, from the first moment until `close`.

    Connections are kept alive. Closing ends every connection at once, also one whose answer is
    still being waited for, and leaves no thread and no socket.

    Args:
        answer: Gives the answer to a request; called from a thread of each connection.

    Attributes:
        most_at_once: How many requests were under way together at most. A request is under way
            until just before the last of its answer is sent.
    """

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, answer: Callable[[HttpRequest], HttpAnswer]) -> None:
        self.answer = answer
        self.closing = threading.Event()
        self.most_at_once = 0
        self._under_way = 0
        self._lock = threading.Lock()
        self._open: dict[threading.Thread, socket.socket] = {}
        super().__init__((HOST, 0), _Connection)
        self._accepting = threading.Thread(target=self._accept, name="loopback", daemon=True)
        self._accepting.start()

    @property
    def port(self) -> int:
        """The port it serves on."""
        return int(self.server_address[1])

    def close(self) -> None:
        """End every connection and wait for the threads; a second time changes nothing."""
        if self.closing.is_set():
            return
        self.closing.set()
        with suppress(OSError):  # wakes the thread that accepts, for it to see that it ends
            socket.create_connection((HOST, self.port)).close()
        self._accepting.join()
        self.server_close()
        with self._lock:
            still_open = dict(self._open)
        for thread, connection in still_open.items():
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            thread.join()

    def began(self) -> None:
        """Count a request as under way."""
        with self._lock:
            self._under_way += 1
            self.most_at_once = max(self.most_at_once, self._under_way)

    def ended(self) -> None:
        """Count a request as answered."""
        with self._lock:
            self._under_way -= 1

    def server_bind(self) -> None:
        """Bind without asking the name service who 127.0.0.1 is."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = HOST, self.port

    def process_request(self, request: Any, client_address: Any) -> None:
        """Serve a connection from a thread that `close` can end."""
        thread = threading.Thread(
            target=self._serve, args=(request, client_address), name="loopback-connection"
        )
        thread.daemon = True
        with self._lock:
            self._open[thread] = request
        thread.start()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Keep silent: a client that hangs up is no error of ours."""

    def _serve(self, request: socket.socket, client_address: Any) -> None:
        self.process_request_thread(request, client_address)
        with self._lock:
            del self._open[threading.current_thread()]

    def _accept(self) -> None:
        while not self.closing.is_set():
            self.handle_request()


class _Connection(BaseHTTPRequestHandler):
    """One connection, request after request."""

    server: Loopback
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def _handle(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        named = {name.lower(): value for name, value in self.headers.items()}
        self.server.began()
        try:  # under way until just before the last bytes: then the client may ask again
            last = self._answer(HttpRequest(self.command, self.path, named, body))
        finally:
            self.server.ended()
        self.wfile.write(last)

    do_GET = do_POST = _handle  # noqa: N815 - the names that http.server looks for

    def _answer(self, request: HttpRequest) -> bytes:
        """Send all but the last bytes of an answer, and give those."""
        answer = self.server.answer(request)
        if self.server.closing.wait(answer.after) or answer.cut == "head":
            self.close_connection = True
            return b""
        *first, last = self._written(answer)
        for piece in first:
            self.wfile.write(piece)
            if self.server.closing.wait(answer.over / len(first)):
                self.close_connection = True
                return b""
        return last

    def _written(self, answer: HttpAnswer) -> list[bytes]:
        """What is written for an answer, in the order in which it is written."""
        chunked = len(answer.pieces) > 1
        length = sum(map(len, answer.pieces))
        headers = {"Content-Type": answer.content_type, **answer.headers}
        headers |= {"Transfer-Encoding": "chunked"} if chunked else {"Content-Length": str(length)}
        known = answer.status in set(HTTPStatus)
        phrase = HTTPStatus(answer.status).phrase if known else ""
        lines = [f"HTTP/1.1 {answer.status} {phrase}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        head = "\r\n".join([*lines, "", ""]).encode("latin-1")
        if answer.cut:
            self.close_connection = True
        if chunked:
            written = [b"%x\r\n%b\r\n" % (len(one), one) for one in answer.pieces]
            written[-1] += b"0\r\n\r\n"
            kept = len(written) // 2 if answer.cut else len(written)
            return [head, *written[:kept]]
        body = b"".join(answer.pieces)
        if answer.over:
            return [head, *(body[at : at + 1] for at in range(length))]
        return [head + body[: length // 2 if answer.cut else length]]

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - inherited name
        """Write no log of requests."""
