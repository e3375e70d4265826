"""One cleaning of every text that people write: forms, imports and interfaces alike."""

import re
import unicodedata

_INVISIBLE = re.compile(
    # Unicode's Default_Ignorable_Code_Point, and the empty Braille pattern, which draws nothing.
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
# Characters that reorder or hide what stands beside them, or that no text needs. The joiners
# U+200C and U+200D stay, as emoji and Persian need them; U+200E and U+200F are harmless marks.
_REMOVED = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u200b\u202a-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)
# Tags draw nothing and can carry a hidden text; the flags of regions are spelled with them.
_TAGS = re.compile(
    "(\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{3,6}\U000e007f)"
    "|[\U000e0000-\U000e007f]"
)
_LINE_END = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_SPACES = re.compile(r"\s+")
_EDGES = re.compile(
    f"^(?:\\s|{_INVISIBLE.pattern})+|(?:\\s|[\u00ad\u115f\u1160\u2800\u3164\uffa0])+$"
)


def clean_text(text: str) -> str:
    r"""Return ``text`` in Unicode NFC, with ``\n`` for every end of line, trimmed.

    Control characters, bidirectional overrides and isolates, zero-width spaces, tags outside flags
    and halves of surrogate pairs are removed. A text in which nothing can be seen comes back empty.
    """
    if text.isascii() and text.isprintable():
        return text.strip()
    kept = _TAGS.sub(r"\1", _REMOVED.sub("", _LINE_END.sub("\n", text)))
    kept = _EDGES.sub("", unicodedata.normalize("NFC", kept))
    return kept if is_visible(kept) else ""


def clean_line(text: str) -> str:
    """Return ``text`` as :func:`clean_text` does, on one line, with single spaces.

    No-break spaces stay: French typography needs them.
    """
    cleaned = clean_text(text)
    return _SPACES.sub(_one_space, cleaned) if _SPACES.search(cleaned) else cleaned


def is_visible(text: str) -> bool:
    """Whether anything of ``text`` can be seen: not spaces, marks and controls alone."""
    return any(
        unicodedata.category(char)[0] not in "ZCM" and not _INVISIBLE.match(char) for char in text
    )


def _one_space(found: re.Match[str]) -> str:
    run = found[0]
    return run if run in {"\u00a0", "\u202f"} else " "
