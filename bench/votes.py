"""Votes by sixteen people at once, over HTTP, with sessions and tokens against forged requests."""

import re
import time
from dataclasses import dataclass
from functools import partial
from random import Random
from urllib.parse import quote_plus

from sqlalchemy import create_engine, func, select

from bench import upsert
from bench.client import Connection, each_at_once
from bench.datasets import DataSet
from bench.serving import civic_server, plain_server
from civic.accounts.models import Account
from civic.accounts.operations import begin_session
from civic.app import create_app
from civic.contributions.models import Contribution
from civic.extensions import db
from civic.settings import Settings
from civic.votes.models import Vote

AT_ONCE = 16
_TOKEN = re.compile(rb'name="csrf_token"[^>]*value="([^"]+)"')
_COOKIE = re.compile(rb"set-cookie: (civic_session=[^;\r]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class VoteFigures:
    """What became of the votes: per second, and how many were lost or counted twice."""

    rate: float
    bare_rate: float
    cast: int
    lost: int
    doubled: int


def measure(data: DataSet, *, each: int) -> VoteFigures:
    """Let everyone support the same ``each`` contributions, each in an order of their own.

    Everything is sent twice: the second time must change nothing.
    """
    app = create_app(
        Settings.from_values(data_dir=data.folder, database_url=data.url, rate_limits=False)
    )
    with app.app_context():
        session = db.session()
        people = session.scalars(select(Account).order_by(Account.id.desc()).limit(AT_ONCE)).all()
        voted = select(Vote.contribution_id).where(Vote.account_id.in_([p.id for p in people]))
        chosen = session.execute(
            select(Contribution.id, Contribution.reference)
            .where(Contribution.kind == "incident", Contribution.status == "received")
            .where(Contribution.id.not_in(voted))
            .order_by(Contribution.id.desc())
            .limit(each)
        ).all()
        signer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
        keys = [begin_session(session, one)[1] for one in people]
        session.commit()
        cookies = [signer.dumps({"_user_id": key, "_fresh": True}) for key in keys]
        ids = [row.id for row in chosen]
        accounts = [one.id for one in people]
        before = _counted(ids)
        db.session.remove()
        db.engine.dispose()
    references = [row.reference for row in chosen]
    with civic_server(data.folder, data.url) as port:
        _all(port, cookies[:1], references[:1] * 20, action="unvote")
        rate = _all(port, cookies, references, action="vote")
        _all(port, cookies, references[:10], action="vote")
    with app.app_context():
        after, rows = _counted(ids), _rows(ids, accounts)
        db.session.remove()
        db.engine.dispose()
    wanted = len(ids) * AT_ONCE
    counted = after - before
    return VoteFigures(
        rate=rate,
        bare_rate=_bare(data, ids, accounts),
        cast=wanted,
        lost=max(0, wanted - min(rows, counted)),
        doubled=max(0, max(rows, counted) - wanted),
    )


def _counted(ids: list[int]) -> int:
    statement = select(func.sum(Contribution.vote_count)).where(Contribution.id.in_(ids))
    return db.session().scalar(statement) or 0


def _rows(ids: list[int], accounts: list[int]) -> int:
    statement = select(func.count()).select_from(Vote)
    statement = statement.where(Vote.contribution_id.in_(ids), Vote.account_id.in_(accounts))
    return db.session().scalar(statement) or 0


def _all(port: int, cookies: list[str], references: list[str], *, action: str) -> float:
    """Return how many answers a second everyone got together."""
    jobs = [
        partial(_vote, port, f"civic_session={cookie}", references, seed, action)
        for seed, cookie in enumerate(cookies)
    ]
    return _rate(each_at_once(jobs), len(references) * len(cookies))


def _rate(spans: list[tuple[float, float]], number: int) -> float:
    return number / (max(end for _, end in spans) - min(start for start, _ in spans))


def _vote(
    port: int, cookie: str, references: list[str], seed: int, action: str
) -> tuple[float, float]:
    connection = Connection(port)
    page = connection.get(f"/incidents/{references[0]}", f"Cookie: {cookie}\r\n")
    token, renewed = _TOKEN.search(page.body), _COOKIE.search(page.head)
    if token is None:
        raise RuntimeError("the page of a contribution holds no form")
    cookie = renewed[1].decode() if renewed else cookie
    body = f"csrf_token={quote_plus(token[1].decode())}&action={action}"
    order = list(references)
    Random(seed).shuffle(order)
    start = time.monotonic()
    for reference in order:
        answer = connection.send(
            (
                f"POST /c/{reference}/vote HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\n"
                "Content-Type: application/x-www-form-urlencoded\r\n"
                f"Content-Length: {len(body)}\r\n\r\n{body}"
            ).encode()
        )
        if answer.status != 303:
            raise RuntimeError(f"a vote was answered with {answer.status}")
    connection.close()
    return start, time.monotonic()


def _bare(data: DataSet, ids: list[int], accounts: list[int]) -> float:
    engine = create_engine(data.url)
    with engine.begin() as connection:
        connection.exec_driver_sql(upsert.TABLE)
    with plain_server("bench.upsert:create_app", **{upsert.URL: data.url}) as port:
        each_at_once([partial(_upsert, port, ids[:5], account) for account in accounts])
        spans = each_at_once([partial(_upsert, port, ids, account) for account in accounts])
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE bench_vote")
    engine.dispose()
    return _rate(spans, len(ids) * len(accounts))


def _upsert(port: int, ids: list[int], account: int) -> tuple[float, float]:
    connection = Connection(port)
    order = list(ids)
    Random(account).shuffle(order)
    start = time.monotonic()
    for id in order:
        request = f"POST /{id}/{account} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n"
        if connection.send(request.encode()).status != 200:
            raise RuntimeError("an upsert failed")
    connection.close()
    return start, time.monotonic()
