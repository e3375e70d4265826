"""The environ of a WSGI application, from what uvicorn says of a request."""

import sys
from io import BytesIO
from typing import Any
from urllib.parse import unquote_to_bytes

Environ = dict[str, Any]
REUSED = "civic.reused"
"""Whether the connection has brought a request before."""


def environ_of(scope: Any) -> Environ:
    """Return the environ of a request, without its body."""
    host, port = scope["server"] or ("", 0)
    environ = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(scope["raw_path"]).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": host,
        "SERVER_PORT": str(port or 0),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": scope["client"][0] if scope["client"] else "",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": BytesIO(),
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        REUSED: REUSED in scope.get("extensions", ()),
    }
    for name, value in scope["headers"]:
        _add(environ, name, value.decode("latin-1"))
    return environ


def has_one_meaning(environ: Environ) -> bool:
    """Whether a proxy and the application would read the request in the same way."""
    coding = environ.get("HTTP_TRANSFER_ENCODING")
    is_newer = environ["SERVER_PROTOCOL"] == "HTTP/1.1"
    if coding is not None and (
        coding.strip().lower() != "chunked" or "CONTENT_LENGTH" in environ or not is_newer
    ):
        return False
    host = environ.get("HTTP_HOST")
    return (
        environ.get("CONTENT_LENGTH", "0").isdecimal()
        and (host is not None or not is_newer)
        and "," not in (host or "")
    )


def _add(environ: Environ, name: bytes, value: str) -> None:
    if b"_" in name:
        # X_Forwarded_For would pose as the header that the proxy alone may set.
        return
    key = name.decode("ascii").upper().replace("-", "_")
    if key not in {"CONTENT_TYPE", "CONTENT_LENGTH"}:
        key = f"HTTP_{key}"
    if key in environ:
        # Of a length, a coding or a host there is one only: what is joined has no meaning.
        value = environ[key] + ("; " if key == "HTTP_COOKIE" else ",") + value
    environ[key] = value
