"""Who writes waits for the other who does, and reads before without making anybody wait."""

import threading
import time
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from civic.database import engine as engines
from civic.database import read_only, start_writing, table_of, writing
from civic.extensions import db
from civic.taxonomy.models import Department

TABLE = table_of(Department)


@pytest.fixture
def department(session: Session, town: Any) -> Department:
    session.commit()
    return session.scalars(select(Department).order_by(Department.id)).first()


def test_others_write_while_one_reads_first(session: Session, department: Department) -> None:
    id, name = department.id, department.name
    session.rollback()
    with read_only():
        assert session.get(Department, id).name == name
        with writing(), db.engine.begin() as another:
            another.execute(insert(TABLE).values(code="autre", name="Autre"))
        start_writing(session)
        session.execute(update(TABLE).where(TABLE.c.id == id).values(name=f"{name} et jardins"))
        session.commit()
    codes = set(session.scalars(select(TABLE.c.code)))
    names = set(session.scalars(select(TABLE.c.name)))
    assert "autre" in codes
    assert f"{name} et jardins" in names


def test_what_was_loaded_stays_when_writing_begins(
    session: Session, department: Department
) -> None:
    name = department.name
    start_writing(session)
    assert "name" in vars(department)
    assert department.name == name


def test_a_writer_waits_for_the_one_before(app: Flask, department: Department) -> None:
    begun, order = threading.Event(), []

    def hold() -> None:
        with app.app_context(), db.engine.begin() as first:
            first.execute(update(TABLE).values(name_en="first"))
            begun.set()
            time.sleep(0.2)
            order.append("first")

    db.session.rollback()
    thread = threading.Thread(target=hold)
    thread.start()
    assert begun.wait(10)
    with db.engine.begin() as second:
        second.execute(update(TABLE).values(name_en="second"))
        order.append("second")
    thread.join()
    assert order == ["first", "second"]
    assert set(db.session.scalars(select(TABLE.c.name_en))) == {"second"}


def test_a_writer_does_not_wait_for_ever(
    app: Flask, engine_name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if engine_name != "sqlite":
        pytest.skip("the other engine lets both write")
    monkeypatch.setattr(engines, "_WAIT_S", 0.05)
    with (
        db.engine.begin() as first,
        pytest.raises(OperationalError, match="locked"),
        db.engine.begin(),
    ):
        first.execute(select(1))
    with db.engine.begin() as after:
        assert after.execute(select(1)).scalar() == 1
