"""Gaps that heal: every session that is missing is asked for again, each time of the next source, until it is there.

What is missing is market.open_gaps. Sessions of a symbol that lie close together and were asked for equally often are
one window. Whose turn it is follows from how often they were asked for; a source that fails is followed by the next at
once. Nothing is closed here: a gap is gone when its bar is there, or when an operator declared it absent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, timedelta

from runner import db
from runner.providers.base import RemoteProvider, Window

#: Gaps with at most so many sessions between them are asked for together: one request instead of several.
NEAR_SESSIONS = 10


@dataclass(frozen=True)
class Wanted:
    """Missing sessions of a symbol and whom to ask, in order. window: from the first of them to the last."""

    symbol: str
    asset_class: str
    window: Window
    sessions: tuple[date, ...]
    attempts: int
    providers: tuple[str, ...]


@dataclass(frozen=True)
class Asked:
    """What came of it: every source asked, in order, with the fault that kept it from answering (None: it answered)."""

    wanted: Wanted
    attempts: tuple[tuple[str, str | None], ...]


@dataclass(frozen=True)
class Healed:
    """A window after it was asked for. missing: sessions of it that still are; none is left where it is 0."""

    asked: Asked
    missing: int

    @property
    def reason(self) -> str | None:
        """Why sessions of it are still missing; None where none are."""
        if not self.missing:
            return None
        said = ", ".join(f"{provider}: {fault or 'has no bar'}" for provider, fault in self.asked.attempts)
        return f"{self.missing} sessions still missing ({said or 'no source reaches them'})"


#: Asks sources for windows, takes in what they give, and says who was asked.
Ask = Callable[[Sequence[Wanted]], Iterable[Asked]]


def turn(
    providers: Sequence[RemoteProvider], asset_class: str, first: date, today: date, attempts: int
) -> tuple[str, ...]:
    """Sources that have `asset_class` and reach back to `first`, by priority, the one whose turn it is first."""
    able = [
        provider.name
        for provider in sorted(providers, key=lambda p: p.priority)
        if first >= today - timedelta(days=provider.capabilities.get(asset_class, -1))
    ]
    start = attempts % len(able) if able else 0
    return tuple(able[start:] + able[:start])


def heal(
    connection: db.Connection, providers: Sequence[RemoteProvider], ask: Ask, symbols: Sequence[str] | None = None
) -> list[Healed]:
    """Ask again for everything that is missing (of `symbols`); `connection`: fund_ingestor's, in autocommit.

    Raises: FundError of a routine that refuses; a source that fails is in the result.
    """
    today = db.fetch_value(connection, "ops.now").astimezone(UTC).date()
    wanted = [
        Wanted(
            symbol=row["symbol"],
            asset_class=row["asset_class"],
            window=Window(row["sessions"][0], row["sessions"][-1]),
            sessions=tuple(row["sessions"]),
            attempts=row["attempts"],
            providers=turn(providers, row["asset_class"], row["sessions"][0], today, row["attempts"]),
        )
        for row in db.fetch_all(
            connection, "market.gap_windows", symbols=list(symbols) if symbols else None, near=NEAR_SESSIONS
        )
    ]
    healed = [Healed(Asked(one, ()), len(one.sessions)) for one in wanted if not one.providers]
    for asked in ask([one for one in wanted if one.providers]):
        missing = len(asked.wanted.sessions)
        for provider, fault in asked.attempts:
            missing = db.fetch_value(
                connection,
                "market.record_attempts",
                symbol=asked.wanted.symbol,
                provider=provider,
                sessions=list(asked.wanted.sessions),
                fault=fault,
            )
        healed.append(Healed(asked, missing))
    return healed
