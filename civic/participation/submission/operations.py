"""Taking a contribution from a person: who wrote it, whether it is shown at once, what follows.

The kinds call :func:`submit` with what is theirs; nothing here knows which kind it is.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.accounts.actor import Actor
from civic.accounts.models import Account
from civic.accounts.operations import check_email, find_or_create_account
from civic.accounts.tokens import follow_hash, hash_token
from civic.contributions import signals
from civic.contributions.kinds import Kind
from civic.contributions.models import Contribution
from civic.contributions.operations import Draft, check_draft, store
from civic.contributions.screening_registry import HoldReason, screen
from civic.errors import Forbidden, Invalid
from civic.follows.operations import follow
from civic.i18n import N_
from civic.idempotency.operations import remember
from civic.idempotency.queries import find_result
from civic.taxonomy.models import Category, PublicationPolicy

FORM = "form"
READ_FIRST = HoldReason(
    "policy", label=N_("Les contributions de cette catégorie sont lues avant d’être publiées.")
)


@dataclass(frozen=True, slots=True)
class Sender:
    """Who hands something in: the actor, and the address given by a visitor (may be empty)."""

    actor: Actor
    email: str = ""


@dataclass(frozen=True, slots=True)
class Received:
    """What was stored, and the clear token of its private follow-up link."""

    contribution: Contribution
    follow_token: str
    is_new: bool = True


def find_by_form(session: Session, form_key: str) -> Received | None:
    """Return what the form with this key has already brought in, None for a fresh one."""
    token = _follow_token(form_key)
    reference = find_result(session, FORM, _form_identity(form_key))
    if reference is not None:
        mine = Contribution.reference == reference
    else:
        # The key is forgotten in time; a tab that is opened again later still has its link.
        mine = Contribution.follow_hash == follow_hash(token)
    contribution = session.scalars(select(Contribution).where(mine)).first()
    return Received(contribution, token, is_new=False) if contribution is not None else None


def submit(
    session: Session,
    kind: Kind,
    draft: Draft,
    *,
    sender: Sender,
    form_key: str,
    attach: Callable[[Contribution], None] | None = None,
) -> Received:
    """Take ``draft`` from a person: store it, held or published, and owe an acknowledgement.

    ``form_key`` is unguessable and belongs to one form: the same form sent twice is stored once
    (the second is answered by :func:`find_by_form`; two at the same moment: IntegrityError).
    ``attach`` adds the photos. Raises Invalid for what cannot be stored or when the category wants
    an address, Forbidden for a suspended person.
    """
    check_draft(kind, draft)
    author = _author(session, draft, sender)
    if author is not None and author.id != sender.actor.account_id and author.is_verified:
        # Anybody can type this address: the name is not shown on a stranger's word.
        draft = replace(draft, hides_author=True)
    token = _follow_token(form_key)
    holds = _holds(session, draft, sender.actor, author)
    contribution = store(
        session,
        kind,
        draft,
        actor=sender.actor,
        held=bool(holds),
        author_id=author.id if author is not None else None,
        follow_hash=follow_hash(token),
        holds=holds,
    )
    remember(session, FORM, _form_identity(form_key), result=contribution.reference)
    if attach is not None:
        attach(contribution)
    if author is not None:
        follow(session, contribution, account_id=author.id)
    signals.acknowledgement_due.send(session, contribution=contribution, follow_token=token)
    session.flush()
    return Received(contribution, token)


def check_sender(category: Category | None, sender: Sender) -> None:
    """Raise Invalid for an address that is none, or that ``category`` wants and does not get."""
    if sender.actor.account_id is not None:
        return
    if sender.email:
        check_email(sender.email)
    elif category is not None and not category.allows_anonymous:
        raise Invalid(
            N_(
                "Cette catégorie demande une adresse électronique : le service doit pouvoir vous "
                "répondre."
            ),
            field="email",
        )


def _author(session: Session, draft: Draft, sender: Sender) -> Account | None:
    if sender.actor.is_suspended:
        raise Forbidden(
            N_(
                "Votre compte est suspendu pour le moment. La décision que vous avez reçue dit "
                "jusqu’à quand et comment la contester."
            )
        )
    if sender.actor.account_id is not None:
        return session.get(Account, sender.actor.account_id)
    check_sender(draft.category, sender)
    if sender.email:
        return find_or_create_account(session, email=sender.email, locale=draft.locale)
    return None


def _holds(
    session: Session, draft: Draft, actor: Actor, author: Account | None
) -> list[HoldReason]:
    """Why a person reads it first, by the publication policy of its category; none: it is shown."""
    policy = draft.category.policy
    if policy is PublicationPolicy.AFTER:
        return []
    if author is not None and actor.account_id is None:
        # By the address they typed, which nobody has verified at this moment.
        actor = replace(actor, account_id=author.id, is_suspended=author.is_suspended)
    texts = [draft.title, draft.body, *draft.captions]
    texts += [value for value in draft.answers.values() if isinstance(value, str)]
    found = screen(session, "\n\n".join(texts), actor=actor)
    return [READ_FIRST, *found] if policy is PublicationPolicy.BEFORE else found


def _form_identity(form_key: str) -> str:
    return hash_token(form_key, purpose="form")


def _follow_token(form_key: str) -> str:
    """The same form always leads to the same link, whichever of its two answers arrives."""
    return hash_token(form_key, purpose="follow-link")[:40]
