"""The desk's search: accents and case, every text of a case, and tabs that count what it found."""

import re
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.accounts.actor import Role
from civic.contributions.workflow import StatusType
from civic.desk.models import InternalNote
from civic.desk.queries import count_views
from civic.taxonomy.models import Department
from tests.client import CheckingClient
from tests.factories import actor, make_account, make_contribution


@pytest.mark.parametrize("view", ["open", "closed"])
def test_what_the_search_finds(
    client: CheckingClient, session: Session, town: Any, view: str
) -> None:
    roads = session.scalars(select(Department).where(Department.code == "voirie")).one()
    agent = make_account(session, "", Role.AGENT, department=roads)
    author = make_account(session, "odette.martin@example.org")
    wanted = make_contribution(session, title="Épave d’un vélo", author=author)
    make_contribution(session, title="Autre chose")
    session.add(InternalNote(contribution_id=wanted.id, author_id=agent.id, body="Clef chez Paul"))
    if view == "closed":
        wanted.status, wanted.status_type = "resolved", StatusType.CLOSED
    session.commit()
    client.sign_in(agent)
    for words in ("epave", "ÉPAVE velo", wanted.reference[2:6].lower(), "chez paul", "odette.mar"):
        page = client.get("/desk", query_string={"q": words, "view": view}).text
        assert re.findall(r">([^<>]+)</a> <span class=\"small soft nowrap", page) == [
            wanted.title
        ], words
        counts = count_views(session, actor(agent), words)
        assert (counts["open"], counts["closed"]) == ((1, 0) if view == "open" else (0, 1)), words
