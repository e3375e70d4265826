"""Photos: kept from the first try, cleaned, seen by those who may, gone when nobody wants them."""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Blueprint, Flask, render_template_string, request
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from wtforms import StringField
from wtforms.validators import InputRequired

from civic.accounts.actor import SYSTEM, Role
from civic.accounts.signals import account_exported
from civic.attachments import photo_srcset
from civic.attachments.forms import PhotosMixin
from civic.attachments.models import Photo
from civic.attachments.operations import (
    attach,
    draft_photos,
    file_key,
    keep_draft,
    original_key,
    purge_drafts,
    release_drafts,
    remove_photo,
    set_photo_state,
    store_original,
    store_photo,
)
from civic.contributions.models import Contribution, ModerationState, StatusChange
from civic.contributions.operations import hide, publish
from civic.contributions.workflow import Party
from civic.database import utcnow
from civic.extensions import db, limiter
from civic.storage import file_store, photo_limits
from civic.storage.child import _locked
from civic.storage.files import MissingFileError
from civic.storage.photos import SIZES
from civic.web.access import public
from civic.web.forms import Form
from civic.web.limits import Limit
from tests.client import CheckingClient
from tests.factories import make_account, make_contribution
from tests.photos import heic, jpeg

TOKEN = "t" * 32


def make_drafts(session: Session, *photos: bytes, token: str = TOKEN) -> list[Photo]:
    kept = [keep_draft(session, store_photo(file_store(), photo), token) for photo in photos]
    session.commit()
    return [photo for photo in kept if photo is not None]


def make_photo(session: Session, contribution: Contribution) -> Photo:
    make_drafts(session, jpeg(colour="#aa3311"))
    [photo] = attach(session, contribution, TOKEN)
    session.commit()
    return photo


def url(photo: Photo, size: str = "small") -> str:
    return f"/photos/{photo.key}/{size}.jpg"


def test_photos_come_along_in_order_and_forget_where_they_were_taken(
    session: Session, town: Any
) -> None:
    incident = make_contribution(session)
    drafts = make_drafts(
        session, jpeg(colour="red", gps=(48.11, 1.68)), jpeg(colour="blue"), jpeg(colour="green")
    )
    assert drafts[0].gps_lat == pytest.approx(48.11, abs=0.001)
    photos = attach(session, incident, TOKEN, {drafts[1].id: "  Le trou  "})
    session.commit()
    session.expire_all()
    assert [photo.id for photo in photos] == [draft.id for draft in drafts]
    assert [photo.position for photo in photos] == [0, 1, 2]
    assert all(photo.gps_lat is None and photo.gps_lon is None for photo in photos)
    assert photos[1].description == "Le trou"
    assert incident.photo_count == 3
    assert incident.cover_key == photos[0].key
    assert draft_photos(session, TOKEN) == []


def test_five_in_all_and_none_twice(session: Session, town: Any) -> None:
    incident = make_contribution(session)
    colours = ["#110000", "#220000", "#330000", "#440000", "#550000", "#660000"]
    drafts = make_drafts(session, *(jpeg(colour=colour) for colour in [*colours, colours[0]]))
    assert len(drafts) == 5
    attach(session, incident, TOKEN)
    make_drafts(session, jpeg(colour="#770000"))
    assert attach(session, incident, TOKEN) == []
    session.commit()
    assert incident.photo_count == 5


def test_a_photo_taken_away_leaves_the_page_at_once_and_the_disk_with_the_purge(
    session: Session, client: CheckingClient
) -> None:
    incident = make_contribution(session)
    photo = make_photo(session, incident)
    key = photo.key
    assert client.get(url(photo)).status_code == 200
    remove_photo(session, photo)
    session.commit()
    assert client.get(f"/photos/{key}/small.jpg").status_code == 404
    assert incident.photo_count == 0
    assert incident.cover_key is None
    assert purge_drafts(session, file_store()) == 1
    session.commit()
    for size in SIZES:
        with pytest.raises(MissingFileError):
            file_store().open(file_key(key, size))


def test_the_purge_takes_drafts_of_yesterday_and_nothing_else(session: Session, town: Any) -> None:
    incident = make_contribution(session)
    attached = make_photo(session, incident)
    make_drafts(session, jpeg(colour="#001100"), token="old")
    make_drafts(session, jpeg(colour="#002200"), token="news")
    news = release_drafts(session, "news")
    assert purge_drafts(session, file_store()) == 0
    assert purge_drafts(session, file_store(), now=utcnow() + timedelta(hours=25)) == 1
    session.commit()
    assert {photo.id for photo in session.query(Photo)} == {attached.id, news[0].id}


def test_a_public_photo_is_kept_but_asked_for_each_time(
    session: Session, client: CheckingClient
) -> None:
    photo = make_photo(session, make_contribution(session))
    answer = client.get(url(photo, "large"))
    assert answer.status_code == 200
    assert answer.mimetype == "image/jpeg"
    assert answer.data[:3] == b"\xff\xd8\xff"
    assert b"Exif" not in answer.data
    assert answer.headers["Cache-Control"] == "public, no-cache"
    again = client.get(url(photo, "large"), headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    assert again.data == b""


def test_a_photo_from_before_a_size_is_shown_in_the_next_larger(
    session: Session, client: CheckingClient
) -> None:
    photo = make_photo(session, make_contribution(session))
    for size, larger in (("tiny", "small"), ("card", "medium")):
        own = client.get(url(photo, size)).data
        file_store().delete(file_key(photo.key, size))
        assert client.get(url(photo, size)).data == client.get(url(photo, larger)).data
        assert len(own) <= len(client.get(url(photo, larger)).data)
    file_store().delete(file_key(photo.key, "small"))
    assert client.get(url(photo, "tiny")).status_code == 404


def test_a_browser_is_told_how_wide_each_size_is(app: Flask) -> None:
    with app.test_request_context("/"):
        wide = photo_srcset("k", 1600, 1200).split(", ")
        tall = photo_srcset("k", 1200, 1600).split(", ")
        small = photo_srcset("k", 400, 300).split(", ")
    assert [one.split()[1] for one in wide] == ["160w", "320w", "480w", "800w", "1600w"]
    assert [one.split()[1] for one in tall] == ["120w", "240w", "360w", "600w", "1200w"]
    # What was never larger than a size is in it as it is.
    assert [one.split()[1] for one in small] == ["160w", "320w", "400w"]
    assert small[2] == "/photos/k/card.jpg 400w"
    assert wide[0] == "/photos/k/tiny.jpg 160w"


@pytest.mark.parametrize("path", ["/incidents", "/map", "/search?q=lampadaire"])
def test_the_first_photo_of_a_list_waits_for_nothing(
    session: Session, client: CheckingClient, path: str
) -> None:
    for number in range(3):
        make_drafts(session, jpeg(colour=f"#{number}00000"))
        attach(session, make_contribution(session), TOKEN)
    session.commit()
    page = client.get(path).get_data(as_text=True)
    images = re.findall(r"<img [^>]*/photos/[^>]*>", page)
    assert len(images) == 3
    assert ["fetchpriority" in image for image in images] == [True, False, False]
    assert ['loading="lazy"' in image for image in images] == [False, True, True]
    for image in images:
        assert all(name in image for name in ("srcset=", "sizes=", "width=", "height=", "alt="))


def test_a_hidden_contribution_hides_its_photos_from_those_who_have_them_too(
    session: Session, client: CheckingClient, app: Flask
) -> None:
    author = make_account(session)
    incident = make_contribution(session, author=author)
    photo = make_photo(session, incident)
    etag = client.get(url(photo)).headers["ETag"]
    hide(session, incident, actor=SYSTEM)
    session.commit()
    assert client.get(url(photo), headers={"If-None-Match": etag}).status_code == 404
    for person in (author, make_account(session, "moderator@example.org", Role.MODERATOR)):
        seen = app.test_client().sign_in(person).get(url(photo))
        assert seen.status_code == 200
        assert seen.headers["Cache-Control"] == "private, no-store"
    assert app.test_client().sign_in(make_account(session)).get(url(photo)).status_code == 404
    publish(session, incident, actor=SYSTEM)
    session.commit()
    assert client.get(url(photo)).status_code == 200


def test_a_photo_that_waits_is_not_shown_under_a_public_report(
    session: Session, client: CheckingClient
) -> None:
    incident = make_contribution(session)
    photo = make_photo(session, incident)
    set_photo_state(session, photo, ModerationState.HELD)
    session.commit()
    assert incident.cover_key is None
    assert client.get(url(photo)).status_code == 404


def test_a_draft_is_seen_by_nobody_without_its_form(
    session: Session, client: CheckingClient
) -> None:
    [draft] = make_drafts(session, jpeg())
    assert client.get(url(draft)).status_code == 404
    with client.session_transaction() as cookie:
        cookie["photo_drafts"] = [TOKEN]
    assert client.get(url(draft)).status_code == 200


@pytest.mark.parametrize(
    "path", ["x/small.jpg", "{key}/huge.jpg", "%00/small.jpg", "..%2f..%2fetc/small.jpg"]
)
def test_odd_addresses_are_not_found(session: Session, client: CheckingClient, path: str) -> None:
    photo = make_photo(session, make_contribution(session))
    assert client.get("/photos/" + path.replace("{key}", photo.key)).status_code == 404


# --------------------------------------------------------------------------- in a form of the town


class ReportForm(PhotosMixin, Form):
    title = StringField("Titre", validators=[InputRequired("Donnez un titre.")])


PAGE = """{% from "attachments/photo_field.html" import photo_field %}
{% from "components/forms.html" import csrf_token_field, field %}
<form method="post" enctype="multipart/form-data">{{ csrf_token_field() }}{{ field(form.title) }}
{{ photo_field(form) }}<button>Envoyer</button></form>"""


@pytest.fixture
def form_page(app: Flask, client: CheckingClient) -> str:
    """A page with a photo field, as the forms of incidents and ideas use it."""
    if "photo_test" not in app.blueprints:
        blueprint = Blueprint("photo_test", __name__)

        @blueprint.route("/test/photos", methods=["GET", "POST"])
        @public
        def page() -> Any:
            form = ReportForm()
            if request.method == "POST":
                form.receive()
                form.keep(db.session())
                db.session.commit()
            if form.validate_on_submit() and form.decode(db.session()):
                contribution = make_contribution(db.session(), title=form.title.data or "")
                attach(db.session(), contribution, form.draft_token.data or "")
                db.session.commit()
                return f"ok {len(form.kept)}"
            html = render_template_string(PAGE, form=form)
            return (html, 422) if form.is_submitted() else html

        app._got_first_request = False
        app.register_blueprint(blueprint)
    return "/test/photos"


def upload(
    client: CheckingClient, page: str, files: list[tuple[bytes, str]], **data: Any
) -> tuple[int, str]:
    answer = client.send(
        page,
        {**data, "photos": [(io.BytesIO(content), name) for content, name in files]},
        content_type="multipart/form-data",
    )
    return answer.status_code, answer.get_data(as_text=True)


def token_in(html: str) -> str:
    return html.split('name="draft_token" value="')[1].split('"', maxsplit=1)[0]


def test_a_refused_form_keeps_its_photos(
    client: CheckingClient, session: Session, form_page: str
) -> None:
    token = token_in(client.get(form_page).get_data(as_text=True))
    files = [(jpeg(colour="red"), "a.jpg"), (jpeg(colour="blue"), "b.jpg")]
    status, html = upload(client, form_page, files, title="", draft_token=token)
    assert status == 422
    assert token_in(html) == token
    assert html.count('name="kept_photos"') == 2
    first, second = draft_photos(session, token)
    assert client.get(url(first)).status_code == 200
    status, text = upload(
        client,
        form_page,
        [],
        title="Trou",
        draft_token=token,
        kept_photos=str(second.id),
        **{f"photo_description-{second.id}": "Un trou"},
    )
    assert (status, text) == (200, "ok 1")
    session.expire_all()
    [photo] = session.query(Photo).filter(Photo.contribution_id.is_not(None))
    assert (photo.id, photo.description) == (second.id, "Un trou")


def is_decoded(session: Session, token: str) -> list[bool]:
    session.expire_all()
    return [not photo.original_format for photo in draft_photos(session, token)]


@contextmanager
def decoding_elsewhere() -> Iterator[None]:
    """Somebody else decodes for as long as this lasts: whoever needs a decoder has to wait."""
    with _locked(photo_limits().bounds("JPEG")):
        yield


def test_nothing_is_decoded_before_the_form_is_in_order(
    client: CheckingClient, session: Session, form_page: str
) -> None:
    token = token_in(client.get(form_page).get_data(as_text=True))
    files = [(heic(gps=(48.11, 1.68)), "IMG_1.HEIC"), (jpeg(colour="blue"), "b.jpg")]
    with decoding_elsewhere():
        status, html = upload(client, form_page, files, title="", draft_token=token)
    assert status == 422
    assert "Beaucoup de photos" not in html
    assert is_decoded(session, token) == [False, False]
    first, second = draft_photos(session, token)
    # What no browser shows is named; the rest is shown as it came, to who sent it only.
    assert "IMG_1.HEIC" in html
    assert url(first) not in html
    assert (first.gps_lat, first.gps_lon) == (pytest.approx(48.11), pytest.approx(1.68))
    seen = client.get(url(second))
    assert (seen.status_code, seen.data) == (200, files[1][0])
    assert seen.headers["Cache-Control"] == "private, no-store"
    assert seen.headers["X-Content-Type-Options"] == "nosniff"
    assert client.application.test_client().get(url(second)).status_code == 404
    kept = [str(first.id), str(second.id)]
    status, text = upload(client, form_page, [], title="A", draft_token=token, kept_photos=kept)
    assert (status, text) == (200, "ok 2")
    session.expire_all()
    for photo in session.query(Photo):
        assert photo.original_name == ""
        assert client.get(url(photo)).mimetype == "image/jpeg"
        with pytest.raises(MissingFileError):
            file_store().open(original_key(photo.key))


def test_who_has_to_wait_too_long_keeps_everything(
    client: CheckingClient, session: Session, form_page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = token_in(client.get(form_page).get_data(as_text=True))
    impatient = replace(photo_limits(), wait_s=0.1)
    monkeypatch.setattr("civic.attachments.forms.photo_limits", lambda: impatient)
    with decoding_elsewhere():
        status, html = upload(
            client, form_page, [(jpeg(), "a.jpg")], title="Trou", draft_token=token
        )
    assert status == 422
    assert "Beaucoup de photos" in html
    assert 'value="Trou"' in html
    (draft,) = draft_photos(session, token)
    status, text = upload(
        client, form_page, [], title="Trou", draft_token=token, kept_photos=str(draft.id)
    )
    assert (status, text) == (200, "ok 1")


def test_what_nobody_decoded_is_never_attached(session: Session, town: Any) -> None:
    incident = make_contribution(session)
    stored = store_original(file_store(), io.BytesIO(jpeg()), "a.jpg")
    keep_draft(session, stored, TOKEN)
    assert attach(session, incident, TOKEN) == []
    assert release_drafts(session, TOKEN) == []
    assert purge_drafts(session, file_store(), now=utcnow() + timedelta(hours=25)) == 1
    with pytest.raises(MissingFileError):
        file_store().open(original_key(stored.key))


def test_originals_that_wait_do_not_fill_the_disk(
    client: CheckingClient, session: Session, form_page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The oldest go, and the form that kept one says so; nobody is kept from sending a photo."""
    stored = store_original(file_store(), io.BytesIO(jpeg(colour="red")), "a.jpg")
    token = token_in(client.get(form_page).get_data(as_text=True))
    old = keep_draft(session, stored, token)
    assert old is not None
    session.commit()
    monkeypatch.setattr("civic.attachments.operations.MOST_WAITING", stored.original_bytes + 10)
    other = client.application.test_client()
    status, text = upload(other, form_page, [(jpeg(colour="blue"), "b.jpg")], title="Trou")
    assert (status, text) == (200, "ok 1")
    with pytest.raises(MissingFileError):
        file_store().open(original_key(stored.key))
    kept = {"draft_token": token, "kept_photos": str(old.id)}
    status, html = upload(client, form_page, [], title="Trou", **kept)
    assert status == 422
    assert "n’est plus là" in html
    assert upload(client, form_page, [], title="Trou", draft_token=token) == (200, "ok 0")


def test_no_step_before_the_sending_decodes(client: CheckingClient, session: Session) -> None:
    """Neither the steps of a form without script, nor what is sent by those who may not."""
    incident = make_contribution(session, author=make_account(session))
    with decoding_elsewhere():
        for path, status in (
            ("/incidents/new/place", 200),
            ("/incidents/new", 422),
            ("/ideas/new", 422),
            (f"/incidents/{incident.reference}/contest", 403),
        ):
            data = {"step": "address", "photos": [(io.BytesIO(heic()), "a.heic")]}
            answer = client.send(path, data, content_type="multipart/form-data")
            assert answer.status_code == status, path
            assert "Beaucoup de photos" not in answer.get_data(as_text=True)
        # Without a token against forged requests.
        forged = {"photos": [(io.BytesIO(heic()), "a.heic")]}
        answer = client.post("/incidents/new", data=forged, content_type="multipart/form-data")
        assert answer.status_code == 422
    assert session.scalar(select(func.count()).where(Photo.original_format == "")) == 0


def test_photos_are_counted_per_sender(
    client: CheckingClient, session: Session, form_page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    counting = FixedWindowRateLimiter(MemoryStorage())
    monkeypatch.setattr(limiter, "enabled", True)
    monkeypatch.setattr(limiter, "_limiter", counting)
    monkeypatch.setattr("civic.attachments.forms.PHOTOS", Limit("3 per minute", "3 per minute"))
    files = [(jpeg(colour=colour), f"{colour}.jpg") for colour in ("red", "blue")]
    assert upload(client, form_page, files, title="")[1].count('name="kept_photos"') == 2
    status, html = upload(client, form_page, files, title="Titre gardé")
    assert status == 422
    assert "Trop de photos viennent d’arriver" in html
    assert re.search(r"Vous pourrez réessayer à \d\d:\d\d", html)
    assert "Titre gardé" in html
    assert 'name="kept_photos"' not in html


def test_a_token_of_somebody_else_opens_nothing(
    client: CheckingClient, session: Session, form_page: str
) -> None:
    make_drafts(session, jpeg())
    status, html = upload(client, form_page, [], title="", draft_token=TOKEN)
    assert status == 422
    assert token_in(html) != TOKEN
    assert "kept_photos" not in html
    assert len(draft_photos(session, TOKEN)) == 1


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "vide"),
        (b"hello", "pas une photo"),
        (jpeg()[:400], "abîmée"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>", "pas une photo"),
    ],
)
def test_what_is_no_photo_is_said_by_name_and_the_others_are_kept(
    client: CheckingClient, session: Session, form_page: str, content: bytes, sentence: str
) -> None:
    files = [(content, "mauvais.jpg"), (jpeg(), "bon.jpg")]
    status, html = upload(client, form_page, files, title="Trou")
    assert status == 422
    assert "mauvais.jpg" in html
    assert sentence in html
    assert html.count('name="kept_photos"') == 1


def test_more_than_five_are_refused_with_a_sentence(
    client: CheckingClient, session: Session, form_page: str
) -> None:
    files = [(jpeg(colour=f"#{n}{n}0000"), f"{n}.jpg") for n in range(7)]
    status, html = upload(client, form_page, files, title="Trou")
    assert status == 422
    assert "Cinq photos au plus" in html
    assert html.count('name="kept_photos"') == 5


def test_the_place_of_the_photo_is_offered(
    client: CheckingClient, session: Session, form_page: str, app: Flask
) -> None:
    with app.test_request_context("/"):
        form = ReportForm()
        make_drafts(session, jpeg(gps=(48.11, 1.68)), token=form.draft_token.data or "")
        form.load_kept(session)
        assert form.gps == pytest.approx((48.11, 1.68), abs=0.001)


def test_the_copy_of_ones_data_names_ones_photos(session: Session, town: Any) -> None:
    ana, bob = make_account(session), make_account(session)
    mine, other = make_contribution(session, author=ana), make_contribution(session, author=bob)
    step = StatusChange(
        contribution_id=other.id,
        from_status="resolved",
        to_status="contested",
        actor_id=ana.id,
        party=Party.SUPPORTER,
    )
    session.add(step)
    session.flush()
    for key, of, change in (("a", mine, None), ("b", other, None), ("c", other, step.id)):
        session.add(
            Photo(
                contribution_id=of.id,
                status_change_id=change,
                key=key,
                sha256=key,
                width=4,
                height=3,
            )
        )
    session.flush()
    data: dict[str, Any] = {}
    account_exported.send(session, account=ana, data=data)
    assert [photo["path"] for photo in data["photos"]] == [
        "/photos/a/large.jpg",
        "/photos/c/large.jpg",
    ]
    assert data["photos"][1]["reference"] == other.reference
