"""What every author may do with what they submitted: edit, withdraw, come back by their link."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.accounts.actor import Actor
from civic.accounts.tokens import follow_hash
from civic.contributions.models import Contribution
from civic.contributions.operations import BODY_LENGTH, TITLE_LENGTH, edit_text, move
from civic.contributions.policies import may_edit, parties
from civic.contributions.screening_registry import screen
from civic.contributions.workflow import CommonStatus
from civic.errors import Conflict, Invalid
from civic.i18n import N_


def find_by_link(session: Session, token: str) -> Contribution | None:
    """Return the contribution whose private follow-up link carries ``token``, or None."""
    return session.scalars(
        select(Contribution).where(Contribution.follow_hash == follow_hash(token))
    ).first()


def edit_own(
    session: Session, contribution: Contribution, *, actor: Actor, title: str, body: str
) -> None:
    """Change one's own text, within the time that the policy leaves.

    Raises Conflict when that time is over, Invalid for a text that would be held: what is public
    is not changed into something a moderator has to read first.
    """
    if not may_edit(actor, contribution):
        raise Conflict(
            N_(
                "Le texte ne peut plus être modifié : quinze minutes sont passées, ou quelqu’un "
                "a déjà réagi."
            )
        )
    check_text(title, body)
    if contribution.is_public:
        refuse_held(session, contribution, f"{title}\n\n{body}", actor=actor, field="body")
    edit_text(session, contribution, actor=actor, title=title, body=body)


def check_text(title: str, body: str) -> None:
    """Raise Invalid for a title or a text that is longer than what can be stored."""
    if len(title.strip()) > TITLE_LENGTH:
        raise Invalid(
            N_("Ce titre est trop long : %(most)s caractères au plus."),
            field="title",
            most=TITLE_LENGTH,
        )
    if len(body) > BODY_LENGTH:
        raise Invalid(
            N_("Ce texte est trop long : %(most)s caractères au plus."),
            field="body",
            most=BODY_LENGTH,
        )


def refuse_held(
    session: Session, contribution: Contribution, text: str, *, actor: Actor, field: str = "text"
) -> None:
    """Raise Invalid for a text, shown at once, that has to be changed first, and say how.

    Reasons that do not lie in the text (how often somebody writes) never keep a person from
    answering or contesting: there would be nothing they could do about it.
    """
    for reason in screen(session, text, actor=actor, contribution=contribution):
        if reason.advice:
            raise Invalid(reason.advice, field=field)


def withdraw(session: Session, contribution: Contribution, *, actor: Actor) -> None:
    """Take back what one has submitted; its page stays and says so."""
    standing = parties(actor, contribution, is_supporter=False)
    move(session, contribution, CommonStatus.WITHDRAWN, actor=actor, standing=standing)
