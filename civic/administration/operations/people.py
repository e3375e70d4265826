"""Entrusting people with roles, with a record of it."""

from collections.abc import Mapping
from types import MappingProxyType

from sqlalchemy.orm import Session

from civic.accounts.actor import Actor, Role
from civic.accounts.models import Account, RoleGrant
from civic.accounts.operations import create_account, grant_role, revoke_role
from civic.accounts.queries import find_account
from civic.administration.labels import ROLES
from civic.administration.models import Change, Subject
from civic.administration.operations.changes import record, require_administrator
from civic.contributions import signals
from civic.database.tables import lock_against_writers
from civic.errors import Conflict
from civic.i18n import N_
from civic.places.models import Area
from civic.places.queries import get_town_language
from civic.taxonomy.models import Department

WORKPLACES: Mapping[Role, str] = MappingProxyType(
    {
        Role.AGENT: "/desk",
        Role.MODERATOR: "/moderation",
        Role.MEDIATOR: "/moderation/appeals",
        Role.ADMINISTRATOR: "/administration",
    }
)
"""Where each role begins its work."""


def entrust(
    session: Session,
    *,
    actor: Actor,
    email: str,
    role: Role,
    department: Department | None = None,
    area: Area | None = None,
    name: str = "",
) -> Account:
    """Give ``role`` to whoever has ``email``, and tell them; the account is made now if need be.

    Only agents are narrowed to a department or an area. Raises Invalid for an address that is
    none, Conflict when the role is held already.
    """
    require_administrator(actor)
    if role is not Role.AGENT:
        department = area = None
    account = find_account(session, email)
    if account is None:
        language = get_town_language(session)
        account = create_account(session, email=email, name=name, locale=language)
    held = len(account.grants)
    grant = grant_role(
        session,
        account,
        role,
        actor=actor,
        department_id=department.id if department else None,
        area_id=area.id if area else None,
    )
    if len(account.grants) == held:
        raise Conflict(N_("Cette personne a déjà ce rôle."))
    _record(session, grant, Change.GRANTED, department, area, actor)
    signals.people_to_tell.send(
        session,
        event="role_given",
        event_key=f"role:{grant.id}",
        account_ids=[account.id],
        contribution=None,
        data={
            "role_label": ROLES[role],
            "department": department.name_in(account.locale) if department else "",
            "area": area.name if area else "",
            "path": WORKPLACES[role],
        },
    )
    return account


def take_back(session: Session, grant: RoleGrant, *, actor: Actor) -> None:
    """Take a role back; raises Conflict for the last administrator's.

    Two administrators who remove each other at once wait for each other: one of them stays.
    """
    require_administrator(actor)
    lock_against_writers(session, RoleGrant)
    department = session.get(Department, grant.department_id) if grant.department_id else None
    area = session.get(Area, grant.area_id) if grant.area_id else None
    _record(session, grant, Change.REVOKED, department, area, actor)
    revoke_role(session, grant, actor=actor)


def _record(
    session: Session,
    grant: RoleGrant,
    what: Change,
    department: Department | None,
    area: Area | None,
    actor: Actor,
) -> None:
    values = {
        "role": grant.role.value,
        "department": department.name if department else None,
        "area": area.name if area else None,
    }
    held = {name: value for name, value in values.items() if value}
    details = {
        name: [None, value] if what is Change.GRANTED else [value, None]
        for name, value in held.items()
    }
    record(
        session,
        actor=actor,
        subject=Subject.PERSON,
        what=what,
        subject_id=grant.account_id,
        details=details,
    )
