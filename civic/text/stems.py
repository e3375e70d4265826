"""Search terms, made here so that both database engines index and answer exactly the same.

Each engine's own stemmer differs from the other's, so neither is used: texts and questions are cut
into folded stems by this module and stored as plain words.
"""

import re
import threading
from collections.abc import Iterator, Sequence
from functools import lru_cache

import Stemmer

from civic.text.folding import fold
from civic.text.references import normalise_reference

LANGUAGES = ("fr", "en")

_STEMMER_NAMES = {"fr": "french", "en": "english"}
_LONGEST_TERM = 64
_LONGEST_STEMMED = 40

# Short on purpose: a word that might be what someone looks for stays in.
_FRENCH_STOP_WORDS = """
    a ai as au aux avec c ca ce ceci cela ces cet cette ceux chez comme d dans de des donc du
    elle elles en est et etait ete etre eu il ils j je l la le les leur leurs lui m ma mais me
    meme mes moi mon n ne ni nos notre nous on ont ou par pas pour qu que qui quoi s sa se ses
    si sont son sur t ta te tes toi ton tres tu un une vos votre vous y
"""
_ENGLISH_STOP_WORDS = """
    a am an and are as at be been by did do does for from had has have he her his i if in into
    is it its me my no not of on or our she so that the their them then there these they this to
    was we were what when where which who will with you your
"""
_STOP_WORDS = {
    "fr": frozenset(_FRENCH_STOP_WORDS.split()),
    "en": frozenset(_ENGLISH_STOP_WORDS.split()),
}

_WORD = re.compile(
    r"""
      (?P<reference> \b[a-z]-?[0-9a-z]{4,8}-?[0-9oil]{2}\b )
    | (?P<acronym>   \b(?:[a-z]\.){2,}(?:[a-z]\b)? )
    | (?P<kept>      \baujourd'hui\b )
    | (?P<elided>    \b(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|quoiqu)' (?=\w) )
    | (?P<word>      [^\W_]+ )
    """,
    re.VERBOSE,
)

_ORDINAL = re.compile(r"(\d{1,3})(?:er|re|ere|e|eme|ieme|nd|nde|st|rd|th)")

# A snowball stemmer keeps its word inside itself: one for each thread.
_local = threading.local()


def stems(text: str, languages: Sequence[str] = LANGUAGES) -> list[str]:
    """Return the search terms of `text`, in order and with repetitions.

    Each word gives its stem in the first language and, where they differ, in the others. Stop words
    and elisions are dropped; numbers and postcodes stay whole; a reference with correct check
    digits becomes one term without dashes (`i7k3f92`). Every term is made of letters and digits
    only, so that no engine's tokenizer splits it.
    """
    return [stem for alternatives in term_stems(text, languages) for stem in alternatives]


def term_stems(text: str, languages: Sequence[str] = LANGUAGES) -> list[tuple[str, ...]]:
    """Return, for each word of a question, the stems any of which answers it.

    An engine asks for (one of the first tuple) and (one of the second) and so on. As stems only
    shorten, asking for the stem as a prefix also finds a word that is still being typed.
    """
    chosen = tuple(languages)
    return [found for word in words(text) if (found := _stems_of(word, chosen))]


def words(text: str) -> Iterator[str]:
    """Yield the folded words of `text`, elisions cut and references joined, before stemming."""
    for match in _WORD.finditer(fold(text)):
        word = match.group()
        if match.lastgroup == "elided":
            continue
        if match.lastgroup == "reference":
            reference = normalise_reference(word)
            if reference is not None:
                yield reference.replace("-", "").lower()
                continue
            yield from word.split("-")
        elif match.lastgroup in ("acronym", "kept"):
            yield re.sub(r"\W", "", word)
        else:
            yield word[:_LONGEST_TERM]


@lru_cache(maxsize=65_536)
def _stems_of(word: str, languages: tuple[str, ...]) -> tuple[str, ...]:
    if any(word in _STOP_WORDS[language] for language in languages):
        return ()
    ordinal = _ORDINAL.fullmatch(word)
    if ordinal:
        return (f"{ordinal[1]}e",)
    if not word.isalpha() or len(word) > _LONGEST_STEMMED:
        return (word,)
    return tuple(dict.fromkeys(_stem(word, language) for language in languages))


def _stem(word: str, language: str) -> str:
    if language == "fr":
        # The accents that tell « cassée » from « casse » are gone; without this, only the feminine
        # participle would keep its last vowel and part from its own masculine.
        word = re.sub(r"(?<=\w{3}e)e?s?$", "", word)
        # Snowball keeps these plurals: trous, vélos, caméras, menus.
        word = re.sub(r"(?<=\w{2}[aou])s$", "", word)
    stemmers: dict[str, Stemmer.Stemmer] | None = getattr(_local, "stemmers", None)
    if stemmers is None:
        stemmers = _local.stemmers = {}
    if language not in stemmers:
        stemmers[language] = Stemmer.Stemmer(_STEMMER_NAMES[language])
    return str(stemmers[language].stemWord(word)) or word
