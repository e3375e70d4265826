"""A kind that nobody foresaw gets votes, comments, follows, flags and a page for nothing."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.accounts.actor import SYSTEM, VISITOR
from civic.comments.operations import add_comment
from civic.contributions import screening_registry
from civic.contributions.kinds import Kind, kinds
from civic.contributions.models import Contribution, Scope
from civic.contributions.operations import Draft, hide, move, store
from civic.contributions.workflow import Edge, Party, Status, StatusType, Workflow
from civic.flags.models import FlagReason
from civic.flags.operations import raise_flag
from civic.taxonomy.models import Category
from civic.votes.operations import vote
from tests.client import CheckingClient
from tests.factories import CENTRE, actor, make_account


class Thanks(Contribution):
    """Somebody thanks the town: a kind made of the base row alone."""

    __mapper_args__ = {"polymorphic_identity": "thanks"}  # noqa: RUF012


KIND = Kind(
    code="thanks",
    letter="T",
    label="Merci",
    label_plural="Mercis",
    vote_label="Moi aussi",
    voted_label="Vous remerciez",
    blueprint="thanks",
    icon="heart",
    symbol="circle",
    model=Thanks,
    workflow=Workflow(
        statuses=(
            Status("said", "Dit", StatusType.OPEN, "heart", "Le merci est arrivé."),
            Status("read", "Lu", StatusType.FIXED, "check-lg", "Le service l’a lu."),
        ),
        edges={"said": (Edge("read", "Lire", by=frozenset({Party.SYSTEM})),), "read": ()},
        initial="said",
    ),
)


@pytest.fixture
def thanks(session: Session, town: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Contribution]:
    monkeypatch.setattr(screening_registry, "screeners", [])
    kinds.register(KIND)
    category = session.scalars(select(Category).where(Category.code == "nature")).one()
    category.kinds = [*category.kinds, "thanks"]
    draft = Draft("Merci pour le parc", "Il est **beau**.", category, Scope.PLACE, CENTRE)
    yield store(session, KIND, draft, actor=VISITOR, held=False, author_id=None, follow_hash=None)
    session.rollback()
    kinds.remove("thanks")


def test_a_third_kind_takes_part_in_everything(
    client: CheckingClient, session: Session, thanks: Contribution
) -> None:
    person = make_account(session)
    vote(session, thanks, actor=actor(person))
    add_comment(session, thanks, actor=actor(person), body="Oui, merci !")
    raise_flag(session, thanks, actor=VISITOR, reason=FlagReason.OFF_TOPIC)
    move(session, thanks, "read", actor=SYSTEM, standing={Party.SYSTEM})
    session.commit()
    page = client.get(f"/c/{thanks.reference.lower()}", follow_redirects=True)
    assert page.status_code == 200
    html = page.get_data(as_text=True)
    for words in ("Merci pour le parc", "<strong>beau</strong>", "Oui, merci !", "Moi aussi", "Lu"):
        assert words in html
    client.sign_in(person)
    assert client.send(f"/c/{thanks.reference}/vote", {"action": "unvote"}).status_code == 303
    assert client.get(f"/c/{thanks.reference}/flag").status_code == 200
    hide(session, thanks, actor=SYSTEM)
    session.commit()
    assert client.sign_out().get(f"/c/{thanks.reference}").status_code == 410
