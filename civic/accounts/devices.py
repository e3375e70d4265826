"""What a person recognises a browser by: « Firefox, Windows », out of what it says of itself."""

from itertools import chain

_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "Mac"),
    ("Linux", "Linux"),
)
"""The first that is found counts: many say several names, the telling one before the common."""


def device_name(user_agent: str) -> str:
    """Return browser and system, or an empty text; nothing of the header itself is kept."""
    found = (
        next((name for sign, name in known if sign in user_agent), None)
        for known in (_BROWSERS, _SYSTEMS)
    )
    return ", ".join(filter(None, chain(found)))
