"""Letters that look like others: two texts that read the same have one skeleton."""

from civic.text.folding import fold

_PAIRS = (
    # Greek
    "ΑA ΒB ΕE ΖZ ΗH ΙI ΚK ΜM ΝN ΟO ΡP ΤT ΥY ΧX αa βb γy εe ηn ιi κk νv οo ρp σo τt υu χx ωw ϲc ϳj",
    # Cyrillic
    "АA ВB СC ЕE НH ІI ЈJ КK МM ОO РP ЅS ТT УY ХX ѴV ԀD ԚQ ԜW ӀI ЬB ГR ЗZ",
    "аa вb сc еe нh һh іi јj кk мm оo рp ѕs тt уy хx ѵv ԁd ԛq ԝw ӏl ьb гr пn иu зz",
    # Armenian and Cherokee
    "օo ոn սu հh ցg զq ՏS ՕO ᎪA ᏴB ᏟC ᎠD ᎬE ᏀG ᎻH ᏆI ᎫJ ᏦK ᏞL ᎷM ᏢP ᎡR ᏚS ᎢT ᏙV ᎳW ᏃZ",
    # Latin small capitals and variants
    "ᴀa ʙb ᴄc ᴅd ᴇe ꜰf ɢg ʜh ɪi ᴊj ᴋk ʟl ᴍm ɴn ᴏo ᴘp ʀr ꜱs ᴛt ᴜu ᴠv ᴡw ʏy ᴢz ɑa ɡg ɩi ɾr ʋu ƙk",
)
_ALIKE = str.maketrans({pair[0]: pair[1] for line in _PAIRS for pair in line.split()})
_DIGITS = str.maketrans("015i", "olsl")
"""A zero is an O; a one, an I and an L are one stroke; a five is an S."""


def skeleton(text: str) -> str:
    """Return the letters and digits of ``text`` as they look: to compare, not to show."""
    # Before case is folded: a Greek capital looks like another letter than its small one.
    seen = "".join(char for char in fold(text.translate(_ALIKE)) if char.isalnum())
    return seen.translate(_DIGITS).replace("rn", "m").replace("vv", "w")
