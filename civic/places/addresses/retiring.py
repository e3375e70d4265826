"""What a newer address file no longer holds."""

from collections.abc import Callable, Mapping
from enum import StrEnum

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from civic.places.addresses.known_streets import Identity, KnownStreets, some_at_a_time
from civic.places.models import Address, Street

FEW = 200
"""Of so few addresses any number may go; a file without half of more is not whole."""


class Missing(StrEnum):
    """What becomes of addresses that the file does not hold."""

    RETIRE = "retire"
    """They go, unless they are more than half of what is known: such a file is not whole."""
    RETIRE_ALL = "retire_all"
    KEEP = "keep"


def retire_missing(
    session: Session,
    streets: KnownStreets,
    seen: Mapping[int, int],
    missing: Missing,
    commit: Callable[[], None],
) -> tuple[int, int]:
    """Delete the addresses of the file's communes that are not ``seen``, and streets left empty.

    Returns how many went, and how many ought to have gone and were kept. Contributions keep the
    address they were given: it is a text of theirs.
    """
    if missing is Missing.KEEP:
        return 0, 0
    in_scope = dict(streets.in_scope())
    gone, known = _gone(session, in_scope, seen)
    if missing is Missing.RETIRE and known > FEW and 2 * len(gone) > known:
        return 0, len(gone)
    for some in some_at_a_time(gone):
        session.execute(delete(Address).where(Address.id.in_(some)))
        commit()
    _delete_empty(session, [id for id, identities in in_scope.items() if not identities], commit)
    return len(gone), 0


def _gone(
    session: Session, in_scope: Mapping[int, set[Identity]], seen: Mapping[int, int]
) -> tuple[list[int], int]:
    gone: list[int] = []
    known = 0
    of = (Address.id, Address.street_id, Address.number, Address.suffix)
    for some in some_at_a_time(sorted(in_scope)):
        for row in session.execute(select(*of).where(Address.street_id.in_(some))):
            known += 1
            called = in_scope[row.street_id]
            if not any(hash((one, row.number, row.suffix)) in seen for one in called):
                gone.append(row.id)
    return gone, known


def _delete_empty(session: Session, street_ids: list[int], commit: Callable[[], None]) -> None:
    """The words of a street go with it."""
    for some in some_at_a_time(street_ids):
        has_address = select(func.count(Address.id)).where(Address.street_id == Street.id)
        session.execute(
            delete(Street)
            .where(Street.id.in_(some), has_address.correlate(Street).scalar_subquery() == 0)
            .execution_options(synchronize_session=False)
        )
        commit()
