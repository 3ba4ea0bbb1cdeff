"""The broker's own time: an instant that stands still or runs, and the sessions it falls into.

Instants are integers, nanoseconds since 1970 UTC, because Alpaca prints nanoseconds. Every fact takes an instant of its
own (`tick`), a millisecond and 137 ns after the one before where the clock stands still: never two equal ones, and
never one a microsecond can hold, unless a test asks for ties.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

NEW_YORK = ZoneInfo("America/New_York")
SECOND = 1_000_000_000
STEP = 1_000_137


def to_ns(instant: datetime) -> int:
    """Nanoseconds of an aware datetime."""
    whole = int(instant.replace(microsecond=0).timestamp())
    return whole * SECOND + instant.microsecond * 1000


def to_datetime(ns: int) -> datetime:
    """Aware UTC datetime, nanoseconds cut."""
    return datetime.fromtimestamp(ns // SECOND, UTC) + timedelta(microseconds=ns % SECOND // 1000)


def parse_instant(text: str) -> int:
    """RFC 3339 with up to nine decimals, or a plain date, which is midnight UTC. Raises: ValueError."""
    head, _, tail = text.strip().partition(".")
    digits = ""
    while tail and tail[0].isdigit():
        digits, tail = digits + tail[0], tail[1:]
    instant = datetime.fromisoformat(head + tail)
    return to_ns(instant if instant.tzinfo else instant.replace(tzinfo=UTC)) + int(digits.ljust(9, "0")[:9] or 0)


def rfc3339(ns: int, zone: ZoneInfo | None = None) -> str:
    """As Go prints RFC3339Nano: no trailing zeros; `Z`, or the offset of `zone`."""
    instant = datetime.fromtimestamp(ns // SECOND, zone or UTC)
    fraction = f"{ns % SECOND:09d}".rstrip("0")
    offset = "Z" if zone is None else f"{instant:%z}"[:3] + ":" + f"{instant:%z}"[3:]
    return f"{instant:%Y-%m-%dT%H:%M:%S}{'.' + fraction if fraction else ''}{offset}"


@cache
def _nyse() -> dict[date, tuple[int, int]]:
    import exchange_calendars

    schedule = exchange_calendars.get_calendar("XNYS", start="2000-01-03").schedule
    return {
        row.Index.date(): (to_ns(row.open.to_pydatetime()), to_ns(row.close.to_pydatetime()))
        for row in schedule.itertuples()
    }


class Clock:
    """The broker's clock. skew: nanoseconds by which what it *tells* differs from what it works by."""

    def __init__(self, instant: int | None = None, running: bool = False) -> None:
        self._overrides: dict[date, tuple[int, int] | None] = {}
        self.skew = 0
        self.ties = False
        self.set(instant if instant is not None else to_ns(datetime.now(UTC)), running or instant is None)

    def set(self, instant: int, running: bool = False) -> None:
        """Stand at `instant`, or run from it at the speed of the wall."""
        self._base, self._running, self._from = instant, running, time.monotonic_ns()
        self._last = instant

    def now(self) -> int:
        """The instant, without using it up."""
        moved = time.monotonic_ns() - self._from if self._running else 0
        return max(self._base + moved, self._last)

    def tick(self) -> int:
        """The instant of one fact."""
        step = 0 if self.ties else STEP
        self._last = max(self.now(), self._last + step)
        return self._last

    def told(self) -> int:
        """What the broker says the time is."""
        return self.now() + self.skew

    # -- sessions ----

    def close_day(self, day: date) -> None:
        """No session on `day`."""
        self._overrides[day] = None

    def half_day(self, day: date, close: str = "13:00") -> None:
        """A session of `day` that ends at `close`, New York."""
        self._overrides[day] = (_new_york(day, "09:30"), _new_york(day, close))

    def hours(self, day: date) -> tuple[int, int] | None:
        """Opening and close of a day's session."""
        return self._overrides[day] if day in self._overrides else _nyse().get(day)

    def sessions_from(self, ns: int) -> Iterator[tuple[date, int, int]]:
        """Sessions that close after `ns`, in order, for a month ahead."""
        day = datetime.fromtimestamp(ns // SECOND, NEW_YORK).date()
        for offset in range(31):
            hours = self.hours(day + timedelta(days=offset))
            if hours and hours[1] > ns:
                yield day + timedelta(days=offset), *hours

    def session_of(self, ns: int) -> tuple[date, int, int]:
        """The session that runs at `ns`, else the next one."""
        return next(self.sessions_from(ns))

    def is_open(self) -> bool:
        """Whether a session runs."""
        now = self.now()
        return self.session_of(now)[1] <= now

    def boundaries(self, start: int, end: int) -> list[tuple[int, str]]:
        """Openings and closes in (start, end], in order."""
        found, at = [], start
        while True:
            step = [(day_open, day_close) for _, day_open, day_close in self.sessions_from(at) if day_open <= end]
            for day_open, day_close in step:
                found += [(at_, what) for at_, what in ((day_open, "open"), (day_close, "close")) if start < at_ <= end]
            if not step or step[-1][1] >= end:
                return sorted(set(found))
            at = step[-1][1]

    def as_json(self) -> dict[str, Any]:
        """GET /v2/clock."""
        now = self.now()
        _, day_open, day_close = self.session_of(now)
        running = day_open <= now
        next_open = self.session_of(day_close)[1] if running else day_open
        return {
            "timestamp": rfc3339(self.told(), NEW_YORK),
            "is_open": running,
            "next_open": rfc3339(next_open, NEW_YORK),
            "next_close": rfc3339(day_close, NEW_YORK),
        }

    def calendar(self, first: date, last: date) -> list[dict[str, str]]:
        """GET /v2/calendar."""
        rows = []
        for offset in range((last - first).days + 1):
            day = first + timedelta(days=offset)
            if hours := self.hours(day):
                day_open, day_close = (datetime.fromtimestamp(at // SECOND, NEW_YORK) for at in hours)
                rows.append(
                    {
                        "date": day.isoformat(),
                        "open": f"{day_open:%H:%M}",
                        "close": f"{day_close:%H:%M}",
                        "session_open": "0400",
                        "session_close": "2000",
                        "settlement_date": day.isoformat(),
                    }
                )
        return rows


def _new_york(day: date, text: str) -> int:
    return to_ns(datetime.combine(day, time_of_day.fromisoformat(text), NEW_YORK))
