"""A backup that is restored does not bring back what was erased or redacted since it was taken."""

import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, current_app
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from civic.accounts.actor import SYSTEM, Actor, Role
from civic.accounts.models import Account
from civic.accounts.operations import erase_account
from civic.accounts.operations.privacy import ERASED_NAME
from civic.attachments.models import Photo
from civic.attachments.operations import purge_drafts
from civic.attachments.queries import list_photos
from civic.comments.models import Comment
from civic.comments.operations import add_comment, withdraw_comment
from civic.contributions.models import Contribution, StatusChange
from civic.contributions.operations import move, undo_step
from civic.contributions.workflow import Party
from civic.database import table_of
from civic.follows.models import Follow
from civic.moderation import operations as moderation
from civic.moderation.models import Decision
from civic.moderation.operations.statements import Grounds
from civic.moderation.schedule import REMEMBER, remember_erased
from civic.notifications.models import OutgoingEmail
from civic.tasks.models import Job
from tests.factories import actor, make_account, make_contribution
from tests.integration.test_mails_repeat import with_photo

WHY = Grounds(clause="2", facts="Le numéro de la voisine.")
TABLES = (Account, Contribution, Comment, Photo)


@pytest.fixture
def noted_in() -> Path:
    path: Path = current_app.extensions["civic_settings"].erased_file
    path.unlink(missing_ok=True)
    return path


def backup_of(session: Session) -> Callable[[], None]:
    """Keep the rows as they are; what is returned puts them back, as restoring a backup does."""
    session.commit()
    kept = {
        table: [dict(row) for row in session.execute(select(table)).mappings()]
        for table in map(table_of, TABLES)
    }
    session.commit()

    def restore() -> None:
        session.execute(delete(Decision))
        for table, rows in kept.items():
            for row in rows:
                session.execute(table.update().where(table.c.id == row["id"]).values(row))
        session.commit()
        session.expire_all()

    return restore


@pytest.fixture
def told(session: Session, town: Any) -> tuple[Account, Contribution, Comment]:
    ana = make_account(session, "ana@example.org")
    ana.display_name = "Ana Le Goff"
    report = make_contribution(
        session, author=ana, title="Chez Mme Kerdraon", body="Elle habite au 3, 06 11 22 33 44."
    )
    comment = add_comment(
        session, report, actor=actor(make_account(session)), body="Mme Kerdraon le sait."
    )
    session.commit()
    return ana, report, comment


@pytest.fixture
def moderator(session: Session, town: Any) -> Actor:
    return actor(make_account(session, "", Role.MODERATOR))


def redact_both(session: Session, report: Contribution, comment: Comment, moderator: Actor) -> None:
    deciding: dict[str, Any] = {"actor": moderator, "grounds": WHY}
    left = {"title": "Chez une voisine", "body": "Elle habite ici."}
    moderation.redact(session, report, **deciding, **left)
    moderation.redact_comment(session, comment, **deciding, body="Elle le sait.")


def test_what_was_erased_since_the_backup_is_erased_again(
    session: Session, told: tuple[Account, Contribution, Comment], noted_in: Path, moderator: Actor
) -> None:
    ana, report, comment = told
    restore = backup_of(session)
    redact_both(session, report, comment, moderator)
    erase_account(session, ana, actor=SYSTEM)
    session.commit()
    assert REMEMBER in session.scalars(select(Job.kind)).all()
    remember_erased(session)
    session.commit()
    assert stat.S_IMODE(noted_in.stat().st_mode) == 0o600
    said = noted_in.read_text(encoding="utf-8")
    for gone in ("Kerdraon", "06 11", "Ana Le Goff", "ana@example.org"):
        assert gone not in said
    mails = session.scalar(select(func.count(OutgoingEmail.id)))
    restore()
    assert (report.title, ana.email) == ("Chez Mme Kerdraon", "ana@example.org")
    remember_erased(session)
    session.expire_all()
    assert (report.title, report.body) == ("Chez une voisine", "Elle habite ici.")
    assert comment.body == "Elle le sait."
    assert (ana.email, ana.display_name) == (None, ERASED_NAME)
    assert session.scalar(select(func.count(OutgoingEmail.id))) == mails, "nobody hears twice"
    number = session.scalar(select(func.count(Decision.id)))
    assert number == 2
    remember_erased(session)
    assert session.scalar(select(func.count(Decision.id))) == number


def test_what_its_writer_took_back_stays_taken_back(
    session: Session, told: tuple[Account, Contribution, Comment], noted_in: Path
) -> None:
    ana, report, comment = told
    follower = make_account(session)
    session.add(Follow(contribution_id=report.id, account_id=follower.id))
    kept = add_comment(session, report, actor=actor(ana), body="Je précise.")
    shown = add_comment(session, report, actor=actor(follower), body="Je le vois aussi.")
    restore = backup_of(session)
    for gone in (comment, shown):
        withdraw_comment(session, gone, actor=actor(gone.author))
    move(session, report, "withdrawn", actor=actor(ana), standing={Party.AUTHOR})
    session.commit()
    assert REMEMBER in session.scalars(select(Job.kind)).all()
    remember_erased(session)
    session.commit()
    assert "Kerdraon" not in noted_in.read_text(encoding="utf-8")
    mails = session.scalar(select(func.count(OutgoingEmail.id)))
    session.execute(delete(StatusChange).where(StatusChange.to_status == "withdrawn"))
    restore()
    assert (comment.body, report.status) == ("Mme Kerdraon le sait.", "received")
    remember_erased(session)
    session.expire_all()
    assert (comment.body, shown.body, shown.is_public) == ("", "", False)
    assert report.status == "withdrawn"
    assert kept.body == "Je précise."
    assert session.scalar(select(func.count(OutgoingEmail.id))) == mails, "nobody hears twice"
    said = noted_in.read_bytes()
    remember_erased(session)
    assert noted_in.read_bytes() == said


def test_a_photo_that_was_taken_out_stays_out(
    app: Flask, client: Any, session: Session, noted_in: Path
) -> None:
    author = make_account(session)
    report = make_contribution(session, author=author)
    for _ in range(2):
        with_photo(app, session, report)
    restore = backup_of(session)
    taken, kept = list_photos(session, report.id)
    form = {"title": report.title, "body": report.body, "remove_photo": str(taken.id)}
    path = f"/incidents/{report.reference}/edit"
    assert client.sign_in(author).send(path, form).status_code == 303
    session.expire_all()
    assert list_photos(session, report.id) == [kept]
    assert REMEMBER in session.scalars(select(Job.kind)).all()
    remember_erased(session)
    session.commit()
    restore()
    assert len(list_photos(session, report.id)) == 2
    remember_erased(session)
    session.expire_all()
    assert list_photos(session, report.id) == [kept]
    assert (report.photo_count, report.cover_key) == (1, kept.key)
    assert purge_drafts(session, app.extensions["file_store"]) == 1
    said = noted_in.read_bytes()
    remember_erased(session)
    assert noted_in.read_bytes() == said


def test_a_withdrawal_that_was_undone_is_not_done_again(
    session: Session, told: tuple[Account, Contribution, Comment], noted_in: Path
) -> None:
    ana, report, _comment = told
    change = move(session, report, "withdrawn", actor=actor(ana), standing={Party.AUTHOR})
    session.commit()
    remember_erased(session)
    undo_step(session, report, change.id, actor=actor(ana))
    session.commit()
    remember_erased(session)
    session.expire_all()
    assert report.status == "received"


def test_what_was_not_erased_is_left_alone(
    session: Session, told: tuple[Account, Contribution, Comment], noted_in: Path, moderator: Actor
) -> None:
    ana, report, comment = told
    redact_both(session, report, comment, moderator)
    session.commit()
    remember_erased(session)
    report.body = "Réécrit depuis."
    session.commit()
    remember_erased(session)
    assert report.body == "Réécrit depuis."
    # An account of a later day has the number of one that is gone.
    noted = json.loads(noted_in.read_bytes())
    moment = {"made": "2020-01-01T00:00:00+00:00", "at": noted[report.reference]["at"]}
    noted[f"account {ana.id}"] = moment
    noted["account 987654"] = moment
    noted_in.write_text(json.dumps(noted), encoding="utf-8")
    remember_erased(session)
    session.expire_all()
    assert ana.email == "ana@example.org"


def test_a_second_redaction_leaves_nothing_of_the_first(
    session: Session, told: tuple[Account, Contribution, Comment], noted_in: Path, moderator: Actor
) -> None:
    _, report, _ = told
    for title in ("Chez Kerdraon", "Chez une voisine"):
        moderation.redact(session, report, actor=moderator, grounds=WHY, title=title, body="Ici.")
        session.commit()
        remember_erased(session)
    assert "Kerdraon" not in noted_in.read_text(encoding="utf-8")
    assert len(json.loads(noted_in.read_bytes())) == 1
