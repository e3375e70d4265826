"""A form that is too large keeps its fields; its files end where they are too large."""

from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.formparser import parse_form_data

from civic.serving.sieve import LARGEST, Sieve, SpoiltError, sieve_for
from tests.serving import LARGEST_BODY, LARGEST_FILE, Client, head, serving

KIND = "multipart/form-data; boundary=xyz"
BOUNDS = {"largest": LARGEST_BODY, "largest_file": LARGEST_FILE}


def form(*parts: tuple[str, str | None, bytes]) -> bytes:
    """A form as browsers write it: (name, file name, content)."""
    written = bytearray()
    for name, filename, content in parts:
        written += f'--xyz\r\nContent-Disposition: form-data; name="{name}"'.encode()
        if filename is not None:
            written += f'; filename="{filename}"\r\nContent-Type: image/jpeg'.encode()
        written += b"\r\n\r\n" + content + b"\r\n"
    return bytes(written) + b"--xyz--\r\n"


def read(body: bytes) -> tuple[list[tuple[str, str]], list[tuple[str, str, int]]]:
    """The fields and files that an application reads in a body."""
    environ = {
        "REQUEST_METHOD": "POST",
        "CONTENT_TYPE": KIND,
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": BytesIO(body),
    }
    _, fields, files = parse_form_data(environ, lambda *_, **__: BytesIO())
    sizes = [(name, str(f.filename), len(f.read())) for name, f in files.items(multi=True)]
    return list(fields.items(multi=True)), sizes


def sift(body: bytes, *ends: int) -> bytes:
    """What is kept of a body that comes in pieces."""
    sieve = sieve_for({"CONTENT_TYPE": KIND, "CONTENT_LENGTH": str(len(body))}, **BOUNDS)
    assert sieve is not None
    # Between the dashes that end a form, Werkzeug takes the line's end for content.
    inside = [
        end for end in sorted(end % len(body) for end in ends) if body[end - 1 :][:2] != b"--"
    ]
    at = [0, *inside, len(body)]
    pieces = [body[a:b] for a, b in pairwise(at)]
    kept = [sieve.take(piece, is_last=False) for piece in pieces]
    return b"".join(kept) + sieve.take(b"", is_last=True)


def test_a_form_with_photos_too_large_arrives_with_all_that_was_typed(tmp_path: Path) -> None:
    asked: dict[str, Any] = {}

    def town(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        if environ["REQUEST_METHOD"] == "POST":
            asked.update(environ, body=environ["wsgi.input"].read())
        start_response("200 OK", [])
        return [b"taken"]

    photos = [("photos", f"{n}é.jpg", b"\xff\xd8" * 800_000) for n in range(7)]
    body = form(
        ("lat", None, b"48.1"),
        *photos,
        ("title", None, "Un trou, « là »".encode()),
        ("b", None, b""),
    )
    with serving(town, tmp_path) as port, Client(port) as client:
        client.send(
            head("POST", "/", f"Content-Type: {KIND}", f"Content-Length: {len(body)}"), body
        )
        assert client.answer() == (200, b"taken")
    fields, files = read(asked["body"])
    assert fields == [("lat", "48.1"), ("title", "Un trou, « là »"), ("b", "")]
    sizes = [LARGEST_FILE + 1] * 5 + [0, 0]
    assert files == [("photos", f"{n}é.jpg", size) for n, size in enumerate(sizes)]
    assert int(asked["CONTENT_LENGTH"]) == len(asked["body"]) <= LARGEST_BODY


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["a", "photos"]),
            st.sampled_from([None, "", "ä.jpg"]),
            st.binary(max_size=90) | st.just(b"\r\n--xy\r\n--xyzz\r"),
        ),
        min_size=1,
        max_size=6,
    ),
    st.lists(st.integers(0, 10_000), max_size=8),
)
def test_what_fits_stays_as_it_was(
    parts: list[tuple[str, str | None, bytes]], ends: list[int]
) -> None:
    body = form(*parts)
    assert read(sift(body, *ends)) == read(body)


@pytest.mark.parametrize(
    "body",
    [
        form(*[("a", None, b"x" * 1_000)] * 1_001),
        form(*[("a", None, b"x" * 400_000)] * 3),
        form(("photos", "a" * 1_100_000, b"")),
        form(("photos", "a.jpg", b"x" * 2_000_000))[:-9],
        b"no form",
        b"--xyz\r\nContent-Disposition: \xff\r\n\r\n",
    ],
)
def test_what_is_no_form_of_ours_is_refused(body: bytes) -> None:
    with pytest.raises(SpoiltError):
        sift(body)


@pytest.mark.parametrize(
    ("kind", "size"),
    [
        ("application/x-www-form-urlencoded", 6_000_000),
        ("multipart/form-data", 6_000_000),
        ("multipart/form-data; boundary=xyz", LARGEST + 1),
        ("", 6_000_000),
    ],
)
def test_what_cannot_be_made_smaller_is_left_alone(kind: str, size: int) -> None:
    asked = {"CONTENT_TYPE": kind, "CONTENT_LENGTH": str(size)}
    assert sieve_for(asked, **BOUNDS) is None


def test_a_sieve_holds_back_little() -> None:
    sieve = Sieve(b"xyz", **BOUNDS)
    sieve.take(form(("photos", "a.jpg", b""))[:-11], is_last=False)
    kept = sum(len(sieve.take(b"\r\n" * 30_000, is_last=False)) for _ in range(50))
    assert LARGEST_FILE - 100 < kept <= LARGEST_FILE + 1
