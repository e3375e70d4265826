"""What arrives twice is done once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from civic.database import utcnow
from civic.extensions import db
from civic.idempotency.models import Idempotency
from civic.idempotency.operations import remember
from civic.idempotency.queries import find_result
from civic.idempotency.schedule import forget


def test_a_key_is_known_in_its_scope_to_who_used_it(session: Session) -> None:
    remember(session, "form", "k", result="S-1", actor="account:1")
    assert find_result(session, "form", "k", actor="account:1") == "S-1"
    assert find_result(session, "form", "k", actor="account:2") is None
    assert find_result(session, "mail", "k", actor="account:1") is None
    remember(session, "mail", "k", result="S-2", actor="account:1")
    session.commit()
    with pytest.raises(IntegrityError):
        remember(session, "form", "k", result="S-3", actor="account:2")
    session.rollback()


def test_of_two_at_once_one_does_it(app: Flask, session: Session) -> None:
    engine = db.engine

    def try_it(result: int) -> bool:
        with Session(engine) as own:
            try:
                remember(own, "form", "k", result=str(result))
            except IntegrityError:
                return False
            own.commit()
            return True

    with ThreadPoolExecutor(6) as pool:
        done = list(pool.map(try_it, range(6)))
    assert done.count(True) == 1
    assert find_result(session, "form", "k") == str(done.index(True))


def test_keys_are_forgotten_in_time(session: Session) -> None:
    now = utcnow()
    remember(session, "form", "old", result="", now=now - timedelta(days=31))
    remember(session, "form", "new", result="", now=now - timedelta(days=29))
    forget(session)
    session.commit()
    assert session.scalars(select(Idempotency.key)).all() == ["new"]
    assert session.scalar(select(func.count(Idempotency.id))) == 1
