"""``civic user``, ``civic security-log`` and ``civic retention``."""

from typing import TypeVar, cast

import click
from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from civic.accounts.actor import SYSTEM, Role
from civic.accounts.models import RoleGrant
from civic.accounts.operations import create_account
from civic.accounts.queries import find_account, list_staff
from civic.accounts.schedule import apply_retention
from civic.accounts.security import line_of, list_events_after
from civic.administration.operations.people import entrust, take_back
from civic.cli.context import answer, application, json_option, transaction
from civic.extensions import db
from civic.places.models import Area
from civic.places.queries import get_town_language
from civic.taxonomy.models import Department

Named = TypeVar("Named", Department, Area)
ROLE = click.Choice([role.value for role in Role])


@click.group()
def user() -> None:
    """People and their roles."""


@user.command()
@click.argument("email")
@click.option(
    "--role",
    "roles",
    multiple=True,
    type=ROLE,
    help="What the person is entrusted with; may be given several times.",
)
@click.option("--name", default="", help="What the public sees; a pseudonym when left out.")
@json_option
def create(email: str, roles: tuple[str, ...], name: str, as_json: bool) -> None:  # noqa: FBT001
    """Create an account for EMAIL; the person signs in by a code sent there."""
    with transaction() as session:
        account = create_account(
            session,
            email=email,
            name=name,
            roles=[Role(role) for role in roles],
            locale=get_town_language(session),
        )
        values = {"email": account.email, "name": account.display_name, "roles": list(roles)}
    answer(
        values,
        as_json=as_json,
        text=f"{values['email']} can sign in"
        + (f" as {', '.join(roles)}." if roles else " as a resident."),
    )


@user.command("list")
@click.option("--role", type=ROLE, help="Only those with this role.")
@json_option
def list_(role: str | None, as_json: bool) -> None:  # noqa: FBT001 (flags)
    """List who is entrusted with something, and with what."""
    with transaction() as session:
        people = [
            {
                "email": account.email,
                "name": account.display_name,
                "roles": [_named(session, grant) for grant in account.grants],
            }
            for account in list_staff(session)
            if role is None or Role(role) in account.roles
        ]
    lines = [f"{one['email']} ({one['name']}): {_in_words(one['roles'])}" for one in people]
    answer({"people": people}, as_json=as_json, text="\n".join(lines) or "Nobody.")


@user.command()
@click.argument("email")
@click.argument("role", type=ROLE)
@click.option("--department", default="", help="Code of the department of an agent; all without.")
@click.option("--area", default="", help="Slug of the area of an agent; all without.")
@json_option
def grant(email: str, role: str, department: str, area: str, as_json: bool) -> None:  # noqa: FBT001
    """Give ROLE to EMAIL, whose account is made if there is none; the person is told by mail."""
    with transaction() as session:
        account = entrust(
            session,
            actor=SYSTEM,
            email=email,
            role=_role_for(role, department, area),
            department=_department(session, department),
            area=_area(session, area),
        )
        values = {"email": account.email, "role": role, "department": department, "area": area}
    where = f" for {' in '.join(filter(None, (department, area)))}" if department or area else ""
    answer(values, as_json=as_json, text=f"{values['email']} is {role} now{where}.")


@user.command()
@click.argument("email")
@click.argument("role", type=ROLE)
@click.option("--department", default="", help="Only for this department (its code).")
@click.option("--area", default="", help="Only in this area (its slug).")
@json_option
def revoke(email: str, role: str, department: str, area: str, as_json: bool) -> None:  # noqa: FBT001
    """Take ROLE back from EMAIL; refuses to leave the town without an administrator."""
    with transaction() as session:
        account = find_account(session, email)
        wanted = _role_for(role, department, area)
        of, within = _department(session, department), _area(session, area)
        held = [
            one
            for one in (account.grants if account is not None else [])
            if one.role is wanted
            and (of is None or one.department_id == of.id)
            and (within is None or one.area_id == within.id)
        ]
        if not held:
            raise click.ClickException(f"{email} does not hold that role.")
        for one in held:
            take_back(session, one, actor=SYSTEM)
    answer(
        {"email": email, "role": role, "revoked": len(held)},
        as_json=as_json,
        text=f"{email} is {role} no more." if not (department or area) else "Taken back.",
    )


@click.command("security-log")
@click.option("--after", default=0, show_default=True, help="Begin after the event of this id.")
@click.option("--most", default=1000, show_default=True, help="Print so many at most.")
def security_log(after: int, most: int) -> None:
    """Print the security log as lines of JSON, the oldest first."""
    with transaction() as session:
        for one in list_events_after(session, after, most):
            columns = one.__table__.columns.keys()
            click.echo(line_of({name: getattr(one, name) for name in columns}))


@click.command()
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@json_option
def retention(dry_run: bool, as_json: bool) -> None:  # noqa: FBT001 (flags)
    """Warn accounts that have long been inactive, and erase those warned before."""
    with application():
        session = db.session()
        values = apply_retention(session, dry_run=dry_run)
        if dry_run:
            session.rollback()
        else:
            session.commit()
    told = ", ".join(f"{name}: {number}" for name, number in values.items())
    answer(values, as_json=as_json, text=("Would be: " if dry_run else "Done: ") + told)


def _role_for(role: str, department: str, area: str) -> Role:
    """Only agents are narrowed: another role for one department would be given for all."""
    wanted = Role(role)
    if wanted is not Role.AGENT and (department or area):
        raise click.UsageError("only agents are narrowed to a department or an area.")
    return wanted


def _department(session: Session, code: str) -> Department | None:
    return _known_by(session, Department, Department.code, code)


def _area(session: Session, slug: str) -> Area | None:
    return _known_by(session, Area, Area.slug, slug)


def _known_by(
    session: Session, model: type[Named], key: InstrumentedAttribute[str], value: str
) -> Named | None:
    """Return the department or area that ``value`` names, None for no value; raises a sentence."""
    if not value:
        return None
    found = session.scalars(select(model).where(key == value)).one_or_none()
    if found is None:
        raise click.ClickException(f"there is no {model.__name__.lower()} {value}.")
    return found


def _named(session: Session, grant: RoleGrant) -> dict[str, str]:
    department = session.get(Department, grant.department_id) if grant.department_id else None
    area = session.get(Area, grant.area_id) if grant.area_id else None
    return {
        "role": grant.role.value,
        "department": department.code if department else "",
        "area": area.slug if area else "",
    }


def _in_words(roles: object) -> str:
    """Return the roles of one person, each with what it is narrowed to."""
    held = cast("list[dict[str, str]]", roles)
    return ", ".join(" ".join(filter(None, one.values())) for one in held)
