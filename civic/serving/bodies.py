"""Bodies of requests: read whole, within a time, to memory or to a file without a name."""

import asyncio
import ipaddress
import logging
import shutil
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import Any

from civic.serving.sieve import Sieve, SpoiltError
from civic.settings import LEAST_FREE

log = logging.getLogger(__name__)

IN_MEMORY = 256_000
SILENCE_S = 30
LOWEST_RATE = 500
"""Bytes a second on average; the first ``SILENCE_S`` seconds are given to everybody."""
LONGEST_S = 300
MOST_BODIES = 256
"""At once in one process; one more ends the slowest of the address that sends most of them."""
MOST_OF_AN_ADDRESS = 64
MOST_ON_DISK = 1_000_000_000
MOST_ON_DISK_OF_AN_ADDRESS = 400_000_000

Receive = Callable[[], Awaitable[Any]]


class Refused(Exception):
    """The request is not taken: answered with ``code`` by the server itself."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class Gone(Exception):
    """The client went away."""


@dataclass(slots=True, eq=False)
class Body:
    """What one client sends: ``size`` bytes came, ``kept`` wait in a file until it is whole."""

    address: str
    since: float
    file: SpooledTemporaryFile[bytes]
    sieve: Sieve | None = None
    size: int = 0
    kept: int = 0
    on_disk: int = 0
    is_whole: bool = False
    patience: asyncio.Timeout | None = field(default=None, repr=False)

    def rate(self, now: float) -> float:
        """Bytes a second so far."""
        return self.size / max(now - self.since, 1.0)


class Bodies:
    """All bodies of this process that are being read or worked on."""

    def __init__(self, folder: Path, largest: int) -> None:
        self.largest = largest
        self._folder = folder
        self._all: set[Body] = set()
        # A disk that is slow must not keep the loop from the others.
        self._disk = ThreadPoolExecutor(1, thread_name_prefix="bodies")

    @asynccontextmanager
    async def read(
        self, receive: Receive, address: str, sieve: Sieve | None = None
    ) -> AsyncIterator[Body]:
        """Yield all of the body, or what ``sieve`` keeps; raises Refused (408, 413, 503), Gone."""
        loop = asyncio.get_running_loop()
        address = _network(address)
        self._make_room(address, loop.time())
        with SpooledTemporaryFile(IN_MEMORY, dir=str(self._folder)) as file:
            body = Body(address, loop.time(), file, sieve)
            self._all.add(body)
            try:
                await self._fill(body, receive)
                yield body
            finally:
                self._all.discard(body)

    async def _fill(self, body: Body, receive: Receive) -> None:
        loop = asyncio.get_running_loop()
        try:
            while not body.is_whole:
                async with asyncio.timeout_at(_latest(body, loop.time())) as body.patience:
                    message = await receive()
                if message["type"] != "http.request":
                    raise Gone
                is_whole = not message["more_body"]
                body.size += len(piece := message["body"])
                if sieve := body.sieve:
                    piece = sieve.take(piece, is_last=is_whole)
                await self._keep(body, piece)
                body.is_whole = is_whole
        except SpoiltError:
            raise Refused(413) from None
        except TimeoutError:
            raise Refused(408) from None
        except OSError:
            raise Refused(503) from None
        body.file.seek(0)

    async def _keep(self, body: Body, piece: bytes) -> None:
        body.kept += len(piece)
        if body.kept > self.largest:
            raise Refused(413)
        if body.kept <= IN_MEMORY:
            body.file.write(piece)
            return
        self._make_room_on_disk(body, body.kept - body.on_disk)
        body.on_disk = body.kept
        write = asyncio.get_running_loop().run_in_executor(self._disk, body.file.write, piece)
        await write

    def _make_room(self, address: str, now: float) -> None:
        """Where too many are being read, end the slowest of those that have had their chance."""
        unfinished = [body for body in self._all if not body.is_whole]
        count = Counter(body.address for body in unfinished)
        if count[address] < MOST_OF_AN_ADDRESS:
            if len(unfinished) < MOST_BODIES:
                return
            [(address, _)] = count.most_common(1)
        slow = [body for body in unfinished if body.address == address and body.patience]
        _end(min(slow, key=lambda body: body.rate(now), default=None), now)

    def _make_room_on_disk(self, body: Body, more: int) -> None:
        """Raise Refused when what is being read would fill the disk."""
        if body.on_disk == 0 and shutil.disk_usage(self._folder).free < LEAST_FREE:
            log.error("the disk is nearly full: forms with photos are refused")
            raise Refused(503)
        of_address = sum(b.on_disk for b in self._all if b.address == body.address)
        if (
            sum(b.on_disk for b in self._all) + more > MOST_ON_DISK
            or of_address + more > MOST_ON_DISK_OF_AN_ADDRESS
        ):
            raise Refused(503)


def _latest(body: Body, now: float) -> float:
    """Return when the body is given up: silent, too slow on average, or simply too long."""
    return min(
        now + SILENCE_S,
        body.since + SILENCE_S + body.size / LOWEST_RATE,
        body.since + LONGEST_S,
    )


def _end(body: Body | None, now: float) -> None:
    if body is None or body.patience is None or body.patience.expired():
        raise Refused(503)
    body.patience.reschedule(now)


def _network(address: str) -> str:
    """Return what is counted as one sender: an address, or the /64 that a home has in IPv6."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return address
    if known.version == 4:
        return address
    return str(ipaddress.ip_network((known, 64), strict=False))
