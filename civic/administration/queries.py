"""What the pages of the settings read: what is missing, what was changed, who does what."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from civic.accounts.models import Account, RoleGrant
from civic.administration import labels
from civic.administration.models import SettingChange, Subject
from civic.administration.operations.town import AUDIT_FIELDS, legal_snapshot
from civic.contributions.kinds import kinds
from civic.contributions.models import IS_NOT_PUBLIC, IS_PUBLISHED, Contribution
from civic.errors import require
from civic.i18n import N_
from civic.places.models import Area, AreaLevel, Town
from civic.taxonomy.models import CategoryQuestion
from civic.taxonomy.queries import list_categories, list_departments
from civic.text.order import as_counted

PAGE_SIZE = 50
MOST_PEOPLE = 50
COMPULSORY = (
    "publisher",
    "director",
    "contact_email",
    "host_name",
    "host_address",
    "host_telephone",
    "dpo_contact",
    "accessibility_contact",
)
"""Legal texts that the public pages cannot do without."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that should be filled in: a French msgid with its values, and where to do it."""

    text: str
    endpoint: str
    values: dict[str, Any] = field(default_factory=dict)
    arguments: dict[str, Any] = field(default_factory=dict)


def declared_status(texts: Mapping[str, str]) -> str:
    """Return the state of accessibility of the legal ``texts``: none, partial or full.

    Nobody may declare a site to be all accessible without an audit, so that is not said.
    """
    status = texts.get("accessibility_status") or "none"
    is_audited = all(texts.get(name) for name in AUDIT_FIELDS)
    return "none" if status == "full" and not is_audited else status


def missing_legal(town: Town) -> list[str]:
    """Return the names of the compulsory legal texts that are still empty."""
    texts = legal_snapshot(town)
    return [name for name in COMPULSORY if not texts[name]]


def list_gaps(session: Session, town: Town) -> list[Gap]:
    """Return what the town has still to say or to set, the most pressing first."""
    gaps = [
        Gap(
            N_("Les pages légales attendent : « %(field)s »."),
            "administration.legal",
            {"field": labels.FIELDS[name]},
        )
        for name in missing_legal(town)
    ]
    gaps += [
        Gap(
            N_(
                "Le service « %(name)s » n’a pas toutes ses coordonnées. L’accusé de réception "
                "indique l’adresse électronique, l’adresse postale et le téléphone."
            ),
            "administration.edit_department",
            {"name": department.name},
            {"department_id": department.id},
        )
        for department in list_departments(session)
        if not (department.email and department.postal_address and department.telephone)
    ]
    categories = list_categories(session)
    for kind in kinds:
        if not any(kind.code in category.kinds for category in categories):
            gaps.append(
                Gap(
                    N_("Aucune catégorie en service ne sert pour « %(kind)s »."),
                    "administration.categories",
                    {"kind": kind.label_plural},
                )
            )
    gaps += [
        Gap(
            N_("La catégorie « %(name)s » n’a pas de service compétent."),
            "administration.edit_category",
            {"name": category.name},
            {"category_id": category.id},
        )
        for category in categories
        if "incident" in category.kinds and category.department is None
    ]
    return gaps


def count_by_category(session: Session, category_id: int | None = None) -> dict[int, int]:
    """Return how many contributions each category, or this one, holds, whatever their state."""
    counts: Counter[int] = Counter()
    # One index each, instead of all rows.
    for state in (IS_PUBLISHED, IS_NOT_PUBLIC):
        category = Contribution.category_id
        counted = select(category, func.count()).where(state).group_by(category)
        if category_id is not None:
            counted = counted.where(category == category_id)
        counts.update({row[0]: row[1] for row in session.execute(counted)})
    return counts


def get_question(session: Session, question_id: int) -> CategoryQuestion:
    """Return one question; raises NotFound."""
    return require(
        session.get(CategoryQuestion, question_id), N_("Cette question n’existe pas ou plus.")
    )


def list_named_areas(session: Session) -> list[Any]:
    """Return all areas without their outlines: those in use first, the large ones before others."""
    order = {level: place for place, level in enumerate(AreaLevel)}
    named = (Area.id, Area.name, Area.level, Area.population, Area.retired_at)
    return sorted(
        session.execute(select(*named)).all(),
        key=lambda row: (row.retired_at is not None, order[row.level], as_counted(row.name)),
    )


def get_area(session: Session, area_id: int) -> Area:
    """Return one area; raises NotFound."""
    return require(session.get(Area, area_id), N_("Ce quartier n’existe pas ou plus."))


def get_grant(session: Session, grant_id: int) -> RoleGrant:
    """Return one role held; raises NotFound."""
    return require(session.get(RoleGrant, grant_id), N_("Ce rôle est déjà retiré."))


def find_people(session: Session, text: str) -> list[Account]:
    """Return accounts whose address or name holds ``text``, at most fifty."""
    return list(
        session.scalars(
            select(Account)
            .where(
                Account.erased_at.is_(None),
                or_(
                    Account.email.icontains(text, autoescape=True),
                    Account.display_name.icontains(text, autoescape=True),
                ),
            )
            .order_by(func.lower(Account.display_name), Account.id)
            .limit(MOST_PEOPLE)
        )
    )


def list_changes(session: Session, *, before_id: int | None = None) -> list[SettingChange]:
    """Return a page of changes and one more if there is, the latest first."""
    statement = select(SettingChange).order_by(SettingChange.id.desc()).limit(PAGE_SIZE + 1)
    if before_id is not None:
        statement = statement.where(SettingChange.id < before_id)
    return list(session.scalars(statement))


def get_names_of_people(session: Session, changes: list[SettingChange]) -> dict[int, str]:
    """Return the names of the people that ``changes`` are about, by account id."""
    ids = {c.subject_id for c in changes if c.subject is Subject.PERSON and c.subject_id}
    return get_names_of_accounts(session, ids)


def get_names_of_accounts(session: Session, ids: set[int]) -> dict[int, str]:
    """Return the names of accounts, by their ids."""
    rows = session.execute(select(Account.id, Account.display_name).where(Account.id.in_(ids)))
    return {row.id: row.display_name for row in rows}
