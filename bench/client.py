"""A small, fast client: raw sockets, connections kept open, one process per core."""

import socket
import statistics
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

Result = TypeVar("Result")
COMPRESSED = "Accept-Encoding: gzip, deflate, br, zstd\r\n"
UNKEPT = "Cookie: bench=1\r\n"
"""Whoever sends a cookie gets a page made anew, never one kept for visitors."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: its status, its head and its body as sent."""

    status: int
    head: bytes
    body: bytes


class Connection:
    """One connection that stays open; the bodies have a length or come in chunks."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._rest = b""

    def get(self, path: str, headers: str = "") -> Answer:
        """Ask for ``path``."""
        return self.send(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n".encode())

    def send(self, request: bytes) -> Answer:
        """Send a whole request and read its answer."""
        self._socket.sendall(request)
        data = self._rest
        while b"\r\n\r\n" not in data:
            data += self._receive()
        head, _, data = data.partition(b"\r\n\r\n")
        lower = head.lower()
        if b"transfer-encoding: chunked" in lower:
            body = self._chunks(data)
        else:
            start = lower.find(b"content-length:")
            length = int(lower[start + 15 :].split(b"\r\n", 1)[0]) if start >= 0 else 0
            while len(data) < length:
                data += self._receive()
            body, self._rest = data[:length], data[length:]
        return Answer(int(head[9:12]), head, body)

    def _receive(self) -> bytes:
        data = self._socket.recv(262_144)
        if not data:
            raise ConnectionError("the server hung up")
        return data

    def _chunks(self, data: bytes) -> bytes:
        body = b""
        while True:
            while b"\r\n" not in data:
                data += self._receive()
            size_text, _, data = data.partition(b"\r\n")
            size = int(size_text, 16)
            while len(data) < size + 2:
                data += self._receive()
            body, data = body + data[:size], data[size + 2 :]
            if size == 0:
                self._rest = data
                return body

    def close(self) -> None:
        """Hang up."""
        self._socket.close()


@dataclass(frozen=True, slots=True)
class Times:
    """How long answers took, in milliseconds."""

    median: float
    p99: float
    number: int
    largest: int

    @classmethod
    def of(cls, seconds: Sequence[float], largest: int = 0) -> "Times":
        """Sum up ``seconds``."""
        ordered = sorted(seconds)
        at = min(len(ordered) - 1, int(len(ordered) * 0.99))
        return cls(statistics.median(ordered) * 1000, ordered[at] * 1000, len(ordered), largest)


def times(
    port: int, paths: Sequence[str], *, headers: str = COMPRESSED + UNKEPT, warm_up: int = 5
) -> Times:
    """Ask for ``paths`` one after the other and sum up; raises for an answer that is no 200."""
    connection = Connection(port)
    for path in paths[:warm_up]:
        connection.get(path, headers)
    seconds, largest = [], 0
    for path in paths:
        start = time.perf_counter()
        answer = connection.get(path, headers)
        seconds.append(time.perf_counter() - start)
        largest = max(largest, len(answer.body))
        if answer.status != 200:
            raise RuntimeError(f"{path}: {answer.status}")
    connection.close()
    return Times.of(seconds, largest)


def throughput(
    port: int, path: str, *, seconds: float, connections: int = 4, headers: str = ""
) -> float:
    """Return how many answers a second ``path`` gets over several connections, all at once."""
    begin = time.monotonic() + 0.5
    job = partial(_hammer, port, path, headers, begin, begin + seconds)
    jobs = [job for _ in range(connections)]
    return sum(each_at_once(jobs)) / seconds


def _hammer(port: int, path: str, headers: str, begin: float, end: float) -> int:
    """Return how many answers came between ``begin`` and ``end``, the same for all connections."""
    connection = Connection(port)
    request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n".encode()
    number = 0
    while (now := time.monotonic()) < end:
        if connection.send(request).status != 200:
            raise RuntimeError(f"{path} was not answered with 200")
        number += now >= begin
    connection.close()
    return number


def each_at_once(jobs: Sequence[Callable[[], Result]]) -> list[Result]:
    """Run ``jobs`` in processes of their own, all at once."""
    with ProcessPoolExecutor(len(jobs)) as pool:
        return [future.result() for future in [pool.submit(job) for job in jobs]]
