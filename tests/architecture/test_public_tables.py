"""Every table says whether the public sees anything of it: the caches are emptied by those."""

import pytest

from civic.app import FEATURES
from civic.database import Base

pytestmark = pytest.mark.architecture

SHOWN = {
    "action",
    "action_contribution",
    "action_update",
    "action_update_photo",
    "address",
    "area",
    "category",
    "category_question",
    "comment",
    "contribution",
    "decision",
    "department",
    "history_entry",
    "idea",
    "incident",
    "ledger_entry",
    "merge",
    "milestone",
    "photo",
    "role_grant",
    "status_change",
    "street",
    "street_word",
    "town",
}


def test_a_table_that_nobody_sees_says_so() -> None:
    """A new table of private rows sets ``is_shown = False``; one that is seen is listed here."""
    assert FEATURES, "which import the models"
    models = [mapper.class_ for mapper in Base.registry.mappers]
    shown = {model.__tablename__ for model in models if model.is_shown}
    assert shown == SHOWN
