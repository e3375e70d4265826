"""The few words that we write around an address, in the language of whoever reads it."""

import re
from typing import Final

from flask_babel import get_locale, gettext

_BEFORE: Final = re.compile(r"^(?:devant le|in front of) (?=\d)")
_NEAR: Final = re.compile(r"\((?:près du|near no\.) (?=\d)([^()]*)\)")


def write_address(address: str) -> str:
    """Return ``address`` with our words around it in the language in force, whichever it had.

    An address is stored in the language of the page that it was chosen on. The names of streets and
    what people add stay as they are.
    """
    if get_locale() is None:
        return address
    before = _BEFORE.match(address)
    if before is not None:
        address = gettext("devant le %(address)s", address=address[before.end() :])
    return _NEAR.sub(lambda near: gettext("(près du %(number)s)", number=near[1]), address)
