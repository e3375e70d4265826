"""The program that decodes one picture, in a process of its own that is given little.

It runs as a script and imports nothing of civic. The file comes on standard input; what is made of
it goes to standard output: one line of JSON, then the images that it announces, one after another.
The file may have been made to attack a decoder: memory, processor time and open files are limited
before its first byte is read, and only the decoder that its header names is tried.
"""

import importlib
import io
import json
import os
import resource
import signal
import sys
import warnings
from typing import Any

from PIL import ExifTags, Image, ImageCms, ImageOps

FILES = 16
TOO_MUCH = 4
"""What the program ends with when the memory it was given is not enough."""


def main(order: dict[str, Any]) -> int:
    """Decode standard input as ``order`` says, write the answer, and return the exit status."""
    _limit(order["memory"], order["cpu_s"], order["wall_s"])
    warnings.simplefilter("ignore")
    data = sys.stdin.buffer.read(order["bytes"])
    try:
        picture = _opened(data, order)
        if picture is None:
            return TOO_MUCH
        answer, images = _ways[order["make"]](picture, order)
    except MemoryError:
        return TOO_MUCH
    except Exception as error:  # noqa: BLE001 - decoders of broken files raise anything
        return TOO_MUCH if "memory" in str(error).lower() else int(order["refused"])
    head = {**answer, "images": [{**facts, "bytes": len(data)} for facts, data in images]}
    sys.stdout.buffer.write(json.dumps(head).encode() + b"\n")
    for _, image in images:
        sys.stdout.buffer.write(image)
    return 0


def _limit(memory: int, cpu_s: int, wall_s: int) -> None:
    for what, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, cpu_s),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))
    # Whoever asked may be gone: a decoder that hangs ends by itself.
    signal.alarm(wall_s)
    os.nice(10)


def _opened(data: bytes, order: dict[str, Any]) -> Image.Image | None:
    """Return the picture, not decoded yet; None for one that is larger than its header said."""
    if order["format"] == "HEIF":
        heif = importlib.import_module("pillow_heif")  # slow: only where it is needed
        heif.register_heif_opener(thumbnails=False)
        heif.options.DECODE_THREADS = 1
    Image.MAX_IMAGE_PIXELS = None
    picture = Image.open(io.BytesIO(data), formats=(order["format"],))
    return picture if picture.width * picture.height <= order["pixels"] else None


def _photo(picture: Image.Image, order: dict[str, Any]) -> tuple[dict[str, Any], list[Any]]:
    """Return JPEGs of each side in ``sides``, from the largest down, and the usual colour."""
    current = _upright(picture, order["sides"][0])
    images = []
    for side in order["sides"]:
        # Each is made from the one before.
        current = current.copy()
        current.thumbnail((side, side), Image.Resampling.LANCZOS)
        facts = {"width": current.width, "height": current.height}
        images.append((facts, _written(current, order["quality"])))
    return {"colour": _dominant_colour(current)}, images


def _logo(picture: Image.Image, order: dict[str, Any]) -> tuple[dict[str, Any], list[Any]]:
    """Return one PNG, transparent where it is."""
    side = order["sides"][0]
    picture.draft(None, (side, side))
    small = ImageOps.exif_transpose(picture).convert("RGBA")
    small.thumbnail((side, side), Image.Resampling.LANCZOS)
    clean = Image.new("RGBA", small.size)
    clean.paste(small)
    out = io.BytesIO()
    clean.save(out, "PNG", optimize=True)
    return {"colour": ""}, [({"width": clean.width, "height": clean.height}, out.getvalue())]


_ways = {"photo": _photo, "logo": _logo}


def _upright(picture: Image.Image, side: int) -> Image.Image:
    """Return the photo at the largest size kept, turned as it was held, in plain sRGB."""
    orientation = picture.getexif().get(ExifTags.Base.Orientation, 1)
    profile = picture.info.get("icc_profile")
    # A JPEG is decoded at a fraction of its size where that is enough: quicker, and less memory.
    picture.draft(None, (side, side))
    picture.load()
    if picture.mode.startswith("I"):
        # A grey of 16 bits, as scanners write it.
        flat = picture.convert("I").point(lambda value: value * (1 / 256) + 0).convert("L")
        flat.thumbnail((side, side), Image.Resampling.LANCZOS)
    elif "transparency" in picture.info or picture.mode in {"RGBA", "LA", "PA", "RGBa", "La"}:
        layer = picture if picture.mode == "RGBA" else picture.convert("RGBA")
        layer.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=2.0)
        flat = Image.new("RGB", layer.size, "white")
        flat.paste(layer, mask=layer.getchannel("A"))
    else:
        flat = picture if picture.mode in {"RGB", "L", "CMYK"} else picture.convert("RGB")
        flat.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=2.0)
    coloured = _in_srgb(flat, profile)
    # Onto a new image: the old one drags comments and profiles along in its `info`.
    clean = Image.new("RGB", coloured.size)
    clean.paste(coloured)
    clean.getexif()[ExifTags.Base.Orientation] = orientation
    return ImageOps.exif_transpose(clean)


def _in_srgb(picture: Image.Image, profile: object) -> Image.Image:
    """Return the photo in RGB, its colours translated from the profile of the camera."""
    if isinstance(profile, bytes) and picture.mode in {"RGB", "CMYK"}:
        try:
            translated = ImageCms.profileToProfile(
                picture,
                ImageCms.ImageCmsProfile(io.BytesIO(profile)),
                ImageCms.createProfile("sRGB"),
                outputMode="RGB",
            )
        except (ImageCms.PyCMSError, OSError, ValueError):
            pass  # a broken profile costs a little colour, not the photo
        else:
            if translated is not None:
                return translated
    return picture.convert("RGB")


def _written(picture: Image.Image, quality: int) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=quality, optimize=True, progressive=True)
    return buffer.getvalue()


def _dominant_colour(picture: Image.Image) -> str:
    sample = picture.resize((48, 48), Image.Resampling.BOX).quantize(colors=6)
    counts = sample.histogram()
    palette = sample.getpalette() or []
    most = 3 * counts.index(max(counts))
    red, green, blue = palette[most : most + 3]
    return f"#{red:02x}{green:02x}{blue:02x}"


if __name__ == "__main__":
    sys.exit(main(json.loads(sys.argv[1])))
