"""Files of the town: photos made safe to publish, and where they are kept."""

from typing import cast

from flask import Flask, current_app

from civic.settings import Settings
from civic.storage.files import FileStore, LocalFiles, S3Files


def open_store(settings: Settings) -> FileStore:
    """Return the store that ``settings`` name: a folder, or a bucket of an S3 service."""
    if settings.storage == "local":
        return LocalFiles(settings.photo_dir)
    bucket, _, prefix = settings.storage.removeprefix("s3://").partition("/")
    return S3Files(bucket, prefix=prefix, endpoint_url=settings.s3_endpoint or None)


def file_store() -> FileStore:
    """Return the store of the current application."""
    return cast("FileStore", current_app.extensions["file_store"])


def init_app(app: Flask) -> None:
    """Open the store once."""
    app.extensions["file_store"] = open_store(app.extensions["civic_settings"])
