"""Addresses of this page with other parameters."""

from typing import Any
from urllib.parse import urlencode

from flask import request


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
