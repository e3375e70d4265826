"""What the author and the neighbours do with an incident after it was sent."""

import io
from datetime import timedelta
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.accounts.actor import Role
from civic.accounts.models import Account
from civic.accounts.tokens import new_follow_token
from civic.attachments.models import Photo
from civic.contributions.models import Contribution, StatusChange
from civic.contributions.operations import move
from civic.contributions.screening_registry import HoldReason, screeners
from civic.contributions.workflow import Party
from civic.database import utcnow
from civic.extensions import db
from civic.incidents.models import Incident
from civic.participation.queries import list_happenings
from civic.participation.timeline import tell
from civic.votes.operations import vote
from tests.factories import actor, make_account, make_contribution
from tests.queries import counting

NOT_YET = {"sentence": "Ampoule changée.", "standing": {Party.AGENT}}


def agent_of(session: Session) -> Any:
    return actor(make_account(session, "agent@example.org", Role.AGENT))


def resolved(session: Session, author: Account | None = None) -> Contribution:
    incident = make_contribution(session, author=author)
    move(session, incident, "resolved", actor=agent_of(session), **NOT_YET)
    session.commit()
    return incident


def url_of(contribution: Contribution, step: str = "") -> str:
    return f"/incidents/{contribution.reference}" + (f"/{step}" if step else "")


def fresh(session: Session, contribution: Contribution) -> Incident:
    session.expire_all()
    return session.get_one(Incident, contribution.id)


def test_the_page_says_what_where_when_who_and_what_next(client: Any, session: Session) -> None:
    incident = make_contribution(session, address="12 rue Colbert", title="Lampe éteinte")
    page = client.get(url_of(incident)).get_data(as_text=True)
    for part in ("Lampe éteinte", "12 rue Colbert", "Voirie", incident.reference, "Reçu"):
        assert part in page
    assert 'data-component="place-map"' in page
    assert "/desk" not in page


def test_the_reference_is_forgiven_its_spelling(client: Any, session: Session) -> None:
    incident = make_contribution(session)
    answer = client.get(f"/incidents/{incident.reference.lower()}")
    assert (answer.status_code, answer.location) == (301, url_of(incident))


def test_an_idea_is_not_an_incident(client: Any, session: Session) -> None:
    idea = make_contribution(session, "idea")
    assert client.get(f"/incidents/{idea.reference}").status_code == 404
    assert client.get(f"/ideas/{idea.reference}").status_code == 200


def test_late_is_said_in_public(client: Any, session: Session) -> None:
    incident = make_contribution(session)
    incident.due_at = utcnow() - timedelta(days=2)
    session.commit()
    assert "En retard" in client.get(url_of(incident)).get_data(as_text=True)


@pytest.mark.parametrize("signed_in", [False, True])
def test_a_page_takes_ten_queries_at_most(client: Any, session: Session, signed_in: bool) -> None:
    author = make_account(session, "author@example.org")
    incident = make_contribution(session, author=author, answers={"pole": 3})
    for n in range(3):
        vote(session, incident, actor=actor(make_account(session, f"v{n}@example.org")))
    session.commit()
    if signed_in:
        client.sign_in(make_account(session, "reader@example.org"))
    session.expunge_all()
    with counting(db.engine) as queries:
        assert client.get(url_of(incident)).status_code == 200
    assert len(queries) <= 10, "\n".join(map(str, queries))


def test_the_author_corrects_the_text_within_fifteen_minutes(client: Any, session: Session) -> None:
    author = make_account(session, "author@example.org")
    incident = make_contribution(session, author=author)
    client.sign_in(author)
    edit = url_of(incident, "edit")
    assert 'value="Lampadaire éteint"' in client.get(edit).get_data(as_text=True)
    answer = client.send(edit, {"title": "Deux lampadaires", "body": "Tous les deux."}, page=edit)
    assert (answer.status_code, answer.location) == (303, url_of(incident))
    assert fresh(session, incident).title == "Deux lampadaires"
    assert client.send(edit, {"title": "", "body": "x"}, page=edit).status_code == 422
    late = fresh(session, incident)
    late.submitted_at = utcnow() - timedelta(minutes=16)
    session.commit()
    assert client.send(edit, {"title": "Non", "body": ""}, page=edit).status_code == 409
    assert "Corriger le texte" not in client.get(url_of(incident)).get_data(as_text=True)


def test_a_correction_by_the_private_link_is_its_authors(client: Any, session: Session) -> None:
    token, hashed = new_follow_token()
    incident = make_contribution(session)
    incident.follow_hash = hashed
    session.commit()
    client.get(f"/s/{token}")
    edit = url_of(incident, "edit")
    client.send(edit, {"title": "Deux lampadaires", "body": "Tous les deux."}, page=edit)
    steps = tell(fresh(session, incident), list_happenings(session, incident.id), {})
    assert ("Texte corrigé", "L’auteur") in {(step.label, step.who) for step in steps}


@pytest.mark.parametrize("step", ["edit", "withdraw", "precision", "answer", "confirm"])
def test_nobody_else_touches_it(client: Any, session: Session, step: str) -> None:
    incident = make_contribution(session, author=make_account(session, "author@example.org"))
    client.sign_in(make_account(session, "other@example.org"))
    data = {"title": "Volé", "body": "", "text": "Volé"}
    assert client.send(url_of(incident, step), data).status_code == 404
    assert fresh(session, incident).status == "received"


def test_the_author_adds_a_precision_that_everybody_reads(client: Any, session: Session) -> None:
    author = make_account(session, "author@example.org")
    incident = make_contribution(session, author=author)
    client.sign_in(author)
    step = url_of(incident, "precision")
    assert client.send(step, {"text": "Côté pair."}, page=step).status_code == 303
    page = client.sign_out().get(url_of(incident)).get_data(as_text=True)
    assert "Côté pair." in page
    assert "Ajouté par l’auteur" in page


def test_what_is_shown_at_once_may_not_hold_what_a_moderator_would_read_first(
    client: Any, session: Session
) -> None:
    author = make_account(session, "author@example.org")
    incident = make_contribution(session, author=author)
    client.sign_in(author)
    before = list(screeners)
    screeners[:] = [lambda *_: [HoldReason("telephone", advice="Retirez le numéro de téléphone.")]]
    try:
        step = url_of(incident, "precision")
        answer = client.send(step, {"text": "06 00 00 00 00"}, page=step)
    finally:
        screeners[:] = before
    assert answer.status_code == 422
    assert "Retirez le numéro de téléphone." in answer.get_data(as_text=True)
    assert fresh(session, incident).precisions == ""


def test_the_author_withdraws_and_the_page_stays(client: Any, session: Session) -> None:
    author = make_account(session, "author@example.org")
    incident = make_contribution(session, author=author)
    client.sign_in(author)
    assert client.send(url_of(incident, "withdraw")).status_code == 303
    assert fresh(session, incident).status == "withdrawn"
    assert "Votre contribution" not in client.get(url_of(incident)).get_data(as_text=True)
    assert client.sign_out().get(url_of(incident)).status_code == 200


def test_an_answered_question_goes_back_to_the_department(client: Any, session: Session) -> None:
    author = make_account(session, "author@example.org")
    incident = make_contribution(session, author=author)
    move(
        session,
        incident,
        "question_asked",
        actor=agent_of(session),
        standing={Party.AGENT},
        sentence="De quel côté ?",
    )
    session.commit()
    client.sign_in(author)
    assert "Lire et répondre" in client.get(url_of(incident)).get_data(as_text=True)
    step = url_of(incident, "answer")
    assert "De quel côté ?" in client.get(step).get_data(as_text=True)
    assert client.send(step, {"text": "Côté pair."}, page=step).status_code == 303
    assert fresh(session, incident).status == "acknowledged"
    assert client.get(step).status_code == 409


def test_the_author_confirms(client: Any, session: Session) -> None:
    author = make_account(session, "author@example.org")
    incident = resolved(session, author)
    client.sign_in(author)
    assert client.send(url_of(incident, "confirm")).status_code == 303
    assert fresh(session, incident).status == "confirmed"
    assert "Vérifié par" in client.get(url_of(incident)).get_data(as_text=True)


def test_the_author_contests_with_a_sentence_and_a_photo(client: Any, session: Session) -> None:
    author = make_account(session, "author@example.org")
    incident = resolved(session, author)
    client.sign_in(author)
    step = url_of(incident, "contest")
    assert client.send(step, {"text": ""}, page=step).status_code == 422
    photo = io.BytesIO()
    Image.new("RGB", (30, 30), "green").save(photo, "JPEG")
    photo.seek(0)
    data = {"text": "Toujours éteint.", "photos": [(photo, "p.jpg")]}
    assert client.send(step, data, page=step).status_code == 303
    assert fresh(session, incident).status == "contested"
    change = session.scalars(
        select(StatusChange).where(StatusChange.to_status == "contested")
    ).one()
    assert change.sentence == "Toujours éteint."
    assert session.scalars(select(Photo.status_change_id)).all() == [change.id]
    assert fresh(session, incident).photo_count == 0


def test_somebody_who_wrote_a_lot_can_still_contest(client: Any, session: Session) -> None:
    author = make_account(session, "author@example.org")
    incident = resolved(session, author)
    for number in range(6):
        make_contribution(session, author=author, title=f"Lampe {number}", body=f"Rue {number}.")
    client.sign_in(author)
    step = url_of(incident, "contest")
    refused = client.send(step, {"text": "Appelez-moi au 06 12 34 56 78."}, page=step)
    assert refused.status_code == 422
    assert "retirez les noms, numéros" in refused.get_data(as_text=True)
    assert client.send(step, {"text": "Toujours éteint."}, page=step).status_code == 303
    assert fresh(session, incident).status == "contested"


def test_supporters_contest_and_passers_by_do_not(client: Any, session: Session) -> None:
    supporter = make_account(session, "supporter@example.org")
    incident = make_contribution(session)
    vote(session, incident, actor=actor(supporter))
    move(session, incident, "resolved", actor=agent_of(session), **NOT_YET)
    session.commit()
    step = url_of(incident, "contest")
    assert "Qui peut contester" in client.get(step).get_data(as_text=True)
    assert client.send(step, {"text": "Non."}).status_code == 403
    client.sign_in(supporter)
    assert "Contester la clôture" in client.get(url_of(incident)).get_data(as_text=True)
    assert client.send(step, {"text": "Non."}, page=step).status_code == 303
    assert fresh(session, incident).status == "contested"


def test_what_is_open_cannot_be_contested(client: Any, session: Session) -> None:
    author = make_account(session, "author@example.org")
    incident = make_contribution(session, author=author)
    client.sign_in(author)
    step = url_of(incident, "contest")
    assert "rien à contester" in client.get(step).get_data(as_text=True)
    assert client.send(step, {"text": "Non."}).status_code == 409


def test_three_neighbours_confirm_what_was_resolved(session: Session, town: Any) -> None:
    author = make_account(session, "author@example.org")
    incident = make_contribution(session, author=author)
    vote(session, incident, actor=actor(make_account(session, "before@example.org")))
    move(session, incident, "resolved", actor=agent_of(session), **NOT_YET)
    for n in range(2):
        vote(session, incident, actor=actor(make_account(session, f"n{n}@example.org")))
    session.commit()
    assert incident.status == "resolved"
    vote(session, incident, actor=actor(make_account(session, "third@example.org")))
    session.commit()
    assert incident.status == "confirmed"
    last = session.scalars(select(StatusChange).order_by(StatusChange.id.desc())).first()
    assert last is not None
    assert last.is_automatic
    assert last.verified_by == "neighbour"


def test_what_a_vote_says_of_a_resolved_incident_is_not_that_it_is_there_too(
    client: Any, session: Session
) -> None:
    incident = resolved(session)
    session.commit()
    seen = make_account(session, "seen@example.org")
    client.sign_in(seen)
    button = client.get(url_of(incident)).get_data(as_text=True).partition('id="vote"')[2]
    assert "C’est bien réglé" in button
    assert "Moi aussi" not in button.partition("</form>")[0]
    contest = client.get(url_of(incident, "contest")).get_data(as_text=True)
    assert "/incidents/new" in contest.partition("<main")[2].partition("</main")[0]


def test_the_vote_that_was_missing_shows_the_whole_page_again(
    client: Any, session: Session
) -> None:
    incident = resolved(session)
    for n in range(2):
        vote(session, incident, actor=actor(make_account(session, f"n{n}@example.org")))
    session.commit()
    client.sign_in(make_account(session, "third@example.org"))
    url, asked = f"/c/{incident.reference}/vote", {"HX-Request": "true"}
    answer = client.send(url, {"action": "vote"}, headers=asked)
    assert answer.headers["HX-Refresh"] == "true"
    assert fresh(session, incident).status == "confirmed"
    assert "HX-Refresh" not in client.send(url, {"action": "unvote"}, headers=asked).headers


def test_the_copy_of_ones_data_holds_what_was_said_at_every_step(
    client: Any, session: Session
) -> None:
    author = make_account(session, "author@example.org")
    incident = resolved(session, author)
    session.commit()
    client.sign_in(author)
    client.send(url_of(incident, "contest"), {"text": "Encore là."})
    client.send(url_of(incident, "precision"), {"text": "Côté parc."})
    copy = client.get("/account/data/export.json").get_json()
    assert [step["sentence"] for step in copy["steps"] if step["sentence"]] == ["Encore là."]
    assert "Côté parc." in copy["precisions"][0]["text"]
