"""Digests: what waited is gathered into one mail.

The lines of one reader are claimed and their mail is written in one transaction: a worker that dies
in between loses nothing and sends nothing twice.
"""

import logging
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from civic.accounts.models import Account
from civic.database import utcnow
from civic.notifications.models import DigestLine
from civic.notifications.operations import queue_mail
from civic.places.queries import get_town_language
from civic.taxonomy.models import Department

log = logging.getLogger(__name__)
DIGEST = "digest"


def write_due_digests(session: Session) -> None:
    """Write the digests whose time has come, committing after each; one that fails stops none."""
    now = utcnow()
    due = DigestLine.due_at <= now
    owners = select(DigestLine.account_id, DigestLine.department_id).where(due).distinct()
    for account_id, department_id in session.execute(owners).all():
        own = and_(
            DigestLine.account_id.is_not_distinct_from(account_id),
            DigestLine.department_id.is_not_distinct_from(department_id),
        )
        try:
            lines = _claim(session, and_(own, due))
            if lines:
                _write(session, account_id, department_id, lines)
            session.commit()
        except DBAPIError:
            raise
        except Exception:
            session.rollback()
            log.exception("the digest of %s cannot be written", account_id or department_id)


def _claim(session: Session, which: ColumnElement[bool]) -> Sequence[Any]:
    """Take the lines for this worker; none when another was quicker."""
    table = DigestLine.__table__.c
    gone = session.execute(
        delete(DigestLine)
        .where(which)
        .returning(table.id, table.event, table.data)
        .execution_options(synchronize_session=False)
    )
    return sorted(gone.all(), key=lambda line: line.id)


def _write(
    session: Session, account_id: int | None, department_id: int | None, lines: Sequence[Any]
) -> None:
    data: dict[str, Any] = {
        "lines": [line.data | {"event": line.event} for line in lines],
        "group": ",".join(sorted({line.data["group"] for line in lines})),
    }
    if account_id is not None:
        account = session.get_one(Account, account_id)
        if account.email and account.wants_mail:
            owner = {"account_id": account.id}
            queue_mail(
                session,
                template=DIGEST,
                recipient=account.email,
                locale=account.locale,
                data=data | owner,
            )
        return
    department = session.get_one(Department, department_id)
    if department.email:
        queue_mail(
            session,
            template=DIGEST,
            recipient=department.email,
            locale=get_town_language(session),
            data=data | {"department_id": department.id},
        )
