"""Decoding strangers' pictures, one at a time on this machine, in a process that may die.

What may break, hang or fill the memory of a process that decodes is that process alone: see
`decoder.py` beside this module, which is started anew for each picture, with an empty environment.
"""

import contextlib
import fcntl
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

_PROGRAM = Path(__file__).with_name("decoder.py")
_REFUSED = 3
"""What the program ends with when the file is damaged, or not what its header says."""
_MOST_OUTPUT = 12_000_000
"""Bytes; all sizes of a photo take one at most."""
_LOOK_AGAIN_S = 0.02
_PLACES = threading.BoundedSemaphore(2)
"""One that decodes and one that waits: the other threads of this process have pages to answer."""


class BusyError(Exception):
    """Others are decoding, and have been for as long as one may wait."""


class DecodingError(Exception):
    """Nothing came of it. ``is_damaged``: the file is broken; otherwise it asked for too much."""

    def __init__(self, *, is_damaged: bool) -> None:
        self.is_damaged = is_damaged
        super().__init__("damaged" if is_damaged else "too much")


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one decoding may take, and how long to wait for one's turn.

    ``lock`` is a file; whoever holds it decodes. It belongs to this machine.
    """

    memory: int
    cpu_s: int
    wall_s: int
    wait_s: float
    lock: Path


@dataclass(frozen=True, slots=True)
class Decoded:
    """The images that were asked for, in their order, and the most frequent colour."""

    images: list[tuple[int, int, bytes]]
    colour: str


def decode(file: IO[bytes], order: Mapping[str, Any], bounds: Bounds) -> Decoded:
    """Return what the decoder makes of ``file``, as ``order`` says.

    ``order`` holds ``make`` (photo or logo), ``format``, ``sides``, ``quality`` and ``pixels`` (the
    most). Raises BusyError, DecodingError, and OSError when no process can be started.
    """
    with _turn(bounds), _on_disk(file) as source:
        told = dict(order) | {
            "refused": _REFUSED,
            "bytes": source.seek(0, os.SEEK_END),
            "memory": bounds.memory,
            "cpu_s": bounds.cpu_s,
            "wall_s": bounds.wall_s,
        }
        os.lseek(source.fileno(), 0, os.SEEK_SET)
        status, output = _run(source, json.dumps(told), bounds.wall_s)
    if status != 0:
        raise DecodingError(is_damaged=status == _REFUSED)
    return _read(output)


@contextlib.contextmanager
def _turn(bounds: Bounds) -> Iterator[None]:
    if not _PLACES.acquire(blocking=False):
        raise BusyError
    try:
        with _locked(bounds):
            yield
    finally:
        _PLACES.release()


@contextlib.contextmanager
def _locked(bounds: Bounds) -> Iterator[None]:
    end = time.monotonic() + bounds.wait_s
    handle = os.open(bounds.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > end:
                    raise BusyError from None
                time.sleep(_LOOK_AGAIN_S)
        yield
    finally:
        os.close(handle)


@contextlib.contextmanager
def _on_disk(file: IO[bytes]) -> Iterator[IO[bytes]]:
    """Yield a file that another process can read: itself, or a copy of what is in memory."""
    file.seek(0)
    try:
        file.fileno()
    except OSError:
        with tempfile.TemporaryFile() as copy:
            copy.write(file.read())
            copy.flush()
            yield copy
    else:
        yield file


def _run(source: IO[bytes], order: str, wall_s: int) -> tuple[int, bytes]:
    """Return how the decoder ended (below zero: by which signal) and what it wrote."""
    # A process of its own, not a fork of this one: locks of native libraries would come along.
    with subprocess.Popen(
        [sys.executable, "-I", "-B", str(_PROGRAM), order],
        stdin=source,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={},
        close_fds=True,
    ) as process:
        timer = threading.Timer(wall_s, process.kill)
        timer.start()
        try:
            output = cast("IO[bytes]", process.stdout).read(_MOST_OUTPUT)
            status = process.wait()
        finally:
            timer.cancel()
    return status, output


def _read(output: bytes) -> Decoded:
    """Return the images; DecodingError for an answer that a decoder under attack made up."""
    head, _, rest = output.partition(b"\n")
    images = []
    try:
        said = json.loads(head)
        for image in said["images"]:
            data, rest = rest[: image["bytes"]], rest[image["bytes"] :]
            images.append((int(image["width"]), int(image["height"]), data))
        colour = str(said["colour"])[:7]
    except (ValueError, KeyError, TypeError) as error:
        raise DecodingError(is_damaged=True) from error
    return Decoded(images, colour)
