"""The settings of one installation: typed, checked at start, documented in docs/configure.md.

Everything comes from environment variables named ``CIVIC_…``. What a town says of itself (its
name, its legal texts, its outline) is data, kept in the database, and not here.
"""

import os
import re
import secrets
import stat
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, fields
from email.errors import HeaderParseError
from email.headerregistry import Address
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final
from urllib.parse import SplitResult, unquote, urlsplit

from civic.database.engine import url_for_data_dir

PREFIX: Final = "CIVIC_"
KEPT: Final = "settings.env"
LEAST_FREE: Final = 100_000_000
"""Bytes of the disk that are left for the town itself: with fewer, no form with photos is taken."""
_FOLDERS: Final = ("photos", "mail", "rejects")
_PRIVATE: Final = ("*.db", "*.db-*", "secret_key", KEPT, *_FOLDERS, "mail/*", "rejects/*")
"""What is in the data folder, the photos left out: their folder is closed, and they are many."""


class SettingError(ValueError):
    """A setting has a value that cannot be used; the message names it and says what is expected."""


def _text(value: str) -> str:
    return value


def _integer(value: str) -> int:
    try:
        return int(value)
    except ValueError:
        raise ValueError("a whole number is expected") from None


def _port(value: str) -> int:
    port = _integer(value)
    if not 0 < port < 65536:
        raise ValueError("a port between 1 and 65535 is expected")
    return port


def _positive(value: str) -> int:
    number = _integer(value)
    if number <= 0:
        raise ValueError("a number above zero is expected")
    return number


def _count(value: str) -> int:
    number = _integer(value)
    if number < 0:
        raise ValueError("zero or more is expected")
    return number


def _boolean(value: str) -> bool:
    known = {"1": True, "true": True, "yes": True, "on": True}
    known |= {"0": False, "false": False, "no": False, "off": False}
    try:
        return known[value.strip().lower()]
    except KeyError:
        raise ValueError("yes or no is expected") from None


def _path(value: str) -> Path:
    return Path(value).expanduser().resolve()


def _database_url(value: str) -> str:
    if not value.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://")):
        raise ValueError("an address beginning with sqlite:/// or postgresql:// is expected")
    return value


def _where_it_listens(host: str, port: int) -> str:
    return f"http://{host}:{port}"


def _url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not _has_host(parts):
        raise ValueError("an address beginning with http:// or https:// is expected")
    return value.rstrip("/")


def _language(value: str) -> str:
    if value not in {"fr", "en"}:
        raise ValueError("fr or en is expected")
    return value


def _redis_url(value: str) -> str:
    if not value.startswith(("redis://", "rediss://")):
        raise ValueError("an address beginning with redis:// or rediss:// is expected")
    _require_package("redis", "redis>=6")
    return value


def _smtp_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"smtp", "smtps", "smtp+starttls"} or not _has_host(parts):
        raise ValueError(
            "smtp://host:port, smtp+starttls://user:password@host:port or smtps://… is expected"
        )
    if not unquote((parts.username or "") + (parts.password or "")).isascii():
        raise ValueError("a user and a password without accents are expected")
    return value


def _has_host(parts: SplitResult) -> bool:
    """Whether an address names a host, and a port that exists if it names one."""
    try:
        return bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _mail_from(value: str) -> str:
    try:
        is_address = bool(Address(addr_spec=value).domain)
    except (ValueError, IndexError, HeaderParseError):
        is_address = False
    if not is_address or not value.rpartition("@")[0].isascii():
        raise ValueError("an address such as ne-pas-repondre@village.example is expected")
    return value


def _storage(value: str) -> str:
    if value == "local":
        return value
    if not urlsplit(value).netloc or not value.startswith("s3://"):
        raise ValueError("local or s3://bucket/prefix is expected")
    _require_package("boto3", "boto3>=1.40")
    return value


def _require_package(name: str, wanted: str) -> None:
    """What few towns need is not installed for all of them."""
    if find_spec(name) is None:
        raise ValueError(f"the package {name} is needed: pip install '{wanted}'")


def _log_level(value: str) -> str:
    level = value.strip().upper()
    if level not in {"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"}:
        raise ValueError("DEBUG, INFO, WARNING, ERROR or CRITICAL is expected")
    return level


def _tiles(value: str) -> str:
    known = value in {"none", "ign", "osm"}
    # The host goes into the Content-Security-Policy, whose own signs it must not hold.
    template = re.match(r"https://[\w.{}:-]+/", value, re.ASCII) is not None and all(
        part in value for part in ("{z}", "{x}", "{y}")
    )
    if not (known or template or value.endswith(".pmtiles")):
        raise ValueError(
            "none, ign, osm, an https:// template with {z}, {x} and {y}, or the path of a .pmtiles "
            "file is expected"
        )
    return value


def _geocoder(value: str) -> str:
    if value not in {"none", "ban", "nominatim", "photon"}:
        raise ValueError("none, ban, nominatim or photon is expected")
    return value


def _secret(value: str) -> str:
    if len(value) < 32:
        raise ValueError("at least 32 characters are expected")
    return value


def _setting(
    parse: Callable[[str], Any], default: Any, doc: str, *, is_secret: bool = False
) -> Any:
    """One setting; the value of a secret one is never repeated in a message."""
    return field(default=default, metadata={"parse": parse, "doc": doc, "is_secret": is_secret})


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of one process. Build it with :meth:`from_environment`."""

    data_dir: Path = _setting(_path, Path("data"), "Folder of the database, photos and mail.")
    database_url: str = _setting(
        _database_url,
        "",
        "Database; by default an embedded file in the data folder.",
        is_secret=True,
    )
    host: str = _setting(_text, "127.0.0.1", "Address that the server listens on.")
    port: int = _setting(_port, 8000, "Port that the server listens on.")
    workers: int = _setting(_count, 0, "Web processes; 0 means one per processor core.")
    public_url: str = _setting(
        _url, "", "Address residents use, for links in mails; by default host and port."
    )
    language: str = _setting(
        _language, "fr", "Language of the answers until the town has said its own: fr or en."
    )
    secret_key: str = _setting(
        _secret,
        "",
        "Signs sessions and links; by default made once and kept in the data folder.",
        is_secret=True,
    )
    proxies: int = _setting(_count, 0, "How many reverse proxies stand in front (X-Forwarded-…).")
    smtp_url: str = _setting(
        _smtp_url,
        "",
        "Mail server; without it, mails are written to the folder mail/.",
        is_secret=True,
    )
    mail_from: str = _setting(_mail_from, "civic@localhost", "Sender of mails.")
    redis_url: str = _setting(
        _redis_url,
        "",
        "Shared counters of rate limits, past one machine.",
        is_secret=True,
    )
    storage: str = _setting(
        _storage, "local", "Where photos are kept: local or s3://bucket/prefix."
    )
    s3_endpoint: str = _setting(_url, "", "Address of the S3-compatible service.")
    tiles: str = _setting(_tiles, "none", "Map background: none, ign, osm, a template or a file.")
    tiles_attribution: str = _setting(_text, "", "Attribution shown for a template or a file.")
    geocoder: str = _setting(_geocoder, "none", "Outside geocoder: none, ban, nominatim, photon.")
    geocoder_url: str = _setting(_url, "", "Address of the geocoder when it is not the usual one.")
    photo_max_bytes: int = _setting(_positive, 15_000_000, "Largest photo accepted, in bytes.")
    photo_max_pixels: int = _setting(_positive, 60_000_000, "Largest photo accepted, in pixels.")
    idea_threshold: int = _setting(
        _positive, 50, "Supports at which an idea is put under review by itself."
    )
    rate_limits: bool = _setting(_boolean, True, "Whether writes are rate limited.")
    demo: bool = _setting(_boolean, False, "Whether the pages of the demo town are served.")
    log_level: str = _setting(_log_level, "INFO", "Level of the log on standard error.")

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> "Settings":
        """Read the settings; raises SettingError naming the first one that cannot be used.

        What ``civic init`` and ``civic demo`` keep in the data folder (``settings.env``) holds
        where the environment says nothing.
        """
        environ = dict(os.environ if environ is None else environ)
        data_dir = Path(environ.get(f"{PREFIX}DATA_DIR") or "data").expanduser()
        environ = kept_settings(data_dir) | {k: v for k, v in environ.items() if v != ""}
        known = {PREFIX + f.name.upper(): f for f in fields(cls)}
        values: dict[str, Any] = {}
        for name, setting in known.items():
            raw = environ.get(name, "")
            if raw == "":
                continue
            try:
                values[setting.name] = setting.metadata["parse"](raw)
            except ValueError as error:
                shown = "…" if setting.metadata["is_secret"] else repr(raw)
                raise SettingError(f"{name}={shown}: {error}.") from None
        _refuse_unknown(environ, known)
        return cls.from_values(**values)

    @classmethod
    def from_values(cls, **values: Any) -> "Settings":
        """Build settings from Python values, with the defaults that depend on others filled in."""
        data_dir = Path(values.get("data_dir", "data")).expanduser().resolve()
        values["data_dir"] = data_dir
        if not values.get("database_url"):
            values["database_url"] = url_for_data_dir(data_dir)
        if not values.get("public_url"):
            host, port = values.get("host", "127.0.0.1"), values.get("port", 8000)
            values["public_url"] = _where_it_listens(host, port)
        if not values.get("secret_key"):
            values["secret_key"] = _kept_secret(data_dir)
        return cls(**values)

    @property
    def has_one_address(self) -> bool:
        """Whether the address that residents use was said; the default is where we listen."""
        return self.public_url != _where_it_listens(self.host, self.port)

    @property
    def is_https(self) -> bool:
        """Whether residents reach the town over TLS, so that cookies can be marked secure."""
        return self.public_url.startswith("https://")

    @property
    def mail_dir(self) -> Path:
        """Folder that mails are written to when there is no mail server."""
        return self.data_dir / "mail"

    @property
    def erased_file(self) -> Path:
        """What was erased and redacted: it outlives a restore of the database."""
        return self.data_dir / "erased.json"

    @property
    def rejects_dir(self) -> Path:
        """Folder of the rows that imports could not take."""
        return self.data_dir / "rejects"

    @property
    def photo_dir(self) -> Path:
        """Folder of the photos when they are kept locally."""
        return self.data_dir / "photos"


def kept_settings(data_dir: Path) -> dict[str, str]:
    """Return the settings kept in ``data_dir``: lines of NAME=value, in the file settings.env."""
    try:
        lines = (data_dir / KEPT).read_text(encoding="utf-8").splitlines()
    except (FileNotFoundError, NotADirectoryError):
        return {}
    pairs = (line.partition("=") for line in lines if line.strip() and not line.startswith("#"))
    return {name.strip(): value.strip() for name, _, value in pairs}


def keep_settings(data_dir: Path, values: Mapping[str, str]) -> None:
    """Add ``values`` to the settings kept in ``data_dir``."""
    kept = kept_settings(data_dir) | dict(values)
    _make_folder(data_dir)
    text = "".join(f"{name}={value}\n" for name, value in sorted(kept.items()))
    (data_dir / KEPT).write_text(text, encoding="utf-8")


def _make_folder(data_dir: Path) -> None:
    """Make the folder, or close an empty one that was made for us: it is for the owner alone."""
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    is_shared = data_dir.stat().st_mode & stat.S_ISVTX
    if not is_shared and not any(data_dir.iterdir()):
        with suppress(PermissionError):
            data_dir.chmod(0o700)


def keep_files_private() -> None:
    """Let this process make files for its own user alone, whatever umask it was started with.

    In the data folder are addresses of people, mails, photos and the secret.
    """
    os.umask(0o077)


def close_data_dir(data_dir: Path) -> None:
    """Take from others what an earlier version, or another umask, let them read."""
    for pattern in _PRIVATE:
        for path in data_dir.glob(pattern):
            with suppress(PermissionError):
                path.chmod(0o700 if path.is_dir() else 0o600)


def _refuse_unknown(environ: Mapping[str, str], known: Mapping[str, Any]) -> None:
    """A misspelt setting would be ignored in silence; names for tests and tools are let through."""
    for name in environ:
        if not name.startswith(PREFIX) or name in known:
            continue
        if name.startswith((f"{PREFIX}TEST_", f"{PREFIX}REQUIRE_", f"{PREFIX}BENCH_")):
            continue
        raise SettingError(f"{name} is not a setting of civic; see docs/configure.md.")


def _kept_secret(data_dir: Path) -> str:
    """Return the secret of this data folder, made on the first start and readable by us only."""
    path = data_dir / "secret_key"
    try:
        return path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        pass
    try:
        _make_folder(data_dir)
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    except OSError as error:
        raise SettingError(f"{PREFIX}DATA_DIR={str(data_dir)!r}: {error.strerror}.") from None
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(48))
    return path.read_text(encoding="ascii").strip()
