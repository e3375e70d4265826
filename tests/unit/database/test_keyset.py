"""A page goes on after the key of the last row, whatever the engine."""

import pytest
from sqlalchemy import create_engine, literal, select

from civic.database.keyset import follows

ROWS = [(2, 1), (2, 2), (1, 9), (3, 0), (2, 3)]


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("last", ROWS)
def test_pages_of_one_are_all_rows_in_order(last: tuple[int, int], *, descending: bool) -> None:
    ordered = sorted(ROWS, reverse=descending)
    beyond = []
    with create_engine("sqlite://").connect() as connection:
        for row in ordered:
            condition = follows([literal(one) for one in row], last, descending=descending)
            if connection.scalar(select(condition)):
                beyond.append(row)
    assert beyond == ordered[ordered.index(last) + 1 :]
