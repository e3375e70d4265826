"""Signatures with a moment, by clocks that differ or were set back.

A cookie or link that a clock ahead of ours has signed is as good as one signed now: two machines of
one town are never at the same second, and a clock that is set back must sign nobody out.
"""

from datetime import UTC, datetime
from typing import Any

from itsdangerous import SignatureExpired, TimestampSigner, URLSafeTimedSerializer


class PatientSigner(TimestampSigner):
    """Refuses what is too old, and never what seems to come from the future."""

    def unsign(self, signed_value: Any, max_age: Any = None, return_timestamp: Any = False) -> Any:  # noqa: FBT002 (theirs)
        """Return what was signed; raises SignatureExpired beyond ``max_age`` seconds."""
        value, at = super().unsign(signed_value, return_timestamp=True)
        if max_age is not None and (datetime.now(UTC) - at).total_seconds() > max_age:
            raise SignatureExpired("too old", payload=value, date_signed=at)
        return (value, at) if return_timestamp else value


class PatientSerializer(URLSafeTimedSerializer):
    """Signs JSON values for an address."""

    default_signer = PatientSigner
