"""Gathers the texts of civic and brings its catalogues up to date (``make translations``).

The texts in the code are French. The English catalogue holds their translation. The French one
is made here and holds only what the code does not say: which plural form a number takes (0 is
singular in French), and the no-break spaces of French typography.
"""

from __future__ import annotations

import re
import sys
import tomllib
from copy import deepcopy
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "civic" / "translations"
KEYWORDS = DEFAULT_KEYWORDS | {
    "_l": None,
    "_n": (1, 2),
    "lazy_gettext": None,
    "lazy_ngettext": (1, 2),
    "lazy_pgettext": ((1, "c"), 2),
}


NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"


def extract() -> Catalog:
    """Every text of the Python files and templates, with the remarks marked ``L10n:``."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["babel"]
    methods = [(entry["pattern"], entry["method"]) for entry in settings["mappings"]]
    options = {
        entry["pattern"]: {key: str(value) for key, value in entry.get("options", {}).items()}
        for entry in settings["mappings"]
    }
    catalogue = Catalog(project="civic", charset="utf-8")
    found = extract_from_dir(
        ROOT / "civic",
        method_map=methods,
        options_map=options,
        keywords=KEYWORDS,
        comment_tags=("L10n:",),
        strip_comment_tags=True,
    )
    for filename, line, message, comments, context in sorted(found, key=lambda item: item[:2]):
        catalogue.add(
            message, None, [(f"civic/{filename}", line)], auto_comments=comments, context=context
        )
    return catalogue


def update(language: str, template: Catalog) -> Catalog:
    """The catalogue of ``language`` with what is in ``template``, translations kept."""
    path = FOLDER / language / "LC_MESSAGES" / "messages.po"
    catalogue = Catalog(locale=language, project="civic", charset="utf-8")
    if path.exists():
        with path.open("rb") as file:
            catalogue = read_po(file, locale=language)
    catalogue.fuzzy = False
    catalogue.update(template, no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    catalogue.header_comment = f"# The texts of civic ({language}). Made by `make translations`."
    for message in list(catalogue):
        if language == "fr" and message.id:
            message.string = typeset(message.id)
            if message.string == message.id and not message.pluralizable:
                catalogue.delete(message.id, message.context)
    buffer = BytesIO()
    write_po(buffer, catalogue, width=100, omit_header=False, include_lineno=False)
    text = buffer.getvalue()
    if not path.exists() or without_dates(path.read_bytes()) != without_dates(text):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text)
    return catalogue


def typeset(message: str | list[str] | tuple[str, ...]) -> str | tuple[str, ...]:
    """French with no-break spaces before « : ; ? ! » and inside guillemets; each plural form."""
    if not isinstance(message, str):
        return tuple(str(typeset(form)) for form in message)
    return re.sub(r"(?<=«) | (?=[:;?!»])", NO_BREAK_SPACE, message)


def without_dates(po: bytes) -> list[bytes]:
    """The lines of a catalogue but its dates, which alone are no reason to write it anew."""
    return [line for line in po.splitlines() if b"-Date: " not in line]


def main() -> int:
    """Update both languages and say how many texts wait for a translation."""
    template = extract()
    update("fr", deepcopy(template))
    english = update("en", template)
    waiting = [message for message in english if message.id and not has_translation(message.string)]
    print(f"civic: {len(template)} texts, {len(waiting)} without an English translation.")
    return 0


def has_translation(string: str | tuple[str, ...] | list[str] | None) -> bool:
    """True if the text, or every plural form of it, is there."""
    return bool(string) and (isinstance(string, str) or all(string or ()))


if __name__ == "__main__":
    sys.exit(main())
