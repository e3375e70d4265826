"""The processes of a town: copies of one that has loaded the application already.

What they share is held once. Then the first becomes the supervisor, a small program; one of the
others that ends is replaced by a fresh one.
"""

import atexit
import contextlib
import ctypes
import gc
import json
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from typing import NoReturn

import uvicorn

from civic.serving import supervisor
from civic.serving.bridge import Bridge
from civic.serving.connections import Connection, look_at

IDLE_S = 15
"""A connection that asks for nothing more is closed after so long."""
DRAIN_S = 5
"""So long may what is being answered go on after SIGTERM."""
BACKLOG = 2_048
TRIM_S = 15
"""So often what a crowd of requests has left free goes back to the system."""
_THREADS_END_S = 1.0
_M_ARENA_MAX = -8


@dataclass(frozen=True, slots=True)
class Process:
    """One of the processes: what a copy does, and the command that starts a fresh one."""

    work: Callable[[], None]
    command: Callable[[int], Sequence[str]]
    """Given the descriptor of the pipe that says whether the supervisor lives."""


def listen(host: str, port: int) -> socket.socket:
    """Return one of several sockets that share a port; other programs started here may use it."""
    sock = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    sock.bind((host, port))
    sock.listen(BACKLOG)
    sock.set_inheritable(True)
    return sock


def serve_on(sock: socket.socket, bridge: Bridge) -> None:
    """Serve until SIGTERM; what is being answered then has a few seconds left."""
    server_of(bridge).run(sockets=[sock])


def server_of(bridge: Bridge) -> uvicorn.Server:
    """Return a server of one process, which serves until it should exit."""
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)

    loop_turns = count()

    async def watch() -> None:
        look_at(server.server_state.connections)
        if next(loop_turns) % TRIM_S == TRIM_S - 1:
            give_memory_back()

    config = uvicorn.Config(
        bridge,
        http=Connection,
        interface="asgi3",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        backlog=BACKLOG,
        timeout_keep_alive=IDLE_S,
        timeout_graceful_shutdown=DRAIN_S,
        callback_notify=watch,
        timeout_notify=1,
    )
    server = uvicorn.Server(config)
    return server


def run_all(processes: Sequence[Process]) -> NoReturn:
    """Start each of ``processes`` as a copy of this one, and become their supervisor.

    The caller leaves no connection open that copies must not share.
    """
    _wait_for_threads()
    gc.collect()
    give_memory_back()
    # What is there now is never looked at again by the collector, and so stays shared.
    gc.freeze()
    signal.pthread_sigmask(signal.SIG_BLOCK, supervisor.TOLD)
    life, ours = os.pipe()
    for end in (life, ours):
        os.set_inheritable(end, True)
    pids = []
    for process in processes:
        pid = os.fork()
        if pid == 0:
            os.close(ours)
            be(process.work, life)
        pids.append(pid)
    commands = [process.command(life) for process in processes]
    said = json.dumps(list(zip(pids, commands, strict=True)))
    os.execv(  # noqa: S606 (a shell would only be in the way)
        sys.executable, [sys.executable, "-IS", supervisor.__file__, str(ours), said]
    )


def be(work: Callable[[], None], life: int) -> NoReturn:
    """Do the work of one process to its end; it ends with the supervisor, too."""
    # In a group of its own: Ctrl-C is for the supervisor, which then ends this one.
    with contextlib.suppress(PermissionError):
        os.setpgid(0, 0)
    for number in supervisor.TOLD:
        signal.signal(number, _exit)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, supervisor.TOLD)
    threading.Thread(target=_end_with, args=(life,), name="life", daemon=True).start()
    try:
        work()
    except SystemExit as end:
        _leave(end.code if isinstance(end.code, int) else 1)
    except BaseException:
        logging.getLogger(__name__).exception("a process ended")
        _leave(1)
    _leave(0)


def _exit(*_: object) -> NoReturn:
    raise SystemExit(0)


def _end_with(life: int) -> None:
    os.read(life, 1)
    os.kill(os.getpid(), signal.SIGTERM)


def _leave(code: int) -> NoReturn:
    # What is noted is still written; but a thread that works must not hold the process.
    atexit._run_exitfuncs()  # noqa: SLF001 (os._exit does not call them)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _wait_for_threads() -> None:
    for thread in threading.enumerate():
        if thread is not threading.current_thread():
            thread.join(_THREADS_END_S)


def give_memory_back() -> None:
    """Return to the system what is free, and let threads share the rest (where libc knows how)."""
    with contextlib.suppress(OSError, AttributeError):
        libc = ctypes.CDLL(None)
        libc.malloc_trim(0)
        libc.mallopt(_M_ARENA_MAX, 2)
