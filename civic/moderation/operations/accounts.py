"""Suspending somebody from taking part, and letting them take part again."""

from datetime import timedelta

from sqlalchemy.orm import Session

from civic.accounts.actor import Actor
from civic.accounts.models import Account
from civic.accounts.operations.sessions import shut_out
from civic.accounts.security import record
from civic.database import utcnow
from civic.errors import Conflict, Forbidden, Invalid
from civic.i18n import N_
from civic.moderation.models import Decision, Measure
from civic.moderation.operations.statements import Grounds, decide
from civic.moderation.policies import may_suspend

LONGEST_DAYS = 366


def suspend(
    session: Session, account: Account, *, actor: Actor, grounds: Grounds, days: int
) -> Decision:
    """Keep ``account`` from writing for ``days`` days, at most a year.

    Raises Forbidden for somebody who works for the town, Conflict while a suspension runs.
    """
    if not may_suspend(actor, account):
        raise Forbidden(
            N_(
                "Ce compte ne peut pas être suspendu ici : c’est le vôtre, ou celui d’une personne "
                "qui travaille pour la ville."
            )
        )
    if not 0 < days <= LONGEST_DAYS:
        raise Invalid(N_("Choisissez une durée de la liste."), field="days")
    if account.is_suspended:
        raise Conflict(N_("Ce compte est déjà suspendu."))
    until = utcnow() + timedelta(days=days, minutes=1)
    decision = decide(
        session, Measure.SUSPEND, actor=actor, grounds=grounds, account=account, until=until
    )
    account.suspended_until = until
    record(session, "account_suspended", account_id=account.id, actor=actor, days=days)
    shut_out(session, account)
    session.flush()
    return decision


def reinstate(session: Session, account: Account, *, actor: Actor, grounds: Grounds) -> Decision:
    """End a suspension before its time."""
    if not may_suspend(actor, account):
        raise Forbidden(N_("Cette étape ne peut pas être faite avec vos droits."))
    if not account.is_suspended:
        raise Conflict(N_("Ce compte n’est pas suspendu."))
    decision = decide(session, Measure.REINSTATE, actor=actor, grounds=grounds, account=account)
    account.suspended_until = None
    session.flush()
    return decision
