"""A flag weighs what its owner has earned."""

import pytest

from civic.flags.weights import VISITOR_WEIGHT, flag_weight


def test_three_fresh_accounts_weigh_less_than_one_who_was_often_right() -> None:
    assert 3 * flag_weight(0, 0) < flag_weight(20, 0)


def test_a_visitor_weighs_less_than_a_fresh_account() -> None:
    assert flag_weight(0, 0) > VISITOR_WEIGHT


def test_being_right_adds_weight_and_being_wrong_takes_it() -> None:
    assert flag_weight(4, 2) > flag_weight(3, 2) > flag_weight(3, 3)


def test_the_weight_is_a_share() -> None:
    assert 0 < flag_weight(0, 10_000) < flag_weight(10_000, 0) < 1


def test_a_record_cannot_be_negative() -> None:
    with pytest.raises(ValueError, match="not counts"):
        flag_weight(-1, 0)
