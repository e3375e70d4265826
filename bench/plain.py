"""A bare WSGI application, served in the very same way as the town."""

import importlib
import os
import sys
from functools import partial
from pathlib import Path

from civic.serving.bridge import Bridge
from civic.serving.processes import Process, listen, run_all, serve_on


def main() -> None:
    """Serve what ``module:factory`` makes on a port: python -m bench.plain module:factory PORT."""
    module, _, name = sys.argv[1].partition(":")
    factory = getattr(importlib.import_module(module), name)

    served = Bridge(
        factory(), refusal=lambda *_: ([], b""), folder=Path(), largest=1_000, largest_file=1_000
    )

    sockets = [listen("127.0.0.1", int(sys.argv[2])) for _ in range(os.cpu_count() or 1)]
    run_all(
        [Process(partial(serve_on, sock, served), lambda _: ["/bin/false"]) for sock in sockets]
    )


if __name__ == "__main__":
    main()
