"""Every text of the interface is there in English, with the same gaps to fill."""

import importlib.util
import re
from pathlib import Path
from typing import Any

import pytest
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[2]
TRANSLATIONS = ROOT / "civic" / "translations"
ENGLISH = TRANSLATIONS / "en" / "LC_MESSAGES" / "messages.po"
FRENCH = TRANSLATIONS / "fr" / "LC_MESSAGES" / "messages.po"

pytestmark = pytest.mark.architecture


def tool() -> Any:
    """The program behind ``make translations``."""
    spec = importlib.util.spec_from_file_location("translations", ROOT / "tools/translations.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def gaps(text: str) -> set[str]:
    return set(re.findall(r"%\((\w+)\)", text))


def test_no_text_is_left_in_french() -> None:
    with ENGLISH.open("rb") as file:
        english = read_po(file, locale="en")
    known = {(message.id, message.context): message for message in english if message.id}
    missing = []
    for wanted in tool().extract():
        if not wanted.id:
            continue
        found = known.get((wanted.id, wanted.context))
        if found is None or found.fuzzy or not tool().has_translation(found.string):
            missing.append(f"{wanted.locations[0][0]}: {wanted.id!r}")
    assert missing == [], "run `make translations` and translate these"


def test_a_translation_fills_the_same_gaps() -> None:
    with ENGLISH.open("rb") as file:
        english = read_po(file, locale="en")
    wrong = []
    for message in english:
        if not message.id:
            continue
        ids = message.id if isinstance(message.id, tuple | list) else (message.id,)
        strings = message.string if isinstance(message.string, tuple | list) else (message.string,)
        if gaps(strings[-1]) != gaps(ids[-1]) or gaps(strings[0]) - gaps(ids[-1]):
            wrong.append(ids[0])
    assert wrong == []


def test_french_texts_have_the_curved_apostrophe() -> None:
    straight = [
        f"{message.locations[0][0]}: {message.id!r}"
        for message in tool().extract()
        if message.id and re.search(r"\w'\w", str(message.id))
    ]
    assert straight == [], "write ’ in the texts of the interface"


def test_french_typography_is_never_broken_at_the_end_of_a_line() -> None:
    """A text may be written with plain spaces: the French catalogue has the no-break ones."""
    with FRENCH.open("rb") as file:
        french = read_po(file, locale="fr")
    breaking = []
    for wanted in tool().extract():
        found = french.get(wanted.id, wanted.context) if wanted.id else None
        shown = found.string if found is not None else wanted.id
        breaking += [
            f"{wanted.locations[0][0]}: {form!r}"
            for form in ((shown,) if isinstance(shown, str) else shown)
            if re.search(r"« | [:;?!»]", form)
        ]
    assert breaking == [], "run `make translations`"
