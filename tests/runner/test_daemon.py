"""The scheduler: what is due is started, once, whatever failed before; nothing it starts ends with it (I26)."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from apscheduler.triggers.interval import IntervalTrigger

from runner import cli, daemon, db, embedded, lock, log
from runner import config as golden
from runner.config import GoldenConfig
from runner.daemon import Ended, Plan, Poll
from runner.errors import Conflict, DatabaseUnreachable, ExitCode, UsageError
from tests.conftest import ROOT

PLAN = Plan(("paper",))


def execute(text: str) -> list[dict[str, Any]]:
    """Statements as the deployer; the rows of the last one."""
    with db.connect(db.DEPLOYER, autocommit=True) as connection:
        return db.fetch_text(connection, "test", text)


def alerts() -> list[str]:
    return [
        r["t"]
        for r in execute("select concat_ws(' ', level, code, account, repeats) as t from notify.alerts order by 1")
    ]


@pytest.fixture
def config() -> GoldenConfig:
    return golden.load_verified()


@pytest.fixture
def fund(database: str) -> Iterator[None]:
    """The fund of tests/sql/fixtures on the evening of 2013-02-27, its account open, no cycle yet."""
    text = (ROOT / "tests" / "sql" / "fixtures" / "01_fund.sql").read_text(encoding="utf-8")
    execute(text)
    execute("select fixtures.fund()")
    execute("select ops.advance_clock('2013-02-27 22:00Z')")
    yield


class Script:
    """Stands for the processes: the exit code of each command, and what it does meanwhile."""

    def __init__(self, meanwhile: Callable[[Sequence[str]], object] = lambda _: None, **codes: int) -> None:
        self.codes, self.meanwhile = codes, meanwhile
        self.asked: list[tuple[str, ...]] = []
        self.stoppable: list[bool] = []
        self.seconds: list[float] = []

    def __call__(self, words: Sequence[str], seconds_max: float, stop: threading.Event | None) -> Ended:
        self.asked.append(tuple(words))
        self.stoppable.append(stop is not None)
        self.seconds.append(seconds_max)
        self.meanwhile(words)
        return Ended(self.codes.get(words[-1], self.codes.get(words[0], 0)), 1.0, f"{words[0]} said so")


def poll(config: GoldenConfig, run: Script, plan: Plan = PLAN, stop: threading.Event | None = None) -> Poll:
    return daemon.poll(config, plan, stop or threading.Event(), run)


def test_a_due_cycle_is_started_behind_its_data_and_once(fund: None, config: GoldenConfig) -> None:
    run = Script(lambda words: words[0] == "cycle" and execute("select fixtures.cycle()"))
    done = poll(config, run)
    assert run.asked == [("ingest", "--live"), ("cycle", "--account", "paper")]
    assert run.stoppable == [True, False], "a running cycle is not ended with the daemon"
    assert [(c.account, str(c.as_of_session), c.ended.code) for c in done.cycles] == [("paper", "2013-02-27", 0)]
    assert poll(config, run).cycles == [] and len(run.asked) == 2, "it is done"
    assert [r["process"] for r in execute("select process from ops.heartbeats")] == ["daemon", "daemon"]
    assert alerts() == []


def test_the_next_opening_ends_what_is_due(fund: None, config: GoldenConfig) -> None:
    execute("select ops.advance_clock('2013-02-28 14:30Z')")
    assert poll(config, run := Script()).cycles == [] and run.asked == []


def test_what_cannot_say_so_itself_is_a_row_and_an_alert(fund: None, config: GoldenConfig) -> None:
    """And is waited for: by -9 a process ends for want of memory."""
    for code in (-9, 12):
        poll(config, run := Script(ingest=16, cycle=code))
        assert run.asked[-1] == ("cycle", "--account", "paper"), "a cycle runs on what there is"
        (waits,) = poll(config, again := Script()).waiting
        assert again.asked == [] and (waits.state, waits.exit_code) == ("NOT_STARTED", code)
        execute("select ops.advance_clock(ops.now() + interval '20 minutes')")
    assert alerts() == ["HIGH CYCLE_NOT_STARTED paper 1", "MEDIUM INGEST_FAILED 1"]
    assert [r["reason"] for r in execute("select reason from audit.failed_starts")] == ["cycle said so"] * 2


def test_what_has_a_run_tells_of_itself(fund: None, config: GoldenConfig) -> None:
    halts = "select fixtures.cycle(); alter table decide.cycle_runs disable trigger all; update decide.cycle_runs set"
    run = Script(
        lambda words: words[0] == "cycle" and execute(f"{halts} state = 'HALTED', exit_code = 13"), cycle=13, ingest=13
    )
    poll(config, run)
    assert alerts() == [] and execute("select * from audit.failed_starts") == []


def test_one_account_keeps_no_other_waiting(fund: None, config: GoldenConfig) -> None:
    plan = Plan(("second", "paper"), ingest=False)
    done = poll(config, run := Script(second=1), plan)
    assert [one.ended.code for one in done.cycles] == [1, 0]
    assert run.asked == [("cycle", "--account", "second"), ("cycle", "--account", "paper")]
    assert alerts() == ["HIGH CYCLE_NOT_STARTED 0"], "an account that is not open yet has no row to name"


def test_what_came_meanwhile_is_seen_before_a_cycle_is_started(fund: None, config: GoldenConfig) -> None:
    """An ingest that took until the opening, and a cycle a person has begun: neither is what was due."""
    run = Script(lambda words: execute("select ops.advance_clock('2013-02-28 14:30Z')"))
    assert poll(config, run).cycles == [] and run.asked == [("ingest", "--live")]


@pytest.mark.parametrize("mode", ["paper", "shadow"])
def test_an_open_run_of_the_account_is_waited_for(fund: None, config: GoldenConfig, mode: str) -> None:
    execute(f"select fixtures.open(p_mode => '{mode}')")
    assert poll(config, run := Script()).cycles == [] and run.asked == []
    assert alerts() == []


def test_a_dry_run_stands_for_none(fund: None, config: GoldenConfig) -> None:
    execute("select fixtures.open(); alter table decide.cycle_runs disable trigger all; update decide.cycle_runs"
            " set state = 'FAILED', reason = 'DRY_RUN', exit_code = 0, closed_at = ops.now()")  # fmt: skip
    assert len(poll(config, Script()).cycles) == 1


def test_an_ingest_leaves_time_before_the_opening(fund: None, config: GoldenConfig) -> None:
    run = Script()
    poll(config, run)
    execute("select ops.advance_clock('2013-02-28 14:20Z')")
    poll(config, run)
    assert run.seconds[0] == daemon.INGEST_SECONDS_MAX and run.seconds[2] == 300


def test_a_watchdog_in_somebody_s_way_keeps_no_cycle_waiting(
    fund: None, config: GoldenConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = db.fetch_value

    def fetch(connection: db.Connection, query: str, /, **parameters: Any) -> Any:
        if query == "decide.watch_cycles":
            raise Conflict("lock timeout")
        return asked(connection, query, **parameters)

    monkeypatch.setattr(db, "fetch_value", fetch)
    assert len(poll(config, Script()).cycles) == 1


def test_the_watchdog_looks_every_time(fund: None, config: GoldenConfig) -> None:
    execute("select fixtures.cycle()")
    execute("""
        alter table decide.cycle_runs disable trigger all;
        update decide.cycle_runs
        set state = 'OPEN', closed_at = null, reason = null, lease_until = clock_timestamp() - interval '1 second';
        alter table decide.cycle_runs enable trigger all;
        """)
    run = Script()
    assert poll(config, run).failed == 1
    assert run.asked == [], "a crash is tried again after ten minutes"
    execute("select ops.advance_clock(ops.now() + interval '10 minutes')")
    assert [one.account for one in poll(config, run).cycles] == ["paper"]


def test_told_to_end_it_begins_no_cycle(fund: None, config: GoldenConfig) -> None:
    stop = threading.Event()
    run = Script(lambda words: stop.set(), ingest=1)
    assert poll(config, run, stop=stop).cycles == [] and run.asked == [("ingest", "--live")]
    assert alerts() == [], "an ingest that was ended with the daemon has not failed"


def test_what_cannot_run_is_refused_at_the_start(
    database: str, config: GoldenConfig, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cli.run(["daemon"]) == ExitCode.USAGE
    assert "time stands still" in capsys.readouterr().err
    execute("alter table ops.instances disable trigger all; update ops.instances set kind = 'real'")
    assert cli.run(["daemon"]) == ExitCode.INTEGRITY, "no configuration is pinned"
    lock.pin(config, "test")
    capsys.readouterr()
    assert cli.run(["daemon", "--account", "nobody"]) == ExitCode.USAGE
    assert "there is no account nobody" in capsys.readouterr().err
    assert cli.run(["daemon", "--account", "paper", "--account", "paper"]) == ExitCode.USAGE
    assert cli.run(["daemon"]) == ExitCode.DATA
    assert "calendar XNYS is not loaded" in capsys.readouterr().err
    execute("insert into ref.calendars values ('XNYS', 'New York', 'America/New_York')")
    for cron in ("5 17 * * 1-5", "nonsense", "99 * * * *", "0 0 30 feb *"):
        assert cli.run(["daemon", "--cron", cron]) == ExitCode.USAGE
        assert "--cron" in capsys.readouterr().err
    monkeypatch.setattr(daemon, "ready", _away)
    assert cli.run(["daemon", "--once"]) == ExitCode.DATABASE


def _away(*_: object) -> None:
    raise DatabaseUnreachable


def test_days_by_name_in_the_exchanges_time() -> None:
    """APScheduler's own reading of `1-5` fires Tuesday to Saturday. Three firings, over the change to winter time."""
    with pytest.raises(UsageError, match="mon-fri"):
        daemon.trigger("45 16 * * 1-5", "America/New_York")
    firings, at = daemon.trigger("45 16 * * mon-fri", "America/New_York"), datetime(2026, 10, 30, 12, tzinfo=UTC)
    found = []
    for _ in range(3):
        fire = firings.get_next_fire_time(None, at)
        found.append(fire.astimezone(UTC).strftime("%a %H:%M"))
        at = fire.astimezone(UTC).replace(second=1)
    assert found == ["Fri 20:45", "Mon 21:45", "Tue 21:45"]


def test_a_poll_that_fails_is_not_the_last(
    database: str, config: GoldenConfig, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fails: list[Exception] = [RuntimeError("a bug"), DatabaseUnreachable("away")]
    polls: list[Poll] = []

    def polling(*_: object) -> Poll:
        if fails:
            raise fails.pop()
        return Poll(datetime.now(UTC))

    def tell(done: Poll) -> None:
        polls.append(done)
        if len(polls) == 2:
            os.kill(os.getpid(), signal.SIGTERM)

    before = signal.getsignal(signal.SIGTERM)
    monkeypatch.setattr(daemon, "poll", polling)
    daemon.run_forever(config, PLAN, IntervalTrigger(seconds=0.1), tell)
    assert len(polls) >= 2 and fails == [] and signal.getsignal(signal.SIGTERM) == before


def test_a_poll_that_fails_behind_a_full_disk_is_not_the_last(
    config: GoldenConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What cannot be logged has happened all the same, and the next firing comes."""
    polls: list[int] = []

    def polling(*_: object) -> Poll:
        polls.append(1)
        if len(polls) == 3:
            os.kill(os.getpid(), signal.SIGTERM)
        raise DatabaseUnreachable("away")

    full = open("/dev/full", "w", encoding="ascii")  # noqa: SIM115 - its close fails, too
    log.configure()
    with monkeypatch.context() as patched:
        patched.setattr(daemon, "poll", polling)
        patched.setattr(sys, "stderr", full)
        daemon.run_forever(config, PLAN, IntervalTrigger(seconds=0.1), lambda _: None)
    with contextlib.suppress(OSError):
        full.close()
    assert len(polls) == 3


def test_a_database_that_is_away_between_two_accounts_hides_none(
    fund: None, config: GoldenConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect, calls = db.connect, []

    def flaky(*arguments: Any, **named: Any) -> Any:
        calls.append(arguments)
        if len(calls) == 4:
            raise DatabaseUnreachable("a blip")
        return connect(*arguments, **named)

    monkeypatch.setattr(daemon.db, "connect", flaky)
    done = poll(config, Script(second=1), Plan(("second", "paper"), ingest=False))
    assert [one.account for one in done.cycles] == ["second"], "the other is asked again at the next firing"


# -- processes ----


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """What runs instead of Python, as a shell script; its words stand in $@."""

    def made(text: str) -> None:
        path = tmp_path / "program"
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)
        monkeypatch.setattr(sys, "executable", str(path))

    return made


def test_a_process_s_lines_and_code_come_back(
    program: Callable[[str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    program('echo "$@"; echo "error: no way" >&2; echo; exit 13')
    ended = daemon.run_command(("cycle", "--account", "paper"), 10, None)
    assert (ended.code, ended.line) == (13, "error: no way")
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", "-u -m runner cycle --account paper\nerror: no way\n\n"), "out is our own"


def test_of_what_a_process_said_an_error_is_the_reason(program: Callable[[str], None]) -> None:
    program('echo "error: disk full"; echo "UserWarning: resource_tracker: leaked"; kill -9 $$')
    ended = daemon.run_command(("cycle",), 10, None)
    assert (ended.code, ended.line) == (-9, "killed by signal 9")
    program('echo "error: disk full"; echo "UserWarning: resource_tracker: leaked"; exit 1')
    assert daemon.run_command(("cycle",), 10, None).line == "error: disk full"
    program("seq 1 40000; exit 3")
    assert daemon.run_command(("cycle",), 10, None).line == "40000"
    program("printf 'error: a\\000b\\n'; exit 3")
    assert daemon.run_command(("cycle",), 10, None).line == "error: ab", "as it can be stored"


def test_a_standard_error_nobody_reads_keeps_no_process_from_its_end(
    program: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    program('seq 1 1000; sleep 0.3; echo "error: at last"; exit 13')
    full = open("/dev/full", "w", encoding="ascii")  # noqa: SIM115 - its close fails, too
    with monkeypatch.context() as patched:
        patched.setattr(sys, "stderr", full)
        ended = daemon.run_command(("cycle",), 10, None)
    with contextlib.suppress(OSError):
        full.close()
    assert (ended.code, ended.line) == (13, "error: at last")


def test_one_that_cannot_be_started_has_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    ended = daemon.run_command(("cycle",), 10, None)
    assert ended.code == ExitCode.UNEXPECTED and ended.line.startswith("not started: ")


def test_a_clock_that_is_set_back_brings_the_firing_nearer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else nothing would be looked at until the old instant has come again."""
    clock = [datetime(2026, 11, 30, 22, 0, 1, tzinfo=UTC)]

    class Clock(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
            return clock[0]

    class Stop(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            waits.append(timeout)
            clock[0] += timedelta(hours=-1) if len(waits) == 1 else timedelta(seconds=timeout or 0)
            return False

    waits: list[float | None] = []
    monkeypatch.setattr(daemon, "datetime", Clock)
    daemon._wait(daemon.trigger("*/5 * * * *", "America/New_York"), Stop())
    assert clock[0] == datetime(2026, 11, 30, 21, 5, tzinfo=UTC) and max(w or 0 for w in waits) <= 60


@pytest.mark.parametrize("stubborn", [False, True])
@pytest.mark.parametrize("told", [False, True])
def test_one_that_does_not_end_is_ended(
    program: Callable[[str], None], monkeypatch: pytest.MonkeyPatch, stubborn: bool, told: bool
) -> None:
    monkeypatch.setattr(daemon, "END_SECONDS", 0.5)
    program(("trap '' INT; " if stubborn else "") + "echo begun; sleep 60 & wait")
    stop = threading.Event()
    if told:
        stop.set()
    ended = daemon.run_command(("ingest",), 30 if told else 0.3, stop)
    assert ended.code != ExitCode.DONE and ended.seconds < 10
    assert ended.line == ("stopped with the daemon" if told else "ended after 0 s")


def test_a_cycle_outlives_the_daemon_that_started_it(tmp_path: Path, program: Callable[[str], None]) -> None:
    """kill -9 of the scheduler in the middle: the cycle ends as it would have, lines and all."""
    done = tmp_path / "done"
    program(f'echo begun; sleep 1; echo more || exit 1; touch "{done}"')
    script = (
        "import sys; from runner import daemon; sys.executable = sys.argv[1]; daemon.run_command(('cycle',), 60, None)"
    )
    python = ROOT / ".venv" / "bin" / "python"
    scheduler = subprocess.Popen(
        [str(python if python.exists() else "python3"), "-c", script, sys.executable],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        cwd=ROOT,
    )
    assert scheduler.stderr is not None and scheduler.stderr.readline() == b"begun\n"
    scheduler.kill()
    scheduler.wait()
    deadline = time.monotonic() + 20
    while not done.exists():
        assert time.monotonic() < deadline, "the cycle ended with the scheduler"
        time.sleep(0.05)


# -- the whole of it, on a real database ----


def test_a_real_evening(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    """Nobody has ingested a bar: the cycle halts for want of data, and is tried again ten minutes later, not before."""
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)  # as root the server runs as another user, who must get through
    monkeypatch.setenv("RUNNER_HOME", str(tmp_path / "fund"))
    try:
        assert cli.run(["deploy"]) == ExitCode.DONE
        assert cli.run(["config", "lock", "--reason", "shipped"]) == ExitCode.DONE
        execute("""
            insert into ref.calendars values ('XNYS', 'New York', 'America/New_York');
            insert into ref.sessions (calendar, session, opens_at, closes_at, half_day, session_number)
            select 'XNYS', current_date + k, now() + k * interval '1 day' - interval '6 hours',
                now() + k * interval '1 day' - interval '1 hour', false, k + 10 from generate_series(-9, 9) as k;
            """)
        capfd.readouterr()
        assert cli.run(["daemon", "--once", "--no-ingest", "--json"]) == ExitCode.DATA
        printed = capfd.readouterr()
        (cycle,) = json.loads(printed.out)["cycles"]
        assert cycle["account"] == "paper" and cycle["ended"]["code"] == ExitCode.DATA
        assert "paper as of" in printed.err and "exit 13" in printed.err
        assert execute("select state, exit_code from decide.cycle_runs") == [{"state": "HALTED", "exit_code": 13}]
        assert cli.run(["daemon", "--once", "--no-ingest"]) == ExitCode.DONE
        assert "HALTED, exit 13; due at 20" in capfd.readouterr().out
        execute("alter table decide.cycle_runs disable trigger all;"
                " update decide.cycle_runs set closed_at = closed_at - interval '10 minutes'")  # fmt: skip
        assert cli.run(["daemon", "--once", "--no-ingest"]) == ExitCode.DATA
        assert [r["run"] for r in execute("select run from decide.cycle_runs order by run")] == [1, 2]
    finally:
        embedded.Cluster(tmp_path / "fund").down()
