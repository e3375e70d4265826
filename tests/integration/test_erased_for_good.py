"""After an erasure or a redaction, a search of everything that civic keeps finds nothing."""

import re
import shutil
import time
from binascii import a2b_qp
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, current_app
from sqlalchemy import MetaData, select, text
from sqlalchemy.orm import Session

from civic.accounts.actor import SYSTEM, Role
from civic.accounts.models import Account
from civic.accounts.operations import erase_account
from civic.comments.operations import add_comment, withdraw_comment
from civic.contributions.models import Contribution
from civic.contributions.operations import edit_text, hide
from civic.contributions.schedule import SCRUB
from civic.database import fulltext
from civic.database.engine import read_only, writing
from civic.database.scrubbing import scrub
from civic.extensions import db
from civic.flags.models import Flag, FlagReason
from civic.follows.operations import follow
from civic.moderation import operations as moderation
from civic.moderation.models import Hold
from civic.moderation.operations.statements import Grounds
from civic.notifications.folder import delete_mails_naming
from civic.notifications.models import OutgoingEmail
from civic.notifications.operations import queue_mail
from civic.notifications.schedule import deliver_mail
from civic.search.models import SearchWord, SearchWordVariant
from civic.tasks import queue
from civic.tasks.schedule import find_job
from tests.factories import actor, make_account, make_contribution
from tests.live_files import read_apart

WHY = Grounds(clause="2", facts="Des données personnelles.")
FILLER = "Le trottoir est cassé devant la boulangerie depuis l’hiver dernier. "


def run_what_was_asked_for(session: Session) -> list[str]:
    """Do as the worker does, and return the names of the jobs that were asked for."""
    done = []
    while (claimed := queue.claim(session, "test")) is not None:
        session.commit()
        done.append(claimed.kind)
        job = find_job(claimed.kind)
        assert job is not None
        job.work(session)
        queue.finish(session, claimed)
        session.commit()
    return done


def everything(session: Session) -> Iterator[tuple[str, bytes]]:
    """Yield all that is kept: each file whole, or each row of each table."""
    folders = [current_app.extensions["civic_settings"].data_dir]
    if db.engine.dialect.name == "sqlite":
        folders.append(Path(db.engine.url.database or "").parent)
    else:
        schema = MetaData()
        schema.reflect(db.engine)
        for name in schema.tables:
            for (row,) in session.execute(text(f'SELECT t::text FROM "{name}" t')):  # noqa: S608
                yield name, row.encode()
        session.rollback()
    for folder in folders:
        for path in folder.rglob("*"):
            if path.is_file():
                data = read_apart(path)
                yield str(path), data + a2b_qp(data) if path.suffix == ".eml" else data


def where_found(session: Session, *words: str) -> list[tuple[str, str]]:
    return [
        (word, place)
        for place, data in everything(session)
        for word in words
        if re.search(re.escape(word).encode(), data, re.IGNORECASE)
    ]


@pytest.fixture
def moderator(session: Session, town: Any) -> Account:
    return make_account(session, "moderatrice@example.org", Role.MODERATOR)


@pytest.fixture(autouse=True)
def nothing_from_before(app: Flask) -> None:
    shutil.rmtree(app.extensions["civic_settings"].mail_dir, ignore_errors=True)


@pytest.fixture
def follower(session: Session, town: Any) -> Account:
    return make_account(session, "voisine@example.org")


def written(session: Session, follower: Account) -> tuple[Account, Contribution, Any]:
    """Somebody's report with an edit, a comment, news, a mail that left and one that waits."""
    author = make_account(session, "zorglubine@exemple-unique.fr")
    author.display_name = "Zorglubine Quintard"
    for number in range(40):
        make_contribution(session, title=f"Trottoir {number}", body=FILLER * 5)
    item = make_contribution(
        session,
        author=author,
        title="Lampe chez Wxyvanne",
        body=f"{FILLER}Wxyvanne Tchoukball habite là, 06 98 76 54 32.",
    )
    follow(session, item, account_id=follower.id)
    session.add(Hold(contribution_id=item.id, code="phone", detail="06 98 76 54 32"))
    flag = Flag(
        contribution_id=item.id,
        account_id=follower.id,
        reason=FlagReason.PERSONAL_DATA,
        text="On y nomme Wxyvanne.",
        receipt="F-TEST-01",
    )
    session.add(flag)
    new = f"{FILLER}Wxyvanne Tchoukball habite ici, au 06 98 76 54 32."
    edit_text(session, item, actor=actor(author), title=item.title, body=new)
    comment = add_comment(session, item, body="Demandez à Brimborionne.", actor=actor(author))
    session.commit()
    deliver_mail(session)
    add_comment(session, item, body="Brimborionne le sait.", actor=actor(make_account(session)))
    data = {
        "departments": [
            {
                "name": "Voirie",
                "late": [
                    {
                        "title": item.title,
                        "reference": item.reference,
                        "due_at": item.submitted_at.isoformat(),
                    }
                ],
            }
        ]
    }
    queue_mail(session, template="overdue", recipient="chef@example.org", locale="fr", data=data)
    session.commit()
    return author, item, comment


def test_what_is_redacted_is_nowhere(
    session: Session, moderator: Account, follower: Account, client: Any
) -> None:
    _, item, comment = written(session, follower)
    words = ("wxyvan", "tchoukb", "06 98 76 54 32", "brimborio")
    assert {word for word, _ in where_found(session, *words)} == set(words)
    assert "Wxyvanne" in client.get(f"/incidents/{item.reference}").text
    moderation.redact(
        session,
        item,
        actor=actor(moderator),
        grounds=WHY,
        title="Lampe cassée",
        body=FILLER,
    )
    for one in session.scalars(select(type(comment))).all():
        moderation.redact_comment(
            session, one, actor=actor(moderator), grounds=WHY, body="Demandez-lui."
        )
    session.commit()
    waiting = session.scalars(
        select(OutgoingEmail.data).where(OutgoingEmail.recipient == "chef@example.org")
    ).one()
    assert waiting["departments"][0]["late"][0]["title"] == "Lampe cassée"
    assert SCRUB in run_what_was_asked_for(session)
    assert not where_found(session, *words)
    assert not session.scalars(select(OutgoingEmail.error).where(OutgoingEmail.error != "")).all()
    assert "Wxyvanne" not in client.get(f"/incidents/{item.reference}").text


def test_who_is_erased_is_nowhere(session: Session, follower: Account) -> None:
    author, item, _ = written(session, follower)
    words = ("zorglubine", "quintard", "exemple-unique")
    assert {word for word, _ in where_found(session, *words)} == set(words)
    erase_account(session, author, actor=SYSTEM)
    session.commit()
    assert SCRUB in run_what_was_asked_for(session)
    assert not where_found(session, *words)
    assert session.get_one(Contribution, item.id).title == "Lampe chez Wxyvanne"


@pytest.mark.parametrize("way", ["hidden", "edited", "deleted"])
def test_the_vocabulary_forgets_what_no_public_text_holds(
    session: Session, town: Any, way: str
) -> None:
    kept = make_contribution(session, title="Lampadaires cassés", body="Deux.")
    item = make_contribution(session, title="Chez les Wxyvanniers", body="Lampadaire éteint.")

    def known(*asked: str) -> set[str]:
        found = select(SearchWord.word).where(SearchWord.word.in_(asked))
        return set(session.scalars(found))

    names = ("wxyvanniers", "lampadaire")
    assert known(*names) == set(names)
    if way == "hidden":
        hide(session, item, actor=SYSTEM)
    elif way == "edited":
        item.title = "Chez eux"
    else:
        session.delete(item)
    session.commit()
    assert known("wxyvanniers", "wxyvannier", "wxyvanni") == set()
    assert not session.scalars(
        select(SearchWordVariant.word).where(SearchWordVariant.word.startswith("wxyvan"))
    ).all()
    assert known("lampadaires") == {"lampadaires"}
    assert kept.title == "Lampadaires cassés"


def test_a_word_that_another_text_holds_is_still_found(session: Session, town: Any) -> None:
    item = make_contribution(session, title="Chez Wxyvanne")
    make_contribution(session, title="Toujours chez Wxyvanne")
    hide(session, item, actor=SYSTEM)
    session.commit()
    assert session.get(SearchWord, "wxyvanne") is not None


def test_a_comment_taken_back_is_nowhere_by_the_next_day(session: Session, town: Any) -> None:
    author = make_account(session)
    comment = add_comment(
        session, make_contribution(session), body="Brimborionne.", actor=actor(author)
    )
    session.commit()
    withdraw_comment(session, comment, actor=actor(author))
    session.commit()
    job = find_job(SCRUB)
    assert job is not None
    job.work(session)
    session.commit()
    assert not where_found(session, "brimborio")


def test_readers_are_waited_for_without_keeping_writers(app: Flask, session: Session) -> None:
    make_account(session)
    is_embedded = db.engine.dialect.name == "sqlite"
    log = Path(f"{db.engine.url.database}-wal")
    with read_only(), db.engine.connect() as reader:
        if not is_embedded:
            reader.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        reader.exec_driver_sql("SELECT count(*) FROM account")
        with writing():
            make_account(session)
        assert not is_embedded or log.stat().st_size
        assert not scrub(db.engine), "the reader may still see what was there before"
    assert scrub(db.engine)
    assert not log.exists() or log.stat().st_size == 0


def test_the_index_is_merged_in_short_steps(session: Session, town: Any) -> None:
    for number in range(30):
        make_contribution(session, title=f"Banc {number}")
    steps = 1
    while fulltext.merge_some(session, begins=steps == 1):
        session.commit()
        steps += 1
        assert steps < 100
    session.commit()
    if db.engine.dialect.name == "sqlite":
        assert steps > 1


def test_only_mails_that_name_it_go(tmp_path: Path) -> None:
    mails = {
        "to": b"To: anne@example.org\r\n\r\nBonjour",
        "split": "Subject: x\r\n\r\nLe nom de Ren=C3=A9e Du=\r\npont est là".encode(),
        "longer": b"To: joanne@example.organisation\r\n\r\nDupontel",
    }
    for name, data in mails.items():
        (tmp_path / f"{name}.eml").write_bytes(data)
    assert delete_mails_naming(tmp_path, ["", " "]) == 0
    assert delete_mails_naming(tmp_path, ["anne@example.org", "Renée Dupont"]) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["longer.eml"]


def test_the_files_of_the_database_server_hold_nothing_after_a_full_vacuum(
    session: Session, town: Any
) -> None:
    if db.engine.dialect.name != "postgresql":
        pytest.skip("the files of the other engine are read above")
    oid = "SELECT oid FROM pg_database WHERE datname = current_database()"
    files = Path(session.scalar(text("SHOW data_directory")) or "") / "base"
    files /= str(session.scalar(text(oid)))
    if not files.is_dir():
        pytest.skip("the server is on another machine")
    author = make_account(session, "zz.kerdraon@example.org")
    moderator = actor(make_account(session, "", Role.MODERATOR))
    report = make_contribution(session, author=author, title="Chez Zyxkerdraon", body="0699887766")
    session.commit()
    said = (b"zz.kerdraon", b"yxkerdraon", b"0699887766")
    # As the server does by itself now and then: its statistics hold values of the columns.
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))
    assert _held_in(files, said) == set(said)
    moderation.redact(session, report, actor=moderator, grounds=WHY, title="Chez elle", body="Ici.")
    erase_account(session, author, actor=SYSTEM)
    session.commit()
    run_what_was_asked_for(session)
    session.rollback()
    end = time.monotonic() + 120
    while not scrub(db.engine):
        assert time.monotonic() < end, "a transaction older than the erasure stayed open"
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM FULL"))
    assert _held_in(files, said) == set()


def _held_in(folder: Path, words: tuple[bytes, ...]) -> set[bytes]:
    """Return which of ``words`` are in the files of a database, all that is in memory written."""
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("CHECKPOINT"))
    found: set[bytes] = set()
    for path in folder.iterdir():
        data = path.read_bytes()
        found |= {word for word in words if word in data}
    return found
