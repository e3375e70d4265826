"""Within ten minutes whoever took a step takes it back: all is as it was, and no mail leaves."""

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from civic.accounts.actor import Actor, Role
from civic.accounts.models import Account
from civic.accounts.tokens import new_follow_token
from civic.actions.models import Action, ActionUpdate
from civic.actions.operations import ActionDraft, create_action, post_update
from civic.actions.undoing import undo_update
from civic.attachments.models import Photo
from civic.contributions.kinds import kinds
from civic.contributions.models import Contribution, Deadline, ModerationState, StatusChange
from civic.contributions.operations import move, undo_step
from civic.contributions.policies import UNDO_WINDOW
from civic.contributions.queries import find_undoable_step
from civic.contributions.workflow import Party
from civic.database import utcnow
from civic.desk.operations import Step, move_case
from civic.errors import Conflict
from civic.follows.operations import follow
from civic.moderation import operations as moderation
from civic.moderation.models import Decision, Measure, Merge
from civic.moderation.operations.statements import Grounds
from civic.notifications.models import Notification, OutgoingEmail, StaffNews
from civic.notifications.queries import list_due_email_ids
from civic.notifications.schedule import tell_staff
from civic.taxonomy.models import Department
from civic.votes.operations import vote
from tests.client import CheckingClient
from tests.factories import actor, make_account, make_contribution
from tests.photos import jpeg

WORDS = {"sentence": "Une phrase écrite trop vite.", "reason": "other", "recipient": "La région"}
PLANNED = StatusChange.to_status == "planned"


@pytest.fixture
def agent(session: Session, town: Any) -> Account:
    return make_account(session, "agent@example.org", Role.AGENT)


def take(session: Session, case: Contribution, to: str, agent: Account, **more: Any) -> int:
    step = Step(to=to, seen=case.status, **WORDS, **more)
    change = move_case(session, case, step, actor=actor(agent))
    session.commit()
    return change.id


def last_step(session: Session, case: Contribution) -> int:
    of_case = StatusChange.contribution_id == case.id
    return session.scalars(select(func.max(StatusChange.id)).where(of_case)).one()


def state(session: Session, case: Contribution) -> dict[str, Any]:
    """All that a step changes; when it was changed last is another thing."""
    session.expire_all()
    columns = {c.key: getattr(case, c.key) for c in type(case).__mapper__.column_attrs}
    deadlines = session.execute(
        select(Deadline.what, Deadline.due_at, Deadline.met_at, Deadline.paused_at)
        .where(Deadline.contribution_id == case.id)
        .order_by(Deadline.id)
    ).all()
    return {**columns, "updated_at": None, "deadlines": [tuple(row) for row in deadlines]}


def later(session: Session, case: Contribution, minutes: float) -> None:
    """Let the steps of ``case`` have been taken so long ago."""
    of_case = StatusChange.contribution_id == case.id
    session.execute(
        update(StatusChange)
        .where(of_case, StatusChange.from_status.is_not(None))
        .values(at=utcnow() - timedelta(minutes=minutes))
    )
    case.status_since = utcnow() - timedelta(minutes=minutes)
    session.commit()
    session.expire_all()


INCIDENT_PATHS = [
    ["acknowledged"],
    ["question_asked"],
    ["forwarded"],
    ["declined"],
    ["resolved"],
    ["acknowledged", "question_asked"],
    ["acknowledged", "planned"],
    ["acknowledged", "watched"],
    ["question_asked", "acknowledged"],
    ["forwarded", "acknowledged"],
    ["declined", "acknowledged"],
    ["resolved", "acknowledged"],
]
IDEA_PATHS = [["under_review"], ["accepted"], ["accepted", "done"], ["accepted", "in_progress"]]


@pytest.mark.parametrize(
    ("kind", "path"),
    [("incident", path) for path in INCIDENT_PATHS] + [("idea", path) for path in IDEA_PATHS],
    ids="-".join,
)
def test_a_step_is_undone_whole(
    session: Session, agent: Account, kind: str, path: list[str]
) -> None:
    author = make_account(session, "author@example.org")
    case = make_contribution(session, kind, author=author)
    more = {"period": "Printemps", "cost": 1200} if kind == "idea" else {}
    states, steps = [state(session, case)], []
    for to in path:
        steps.append(take(session, case, to, agent, **more))
        states.append(state(session, case))
    for step in reversed(steps):
        states.pop()
        undo_step(session, case, step, actor=actor(agent))
        session.commit()
        assert state(session, case) == states[-1]
    lines = session.scalars(
        select(StatusChange.undoes_id).where(StatusChange.undoes_id.is_not(None))
    )
    assert sorted(lines) == sorted(steps), "each is on record, with the line that takes it back"


@pytest.mark.parametrize("kind", ["incident", "idea"])
def test_a_clock_that_is_set_back_lets_new_steps_be_undone_and_no_old_ones(
    session: Session, agent: Account, kind: str
) -> None:
    """It was two days ahead when the report came, or when the step was taken."""
    case = make_contribution(session, kind, author=make_account(session, "author@example.org"))
    ahead = utcnow() + timedelta(days=2)
    case.submitted_at = ahead
    first = session.scalars(select(StatusChange)).one()
    first.at = ahead
    session.commit()
    to = "acknowledged" if kind == "incident" else "under_review"
    step = take(session, case, to, agent)
    assert find_undoable_step(session, case, actor(agent)) is not None
    undo_step(session, case, step, actor=actor(agent))
    assert case.status == kinds[kind].workflow.initial
    session.commit()
    take(session, case, to, agent)
    case.status_since = ahead
    session.commit()
    assert find_undoable_step(session, case, actor(agent)) is None


def test_the_mails_of_a_step_wait_and_never_leave(session: Session, agent: Account) -> None:
    author = make_account(session, "author@example.org")
    case = make_contribution(session, author=author)
    step = take(session, case, "declined", agent)
    about = OutgoingEmail.template == "status_changed"
    mail = session.scalars(select(OutgoingEmail).where(about)).one()
    assert mail.id not in list_due_email_ids(session, utcnow(), 50)
    assert mail.id in list_due_email_ids(session, utcnow() + UNDO_WINDOW, 50)
    undo_step(session, case, step, actor=actor(agent))
    session.commit()
    assert session.scalars(select(OutgoingEmail).where(about)).all() == []
    assert session.scalars(select(Notification)).all() == []


def test_only_who_took_it_and_only_at_once(session: Session, agent: Account) -> None:
    other = make_account(session, "", Role.AGENT)
    case = make_contribution(session)
    first = take(session, case, "acknowledged", agent)
    with pytest.raises(Conflict):
        undo_step(session, case, first, actor=actor(other))
    second = take(session, case, "planned", other)
    for step in (first, second):
        with pytest.raises(Conflict):
            undo_step(session, case, step, actor=actor(agent))
    undo_step(session, case, second, actor=actor(other))
    session.commit()
    with pytest.raises(Conflict):
        undo_step(session, case, second, actor=actor(other))
    later(session, case, 10.1)
    with pytest.raises(Conflict):
        undo_step(session, case, first, actor=actor(agent))


def test_the_desk_offers_it_and_the_public_reads_nothing_of_it(
    client: CheckingClient, session: Session, agent: Account
) -> None:
    case = make_contribution(session)
    client.sign_in(agent)
    step = take(session, case, "declined", agent)
    page = f"/desk/{case.reference}"
    assert "Annuler cette étape" in client.get(page).text
    assert WORDS["sentence"] in client.get(f"/incidents/{case.reference}").text
    assert client.send(f"/c/{case.reference}/undo", {"step": str(step + 1000)}).status_code == 409
    assert client.send(f"/c/{case.reference}/undo", {"step": str(step)}).status_code == 303
    session.refresh(case)
    assert case.status == "received"
    assert WORDS["sentence"] not in client.get(f"/incidents/{case.reference}").text
    desk = client.get(page).text
    assert "Annuler cette étape" not in desk
    assert "annulée" in desk
    step = take(session, case, "planned", agent)
    later(session, case, 11)
    assert "Annuler cette étape" not in client.get(page).text
    assert client.send(f"/c/{case.reference}/undo", {"step": str(step)}).status_code == 409


def test_a_case_handed_to_others_by_the_step_is_still_undone_by_who_took_it(
    client: CheckingClient, session: Session, agent: Account
) -> None:
    case = make_contribution(session, author=make_account(session))
    mediator = make_account(session, "", Role.MEDIATOR)
    case.status = "contested"
    session.commit()
    step = take(session, case, "in_progress", mediator)
    client.sign_in(mediator)
    assert client.send(f"/c/{case.reference}/undo", {"step": str(step)}).status_code == 303
    session.refresh(case)
    assert case.status == "contested"


def commitment(session: Session, agent: Account, *cases: Contribution) -> Action:
    department = session.scalars(select(Department)).first()
    assert department is not None
    draft = ActionDraft(title="Refaire la rue", body="Tout.", department=department)
    action = create_action(session, draft, cases, actor=actor(agent))
    post_update(session, action, actor=actor(agent), body="On commence.", to="in_progress")
    session.commit()
    return action


def of_action(action: Action) -> dict[str, Any]:
    return {
        c.key: getattr(action, c.key)
        for c in Action.__mapper__.column_attrs
        if c.key != "updated_at"
    }


def test_an_actions_end_is_undone_with_what_it_settled(
    client: CheckingClient, session: Session, agent: Account
) -> None:
    author = make_account(session, "author@example.org")
    incident = make_contribution(session, author=author)
    idea = make_contribution(session, "idea", author=author)
    action = commitment(session, agent, incident, idea)
    before = of_action(action), state(session, incident), state(session, idea)
    update = post_update(
        session, action, actor=actor(agent), body="Tout est fini.", to="done", progress=100
    )
    session.commit()
    assert (incident.status, idea.status) == ("resolved", "done")
    client.sign_in(agent)
    assert "Annuler cette étape" in client.get(f"/actions/{action.slug}").text
    mails = select(OutgoingEmail.id).where(OutgoingEmail.template == "action_closed")
    (mail,) = session.scalars(mails).all()
    assert mail not in list_due_email_ids(session, utcnow(), 50)
    answer = client.send(f"/actions/{action.slug}/undo", {"step": str(update.id)})
    assert answer.status_code == 303
    session.expire_all()
    assert (of_action(action), state(session, incident), state(session, idea)) == before
    assert session.scalars(mails).all() == []
    assert "Tout est fini." not in client.get(f"/actions/{action.slug}").text
    assert "Tout est fini." not in client.get(f"/incidents/{incident.reference}").text
    lines = session.scalars(select(ActionUpdate.undoes_id).order_by(ActionUpdate.id)).all()
    assert lines == [None, None, update.id]


def test_an_action_is_not_undone_by_others_nor_later(session: Session, agent: Account) -> None:
    action = commitment(session, agent)
    update = action.news[0]
    with pytest.raises(Conflict):
        undo_update(session, action, update.id, actor=actor(make_account(session, "", Role.AGENT)))
    update.at = utcnow() - UNDO_WINDOW
    session.commit()
    with pytest.raises(Conflict):
        undo_update(session, action, update.id, actor=actor(agent))


@pytest.mark.parametrize("end", ["done", "abandoned"])
def test_an_action_is_reopened_with_a_sentence(session: Session, agent: Account, end: str) -> None:
    incident = make_contribution(session)
    action = commitment(session, agent, incident)
    reason = "budget" if end == "abandoned" else ""
    post_update(session, action, actor=actor(agent), body="Fin.", to=end, reason=reason)
    post_update(session, action, actor=actor(agent), body="Ce n’était pas fini.", to="in_progress")
    session.commit()
    assert (action.status, action.finished_on) == ("in_progress", None)
    assert incident.status == "in_progress"


@pytest.mark.parametrize("minutes", [3, 12])
def test_who_never_had_a_mail_of_a_merge_hears_nothing_of_its_end(
    session: Session, agent: Account, minutes: int
) -> None:
    source, target = (make_contribution(session, title=title) for title in ("La copie", "Elle"))
    vote(session, source, actor=actor(make_account(session, "voter@example.org")))
    grounds = Grounds(clause="7", facts="Même trou.")
    moderation.merge_as_duplicate(session, source, target, actor=actor(agent), grounds=grounds)
    session.commit()
    if minutes > UNDO_WINDOW.seconds // 60:
        for model in (Merge, OutgoingEmail):
            at = getattr(model, "at", None) or OutgoingEmail.created_at
            session.execute(update(model).values({at.key: utcnow() - timedelta(minutes=minutes)}))
        session.execute(update(OutgoingEmail).values(sent_at=utcnow()))
        session.commit()
        session.expire_all()
    moderation.unmerge(session, source, actor=actor(agent), grounds=Grounds(facts="Un autre trou."))
    session.commit()
    heard = session.scalars(
        select(OutgoingEmail.template)
        .where(OutgoingEmail.recipient == "voter@example.org")
        .order_by(OutgoingEmail.id)
    ).all()
    assert heard == ([] if minutes < UNDO_WINDOW.seconds // 60 else ["merged", "unmerged"])


def test_news_of_one_matter_leave_in_the_order_in_which_it_happened(
    session: Session, agent: Account
) -> None:
    author = make_account(session, "author@example.org")
    source = make_contribution(session, title="La copie", author=author)
    other = make_contribution(session, title="Un autre", author=author)
    target = make_contribution(session, title="L’original")
    session.commit()
    session.execute(update(OutgoingEmail).values(sent_at=utcnow()))
    grounds = Grounds(clause="7", facts="Même trou.")
    moderation.merge_as_duplicate(session, source, target, actor=actor(agent), grounds=grounds)
    moderation.unmerge(session, source, actor=actor(agent), grounds=Grounds(facts="Un autre trou."))
    moderator = actor(make_account(session, "", Role.MODERATOR))
    moderation.hide(session, other, actor=moderator, grounds=Grounds(clause="2", facts="Un nom."))
    session.commit()
    mails = session.scalars(
        select(OutgoingEmail).where(OutgoingEmail.template == "decision").order_by(OutgoingEmail.id)
    ).all()
    assert [mail.thread for mail in mails] == [source.reference, source.reference, other.reference]
    assert list_due_email_ids(session, utcnow(), 50) == [mails[2].id], "what is elsewhere goes on"
    due = list_due_email_ids(session, utcnow() + UNDO_WINDOW, 50)
    assert set(due) == {mail.id for mail in mails}
    mails[0].sent_at = utcnow()
    session.commit()
    assert mails[1].id in list_due_email_ids(session, utcnow(), 50)


@pytest.mark.parametrize("was", ["gathered", "merged before"])
def test_a_merge_is_undone_as_if_it_had_not_been(
    client: CheckingClient, session: Session, agent: Account, was: str
) -> None:
    author = make_account(session, "author@example.org")
    source = make_contribution(session, title="La copie", author=author)
    target = make_contribution(session, title="L’original", author=make_account(session))
    vote(session, source, actor=actor(make_account(session, "voter@example.org")))
    if was == "merged before":
        take(session, source, "acknowledged", agent)
    session.commit()
    before = state(session, source), state(session, target)
    mails_before = set(session.scalars(select(OutgoingEmail.dedupe_key)))
    moderation.merge_as_duplicate(
        session, source, target, actor=actor(agent), grounds=Grounds(clause="7", facts="Même trou.")
    )
    session.commit()
    new = set(session.scalars(select(OutgoingEmail.dedupe_key))) - mails_before
    assert len(new) == 2, "the author and the voter would hear"
    due = list_due_email_ids(session, utcnow(), 50)
    waiting = session.scalars(select(OutgoingEmail.id).where(OutgoingEmail.dedupe_key.in_(new)))
    assert not set(waiting) & set(due)
    client.sign_in(agent)
    assert f"/merge/{source.reference}/undo" in client.get(f"/desk/{source.reference}").text
    step = {"step": str(last_step(session, source))}
    assert client.send(f"/merge/{source.reference}/undo", step).status_code == 303
    assert (state(session, source), state(session, target)) == before
    assert set(session.scalars(select(OutgoingEmail.dedupe_key))) == mails_before
    merged, unmerged = session.scalars(select(Decision).order_by(Decision.id))
    assert (unmerged.measure, unmerged.undoes_id) == (Measure.UNMERGE, merged.id)
    assert session.scalars(select(Merge)).one().undone_at is not None
    assert client.send(f"/merge/{source.reference}/undo", step).status_code == 409


def test_photos_of_an_undone_step_leave_the_public(
    client: CheckingClient, session: Session, agent: Account
) -> None:
    case = make_contribution(session)
    client.sign_in(agent)
    finished = {"seen": "received", "sentence": "Réparé.", "photos": (BytesIO(jpeg()), "fini.jpg")}
    assert client.send(f"/desk/{case.reference}/move/resolved", finished).status_code == 303
    photo = session.scalars(select(Photo)).one()
    undo_step(session, case, last_step(session, case), actor=actor(agent))
    session.commit()
    session.refresh(photo)
    assert photo.moderation_state == ModerationState.HIDDEN


def test_an_author_takes_a_withdrawal_back(
    client: CheckingClient, session: Session, town: Any
) -> None:
    author = make_account(session, "author@example.org")
    case = make_contribution(session, author=author)
    client.sign_in(author)
    assert client.send(f"/incidents/{case.reference}/withdraw").status_code == 303
    page = client.get(f"/incidents/{case.reference}").text
    assert "Annuler cette étape" in page
    step = {"step": str(last_step(session, case))}
    other = make_account(session)
    assert client.sign_in(other).send(f"/c/{case.reference}/undo", step).status_code == 409
    back = client.sign_in(author).send(f"/c/{case.reference}/undo", step)
    assert back.location.endswith(f"/incidents/{case.reference}")
    session.refresh(case)
    assert case.status == "received"


def test_the_author_takes_a_step_back_by_the_private_link(
    client: CheckingClient, session: Session, agent: Account
) -> None:
    token, hashed = new_follow_token()
    follower = make_account(session)
    case = make_contribution(session)
    case.follow_hash = hashed
    follow(session, case, account_id=follower.id)
    take(session, case, "resolved", agent)
    for said in (OutgoingEmail, StaffNews):
        session.execute(delete(said))
    session.commit()
    client.get(f"/s/{token}")
    page = f"/incidents/{case.reference}"
    for step, data in (
        ("contest", {"text": "Il y a encore un trou."}),
        ("confirm", {"settled": "yes"}),
    ):
        assert client.send(f"{page}/{step}", data).status_code == 303
        tell_staff(session)
        session.commit()
        assert session.scalars(select(OutgoingEmail)).all() != []
        assert list_due_email_ids(session, utcnow(), 50) == []
        assert "Annuler cette étape" in client.get(page).text
        undone = {"step": str(last_step(session, case))}
        assert client.send(f"/c/{case.reference}/undo", undone).status_code == 303
        session.refresh(case)
        assert case.status == "resolved"
        assert session.scalars(select(OutgoingEmail)).all() == []


def test_nobody_else_takes_it_back_without_an_account(
    client: CheckingClient, session: Session, agent: Account
) -> None:
    case = make_contribution(session)
    by_link = Actor(follow_ids=frozenset({case.id}))
    move(session, case, "withdrawn", actor=by_link, standing={Party.AUTHOR})
    other = make_contribution(session)
    step = take(session, other, "acknowledged", agent)
    session.commit()
    for one, step_id in ((case, last_step(session, case)), (other, step)):
        refused = client.send(f"/c/{one.reference}/undo", {"step": str(step_id)})
        assert refused.status_code == 409


@pytest.mark.parametrize("is_told", [False, True])
def test_a_contest_that_is_undone_is_told_to_nobody(
    session: Session, agent: Account, is_told: bool
) -> None:
    author = make_account(session, "author@example.org")
    case = make_contribution(session, author=author)
    take(session, case, "resolved", agent)
    for said in (OutgoingEmail, StaffNews):
        session.execute(delete(said))
    move(session, case, "contested", actor=actor(author), standing={Party.AUTHOR}, sentence="Non.")
    session.commit()
    if is_told:
        tell_staff(session)
        session.commit()
        mails = session.scalars(select(OutgoingEmail)).all()
        assert {mail.recipient for mail in mails} == {"agent@example.org", "voirie@example.org"}
        assert list_due_email_ids(session, utcnow(), 50) == []
        assert len(list_due_email_ids(session, utcnow() + UNDO_WINDOW, 50)) == 2
    undo_step(session, case, last_step(session, case), actor=actor(author))
    session.commit()
    tell_staff(session)
    session.commit()
    assert session.scalars(select(OutgoingEmail)).all() == []
    contested = Notification.event == "case_contested"
    assert session.scalars(select(Notification).where(contested)).all() == []


def test_a_step_of_many_is_undone_at_once(
    client: CheckingClient, session: Session, agent: Account
) -> None:
    cases = [make_contribution(session, author=make_account(session)) for _ in range(3)]
    references = [case.reference for case in cases]
    client.sign_in(agent)
    data = {"contribution": references, "to": "planned", "seen": "received", "view": "open"}
    done = client.send("/desk/bulk", data)
    assert done.status_code == 303
    offer = client.get(done.location).text
    assert "3 dossiers" in offer
    assert 'action="/desk/bulk/undo?view=open"' in offer
    session.expire_all()
    take(session, cases[1], "in_progress", agent)
    step = {"step": str(min(session.scalars(select(StatusChange.id).where(PLANNED))))}
    other = make_account(session, "", Role.AGENT)
    assert client.sign_in(other).send("/desk/bulk/undo", step).status_code == 409
    undone = client.sign_in(agent).send("/desk/bulk/undo?view=open", step)
    assert undone.location == "/desk?view=open"
    said = client.get(undone.location).text
    assert "annulée pour 2 dossiers" in said
    assert "1 dossier a changé entre-temps" in said
    session.expire_all()
    assert [case.status for case in cases] == ["received", "in_progress", "received"]
    assert client.send("/desk/bulk/undo", step).status_code == 409
    assert client.send("/desk/bulk/undo", {"step": "x"}).status_code == 409
