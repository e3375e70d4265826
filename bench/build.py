"""Builds one data set, and measures the import on the way: ``python -m bench.build …``.

A process of its own, so that its memory is that of the import.
"""

import json
import resource
import sys
import time
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from bench import bare, rows
from civic.accounts.models import Account
from civic.app import create_app
from civic.cli.database import upgrade_schema
from civic.comments.models import Comment
from civic.contributions.kinds import kinds
from civic.contributions.models import Contribution, ModerationState
from civic.database import table_of
from civic.demo.taxonomy import add_taxonomy
from civic.demo.town import add_outlines, add_town
from civic.extensions import db
from civic.imports.load import Importer
from civic.imports.mapping import Mapping, detect_mapping
from civic.imports.readers import open_source
from civic.imports.rejects import Rejects
from civic.settings import Settings
from civic.votes.models import Vote

PEOPLE = 1_000
BUILT = "built.json"
DISCUSSED = 50
"""The comments of the contribution whose page is measured."""


def build(folder: Path, url: str, number: int) -> dict[str, Any]:
    """Fill the empty database at ``url``; return what was measured."""
    settings = Settings.from_values(data_dir=folder, database_url=url, rate_limits=False)
    newest = datetime.now(UTC).replace(microsecond=0) - timedelta(days=1)
    ideas = int(number * rows.IDEAS)
    files = folder / "incidents.csv", folder / "ideas.csv"
    rows.write(files[0], rows.incidents(number - ideas, newest))
    rows.write(files[1], rows.ideas(ideas, newest))
    app = create_app(settings)
    with app.app_context():
        upgrade_schema()
        session = db.session()
        add_town(session)
        add_outlines(session)
        add_taxonomy(session)
        _add_people(session)
        session.commit()
        measured = _import(session, "incident", files[0], folder)
        _import(session, "idea", files[1], folder)
        session.commit()
        _add_votes_and_comments(session, Random(3))
        session.commit()
        reference = session.scalar(
            select(Contribution.reference).where(Contribution.comment_count >= DISCUSSED)
        )
        db.session.remove()
        bare.tidy(db.engine)
        db.engine.dispose()
    measured["bare_seconds"] = bare.measure(url, folder)
    for file in files:
        file.unlink()
    return measured | {"number": number, "discussed": reference, "built": newest.isoformat()}


def _import(session: Session, kind: str, file: Path, folder: Path) -> dict[str, Any]:
    source = open_source(file)
    memory: list[tuple[int, int]] = []
    with closing(source), Rejects(folder / f"{kind}.rejected.csv") as rejects:
        mapping = _mapping(kind, source.columns)
        importer = Importer(session, kinds[kind], mapping, rejects, commit=session.commit)
        start = time.perf_counter()
        totals = importer.run(source.rows, lambda read: memory.append((read, _peak_mb())))
        seconds = time.perf_counter() - start
    if totals.added != totals.read:
        raise RuntimeError(f"the import took {totals.added} of {totals.read} rows")
    early = next((mb for read, mb in memory if read >= totals.read / 10), 0)
    return {
        "rows": totals.added,
        "seconds": seconds,
        "memory_early_mb": early,
        "memory_mb": memory[-1][1],
    }


def _mapping(kind: str, columns: tuple[str, ...]) -> Mapping:
    """The shipped mapping, with the columns that the real data lack."""
    found = detect_mapping(kind, columns)
    if found is None:
        raise RuntimeError(f"no shipped mapping fits {columns}")
    if kind == "idea":
        return found
    more = {
        "title": "titre",
        "body": "texte",
        "status": "etat",
        "closed_at": "cloture",
        "votes": "soutiens",
    }
    same = {str(status.code): str(status.code) for status in kinds[kind].workflow.statuses}
    return replace(found, columns={**found.columns, **more}, statuses=same)


def _peak_mb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _add_people(session: Session) -> None:
    now = datetime.now(UTC)
    session.execute(
        insert(table_of(Account)),
        [
            {
                "email": f"resident-{place:04}@bench.example",
                "display_name": f"Habitant {place}",
                "verified_at": now,
                "created_at": now,
                "wants_mail": False,
            }
            for place in range(PEOPLE)
        ],
    )


def _add_votes_and_comments(session: Session, draw: Random) -> None:
    """Let some people support every twentieth and discuss every hundredth contribution."""
    people = list(session.scalars(select(Account.id).order_by(Account.id)))
    last = session.scalar(select(Contribution.id).order_by(Contribution.id.desc()).limit(1)) or 0
    now = datetime.now(UTC)
    comment = {
        "moderation_state": ModerationState.PUBLISHED,
        "created_at": now,
        "stance": "neither",
    }
    votes: list[dict[str, Any]] = []
    comments: list[dict[str, Any]] = []
    counts: list[dict[str, Any]] = []
    for id in range(1, last + 1, 20):
        voters = draw.sample(people, draw.randint(1, 8))
        votes += [{"contribution_id": id, "account_id": voter, "at": now} for voter in voters]
        spoken = DISCUSSED if id == 1 else draw.randint(1, 6) if id % 100 == 1 else 0
        comments += [
            {
                **comment,
                "contribution_id": id,
                "author_id": draw.choice(people),
                "body": f"Je confirme, c'est le cas depuis {draw.randint(2, 30)} jours.",
            }
            for _ in range(spoken)
        ]
        counts.append({"key": id, "votes": len(voters), "comments": spoken})
    table = table_of(Contribution)
    session.execute(insert(table_of(Vote)), votes)
    session.execute(insert(table_of(Comment)), comments)
    session.connection().execute(
        update(table)
        .where(table.c.id == bindparam("key"))
        .values(
            vote_count=table.c.vote_count + bindparam("votes"),
            comment_count=table.c.comment_count + bindparam("comments"),
        ),
        counts,
    )


def main(arguments: list[str]) -> None:
    folder, url, number = Path(arguments[0]).resolve(), arguments[1], int(arguments[2])
    measured = build(folder, url, number)
    (folder / BUILT).write_text(json.dumps(measured, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
