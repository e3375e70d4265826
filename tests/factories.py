"""A small town and what happens in it, for tests."""

import secrets
from typing import Any

from sqlalchemy import Table, TextClause, select, text
from sqlalchemy.orm import Session

from civic.accounts.actor import VISITOR, Actor, Role
from civic.accounts.models import Account, RoleGrant
from civic.accounts.session import actor_of
from civic.contributions.kinds import kinds
from civic.contributions.models import Contribution, Scope
from civic.contributions.operations import Draft, store
from civic.database import table_of, utcnow
from civic.places.geometry import Position
from civic.places.models import Area, AreaLevel, Town
from civic.taxonomy.models import Category, Department

CENTRE = Position(48.1100, -1.6800)


def square(south: float, west: float, north: float, east: float) -> dict[str, Any]:
    """A GeoJSON square in degrees."""
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def make_town(session: Session) -> Town:
    """Village-sur-Test: two districts side by side, three departments, four categories."""
    town = Town(id=1, name="Village-sur-Test", south=48.1, west=-1.7, north=48.12, east=-1.66)
    session.add(town)
    whole = _area("village-sur-test", "Village-sur-Test", AreaLevel.TOWN, 48.1, -1.7, 48.12, -1.66)
    session.add(whole)
    session.flush()
    for slug, name, west, east in (("ouest", "Ouest", -1.7, -1.68), ("est", "Est", -1.68, -1.66)):
        area = _area(slug, name, AreaLevel.NEIGHBOURHOOD, 48.1, west, 48.12, east)
        area.parent_id = whole.id
        session.add(area)
    roads = _department("voirie", "Voirie")
    clean = _department("proprete", "Propreté")
    parks = _department("espaces-verts", "Espaces verts")
    session.add_all([roads, clean, parks])
    session.flush()
    session.add_all(
        [
            _category("eclairage", "Éclairage public", ["incident"], roads, "lightbulb"),
            _category("depot", "Dépôt sauvage", ["incident"], clean, "trash"),
            _category("nature", "Nature en ville", ["incident", "idea"], parks, "tree"),
            _category("cadre-de-vie", "Cadre de vie", ["idea"], None, "house"),
        ]
    )
    session.commit()
    return town


def make_account(
    session: Session, email: str = "", *roles: Role, department: Department | None = None
) -> Account:
    """A verified resident, or somebody who works for the town."""
    email = email or f"{secrets.token_hex(6)}@example.org"
    account = Account(
        email=email,
        display_name=email.split("@")[0],
        verified_at=utcnow(),
    )
    session.add(account)
    session.flush()
    department_id = department.id if department else None
    for role in roles:
        account.grants.append(RoleGrant(role=role, department_id=department_id))
    session.commit()
    return account


def make_contribution(
    session: Session,
    kind: str = "incident",
    *,
    author: Account | None = None,
    held: bool = False,
    category: str = "",
    position: Position | None = CENTRE,
    title: str = "Lampadaire éteint",
    body: str = "Il est éteint depuis une semaine.",
    **draft: Any,
) -> Contribution:
    """A contribution of ``kind``, published unless ``held``."""
    code = category or {"incident": "eclairage", "idea": "nature"}[kind]
    found = session.scalars(select(Category).where(Category.code == code)).one()
    scope = draft.pop("scope", Scope.PLACE if position else Scope.TOWN)
    contribution = store(
        session,
        kinds[kind],
        Draft(title=title, body=body, category=found, scope=scope, position=position, **draft),
        actor=actor_of(author) if author else VISITOR,
        held=held,
        author_id=author.id if author else None,
        follow_hash=None,
    )
    session.commit()
    return contribution


def actor(account: Account) -> Actor:
    """The actor that ``account`` is when signed in."""
    return actor_of(account)


def _area(
    slug: str, name: str, level: AreaLevel, south: float, west: float, north: float, east: float
) -> Area:
    outline = square(south, west, north, east)
    return Area(
        slug=slug,
        name=name,
        level=level,
        outline=outline,
        drawing=outline,
        south=south,
        west=west,
        north=north,
        east=east,
        label_lat=(south + north) / 2,
        label_lon=(west + east) / 2,
        population=1000,
    )


def _department(code: str, name: str) -> Department:
    return Department(
        code=code,
        name=name,
        email=f"{code}@example.org",
        postal_address="1 place de la Mairie",
        telephone="02 00 00 00 00",
    )


def _category(
    code: str, name: str, for_kinds: list[str], department: Department | None, icon: str
) -> Category:
    return Category(code=code, name=name, kinds=for_kinds, department=department, icon=icon)


def make_many(session: Session, original: Contribution, count: int, *, body: str) -> None:
    """Copies of ``original``, made by the engine itself, each with a reference of its own."""
    base, own = table_of(Contribution), table_of(type(original))
    reference = "'S-' || (1000000 + n.i)"
    id = f"(SELECT id FROM {base.name} WHERE reference = {reference})"  # noqa: S608 (our names)
    texts = {"id", "reference", "body"}
    values = {"count": count, "original": original.id}
    session.execute(
        _copies(base, texts, "reference, body", f"{reference}, :body"), values | {"body": body}
    )
    session.execute(_copies(own, {"id"}, "id", id), values)
    session.commit()


def _copies(table: Table, without: set[str], names: str, values: str) -> TextClause:
    kept = ", ".join(c.name for c in table.c if c.name not in without)
    many = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :count)"
    into = f"INSERT INTO {table.name} ({names}, {kept})"
    rows = f"SELECT {values}, {kept} FROM {table.name}, n WHERE {table.name}.id = :original"  # noqa: S608 (our names)
    return text(f"{many} {into} {rows}")
