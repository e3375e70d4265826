"""Making accounts and changing what people may change of theirs."""

import re
import secrets
from collections.abc import Iterable

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.accounts.actor import Actor, Role
from civic.accounts.models import Account, RoleGrant
from civic.accounts.policies import may_change
from civic.accounts.queries import find_account
from civic.accounts.security import record
from civic.accounts.signals import name_chosen
from civic.database import insert_or_ignore, utcnow
from civic.errors import Conflict, Forbidden, Invalid
from civic.i18n import N_
from civic.text.cleaning import clean_line

NAME_LENGTH = 40
PSEUDONYMS = {"fr": "Habitant %s", "en": "Resident %s"}
"""How people are called until they choose; stored, so not translated when shown."""

_ADDRESS_LIKE = re.compile(r"@|https?:|www\.", re.IGNORECASE)


def check_email(email: str) -> str:
    """Return ``email`` in lower case; raises Invalid when it is no address.

    Accents are fine behind the @, where they have a form that every mail server takes; before it
    they have none. Nothing is asked of the network.
    """
    if not email.strip().rpartition("@")[0].isascii():
        raise Invalid(
            N_(
                "Peu de serveurs de courriel acceptent des accents avant le @ : donnez une autre "
                "adresse."
            ),
            field="email",
        )
    try:
        found = validate_email(
            email.strip(), check_deliverability=False, globally_deliverable=False
        )
    except EmailNotValidError:
        raise Invalid(_not_an_address(), field="email") from None
    if "." not in found.ascii_domain:
        raise Invalid(_not_an_address(), field="email")
    return found.normalized.lower()


def create_account(
    session: Session,
    *,
    email: str,
    name: str = "",
    roles: Iterable[Role] = (),
    locale: str = "fr",
) -> Account:
    """Make an account whose address is known to be right, with ``roles`` for the whole town.

    For the command line and the demo; raises Conflict when the address has an account already.
    """
    email = check_email(email)
    if find_account(session, email) is not None:
        raise Conflict(N_("Cette adresse a déjà un compte."))
    account = find_or_create_account(session, email=email, locale=locale)
    account.verified_at = utcnow()
    if name.strip():
        account.display_name = _checked_name(session, name)
    given = dict.fromkeys(roles)
    account.grants.extend(RoleGrant(role=role) for role in given)
    session.flush()
    for role in given:
        record(session, "role_given", account_id=account.id, role=role.value)
    return account


def find_or_create_account(session: Session, *, email: str, locale: str = "fr") -> Account:
    """Return the account of ``email``, made now and unverified if there was none.

    Raises Invalid when it is no address. Two processes that do it at once get the same account.
    """
    email = check_email(email)
    account = find_account(session, email)
    if account is not None:
        return account
    insert_or_ignore(
        session,
        Account,
        {
            "email": email,
            "display_name": _free_pseudonym(session, locale),
            "locale": locale,
        },
    )
    return session.scalars(select(Account).where(Account.email == email)).one()


def change_name(session: Session, account: Account, name: str, *, actor: Actor) -> None:
    """Change what the public reads; raises Invalid for an address, or nothing at all."""
    _require_own(actor, account)
    account.display_name = _checked_name(session, name)
    session.flush()


def change_language(session: Session, account: Account, locale: str, *, actor: Actor) -> None:
    """Change the language of mails."""
    _require_own(actor, account)
    account.locale = locale
    session.flush()


def _require_own(actor: Actor, account: Account) -> None:
    if not may_change(actor, account):
        raise Forbidden(N_("Chacun ne change que son propre compte."))


def _checked_name(session: Session, name: str) -> str:
    name = " ".join(clean_line(name).split())
    if not 2 <= len(name) <= NAME_LENGTH:
        raise Invalid(
            N_("Choisissez un nom de 2 à %(most)s caractères."), field="name", most=NAME_LENGTH
        )
    if _ADDRESS_LIKE.search(name):
        raise Invalid(
            N_("Ce nom est public : n’y mettez ni adresse électronique ni lien."), field="name"
        )
    name_chosen.send(session, name=name)
    return name


def _free_pseudonym(session: Session, locale: str) -> str:
    pattern = PSEUDONYMS.get(locale, PSEUDONYMS["fr"])
    digits = 4
    while True:
        name = pattern % (_number_of(digits))
        taken = select(Account.id).where(Account.display_name == name).limit(1)
        if session.scalar(taken) is None:
            return name
        digits = min(digits + 1, 9)


def _number_of(digits: int) -> int:
    least = int("1" + "0" * (digits - 1))
    return least + secrets.randbelow(9 * least)


def _not_an_address() -> str:
    return N_("Vérifiez cette adresse électronique : elle ressemble à nom@exemple.fr.")
