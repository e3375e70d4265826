"""The server of a process around any WSGI application, and clients that behave badly."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, Self

from civic.serving.bridge import Bridge, Wsgi
from civic.serving.processes import listen, server_of

PATIENCE_S = 10
LARGEST_FILE = 800_000
LARGEST_BODY = 5_000_005


def refusal(code: int, environ: Any) -> tuple[list[tuple[str, str]], bytes]:
    """A page of the server itself."""
    headers = [("Content-Type", "text/plain")]
    return headers + [("Connection", "close")] * (code in {400, 408}), f"refused {code}".encode()


@contextmanager
def serving(app: Wsgi, folder: Path, *, proxies: int = 0) -> Iterator[int]:
    """Serve ``app`` in a thread; yield the port."""
    sock = listen("127.0.0.1", 0)
    port = sock.getsockname()[1]
    made: list[Any] = []
    started = threading.Event()

    def run() -> None:
        bridge = Bridge(
            app,
            refusal=refusal,
            folder=folder,
            largest=LARGEST_BODY,
            largest_file=LARGEST_FILE,
            proxies=proxies,
        )
        made.append(server_of(bridge))
        started.set()
        made[0].run(sockets=[sock])

    thread = threading.Thread(target=run)
    thread.start()
    assert started.wait(PATIENCE_S)
    try:
        yield port
    finally:
        made[0].should_exit = True
        thread.join(PATIENCE_S + 5)
        assert not thread.is_alive(), "the server does not end"


class Client:
    """One connection, written and read byte by byte."""

    def __init__(self, port: int, *, receive_buffer: int = 0) -> None:
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(PATIENCE_S)
        try:
            self.socket.connect(("127.0.0.1", port))
        except OSError:
            self.socket.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, *pieces: bytes) -> "Client":
        """Send what is given, as far as the other end still takes it."""
        with suppress(OSError):
            for piece in pieces:
                self.socket.sendall(piece)
        return self

    def rest(self, within: float = PATIENCE_S) -> bytes:
        """All that comes until the other end closes; what came when nothing more does."""
        taken, end = bytearray(), time.monotonic() + within
        self.socket.settimeout(0.1)
        while time.monotonic() < end:
            try:
                piece = self.socket.recv(65_536)
            except TimeoutError:
                continue
            except ConnectionResetError:
                return bytes(taken)
            if not piece:
                return bytes(taken)
            taken += piece
        raise AssertionError(f"the connection stays open; so far: {taken[:300]!r}")

    def answer(self) -> tuple[int, bytes]:
        """The status and the body of one answer that says its length."""
        taken = b""
        while b"\r\n\r\n" not in taken:
            piece = self.socket.recv(65_536)
            assert piece, f"closed after {taken[:300]!r}"
            taken += piece
        head, _, body = taken.partition(b"\r\n\r\n")
        [size] = [
            int(line.split(b":")[1])
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"content-length:")
        ]
        while len(body) < size:
            body += self.socket.recv(65_536)
        return int(head.split()[1]), body

    def is_closed(self) -> bool:
        """Whether the other end hung up, without waiting; what it said before is read."""
        self.socket.settimeout(0.01)
        try:
            while self.socket.recv(65_536):
                pass
        except TimeoutError:
            return False
        except ConnectionResetError:
            pass
        return True


def head(method: str, path: str = "/", *headers: str) -> bytes:
    """The head of a request."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", *headers, "", ""]
    return "\r\n".join(lines).encode()


def get(port: int, path: str = "/", *headers: str) -> tuple[int, bytes]:
    """The answer to one question."""
    with closing(HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)) as connection:
        connection.request("GET", path, headers=dict(line.split(": ", 1) for line in headers))
        answer = connection.getresponse()
        return answer.status, answer.read()


def slow_sender(port: int, path: str = "/", *headers: str) -> Client:
    """A client that promises 900 kB and sends one byte of it."""
    return Client(port).send(head("POST", path, "Content-Length: 900000", *headers), b"a")


def wait_until(is_so: Callable[[], bool], within: float = PATIENCE_S) -> None:
    """Return once it is so; fail when it does not become so."""
    end = time.monotonic() + within
    while not is_so():
        assert time.monotonic() < end, "it does not become so"
        time.sleep(0.02)
