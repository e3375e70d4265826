"""The command ``civic``: every subcommand has ``--help``; exit codes are in docs/operate.md.

0: done. 1: it could not be done; the sentence on standard error says why. 2: the command was
called wrongly. 3: done, but some rows of a file were rejected, or a check found differences.
"""

from civic.cli.main import main

__all__ = ["main"]
