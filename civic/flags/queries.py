"""Finding flags."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.errors import require
from civic.flags.models import Flag
from civic.i18n import N_
from civic.text.references import ALPHABET


def get_by_receipt(session: Session, receipt: str) -> Flag:
    """Return the flag whose code was typed, in any case and spacing; raises NotFound."""
    typed = "".join(receipt.upper().replace("-", " ").split())
    canonical = "-".join(typed[start : start + 4] for start in range(0, len(typed), 4))
    found = None
    if set(typed) <= set(ALPHABET) and len(typed) <= 24:
        found = session.scalars(select(Flag).where(Flag.receipt == canonical)).first()
    return require(found, N_("Aucun signalement ne porte ce code. Vérifiez les caractères saisis."))
