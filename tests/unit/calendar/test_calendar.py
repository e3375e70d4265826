"""What the town promises is counted in French days, and a stopped clock is not counted."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from holidays.countries.france import France
from hypothesis import given
from hypothesis import strategies as st

from civic.calendar import (
    _public_holidays,
    add_calendar_days,
    add_working_days,
    due_at,
    is_working_day,
    working_days_between,
)

PARIS = ZoneInfo("Europe/Paris")
moments = st.datetimes(
    datetime(2020, 1, 1),
    datetime(2035, 1, 1),
    timezones=st.sampled_from([UTC, PARIS]),
)
few_days = st.integers(0, 60)


def paris(year: int, month: int, day: int, hour: int = 10) -> datetime:
    return datetime(year, month, day, hour, tzinfo=PARIS)


def day_of(moment: datetime | None) -> date:
    assert moment is not None
    return moment.astimezone(PARIS).date()


@pytest.mark.parametrize(
    "day",
    [
        date(2026, 5, 14),  # Ascension
        date(2026, 5, 25),  # lundi de Pentecôte
        date(2026, 7, 14),
        date(2026, 12, 25),
        date(2026, 11, 21),  # a Saturday
    ],
)
def test_nobody_works_on_these_days(day: date) -> None:
    assert not is_working_day(day)


def test_alsace_and_moselle_have_two_more_holidays() -> None:
    good_friday, saint_stephen = date(2026, 4, 3), date(2025, 12, 26)
    for day in (good_friday, saint_stephen):
        assert is_working_day(day)
        assert not is_working_day(day, alsace_moselle=True)


def test_working_days_jump_week_ends_and_holidays() -> None:
    # Friday, then the week-end, then Tuesday 14 July.
    assert day_of(add_working_days(paris(2026, 7, 10), 2, zone=PARIS)) == date(2026, 7, 15)


def test_a_deadline_is_the_last_second_of_its_day_in_the_town() -> None:
    due = add_working_days(paris(2026, 11, 20), 1, zone=PARIS)
    assert due == datetime(2026, 11, 23, 22, 59, 59, tzinfo=UTC)
    assert due.tzinfo is UTC


def test_the_day_is_that_of_the_town_not_of_utc() -> None:
    late = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)  # already Monday in Paris
    assert day_of(add_working_days(late, 1, zone=PARIS)) == date(2026, 11, 24)


def test_calendar_days_count_every_day_across_the_change_of_hour() -> None:
    assert day_of(add_calendar_days(paris(2026, 3, 27), 3, zone=PARIS)) == date(2026, 3, 30)


@given(moments, few_days, st.booleans())
def test_counting_is_the_inverse_of_adding(start: datetime, days: int, alsace: bool) -> None:
    due = add_working_days(start, days, zone=PARIS, alsace_moselle=alsace)
    assert working_days_between(start, due, zone=PARIS, alsace_moselle=alsace) == days


@given(moments, moments, few_days)
def test_who_writes_later_is_never_promised_an_earlier_day(
    a: datetime, b: datetime, days: int
) -> None:
    first, second = sorted((a, b))
    assert add_working_days(first, days, zone=PARIS) <= add_working_days(second, days, zone=PARIS)


def test_working_days_between_are_never_negative() -> None:
    assert working_days_between(paris(2026, 11, 20), paris(2026, 11, 2), zone=PARIS) == 0


def test_without_pause_the_deadline_is_the_plain_one() -> None:
    due = due_at(paris(2026, 11, 2), 5, working=True, pauses=[], zone=PARIS)
    assert day_of(due) == date(2026, 11, 9)


def test_a_pause_moves_the_deadline_by_its_working_days() -> None:
    # Asked on Tuesday, answered on Thursday: two days.
    pause = (paris(2026, 11, 3), paris(2026, 11, 5))
    due = due_at(paris(2026, 11, 2), 5, working=True, pauses=[pause], zone=PARIS)
    assert day_of(due) == date(2026, 11, 12)  # the 11th is a holiday


def test_a_pause_over_the_week_end_costs_calendar_days_only() -> None:
    pause = (paris(2026, 11, 6), paris(2026, 11, 8))
    start = paris(2026, 11, 2)
    working = due_at(start, 5, working=True, pauses=[pause], zone=PARIS)
    calendar = due_at(start, 5, working=False, pauses=[pause], zone=PARIS)
    assert (day_of(working), day_of(calendar)) == (date(2026, 11, 9), date(2026, 11, 9))


def test_while_the_question_is_open_there_is_no_deadline() -> None:
    pause = (paris(2026, 11, 3), None)
    assert due_at(paris(2026, 11, 2), 5, working=True, pauses=[pause], zone=PARIS) is None


def test_a_pause_after_the_deadline_changes_nothing() -> None:
    pauses = [(paris(2026, 11, 20), None)]
    due = due_at(paris(2026, 11, 2), 5, working=True, pauses=pauses, zone=PARIS)
    assert day_of(due) == date(2026, 11, 9)


def test_overlapping_pauses_count_once() -> None:
    one = [(paris(2026, 11, 3), paris(2026, 11, 6))]
    twice = [
        *one,
        (paris(2026, 11, 4), paris(2026, 11, 5)),
        (paris(2026, 10, 1), paris(2026, 10, 9)),
    ]
    start = paris(2026, 11, 2)
    assert due_at(start, 5, working=True, pauses=twice, zone=PARIS) == due_at(
        start, 5, working=True, pauses=one, zone=PARIS
    )


@given(moments, few_days, st.booleans(), st.lists(st.tuples(few_days, few_days), max_size=4))
def test_a_pause_never_brings_a_deadline_forward(
    start: datetime, days: int, working: bool, drawn: list[tuple[int, int]]
) -> None:
    pauses = [
        (start + timedelta(days=after), start + timedelta(days=after + length))
        for after, length in drawn
    ]
    plain = due_at(start, days, working=working, pauses=[], zone=PARIS)
    moved = due_at(start, days, working=working, pauses=pauses, zone=PARIS)
    assert plain is not None
    assert moved is not None
    assert moved >= plain


def test_nonsense_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        add_working_days(paris(2026, 11, 2), -1, zone=PARIS)
    with pytest.raises(ValueError, match="negative"):
        add_calendar_days(paris(2026, 11, 2), -1, zone=PARIS)
    with pytest.raises(ValueError, match="zone"):
        add_calendar_days(datetime(2026, 11, 2), 1, zone=PARIS)


def test_the_packed_holidays_are_those_of_the_library() -> None:
    years = range(2020, 2041)
    for region in ("", "57", "974", "972", "PM", "NC"):
        days = {day for day in _public_holidays(region) if day.year in years}
        assert days == set(France(subdiv=region or None, years=years)), region
