"""Raising a flag, and closing it once a moderator has looked.

A flag never hides anything: it asks, and a person decides.
"""

import secrets
from collections import Counter

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from civic.accounts.actor import Actor
from civic.accounts.models import Account
from civic.contributions import signals
from civic.contributions.models import Contribution
from civic.database import read_again, utcnow
from civic.errors import Forbidden, Invalid
from civic.flags.models import Flag, FlagOutcome, FlagReason
from civic.flags.weights import VISITOR_WEIGHT, flag_weight
from civic.i18n import N_
from civic.text.references import ALPHABET

TEXT_LENGTH = 2000
_RECEIPT_GROUPS, _GROUP = 3, 4


def raise_flag(
    session: Session,
    contribution: Contribution,
    *,
    actor: Actor,
    reason: FlagReason,
    text: str = "",
    email: str = "",
    comment_id: int | None = None,
) -> Flag:
    """Ask the moderators to look at ``contribution``, or at one of its comments.

    The same person asking again before anybody has looked adds to the first flag, whose receipt
    stays. Raises Invalid when the reason needs words and has none.
    """
    text = text.strip()[:TEXT_LENGTH]
    if actor.is_suspended:
        raise Forbidden(
            N_("Votre compte est suspendu : vous ne pouvez pas participer pour le moment.")
        )
    if reason is FlagReason.OTHER and not text:
        raise Invalid(N_("Dites en quelques mots ce qui ne va pas."), field="text")
    read_again(session, contribution)
    flag = _open_flag(session, contribution, actor, email, comment_id)
    if flag is not None:
        flag.reason = reason
        flag.text = _joined(flag.text, text)
        session.flush()
        return flag
    flag = Flag(
        contribution_id=contribution.id,
        comment_id=comment_id,
        account_id=actor.account_id,
        network_key=actor.network_key,
        email=email.strip().lower(),
        reason=reason,
        text=text,
        weight=_weight(session, actor),
        receipt=_new_receipt(),
        at=utcnow(),
    )
    session.add(flag)
    session.flush()
    signals.flag_raised.send(session, contribution=contribution, flag=flag, actor=actor)
    return flag


def resolve_flags(
    session: Session,
    contribution: Contribution,
    outcome: FlagOutcome,
    *,
    actor: Actor,
    comment_id: int | None = None,
) -> list[Flag]:
    """Close the open flags, let the record of those who raised them follow, and say so."""
    flags = session.scalars(
        select(Flag)
        .where(
            Flag.contribution_id == contribution.id,
            Flag.comment_id == comment_id,
            Flag.resolved_at.is_(None),
        )
        .order_by(Flag.id)
    ).all()
    for flag in flags:
        flag.resolved_at, flag.outcome = utcnow(), outcome
    session.flush()
    raised = Counter(flag.account_id for flag in flags if flag.account_id is not None)
    column = Account.flags_upheld if outcome is FlagOutcome.UPHELD else Account.flags_rejected
    for account_id, count in sorted(raised.items()):
        session.execute(
            update(Account)
            .where(Account.id == account_id)
            .values({column: column + count})
            .execution_options(synchronize_session="fetch")
        )
    for flag in flags:
        signals.flag_resolved.send(session, contribution=contribution, flag=flag, actor=actor)
    return list(flags)


def forget_flagger(session: Session, account_id: int) -> None:
    """Keep the flags of an erased account, and nothing of the person."""
    session.execute(
        update(Account)
        .where(Account.id == account_id)
        .values(flags_upheld=0, flags_rejected=0)
        .execution_options(synchronize_session="fetch")
    )
    session.execute(
        update(Flag)
        .where(Flag.account_id == account_id)
        .values(account_id=None, network_key=None, email="")
        .execution_options(synchronize_session="fetch")
    )


def _open_flag(
    session: Session,
    contribution: Contribution,
    actor: Actor,
    email: str,
    comment_id: int | None,
) -> Flag | None:
    query = select(Flag).where(
        Flag.contribution_id == contribution.id,
        Flag.comment_id == comment_id,
        Flag.resolved_at.is_(None),
        Flag.account_id == actor.account_id,
    )
    if actor.account_id is None:
        # Neighbours can share an address: the mail address tells them apart where there is one.
        query = query.where(
            Flag.network_key == actor.network_key, Flag.email == email.strip().lower()
        )
    return session.scalars(query.order_by(Flag.id)).first()


def _joined(before: str, added: str) -> str:
    if not added or added in before:
        return before
    return f"{before}\n\n{added}".strip()[:TEXT_LENGTH]


def _weight(session: Session, actor: Actor) -> float:
    account = session.get(Account, actor.account_id) if actor.account_id is not None else None
    if account is None or not actor.is_verified:
        return VISITOR_WEIGHT
    return flag_weight(account.flags_upheld, account.flags_rejected)


def _new_receipt() -> str:
    groups = (
        "".join(secrets.choice(ALPHABET) for _ in range(_GROUP)) for _ in range(_RECEIPT_GROUPS)
    )
    return "-".join(groups)
