"""The scheduler: at each firing of a cron expression it asks the database what is due, and starts that.

It decides nothing and holds nothing: which cycle is due, and when one that failed is tried again, is a question to the
rows of the runs (`decide.due_cycles`), so one that was killed forgets nothing and two do no harm. What it starts are
the commands a person would: `ingest --live`, then `cycle`, each a process of its own with the exit codes of
ARCHITECTURE 6. A cycle that could store nothing about itself (exit 1, 2, 12, 16) is an alert of this one's. Orders and
alerts are carried by `sync` and `notify`, which hold keys that no cycle may see (I27).
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
from datetime import date, datetime
from typing import IO, Any, Protocol
from zoneinfo import ZoneInfo

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger

from runner import db, deploy
from runner.config import GoldenConfig
from runner.cycle import Request, require_account
from runner.db import Connection
from runner.errors import DatabaseUnreachable, DataUnusable, ExitCode, FundError, UsageError
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

#: How a cycle ends that has no row of its own to say so.
_UNTOLD = (ExitCode.UNEXPECTED, ExitCode.USAGE, ExitCode.INTEGRITY, ExitCode.DATABASE)


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


@dataclass
class Look:
    """What one firing found and did. watched: cycles that failed or never ran, told by the watchdog."""

    at: datetime
    watched: int = 0
    ingest: Ended | None = None
    cycles: list[Started] = field(default_factory=list)


class Runs(Protocol):
    """Runs a command of ours to its end; `run` in earnest."""

    def __call__(self, words: Sequence[str], seconds_max: float, stop: threading.Event | None) -> Ended:
        """Ended in time, ended at `seconds_max`, or, where `stop` is given and set, ended then."""
        ...


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
        return CronTrigger.from_crontab(cron, timezone=ZoneInfo(time_zone))
    except ValueError as error:
        raise UsageError(f"--cron {cron!r}: {error}", "Five fields: minute hour day month weekday.") from None


def ready(config: GoldenConfig, plan: Plan) -> str:
    """The time zone of the exchange, once everything is there that a cycle needs from the start.

    Raises: UsageError on a simulated database and for an unknown account, IntegrityError where it was not deployed,
    DataUnusable without a calendar, DatabaseUnreachable.
    """
    with db.connect(ROLE, autocommit=True) as connection:
        deploy.require_deployed(connection)
        if db.fetch_value(connection, "ops.instance_kind") != "real":
            raise UsageError(
                "on a simulated database time stands still: nothing would ever be due",
                "`python -m runner cycle --from D1 --to D2` runs its sessions.",
            )
        for account in plan.accounts:
            require_account(connection, config, Request(account=account))
        found = db.fetch_all(connection, "ref.time_zone", calendar=config.fund.session_calendar)
    if not found:
        raise DataUnusable(f"the calendar {config.fund.session_calendar} is not loaded")
    return str(found[0]["time_zone"])


def look(config: GoldenConfig, plan: Plan, run: Runs, stop: threading.Event) -> Look:
    """Ask what is due and start it; what fails is told, in the database where that can be.

    Raises: DatabaseUnreachable where it could not even be asked.
    """
    with db.connect(ROLE, autocommit=True) as connection:
        done = Look(db.fetch_value(connection, "ops.now"))
        db.execute(
            connection, "ops.beat", process="daemon", host=socket.gethostname(), pid=os.getpid(), detail=db.as_json({})
        )
        done.watched = db.fetch_value(connection, "decide.watch_cycles", account=None)
        due = _due(connection, config, plan)
    if due and plan.ingest:
        done.ingest = run(("ingest", "--live"), INGEST_SECONDS_MAX, stop)
        if done.ingest.code not in (ExitCode.DONE, ExitCode.DATA) and not stop.is_set():
            _tell("MEDIUM", "MARKET_DATA", "INGEST_FAILED", f"ingest --live: {done.ingest.line}", None)
    for row in due:
        if stop.is_set():
            break
        account = row["account"]
        # To its end, also when the daemon is told to end: it takes seconds, and what it has begun is the session's.
        ended = run(("cycle", "--account", account), config.cycle.lease_seconds + CYCLE_GRACE_SECONDS, None)
        done.cycles.append(Started(account, row["as_of_session"], ended))
        if ended.code in _UNTOLD:
            _tell("HIGH", "SYSTEM", f"CYCLE_NOT_RUN_{ended.code}", f"cycle of {account}: {ended.line}", account)
    return done


def _due(connection: Connection, config: GoldenConfig, plan: Plan) -> list[dict[str, Any]]:
    return db.fetch_all(
        connection,
        "decide.due_cycles",
        calendar=config.fund.session_calendar,
        accounts=list(plan.accounts),
        settle_seconds=plan.settle_seconds,
    )


def _tell(level: str, category: str, code: str, message: str, account: str | None) -> None:
    """An alert, once an hour. A database that is away is in the log, and `sync` and `doctor` say it too."""
    log.error("not_run", code=code, message=message)
    with contextlib.suppress(DatabaseUnreachable), db.connect(ROLE, autocommit=True) as connection:
        opened = account is not None and db.fetch_all(connection, "trade.account", account=account)
        db.fetch_value(
            connection,
            "notify.enqueue",
            level=level,
            category=category,
            code=code,
            message=redact(message),
            symbol=None,
            account=account if opened else None,
            detail=db.as_json({}),
            window_seconds=3600,
        )


def run_forever(
    config: GoldenConfig, plan: Plan, cron: str, on_look: Callable[[Look], None], run: Runs | None = None
) -> None:
    """Look at once, then at every firing, until SIGINT or SIGTERM: a running ingest is ended, a running cycle ends.

    A firing that comes while one is at work is one with the next; one that fails is told and the next comes all the
    same. Raises what `ready` and `trigger` do.
    """
    zone = ready(config, plan)
    firings = trigger(cron, zone)
    scheduler = BackgroundScheduler(
        timezone=ZoneInfo(zone), job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1}
    )
    with stop_signal() as stop:

        def fire() -> None:
            try:
                on_look(look(config, plan, run or run_command, stop))
            except FundError as error:
                log.warning("look_failed", error=str(error))
            except Exception as error:  # whatever it was, the next firing comes: a scheduler that ends trades nothing
                log.error("look_failed", error=str(error), traceback=redacted_traceback(error))

        scheduler.add_job(fire, firings, id="look", next_run_time=datetime.now(ZoneInfo(zone)))
        scheduler.start()
        log.info("scheduled", cron=cron, time_zone=zone, accounts=list(plan.accounts))
        stop.wait()
        scheduler.shutdown(wait=True)


def look_once(config: GoldenConfig, plan: Plan) -> Look:
    """One look, for a scheduler that is not ours."""
    with stop_signal() as stop:
        return look(config, plan, run_command, stop)


def run_command(words: Sequence[str], seconds_max: float, stop: threading.Event | None) -> Ended:
    """`python -m runner WORDS` in a process and a session of its own: a signal to this one is none to it.

    What it says goes through a file, so that it outlives this process too, and is passed on as it comes. At
    `seconds_max`, and when `stop` is set, it is asked to end, then ended.
    """
    began, why = time.monotonic(), ""
    with tempfile.TemporaryFile() as said:
        started = subprocess.Popen(
            [sys.executable, "-m", "runner", *words],
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
                why = "ended because the daemon was"
            if why:
                _end(started)
            time.sleep(0.1)
            passed = _pass_on(said, passed)
        _pass_on(said, passed)
        last = _last_line(said)
    return Ended(int(ExitCode.UNEXPECTED) if why else started.returncode, time.monotonic() - began, why or redact(last))


def _pass_on(said: IO[bytes], passed: int) -> int:
    """Print what came since; where that ends. The writer's place in the file is not touched."""
    text = os.pread(said.fileno(), 1 << 20, passed)
    sys.stdout.write(text.decode("utf-8", "replace"))
    sys.stdout.flush()
    return passed + len(text)


def _last_line(said: IO[bytes]) -> str:
    size = os.fstat(said.fileno()).st_size
    lines = os.pread(said.fileno(), 4096, max(0, size - 4096)).decode("utf-8", "replace").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "")


def _end(started: subprocess.Popen[bytes]) -> None:
    """Ask a process and its own to end, then end them."""
    for number in (signal.SIGINT, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(started.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            started.wait(END_SECONDS)
            return
