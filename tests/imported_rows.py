"""The rows of a file, for tests that look at all of them."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from civic.imports.readers import Row, open_source


def read_rows(path: Path) -> Iterator[Row]:
    """Yield the rows of ``path`` and close it after."""
    with closing(open_source(path)) as source:
        yield from source.rows
