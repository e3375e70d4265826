"""Photos: kept from the first try, cleaned of metadata, shown in three sizes."""

from flask import Flask


def init_app(app: Flask) -> None:
    """Bind this feature to ``app``."""
