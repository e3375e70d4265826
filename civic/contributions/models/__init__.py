"""The rows of the kernel: the contribution, its steps, its deadlines, where it came from."""

from civic.contributions.models.contribution import (
    IS_LITTLE_SEEN,
    IS_NOT_PUBLIC,
    IS_OPEN,
    IS_PUBLISHED,
    IS_SET_ASIDE,
    OPINION,
    Audience,
    Channel,
    Contribution,
    ModerationState,
    Scope,
)
from civic.contributions.models.deadline import IS_UNACKNOWLEDGED, Deadline, Due
from civic.contributions.models.external import ExternalRef, ImportChange, ImportRun
from civic.contributions.models.steps import IS_IN_FORCE, HistoryEntry, StatusChange

__all__ = [
    "IS_IN_FORCE",
    "IS_LITTLE_SEEN",
    "IS_NOT_PUBLIC",
    "IS_OPEN",
    "IS_PUBLISHED",
    "IS_SET_ASIDE",
    "IS_UNACKNOWLEDGED",
    "OPINION",
    "Audience",
    "Channel",
    "Contribution",
    "Deadline",
    "Due",
    "ExternalRef",
    "HistoryEntry",
    "ImportChange",
    "ImportRun",
    "ModerationState",
    "Scope",
    "StatusChange",
]
