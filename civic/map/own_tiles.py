"""The town's own background: images read out of one local PMTiles file."""

from functools import lru_cache
from pathlib import Path

from pmtiles.reader import MmapSource, Reader
from pmtiles.tile import Compression, TileType

from civic.settings import SettingError, Settings

_IMAGES = {
    TileType.PNG: "image/png",
    TileType.JPEG: "image/jpeg",
    TileType.WEBP: "image/webp",
    TileType.AVIF: "image/avif",
}
_PLAIN = {Compression.NONE, Compression.UNKNOWN}
DEEPEST = 30


def has_own_tiles(settings: Settings) -> bool:
    """Whether the background is a file of this machine."""
    return settings.tiles.endswith(".pmtiles")


def require_own_tiles(settings: Settings) -> None:
    """Raise SettingError, naming what is wrong, when the file cannot be the background."""
    if not has_own_tiles(settings):
        return
    try:
        _opened(settings.tiles)
    except OSError as error:
        raise SettingError(f"CIVIC_TILES={settings.tiles!r}: {error.strerror or error}.") from None
    except ValueError as error:
        raise SettingError(f"CIVIC_TILES={settings.tiles!r}: {error}.") from None


def own_tile(settings: Settings, z: int, x: int, y: int) -> tuple[bytes | None, str]:
    """Return the image of one tile, None where the file has none, and its content type."""
    reader, mimetype = _opened(settings.tiles)
    on_the_map = z <= DEEPEST and x < 1 << z and y < 1 << z
    return (reader.get(z, x, y) if on_the_map else None), mimetype


def own_deepest_zoom(settings: Settings) -> int:
    """Return the greatest zoom that the file has images of; past it they are enlarged."""
    return int(_opened(settings.tiles)[0].header()["max_zoom"])


@lru_cache(maxsize=1)
def _opened(path: str) -> tuple[Reader, str]:
    with Path(path).open("rb") as file:
        # The mapping into memory outlives the file's handle.
        reader = Reader(MmapSource(file))
    try:
        header = reader.header()
    except Exception:  # noqa: BLE001 (the library raises anything, of its own too)
        raise ValueError("not a PMTiles file (version 3)") from None
    mimetype = _IMAGES.get(header["tile_type"])
    if mimetype is None or header["tile_compression"] not in _PLAIN:
        raise ValueError("a file with images is expected (PNG, JPEG, WebP or AVIF), not vectors")
    return reader, mimetype
