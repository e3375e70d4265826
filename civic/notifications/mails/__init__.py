"""What the mails say: one function a template, from the stored data to words.

They are called with the recipient's language in force. The words are data, so that the text and
the HTML of a mail are always the same; civic.notifications.rendering lays them out.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from civic.notifications.events import EVENTS, STAFF_GROUPS
from civic.notifications.mails import (
    about_accounts,
    about_actions,
    about_contributions,
    about_decisions,
    digests,
    for_departments,
    for_staff,
)
from civic.notifications.mails.words import Mail

Writer = Callable[[dict[str, Any]], Mail]

WRITERS: Final[Mapping[str, Writer]] = {
    "sign_in": about_accounts.sign_in,
    "email_change": about_accounts.email_change,
    "proof": about_accounts.proof,
    "new_device": about_accounts.new_device,
    "password_guessed": about_accounts.password_guessed,
    "email_change_asked": about_accounts.email_change_asked,
    "email_changed": about_accounts.email_changed,
    "inactivity": about_accounts.inactivity,
    "role_given": about_accounts.role_given,
    "acknowledgement": about_contributions.acknowledgement,
    "status_changed": about_contributions.status_changed,
    "comment": about_contributions.comment,
    "reply": about_contributions.reply,
    "merged": about_contributions.merged,
    "unmerged": about_contributions.unmerged,
    "action_linked": about_actions.linked,
    "action_updated": about_actions.updated,
    "action_closed": about_actions.closed,
    "decision": about_decisions.decision,
    "appeal_received": about_decisions.appeal_received,
    "appeal_answered": about_decisions.appeal_answered,
    "flag_answered": about_decisions.flag_answered,
    "private_answer": about_contributions.private_answer,
    "message": about_contributions.message,
    **{event.code: for_staff.news for event in EVENTS.values() if event.group in STAFF_GROUPS},
    "digest": digests.digest,
    "reminder": for_departments.reminder,
    "overdue": for_departments.overdue,
}

__all__ = ["WRITERS", "Mail", "Writer"]
