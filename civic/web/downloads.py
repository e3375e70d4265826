"""Long public answers: written to a file as far as somebody reads, and given from there.

A file is made once for all who ask while nothing has changed. Whoever reads beyond its end has
the next part made, in a transaction of its own that only reads: between the parts a reader holds
no transaction, no connection and no memory, however slowly it reads.
"""

import logging
import os
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from pathlib import Path
from tempfile import TemporaryFile
from threading import Lock
from typing import IO
from weakref import finalize

from flask import Flask, Response, current_app, request
from werkzeug.exceptions import ServiceUnavailable

from civic.database import read_only
from civic.extensions import db
from civic.web.language import locale_code
from civic.web.page_cache import stamp_before_reading

log = logging.getLogger(__name__)
PIECE = 64_000
MOST_FILES = 16
"""Each process keeps so many for those who ask next."""
_DOWNLOADS = "civic_downloads"

Parts = Callable[[], Iterator[bytes]]


class _Growing:
    """A file without a name, whose parts are made when somebody wants them."""

    def __init__(self, app: Flask, parts: Iterator[bytes]) -> None:
        self._app = app
        self._parts = parts
        self._file = _file_without_name(app.extensions["civic_settings"].data_dir)
        finalize(self, self._file.close)
        self._lock = Lock()
        self._size = 0
        self.is_broken = False

    def pieces(self) -> Iterator[bytes]:
        """Yield all of it, in pieces of at most ``PIECE`` bytes."""
        at = 0
        while piece := self.read(at):
            yield piece
            at += len(piece)

    def read(self, at: int) -> bytes:
        """Return a piece from ``at`` on, nothing at the end."""
        while at >= self._size:
            with self._lock:
                if at >= self._size and not self._grow():
                    return b""
        return os.pread(self._file.fileno(), PIECE, at)

    def _grow(self) -> bool:
        if self.is_broken:
            raise RuntimeError("what comes next could not be made")
        try:
            with self._app.app_context(), read_only():
                part = next(self._parts, None)
            if part is None:
                return False
            self._file.write(part)
            self._file.flush()
        except BaseException:
            self.is_broken = True
            raise
        self._size += len(part)
        return True


def _file_without_name(folder: Path) -> IO[bytes]:
    """Return a file in ``folder``, or where the machine keeps such where that takes none."""
    try:
        return TemporaryFile(dir=folder)
    except OSError:
        return TemporaryFile()


class _Downloads:
    """The files of this process."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._files: OrderedDict[Hashable, tuple[Hashable, _Growing]] = OrderedDict()

    def find(self, key: Hashable, stamp: Hashable, make: Callable[[], _Growing]) -> _Growing:
        """Return the file of ``key`` that is still true, made now where there is none."""
        with self._lock:
            known = self._files.pop(key, None)
            if known is None or known[0] != stamp or stamp is None or known[1].is_broken:
                known = stamp, make()
            self._files[key] = known
            if len(self._files) > MOST_FILES:
                self._files.popitem(last=False)
        return known[1]


def init_app(app: Flask) -> None:
    """Keep the files of ``app``."""
    app.extensions[_DOWNLOADS] = _Downloads()


def download(name: str, content_type: str, parts: Parts) -> Response:
    """Answer a file named ``name``, made of ``parts``.

    They are the same for everybody who asks for ``name`` under the same address and in the same
    language. Each is made in
    an application context of its own: it may ask the session, but not the request.
    """
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001
    # Who asks was read in a transaction that may be older than the stamp.
    db.session.rollback()
    stamp = stamp_before_reading()
    files: _Downloads = app.extensions[_DOWNLOADS]
    key = name, request.host_url, locale_code()
    try:
        file = files.find(key, stamp, lambda: _Growing(app, parts()))
        # What goes wrong at the start is still answered with a page.
        file.read(0)
    except OSError as error:
        log.exception("no disk takes a download")
        raise ServiceUnavailable from error
    response = Response(file.pieces(), content_type=content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
