"""Files of the town: photos made safe to publish, and where they are kept."""

from typing import cast

from flask import Flask, current_app

from civic.settings import Settings
from civic.storage.files import FileStore, LocalFiles, S3Files
from civic.storage.photos import PhotoLimits


def open_store(settings: Settings) -> FileStore:
    """Return the store that ``settings`` name: a folder, or a bucket of an S3 service."""
    if settings.storage == "local":
        return LocalFiles(settings.photo_dir)
    bucket, _, prefix = settings.storage.removeprefix("s3://").partition("/")
    return S3Files(bucket, prefix=prefix, endpoint_url=settings.s3_endpoint or None)


def file_store() -> FileStore:
    """Return the store of the current application."""
    return cast("FileStore", current_app.extensions["file_store"])


def photo_limits() -> PhotoLimits:
    """Return what this installation accepts and grants, one decoding at a time for all of it."""
    settings: Settings = current_app.extensions["civic_settings"]
    return PhotoLimits(
        max_bytes=settings.photo_max_bytes,
        max_pixels=settings.photo_max_pixels,
        lock=settings.data_dir / "photos.lock",
    )


def init_app(app: Flask) -> None:
    """Open the store once."""
    app.extensions["file_store"] = open_store(app.extensions["civic_settings"])
