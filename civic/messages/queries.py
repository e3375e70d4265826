"""Reading what the town and a person wrote to each other."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, lazyload

from civic.accounts.models import Account
from civic.contributions.models import Audience
from civic.messages.models import Message


def list_private(session: Session, contribution_id: int) -> Sequence[Message]:
    """Return what the author of a contribution may read and the public may not, oldest first."""
    return session.scalars(
        select(Message)
        .where(
            Message.contribution_id == contribution_id,
            Message.audience == Audience.AUTHOR,
        )
        .options(joinedload(Message.author).options(lazyload(Account.grants)))
        .order_by(Message.at, Message.id)
    ).all()
