"""Reading accounts."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from civic.accounts.actor import Role
from civic.accounts.models import Account, RoleGrant
from civic.errors import NotFound
from civic.i18n import N_


def find_account(session: Session, email: str) -> Account | None:
    """Return the account of ``email`` (any letter case), or None."""
    return session.scalars(
        select(Account).where(Account.email == email.strip().lower())
    ).one_or_none()


def get_account(session: Session, account_id: int) -> Account:
    """Return an account; raises NotFound when there is none or it was erased."""
    account = session.get(Account, account_id)
    if account is None or account.erased_at is not None:
        raise NotFound(N_("Ce compte n’existe pas, ou n’existe plus."))
    return account


def list_staff(session: Session) -> list[Account]:
    """Return the accounts that hold a role, by name."""
    holders = select(RoleGrant.account_id)
    return list(
        session.scalars(
            select(Account)
            .where(Account.id.in_(holders), Account.erased_at.is_(None))
            .order_by(func.lower(Account.display_name), Account.id)
        )
    )


def ids_with_role(session: Session, *roles: Role) -> list[int]:
    """Return the ids of the accounts that hold one of ``roles``."""
    return list(
        session.scalars(
            select(RoleGrant.account_id)
            .where(RoleGrant.role.in_(roles))
            .distinct()
            .order_by(RoleGrant.account_id)
        )
    )
