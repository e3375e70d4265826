"""Addresses of this page with other parameters, and of the page that a button stands on."""

from typing import Any
from urllib.parse import urlencode

from flask import current_app, request
from werkzeug.exceptions import HTTPException


def query_url(**changes: Any) -> str:
    """Return the address of the page in hand with ``changes`` made to its query; None removes."""
    values = request.args.to_dict(flat=False)
    for name, value in changes.items():
        if value is None or value == "":
            values.pop(name, None)
        else:
            values[name] = list(value) if isinstance(value, (list, tuple)) else [str(value)]
    query = urlencode(values, doseq=True)
    return f"{request.root_url.rstrip('/')}{request.path}" + (f"?{query}" if query else "")


def page_of(path: str) -> str | None:
    """Return what can be opened nearest above ``path``, itself included; None below the home page.

    An address that only takes a form lies below the page of that form: ``/desk/S-1/move/closed``
    belongs to ``/desk/S-1``.
    """
    routes = current_app.create_url_adapter(request)
    while routes is not None and path.strip("/"):
        try:
            routes.match(path, method="GET")
        except HTTPException:
            path = path.rpartition("/")[0]
        else:
            return path
    return None
