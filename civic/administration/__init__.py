"""Settings that an administrator changes in the browser: texts, categories, departments, people."""

from flask import Flask


def init_app(app: Flask) -> None:
    """Bind this feature to ``app``."""
