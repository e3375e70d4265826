"""What receipts and news of a step repeat, to whom, and what they lead to."""

import io
import re
from datetime import timedelta
from typing import Any

import time_machine
from flask import Flask
from PIL import Image
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from civic.accounts.actor import Actor, Role
from civic.accounts.models import Account
from civic.attachments.operations import attach, keep_draft, store_photo
from civic.comments.operations import add_comment, publish_comment
from civic.comments.queries import THREADS_A_PAGE
from civic.contributions import signals
from civic.contributions.operations import move
from civic.contributions.workflow import Party
from civic.database import utcnow
from civic.notifications.delivery import deliver_due
from civic.notifications.models import OutgoingEmail
from civic.notifications.rendering import render
from civic.notifications.transports import FolderTransport
from civic.places.models import Area
from tests.factories import actor, make_account, make_contribution
from tests.integration.test_notifications import follow, mails, text_of, vote

BODY = "Il est **éteint** depuis\nune semaine.\n\n- le soir\n- la nuit"


def receipt(session: Session, incident: Any) -> OutgoingEmail:
    signals.acknowledgement_due.send(session, contribution=incident, follow_token="t")
    session.commit()
    return mails(session, "acknowledgement")[-1]


def with_photo(
    app: Flask, session: Session, incident: Any, *, status_change_id: int | None = None
) -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (64, 48), "#336699").save(buffer, "JPEG")
    stored = store_photo(app.extensions["file_store"], buffer.getvalue())
    photo = keep_draft(session, stored, "d" * 40)
    assert photo is not None
    photo.description = "Un lampadaire noir"
    session.flush()
    attach(session, incident, "d" * 40, status_change_id=status_change_id)
    session.commit()


def resolved(session: Session, incident: Any) -> None:
    agent = make_account(session, "", Role.AGENT)
    standing = {Party.AGENT}
    move(session, incident, "resolved", actor=actor(agent), standing=standing, sentence="Fait.")
    session.commit()


def test_a_receipt_repeats_what_was_written_and_shown(
    app: Flask, session: Session, town: Any
) -> None:
    author = make_account(session)
    incident = make_contribution(session, author=author, body=BODY, address="3 rue Haute")
    with_photo(app, session, incident)
    for mail in (receipt(session, incident),):
        message = render(app, session, mail)
        for part in (text_of(message), text_of(message, "html")):
            assert "Lampadaire éteint" in part
            assert "Éclairage public" in part
            assert "3 rue Haute" in part
            assert "le soir" in part
            assert "**" not in part
            assert "Un lampadaire noir" in part
        [picture] = [one for one in message.walk() if one.get_content_type() == "image/jpeg"]
        assert f"cid:{picture['Content-ID'].strip('<>')}" in text_of(message, "html")


def test_what_is_written_in_another_direction_reads_so_and_long_words_break(
    app: Flask, session: Session, town: Any
) -> None:
    author = make_account(session)
    title, body = "حفرة كبيرة في الشارع", "בור גדול ברחוב"
    incident = make_contribution(session, author=author, title=title, body=body)
    html = text_of(render(app, session, receipt(session, incident)), "html")
    for text, tag in ((title, "und-Arab"), (body, "und-Hebr")):
        inside = re.findall(rf"<(\w+[^>]*)>\s*{text}", html)
        assert [one for one in inside if f'lang="{tag}" dir="auto"' in one], text
    assert "overflow-wrap:anywhere" in html.partition("<body")[2].partition(">")[0]


def test_news_of_a_step_repeat_it_too_and_say_that_it_waits(
    app: Flask, session: Session, town: Any
) -> None:
    author, agent = make_account(session), make_account(session, "", Role.AGENT)
    incident = make_contribution(session, author=author, body=BODY, held=True)
    move(session, incident, "planned", actor=actor(agent), standing={Party.AGENT})
    session.commit()
    [mail] = mails(session, "status_changed")
    message = render(app, session, mail)
    for part in (text_of(message), text_of(message, "html")):
        assert "Éclairage public" in part
        assert "le soir" in part
        assert "relu par une personne" in " ".join(part.split())


def test_an_address_that_nobody_has_verified_gets_nothing_that_somebody_wrote(
    app: Flask, session: Session, town: Any
) -> None:
    author = make_account(session, "victim@example.org")
    author.verified_at = None
    incident = make_contribution(
        session,
        author=author,
        title="Gagnez un million",
        body="Cliquez sur https://spam.example",
        address="https://spam.example/rue",
        area_id=session.scalars(select(Area.id).where(Area.slug == "est")).one(),
    )
    with_photo(app, session, incident)
    writer = make_account(session)
    comment = add_comment(
        session, incident, actor=actor(writer), body="Achetez https://spam.example"
    )
    publish_comment(session, comment)
    resolved(session, incident)
    sent = [
        receipt(session, incident),
        *mails(session, "comment"),
        *mails(session, "status_changed"),
    ]
    sent = [mail for mail in sent if mail.recipient == author.email]
    assert len(sent) == 3
    for mail in sent:
        message = render(app, session, mail)
        whole = message.as_string() + text_of(message) + text_of(message, "html")
        for written in ("million", "spam", "Fait.", writer.display_name, "image/jpeg"):
            assert written not in whole
        assert incident.reference in text_of(message)
    text = text_of(render(app, session, mails(session, "acknowledgement")[0]))
    assert "Éclairage public" in text
    assert "Lieu : Est" in text.replace("\u00a0", " ")
    assert "http://localhost/s/t" in text


def test_a_mailbox_is_sent_three_a_day_until_it_is_verified(
    app: Flask, session: Session, town: Any, tmp_path: Any
) -> None:
    addresses = ["victim@example.org", "victim+a@example.org", "victim+b@example.org"]
    for address in addresses * 2:
        author = session.scalars(select(Account).where(Account.email == address)).one_or_none()
        author = author or make_account(session, address)
        author.verified_at = None
        receipt(session, make_contribution(session, author=author))
    known = make_account(session, "known@example.org")
    for _ in range(5):
        receipt(session, make_contribution(session, author=known))
    deliver_due(session, FolderTransport(tmp_path), lambda row: render(app, session, row))
    sent = [path.read_text() for path in tmp_path.glob("*.eml")]
    assert len([one for one in sent if "To: victim" in one]) == 3
    assert len([one for one in sent if "To: known@" in one]) == 5


def test_what_becomes_of_a_case_waits_for_the_day_after(
    app: Flask, session: Session, town: Any, tmp_path: Any
) -> None:
    """Its author, whose address nobody has verified, does not miss that it was closed."""
    author, agent = make_account(session, "new@example.org"), make_account(session, "", Role.AGENT)
    author.verified_at = None
    incident = make_contribution(session, author=author)
    receipt(session, incident)
    for step in ("acknowledged", "planned", "in_progress"):
        move(session, incident, step, actor=actor(agent), standing={Party.AGENT})
    resolved(session, incident)
    transport = FolderTransport(tmp_path)
    for hours, sent in ((0, 3), (1, 3), (25, 5), (26, 5)):
        later = utcnow() + timedelta(hours=hours, minutes=15)
        with time_machine.travel(later, tick=False):
            deliver_due(session, transport, lambda row: render(app, session, row))
        assert len(list(tmp_path.glob("*.eml"))) == sent


def test_who_withdraws_is_told_nothing_and_nobody_is_led_to_contest_it(
    app: Flask, session: Session, town: Any
) -> None:
    author, follower = make_account(session), make_account(session)
    incident = make_contribution(session, author=author)
    follow(session, incident, follower)
    by_link = Actor(follow_ids=frozenset({incident.id}))
    move(session, incident, "withdrawn", actor=by_link, standing={Party.AUTHOR})
    session.commit()
    [mail] = mails(session, "status_changed")
    assert mail.recipient == follower.email
    assert "contester" not in text_of(render(app, session, mail))


def test_a_comment_names_who_wrote_it_as_its_page_does(
    app: Flask, session: Session, town: Any
) -> None:
    author, reader = make_account(session), make_account(session)
    author.display_name = "Ana du quartier"
    shown = make_contribution(session, author=author)
    hidden = make_contribution(session, author=author, hides_author=True)
    for incident in (shown, hidden):
        follow(session, incident, reader)
        add_comment(session, incident, actor=actor(author), body="C’est **encore** le cas.")
    session.commit()
    texts = {
        mail.data["reference"]: render(app, session, mail)
        for mail in mails(session, "comment")
        if mail.recipient == reader.email
    }
    for subtype in ("plain", "html"):
        assert "Ana du quartier" in text_of(texts[shown.reference], subtype)
        assert "Ana" not in text_of(texts[hidden.reference], subtype)
        assert "reste anonyme" in text_of(texts[hidden.reference], subtype)
        for message in texts.values():
            assert "C’est encore le cas." in text_of(message, subtype)


def test_the_mail_of_an_action_names_my_own_by_title(
    app: Flask, session: Session, town: Any
) -> None:
    author, voter = make_account(session), make_account(session)
    own = make_contribution(session, author=author, title="Banc cassé")
    other = make_contribution(session, title="Trou béant")
    vote(session, other, voter)
    references = [own.reference, other.reference]
    signals.people_to_tell.send(
        session,
        event="action_updated",
        event_key="action:1",
        account_ids=[author.id, voter.id],
        contributions=[own, other],
        data={"title": "Rue", "status": "En cours", "references": references, "path": "/actions/x"},
    )
    session.commit()
    texts = {mail.recipient: text_of(render(app, session, mail)) for mail in mails(session)}
    assert "Banc cassé" in texts[author.email]
    assert "Trou béant" not in texts[author.email]
    assert "Trou béant" in texts[voter.email]


def test_from_the_mail_of_a_closing_one_button_saves(
    app: Flask, client: Any, session: Session
) -> None:
    author = make_account(session)
    incident = make_contribution(session, author=author)
    resolved(session, incident)
    [mail] = mails(session, "status_changed")
    words = text_of(render(app, session, mail)).split()
    yes, no = (word.removeprefix("http://localhost") for word in words if "/m/" in word)
    page = client.get(yes)
    assert page.location == f"/incidents/{incident.reference}/confirm"
    shown = client.get(page.location).get_data(as_text=True)
    assert 'value="yes" checked' in shown
    session.refresh(incident)
    assert incident.status == "resolved"
    answer = client.send(page.location, {"settled": "no"})
    assert answer.location == client.get(no).location == f"/incidents/{incident.reference}/contest"
    assert client.send(page.location, {"settled": "yes"}).status_code == 303
    session.refresh(incident)
    assert incident.status == "confirmed"
    assert "rien à confirmer" in client.get(page.location).get_data(as_text=True)


def test_the_page_of_the_receipt_repeats_it(app: Flask, client: Any, session: Session) -> None:
    author = make_account(session)
    incident = make_contribution(session, author=author, body=BODY, address="3 rue Haute")
    with_photo(app, session, incident)
    page = client.sign_in(author).get(f"/incidents/{incident.reference}/received")
    text = page.get_data(as_text=True)
    for said in (
        "Éclairage public",
        "3 rue Haute",
        "<strong>éteint</strong>",
        "Un lampadaire noir",
    ):
        assert said in text


def test_a_text_that_was_taken_away_meanwhile_is_in_no_mail(
    app: Flask, session: Session, town: Any
) -> None:
    author = make_account(session)
    incident = make_contribution(session, author=author, body="Appelez le 06 12 34 56 78.")
    mail = receipt(session, incident)
    incident.body = "Appelez."
    session.commit()
    assert "06 12" not in text_of(render(app, session, mail))
    assert mail.created_at <= utcnow()


def test_no_line_of_a_mail_ends_within_an_address_or_a_reference(
    app: Flask, session: Session, town: Any
) -> None:
    author = make_account(session)
    address = "https://ville.example/des-mots-et-des-mots/" + "un-chemin-sans-fin/" * 6
    words = f"Déjà dit en INC-2026-0042 et encore INC-2026-0042 puis INC-2026-0042 {address} "
    incident = make_contribution(session, author=author, body=words * 3, title="Voir INC-2026-0042")
    message = render(app, session, receipt(session, incident))
    text, html = text_of(message), text_of(message, "html")
    assert text.count("INC-2026-0042") == 10
    assert text.count(address) == 3
    for one in ("INC-2026-0042", incident.reference):
        shown = html.partition("<body")[2]
        assert shown.count(f'<span style="white-space:nowrap">{one}</span>') == shown.count(one) > 1
    assert "<span" not in html.partition("</title>")[0]


def test_the_mail_of_a_comment_leads_to_it_however_many_there_are(
    app: Flask, client: Any, session: Session
) -> None:
    author = make_account(session)
    idea = make_contribution(session, "idea", author=author)
    for number in range(THREADS_A_PAGE):
        add_comment(session, idea, actor=actor(make_account(session)), body=f"Avis {number}")
    session.execute(delete(OutgoingEmail))
    said = add_comment(session, idea, actor=actor(make_account(session)), body="Le dernier")
    session.commit()
    [mail] = [one for one in mails(session, "comment") if one.recipient == author.email]
    [link] = re.findall(r"http://localhost(/m/\S+)", text_of(render(app, session, mail)))
    found, place = client.get(link), ""
    while found.status_code in {302, 303}:
        place = found.location.partition("#")[2] or place
        found = client.get(found.location)
    assert place == f"comment-{said.id}"
    assert f'id="{place}"' in found.text
