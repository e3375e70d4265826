"""``python -m civic`` is the command ``civic``."""

from civic.cli import main

main()
