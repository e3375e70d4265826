"""From uvicorn to the WSGI application: requests read whole, a few threads, a bounded queue."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from contextvars import copy_context
from functools import lru_cache
from itertools import chain, islice
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

from civic.serving.bodies import Bodies, Gone, Receive, Refused
from civic.serving.environ import REUSED, Environ, environ_of, has_one_meaning
from civic.serving.sieve import CUT, sieve_for

log = logging.getLogger(__name__)

THREADS = 6
WRITERS = 4
"""So many threads at most work on requests that write: they may have to wait for each other."""
MOST_WAITING = 64
WAIT_S = 20
"""A request that no thread took within so long is answered 503."""
PIECE = 64_000
"""So much of an answer is given at once to a client; more waits until it has taken that."""
SLOWEST_PIECE_S = 130
LARGEST_IN_MEMORY = 500_000
"""An answer that comes in one larger piece waits for its client on disk."""
READING = frozenset({"GET", "HEAD", "OPTIONS"})
AT_ONCE = "civic.at_once"
"""In the environ: answer only what needs no waiting, and nothing at all otherwise."""

Headers = list[tuple[str, str]]
Send = Callable[[Any], Any]
Wsgi = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]
Refusal = Callable[[int, Environ], tuple[Headers, bytes]]


class Answer:
    """What the application answers, taken from it piece by piece in threads."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.status = ""
        self.headers: Headers = []
        self.is_whole = True
        self._context = copy_context()
        self._pieces: Iterator[bytes] = iter(())
        self._close: Callable[[], None] | None = None

    def begin(self, app: Wsgi, environ: Environ) -> bytes:
        """Ask the application; return the first piece."""
        return self._context.run(self._begin, app, environ)

    def more(self) -> bytes:
        """Return the next piece."""
        return self._context.run(self._take)

    def end(self) -> None:
        """Give the application's answer back, however much of it was taken."""
        self._context.run(self._end)

    def _begin(self, app: Wsgi, environ: Environ) -> bytes:
        pieces = app(environ, self._start)
        self._close = getattr(pieces, "close", None)
        self._pieces = iter(pieces)
        return self._take()

    def _take(self) -> bytes:
        taken, size = [], 0
        for piece in self._pieces:
            taken.append(piece)
            size += len(piece)
            if size >= PIECE:
                break
        self.is_whole = size < PIECE
        if size > LARGEST_IN_MEMORY:
            with suppress(OSError):
                self._put_down(taken)
                return next(self._pieces)
        if self.is_whole:
            self._end()
        return b"".join(taken)

    def _put_down(self, taken: list[bytes]) -> None:
        """Go on from a file; the application's answer is given back if that is all of it."""
        file = TemporaryFile(dir=self._folder)  # noqa: SIM115 (closed by who reads it)
        file.writelines(taken)
        file.seek(0)
        following = list(islice(self._pieces, 1))
        if not following:
            self._end()
        self._pieces = chain(_pieces_of(file), following, self._pieces)

    def _end(self) -> None:
        close, self._close = self._close, None
        if close is not None:
            close()

    def _start(self, status: str, headers: Headers, _error: object = None) -> None:
        self.status, self.headers = status, headers


def _pieces_of(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(PIECE):
            yield piece


class Bridge:
    """An ASGI application made of a WSGI application."""

    def __init__(
        self,
        app: Wsgi,
        *,
        refusal: Refusal,
        folder: Path,
        largest: int,
        largest_file: int,
        proxies: int = 0,
    ) -> None:
        self._app = app
        self._refusal = refusal
        self._proxies = proxies
        self._folder = folder
        self._bounds = {"largest": largest, "largest_file": largest_file}
        self._bodies = Bodies(folder, largest)
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="request")
        self._running = asyncio.Semaphore(THREADS)
        self._writing = asyncio.Semaphore(WRITERS)
        self._waiting = 0

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        """Answer one request."""
        environ = environ_of(scope)
        try:
            await self._serve(environ, receive, send)
        except Refused as refused:
            await self._refuse(refused.code, environ, send)
        except Gone:
            return

    async def _serve(self, environ: Environ, receive: Receive, send: Send) -> None:
        if not has_one_meaning(environ):
            raise Refused(400)
        if environ["REQUEST_METHOD"] in {"GET", "HEAD"}:
            if environ["PATH_INFO"] == "/healthz":
                await _send(send, "200 OK", [("Content-Type", "text/plain")], b"ok\n")
                return
            answer = Answer(self._folder)
            body = answer.begin(self._app, environ | {AT_ONCE: True})
            if answer.status:
                await _send(send, answer.status, answer.headers, body)
                return
        size = environ.get("CONTENT_LENGTH", "")
        is_chunked = environ.pop("HTTP_TRANSFER_ENCODING", None) is not None
        is_large = not is_chunked and int(size or 0) > self._bodies.largest
        sieve = sieve_for(environ, **self._bounds) if is_large else None
        # What is said to be too large is refused by the application, in its own words.
        if (not size and not is_chunked) or (is_large and sieve is None):
            await self._answer(environ, receive, send)
            return
        async with self._bodies.read(receive, self._sender(environ), sieve) as sent:
            whole = {"wsgi.input": sent.file, "CONTENT_LENGTH": str(sent.kept)}
            await self._answer(environ | whole | {CUT: sieve is not None}, receive, send)

    async def _answer(self, environ: Environ, receive: Receive, send: Send) -> None:
        answer = Answer(self._folder)
        async with self._turn(environ["REQUEST_METHOD"] not in READING):
            try:
                piece = await self._in_thread(answer.begin, self._app, environ)
            except Exception:
                log.exception("%s %s", environ["REQUEST_METHOD"], environ["PATH_INFO"])
                raise Refused(500) from None
        if answer.is_whole:
            await _send(send, answer.status, answer.headers, piece)
        else:
            await self._stream(answer, piece, receive, send)

    async def _stream(self, answer: Answer, piece: bytes, receive: Receive, send: Send) -> None:
        """Send what is long: between its pieces it holds no thread."""
        gone = asyncio.ensure_future(_gone(receive))
        try:
            await _start(send, answer.status, answer.headers)
            while True:
                is_last = answer.is_whole
                await _give(send, piece)
                if is_last or gone.done():
                    break
                piece = await self._in_thread(answer.more)
            await _end(send)
        finally:
            gone.cancel()
            await self._in_thread(answer.end)

    async def _in_thread(self, work: Callable[..., Any], *given: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, *given)

    @asynccontextmanager
    async def _turn(self, writes: bool) -> AsyncIterator[None]:  # noqa: FBT001 (the only word)
        """Wait for a thread; raises Refused when too many do, or for too long."""
        if self._waiting >= MOST_WAITING:
            raise Refused(503)
        async with AsyncExitStack() as places:
            self._waiting += 1
            try:
                async with asyncio.timeout(WAIT_S):
                    for place in (self._writing, self._running)[not writes :]:
                        await places.enter_async_context(place)
            except TimeoutError:
                raise Refused(503) from None
            finally:
                self._waiting -= 1
            yield

    async def _refuse(self, code: int, environ: Environ, send: Send) -> None:
        headers, body = self._refusal(code, environ)
        # What comes by a connection that was used before, a browser sends once more by itself when
        # it is told 408: it would wait twice. Behind a proxy one cannot see that of its client.
        is_sent_again = code == 408 and (environ[REUSED] or self._proxies > 0)
        await _send(send, "400" if is_sent_again else str(code), headers, body)

    def _sender(self, environ: Environ) -> str:
        """Return the address that sends the request, as the nearest trusted proxy saw it."""
        seen = environ.get("HTTP_X_FORWARDED_FOR", "").split(",")
        if 0 < self._proxies <= len(seen):
            return str(seen[-self._proxies]).strip()
        return str(environ["REMOTE_ADDR"])


async def _send(send: Send, status: str, headers: Headers, body: bytes) -> None:
    await _start(send, status, headers, size=len(body))
    if len(body) <= PIECE:
        await send({"type": "http.response.body", "body": body})
        return
    await _give(send, body)
    await _end(send)


async def _start(send: Send, status: str, headers: Headers, size: int | None = None) -> None:
    said = [_encoded(header) for header in headers]
    if size and not any(name == b"content-length" for name, _ in said):
        said.append((b"content-length", b"%d" % size))
    await send({"type": "http.response.start", "status": int(status[:3]), "headers": said})


@lru_cache(maxsize=512)
def _encoded(header: tuple[str, str]) -> tuple[bytes, bytes]:
    name, value = header
    return name.lower().encode("latin-1"), value.encode("latin-1")


async def _give(send: Send, body: bytes) -> None:
    """Send ``body``, no faster than the client takes it; raises Gone when it does not."""
    try:
        for at in range(0, len(body), PIECE):
            async with asyncio.timeout(SLOWEST_PIECE_S):
                piece = body[at : at + PIECE]
                await send({"type": "http.response.body", "body": piece, "more_body": True})
    except TimeoutError:
        raise Gone from None


async def _end(send: Send) -> None:
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _gone(receive: Receive) -> None:
    """Return once the client has gone away."""
    while (await receive())["type"] != "http.disconnect":
        pass
