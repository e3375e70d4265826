"""The verbs that every kind shares. They flush, they never commit, they raise domain errors."""

from civic.contributions.operations.due import follow_source
from civic.contributions.operations.editing import (
    change_category,
    change_department,
    edit_text,
    record,
    relocate,
)
from civic.contributions.operations.moving import move, report_step
from civic.contributions.operations.publishing import hide, hold, publish
from civic.contributions.operations.rows import (
    TITLE_LENGTH,
    Draft,
    Past,
    first_steps_of,
    promises_of,
    row_of,
)
from civic.contributions.operations.submitting import BODY_LENGTH, check_draft, store
from civic.contributions.operations.undoing import TOO_LATE, take_back, undo_step

__all__ = [
    "BODY_LENGTH",
    "TITLE_LENGTH",
    "TOO_LATE",
    "Draft",
    "Past",
    "change_category",
    "change_department",
    "check_draft",
    "edit_text",
    "first_steps_of",
    "follow_source",
    "hide",
    "hold",
    "move",
    "promises_of",
    "publish",
    "record",
    "relocate",
    "report_step",
    "row_of",
    "store",
    "take_back",
    "undo_step",
]
