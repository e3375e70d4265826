"""Where files are kept: a folder of this machine, or a bucket of an S3 service.

A key is the file's address inside the store: lower-case letters, digits, `/`, `-`, `_` and `.`.
"""

import importlib
import io
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Protocol

_KEY = re.compile(r"[a-z0-9][a-z0-9_-]*(?:[./][a-z0-9_-]+)*")
_LONGEST_KEY = 200
CONNECT_S = 3
READ_S = 10
"""A process answers one request at a time: a bucket that is away must not hold it for minutes."""


class MissingFileError(LookupError):
    """There is no file under this key."""


class FileStore(Protocol):
    """What the rest of civic asks of a place for files. OSError when the place is out of order."""

    def put(self, key: str, data: bytes, content_type: str) -> None:
        """Keep `data` under `key`, whole or not at all; what was there is replaced."""

    def open(self, key: str) -> BinaryIO:
        """Return the file, to be read and closed. MissingFileError when there is none."""

    def delete(self, key: str) -> None:
        """Remove the file. Nothing happens when there is none."""


def check_key(key: str) -> str:
    """Return `key`. ValueError when it is not one, for instance leaves its folder."""
    if len(key) > _LONGEST_KEY or not _KEY.fullmatch(key):
        raise ValueError(f"not a key: {key!r}")
    return key


def _sync_folders(folder: Path, root: Path) -> None:
    """Write down the names of what is new in ``folder``, and of itself, up to ``root``.

    A name that only the memory holds is gone with the power, however safe its file.
    """
    for each in (folder, *folder.parents):
        handle = os.open(each, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
        if each == root:
            return


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
            _sync_folders(path.parent, self._root)
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

    def _path(self, key: str) -> Path:
        return self._root / check_key(key)


class S3Files:
    """Files in a bucket. Needs the `s3` extra (boto3) and takes its environment variables."""

    def __init__(self, bucket: str, *, prefix: str = "", endpoint_url: str | None = None) -> None:
        """Use `bucket` at `endpoint_url` (None: Amazon's own), every key under `prefix`."""
        config = importlib.import_module("botocore.config").Config(
            connect_timeout=CONNECT_S, read_timeout=READ_S, retries={"max_attempts": 1}
        )
        self._errors = importlib.import_module("botocore.exceptions")
        self._client = importlib.import_module("boto3").client(
            "s3", endpoint_url=endpoint_url, config=config
        )
        self._bucket = bucket
        self._prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""

    def put(self, key: str, data: bytes, content_type: str) -> None:
        """Keep `data` under `key`, marked as never changing."""
        with self._asking(key) as where:
            self._client.put_object(
                **where,
                Body=data,
                ContentType=content_type,
                CacheControl="public, max-age=31536000, immutable",
            )

    def open(self, key: str) -> BinaryIO:
        """Return the file, to be read and closed. MissingFileError when there is none."""
        with self._asking(key) as where:
            answer = self._client.get_object(**where)
            # Photos are small, and a file in memory can be rewound, which an HTTP answer cannot.
            with answer["Body"] as body:
                return io.BytesIO(body.read())

    def delete(self, key: str) -> None:
        """Remove the file. Nothing happens when there is none."""
        with self._asking(key) as where:
            self._client.delete_object(**where)

    @contextmanager
    def _asking(self, key: str) -> Iterator[dict[str, str]]:
        """Yield where `key` is, and put what the service says in our words."""
        where = {"Bucket": self._bucket, "Key": self._prefix + check_key(key)}
        try:
            yield where
        except self._client.exceptions.NoSuchKey as error:
            raise MissingFileError(key) from error
        except (self._errors.BotoCoreError, self._errors.ClientError) as error:
            raise OSError(f"the bucket {self._bucket} does not do it: {error}") from error
