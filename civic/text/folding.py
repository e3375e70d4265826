"""One spelling for all the ways people write the same word."""

import unicodedata

# NFKD leaves these whole. The typographic signs are made plain so that « l’école » typed on a phone
# and « l'ecole » typed on a keyboard are one text.
_PLAIN = str.maketrans(
    {
        "œ": "oe",
        "æ": "ae",
        "ø": "o",
        "đ": "d",
        "ð": "d",
        "ł": "l",
        "ħ": "h",
        "ı": "i",
        "þ": "th",
        "’": "'",
        "‘": "'",
        "ʼ": "'",
        "′": "'",
        "´": "'",
        "`": "'",
        "“": '"',
        "”": '"',
        "«": '"',
        "»": '"',
        "‐": "-",
        "‑": "-",
        "‒": "-",
        "–": "-",
        "—": "-",
        "\u00ad": None,
        "\u200b": None,
        "\u200c": None,
        "\u200d": None,
        "\ufeff": None,
    }
)


def fold(text: str) -> str:
    """Return `text` in lower case, without accents or ligatures, with plain quotes and dashes.

    Spaces keep their number (a no-break space becomes a space). Folding twice changes nothing.
    """
    if text.isascii():
        return text.lower().replace("`", "'")
    # ´ and its kind must be translated before NFKD, which would split them into space + accent.
    plain = text.casefold().translate(_PLAIN)
    marked = unicodedata.normalize("NFKD", plain)
    bare = "".join(char for char in marked if unicodedata.category(char) != "Mn")
    # Compatibility forms (ﬁ, Ⅳ, ℌ) may bring back capitals or signs of the table.
    return bare.casefold().translate(_PLAIN)
