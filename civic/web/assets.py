"""Addresses of static files that change when the file does, so that browsers may keep them."""

import hashlib
from functools import lru_cache
from importlib import resources
from pathlib import Path

from flask import Blueprint, Flask, Response, request, send_from_directory, url_for

from civic.web.access import public

STATIC = Path(__file__).parent.parent / "static"
VENDOR = Path(str(resources.files("civic_vendor")))
blueprint = Blueprint("assets", __name__)


@lru_cache(maxsize=2)
def _tree_version(root: Path) -> str:
    """One version for a whole tree: modules import each other by relative addresses."""
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            digest.update(str(path.relative_to(root)).encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:10]


def static_url(name: str, *, _external: bool = False) -> str:
    """Return the address of one of our own files, with its version."""
    if _external:
        return url_for("assets.own", name=name, version=_tree_version(STATIC), _external=True)
    return _address("assets.own", name, _tree_version(STATIC), request.script_root)


def vendor_url(name: str) -> str:
    """Return the address of a packed front-end file, with its version."""
    return _address("assets.vendor", name, _tree_version(VENDOR), request.script_root)


@lru_cache(maxsize=512)
def _address(endpoint: str, name: str, version: str, root: str) -> str:
    """Every icon of a page names the same file: made once for each place the app is mounted at."""
    return url_for(endpoint, name=name, version=version)


@blueprint.get("/assets/<version>/<path:name>")
@public
def own(version: str, name: str) -> Response:
    """Serve one of our own files; relative imports keep the version in their path."""
    return _served(STATIC, name)


@blueprint.get("/vendor/<version>/<path:name>")
@public
def vendor(version: str, name: str) -> Response:
    """Serve a packed front-end file."""
    return _served(VENDOR, name)


def _served(root: Path, name: str) -> Response:
    response = send_from_directory(root, name)
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


def init_app(app: Flask) -> None:
    """Serve the files and offer their addresses to templates."""
    app.register_blueprint(blueprint)
    app.jinja_env.globals.update(static_url=static_url, vendor_url=vendor_url)
