"""The verbs of moderation: decisions, merges, suspensions, appeals, holds."""

from civic.moderation.operations.accounts import reinstate, suspend
from civic.moderation.operations.appeals import answer_appeal, submit_appeal
from civic.moderation.operations.holds import hold_for
from civic.moderation.operations.measures import (
    close,
    hide,
    lock,
    publish,
    restore,
    unlock,
)
from civic.moderation.operations.merging import merge_as_duplicate, take_merge_back, unmerge
from civic.moderation.operations.redaction import redact, redact_comment, show_photos
from civic.moderation.operations.statements import Grounds

__all__ = [
    "Grounds",
    "answer_appeal",
    "close",
    "hide",
    "hold_for",
    "lock",
    "merge_as_duplicate",
    "publish",
    "redact",
    "redact_comment",
    "reinstate",
    "restore",
    "show_photos",
    "submit_appeal",
    "suspend",
    "take_merge_back",
    "unlock",
    "unmerge",
]
