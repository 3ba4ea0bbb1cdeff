"""The exchange calendar, from exchange_calendars into ref.sessions.

The database keeps what was loaded: a later library may append sessions and amend those ahead that nothing is for yet,
which is told; one that contradicts a session that has begun is refused there (MQ102). Trading days are never computed
from weekdays (ruling F17: the calendar row decides).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from runner import db

#: First date asked for: the first session of the sample's longest histories.
FIRST_DATE = date(1990, 1, 1)

#: Calendars there are, by exchange_calendars' code (a market identifier where it is an exchange's), with their names.
#: In the last two a session is a date of UTC.
CALENDARS = {
    "XNYS": "New York Stock Exchange",
    "24/5": "currencies: Monday to Friday, UTC",
    "24/7": "crypto: every day, UTC",
}

#: The one whose sessions the fund decides by; it is loaded whatever the universe holds.
PRINCIPAL = "XNYS"

#: The calendar of an asset class that has no exchange; every other class has its exchange's.
OF_CLASS = {"fx": "24/5", "crypto": "24/7"}


@dataclass(frozen=True)
class Calendar:
    """Sessions of one exchange, ascending: parallel tuples of length n; instants are time-zone aware (UTC)."""

    code: str
    name: str
    time_zone: str
    sessions: tuple[date, ...]
    opens: tuple[datetime, ...]
    closes: tuple[datetime, ...]
    half_days: tuple[bool, ...]


def build(code: str, last: date, first: date = FIRST_DATE) -> Calendar:
    """The calendar's sessions in [first, last]. What lies more than a year ahead is a rule's guess: do not ask for it.

    Raises: KeyError for a code that CALENDARS does not hold.
    """
    import exchange_calendars  # half a second, and only ingest needs it

    name = CALENDARS[code]
    calendar = exchange_calendars.get_calendar(code, start=first.isoformat(), end=last.isoformat())
    schedule = calendar.schedule
    return Calendar(
        code=code,
        name=name,
        time_zone=str(calendar.tz),
        sessions=tuple(schedule.index.date.tolist()),
        opens=tuple(schedule["open"].array.to_pydatetime().tolist()),
        closes=tuple(schedule["close"].array.to_pydatetime().tolist()),
        half_days=tuple(schedule.index.isin(calendar.early_closes).tolist()),
    )


def load(connection: db.Connection, calendar: Calendar) -> tuple[int, int]:
    """Write the calendar through ref.load_sessions; (sessions added, sessions already there).

    Raises: FundError MQ101 where it starts before the stored one, MQ102 where a stored session differs.
    """
    row = db.fetch_one(
        connection,
        "ref.load_sessions",
        calendar=calendar.code,
        name=calendar.name,
        time_zone=calendar.time_zone,
        sessions=list(calendar.sessions),
        opens=list(calendar.opens),
        closes=list(calendar.closes),
        half_days=list(calendar.half_days),
    )
    return row["sessions_added"], row["sessions_unchanged"]
