"""The icons that a category may have: those of the packed sprite that picture a subject."""

from functools import lru_cache
from pathlib import Path

_LIST = Path(__file__).parent.parent / "static" / "icons.txt"
_SUBJECTS = "# Subjects"
_OTHERS = (
    "bank",
    "boxes",
    "briefcase",
    "bucket",
    "calendar-event",
    "camera",
    "chat-dots",
    "cone-striped",
    "file-earmark-text",
    "house",
    "house-heart",
    "lightbulb",
    "megaphone",
    "mortarboard",
    "people",
    "phone",
    "shield-check",
    "signpost-2",
    "star",
    "sun",
    "tag",
    "trash",
)


@lru_cache(maxsize=1)
def packed_icons() -> frozenset[str]:
    """Return the names of all icons of the sprite."""
    lines = _LIST.read_text("utf-8").splitlines()
    return frozenset({line.partition("#")[0].strip() for line in lines} - {""})


@lru_cache(maxsize=1)
def subject_icons() -> tuple[str, ...]:
    """Return the icons offered for categories, by name."""
    subjects: set[str] = set()
    inside = False
    for line in _LIST.read_text("utf-8").splitlines():
        if line.startswith("#"):
            inside = line.startswith(_SUBJECTS)
        elif inside and line.strip():
            subjects.add(line.strip())
    return tuple(sorted((subjects | set(_OTHERS)) & packed_icons()))
