"""Why something waits, in words."""

from collections.abc import Mapping
from types import MappingProxyType

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.i18n import N_
from civic.moderation import screening
from civic.moderation.models import Hold

HOLD_LABELS: Mapping[str, str] = MappingProxyType(
    {
        **screening.HOLD_LABELS,
        "policy": N_("Catégorie lue avant publication"),
        "held": N_("Mis en attente"),
        "suspended": N_("Compte suspendu"),
        "record": N_("Contenus retirés récemment, de la même source"),
        "photos": N_("Photo pas encore regardée"),
    }
)
"""For moderators."""

_FOR_AUTHORS: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(
            screening.PERSONAL_DATA,
            N_("Le texte contient peut-être des données personnelles."),
        ),
        screening.LINK: N_("Le texte contient un lien."),
        screening.BLOCKED_WORDS: N_("Un mot du texte doit être relu."),
        "policy": N_("Les contributions de cette catégorie sont lues avant d’être publiées."),
        "photos": N_("Les photos sont regardées avant d’être publiées."),
    }
)
_OTHERWISE = N_("Une personne de la ville lit ce texte avant sa publication.")


def label_of(code: str) -> str:
    """Return the msgid of a reason to hold, for moderators; the code itself for an unknown one."""
    return HOLD_LABELS.get(code, code)


def list_hold_reasons(
    session: Session, contribution_id: int, comment_id: int | None = None
) -> list[str]:
    """Return why something waits as sentences for its author, each once (msgids)."""
    codes = session.scalars(
        select(Hold.code)
        .where(
            Hold.contribution_id == contribution_id,
            Hold.comment_id == comment_id,
            Hold.released_at.is_(None),
        )
        .order_by(Hold.id)
    )
    return list(dict.fromkeys(_FOR_AUTHORS.get(code, _OTHERWISE) for code in codes))
