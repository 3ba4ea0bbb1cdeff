"""The exchange calendar: real holidays and half days, loaded once and never silently changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from runner import calendar, db
from runner.errors import FundError


@pytest.fixture(scope="module")
def nyse() -> calendar.Calendar:
    """2012 and 2013 to the end of February."""
    return calendar.build("XNYS", date(2013, 2, 28), first=date(2012, 1, 1))


def test_f17_closures_and_half_days_are_the_exchanges(nyse: calendar.Calendar) -> None:
    sessions = set(nyse.sessions)
    for closed in (date(2012, 10, 29), date(2012, 10, 30), date(2012, 12, 25), date(2013, 2, 18)):
        assert closed not in sessions, "Hurricane Sandy closed two days, beside the holidays"
    half = {day for day, flag in zip(nyse.sessions, nyse.half_days, strict=True) if flag}
    assert half == {date(2012, 7, 3), date(2012, 11, 23), date(2012, 12, 24)}
    at = dict(zip(nyse.sessions, nyse.closes, strict=True))
    assert at[date(2012, 11, 23)] == datetime(2012, 11, 23, 18, 0, tzinfo=UTC)
    assert at[date(2013, 2, 27)] == datetime(2013, 2, 27, 21, 0, tzinfo=UTC)
    assert at[date(2012, 7, 5)] == datetime(2012, 7, 5, 20, 0, tzinfo=UTC), "summer time"
    assert nyse.time_zone == "America/New_York"


@pytest.mark.parametrize(("code", "days"), [("24/7", 31), ("24/5", 22)])
def test_without_an_exchange_a_session_is_a_date_of_utc(code: str, days: int) -> None:
    december = calendar.build(code, date(2024, 12, 31), first=date(2024, 12, 1))
    assert len(december.sessions) == days
    for session, opens, closes in zip(december.sessions, december.opens, december.closes, strict=True):
        assert opens == datetime.combine(session, time(), UTC) and closes - opens == timedelta(days=1)


def test_loading_is_idempotent_and_extends_at_the_end(database: str, nyse: calendar.Calendar) -> None:
    n = len(nyse.sessions)
    with db.connect("fund_ingestor", autocommit=True) as connection:
        assert calendar.load(connection, cut(nyse, slice(0, n - 20))) == (n - 20, 0)
        assert calendar.load(connection, nyse) == (20, n - 20)
        assert calendar.load(connection, nyse) == (0, n)
        assert calendar.load(connection, cut(nyse, slice(50, n))) == (0, n - 50)
    with db.connect(db.DEPLOYER) as connection:
        numbers = db.fetch_text(connection, "test", "select session_number from ref.sessions order by session")
    assert [row["session_number"] for row in numbers] == list(range(1, n + 1))


def test_what_contradicts_a_stored_session_is_refused(database: str, nyse: calendar.Calendar) -> None:
    later = replace(nyse, closes=(*nyse.closes[:-1], nyse.closes[-1] + timedelta(hours=1)))
    with db.connect("fund_ingestor", autocommit=True) as connection:
        calendar.load(connection, cut(nyse, slice(10, None)))
        with pytest.raises(FundError, match="MQ101"):
            calendar.load(connection, nyse)
        with pytest.raises(FundError, match=r"MQ102.*session=2013-02-28"):
            calendar.load(connection, cut(later, slice(10, None)))


def cut(whole: calendar.Calendar, part: slice) -> calendar.Calendar:
    """The calendar with only these sessions."""
    return replace(
        whole,
        sessions=whole.sessions[part],
        opens=whole.opens[part],
        closes=whole.closes[part],
        half_days=whole.half_days[part],
    )
