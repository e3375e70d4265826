"""Photos for tests, made on the spot."""

import io

from PIL import Image


def jpeg(
    width: int = 640,
    height: int = 480,
    colour: str = "#3b6e8f",
    gps: tuple[float, float] | None = None,
) -> bytes:
    """A plain JPEG; ``gps`` is written as a phone does, in degrees north and east."""
    exif = Image.Exif()
    if gps is not None:
        lat, lon = gps
        exif[0x8825] = {
            1: "N" if lat >= 0 else "S",
            2: (abs(lat), 0.0, 0.0),
            3: "E" if lon >= 0 else "W",
            4: (abs(lon), 0.0, 0.0),
        }
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(buffer, "JPEG", exif=exif)
    return buffer.getvalue()
