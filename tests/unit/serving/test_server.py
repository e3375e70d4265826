"""The server bounds what clients send and how slowly, and keeps its threads for who is ready."""

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from civic.serving import bodies, bridge, connections, processes
from tests.serving import LARGEST_BODY, Client, get, head, serving, slow_sender, wait_until


class Town:
    """A WSGI application that says what it was asked, and what became of its answers."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.given = 0
        self.closed = 0
        self.gate = threading.Event()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        if bridge.AT_ONCE in environ:
            return []
        path = environ["PATH_INFO"]
        body = environ["wsgi.input"].read()
        self.asked.append(environ | {"body": body})
        if path == "/wait":
            self.gate.wait(10)
        if path == "/fail":
            raise RuntimeError("of the test")
        start_response("200 OK", [("Content-Type", "text/plain")])
        if path == "/long":
            return Long(self)
        if path == "/large":
            return Large(self)
        return [b"hello ", str(len(body)).encode()]


class Long:
    """An answer of 20 MB."""

    def __init__(self, town: Town) -> None:
        self.town = town

    def __iter__(self) -> Iterator[bytes]:
        for _ in range(2_000):
            self.town.given += 1
            yield b"x" * 10_000

    def close(self) -> None:
        self.town.closed += 1


class Large(list[bytes]):
    """An answer of 5 MB in one piece."""

    def __init__(self, town: Town) -> None:
        super().__init__([bytes(i % 251 for i in range(5_000)) * 1_000])
        self.town = town

    def close(self) -> None:
        self.town.closed += 1


@pytest.fixture
def town() -> Town:
    return Town()


@pytest.fixture
def port(town: Town, tmp_path: Path) -> Iterator[int]:
    with serving(town, tmp_path) as port:
        yield port
        town.gate.set()


def test_slow_senders_hold_no_thread(town: Town, port: int) -> None:
    with ExitStack() as open_:
        senders = [open_.enter_context(slow_sender(port)) for _ in range(60)]
        for _ in range(3):
            for path in ("/", "/healthz"):
                assert get(port, path)[0] == 200
            for sender in senders:
                sender.send(b"b")
    assert {environ["REQUEST_METHOD"] for environ in town.asked} == {"GET"}


@pytest.mark.parametrize("size", [0, 1, 255_999, 256_001, 2_000_000])
@pytest.mark.parametrize("coding", ["length", "chunked"])
def test_a_body_comes_whole(town: Town, port: int, size: int, coding: str) -> None:
    body = bytes(i % 251 for i in range(size))
    with Client(port) as client:
        if coding == "length":
            client.send(head("POST", "/", f"Content-Length: {size}"), body)
        else:
            client.send(head("POST", "/", "Transfer-Encoding: chunked"))
            for at in range(0, size, 70_000):
                piece = body[at : at + 70_000]
                client.send(b"%x\r\n%s\r\n" % (len(piece), piece))
            client.send(b"0\r\n\r\n")
        assert client.answer() == (200, f"hello {size}".encode())
        assert client.send(head("GET", "/healthz")).answer() == (200, b"ok\n")
    [environ] = town.asked
    assert environ["body"] == body
    assert environ["CONTENT_LENGTH"] == str(size)


def test_no_file_of_a_body_is_left(port: int, tmp_path: Path) -> None:
    with Client(port) as client:
        client.send(head("POST", "/", "Content-Length: 900000"), b"a" * 800_000)
        time.sleep(0.2)
        assert list(tmp_path.iterdir()) == []


def test_who_falls_silent_is_told_so(
    town: Town, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "SILENCE_S", 0.3)
    with slow_sender(port) as sender:
        said = sender.rest(5)
    assert b" 408 " in said
    assert said.endswith(b"refused 408")
    assert not town.asked


def test_who_would_send_it_again_unasked_is_not_told_408(
    town: Town, port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "SILENCE_S", 0.3)
    slow = head("POST", "/", "Content-Length: 900000", "X-Forwarded-For: 192.0.2.7"), b"a"
    with Client(port) as browser:
        assert browser.send(head("GET", "/")).answer()[0] == 200
        said = browser.send(*slow).rest(5)
    assert b" 400 " in said
    assert said.endswith(b"refused 408")
    with serving(town, tmp_path, proxies=1) as behind, Client(behind) as proxy:
        said = proxy.send(*slow).rest(5)
    assert b" 400 " in said
    assert said.endswith(b"refused 408")
    assert len(town.asked) == 1


def test_who_takes_too_long_in_all_is_told_so(
    town: Town, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "LONGEST_S", 0.5)
    began = time.monotonic()
    with slow_sender(port) as sender:
        while not sender.is_closed():
            sender.send(b"b" * 5_000)
            time.sleep(0.05)
            assert time.monotonic() < began + 5
    assert not town.asked


def test_who_drips_is_told_so(town: Town, port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A byte from time to time is never silence, but below the lowest rate."""
    monkeypatch.setattr(bodies, "SILENCE_S", 0.5)
    began = time.monotonic()
    with slow_sender(port) as sender:
        while not sender.is_closed():
            sender.send(b"b")
            time.sleep(0.1)
            assert time.monotonic() < began + 5
    assert not town.asked


def test_what_is_said_to_be_too_large_is_refused_unread(town: Town, port: int) -> None:
    with Client(port) as client:
        client.send(
            head("POST", "/", "Expect: 100-continue", f"Content-Length: {LARGEST_BODY + 1}")
        )
        assert client.answer() == (200, b"hello 0")
    assert int(town.asked[0]["CONTENT_LENGTH"]) > LARGEST_BODY


def test_chunks_without_end_are_refused(town: Town, port: int) -> None:
    with Client(port) as client:
        client.send(head("POST", "/", "Transfer-Encoding: chunked"))
        for _ in range(LARGEST_BODY // 100_000 + 1):
            client.send(b"186a0\r\n", b"a" * 100_000, b"\r\n")
        assert client.answer() == (413, b"refused 413")
    assert not town.asked


def test_an_answer_given_early_ends_the_sending(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "LINGER_S", 0.5)
    with Client(port) as client:
        client.send(head("POST", "/", "Content-Length: 900000000"), b"a" * 1_000)
        assert client.answer()[0] == 200
        wait_until(lambda: client.send(b"b" * 100).is_closed())


TWO_REQUESTS = b"0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.mark.parametrize(
    "headers",
    [
        ("Content-Length: 5", "Transfer-Encoding: chunked"),
        ("Transfer-Encoding: chunked", "Content-Length: 5"),
        ("Content-Length: 5", "Content-Length: 6"),
        ("Content-Length: 5", "Content-Length: 5"),
        ("Content-Length: 5, 5",),
        ("Content-Length: +5",),
        ("Content-Length: 0x5",),
        ("Content-Length: -1",),
        ("Content-Length: 99999999999999999999",),
        ("Transfer-Encoding: gzip, chunked",),
        ("Transfer-Encoding: xchunked",),
        ("Transfer-Encoding: chunked, identity",),
        ("Transfer-Encoding: chunked", "Transfer-Encoding: identity"),
        ("Transfer-Encoding: chunked", "Transfer-Encoding: chunked"),
        ("Transfer-Encoding : chunked",),
        ("Transfer-Encoding:\x0bchunked",),
        ("X: a\r\n Transfer-Encoding: chunked",),
        ("X: a\nTransfer-Encoding: chunked",),
        ("Host: elsewhere",),
    ],
)
def test_what_can_be_read_in_two_ways_is_not_read(
    town: Town, port: int, headers: tuple[str, ...]
) -> None:
    with Client(port) as client:
        said = client.send(head("POST", "/", *headers), TWO_REQUESTS).rest()
    assert said.startswith(b"HTTP/1.1 400 ")
    assert said.count(b"HTTP/1.1 ") == 1
    assert not town.asked


@pytest.mark.parametrize(
    "request_",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"POST / HTTP/1.0\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0x5\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n1\nab\r\n",
        b"GET / HTTP/1.1\nHost: localhost\n\n",
        b"CONNECT elsewhere:80 HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "GET /é HTTP/1.1\r\nHost: localhost\r\n\r\n".encode(),
        b"\x16\x03\x01\x02\x00\x01\x00",
    ],
)
def test_what_is_no_request_is_refused(town: Town, port: int, request_: bytes) -> None:
    with Client(port) as client:
        assert client.send(request_).rest().startswith(b"HTTP/1.1 400 ")
    assert not town.asked


@pytest.mark.parametrize(
    "headers",
    [
        [f"X-{number}: a" for number in range(connections.MOST_HEADERS + 1)],
        [f"X: {'a' * connections.LARGEST_HEAD}"],
        [f"X-{number}: {'a' * 2_000}" for number in range(40)],
    ],
)
def test_heads_are_bounded(town: Town, port: int, headers: list[str]) -> None:
    with Client(port) as client:
        assert b" 431 " in client.send(head("GET", "/", *headers)).rest()
    assert not town.asked


def test_a_head_without_end_is_refused_before_it_is_large(town: Town, port: int) -> None:
    with Client(port) as client:
        client.send(b"GET / HTTP/1.1\r\nX: ")
        for _ in range(100):
            client.send(b"a" * 1_000)
        assert client.rest().startswith(b"HTTP/1.1 431")


def test_headers_that_pose_as_the_proxys_are_not_heard(town: Town, port: int) -> None:
    with Client(port) as client:
        client.send(
            head("POST", "/", "X_Forwarded_For: 9.9.9.9", "Transfer-Encoding: chunked"),
            b"1\r\na\r\n0\r\nX-Forwarded-For: 8.8.8.8\r\nCookie: a=b\r\n\r\n",
        )
        assert client.answer() == (200, b"hello 1")
    [environ] = town.asked
    assert not {"HTTP_X_FORWARDED_FOR", "HTTP_COOKIE"} & environ.keys()


def test_readers_that_do_not_read_cost_neither_threads_nor_memory(town: Town, port: int) -> None:
    with ExitStack() as open_:
        for _ in range(20):
            client = open_.enter_context(Client(port, receive_buffer=4_096))
            client.send(head("GET", "/long"))
        wait_until(lambda: len(town.asked) >= 20)
        time.sleep(0.5)
        taken = town.given
        for path in ("/", "/healthz"):
            assert get(port, path)[0] == 200
        time.sleep(0.3)
        assert town.given == taken
        # The system itself holds a few megabytes for each connection.
        assert taken < 20 * 2_000 / 2
    wait_until(lambda: town.closed == 20)


def test_a_reader_who_takes_nothing_for_long_is_left(
    town: Town, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "SILENCE_S", 1)
    with Client(port, receive_buffer=4_096) as client:
        client.send(head("GET", "/long"))
        wait_until(lambda: town.closed == 1)


def test_a_long_answer_comes_whole(town: Town, port: int) -> None:
    with Client(port) as client:
        said = client.send(head("GET", "/long", "Connection: close")).rest()
    assert said.partition(b"\r\n\r\n")[2].count(b"x") == 20_000_000
    assert town.closed == 1


def test_a_large_answer_is_no_longer_the_applications_while_its_reader_is_slow(
    town: Town, port: int
) -> None:
    with Client(port, receive_buffer=4_096) as slow:
        slow.send(head("GET", "/large", "Connection: close"))
        wait_until(lambda: town.closed == 1)
        body = slow.rest().partition(b"\r\n\r\n")[2]
    assert body.endswith(b"0\r\n\r\n")
    with Client(port) as quick:
        said = quick.send(head("GET", "/large", "Connection: close")).rest()
    assert _unchunked(said.partition(b"\r\n\r\n")[2]) == _unchunked(body) == Large(town)[0]


def _unchunked(body: bytes) -> bytes:
    pieces = []
    while size := int(body.partition(b"\r\n")[0], 16):
        rest = body.partition(b"\r\n")[2]
        pieces.append(rest[:size])
        body = rest[size + 2 :]
    return b"".join(pieces)


def test_who_leaves_while_sending_is_forgotten(town: Town, port: int) -> None:
    slow_sender(port).socket.close()
    assert get(port) == (200, b"hello 0")
    assert len(town.asked) == 1


def test_so_many_wait_and_no_more(town: Town, port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bridge, "MOST_WAITING", 5)
    with ExitStack() as open_:
        for _ in range(bridge.THREADS + 5):
            open_.enter_context(Client(port)).send(head("GET", "/wait"))
        wait_until(lambda: len(town.asked) == bridge.THREADS)
        wait_until(lambda: get(port) == (503, b"refused 503"))
        assert get(port, "/healthz")[0] == 200
        town.gate.set()
        wait_until(lambda: get(port)[0] == 200)


def test_nobody_waits_for_ever(town: Town, port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bridge, "WAIT_S", 0.2)
    with ExitStack() as open_:
        for _ in range(bridge.THREADS):
            open_.enter_context(Client(port)).send(head("GET", "/wait"))
        wait_until(lambda: len(town.asked) == bridge.THREADS)
        assert get(port) == (503, b"refused 503")
        town.gate.set()


def test_writers_that_wait_leave_room_for_readers(town: Town, port: int) -> None:
    with ExitStack() as open_:
        for _ in range(20):
            client = open_.enter_context(Client(port))
            client.send(head("POST", "/wait", "Content-Length: 1"), b"a")
        wait_until(lambda: len(town.asked) == bridge.WRITERS)
        assert get(port) == (200, b"hello 0")
        town.gate.set()
        wait_until(lambda: len(town.asked) == 21)


def test_an_application_that_fails_is_said_to(town: Town, port: int) -> None:
    assert get(port, "/fail") == (500, b"refused 500")
    assert get(port)[0] == 200


def test_a_head_that_does_not_come_and_a_connection_that_idles_are_ended(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "HEAD_S", 0.5)
    with Client(port) as silent, Client(port) as slow:
        slow.send(b"GET / HTTP/1.1\r\nHost: local")
        assert b" 408 " in slow.rest()
        silent.rest()


def test_a_connection_that_asks_nothing_more_is_closed(
    town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "IDLE_S", 1)
    with serving(town, tmp_path) as port, Client(port) as client:
        assert client.send(head("GET")).answer()[0] == 200
        assert client.rest() == b""


def test_one_more_connection_than_there_is_room_for_ends_one_that_waits(
    town: Town, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "MOST_CONNECTIONS", 30)
    with ExitStack() as open_:
        working = open_.enter_context(Client(port)).send(head("GET", "/wait"))
        wait_until(lambda: len(town.asked) == 1)
        senders = [open_.enter_context(slow_sender(port)) for _ in range(40)]
        assert get(port) == (200, b"hello 0")
        assert sum(sender.is_closed() for sender in senders) >= 10
        assert not working.is_closed()
        town.gate.set()
        assert working.answer()[0] == 200


def test_one_more_body_than_an_address_may_send_ends_its_slowest(
    town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "MOST_OF_AN_ADDRESS", 10)
    mine, other = "X-Forwarded-For: 10.0.0.1", "X-Forwarded-For: 2001:db8::1"
    with serving(town, tmp_path, proxies=1) as port, ExitStack() as open_:
        others = open_.enter_context(slow_sender(port, "/", other))
        senders = [open_.enter_context(slow_sender(port, "/", mine)) for _ in range(10)]
        time.sleep(0.3)
        with Client(port) as quick:
            quick.send(head("POST", "/", "Content-Length: 3", mine), b"abc")
            assert quick.answer() == (200, b"hello 3")
        wait_until(lambda: sum(sender.is_closed() for sender in senders) == 1)
        assert not others.is_closed()


@pytest.mark.parametrize("bound", ["MOST_ON_DISK", "MOST_ON_DISK_OF_AN_ADDRESS"])
def test_bodies_do_not_fill_the_disk(
    town: Town, port: int, monkeypatch: pytest.MonkeyPatch, bound: str
) -> None:
    monkeypatch.setattr(bodies, bound, 1_000_000)
    with ExitStack() as open_:
        first, second = (open_.enter_context(Client(port)) for _ in range(2))
        first.send(head("POST", "/", "Content-Length: 900000"), b"a" * 800_000)
        time.sleep(0.2)
        second.send(head("POST", "/", "Content-Length: 900000"), b"a" * 800_000)
        assert second.answer() == (503, b"refused 503")
    assert not town.asked


def test_a_disk_that_is_nearly_full_takes_no_large_body(
    town: Town, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "LEAST_FREE", 10**18)
    with Client(port) as client:
        client.send(head("POST", "/", "Content-Length: 400000"), b"a" * 400_000)
        assert client.answer()[0] == 503
    with Client(port) as client:
        client.send(head("POST", "/", "Content-Length: 200000"), b"a" * 200_000)
        assert client.answer() == (200, b"hello 200000")


def test_what_is_asked_in_a_row_is_answered_in_a_row(port: int) -> None:
    with Client(port) as client:
        client.send(head("GET", "/healthz") + head("HEAD", "/healthz") + head("GET", "/healthz"))
        client.send(head("GET", "/", "Connection: close"))
        said = client.rest()
    assert said.count(b"HTTP/1.1 200 OK") == 4
    assert said.count(b"ok\n") == 2
    assert said.endswith(b"hello 0")


def test_who_asks_whether_to_send_is_told_to(port: int) -> None:
    with Client(port) as client:
        client.send(head("POST", "/", "Expect: 100-continue", "Content-Length: 3"))
        assert client.socket.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        assert client.send(b"abc").answer() == (200, b"hello 3")


def test_the_end_waits_for_answers_and_for_nobody_else(
    town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "DRAIN_S", 2)
    with ExitStack() as open_:
        with serving(town, tmp_path) as port:
            open_.enter_context(slow_sender(port))
            working = open_.enter_context(Client(port)).send(head("GET", "/wait"))
            wait_until(lambda: len(town.asked) == 1)
            threading.Timer(0.5, town.gate.set).start()
            began = time.monotonic()
        assert working.answer() == (200, b"hello 0")
        assert time.monotonic() < began + 6
