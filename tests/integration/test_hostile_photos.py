"""Photos of large telephones get in; files made to hurt are refused with a sentence, cheaply."""

import io
import os
import resource
import signal
import struct
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from civic.storage.child import _locked
from civic.storage.photos import PhotoError, PhotoLimits, check_photo, decode_photo
from tests.photos import (
    bomb,
    exif_of,
    heic,
    jpeg,
    jpeg_of_scans,
    jpeg_of_segments,
    png_that_claims,
    telephone,
    written,
)


@pytest.fixture
def limits(tmp_path: Path) -> PhotoLimits:
    """The usual ones, with a lock of one's own."""
    return PhotoLimits(lock=tmp_path / "lock")


def refusal(data: bytes, limits: PhotoLimits) -> PhotoError:
    with pytest.raises(PhotoError) as caught:
        decode_photo(data, limits)
    return caught.value


@pytest.mark.parametrize(
    "make",
    [
        lambda: telephone(8064, 6048, "HEIF", quality=40),
        lambda: telephone(8192, 6144, "JPEG", quality=85),
        lambda: telephone(8192, 6144, "JPEG", quality=85, progressive=True),
        lambda: written(Image.new("CMYK", (4000, 3000), (0, 90, 90, 20)), quality=90),
        lambda: telephone(4000, 3000, "WEBP", lossless=True, method=0),
        lambda: written(Image.new("I;16", (4000, 3000), 40_000), "PNG"),
        lambda: telephone(4000, 3000, "AVIF", speed=10),
    ],
    ids=["heic 48", "jpeg 50", "progressive 50", "cmyk", "lossless webp", "16 bit", "avif"],
)
def test_what_telephones_and_scanners_make_gets_in(
    make: Callable[[], bytes], limits: PhotoLimits
) -> None:
    photo = decode_photo(make(), limits)
    assert max(photo.width, photo.height) == 1600
    assert len(photo.variants["large"].data) < 2_000_000


def test_a_bomb_is_refused_by_its_header(limits: PhotoLimits) -> None:
    data = bomb()
    assert len(data) < 400_000
    began, before = time.process_time(), resource.getrusage(resource.RUSAGE_CHILDREN)
    assert refusal(data, limits).code == "too_large"
    assert time.process_time() - began < 0.2
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime == before.ru_utime + before.ru_stime


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda: png_that_claims(1, 30_000_000), "too_large"),
        (lambda: png_that_claims(30_000_000, 1), "too_large"),
        (lambda: png_that_claims(20_001, 10), "too_large"),
        (lambda: png_that_claims(2**31 - 1, 2**31 - 1), "too_large"),
        (lambda: png_that_claims(0, 10), "unreadable"),
        (jpeg_of_segments, "unreadable"),
        (lambda: heic()[:300], "unreadable"),
        (lambda: heic()[:-500], "unreadable"),
        (lambda: jpeg()[:-500], "unreadable"),
        (lambda: written(Image.new("RGB", (900, 700)), "WEBP", lossless=True)[:60], "unreadable"),
        (lambda: b"\0\0\0\x18ftypisom\0\0\0\0isommp42" + bytes(400), "format"),
        (lambda: written(Image.new("RGB", (9, 9)), "TIFF"), "format"),
        (lambda: b"%!PS-Adobe-3.0 EPSF-3.0", "format"),
        (lambda: b"\0", "format"),
    ],
)
def test_what_is_refused_says_what_to_do(
    make: Callable[[], bytes], code: str, limits: PhotoLimits
) -> None:
    began = time.process_time()
    error = refusal(make(), limits)
    assert error.code == code
    assert any(word in str(error) for word in ("Choisissez", "Essayez", "Envoyez", "Enregistrez",
                                               "Recadrez"))  # fmt: skip
    assert time.process_time() - began < 2


def test_a_photo_under_another_name_is_what_its_bytes_say(limits: PhotoLimits) -> None:
    # Names are not even asked for.
    assert decode_photo(written(Image.new("RGB", (40, 30)), "PNG"), limits).width == 40


def test_what_takes_too_long_is_ended(limits: PhotoLimits) -> None:
    short = PhotoLimits(lock=limits.lock, cpu_s=1)
    assert refusal(jpeg_of_scans(), short).code == "too_complex"


def test_what_takes_too_much_memory_is_ended(limits: PhotoLimits) -> None:
    small = PhotoLimits(lock=limits.lock, memory=128 << 20)
    assert refusal(written(Image.new("RGB", (5000, 5000)), "PNG"), small).code == "too_complex"


def decoders() -> set[int]:
    """The decoders that this process has started and that have not ended."""
    found = set()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            parent = (process / "stat").read_text().rpartition(")")[2].split()[1]
            if int(parent) == os.getpid() and b"decoder.py" in (process / "cmdline").read_bytes():
                found.add(int(process.name))
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found


def first_decoder() -> int:
    """Wait for the decoder that another thread starts."""
    end = time.monotonic() + 20
    while not (started := decoders()):
        assert time.monotonic() < end
        time.sleep(0.005)
    return started.pop()


@pytest.mark.parametrize("blow", [signal.SIGSEGV, signal.SIGSTOP])
def test_a_decoder_that_crashes_or_hangs_costs_its_photo_only(
    blow: signal.Signals, limits: PhotoLimits
) -> None:
    data = jpeg_of_scans()
    quick = PhotoLimits(lock=limits.lock, wall_s=4)
    codes: list[str] = []
    asking = threading.Thread(target=lambda: codes.append(refusal(data, quick).code))
    asking.start()
    os.kill(first_decoder(), blow)
    asking.join(20)
    assert codes == ["too_complex"]
    assert not decoders()
    assert decode_photo(jpeg(), limits).width == 640


def test_one_at_a_time_and_who_cannot_wait_is_told(limits: PhotoLimits) -> None:
    impatient = PhotoLimits(lock=limits.lock, wait_s=0.1)
    with _locked(limits.bounds("JPEG")):
        began = time.monotonic()
        assert refusal(jpeg(), impatient).code == "busy"
        assert time.monotonic() - began < 2
    assert decode_photo(jpeg(), impatient).width == 640


def test_a_process_keeps_threads_for_its_pages(limits: PhotoLimits) -> None:
    codes: list[str] = []
    with _locked(limits.bounds("JPEG")):
        waiting = PhotoLimits(lock=limits.lock, wait_s=8)
        threads = [
            threading.Thread(target=lambda: codes.append(refusal(jpeg(), waiting).code))
            for _ in range(6)
        ]
        for thread in threads:
            thread.start()
        end = time.monotonic() + 6
        while len(codes) < 4 and time.monotonic() < end:
            time.sleep(0.02)
        # Two have taken their place; the others were told at once.
        assert codes == ["busy"] * 4
        for thread in threads:
            thread.join(20)
    assert codes == ["busy"] * 6


def test_the_decoder_is_given_nothing_of_ours(
    limits: PhotoLimits, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CIVIC_SECRET_KEY", "canary")
    short = PhotoLimits(lock=limits.lock, cpu_s=1)
    asking = threading.Thread(target=lambda: refusal(jpeg_of_scans(), short))
    asking.start()
    environment = Path(f"/proc/{first_decoder()}/environ").read_bytes()
    asking.join(60)
    assert b"canary" not in environment


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "HEIF"])
def test_no_broken_header_is_anything_but_refused(kind: str, limits: PhotoLimits) -> None:
    options = {"exif": exif_of((48.1, -1.6))}
    whole = written(Image.new("RGB", (64, 48), "red"), kind, **options)
    assert check_photo(io.BytesIO(whole), limits).gps == pytest.approx((48.1, -1.6))
    for at in range(0, len(whole), 2):
        for data in (
            whole[:at],
            whole[:at] + b"\xff\xff\xff\xff" + whole[at + 4 :],
            whole[:at] + b"\0\0\0\0" + whole[at + 4 :],
            whole[:at] + struct.pack(">I", at) + whole[at:],
        ):
            try:
                check_photo(io.BytesIO(data), limits)
            except PhotoError as error:
                assert error.code in {"empty", "format", "unreadable", "too_large"}  # noqa: PT017
