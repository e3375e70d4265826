"""A text is held for a reason that can be said, and an ordinary one is not held."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from civic.moderation.screening import (
    BANK_ACCOUNT,
    BLOCKED_WORDS,
    BURST,
    DUPLICATE,
    EMAIL,
    HOLD_LABELS,
    LINK,
    PERSON,
    PERSONAL_DATA,
    PHONE,
    PLATE,
    SHOUTING,
    SOCIAL_SECURITY,
    BlockedWords,
    blocked_words_with,
    fingerprint,
    screen,
)

NONE = BlockedWords([])


def codes(text: str, *, verified: bool = True, trusted: bool = False) -> set[str]:
    words = blocked_words_with("")
    found = screen(text, blocked_words=words, verified=verified, trusted=trusted)
    return {reason.code for reason in found}


@pytest.mark.parametrize(
    "text",
    [
        "Un trou dangereux devant le 12 bis rue de la Paix, 75002 Paris.",
        "Le lampadaire n° 4512 est éteint depuis le 21/11/2026 à 18h30.",
        "Des cons de signalisation ? Non, des cônes !",
        "Bonjour Madame, Monsieur, l’arbre est mort aux abords du 8 avenue Foch.",
        "Madame la Maire, Monsieur le Maire, Madame La Maire, merci.",
        "Angle rue Monsieur le Prince et rue Madame Curie.",
        "Ligne 38, bus RATP, arrêt DE GAULLE 75",
        "La pédale du vélo en libre-service est cassée, le mur est sale.",
        "Coordonnées : 48.0123456789, 2.3522000000",
        "Facture 1234567890123, 150 000 euros, 3975.",
        "Le SDIS 75 et la DVD",
        "",
    ],
)
def test_an_ordinary_text_is_not_held(text: str) -> None:
    assert codes(text) == set()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Appelez-moi au 06 12 34 56 78", PHONE),
        ("tel 0612345678.", PHONE),
        ("+33 (0)1.42.76.40.40", PHONE),
        ("0033 6-12-34-56-78", PHONE),
        ("écrire à jean.dupont+ville@exemple.co.uk", EMAIL),
        ("La voiture AB-123-CD gêne", PLATE),
        ("la voiture ab-123-cd gêne", PLATE),
        ("AB 123 CD ou AB123CD", PLATE),
        ("vieille épave 1234 XK 75", PLATE),
        ("IBAN FR76 3000 6000 0112 3456 7890 189 merci", BANK_ACCOUNT),
        ("fr7630006000011234567890189", BANK_ACCOUNT),
        ("DE89 3704 0044 0532 0130 00", BANK_ACCOUNT),
        ("mon numéro 2 69 05 49 588 157 80", SOCIAL_SECURITY),
        ("c’est M. Dupont du 3e", PERSON),
        ("Mme Le Goff-Martin jette", PERSON),
        ("mon voisin monsieur Jean Martin", PERSON),
    ],
)
def test_personal_data_is_noticed(text: str, code: str) -> None:
    assert codes(text) == {code}
    assert code in PERSONAL_DATA
    assert codes(text, trusted=True) == {code}


@pytest.mark.parametrize(
    "text", ["FR76 3000 6000 0112 3456 7890 188", "2 69 05 49 588 157 81", "0 12 34 56 78"]
)
def test_wrong_check_digits_are_no_personal_data(text: str) -> None:
    assert codes(text) == set()


@pytest.mark.parametrize(
    "text",
    [
        "Le gardien est un CONNARD !",
        "bande de connards",
        "espèce d’enculé",
        "connnnard",
        "c0nn@rd",
        "c.o.n.n.a.r.d",
        "Je vais   te\ntuer",
        "je sais où tu habites",
        "fils-de-pute",
    ],
)
def test_insults_and_threats_are_noticed_through_disguises(text: str) -> None:
    assert codes(text) == {BLOCKED_WORDS}
    assert codes(text, trusted=True) == {BLOCKED_WORDS}


def test_blocked_words_are_found_whole_and_named() -> None:
    words = BlockedWords.from_text("# commentaire\n\nzut\nflûte alors\n")
    assert words.find("Zut, FLUTE… alors ! zut") == ["zut", "flûte alors"]
    assert words.find("zuts") == ["zut"]
    assert words.find("zutique, flûte") == []
    assert NONE.find("zut") == []


def test_a_link_holds_only_who_has_no_verified_address() -> None:
    text = "Voir https://exemple.org/page et www.autre.com"
    assert codes(text, verified=False) == {LINK}
    assert codes(text, verified=True) == set()
    (reason,) = screen(text, blocked_words=NONE)
    assert reason.detail == "exemple.org, www.autre.com"


def test_the_towns_own_pages_may_be_linked() -> None:
    text = "Voir https://www.ville.fr/travaux"
    assert screen(text, blocked_words=NONE, own_hosts=["ville.fr"]) == []
    assert screen(text, blocked_words=NONE, own_hosts=["le.fr"]) != []


def test_shouting_is_noticed_in_long_texts_only() -> None:
    assert codes("POURQUOI PERSONNE NE RÉPOND JAMAIS") == {SHOUTING}
    assert codes("SNCF, RATP") == set()


def test_the_same_text_again_is_noticed_whatever_its_signs() -> None:
    known = {fingerprint("Trou, rue de la Paix !")}
    (reason,) = screen("TROU rue de la paix", blocked_words=NONE, known_fingerprints=known)
    assert reason.code == DUPLICATE
    assert fingerprint("Trou rue de la Paix 2") not in known


def test_many_texts_from_one_source_are_noticed() -> None:
    held = screen("Trou", blocked_words=NONE, recent_count=5)
    assert [(reason.code, reason.detail) for reason in held] == [(BURST, "5")]
    assert screen("Trou", blocked_words=NONE, recent_count=4) == []
    assert screen("Trou", blocked_words=NONE, recent_count=50, trusted=True) == []


@given(st.text(max_size=300), st.booleans(), st.booleans())
def test_every_reason_has_a_label(text: str, verified: bool, trusted: bool) -> None:
    assert codes(text, verified=verified, trusted=trusted) <= HOLD_LABELS.keys()


@pytest.mark.parametrize(
    "text",
    ["a" * 100_000, "a." * 50_000, "1 " * 50_000, "@" * 100_000, "M. " * 33_000, "A1" * 50_000],
)
def test_a_hostile_text_is_screened_in_time(text: str) -> None:
    started = time.perf_counter()
    codes(text, verified=False)
    assert time.perf_counter() - started < 5
