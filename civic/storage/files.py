"""Where files are kept: a folder of this machine, or a bucket of an S3 service.

A key is the file's address inside the store: lower-case letters, digits, `/`, `-`, `_` and `.`.
"""

import hashlib
import importlib
import io
import os
import re
import secrets
import tempfile
from pathlib import Path
from typing import Any, BinaryIO, Protocol

_KEY = re.compile(r"[a-z0-9][a-z0-9_-]*(?:[./][a-z0-9_-]+)*")
_LONGEST_KEY = 200


class MissingFileError(LookupError):
    """There is no file under this key."""


class FileStore(Protocol):
    """What the rest of civic asks of a place for files."""

    def put(self, key: str, data: bytes, content_type: str) -> None:
        """Keep `data` under `key`, whole or not at all; what was there is replaced."""

    def open(self, key: str) -> BinaryIO:
        """Return the file, to be read and closed. MissingFileError when there is none."""

    def delete(self, key: str) -> None:
        """Remove the file. Nothing happens when there is none."""

    def url(self, key: str) -> str | None:
        """Return where a browser may fetch the file itself; None when we must serve it."""


def new_key(data: bytes, extension: str) -> str:
    """Return a key for `data` that nobody can guess, in a folder chosen by its hash.

    Two keys for the same data differ: deleting the photo of one report must leave the other's.
    """
    digest = hashlib.sha256(data).hexdigest()
    return f"{digest[:2]}/{digest[2:4]}/{digest[4:20]}-{secrets.token_hex(16)}.{extension}"


def check_key(key: str) -> str:
    """Return `key`. ValueError when it is not one, for instance leaves its folder."""
    if len(key) > _LONGEST_KEY or not _KEY.fullmatch(key):
        raise ValueError(f"not a key: {key!r}")
    return key


class LocalFiles:
    """Files in a folder. A reader sees a whole file or none, even if the machine stops."""

    def __init__(self, root: Path | str) -> None:
        self._root = Path(root)

    def put(self, key: str, data: bytes, content_type: str) -> None:
        """Keep `data` under `key`. OSError when the disk refuses."""
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        # Beside its place, so that the last step is a rename inside one file system.
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
        temporary = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise

    def open(self, key: str) -> BinaryIO:
        """Return the file, to be read and closed. MissingFileError when there is none."""
        try:
            return self._path(key).open("rb")
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as error:
            raise MissingFileError(key) from error

    def delete(self, key: str) -> None:
        """Remove the file. Nothing happens when there is none."""
        self._path(key).unlink(missing_ok=True)

    def url(self, key: str) -> str | None:
        """Return None: a view serves these files."""
        check_key(key)
        return None

    def _path(self, key: str) -> Path:
        return self._root / check_key(key)


class S3Files:
    """Files in a bucket. Needs the `s3` extra (boto3) and takes its environment variables."""

    def __init__(
        self,
        bucket: str,
        *,
        prefix: str = "",
        endpoint_url: str | None = None,
        public_url: str | None = None,
        client: Any = None,
    ) -> None:
        """Use `bucket` at `endpoint_url` (None: Amazon's own), every key under `prefix`.

        `public_url` is set when browsers may fetch from the bucket themselves; the town must then
        allow it in its Content-Security-Policy. `client` is a ready boto3 client.
        """
        if client is None:
            client = importlib.import_module("boto3").client("s3", endpoint_url=endpoint_url)
        self._client = client
        self._bucket = bucket
        self._prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
        self._public_url = public_url.rstrip("/") if public_url else None

    def put(self, key: str, data: bytes, content_type: str) -> None:
        """Keep `data` under `key`, marked as never changing."""
        self._client.put_object(
            Bucket=self._bucket,
            Key=self._name(key),
            Body=data,
            ContentType=content_type,
            CacheControl="public, max-age=31536000, immutable",
        )

    def open(self, key: str) -> BinaryIO:
        """Return the file, to be read and closed. MissingFileError when there is none."""
        try:
            answer = self._client.get_object(Bucket=self._bucket, Key=self._name(key))
        except self._client.exceptions.NoSuchKey as error:
            raise MissingFileError(key) from error
        # Photos are small, and a file in memory can be rewound, which an HTTP answer cannot.
        with answer["Body"] as body:
            return io.BytesIO(body.read())

    def delete(self, key: str) -> None:
        """Remove the file. Nothing happens when there is none."""
        self._client.delete_object(Bucket=self._bucket, Key=self._name(key))

    def url(self, key: str) -> str | None:
        """Return the file's public address, when the bucket has one."""
        name = self._name(key)
        return f"{self._public_url}/{name}" if self._public_url else None

    def _name(self, key: str) -> str:
        return self._prefix + check_key(key)
