"""Entrusting people with roles, and taking roles back."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from civic.accounts.actor import Actor, Role
from civic.accounts.models import Account, RoleGrant
from civic.accounts.policies import may_grant
from civic.accounts.security import record
from civic.errors import Conflict, Forbidden
from civic.i18n import N_


def grant_role(
    session: Session,
    account: Account,
    role: Role,
    *,
    actor: Actor,
    department_id: int | None = None,
    area_id: int | None = None,
) -> RoleGrant:
    """Entrust ``account`` with ``role``, for a department and an area or (None) for all.

    Granting what is held already changes nothing.
    """
    _require_administrator(actor)
    for grant in account.grants:
        if (grant.role, grant.department_id, grant.area_id) == (role, department_id, area_id):
            return grant
    grant = RoleGrant(role=role, department_id=department_id, area_id=area_id)
    account.grants.append(grant)
    session.flush()
    _record(session, "role_given", grant, actor)
    return grant


def revoke_role(session: Session, grant: RoleGrant, *, actor: Actor) -> None:
    """Take a role back; raises Conflict for the last administrator's."""
    _require_administrator(actor)
    if grant.role is Role.ADMINISTRATOR:
        keep_one_administrator(session, grant.account)
    _record(session, "role_taken", grant, actor)
    grant.account.grants.remove(grant)
    session.flush()


def keep_one_administrator(session: Session, leaving: Account) -> None:
    """Raise Conflict when nobody but ``leaving`` administers the town."""
    others = session.scalar(
        select(func.count())
        .select_from(RoleGrant)
        .where(RoleGrant.role == Role.ADMINISTRATOR, RoleGrant.account_id != leaving.id)
    )
    if not others:
        raise Conflict(
            N_("C’est le dernier compte d’administration : donnez d’abord ce rôle à quelqu’un.")
        )


def _record(session: Session, name: str, grant: RoleGrant, actor: Actor) -> None:
    record(
        session,
        name,
        account_id=grant.account_id,
        actor=actor,
        role=grant.role.value,
        department=grant.department_id,
        area=grant.area_id,
    )


def _require_administrator(actor: Actor) -> None:
    if not may_grant(actor):
        raise Forbidden(N_("Seule l’administration donne et retire les rôles."))
