"""Photos wait until somebody has looked, unless who took them has a good record."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.accounts.actor import VISITOR, Actor, Role
from civic.accounts.models import Account
from civic.attachments.models import Photo
from civic.contributions.models import Contribution, ModerationState
from civic.database import utcnow
from civic.errors import Invalid
from civic.moderation import operations
from civic.moderation.models import AppealOutcome, Decision, Hold, Measure
from civic.moderation.operations import Grounds
from civic.participation.operations import add_photos
from civic.taxonomy.models import PublicationPolicy
from tests.client import CheckingClient
from tests.factories import actor, make_account, make_contribution

WHY = Grounds(clause="2", facts="Un visage est reconnaissable.")


@pytest.fixture
def moderator(session: Session, town: Any) -> Account:
    return make_account(session, "moderator@example.org", Role.MODERATOR)


def send_photo(session: Session, incident: Contribution, who: Actor) -> Photo:
    photo = Photo(draft_token="draft", key="a" * 40, sha256="b" * 64, width=40, height=30)
    session.add(photo)
    session.flush()
    add_photos(session, incident, "draft", actor=who)
    session.commit()
    return photo


def holds(session: Session) -> list[str]:
    return list(session.scalars(select(Hold.code).where(Hold.released_at.is_(None))))


def test_a_newcomers_photo_waits_and_the_text_is_public(
    session: Session, client: CheckingClient, moderator: Account
) -> None:
    incident = make_contribution(session)
    photo = send_photo(session, incident, VISITOR)
    assert photo.moderation_state is ModerationState.HELD
    assert incident.is_public
    assert (incident.photo_count, incident.cover_key) == (0, None)
    assert holds(session) == ["photos"]
    page = client.get(f"/incidents/{incident.reference}").get_data(as_text=True)
    assert photo.key not in page
    assert client.get(f"/photos/{photo.key}/small.jpg").status_code == 404
    client.sign_in(moderator)
    queue = client.get(f"/moderation/{incident.id}").get_data(as_text=True)
    assert "Photo pas encore regardée" in queue
    assert "Montrer les photos" in queue
    client.send(f"/moderation/{incident.id}/publish", {})
    session.expire_all()
    assert photo.moderation_state is ModerationState.PUBLISHED
    assert incident.cover_key == photo.key
    assert holds(session) == []


def test_whose_record_is_good_is_shown_at_once(session: Session, moderator: Account) -> None:
    author = make_account(session)
    for _ in range(3):
        earlier = make_contribution(session, author=author)
        earlier.submitted_at = utcnow() - timedelta(days=9)
    session.commit()
    photo = send_photo(session, make_contribution(session, author=author), actor(author))
    assert photo.moderation_state is ModerationState.PUBLISHED
    assert holds(session) == []


def test_a_category_may_show_photos_at_once(session: Session, moderator: Account) -> None:
    incident = make_contribution(session)
    incident.category.policy = PublicationPolicy.AFTER
    session.commit()
    photo = send_photo(session, incident, VISITOR)
    assert photo.moderation_state is ModerationState.PUBLISHED


def hidden_photo(session: Session, incident: Contribution, moderator: Account) -> Photo:
    photo = send_photo(session, incident, actor(moderator))
    operations.redact(
        session,
        incident,
        actor=actor(moderator),
        grounds=WHY,
        title=incident.title,
        body=incident.body,
        hidden_photo_ids=[photo.id],
    )
    session.commit()
    assert photo.moderation_state is ModerationState.HIDDEN
    return photo


def test_a_hidden_photo_is_shown_again_by_a_decision(
    session: Session, client: CheckingClient, moderator: Account
) -> None:
    incident = make_contribution(session, author=make_account(session))
    photo = hidden_photo(session, incident, moderator)
    with pytest.raises(Invalid):
        operations.show_photos(session, incident, [], actor=actor(moderator), grounds=Grounds())
    session.rollback()
    client.sign_in(moderator)
    assert "Montrer de nouveau" in client.get(f"/moderation/{incident.id}").get_data(as_text=True)
    url = f"/moderation/{incident.id}/photos"
    assert client.send(url, {}).status_code == 422
    assert client.send(url, {"show_photo": photo.id}).status_code == 303
    session.expire_all()
    assert photo.moderation_state is ModerationState.PUBLISHED
    last = session.scalars(select(Decision).order_by(Decision.id.desc())).first()
    assert last is not None
    assert last.measure is Measure.RESTORE


def test_an_upheld_appeal_brings_the_photo_back(session: Session, moderator: Account) -> None:
    author = make_account(session)
    incident = make_contribution(session, author=author)
    photo = hidden_photo(session, incident, moderator)
    decision = session.scalars(select(Decision)).one()
    appeal = operations.submit_appeal(session, decision, actor=actor(author), text="")
    operations.answer_appeal(
        session,
        appeal,
        actor=actor(make_account(session, "mediator@example.org", Role.MEDIATOR)),
        outcome=AppealOutcome.UPHELD,
        answer="Personne n’est reconnaissable.",
    )
    session.commit()
    assert photo.moderation_state is ModerationState.PUBLISHED
