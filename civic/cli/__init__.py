"""The command ``civic``: every subcommand has ``--help``; exit codes are in docs/operate.md.

0: done. 1: it could not be done; the sentence on standard error says why. 2: the command was
called wrongly. 3: done, but some rows of a file were rejected, or a check found differences.
"""

import signal
import threading
from contextlib import ExitStack

with ExitStack() as loading:
    if threading.current_thread() is threading.main_thread():
        # Loading takes a second or two: Ctrl-C then ends it without a word.
        loading.callback(signal.signal, signal.SIGINT, signal.getsignal(signal.SIGINT))
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from civic.cli.root import main

__all__ = ["main"]
