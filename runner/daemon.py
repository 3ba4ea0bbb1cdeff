"""The scheduler: at each firing of a cron expression it asks the database what is due, and starts that.

It decides nothing and holds nothing: which cycle is due, and when one that failed is tried again, is a question to rows
(`decide.due_cycles`), so one that was killed forgets nothing and a second one costs work and no more. What it starts
are the commands a person would: `ingest --live`, then `cycle`, each a process of its own with the exit codes of
ARCHITECTURE 6. A cycle that ended before it had a run to say so is a row of `decide.failed_starts` and an alert. Orders
and alerts are carried by `sync` and `notify`, which hold keys that no cycle may see (I27).
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import IO, Any
from zoneinfo import ZoneInfo

from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger

from runner import db, deploy, lock
from runner.config import GoldenConfig
from runner.cycle import Request, require_account
from runner.db import Connection
from runner.errors import Conflict, DataUnusable, ExitCode, FundError, UsageError
from runner.interrupts import stop_signal
from runner.log import get_logger, redact, redacted_traceback

log = get_logger("daemon")

ROLE = "fund_decider"

#: Asked of the network; a source that answers nobody must not cost the session its cycle.
INGEST_SECONDS_MAX = 1800.0

#: Beyond the lease of its run a cycle cannot commit any more.
CYCLE_GRACE_SECONDS = 60.0

#: From asking a process to end until it is ended.
END_SECONDS = 30.0

#: Of what a process said, where its reason is looked for.
_TAIL_BYTES = 16384


@dataclass(frozen=True)
class Plan:
    """What is scheduled. settle_seconds: from when a session's bars can be known to its cycle, for `sync` to mark."""

    accounts: tuple[str, ...]
    ingest: bool = True
    settle_seconds: int = 300


@dataclass(frozen=True)
class Ended:
    """How a process ended: exit code, seconds it took, and the last line it said."""

    code: int
    seconds: float
    line: str


@dataclass(frozen=True)
class Started:
    """A cycle that was due, and how it ended."""

    account: str
    as_of_session: date
    ended: Ended


@dataclass(frozen=True)
class Standing:
    """An account whose cycle is not done and not due: how its last run or start ended, and when the next is started.

    due_at: None where nobody starts it but a person. state: None where it has not been started.
    """

    account: str
    as_of_session: date
    state: str | None
    exit_code: int | None
    due_at: datetime | None


@dataclass
class Poll:
    """What one firing found and did. failed: runs and sessions the watchdog found that failed or never ran."""

    at: datetime
    failed: int = 0
    ingest: Ended | None = None
    cycles: list[Started] = field(default_factory=list)
    waiting: list[Standing] = field(default_factory=list)


#: Runs a command of ours: its words, the seconds it may take, and an event that ends it (None: it is not to be ended).
Run = Callable[[Sequence[str], float, threading.Event | None], Ended]


def trigger(cron: str, time_zone: str) -> CronTrigger:
    """The firings of a cron expression of five fields in an exchange's time.

    Raises: UsageError for one that is none, and for days of the week by number: cron's 1 is Monday, here it would be
    Tuesday.
    """
    fields = cron.split()
    if len(fields) == 5 and any(sign.isdigit() for sign in fields[4]):
        raise UsageError(f"--cron {cron!r}: days of the week by number mean different days to different programs",
                         "Name them: mon-fri.")  # fmt: skip
    try:
        found = CronTrigger.from_crontab(cron, timezone=ZoneInfo(time_zone))
    except ValueError as error:
        raise UsageError(f"--cron {cron!r}: {error}", "Five fields: minute hour day month weekday.") from None
    if found.get_next_fire_time(None, datetime.now(UTC)) is None:
        raise UsageError(f"--cron {cron!r}: never fires", "Give days that come.")
    return found


def ready(config: GoldenConfig, plan: Plan) -> str:
    """The time zone of the exchange, once everything is there that a cycle needs from the start.

    Raises: UsageError on a simulated database and for an unknown account, IntegrityError where the schema or the pinned
    configuration is another, DataUnusable without a calendar, DatabaseUnreachable.
    """
    with db.connect(ROLE, autocommit=True) as connection:
        deploy.require_deployed(connection)
        if db.fetch_value(connection, "ops.instance_kind") != "real":
            raise UsageError(
                "on a simulated database time stands still: nothing would ever be due",
                "`python -m runner cycle --from D1 --to D2` runs its sessions.",
            )
        lock.require_pinned(connection, config)
        for account in plan.accounts:
            require_account(connection, config, Request(account=account))
        found = db.fetch_all(connection, "ref.time_zone", calendar=config.fund.session_calendar)
    if not found:
        raise DataUnusable(f"the calendar {config.fund.session_calendar} is not loaded")
    return str(found[0]["time_zone"])


def poll(config: GoldenConfig, plan: Plan, stop: threading.Event, run: Run | None = None) -> Poll:
    """Ask what is due and start it; what fails is told in the database.

    Raises: DatabaseUnreachable where it could not even be asked.
    """
    run = run or run_command
    with db.connect(ROLE, autocommit=True) as connection:
        done = Poll(db.fetch_value(connection, "ops.now"), _watched(connection))
        rows = _stand(connection, config, plan)
    done.waiting = [
        Standing(*(row[name] for name in ("account", "as_of_session", "state", "exit_code", "due_at")))
        for row in rows
        if not row["is_due"] and row["state"] != "DONE" and row["opens_at"] > done.at
    ]
    due = [row for row in rows if row["is_due"]]
    # A source that answers nobody must leave time for the cycle: what that orders is for the opening.
    halves = [(row["opens_at"] - done.at).total_seconds() / 2 for row in due]
    if due and plan.ingest:
        done.ingest = run(("ingest", "--live"), min([INGEST_SECONDS_MAX, *halves]), stop)
        if done.ingest.code not in (ExitCode.DONE, ExitCode.DATA) and not stop.is_set():
            _tell_ingest_failed(done.ingest)
    for row in due:
        if stop.is_set() or not _still_due(config, plan, row["account"]):
            continue
        # To its end, also when the daemon is told to end: it takes seconds, and what it has begun is the session's.
        words = ("cycle", "--account", row["account"])
        ended = run(words, config.cycle.lease_seconds + CYCLE_GRACE_SECONDS, None)
        done.cycles.append(Started(row["account"], row["as_of_session"], ended))
        if ended.code != ExitCode.DONE:
            _record_failed_start(row, ended, done.at)
    return done


def _watched(connection: Connection) -> int:
    """The heartbeat, and how many cycles the watchdog found; one that `sync` is in the way of is asked next time."""
    try:
        db.execute(
            connection, "ops.beat", process="daemon", host=socket.gethostname(), pid=os.getpid(), detail=db.as_json({})
        )
        return int(db.fetch_value(connection, "decide.watch_cycles", account=None))
    except Conflict as error:
        log.warning("not_watched", error=str(error))
        return 0


def _stand(connection: Connection, config: GoldenConfig, plan: Plan) -> list[dict[str, Any]]:
    return db.fetch_all(
        connection,
        "decide.due_cycles",
        calendar=config.fund.session_calendar,
        accounts=list(plan.accounts),
        settle_seconds=plan.settle_seconds,
    )


def _still_due(config: GoldenConfig, plan: Plan, account: str) -> bool:
    """An ingest, or another account's cycle, may have taken until the opening, and somebody else may have begun."""
    try:
        with db.connect(ROLE, autocommit=True) as connection:
            return any(row["is_due"] for row in _stand(connection, config, plan) if row["account"] == account)
    except FundError as error:
        log.warning("not_asked", account=account, error=str(error))
        return False


def _record_failed_start(row: dict[str, Any], ended: Ended, since: datetime) -> None:
    """Where the cycle has no run that says so itself. A database that is away is in the log, and is asked next time."""
    try:
        with db.connect(ROLE, autocommit=True) as connection:
            db.fetch_value(
                connection,
                "decide.record_failed_start",
                account=row["account"],
                as_of_session=row["as_of_session"],
                exit_code=ended.code,
                reason=redact(ended.line),
                since=since,
            )
    except FundError as error:
        log.error("failed_start_not_recorded", account=row["account"], exit_code=ended.code, error=str(error))


def _tell_ingest_failed(ended: Ended) -> None:
    """An alert, once an hour: an ingest that ends 13 has told of its sources itself."""
    try:
        with db.connect(ROLE, autocommit=True) as connection:
            db.fetch_value(
                connection,
                "notify.enqueue",
                level="MEDIUM",
                category="MARKET_DATA",
                code="INGEST_FAILED",
                message=redact(f"ingest --live, exit {ended.code}: {ended.line}"),
                symbol=None,
                account=None,
                detail=db.as_json({}),
                window_seconds=3600,
            )
    except FundError as error:
        log.error("ingest_failure_not_told", exit_code=ended.code, error=str(error))


def run_forever(config: GoldenConfig, plan: Plan, firings: BaseTrigger, on_poll: Callable[[Poll], None]) -> None:
    """Poll at once, then at every firing, until SIGINT or SIGTERM: a running ingest is ended, a running cycle ends.

    Firings that come while one is at work are one, the next; one that fails is logged and the next comes all the same.
    """
    with stop_signal() as stop:
        while not stop.is_set():
            try:
                on_poll(poll(config, plan, stop))
            except FundError as error:
                log.warning("poll_failed", error=str(error))
            except Exception as error:  # whatever it was, the next firing comes: a scheduler that ends trades nothing
                log.error("poll_failed", error=str(error), traceback=redacted_traceback(error))
            _wait(firings, stop)


def _wait(firings: BaseTrigger, stop: threading.Event) -> None:
    """Until the next firing. The clock is read again each minute: one that is set back brings the firing nearer."""
    fires_at = firings.get_next_fire_time(None, datetime.now(UTC))
    while not stop.is_set() and fires_at is not None and (now := datetime.now(UTC)) < fires_at:
        stop.wait(min(60.0, (fires_at - now).total_seconds()))
        if datetime.now(UTC) < now:
            fires_at = firings.get_next_fire_time(None, datetime.now(UTC))


def poll_once(config: GoldenConfig, plan: Plan) -> Poll:
    """One poll, for a scheduler that is not ours."""
    with stop_signal() as stop:
        return poll(config, plan, stop)


def run_command(words: Sequence[str], seconds_max: float, stop: threading.Event | None) -> Ended:
    """`python -m runner WORDS` in a process and a session of its own: a signal to this one is none to it.

    What it says goes through a file, so that it outlives this process too, and is passed on to standard error as it
    comes. At `seconds_max`, and when `stop` is set, it is asked to end, then ended.
    """
    began, why = time.monotonic(), ""
    try:
        with tempfile.TemporaryFile() as said:
            started = subprocess.Popen(
                [sys.executable, "-u", "-m", "runner", *words],
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            passed = 0
            while started.poll() is None:
                if not why and time.monotonic() - began > seconds_max:
                    why = f"ended after {seconds_max:.0f} s"
                elif not why and stop is not None and stop.is_set():
                    why = "stopped with the daemon"
                if why:
                    _end(started)
                time.sleep(0.1)
                passed = _pass_on(said, passed)
            _pass_on(said, passed)
            if not why and started.returncode < 0:
                why = f"killed by signal {-started.returncode}"
            return Ended(started.returncode, time.monotonic() - began, why or redact(_reason(said)))
    except OSError as error:  # no room for what it says, no process to be had
        return Ended(int(ExitCode.UNEXPECTED), time.monotonic() - began, f"not started: {error}")


def _pass_on(said: IO[bytes], passed: int) -> int:
    """Print what came since; where that ends. The writer's place in the file is not touched.

    That nobody reads it is no reason not to trade: a full disk or a closed pipe behind standard error is passed over.
    """
    while text := os.pread(said.fileno(), 1 << 16, passed):
        passed += len(text)
        with contextlib.suppress(OSError, ValueError):
            sys.stderr.write(text.decode("utf-8", "replace"))
            sys.stderr.flush()
    return passed


def _reason(said: IO[bytes]) -> str:
    """The last line that is an error's, else the last: libraries have a word to say at the end of a process too."""
    size = os.fstat(said.fileno()).st_size
    text = os.pread(said.fileno(), _TAIL_BYTES, max(0, size - _TAIL_BYTES)).decode("utf-8", "replace").replace("\0", "")
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return next((line for line in reversed(lines) if line.startswith("error: ")), lines[-1] if lines else "")


def _end(started: subprocess.Popen[bytes]) -> None:
    """Ask a process and its own to end, then end them."""
    for number in (signal.SIGINT, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(started.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            started.wait(END_SECONDS)
            return
