"""Secrets sent by mail: made here, and stored as keyed hashes only.

The key is derived from the installation's secret, so that a stolen database alone gives nobody a
working link.
"""

import hashlib
import hmac
import secrets
from datetime import timedelta
from typing import Any

from itsdangerous import BadData

from civic.accounts.signing import PatientSerializer

_TOKEN_BYTES = 24
_CODE_DIGITS = 6


class _Key:
    """The key of this process, set when the application is built."""

    value = b""


def set_key(secret: str) -> None:
    """Derive the key from the installation's ``secret``."""
    _Key.value = hashlib.sha256(b"civic.accounts.tokens:" + secret.encode()).digest()


def hash_token(token: str, *, purpose: str) -> str:
    """Return the keyed hash (64 hexadecimal digits) under which ``token`` is stored.

    A token hashed for one ``purpose`` fits no other. Raises RuntimeError before :func:`set_key`.
    """
    if not _Key.value:
        raise RuntimeError("civic.accounts.tokens has no key yet: build the application first")
    message = f"{purpose}:{token}".encode()
    return hmac.new(_Key.value, message, hashlib.sha256).hexdigest()


def new_token() -> str:
    """Return a new unguessable token (192 bits), fit for an address."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


def new_code() -> str:
    """Return six random digits."""
    return f"{secrets.randbelow(10**_CODE_DIGITS):0{_CODE_DIGITS}d}"


def new_follow_token() -> tuple[str, str]:
    """Return a private follow-up token and the hash to store as ``follow_hash``."""
    token = new_token()
    return token, follow_hash(token)


def follow_hash(token: str) -> str:
    """Return the stored form of a private follow-up token, to look its contribution up."""
    return hash_token(token, purpose="follow")


def same(one: str, other: str) -> bool:
    """Compare two hashes in constant time."""
    return hmac.compare_digest(one, other)


def sign(payload: dict[str, Any], *, purpose: str) -> str:
    """Return ``payload`` (JSON values) as a text fit for an address, which nobody can alter."""
    return _serializer(purpose).dumps(payload)


def unsign(text: str, *, purpose: str, max_age: timedelta) -> dict[str, Any] | None:
    """Return what :func:`sign` was given; None when altered or older than ``max_age``."""
    try:
        payload = _serializer(purpose).loads(text, max_age=int(max_age.total_seconds()))
    except BadData:
        return None
    return payload if isinstance(payload, dict) else None


def _serializer(purpose: str) -> PatientSerializer:
    if not _Key.value:
        raise RuntimeError("civic.accounts.tokens has no key yet: build the application first")
    return PatientSerializer(_Key.value, salt=f"civic.accounts.{purpose}")
