"""The session loop of simulated databases: advance the clock, sync, mark, cycle, session by session.

Demo, crisis runs, replays' histories and the backtest's check use this one loop. It can be stopped anywhere and run
again: a DONE cycle changes nothing, a fill is booked once, and the clock never goes back.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from runner import db, verifier
from runner.brokers.sync import SyncReport, sync_once
from runner.config import GoldenConfig
from runner.cycle import Report, Request, run_cycle
from runner.errors import UsageError
from runner.settings import Settings


@dataclass(frozen=True)
class SessionReport:
    """What one session brought: the syncs at its opening, after its close and after its cycle, and the cycle."""

    session: date
    syncs: tuple[SyncReport, ...]
    cycle: Report


#: Told the session and what is being done about it.
Progress = Callable[[date, str], None]


def run_sessions(
    settings: Settings,
    config: GoldenConfig,
    request: Request,
    first: date,
    last: date,
    progress: Progress = lambda _session, _step: None,
    on_session: Callable[[SessionReport], None] = lambda _: None,
) -> list[SessionReport]:
    """Run every session from `first` to `last`, both included; a cycle that does not end DONE ends the loop.

    At a session's opening what waited for it leaves; after its close plus the provider delay orders are filled, the
    book is marked and the session's cycle decides; what it decided leaves the same evening, behind a stop in its way.
    Where the clock already stands beyond a session's trade session the cycle decides all the same, and what it places
    is refused (SESSION_OVER). Raises: UsageError on a real database and for an empty range.
    """
    with db.connect("fund_decider", autocommit=True) as connection:
        if db.fetch_value(connection, "ops.instance_kind") != "simulated":
            raise UsageError(
                "--from and --to need a simulated database; this one is real",
                "Deploy another with `python -m runner deploy --simulated` under its own RUNNER_HOME or DATABASE_URL.",
            )
        sessions = db.fetch_all(
            connection,
            "ref.sessions_between",
            calendar=config.fund.session_calendar,
            first=first,
            last=last,
            delay_minutes=config.data.provider_delay_minutes,
        )
        if not sessions:
            raise UsageError(f"no session between {first} and {last}", "Give trading days the calendar holds.")
        reports = []
        for row in sessions:
            report = _one(connection, settings, config, request, row, progress)
            reports.append(report)
            on_session(report)
            if report.cycle.state not in ("DONE", "ALREADY_DONE"):
                break
    if reports[-1].cycle.state == "DONE":
        _anchor(settings, request.account)
    return reports


def settle_sessions(
    settings: Settings,
    config: GoldenConfig,
    account: str,
    after: date,
    count: int,
    progress: Progress = lambda _session, _step: None,
) -> list[tuple[date, tuple[SyncReport, ...]]]:
    """Sync the `count` sessions after `after` without deciding: what was ordered is filled, what is held is marked."""
    with db.connect("fund_decider", autocommit=True) as connection:
        rows = db.fetch_all(
            connection,
            "ref.sessions_after",
            calendar=config.fund.session_calendar,
            session=after,
            count=count,
            delay_minutes=config.data.provider_delay_minutes,
        )
        settled = [(row["session"], _syncs(connection, settings, config, account, row, progress)) for row in rows]
    _anchor(settings, account)
    return settled


def _anchor(settings: Settings, account: str) -> None:
    """What the last syncs wrote; those before a cycle are anchored with it."""
    verifier.anchor(settings, f"sync {account}")


def _one(
    connection: db.Connection,
    settings: Settings,
    config: GoldenConfig,
    request: Request,
    row: dict[str, Any],
    progress: Progress,
) -> SessionReport:
    session: date = row["session"]
    syncs = _syncs(connection, settings, config, request.account, row, progress)
    cycle = run_cycle(
        settings,
        Request(**{**request.__dict__, "as_of_session": session}),
        config=config,
        progress=lambda step: progress(session, step),
    )
    if cycle.state == "DONE":
        progress(session, "sync after the cycle")
        syncs = (*syncs, sync_once(settings, config, request.account))
    return SessionReport(session, syncs, cycle)


def _syncs(
    connection: db.Connection,
    settings: Settings,
    config: GoldenConfig,
    account: str,
    row: dict[str, Any],
    progress: Progress,
) -> tuple[SyncReport, ...]:
    """At the opening what waited for it is released; after the close plus the delay it is filled and marked.

    An account that its first cycle has yet to open has nothing to sync.
    """
    reports = []
    for instant in (row["opens_at"], row["as_of"]):
        if _advance(connection, instant) and db.fetch_all(connection, "trade.account", account=account):
            progress(row["session"], f"sync at {instant:%H:%M} UTC")
            reports.append(sync_once(settings, config, account))
    return tuple(reports)


def _advance(connection: db.Connection, instant: datetime) -> bool:
    """Move the clock to `instant` unless it already stands at or past it; whether there is anything to sync there."""
    now: datetime = db.fetch_value(connection, "ops.now")
    if now > instant:
        return False
    db.execute(connection, "ops.advance_clock", instant=instant)
    return True
