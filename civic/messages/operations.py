"""Writing in private: the town to the author of a contribution, and the author back."""

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from civic.accounts.actor import Actor
from civic.contributions import signals
from civic.contributions.models import Audience, Channel, Contribution
from civic.database import read_again, utcnow
from civic.errors import Forbidden, Invalid
from civic.i18n import N_
from civic.idempotency.queries import find_repeated
from civic.messages import policies
from civic.messages.models import Direction, Message
from civic.text.cleaning import clean_text

MESSAGE_LENGTH = 4_000


def answer_in_private(
    session: Session, contribution: Contribution, body: str, *, actor: Actor
) -> Message:
    """Write to the author of a contribution, and to nobody else; they hear by mail.

    Raises Forbidden unless the actor works on it, Invalid for a text that is empty or too long, or
    where nobody could read it.
    """
    if not policies.may_write(actor, contribution):
        raise Forbidden(N_("Ce dossier n’est pas à votre service, ou c’est le vôtre."))
    if contribution.author_id is None and contribution.follow_hash is None:
        raise Invalid(
            N_("La personne n’a laissé ni adresse ni lien : elle ne pourrait pas le lire."),
            field="body",
        )
    said = _find_said(session, contribution, body, actor, Direction.OUT)
    if said is not None:
        return said
    message = _store(session, contribution, body, actor, Direction.OUT)
    author = contribution.author
    # To an address that nobody has verified yet goes no text of others, but the way to it.
    quoted = message.body if author is not None and author.verified_at is not None else ""
    signals.people_to_tell.send(
        session,
        event="private_answer",
        event_key=f"message:{message.id}",
        account_ids=[author.id] if author is not None else [],
        contribution=contribution,
        data={"message": quoted},
    )
    return message


def write_back(session: Session, contribution: Contribution, body: str, *, actor: Actor) -> Message:
    """Answer the town in private, as the author, once it has written; those in charge hear."""
    if not policies.may_write_back(session, actor, contribution):
        raise Forbidden(N_("Seul l’auteur peut répondre ici, une fois que la ville lui a écrit."))
    said = _find_said(session, contribution, body, actor, Direction.IN)
    if said is not None:
        return said
    message = _store(session, contribution, body, actor, Direction.IN)
    signals.author_wrote.send(session, contribution=contribution, actor=actor, body=message.body)
    return message


def forget_messages(session: Session, author_id: int) -> None:
    """Delete what was written in private about the contributions of an account."""
    own = select(Contribution.id).where(Contribution.author_id == author_id)
    session.execute(delete(Message).where(Message.contribution_id.in_(own)))


def _find_said(
    session: Session, contribution: Contribution, body: str, actor: Actor, direction: Direction
) -> Message | None:
    """Return the same message where it was written within minutes: sent twice, it is one."""
    read_again(session, contribution)
    written = {"contribution_id": contribution.id, "author_id": actor.account_id}
    words = {"direction": direction, "body": clean_text(body)}
    return find_repeated(session, Message, Message.at, **written, **words)


def _store(
    session: Session, contribution: Contribution, body: str, actor: Actor, direction: Direction
) -> Message:
    body = clean_text(body)
    if not body:
        raise Invalid(N_("Écrivez ce que vous avez à dire."), field="body")
    if len(body) > MESSAGE_LENGTH:
        raise Invalid(
            N_("Ce texte est trop long : %(most)s caractères au plus."),
            field="body",
            most=MESSAGE_LENGTH,
        )
    message = Message(
        contribution_id=contribution.id,
        person_id=contribution.person_id,
        author_id=actor.account_id,
        direction=direction,
        channel=Channel.WEB,
        audience=Audience.AUTHOR,
        body=body,
        at=utcnow(),
    )
    session.add(message)
    session.flush()
    return message
