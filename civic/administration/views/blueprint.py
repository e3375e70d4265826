"""The blueprint, its menu, and what all its templates may ask for."""

from collections.abc import Sequence

from flask import Blueprint, request, url_for
from flask_babel import gettext

from civic.accounts.proof import require_proof
from civic.administration import labels
from civic.administration.queries import Gap
from civic.contributions.kinds import kinds
from civic.i18n import N_

blueprint = Blueprint("administration", __name__)
blueprint.before_request(require_proof)

SECTIONS = (
    ("index", N_("Vue d’ensemble"), "gear"),
    ("town", N_("Ville"), "house-door"),
    ("legal", N_("Textes légaux"), "file-earmark-text"),
    ("departments", N_("Services"), "building"),
    ("categories", N_("Catégories"), "tag"),
    ("areas", N_("Quartiers"), "map"),
    ("people", N_("Personnes et rôles"), "person-gear"),
    ("blocked_words", N_("Mots surveillés"), "eye"),
    ("log", N_("Journal"), "clock-history"),
    ("security_log", N_("Sécurité"), "shield-check"),
)
_SECTION_OF = {
    "new_department": "departments",
    "edit_department": "departments",
    "new_category": "categories",
    "edit_category": "categories",
    "new_question": "categories",
    "edit_question": "categories",
    "edit_area_page": "areas",
    "import_areas": "areas",
    "grant": "people",
}


@blueprint.context_processor
def menu() -> dict[str, object]:
    """Offer the sections, with the one that is open."""
    name = (request.endpoint or "").rpartition(".")[2]
    here = _SECTION_OF.get(name, name)
    return {
        "sections": [
            {
                "url": url_for(f".{endpoint}"),
                "label": gettext(text),
                "icon": icon,
                "current": endpoint == here,
            }
            for endpoint, text, icon in SECTIONS
        ],
        "gap_text": gap_text,
        "kind_names": kind_names,
        "answer_type_name": lambda code: gettext(labels.ANSWER_TYPES[code]),
    }


def gap_text(gap: Gap) -> str:
    """Return what is missing, in the language of the request."""
    words = {
        name: gettext(value) if name in {"field", "kind"} else value
        for name, value in gap.values.items()
    }
    return gettext(gap.text, **words)


def kind_names(codes: Sequence[str]) -> list[str]:
    """Return what the kinds are called; one that this installation lacks, by its code."""
    return [gettext(kinds[code].label_plural) if code in kinds else code for code in codes]
