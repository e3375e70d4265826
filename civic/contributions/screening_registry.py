"""What the kernel and the capabilities ask of moderation without knowing it.

Moderation registers its functions here when the application is composed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from civic.accounts.actor import Actor
from civic.contributions.models import Contribution
from civic.i18n import N_


@dataclass(frozen=True, slots=True)
class HoldReason:
    """Why a text waits for a moderator; ``detail`` says what was seen, for the moderator only.

    ``label`` is a French msgid that its author may read. ``advice``, another, says what to change
    in the text; where the reason is not the text (who wrote it, how often) there is none.
    """

    code: str
    detail: str = ""
    label: str = N_("Ce texte doit être relu par la modération avant d’être publié.")
    advice: str = ""


Screener = Callable[[Session, str, Actor, Contribution | None], Sequence[HoldReason]]
"""Takes the text, who wrote it, and the contribution it is said under (None: a new one)."""

HoldExplainer = Callable[[Session, int, int | None], Sequence[str]]
"""Takes the ids of a contribution and of a comment (or None); returns French msgids."""

RemovalExplainer = Callable[[Session, Contribution], str]
"""Returns the clause a hidden contribution was removed by, as a French msgid, or nothing."""

screeners: list[Screener] = []
hold_explainers: list[HoldExplainer] = []
removal_explainers: list[RemovalExplainer] = []


def screen(
    session: Session, text: str, *, actor: Actor, contribution: Contribution | None = None
) -> list[HoldReason]:
    """Return every reason to hold ``text``; none: it may be published at once."""
    return [
        reason for screener in screeners for reason in screener(session, text, actor, contribution)
    ]


def explain_hold(
    session: Session, contribution_id: int, comment_id: int | None = None
) -> list[str]:
    """Return why something waits, as msgids its author may read."""
    return [
        label
        for explainer in hold_explainers
        for label in explainer(session, contribution_id, comment_id)
    ]


def explain_removal(session: Session, contribution: Contribution) -> str:
    """Return the clause that a hidden contribution was removed by, or an empty text."""
    clauses = (explainer(session, contribution) for explainer in removal_explainers)
    return next((clause for clause in clauses if clause), "")
