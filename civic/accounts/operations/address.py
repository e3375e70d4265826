"""Changing the address of an account: asked, told to the old one, confirmed at the new one."""

from datetime import timedelta

from sqlalchemy.orm import Session

from civic.accounts import signals
from civic.accounts.actor import Actor
from civic.accounts.models import Account, CapabilityToken
from civic.accounts.operations.capabilities import (
    find_capability,
    issue_capability,
    revoke_capabilities,
    subject_of,
    use_capability,
)
from civic.accounts.operations.people import check_email
from civic.accounts.operations.sessions import end_sessions
from civic.accounts.policies import may_change
from civic.accounts.queries import find_account
from civic.accounts.security import record
from civic.database import utcnow
from civic.errors import Conflict, Forbidden, Invalid
from civic.i18n import N_

CHANGE, STOP = "email_change", "email_change_stop"
LIFE = timedelta(hours=24)
_OVER = N_("Ce lien ne vaut plus. Demandez à nouveau le changement dans vos réglages.")


def request_email_change(session: Session, account: Account, email: str, *, actor: Actor) -> None:
    """Have a link sent to ``email``, and word to the address of now, with a way to stop it.

    The link ends with the session it was asked from, and with the next change that is asked.
    Whether another account has that address is not told here: only its owner gets to know.
    """
    if not may_change(actor, account):
        raise Forbidden(N_("Chacun ne change que son propre compte."))
    email = check_email(email)
    if email == account.email:
        raise Invalid(N_("C’est déjà l’adresse de votre compte."), field="email")
    subject = subject_of(account)
    revoke_capabilities(session, purpose=CHANGE, subject=subject)
    scope = {"before": account.email, "after": email}
    token = issue_capability(
        session,
        purpose=CHANGE,
        subject=subject,
        scope=scope,
        life=LIFE,
        session_id=actor.session_id,
    )
    stop = issue_capability(session, purpose=STOP, subject=subject, scope=scope, life=LIFE)
    record(session, "email_change_asked", account_id=account.id, actor=actor)
    signals.email_change_requested.send(
        session, account=account, email=email, token=token, stop=stop
    )


def confirm_email_change(session: Session, token: str) -> Account:
    """Give the account its new address and end its other sessions.

    Raises Conflict when the link is used, old, stopped, altered, or of a session that ended.
    """
    found = find_capability(session, token, purpose=CHANGE)
    account = _account_of(session, found) if found is not None else None
    if found is None or account is None or account.email != found.scope["before"]:
        raise Conflict(_OVER)
    if find_account(session, found.scope["after"]) is not None:
        raise Conflict(N_("Cette adresse est déjà celle d’un autre compte."))
    if not use_capability(session, found):
        raise Conflict(_OVER)
    account.email = found.scope["after"]
    account.verified_at = utcnow()
    record(session, "email_changed", account_id=account.id)
    end_sessions(session, account, why="email_changed", kept_id=found.session_id)
    session.flush()
    signals.email_changed.send(session, account=account, before=found.scope["before"])
    return account


def stop_email_change(session: Session, token: str) -> None:
    """Take a change of address back before it is confirmed, and end every session.

    Raises Conflict when it was confirmed already, or the link holds no more.
    """
    found = find_capability(session, token, purpose=STOP)
    account = _account_of(session, found) if found is not None else None
    if found is None or account is None or not use_capability(session, found):
        raise Conflict(N_("Ce lien ne vaut plus : le changement d’adresse n’est plus en attente."))
    if account.email != found.scope["before"]:
        raise Conflict(
            N_("Trop tard : la nouvelle adresse a été confirmée. Écrivez vite à la mairie.")
        )
    revoke_capabilities(session, purpose=CHANGE, subject=found.subject)
    record(session, "email_change_stopped", account_id=account.id)
    end_sessions(session, account, why="email_change_stopped")


def _account_of(session: Session, found: CapabilityToken) -> Account | None:
    account = session.get(Account, int(found.subject.rpartition(":")[2]))
    return account if account is not None and account.erased_at is None else None
