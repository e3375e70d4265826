"""What comments do when accounts come and go."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.accounts.models import Account
from civic.accounts.signals import account_erased, account_exported
from civic.comments.models import Comment, CommentVote
from civic.comments.operations import forget_author
from civic.comments.queries import list_supports
from civic.contributions.counters import add_source
from civic.contributions.models import Contribution


def connect() -> None:
    """Listen; listening twice changes nothing."""
    add_source(list_supports)
    account_erased.connect(forget)
    account_exported.connect(export)


def forget(session: Session, account: Account, **_: Any) -> None:
    """Leave the comments of an erased account without a name."""
    forget_author(session, account.id)


def export(session: Session, account: Account, data: dict[str, Any], **_: Any) -> None:
    """Give the person what they said, and which comments they found helpful or not."""
    rows = session.execute(
        select(Contribution.reference, Comment.created_at, Comment.stance, Comment.body)
        .join(Contribution, Contribution.id == Comment.contribution_id)
        .where(Comment.author_id == account.id)
        .order_by(Comment.created_at, Comment.id)
    )
    data["comments"] = [
        {"reference": reference, "at": at.isoformat(), "stance": stance.value, "body": body}
        for reference, at, stance, body in rows
    ]
    judged = session.execute(
        select(Contribution.reference, CommentVote.at, CommentVote.is_helpful)
        .join(Comment, Comment.id == CommentVote.comment_id)
        .join(Contribution, Contribution.id == Comment.contribution_id)
        .where(CommentVote.account_id == account.id)
        .order_by(CommentVote.at, CommentVote.comment_id)
    )
    data["comments_judged"] = [
        {"reference": reference, "at": at.isoformat(), "is_helpful": is_helpful}
        for reference, at, is_helpful in judged
    ]
