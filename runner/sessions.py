"""The session loop of simulated databases: advance the clock, sync, mark, cycle, session by session.

Demo, crisis runs, replays' histories and the backtest's check use this one loop. It can be stopped anywhere and run
again: a DONE cycle changes nothing, a fill is booked once, and the clock never goes back.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from runner import db, verifier
from runner.brokers.sync import SyncReport, sync_once
from runner.config import GoldenConfig
from runner.cycle import Report, Request, refusal, require_account, require_mode, run_cycle
from runner.errors import ExitCode, FundError, UsageError, most_severe
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
    *,
    past_halts: bool = False,
) -> list[SessionReport]:
    """Run every session from `first` to `last`, both included; a cycle that does not end DONE ends the loop.

    past_halts: not one whose halt nothing but further sessions can end (`_is_past`), which is an outcome like another.
    The others end it even so: a person or a command can mend them now, and the clock never goes back.

    At a session's opening what waited for it leaves; after its close plus the provider delay orders are filled, the
    book is marked and the session's cycle decides; what it decided leaves the same evening, behind a stop in its way.
    Where the clock already stands beyond a session's trade session the cycle decides all the same, and what it places
    is refused (SESSION_OVER). Raises: UsageError on a real database, for an unknown account, for a mode that does not
    fit it and for an empty range; NotAllowed for a mode that is not built.
    """
    require_mode(request.mode)
    with db.connect("fund_decider", autocommit=True) as connection:
        if db.fetch_value(connection, "ops.instance_kind") != "simulated":
            raise UsageError(
                "--from and --to need a simulated database; this one is real",
                "Deploy another with `python -m runner deploy --simulated` under its own RUNNER_HOME or DATABASE_URL.",
            )
        require_account(connection, config, request)
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
            if report.cycle.state not in ("DONE", "ALREADY_DONE") and not (
                past_halts and _is_past(connection, report.cycle)
            ):
                break
    if reports[-1].cycle.state == "DONE":
        _anchor(settings, request.account)
    return reports


def _is_past(connection: db.Connection, cycle: Report) -> bool:
    """Whether a halted cycle's session can only be left behind.

    No agent had a view of anything; or the kill switch stopped it, and the cooldown after losses, which counts
    sessions, is not over, before which nobody can resume (I15). Once it is over an operator is waited for.
    """
    if cycle.state != "HALTED":
        return False
    if cycle.exit_code is ExitCode.KILLED:
        cooldowns = db.fetch_all(connection, "ops.kill_cooldowns")
        return any(row["kind"] == "sessions" and not row["is_over"] for row in cooldowns)
    return cycle.reason == "NO_VALID_AGENT"


def refusal_of(reports: Sequence[SessionReport]) -> FundError | None:
    """What a range of sessions ends with: None where every cycle is DONE, else the most severe exit code there was.

    It names each reason with its sessions, and whence the range goes on where it ended for one.
    """
    refused = [report.cycle for report in reports if report.cycle.exit_code is not ExitCode.DONE]
    if not refused:
        return None
    worst = most_severe([cycle.exit_code for cycle in refused])
    last = reports[-1].cycle
    told = refusal(last if last in refused else next(cycle for cycle in refused if cycle.exit_code == worst))
    remedy = told.remedy
    if last in refused:
        remedy += f" The range goes on with --from {last.as_of_session}."
    if refused == [last]:
        return FundError(told.message, remedy, worst)
    reasons: dict[str, list[date]] = {}
    for cycle in refused:
        by = f" by layer {cycle.layer}" if cycle.layer else ""
        reasons.setdefault(f"{cycle.state}{by}: {cycle.reason}", []).append(cycle.as_of_session)
    counted = "; ".join(
        f"{len(days)} {reason}, {days[0]}" + (f" to {days[-1]}" if len(days) > 1 else "")
        for reason, days in reasons.items()
    )
    return FundError(f"{len(refused)} of {len(reports)} sessions were not decided: {counted}", remedy, worst)


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
