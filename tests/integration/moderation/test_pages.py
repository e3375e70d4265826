"""The pages of moderation: one queue, forms that work without script, nothing for others."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from civic.accounts.actor import VISITOR, Role
from civic.accounts.models import Account
from civic.comments.operations import add_comment
from civic.contributions.models import Contribution, ModerationState
from civic.contributions.screening_registry import screen
from civic.extensions import db
from civic.flags.models import Flag, FlagReason
from civic.flags.operations import raise_flag
from civic.ledger.operations import append
from civic.moderation import operations
from civic.moderation.models import Appeal, Decision, Hold
from civic.moderation.operations import Grounds
from civic.places.geometry import Position
from tests.client import CheckingClient
from tests.factories import actor, make_account, make_contribution
from tests.queries import counting

WHY = Grounds(clause="1", facts="Une insulte au deuxième paragraphe.")


@pytest.fixture
def moderator(session: Session, town: Any) -> Account:
    return make_account(session, "moderator@example.org", Role.MODERATOR)


def flagged(session: Session, title: str = "Lampe", **more: Any) -> Any:
    incident = make_contribution(session, title=title, author=make_account(session), **more)
    raise_flag(session, incident, actor=actor(make_account(session)), reason=FlagReason.INSULTING)
    session.commit()
    return incident


def test_the_queue_is_for_moderators(client: CheckingClient, session: Session) -> None:
    assert client.get("/moderation").status_code == 303
    client.sign_in(make_account(session))
    assert client.get("/moderation").status_code == 403


def test_an_empty_queue_says_so(client: CheckingClient, moderator: Account) -> None:
    answer = client.sign_in(moderator).get("/moderation")
    assert "Rien n’attend" in answer.get_data(as_text=True)


def test_the_oldest_promise_comes_first_with_its_reasons(
    client: CheckingClient, session: Session, moderator: Account
) -> None:
    make_contribution(session, held=True, title="Premier")
    flagged(session, "Deuxième")
    html = client.sign_in(moderator).get("/moderation").get_data(as_text=True)
    assert html.index("Premier") < html.index("Deuxième")
    assert "Catégorie lue avant publication" in html
    assert "Propos blessants" in html
    only_flagged = client.get("/moderation?what=flagged").get_data(as_text=True)
    assert "Premier" not in only_flagged


def test_deciding_leads_to_the_next_item(
    client: CheckingClient, session: Session, moderator: Account
) -> None:
    first = make_contribution(session, held=True, title="Premier")
    second = make_contribution(session, held=True, title="Deuxième")
    page = client.sign_in(moderator).get("/moderation").get_data(as_text=True)
    following = re.search(r'name="publish-next"[^>]*value="([^"]+)"', page)
    assert following
    answer = client.send(
        f"/moderation/{first.id}/publish",
        {"publish-state": "held", "publish-next": following[1]},
    )
    assert answer.status_code == 303
    assert answer.location.endswith(f"/moderation/{second.id}")
    session.refresh(first)
    assert first.is_public


def test_hiding_without_reasons_returns_the_form(
    client: CheckingClient, session: Session, moderator: Account
) -> None:
    incident = flagged(session)
    answer = client.sign_in(moderator).send(
        f"/moderation/{incident.id}/hide", {"hide-clause": "", "hide-facts": "gardé"}
    )
    assert answer.status_code == 422
    assert "gardé" in answer.get_data(as_text=True)
    session.refresh(incident)
    assert incident.is_public


def test_a_decision_taken_meanwhile_is_a_conflict(
    client: CheckingClient, session: Session, moderator: Account
) -> None:
    held = make_contribution(session, held=True)
    operations.publish(session, held, actor=actor(moderator), grounds=Grounds())
    session.commit()
    answer = client.sign_in(moderator).send(
        f"/moderation/{held.id}/hide",
        {"hide-state": "held", "hide-clause": "1", "hide-facts": "Insulte."},
    )
    assert answer.status_code == 409
    session.refresh(held)
    assert held.is_public


def test_a_comment_is_decided_about_by_itself(
    client: CheckingClient, session: Session, moderator: Account
) -> None:
    incident = make_contribution(session)
    comment = add_comment(session, incident, body="Idiot !", actor=actor(make_account(session)))
    raise_flag(
        session,
        incident,
        actor=actor(make_account(session)),
        reason=FlagReason.INSULTING,
        comment_id=comment.id,
    )
    session.commit()
    client.sign_in(moderator)
    assert client.get(f"/moderation/{incident.id}?comment={comment.id}").status_code == 200
    other = make_contribution(session)
    assert client.get(f"/moderation/{other.id}?comment={comment.id}").status_code == 404
    client.send(
        f"/moderation/{incident.id}/hide",
        {"hide-comment": str(comment.id), "hide-clause": "1", "hide-facts": "Insulte."},
    )
    session.refresh(comment)
    session.refresh(incident)
    assert comment.moderation_state is ModerationState.HIDDEN
    assert incident.is_public
    assert session.scalars(select(Flag.resolved_at)).one() is not None


def test_merging_in_the_queue_and_from_the_desk(
    client: CheckingClient, session: Session, moderator: Account
) -> None:
    target, source, third = (make_contribution(session, title=t) for t in ("A", "B", "C"))
    agent = make_account(session, "agent@example.org", Role.AGENT)
    why = {"merge-clause": "7", "merge-facts": "La même."}
    client.sign_in(moderator)
    unknown = client.send(f"/moderation/{source.id}/merge", why | {"merge-target": "S-XXXX-00"})
    assert unknown.status_code == 422
    done = client.send(f"/moderation/{source.id}/merge", why | {"merge-target": target.reference})
    assert done.status_code == 303
    client.sign_out().sign_in(agent)
    assert client.get(f"/merge/{third.reference}?target={target.reference}").status_code == 200
    answer = client.send(
        f"/merge/{third.reference}",
        {"target": target.reference.lower(), "clause": "7", "facts": "Encore."},
    )
    assert answer.status_code == 303
    session.refresh(source)
    session.refresh(third)
    assert source.duplicate_of_id == third.duplicate_of_id == target.id
    assert client.get(f"/merge/{third.reference}").status_code == 200
    client.send(f"/merge/{third.reference}", {"facts": "Non."})
    session.refresh(third)
    assert third.duplicate_of_id is None


def test_merging_two_distant_places_asks_and_keeps_what_was_typed(
    client: CheckingClient, session: Session, moderator: Account
) -> None:
    source = make_contribution(session, position=Position(48.8600, 2.35))
    target = make_contribution(session, position=Position(48.8645, 2.35))
    client.sign_in(moderator)
    given = {"target": target.reference, "clause": "7", "facts": "La même lampe."}
    for path, prefix in (
        (f"/moderation/{source.id}/merge", "merge-"),
        (f"/merge/{source.reference}", ""),
    ):
        asked = client.send(path, {prefix + name: value for name, value in given.items()})
        assert asked.status_code == 422
        assert f'name="{prefix}is_far"' in asked.text
        assert "La même lampe." in asked.text
    done = client.send(f"/merge/{source.reference}", given | {"is_far": "y"})
    assert done.status_code == 303
    session.refresh(source)
    assert source.duplicate_of_id == target.id


def test_the_person_concerned_reads_the_reasons_and_contests(
    client: CheckingClient, session: Session, moderator: Account
) -> None:
    author = make_account(session)
    incident = make_contribution(session, author=author)
    decision = operations.hide(session, incident, actor=actor(moderator), grounds=WHY)
    session.commit()
    url = f"/decisions/{decision.reference}"
    assert client.get(url).status_code == 303
    assert client.sign_in(make_account(session)).get(url).status_code == 403
    client.sign_out().sign_in(author)
    html = client.get(url).get_data(as_text=True)
    assert "Une insulte au deuxième paragraphe." in html
    assert "Respect des personnes" in html
    assert client.send(f"{url}/appeal", {"text": "Relisez-moi."}).status_code == 303
    assert client.send(f"{url}/appeal", {"text": "Encore."}).status_code == 409
    appeal = session.scalars(select(Appeal)).one()
    mediator = make_account(session, "mediator@example.org", Role.MEDIATOR)
    client.sign_out().sign_in(mediator)
    appeals = client.get("/moderation/appeals").get_data(as_text=True)
    assert "Répondre" in appeals
    assert "/moderation?what=held" not in appeals, "a door that is closed to a mediator"
    page = f"/moderation/appeals/{appeal.id}"
    assert client.get(page).status_code == 200
    assert client.send(page, {"outcome": "upheld"}).status_code == 422
    assert client.send(page, {"outcome": "upheld", "answer": "Oui."}).status_code == 303
    session.refresh(incident)
    assert incident.is_public
    client.sign_out().sign_in(author)
    assert "Oui." in client.get(url).get_data(as_text=True)


def test_an_author_without_account_reads_it_by_the_follow_link(
    client: CheckingClient, session: Session, moderator: Account
) -> None:
    incident = make_contribution(session)
    decision = operations.hide(session, incident, actor=actor(moderator), grounds=WHY)
    session.commit()
    with client.session_transaction() as cookie:
        cookie["followed"] = [incident.id]
    assert client.get(f"/decisions/{decision.reference}").status_code == 200
    assert client.send(f"/decisions/{decision.reference}/appeal").status_code == 303


def test_the_ledger_names_nobody(
    client: CheckingClient, session: Session, moderator: Account
) -> None:
    assert client.get("/ledger").status_code == 200
    incident = flagged(session, "Titre secret")
    operations.hide(session, incident, actor=actor(moderator), grounds=WHY)
    session.commit()
    html = client.get("/ledger").get_data(as_text=True)
    assert "Retrait de la vue du public" in html
    assert "Titre secret" not in html
    assert "moderator" not in html
    lines = client.get("/ledger.csv").get_data(as_text=True).splitlines()
    assert len(lines) == 2
    assert incident.reference not in lines[1]
    for month in ("x", "9999-99", "2026-13", "-1", "0001-01"):
        assert client.get(f"/ledger?month={month}&before=zz").status_code == 200


@pytest.mark.parametrize(
    ("zone", "at", "month", "day"),
    [
        ("Europe/Paris", datetime(2026, 3, 31, 22, 30, tzinfo=UTC), "2026-04", "2026-04-01"),
        ("Indian/Reunion", datetime(2026, 1, 31, 20, 5, tzinfo=UTC), "2026-02", "2026-02-01"),
        ("America/Martinique", datetime(2026, 5, 1, 3, 59, tzinfo=UTC), "2026-04", "2026-04-30"),
    ],
)
def test_a_line_of_the_ledger_belongs_to_the_towns_day(
    client: CheckingClient,
    session: Session,
    town: Any,
    zone: str,
    at: datetime,
    month: str,
    day: str,
) -> None:
    town.zone = zone
    append(session, "decision", line={}, at=at)
    session.commit()
    lines = client.get(f"/ledger.csv?month={month}").get_data(as_text=True).splitlines()
    assert [line.partition(",")[0] for line in lines[1:]] == [day]
    table = client.get(f"/ledger.csv?month={month}&spreadsheet=1").data.decode("utf-8-sig")
    assert table.splitlines()[1].startswith(f"{date.fromisoformat(day):%d/%m/%Y};decision;")


def test_suspending_from_a_persons_page(
    client: CheckingClient, session: Session, moderator: Account
) -> None:
    resident = make_account(session)
    make_contribution(session, author=resident)
    client.sign_in(moderator)
    url = f"/moderation/accounts/{resident.id}"
    assert client.get(url).status_code == 200
    bad = {"suspend-days": "99999", "suspend-clause": "9", "suspend-facts": "Abus."}
    assert client.send(f"{url}/suspend", bad).status_code == 422
    assert client.send(f"{url}/suspend", bad | {"suspend-days": "7"}).status_code == 303
    session.refresh(resident)
    assert resident.is_suspended
    assert client.get(url).status_code == 200
    assert client.send(f"{url}/reinstate").status_code == 303
    session.refresh(resident)
    assert not resident.is_suspended


def test_the_log_lists_decisions(
    client: CheckingClient, session: Session, moderator: Account
) -> None:
    operations.hide(session, flagged(session), actor=actor(moderator), grounds=WHY)
    session.commit()
    client.sign_in(moderator)
    assert session.scalars(select(Decision.reference)).one() in client.get(
        "/moderation/decisions?measure=hide"
    ).get_data(as_text=True)
    assert "Aucune décision" in client.get("/moderation/decisions?measure=lock").get_data(
        as_text=True
    )


@pytest.mark.parametrize(
    "path",
    [
        "/moderation?what=<script>&kind=x&days=abc&after=~~~",
        "/moderation?after=2026-01-01T00:00:00+00:00~9999999999999999999999~0",
        "/moderation/9223372036854775808",
        "/moderation/1?comment=99999999999999999999",
        "/moderation/decisions?before=x&measure=%00",
        "/moderation/accounts/99999999999999999",
        "/moderation/appeals?after=-",
        "/decisions/%00",
    ],
)
def test_hostile_addresses_are_answered(
    client: CheckingClient, moderator: Account, path: str
) -> None:
    assert client.sign_in(moderator).get(path).status_code in {200, 404}


def test_hostile_text_is_shown_as_text(
    client: CheckingClient, session: Session, moderator: Account
) -> None:
    flagged(session, "<img src=x onerror=alert(1)>", body="<script>alert(1)</script>\x01")
    html = client.sign_in(moderator).get("/moderation").get_data(as_text=True)
    assert "<script>alert" not in html
    assert "<img src=x" not in html


def test_the_queue_asks_the_same_whatever_waits(
    client: CheckingClient, session: Session, moderator: Account
) -> None:
    client.sign_in(moderator)
    counts = []
    for _ in range(2):
        for _ in range(6):
            flagged(session)
            make_contribution(session, held=True, author=make_account(session))
        client.get("/moderation")  # what is read once in a process has been read
        with counting(db.engine) as statements:
            assert client.get("/moderation").status_code == 200
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 20


def test_pages_of_the_queue_hold_everything_once(
    client: CheckingClient, session: Session, moderator: Account
) -> None:
    titles = {f"Numéro {number:02d}" for number in range(25)}
    for title in sorted(titles):
        make_contribution(session, held=True, title=title)
    client.sign_in(moderator)
    seen: list[str] = []
    url: str | None = "/moderation"
    while url:
        html = client.get(url).get_data(as_text=True)
        listed = html.split('class="queue-list"')[1].split("</nav>")[0]
        seen += re.findall(r"Numéro \d\d", listed)
        found = re.search(r'rel="next" href="([^"]+)"', html)
        url = found[1].replace("&amp;", "&") if found else None
    assert sorted(seen) == sorted(titles)


def test_a_burst_from_one_source_is_held(session: Session, town: Any) -> None:
    resident = make_account(session)
    who = actor(resident)
    assert screen(session, "Un lampadaire est éteint.", actor=who) == []
    for _ in range(5):
        make_contribution(session, author=resident)
    codes = {reason.code for reason in screen(session, "Un lampadaire est éteint.", actor=who)}
    assert "burst" in codes


def test_a_school_is_not_one_source(session: Session, town: Any) -> None:
    network = "one network"
    for _ in range(12):
        # Six of them signed in, six not.
        make_contribution(session, author=make_account(session))
        make_contribution(session)
    session.execute(update(Contribution).values(network_key=network))
    session.commit()
    pupil = replace(actor(make_account(session)), network_key=network)
    visitor = replace(VISITOR, network_key=network)
    for who in (pupil, visitor):
        assert screen(session, "Un lampadaire est éteint.", actor=who) == []
    for _ in range(6):
        make_contribution(session)
    session.execute(update(Contribution).values(network_key=network))
    session.commit()
    codes = {one.code for one in screen(session, "Un lampadaire est éteint.", actor=visitor)}
    assert codes == {"burst"}
    assert screen(session, "Un lampadaire est éteint.", actor=pupil) == []


def test_a_paragraph_sent_twice_is_held(session: Session, town: Any) -> None:
    text = "Venez nombreux à notre grande vente de matelas samedi matin sur la place du marché"
    make_contribution(session, body=text, author=make_account(session))
    codes = {reason.code for reason in screen(session, text, actor=actor(make_account(session)))}
    assert "duplicate_text" in codes


def test_a_source_of_removed_texts_is_read_first(session: Session, moderator: Account) -> None:
    resident = make_account(session)
    for _ in range(2):
        incident = make_contribution(session, author=resident)
        operations.hide(session, incident, actor=actor(moderator), grounds=WHY)
    session.commit()
    codes = {reason.code for reason in screen(session, "Bonjour.", actor=actor(resident))}
    assert "record" in codes


def test_a_held_comment_comes_into_the_queue(
    client: CheckingClient, session: Session, moderator: Account
) -> None:
    incident = make_contribution(session)
    comment = add_comment(
        session,
        incident,
        body="Appelez Madame Dupont au 06 12 34 56 78.",
        actor=actor(make_account(session)),
    )
    session.commit()
    assert comment.moderation_state is ModerationState.HELD
    assert {hold.comment_id for hold in session.scalars(select(Hold))} == {comment.id}
    html = client.sign_in(moderator).get("/moderation").get_data(as_text=True)
    assert "Numéro de téléphone possible" in html


def test_answers_are_read_in_words(
    client: CheckingClient, session: Session, moderator: Account
) -> None:
    incident = flagged(session, answers={"detail": "Du verre brisé"})
    html = client.sign_in(moderator).get(f"/moderation/{incident.id}").get_data(as_text=True)
    assert "Du verre brisé" in html
    assert "<dt>Précision</dt>" in html
