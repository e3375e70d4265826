"""What is written in another script says so on every page that shows it (WCAG 3.1.2)."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from justhtml import JustHTML
from sqlalchemy.orm import Session

from civic.accounts.actor import Role
from civic.comments.operations import add_comment
from civic.contributions.models import Audience
from civic.contributions.operations import move
from civic.contributions.workflow import Party
from civic.desk.operations import add_note, answer, save_reply
from civic.text.scripts import tag_of_script
from civic.votes.operations import vote
from tests.client import CheckingClient
from tests.factories import actor, make_account, make_contribution

NAME = "كريم"
TEXTS = {
    "und-Arab": "مصباح الشارع مكسور منذ أسبوع",
    "und-Cyrl": "Фонарь на улице не горит неделю",
    "zh": "路灯坏了已经一个星期了没有人来修",
}


@pytest.mark.parametrize("tag", TEXTS)
def test_every_page_says_the_script_of_what_people_wrote(
    client: CheckingClient, session: Session, town: Any, tag: str
) -> None:
    text = TEXTS[tag]
    author, agent = make_account(session), make_account(session, "", Role.AGENT)
    moderator, neighbour = make_account(session, "", Role.MODERATOR), make_account(session)
    for person in (author, agent, moderator, neighbour):
        person.display_name = NAME
    incident = make_contribution(session, author=author, title=text, body=f"{text}.")
    make_contribution(session, "idea", title=text, body=f"{text}.", category="nature")
    held = make_contribution(session, author=neighbour, held=True, title=text, body=f"{text}.")
    add_comment(session, incident, body=f"{text}!", actor=actor(neighbour))
    vote(session, incident, actor=actor(neighbour))
    answer(session, incident, f"{text}?", audience=Audience.AUTHOR, actor=actor(agent))
    add_note(session, incident, f"{text};", actor=actor(agent))
    save_reply(
        session,
        None,
        actor=actor(agent),
        title=text,
        body=f"{text}.",
        department_id=None,
        status="",
    )
    move(
        session,
        incident,
        "question_asked",
        actor=actor(agent),
        standing={Party.AGENT},
        sentence=f"{text}?",
    )
    session.commit()
    public = ["/", "/incidents", "/ideas", f"/incidents/{incident.reference}"]
    walks: list[tuple[Any, list[str]]] = [
        (None, [*public, f"/search?q={text.split()[0]}"]),
        (
            author,
            [
                "/account",
                "/notifications",
                f"/incidents/{incident.reference}",
                f"/incidents/{incident.reference}/answer",
            ],
        ),
        (neighbour, ["/notifications", "/account"]),
        (agent, ["/desk", f"/desk/{incident.reference}", "/desk/replies"]),
        (moderator, ["/moderation", f"/moderation/{held.id}", f"/merge/{incident.reference}"]),
    ]
    unsaid = []
    for person, paths in walks:
        browser = client.application.test_client()
        if person is not None:
            browser.sign_in(person)  # type: ignore[attr-defined]
        for path in paths:
            page = browser.get(path, follow_redirects=True)
            assert page.status_code == 200, path
            unsaid += [f"{path}: {one}" for one in _unsaid(page.text, tag)]
            unsaid += [f"{path}: {one}" for one in _mixed(page.text)]
    assert not unsaid, "\n".join(unsaid)


def _mixed(page: str) -> Iterator[str]:
    """Yield each text that would be read in another order beside the name of somebody."""
    for node in JustHTML(page, sanitize=False).query("*"):
        own = "".join(child.data or "" for child in node.children or () if child.name == "#text")
        if NAME in own and node.name not in {"bdi", "title"} and re.search("[0-9]", own):
            yield f"<{node.name} {node.attrs}> {own}"


def _unsaid(page: str, tag: str) -> Iterator[str]:
    """Yield each text of a page in another script that nothing around it says the language of.

    Names of people are in no language.
    """
    for node in JustHTML(page, sanitize=False).query("*"):
        own = "".join(child.data or "" for child in node.children or () if child.name == "#text")
        is_within_ours = re.search("[a-z]", own) is not None
        is_name = NAME in own or own.strip() == NAME[0]
        if node.name in {"script", "title"} or is_within_ours or is_name:
            continue
        if tag_of_script(own) != tag:
            continue
        around: Any = node
        while around is not None and "lang" not in (around.attrs or {}):
            around = around.parent
        if around is None or around.attrs["lang"] != tag:
            yield f"<{node.name} {node.attrs}> {own}"
