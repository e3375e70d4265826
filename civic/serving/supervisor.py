"""The parent of the processes of a town: starts anew what ends, and ends all when told to.

It replaces the program that loaded the application (see ``processes``), so it is a program of its
own which imports nothing but the standard library and holds a few megabytes.

    python supervisor.py LIFE '[[PID, COMMAND], …]'

LIFE is the descriptor of a pipe which closes with this process, whatever ends it: the others wait
for that at its other end.
"""

import contextlib
import json
import os
import signal
import sys
import time

RESTART_AFTER_S = 2.0
"""A process is started at most every so many seconds."""
STOP_AFTER_S = 10.0
"""What has not ended so long after it was told to is killed."""
TOLD = frozenset({signal.SIGTERM, signal.SIGINT, signal.SIGHUP})
_HEARD = TOLD | {signal.SIGCHLD}


class Supervisor:
    """Keeps each command running as one process."""

    def __init__(self, life: int, processes: list[tuple[int, list[str]]]) -> None:
        self._life = life
        self._commands = dict(enumerate(command for _, command in processes))
        self._slots = {pid: slot for slot, (pid, _) in enumerate(processes)}
        self._started_at = dict.fromkeys(self._commands, time.monotonic())

    def run(self) -> None:
        """Run until told to stop, then end all and return."""
        # Signals stay blocked and are asked for, so that none is lost while this program starts.
        # A hang-up that is ignored (nohup) never comes.
        signal.pthread_sigmask(signal.SIG_BLOCK, _HEARD)
        while True:
            heard = signal.sigtimedwait(_HEARD, RESTART_AFTER_S)
            if heard is not None and heard.si_signo in TOLD:
                break
            self._reap()
            for slot in self._commands.keys() - self._slots.values():
                if time.monotonic() - self._started_at[slot] >= RESTART_AFTER_S:
                    self._start(slot)
        self._end()

    def _start(self, slot: int) -> None:
        command = self._commands[slot]
        self._started_at[slot] = time.monotonic()
        pid = os.posix_spawn(
            command[0],
            command,
            os.environ,
            file_actions=[(os.POSIX_SPAWN_CLOSE, self._life)],
            setpgroup=0,
            setsigmask=[],
        )
        self._slots[pid] = slot

    def _reap(self) -> None:
        with contextlib.suppress(ChildProcessError):
            while (pid := os.waitpid(-1, os.WNOHANG)[0]) != 0:
                self._slots.pop(pid, None)

    def _end(self) -> None:
        self._tell(signal.SIGTERM)
        end = time.monotonic() + STOP_AFTER_S
        while self._slots and time.monotonic() < end:
            signal.sigtimedwait({signal.SIGCHLD}, 0.1)
            self._reap()
        self._tell(signal.SIGKILL)

    def _tell(self, number: int) -> None:
        for pid in self._slots:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)


if __name__ == "__main__":
    Supervisor(int(sys.argv[1]), json.loads(sys.argv[2])).run()
