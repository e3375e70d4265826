"""What somebody wanted before signing in: done after it, once, in their name alone, and said."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from civic.accounts.intents import LONGEST_TEXT, PURPOSE
from civic.accounts.models import CapabilityToken
from civic.accounts.operations import set_password
from civic.accounts.schedule import apply_retention
from civic.actions.models import ActionFollow
from civic.comments.models import Comment
from civic.contributions.models import Contribution, ModerationState
from civic.database import utcnow
from civic.follows.models import Follow
from civic.notifications.models import OutgoingEmail
from civic.votes.models import Vote
from tests.factories import actor, make_account, make_contribution
from tests.integration.test_actions import make_action

EMAIL = "ana@example.org"
TEXT = "Moi aussi, chaque soir depuis une semaine."


def last_mail(session: Session) -> dict[str, Any]:
    mail = select(OutgoingEmail).where(OutgoingEmail.template == "sign_in")
    found = session.scalars(mail.order_by(OutgoingEmail.id.desc())).first()
    assert found is not None
    return found.data


def count(session: Session, model: type[Any]) -> int:
    session.expire_all()
    return session.scalar(select(func.count()).select_from(model)) or 0


def ask_for_code(client: Any, wanted: str, email: str = EMAIL) -> None:
    """Sign in from the page that a visitor's button leads to, as far as the mail."""
    assert client.send("/sign-in", {"email": email, "next": wanted}).status_code == 303


def next_of(answer: Any) -> str:
    assert answer.status_code == 303
    assert answer.location.startswith("/sign-in?next=")
    return parse_qs(urlsplit(answer.location).query)["next"][0]


def enter(client: Any, session: Session) -> Any:
    """Type the code that has come."""
    return client.send("/sign-in/code", {"code": last_mail(session)["code"]})


def read(client: Any, path: str) -> str:
    return str(client.get(path, follow_redirects=True).get_data(as_text=True))


@pytest.fixture
def report(session: Session, town: Any) -> Contribution:
    return make_contribution(session, title="Banc cassé")


def wanted_vote(report: Contribution) -> str:
    return f"/intents/vote/{report.reference}"


@pytest.mark.parametrize(("act", "model"), [("vote", Vote), ("follow", Follow)])
def test_what_a_visitor_wanted_is_done_after_the_code_once_and_said(
    client: Any, session: Session, report: Contribution, act: str, model: type[Any]
) -> None:
    page = read(client, f"/c/{report.reference}")
    wanted = f"/intents/{act}/{report.reference}"
    assert f"/sign-in?next={wanted}" in page
    assert "Banc cassé" in read(client, f"/sign-in?next={wanted}")
    ask_for_code(client, wanted)
    assert "Banc cassé" in read(client, "/sign-in/code")
    done = enter(client, session)
    assert count(session, model) == 1
    assert "C’est fait" in read(client, done.location)


def test_the_link_of_the_mail_does_it_in_another_tab(
    client: Any, session: Session, report: Contribution
) -> None:
    ask_for_code(client, wanted_vote(report))
    path = f"/sign-in/link/{last_mail(session)['token']}"
    page = read(client, path)
    assert "Banc cassé" in page
    assert "Ce sera fait dès que" in page
    assert count(session, Vote) == 0
    assert client.send(path).status_code == 303
    assert count(session, Vote) == 1


def test_in_another_browser_a_page_names_the_act_and_one_button_does_it(
    client: Any, session: Session, report: Contribution
) -> None:
    ask_for_code(client, wanted_vote(report))
    victim = client.application.test_client()
    path = f"/sign-in/link/{last_mail(session)['token']}"
    assert "Nous vous demanderons de le confirmer" in read(victim, path)
    entered = victim.send(path)
    assert entered.location.startswith("/intents/t/")
    assert count(session, Vote) == 0
    assert "Banc cassé" in read(victim, entered.location)
    assert count(session, Vote) == 0
    done = victim.send(entered.location)
    assert count(session, Vote) == 1
    assert "C’est fait" in read(victim, done.location)
    # The second press, and the link kept for later.
    again = victim.send(entered.location)
    assert "C’est déjà fait" in read(victim, again.location)
    assert count(session, Vote) == 1


def test_who_is_signed_in_and_follows_a_link_is_asked_first(
    client: Any, session: Session, report: Contribution
) -> None:
    client.sign_in(make_account(session))
    page = client.get(f"/sign-in?next={wanted_vote(report)}")
    assert page.location == wanted_vote(report)
    assert "Banc cassé" in read(client, wanted_vote(report))
    assert count(session, Vote) == 0
    assert client.send(wanted_vote(report)).status_code == 303
    assert count(session, Vote) == 1


def test_a_password_does_it_too(client: Any, session: Session, report: Contribution) -> None:
    account = make_account(session, EMAIL)
    set_password(session, account, "cheval pile agrafe", actor=actor(account))
    session.commit()
    form = {"email": EMAIL, "password": "cheval pile agrafe", "next": wanted_vote(report)}
    assert client.send("/sign-in/password", form).status_code == 303
    assert count(session, Vote) == 1


def test_the_button_inside_the_form_of_a_report_does_it_too(
    client: Any, session: Session, report: Contribution
) -> None:
    form = {"action": "vote", "title": "Banc", "body": "Le banc de la place est cassé."}
    ask_for_code(client, next_of(client.send(f"/c/{report.reference}/vote", form)))
    enter(client, session)
    assert count(session, Vote) == 1


def test_htmx_is_led_to_the_page_and_not_given_it(client: Any, report: Contribution) -> None:
    answer = client.send(f"/c/{report.reference}/vote", headers={"HX-Request": "true"})
    assert answer.status_code == 204
    assert answer.headers["HX-Redirect"].startswith("/sign-in?next=/intents/t/")


def test_an_action_is_followed_after_signing_in(client: Any, session: Session) -> None:
    action = make_action(session)
    session.commit()
    assert f"/intents/follow-action/{action.slug}" in read(client, f"/actions/{action.slug}")
    ask_for_code(client, f"/intents/follow-action/{action.slug}")
    done = enter(client, session)
    assert count(session, ActionFollow) == 1
    assert "vous suivez cette action" in read(client, done.location)


# ------------------------------------------------------------------------------- comments


def send_comment(client: Any, report: Contribution, **more: str) -> str:
    answer = client.send(f"/c/{report.reference}/comments", {"body": TEXT} | more)
    return next_of(answer)


def test_a_visitor_writes_first_and_signs_in_then(
    client: Any, session: Session, report: Contribution
) -> None:
    assert f"/c/{report.reference}/comments/new" in read(client, f"/c/{report.reference}")
    assert client.get(f"/c/{report.reference}/comments/new").status_code == 200
    ask_for_code(client, send_comment(client, report))
    assert count(session, Comment) == 0
    done = enter(client, session)
    assert session.scalars(select(Comment.body)).one() == TEXT
    assert TEXT in read(client, done.location)
    # What was written does not wait any longer than needed.
    kept = session.scalars(select(CapabilityToken.scope)).all()
    assert TEXT not in str(kept)


def test_a_comment_survives_a_session_that_ended(
    client: Any, session: Session, report: Contribution
) -> None:
    account = make_account(session, EMAIL)
    other = client.application.test_client().sign_in(account)
    client.sign_in(account)
    other.send("/account/sign-out-everywhere")
    ask_for_code(client, send_comment(client, report))
    enter(client, session)
    assert session.scalars(select(Comment.body)).one() == TEXT


def test_a_strangers_comment_is_shown_before_it_is_said_in_ones_name(
    client: Any, session: Session, report: Contribution
) -> None:
    ask_for_code(client, send_comment(client, report))
    victim = client.application.test_client()
    entered = victim.send(f"/sign-in/link/{last_mail(session)['token']}")
    assert TEXT in read(victim, entered.location)
    assert count(session, Comment) == 0


def test_a_comment_that_cannot_be_said_is_given_back(
    client: Any, session: Session, report: Contribution
) -> None:
    ask_for_code(client, send_comment(client, report))
    report.is_locked = True
    session.commit()
    page = enter(client, session).get_data(as_text=True)
    assert TEXT in page
    assert "fermés par la modération" in page
    assert count(session, Comment) == 0


def test_a_comment_on_what_was_merged_meanwhile_leads_to_where_the_talk_goes_on(
    client: Any, session: Session, report: Contribution
) -> None:
    ask_for_code(client, send_comment(client, report))
    merge(session, report)
    session.commit()
    page = enter(client, session).get_data(as_text=True)
    assert TEXT in page
    other = session.get_one(Contribution, report.duplicate_of_id)
    assert f"/incidents/{other.reference}#comments" in page


def test_a_comment_that_is_too_long_is_given_back(
    client: Any, session: Session, report: Contribution
) -> None:
    long = "mot " * 2_000
    ask_for_code(client, send_comment(client, report, body=long))
    assert long.strip() in enter(client, session).get_data(as_text=True)


def test_what_waits_has_an_end(client: Any, session: Session, report: Contribution) -> None:
    send_comment(client, report, body="mot " * 20_000)
    (kept,) = session.scalars(select(CapabilityToken)).all()
    assert len(kept.scope["details"]["body"]) == LONGEST_TEXT


# ------------------------------------------------------------------ what happened meanwhile


def hide(session: Session, report: Contribution) -> None:
    report.moderation_state = ModerationState.HIDDEN


def lock(session: Session, report: Contribution) -> None:
    report.is_locked = True


def merge(session: Session, report: Contribution) -> None:
    report.duplicate_of_id = make_contribution(session, title="L’autre banc").id


def make_own(session: Session, report: Contribution) -> None:
    report.author_id = make_account(session, EMAIL).id


def suspend(session: Session, report: Contribution) -> None:
    make_account(session, EMAIL).suspended_until = utcnow() + timedelta(days=1)


def let_pass(session: Session, report: Contribution) -> None:
    session.execute(update(CapabilityToken).values(expires_at=utcnow()))


@pytest.mark.parametrize(
    ("meanwhile", "sentence"),
    [
        (hide, "retiré"),
        (lock, "La participation est close"),
        (merge, "réunie avec une autre"),
        (make_own, "Vous en êtes l’auteur"),
        (suspend, "suspendu"),
        (let_pass, "Plus d’une heure a passé"),
    ],
)
def test_what_cannot_be_done_any_more_says_why(
    client: Any, session: Session, report: Contribution, meanwhile: Any, sentence: str
) -> None:
    ask_for_code(client, wanted_vote(report))
    meanwhile(session, report)
    session.commit()
    entered = enter(client, session)
    assert entered.status_code == 303
    page = read(client, entered.location)
    assert sentence in page
    assert count(session, Vote) == 0
    if meanwhile is merge:
        assert "L’autre banc" in page


def test_who_had_voted_already_is_told(client: Any, session: Session, report: Contribution) -> None:
    account = make_account(session, EMAIL)
    client.sign_in(account).send(f"/c/{report.reference}/vote")
    visitor = client.application.test_client()
    ask_for_code(visitor, wanted_vote(report))
    done = enter(visitor, session)
    assert "compte une fois" in read(visitor, done.location)
    assert count(session, Vote) == 1


def test_the_button_of_the_link_pressed_twice_in_the_browser_that_asked(
    client: Any, session: Session, report: Contribution
) -> None:
    ask_for_code(client, wanted_vote(report))
    path = f"/sign-in/link/{last_mail(session)['token']}"
    twice = client.application.test_client()
    with client.session_transaction() as cookie:
        before = dict(cookie)
    with twice.session_transaction() as cookie:
        cookie.update(before)
    assert client.send(path).status_code == 303
    assert "C’est déjà fait" in read(twice, twice.send(path).location)
    assert count(session, Vote) == 1
    assert client.application.test_client().send(path).status_code == 410


@pytest.mark.parametrize(
    "path",
    ["/intents/vote/S-0000-00", "/intents/nothing/x", "/intents/comment/x", "/intents/t/x"],
)
def test_what_there_is_not_is_not_done(client: Any, session: Session, path: str) -> None:
    assert "Ensuite" not in read(client, f"/sign-in?next={path}")
    client.sign_in(make_account(session))
    assert client.get(path).status_code == 404
    assert client.send(path).status_code == 404


def test_the_title_of_what_is_held_is_not_told(client: Any, session: Session) -> None:
    held = make_contribution(session, title="Texte retenu", held=True)
    assert "Texte retenu" not in read(client, f"/sign-in?next={wanted_vote(held)}")
    client.sign_in(make_account(session))
    assert client.get(wanted_vote(held)).status_code == 404


def test_a_comment_that_was_said_names_its_draft_as_taken(
    client: Any, session: Session, report: Contribution
) -> None:
    wanted = send_comment(client, report, draft="abcdefgh12")
    assert client.get_cookie("civic_taken") is None
    ask_for_code(client, wanted)
    enter(client, session)
    assert client.get_cookie("civic_taken").value == "abcdefgh12"


def test_an_official_answer_is_not_said_by_itself(
    client: Any, session: Session, report: Contribution
) -> None:
    form = {"body": TEXT, "as_department": "y"}
    given_back = client.send(f"/c/{report.reference}/comments", form)
    assert given_back.status_code == 403
    assert TEXT in given_back.get_data(as_text=True)


def test_what_waited_in_vain_is_forgotten(
    client: Any, session: Session, report: Contribution
) -> None:
    send_comment(client, report)
    session.execute(update(CapabilityToken).values(expires_at=utcnow() - timedelta(days=2)))
    session.commit()
    apply_retention(session, dry_run=False)
    assert (
        session.scalars(select(CapabilityToken).where(CapabilityToken.purpose == PURPOSE)).all()
        == []
    )


def test_what_another_site_sends_never_waits(
    client: Any, session: Session, report: Contribution
) -> None:
    for path, form in (
        (f"/c/{report.reference}/comments", {"body": TEXT}),
        (f"/c/{report.reference}/vote", {"action": "vote"}),
    ):
        answer = client.post(path, data=form | {"csrf_token": "forged"})
        assert "/intents/" not in answer.headers.get("Location", "")
        assert "/intents/" not in answer.get_data(as_text=True)
    assert count(session, CapabilityToken) == 0


def test_what_was_written_is_seen_before_signing_in(client: Any, report: Contribution) -> None:
    assert TEXT in read(client, f"/sign-in?next={send_comment(client, report)}")
