"""Where somebody may be sent after signing in: to pages of this site only."""

from typing import Final

LONGEST: Final = 500
_NEVER = ("/sign-in", "/sign-out")


def own_path(path: str | None, default: str = "/") -> str:
    r"""Return ``path`` when it is a page of this site, otherwise ``default``.

    Refused: other sites, also in the spellings that browsers take for one (``//x``, ``/\x``),
    control characters, and the sign-in pages themselves.
    """
    if not path or len(path) > LONGEST or not path.startswith("/"):
        return default
    if path[1:2] in {"/", "\\"} or not path.isprintable() or path.startswith(_NEVER):
        return default
    return path
