"""What is to be seen on a photo: said by who sends it, shown instead of it, corrected later."""

import html
import io
import re
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.accounts.actor import Role
from civic.attachments.models import Photo
from civic.attachments.operations import attach, keep_draft, store_photo
from civic.contributions.models import Contribution, HistoryEntry
from civic.database import utcnow
from civic.storage import file_store
from civic.taxonomy.models import Category
from civic.taxonomy.queries import list_departments
from tests.client import CheckingClient
from tests.factories import make_account, make_contribution
from tests.photos import jpeg

TOKEN = "t" * 32


def give_photos(session: Session, contribution: Contribution, *texts: str) -> list[Photo]:
    for number, text in enumerate(texts):
        stored = store_photo(file_store(), jpeg(colour=f"#{number}{number}4455"))
        photo = keep_draft(session, stored, TOKEN)
        assert photo is not None
        photo.description = text
    photos = attach(session, contribution, TOKEN)
    session.commit()
    return photos


def read(answer: Any) -> str:
    """The page, with plain spaces."""
    return str(html.unescape(answer.get_data(as_text=True)).replace("\xa0", " "))


def test_a_photo_without_words_says_which_and_about_what(
    session: Session, client: CheckingClient
) -> None:
    incident = make_contribution(session, address="Rue Colbert")
    give_photos(session, incident, "Une lampe à terre", "")
    page = read(client.get(f"/c/{incident.reference}", follow_redirects=True))
    assert 'alt="Une lampe à terre"' in page
    category = incident.category.name
    assert f"Photo 2 sur 2 : {category}, Rue Colbert" in page
    english = client.get(f"/c/{incident.reference}?lang=en", follow_redirects=True)
    assert f"Photo 2 of 2: {incident.category.name_in('en')}" in read(english)
    listed = client.get("/incidents").get_data(as_text=True)
    assert 'alt="Une lampe à terre"' in listed


def test_a_list_names_what_a_photo_without_words_is_about(
    session: Session, client: CheckingClient
) -> None:
    incident = make_contribution(session, address="Rue Colbert")
    give_photos(session, incident, "")
    listed = read(client.get("/incidents"))
    assert f'alt="Photo : {incident.category.name}, Rue Colbert"' in listed


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("author", 200),
        ("late author", 403),
        ("agent", 200),
        ("agent of another department", 403),
        ("moderator", 200),
        ("resident", 403),
        ("visitor", 403),
    ],
)
def test_who_describes_photos(
    session: Session, client: CheckingClient, who: str, status: int
) -> None:
    author = make_account(session)
    incident = make_contribution(session, author=author)
    (photo,) = give_photos(session, incident, "Avant")
    if who == "late author":
        incident.vote_count = 1
    other = next(d for d in list_departments(session) if d.id != incident.department_id)
    person = {
        "author": lambda: author,
        "late author": lambda: author,
        "agent": lambda: make_account(session, "a@example.org", Role.AGENT),
        "agent of another department": lambda: make_account(
            session, "b@example.org", Role.AGENT, department=other
        ),
        "moderator": lambda: make_account(session, "m@example.org", Role.MODERATOR),
        "resident": lambda: make_account(session, "r@example.org"),
        "visitor": lambda: None,
    }[who]()
    session.commit()
    if person is not None:
        client.sign_in(person)
    address = f"/c/{incident.reference}/photos"
    assert client.get(address).status_code == status
    sent = {f"photo_description-{photo.id}": "  Après\n la pluie "}
    answer = client.send(address, sent)
    session.expire_all()
    if status == 200:
        assert answer.status_code == 303
        assert photo.description == "Après la pluie"
        entry = session.scalars(select(HistoryEntry).where(HistoryEntry.field == "photos")).one()
        assert (entry.before, entry.after, entry.is_public) == ("Avant", "Après la pluie", False)
        assert 'alt="Après la pluie"' in client.get("/incidents").get_data(as_text=True)
    else:
        assert answer.status_code == 403
        assert photo.description == "Avant"


def test_an_author_says_nothing_there_that_would_be_held(
    session: Session, client: CheckingClient
) -> None:
    author = make_account(session)
    incident = make_contribution(session, author=author)
    (photo,) = give_photos(session, incident, "")
    client.sign_in(author)
    sent = {f"photo_description-{photo.id}": "Appelez-moi au 06 12 34 56 78"}
    answer = client.send(f"/c/{incident.reference}/photos", sent)
    assert answer.status_code == 422
    assert "06 12 34 56 78" in answer.get_data(as_text=True)
    session.expire_all()
    assert photo.description == ""


def test_words_of_a_photo_are_read_with_the_text(session: Session, client: CheckingClient) -> None:
    """A telephone number is as personal below a photo as in the text."""
    category = session.scalars(select(Category).where(Category.code == "eclairage")).one()
    data = {
        "title": "Une lampe éteinte",
        "body": "",
        "category": str(category.id),
        "lat": "48.1100000",
        "lon": "-1.6810000",
        "form_key": "k" * 32,
        "photos": [(io.BytesIO(jpeg()), "a.jpg")],
        "photo_line": ["Le voisin, 06 12 34 56 78"],
    }
    answer = client.send("/incidents/new", data, content_type="multipart/form-data")
    assert answer.status_code == 303, answer.get_data(as_text=True)
    contribution = session.scalars(select(Contribution)).one()
    assert not contribution.is_public
    assert session.scalars(select(Photo)).one().description == "Le voisin, 06 12 34 56 78"
    assert contribution.submitted_at <= utcnow()


def test_words_of_a_photo_that_a_correction_adds_are_read_too(
    session: Session, client: CheckingClient
) -> None:
    author = make_account(session)
    incident = make_contribution(session, author=author)
    client.sign_in(author)
    address = f"/incidents/{incident.reference}/edit"
    page = client.get(address).get_data(as_text=True)
    data = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page))
    data |= {
        "title": incident.title,
        "body": incident.body,
        "category": str(incident.category_id),
        "photos": [(io.BytesIO(jpeg()), "a.jpg")],
        "photo_line": "Appelez le 06 12 34 56 78",
    }
    answer = client.send(address, data, content_type="multipart/form-data")
    assert answer.status_code == 422
    attached = select(Photo).where(Photo.contribution_id == incident.id)
    assert session.scalars(attached).first() is None
