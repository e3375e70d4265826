"""HEIC and AVIF: boxes within boxes; one of them, `meta`, says where everything is."""

from collections.abc import Iterator

from civic.storage.headers.source import Block, DamagedError, Source

_AVIF = frozenset({b"avif", b"avis"})
_HEIF = frozenset({b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1"})
_MOST_BRANDS = 64
_MOST_META = 100_000
"""Bytes; the 192 tiles of a telephone's 48 megapixels take some ten thousand."""
_MOST_EXIF = 200_000
Box = tuple[bytes, int, int]
"""Name, and where what it holds begins and ends."""


def format_of(source: Source) -> str | None:
    """Return AVIF or HEIF, None for a film or anything else that is made of boxes."""
    length = min(source.number(0, 4), source.size, 8 * _MOST_BRANDS)
    text = source.read(8, max(length - 8, 4))
    brands = {text[:4], *(text[at : at + 4] for at in range(8, len(text), 4))}
    if brands & _AVIF:
        return "AVIF"
    return "HEIF" if brands & _HEIF else None


def read_size(source: Source) -> tuple[int, int]:
    """Return width and height of the primary image, before it is turned."""
    meta = _Meta(source)
    properties = meta.properties()
    for index in meta.associations().get(meta.primary(), ()):
        name, start, end = properties[index - 1] if 0 < index <= len(properties) else (b"", 0, 0)
        if name == b"ispe" and end - start >= 12:
            return meta.number(start + 4, 4), meta.number(start + 8, 4)
    raise DamagedError


def find_exif(source: Source) -> Block | None:
    """Return the metadata of the camera, from where the list of items says that they are."""
    meta = _Meta(source)
    wanted = meta.exif_item()
    place = meta.location(wanted) if wanted is not None else None
    if place is None:
        return None
    at, length = place
    block = source.read(at, min(length, _MOST_EXIF))
    return block[4 + int.from_bytes(block[:4], "big") :]


class _Meta:
    """The box `meta`, in memory. Raises DamagedError wherever it ends too early."""

    def __init__(self, source: Source) -> None:
        self._data = b""
        at = 0
        while at + 8 <= source.size:
            length, name = source.number(at, 4), source.read(at + 4, 4)
            head = 8
            if length == 1:
                length, head = source.number(at + 8, 8), 16
            elif length == 0:
                length = source.size - at
            if name == b"meta":
                # Beyond the version and the flags.
                start, end = at + head + 4, at + length
                if not 0 < end - start <= _MOST_META:
                    raise DamagedError
                self._data = source.read(start, end - start)
                break
            if length < head:
                raise DamagedError
            at += length
        if not self._data:
            raise DamagedError
        self._boxes = {name: (start, end) for name, start, end in self._within(0, len(self._data))}

    def number(self, at: int, length: int) -> int:
        """Return the big-endian number at ``at``; of no length, zero."""
        if not 0 <= at <= len(self._data) - length:
            raise DamagedError
        return int.from_bytes(self._data[at : at + length], "big")

    def primary(self) -> int:
        """Return the id of the image that is meant to be shown."""
        start, _ = self._box(b"pitm")
        return self.number(start + 4, 2 if self.number(start, 1) == 0 else 4)

    def properties(self) -> list[Box]:
        """Return the properties that items share, in their order."""
        start, end = self._box(b"iprp")
        for name, inner, inner_end in self._within(start, end):
            if name == b"ipco":
                return list(self._within(inner, inner_end))
        raise DamagedError

    def associations(self) -> dict[int, list[int]]:
        """Return the places, from 1, of the properties of each item."""
        found: dict[int, list[int]] = {}
        start, end = self._box(b"iprp")
        for name, inner, _ in self._within(start, end):
            if name == b"ipma":
                self._associate(inner, found)
        return found

    def _associate(self, at: int, found: dict[int, list[int]]) -> None:
        id_length = 2 if self.number(at, 1) == 0 else 4
        wide = self.number(at + 3, 1) & 1
        count = self.number(at + 4, 4)
        at += 8
        for _ in range(count):
            item = self.number(at, id_length)
            number = self.number(at + id_length, 1)
            at += id_length + 1
            size, mask = (2, 0x7FFF) if wide else (1, 0x7F)
            found[item] = [self.number(at + size * n, size) & mask for n in range(number)]
            at += size * number

    def exif_item(self) -> int | None:
        """Return the id of the item that holds the metadata of the camera."""
        if b"iinf" not in self._boxes:
            return None
        start, end = self._box(b"iinf")
        start += 6 if self.number(start, 1) == 0 else 8
        for name, inner, inner_end in self._within(start, end):
            version = self.number(inner, 1)
            id_length = 2 if version == 2 else 4
            kind = inner + 4 + id_length + 2
            is_item = name == b"infe" and version >= 2 and kind + 4 <= inner_end
            if is_item and self._data[kind : kind + 4] == b"Exif":
                return self.number(inner + 4, id_length)
        return None

    def location(self, wanted: int) -> tuple[int, int] | None:
        """Return position in the file and length of an item that is in one piece."""
        at, _ = self._box(b"iloc")
        version = self.number(at, 1)
        sizes = self.number(at + 4, 2)
        offset_size, length_size, base_size = (sizes >> shift & 15 for shift in (12, 8, 4))
        index_size = sizes & 15 if version in {1, 2} else 0
        id_length = 4 if version == 2 else 2
        count = self.number(at + 6, id_length)
        at += 6 + id_length
        for _ in range(count):
            item = self.number(at, id_length)
            at += id_length
            in_file = True
            if version in {1, 2}:
                in_file = self.number(at, 2) & 15 == 0
                at += 2
            base = self.number(at + 2, base_size)
            extents = self.number(at + 2 + base_size, 2)
            at += 4 + base_size
            if item == wanted:
                offset = base + self.number(at + index_size, offset_size)
                length = self.number(at + index_size + offset_size, length_size)
                return (offset, length) if in_file and extents == 1 else None
            at += extents * (index_size + offset_size + length_size)
        return None

    def _box(self, name: bytes) -> tuple[int, int]:
        if name not in self._boxes:
            raise DamagedError
        return self._boxes[name]

    def _within(self, at: int, end: int) -> Iterator[Box]:
        while at + 8 <= end:
            length = self.number(at, 4) or end - at
            if length < 8 or at + length > end:
                raise DamagedError
            yield self._data[at + 4 : at + 8], at + 8, at + length
            at += length
