"""What operations raise when they refuse. Messages are French msgids, shown to the person.

Each says what to do next. A view turns them into the page that fits (403, 409, 410, 422, 429).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

Found = TypeVar("Found")


class DomainError(Exception):
    """A refusal with a sentence for the person; ``values`` fill its ``%(name)s``."""

    def __init__(self, message: str, **values: Any) -> None:
        super().__init__(message % values if values else message)
        self.message = message
        self.values = values


class Invalid(DomainError):
    """What was given cannot be used; ``field`` names the form field to mark.

    ``others`` are what else is wrong, so that a person hears of everything at once.
    """

    others: Sequence["Invalid"] = ()

    def __init__(self, message: str, *, field: str = "", **values: Any) -> None:
        super().__init__(message, **values)
        self.field = field


def refuse_all(found: Sequence[Invalid]) -> None:
    """Raise the first of what was found wrong with the others along; nothing, if there is none."""
    if found:
        found[0].others = found[1:]
        raise found[0]


class Forbidden(DomainError):
    """This actor may not do this."""


class NotFound(DomainError):
    """There is no such thing, or not for this actor."""


class Gone(DomainError):
    """It was public once and is not any more."""


class TooMany(DomainError):
    """It was tried too often; ``again_at`` is when one may try again."""

    def __init__(self, message: str, *, again_at: datetime, **values: Any) -> None:
        super().__init__(message, **values)
        self.again_at = again_at


class Conflict(DomainError):
    """The state has changed meanwhile, or does not allow this step."""


class Overtaken(Conflict):
    """Somebody else has changed the same thing since the page was shown.

    ``changed`` is what it is now, by label (texts to translate); ``seen`` what the form field
    ``field`` has to say for this to be known.
    """

    def __init__(self, message: str, changed: Mapping[str, Any], *, field: str, seen: str) -> None:
        super().__init__(message)
        self.changed = changed
        self.field = field
        self.seen = seen


def require(found: Found | None, message: str) -> Found:
    """Return what was found; raises NotFound with ``message`` when there is nothing."""
    if found is None:
        raise NotFound(message)
    return found
