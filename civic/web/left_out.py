"""What an address asks for and this town does not know: it is left out, and said."""

from collections.abc import Iterable

from flask import request
from flask_babel import gettext

from civic.i18n import N_
from civic.text.cleaning import clean_line

PARAMETERS = {
    "kind": N_("la sorte"),
    "category": N_("la catégorie"),
    "department": N_("le service"),
    "area": N_("le quartier"),
    "type": N_("l’état"),
    "status": N_("l’étape"),
    "bucket": N_("l’état"),
    "period": N_("la période"),
    "since": N_("le premier jour"),
    "until": N_("le dernier jour"),
    "month": N_("le mois"),
    "days": N_("la durée"),
    "bbox": N_("le cadre de la carte"),
    "near": N_("le lieu"),
    "view": N_("la vue"),
    "what": N_("la file"),
    "measure": N_("la mesure"),
    "event": N_("l’événement"),
    "sort": N_("l’ordre"),
}
"""The parameters of an address, as the sentence about an ignored one names them."""
MOST_SAID = 5
LONGEST_SAID = 60


def left_out(**known: Iterable[object]) -> list[str]:
    """Return what the address gives for each parameter that is none of the ``known`` values."""
    return say_left_out(
        (name, value)
        for name, values in known.items()
        for value in _given(name)
        if value not in {str(one) for one in values}
    )


def say_left_out(values: Iterable[tuple[str, str]]) -> list[str]:
    """Return (parameter, value) in the language of the page; at most ``MOST_SAID``, once each.

    A value of invisible letters alone is not said.
    """
    told = (
        gettext("%(what)s « %(value)s »", what=gettext(PARAMETERS[name]), value=seen[:LONGEST_SAID])
        for name, value in values
        if (seen := clean_line(value))
    )
    return list(dict.fromkeys(told))[:MOST_SAID]


def _given(name: str) -> list[str]:
    return [value.strip() for value in request.args.getlist(name) if value.strip()]
