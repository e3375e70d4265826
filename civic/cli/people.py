"""``civic user`` and ``civic retention``."""

import click

from civic.accounts.actor import Role
from civic.accounts.operations import create_account
from civic.accounts.schedule import apply_retention
from civic.cli.context import answer, application, json_option, transaction
from civic.extensions import db


@click.group()
def user() -> None:
    """People and their roles."""


@user.command()
@click.argument("email")
@click.option(
    "--role",
    "roles",
    multiple=True,
    type=click.Choice([role.value for role in Role]),
    help="What the person is entrusted with; may be given several times.",
)
@click.option("--name", default="", help="What the public sees; a pseudonym when left out.")
@json_option
def create(email: str, roles: tuple[str, ...], name: str, as_json: bool) -> None:  # noqa: FBT001
    """Create an account for EMAIL; the person signs in by a code sent there."""
    with transaction() as session:
        account = create_account(
            session, email=email, name=name, roles=[Role(role) for role in roles]
        )
        values = {"email": account.email, "name": account.display_name, "roles": list(roles)}
    answer(
        values,
        as_json=as_json,
        text=f"{values['email']} can sign in"
        + (f" as {', '.join(roles)}." if roles else " as a resident."),
    )


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
