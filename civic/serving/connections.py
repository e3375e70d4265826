"""One connection: uvicorn's protocol, with bounds on what a client may send and how slowly."""

import asyncio
import resource
from collections import Counter
from collections.abc import Iterable
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from civic.serving.environ import REUSED

MOST_CONNECTIONS = 1_000
"""Of one process; one more ends the connection that has been waiting longest for its client."""
MOST_HEADERS = 100
LARGEST_HEAD = 64_000
HEAD_S = 30
"""A request has to be said within so many seconds: its first line and its headers."""
SILENCE_S = 30
"""An answer of which nothing could be sent for so long is given up."""
LINGER_S = 30
"""So long a body is still received, and thrown away, after the answer was given without it."""


class Connection(HttpToolsProtocol):
    """A client; raises nothing, closes the connection when a bound is passed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.heard_at = self.loop.time()
        self._in_head = True
        self._head_since: float | None = self.heard_at
        self._received = 0
        self._said = 0
        self._is_too_large = False
        self._unsent = 0
        self._unsent_since = self._answered_early_at = self.heard_at

    @property
    def address(self) -> str:
        """The address of the other end, which may be a proxy."""
        return self.client[0] if self.client else ""

    @property
    def waits_for_its_client(self) -> bool:
        """Whether nothing is being done for this client: it is silent, or still sending."""
        asked = self._asked
        return asked is None or asked.response_complete or asked.more_body

    @property
    def _asked(self) -> RequestResponseCycle | None:
        """The request that came last, once its head was read."""
        return self.cycle

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take the client in; another has to go where there are too many."""
        super().connection_made(transport)
        _make_room(self)

    def data_received(self, data: bytes) -> None:
        """Parse what came, unless the head of a request grows beyond its bound."""
        self.heard_at = self.loop.time()
        if self._in_head:
            self._received += len(data)
            if self._head_since is None:
                self._head_since = self.heard_at
        super().data_received(data)
        if self._in_head and self._received > LARGEST_HEAD:
            self._is_too_large = True
            self.send_400_response("Request header too large.")

    def on_message_begin(self) -> None:
        """Begin a request: its head is counted anew."""
        self._in_head, self._said = True, 0
        super().on_message_begin()
        if self._asked is not None:
            self.scope["extensions"] = {REUSED: {}}

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header; those that follow a body are nobody's, and could pose as the proxy's."""
        if not self._in_head:
            return
        self._said += len(name) + len(value)
        if len(self.headers) >= MOST_HEADERS or self._said > LARGEST_HEAD:
            self._is_too_large = True
            raise ValueError("too many headers, or too long")
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Hand the request over."""
        self._in_head, self._head_since, self._received = False, None, 0
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The next request begins with what comes now."""
        # Also where the answer was given before: uvicorn then leaves the mark of a body to come.
        self.cycle.more_body = False
        self._in_head = True
        super().on_message_complete()

    def resume_writing(self) -> None:
        """Go on sending: the client takes what it is sent."""
        self._unsent_since = self.loop.time()
        super().resume_writing()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no request, and close."""
        if self.transport.is_closing():
            return
        status = (
            b"431 Request Header Fields Too Large" if self._is_too_large else b"400 Bad Request"
        )
        self._refuse(status, msg)

    def look(self, now: float) -> None:
        """Close the connection when its client is too slow; asked every second."""
        asked = self._asked
        if self._is_stuck(now):
            self.transport.abort()
        elif self._head_since is not None and now - self._head_since > HEAD_S:
            self._refuse(b"408 Request Timeout", "")
        elif asked is None or not (asked.response_complete and asked.more_body):
            self._answered_early_at = now
        elif now - self._answered_early_at > LINGER_S:
            self.transport.close()

    def _refuse(self, status: bytes, sentence: str) -> None:
        asked = self._asked
        if asked is None or asked.response_complete or not asked.response_started:
            if asked is not None:
                # What is being made for it is not sent any more.
                asked.disconnected = True
            self.transport.write(
                b"HTTP/1.1 %s\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: %d\r\n"
                b"connection: close\r\n\r\n%s" % (status, len(sentence), sentence.encode())
            )
        self.transport.close()

    def _is_stuck(self, now: float) -> bool:
        unsent = self.transport.get_write_buffer_size()
        if self._unsent == 0 or unsent < self._unsent:
            self._unsent_since = now
        self._unsent = unsent
        return unsent > 0 and now - self._unsent_since > SILENCE_S


def look_at(connections: Iterable[Any]) -> None:
    """Close the connections whose clients are too slow."""
    now = asyncio.get_running_loop().time()
    for connection in list(connections):
        connection.look(now)


def _make_room(newcomer: Connection) -> None:
    """Where there are too many, end one that waits for its client, of the address with most."""
    if len(newcomer.connections) <= _most():
        return
    waiting = [c for c in newcomer.connections if isinstance(c, Connection) and c is not newcomer]
    waiting = [c for c in waiting if c.waits_for_its_client]
    count = Counter(c.address for c in waiting)
    last = min(waiting, key=lambda c: (-count[c.address], c.heard_at), default=newcomer)
    last.transport.abort()


def _most() -> int:
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return min(MOST_CONNECTIONS, max(files - 200, 20)) if files > 0 else MOST_CONNECTIONS
