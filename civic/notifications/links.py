"""Signed addresses that mails carry: to open one's own contribution, to refuse further mails."""

from datetime import timedelta

from civic.accounts.tokens import sign, unsign

YEAR = timedelta(days=365)
"""How long one can refuse mails by the link of one."""
MONTH = timedelta(days=30)
"""How long a mail opens what its reader wrote; whoever reads the mailbox is its owner."""


def author_path(contribution_id: int, account_id: int, path: str) -> str:
    """Return an address that opens ``path`` as the author of the contribution."""
    payload = {"id": contribution_id, "account": account_id, "path": path}
    return f"/m/{sign(payload, purpose='author')}"


def read_author_path(token: str) -> tuple[int, int, str] | None:
    """Return the contribution's id, its author's and the page; None if altered or too old."""
    payload = unsign(token, purpose="author", max_age=MONTH)
    if not payload or "account" not in payload:
        return None
    return int(payload["id"]), int(payload["account"]), str(payload["path"])


def refusal_path(owner: str, owner_id: int, groups: str) -> str:
    """Return an address that stops the mails of ``groups``, joined by commas.

    ``owner`` is « account » or « department ».
    """
    payload = {"owner": owner, "id": owner_id, "groups": groups}
    return f"/mail/refuse/{sign(payload, purpose='refusal')}"


def read_refusal_path(token: str) -> tuple[str, int, list[str]] | None:
    """Return whose mails of which groups; None for a link that is altered or too old."""
    payload = unsign(token, purpose="refusal", max_age=YEAR)
    if not payload or "owner" not in payload:
        return None
    return str(payload["owner"]), int(payload["id"]), str(payload["groups"]).split(",")
