"""Which language a text says it is in by its script alone, as BCP 47 tags name it."""

import re
import unicodedata
from collections import Counter
from typing import Final

_BEYOND_LATIN: Final = re.compile("[\u0370-\u1dff\u2c80-\ua71f\ua800-\U0010ffff]")
_MOST: Final = 400
_TAGS: Final = {
    "ARABIC": "und-Arab",
    "ARMENIAN": "hy",
    "BENGALI": "und-Beng",
    "BOPOMOFO": "zh",
    "CJK": "zh",
    "CYRILLIC": "und-Cyrl",
    "DEVANAGARI": "und-Deva",
    "ETHIOPIC": "und-Ethi",
    "GEORGIAN": "ka",
    "GREEK": "el",
    "GUJARATI": "gu",
    "GURMUKHI": "pa",
    "HANGUL": "ko",
    "HEBREW": "und-Hebr",
    "HIRAGANA": "ja",
    "KANNADA": "kn",
    "KATAKANA": "ja",
    "KHMER": "km",
    "LAO": "lo",
    "MALAYALAM": "ml",
    "MYANMAR": "my",
    "NKO": "und-Nkoo",
    "SINHALA": "si",
    "SYRIAC": "und-Syrc",
    "TAMIL": "ta",
    "TELUGU": "te",
    "THAANA": "dv",
    "THAI": "th",
    "TIBETAN": "und-Tibt",
    "TIFINAGH": "und-Tfng",
}
"""The script of a letter, by the first word of its name: its only language, or the script."""


def tag_of_script(text: str) -> str:
    """Return the tag of the script that most letters of ``text`` are of; nothing for Latin.

    What is written in kana and in Chinese characters is Japanese.
    """
    if _BEYOND_LATIN.search(text) is None:
        return ""
    found: Counter[str] = Counter()
    for letter in text[:_MOST]:
        if letter.isalpha():
            script = unicodedata.name(letter, "").partition(" ")[0].partition("-")[0]
            found[_TAGS.get(script, "")] += 1
    if not found:
        return ""
    tag, _count = found.most_common(1)[0]
    return "ja" if tag == "zh" and found["ja"] else tag
