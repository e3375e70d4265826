"""Reading the files of a database that is open in this process."""

import subprocess
from pathlib import Path


def read_apart(path: Path) -> bytes:
    """Return what the file holds, read by another process.

    Closing any descriptor of a file gives up all POSIX locks that this process has on it. Another
    process that then opens the database believes to be the first and truncates the shared memory
    under this one, which ends with a bus error. https://sqlite.org/howtocorrupt.html, 2.2
    """
    return subprocess.run(["cat", path], check=True, capture_output=True).stdout
