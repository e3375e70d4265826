"""Forms with photos that are too large together: what was typed is kept, the photos are cut."""

from typing import Any

from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.http import parse_options_header
from werkzeug.sansio.multipart import NEED_DATA, Data, Epilogue, Field, File, MultipartDecoder

LARGEST = 250_000_000
"""A form that says it is larger is not read at all."""
FIELDS = 1_000_000
"""Bytes of a form that are not those of its files."""
CUT = "civic.cut"
"""In the environ: that at least one file of the form is not whole."""
_MOST_PARTS = 1000


class SpoiltError(Exception):
    """The body is no form, or has more or longer fields than any of ours."""


class Sieve:
    """Rewrites a multipart form piece by piece.

    A file of more than ``largest_file`` bytes ends one byte later: whoever reads it sees that it is
    too large. All that is kept is not more than ``largest`` bytes.
    """

    def __init__(self, boundary: bytes, *, largest: int, largest_file: int) -> None:
        self._decoder = MultipartDecoder(boundary, FIELDS, max_parts=_MOST_PARTS)
        self._mark = b"\r\n--" + boundary
        self._most = largest_file + 1
        self._left_of_files = largest - FIELDS
        self._left_of_fields = FIELDS
        self._left = 0
        self._is_file = False

    def take(self, piece: bytes, *, is_last: bool) -> bytes:
        """Return what is kept of ``piece`` and of what was held back; raises SpoiltError."""
        try:
            self._decoder.receive_data(piece)
            if is_last:
                self._decoder.receive_data(None)
            kept = b"".join(self._events())
        except (ValueError, RequestEntityTooLarge) as error:
            raise SpoiltError from error
        return kept

    def _events(self) -> list[bytes]:
        kept = []
        while (event := self._decoder.next_event()) is not NEED_DATA:
            if isinstance(event, Field | File):
                self._is_file, self._left = isinstance(event, File), self._most
                kept.append(self._head(event))
            elif isinstance(event, Data):
                kept.append(self._cut(event.data))
            elif isinstance(event, Epilogue):
                kept.append(self._mark + b"--\r\n")
                break
        return kept

    def _head(self, part: Field | File) -> bytes:
        lines = "".join(f"{name}: {value}\r\n" for name, value in part.headers)
        head = b"%s\r\n%s\r\n" % (self._mark, lines.encode())
        self._count(len(head))
        return head

    def _cut(self, data: bytes) -> bytes:
        if not self._is_file:
            self._count(len(data))
            return data
        data = data[: min(self._left, self._left_of_files)]
        self._left -= len(data)
        self._left_of_files -= len(data)
        return data

    def _count(self, size: int) -> None:
        self._left_of_fields -= size
        if self._left_of_fields < 0:
            raise RequestEntityTooLarge


def sieve_for(environ: dict[str, Any], **bounds: int) -> Sieve | None:
    """Return what makes the form of a request smaller; None where nothing can."""
    kind, options = parse_options_header(environ.get("CONTENT_TYPE", ""))
    boundary = options.get("boundary", "")
    size = int(environ.get("CONTENT_LENGTH") or 0)
    if kind != "multipart/form-data" or not boundary or size > LARGEST:
        return None
    return Sieve(boundary.encode("latin-1", "replace"), **bounds)
