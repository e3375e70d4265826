"""What in a text is a reason to let a person read it before the public does.

Pure, quick and explainable: rules, no score. A rule never refuses a text; it holds it, says why,
and a moderator decides. So a rule may err a little on the side of holding.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from functools import lru_cache
from hashlib import sha256
from importlib.resources import files
from itertools import islice
from types import MappingProxyType

from civic.contributions.screening_registry import HoldReason
from civic.i18n import N_
from civic.text.folding import fold
from civic.text.stems import words

LINK = "link_unverified"
BLOCKED_WORDS = "blocked_words"
PHONE = "phone_number"
EMAIL = "email_address"
PLATE = "number_plate"
BANK_ACCOUNT = "bank_account"
SOCIAL_SECURITY = "social_security_number"
PERSON = "person_name"
SHOUTING = "shouting"
DUPLICATE = "duplicate_text"
BURST = "burst"

HOLD_LABELS = MappingProxyType(
    {
        LINK: N_("Lien posté sans adresse vérifiée"),
        BLOCKED_WORDS: N_("Injure ou menace possible"),
        PHONE: N_("Numéro de téléphone possible"),
        EMAIL: N_("Adresse électronique possible"),
        PLATE: N_("Plaque d’immatriculation possible"),
        BANK_ACCOUNT: N_("Coordonnées bancaires possibles"),
        SOCIAL_SECURITY: N_("Numéro de sécurité sociale possible"),
        PERSON: N_("Nom d’une personne possible"),
        SHOUTING: N_("Texte écrit en majuscules"),
        DUPLICATE: N_("Texte déjà envoyé"),
        BURST: N_("Nombreux envois en peu de temps"),
    }
)
_NO_PERSONAL_DATA = N_(
    "Ce texte sera public : retirez les noms, numéros et adresses de personnes, puis renvoyez-le."
)
ADVICE = MappingProxyType(
    {
        LINK: N_("Retirez l’adresse du site, puis renvoyez votre texte."),
        BLOCKED_WORDS: N_("Reformulez sans mot blessant, puis renvoyez votre texte."),
        PHONE: _NO_PERSONAL_DATA,
        EMAIL: _NO_PERSONAL_DATA,
        PLATE: _NO_PERSONAL_DATA,
        BANK_ACCOUNT: _NO_PERSONAL_DATA,
        SOCIAL_SECURITY: _NO_PERSONAL_DATA,
        PERSON: _NO_PERSONAL_DATA,
        SHOUTING: N_("Écrivez en minuscules, puis renvoyez votre texte."),
    }
)
"""What to change in a text that is shown at once, for the reasons that lie in the text."""

PERSONAL_DATA = frozenset({PHONE, EMAIL, PLATE, BANK_ACCOUNT, SOCIAL_SECURITY, PERSON})

BURST_LIMIT = 5

_LONGEST_DETAIL = 120
_MOST_FRAGMENTS = 20
_SHOUTED_LETTERS = 20
_SHOUTED_SHARE = 0.7
_SPELLED_LETTERS = 4


def screen(
    text: str,
    *,
    blocked_words: "BlockedWords",
    trusted: bool = False,
    verified: bool = False,
    own_hosts: Collection[str] = (),
    known_fingerprints: Collection[str] = (),
    recent_count: int = 0,
    burst_limit: int = BURST_LIMIT,
) -> list[HoldReason]:
    """Return the reasons to hold `text`, none when it may be published.

    `verified`: the author's address is; only others are held for a link, unless it leads to one of
    `own_hosts`. `trusted` (agents, authors with a good record): only insults, threats and personal
    data hold their texts. `known_fingerprints` are those of texts that other reports of late had
    (see `fingerprint`), `recent_count` the texts from the same source in the last hour.
    """
    reasons = []
    if found := blocked_words.find(text):
        reasons.append(_reason(BLOCKED_WORDS, found))
    reasons += _personal_data(text)
    if trusted:
        return reasons
    if not verified and (links := list(dict.fromkeys(_links(text, own_hosts)))):
        reasons.append(_reason(LINK, links))
    if _is_shouted(text):
        reasons.append(_reason(SHOUTING))
    if known_fingerprints and fingerprint(text) in known_fingerprints:
        reasons.append(_reason(DUPLICATE))
    if recent_count >= burst_limit:
        reasons.append(_reason(BURST, [str(recent_count)]))
    return reasons


def fingerprint(text: str) -> str:
    """Return 32 hexadecimal digits, the same for texts that differ only in case, accents, signs."""
    return sha256(" ".join(words(text)).encode()).hexdigest()[:32]


# --------------------------------------------------------------------------------- blocked words


class BlockedWords:
    """Words and phrases, found whole, through accents, case, doubled letters and disguises."""

    def __init__(self, entries: Iterable[str]) -> None:
        """Take one word or phrase an entry; a final s or x is added where it is missing."""
        self._shown = {
            plain: entry.strip() for entry in entries if (plain := " ".join(_plain_words(entry)))
        }
        # Longest first: « gros con » is said rather than « con ».
        alternatives = "|".join(
            re.escape(plain)
            for plain in sorted(self._shown, key=lambda plain: (-len(plain), plain))
        )
        self._pattern = re.compile(rf"(?<!\S)({alternatives})[sx]?(?!\S)") if alternatives else None

    @classmethod
    def from_text(cls, text: str) -> "BlockedWords":
        """Read a list: one entry a line, lines that start with # left out."""
        lines = (line.strip() for line in text.splitlines())
        return cls(line for line in lines if line and not line.startswith("#"))

    def find(self, text: str) -> list[str]:
        """Return the entries found in `text`, as the list writes them, each once."""
        if self._pattern is None:
            return []
        plain = " ".join(_plain_words(text))
        return list(dict.fromkeys(self._shown[word] for word in self._pattern.findall(plain)))


@lru_cache(maxsize=4)
def blocked_words_with(own: str) -> BlockedWords:
    """Return the list that comes with civic and the town's `own` words, one a line."""
    return BlockedWords.from_text(f"{_shipped_words()}\n{own}")


def _shipped_words() -> str:
    source = files("civic.moderation").joinpath("blocked_words_fr.txt")
    return source.read_text(encoding="utf-8")


_WORD = re.compile(r"[\w@$€]+")
_REPEATED = re.compile(r"([^\W\d])\1+")
_DISGUISES = str.maketrans("013457@$€", "oieastase")


def _plain_words(text: str) -> Iterator[str]:
    """Yield folded words, digits and signs that stand for letters undone, runs made single."""
    spelled: list[str] = []
    for match in _WORD.finditer(fold(text)):
        word = match.group().strip("_")
        if not word.isdigit():
            word = word.translate(_DISGUISES)
        word = _REPEATED.sub(r"\1", word)
        if len(word) == 1:
            spelled.append(word)
            continue
        yield from _spelled_out(spelled)
        spelled = []
        if word:
            yield word
    yield from _spelled_out(spelled)


def _spelled_out(letters: list[str]) -> Iterator[str]:
    """Yield single letters as they are, and many in a row (« p.u.t.e ») as the word they spell."""
    if len(letters) >= _SPELLED_LETTERS:
        yield _REPEATED.sub(r"\1", "".join(letters))
    else:
        yield from letters


# --------------------------------------------------------------------------------- personal data

_PHONE = re.compile(
    r"(?<![\d.])(?:(?:\+|00)\s?33[\s./-]?(?:\(0\)[\s./-]?)?|0)[1-9](?:[\s./-]?\d{2}){4}(?!\d)"
)
_EMAIL = re.compile(r"[\w.+%-]{1,64}@[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}", re.IGNORECASE)
# Since 2009: two letters, three digits, two letters, without I, O and U. Run together or with
# spaces it must be in capitals, or every « de 123 la » would be one.
_PLATE_LETTERS = "[A-HJ-NP-TV-Z]{2}"
_PLATE = re.compile(
    rf"(?<![\w-])(?:{_PLATE_LETTERS}[ ]?\d{{3}}[ ]?{_PLATE_LETTERS}"
    rf"|(?i:{_PLATE_LETTERS}-\d{{3}}-{_PLATE_LETTERS}))(?![\w-])"
)
# Before 2009: 123 ABC 75.
_OLD_PLATE = re.compile(
    r"(?<![\w-])\d{2,4}[ -]?(?!RUE|AV|BD|PL|DE|DU|ET|LA|LE|UN|KM|CM|MM|TH|EUR)"
    r"[A-HJ-NP-TV-Z]{2,3}[ -]?(?:0[1-9]|[1-8]\d|9[0-5]|97[1-6]|2[AB])(?![\w-])"
)
# Of the countries whose accounts are met in France: how many characters follow the two digits.
_IBAN_LENGTHS = {"FR": 23, "MC": 23, "BE": 12, "CH": 17, "DE": 18, "ES": 20, "GB": 18, "IT": 23}
_IBAN = re.compile(
    r"(?<!\w)(?:"
    + "|".join(
        rf"{country}\d{{2}}(?:\s?[A-Z0-9]){{{length}}}" for country, length in _IBAN_LENGTHS.items()
    )
    + r")(?!\w)",
    re.IGNORECASE,
)
_NIR = re.compile(
    r"(?<!\d)[12][ .]?\d{2}[ .]?\d{2}[ .]?(?:\d{2}|2[AB])[ .]?\d{3}[ .]?\d{3}[ .-]?\d{2}(?!\d)",
    re.IGNORECASE,
)
_CAPITALISED = r"[A-ZÀ-ÖØ-Þ][\w’'-]+"
_PERSON = re.compile(
    r"(?<![\w-])(?<!rue )(?<!Rue )(?<!place )(?<!Place )(?<!avenue )(?<!Avenue )"
    r"(?:M\.|MM\.|Mr\.?|Mme\.?|Mlle\.?|[Mm]onsieur|[Mm]adame|[Mm]ademoiselle)[ \u00a0]+"
    rf"(?P<name>{_CAPITALISED}(?:[ \u00a0]{_CAPITALISED})?)"
)
_ARTICLES = frozenset({"la", "le", "les"})
_TITLES = frozenset(
    {
        *("adjoint", "adjointe", "commissaire", "conseiller", "conseillere", "depute", "deputee"),
        *("directeur", "directrice", "elu", "elue", "l'adjoint", "l'adjointe"),
        *("madame", "mademoiselle", "maire", "ministre", "monsieur", "messieurs", "mesdames"),
        *("prefet", "prefete", "president", "presidente", "senateur", "senatrice", "bonjour"),
    }
)


def _matches(pattern: re.Pattern[str]) -> Callable[[str], Iterator[str]]:
    return lambda text: (match.group() for match in pattern.finditer(text))


def _plates(text: str) -> Iterator[str]:
    for pattern in (_PLATE, _OLD_PLATE):
        yield from _matches(pattern)(text)


def _ibans(text: str) -> Iterator[str]:
    for found in _matches(_IBAN)(text):
        compact = "".join(found.split())
        digits = "".join(str(int(char, 36)) for char in compact[4:] + compact[:4])
        if int(digits) % 97 == 1:
            yield found


def _nirs(text: str) -> Iterator[str]:
    for found in _matches(_NIR)(text):
        compact = re.sub(r"[ .-]", "", found).upper()
        # Corsica: 2A counts as 19 and 2B as 18.
        number, key = compact[:13].replace("2A", "19").replace("2B", "18"), compact[13:]
        if number.isdigit() and 97 - int(number) % 97 == int(key):
            yield found


def _people(text: str) -> Iterator[str]:
    for match in _PERSON.finditer(text):
        # « Madame La Maire » is an office, « Mme Le Goff » a person.
        names = [name for name in fold(match["name"]).split() if name not in _ARTICLES]
        if names and names[0] not in _TITLES:
            yield match.group()


# In this order: the digits of an account may look like a telephone number.
_PERSONAL_DATA_RULES: tuple[tuple[str, Callable[[str], Iterator[str]]], ...] = (
    (BANK_ACCOUNT, _ibans),
    (SOCIAL_SECURITY, _nirs),
    (EMAIL, _matches(_EMAIL)),
    (PHONE, _matches(_PHONE)),
    (PLATE, _plates),
    (PERSON, _people),
)


def _personal_data(text: str) -> Iterator[HoldReason]:
    for code, find in _PERSONAL_DATA_RULES:
        fragments = list(dict.fromkeys(islice(find(text), _MOST_FRAGMENTS)))
        for fragment in fragments:
            text = text.replace(fragment, " … ")
        if fragments:
            yield _reason(code, fragments)


# --------------------------------------------------------------------------------- links, shouting

_LINK = re.compile(
    r"https?://(?P<host>[^\s/:?#<>()\"']+)"
    r"|(?<![\w@.-])(?P<bare>(?:[\w-]+\.)+(?:com|fr|net|org|info|biz|xyz|top|shop|online|site|club|"
    r"app|dev|io|ru|cn|eu|be|ch|de|uk|ly|me|co|gl|gg|tv|cc|link|click|store|live))(?![\w@-])",
    re.IGNORECASE,
)


def _links(text: str, own_hosts: Collection[str]) -> Iterator[str]:
    for match in _LINK.finditer(_EMAIL.sub(" ", text)):
        host = (match["host"] or match["bare"]).lower().rstrip(".,;")
        if not any(host == own or host.endswith(f".{own}") for own in own_hosts):
            yield host


def _is_shouted(text: str) -> bool:
    letters = [char for char in text if char.isalpha()]
    capitals = sum(char.isupper() for char in letters)
    return len(letters) >= _SHOUTED_LETTERS and capitals > _SHOUTED_SHARE * len(letters)


def _reason(code: str, seen: Iterable[str] = ()) -> HoldReason:
    """Return a reason with what was seen, and the advice that goes with its code."""
    return HoldReason(code, ", ".join(seen)[:_LONGEST_DETAIL], advice=ADVICE.get(code, ""))
