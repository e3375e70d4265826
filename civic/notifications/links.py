"""Signed addresses that mails carry: to open one's own contribution, to refuse further mails."""

from datetime import timedelta

from civic.accounts.tokens import sign, unsign

YEAR = timedelta(days=365)
"""How long a link works. Whoever reads the mailbox is its owner, as for the link of a receipt."""


def author_path(contribution_id: int, path: str) -> str:
    """Return an address that opens ``path`` as the author of the contribution."""
    return f"/m/{sign({'id': contribution_id, 'path': path}, purpose='author')}"


def read_author_path(token: str) -> tuple[int, str] | None:
    """Return the contribution's id and the page; None for a link that is altered or too old."""
    payload = unsign(token, purpose="author", max_age=YEAR)
    return (int(payload["id"]), str(payload["path"])) if payload else None


def refusal_path(account_id: int, group: str) -> str:
    """Return an address that stops the mails of ``group`` to this person."""
    return f"/mail/refuse/{sign({'id': account_id, 'group': group}, purpose='refusal')}"


def read_refusal_path(token: str) -> tuple[int, str] | None:
    """Return the account's id and the group; None for a link that is altered or too old."""
    payload = unsign(token, purpose="refusal", max_age=YEAR)
    return (int(payload["id"]), str(payload["group"])) if payload else None
