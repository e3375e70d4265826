"""Reading accounts."""

from collections.abc import Collection

from sqlalchemy import BigInteger, column, func, select, table
from sqlalchemy.orm import Session, joinedload

from civic.accounts.models import Account, AccountSession, RoleGrant
from civic.accounts.tokens import hash_token
from civic.database import utcnow
from civic.errors import NotFound
from civic.i18n import N_

_AREA = table("area", column("id", BigInteger), column("parent_id", BigInteger))
"""The tree of areas: civic.places is a neighbour, which a grant names by id alone."""


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


def find_session(session: Session, key: str) -> AccountSession | None:
    """Return the session of ``key``, ended or not, with its account and roles in one query."""
    return (
        session.scalars(
            select(AccountSession)
            .where(AccountSession.key_hash == hash_token(key, purpose="session"))
            .options(joinedload(AccountSession.account).joinedload(Account.grants))
        )
        .unique()
        .one_or_none()
    )


def get_own_session(session: Session, session_id: int, account: Account) -> AccountSession:
    """Return a session of ``account``; raises NotFound for one of somebody else."""
    found = session.get(AccountSession, session_id)
    if found is None or found.account_id != account.id:
        raise NotFound(N_("Cette connexion n’existe pas, ou n’existe plus."))
    return found


def list_sessions(session: Session, account: Account) -> list[AccountSession]:
    """Return every session of ``account`` that is known yet, the first one first."""
    own = select(AccountSession).where(AccountSession.account_id == account.id)
    return list(session.scalars(own.order_by(AccountSession.id)))


def list_open_sessions(session: Session, account: Account) -> list[AccountSession]:
    """Return where ``account`` is signed in, the one used last first."""
    kept = session.scalars(
        select(AccountSession)
        .where(
            AccountSession.account_id == account.id,
            AccountSession.ended_at.is_(None),
            AccountSession.expires_at > utcnow(),
        )
        .order_by(AccountSession.seen_at.desc(), AccountSession.id.desc())
    )
    return [opened for opened in kept if opened.is_open]


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


def list_areas_within(
    session: Session, area_ids: Collection[int | None]
) -> dict[int | None, frozenset[int]]:
    """Return, for each of ``area_ids``, its id and those of all areas inside it, in one query."""
    found = {id: {id} for id in area_ids if id is not None}
    if found:
        own = _AREA.c.id.label("around"), _AREA.c.id
        tree = select(*own).where(_AREA.c.id.in_(sorted(found))).cte("inside", recursive=True)
        inner = select(tree.c.around, _AREA.c.id).join(tree, _AREA.c.parent_id == tree.c.id)
        for around, id in session.execute(select(tree.union(inner))):
            found[around].add(id)
    return {around: frozenset(ids) for around, ids in found.items()}


def list_areas_around(session: Session, area_id: int | None) -> frozenset[int]:
    """Return ``area_id`` and the ids of all areas that it is inside of, in one query."""
    if area_id is None:
        return frozenset()
    here = select(_AREA.c.id, _AREA.c.parent_id).where(_AREA.c.id == area_id)
    chain = here.cte("around", recursive=True)
    chain = chain.union(
        select(_AREA.c.id, _AREA.c.parent_id).join(chain, _AREA.c.id == chain.c.parent_id)
    )
    return frozenset(session.scalars(select(chain.c.id)))
