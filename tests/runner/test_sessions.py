"""The session loop: which halts a range goes on past, where it ends, and what it ends with."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from runner import config as golden
from runner import cycle, db, sessions, settings
from runner.errors import ExitCode, FundError, UsageError
from runner.sessions import SessionReport, refusal_of
from tests.conftest import ROOT

CONFIG = golden.load()
FIRST, LAST = date(2020, 1, 2), date(2020, 1, 31)

Halt = tuple[str, int | None, str, ExitCode]
DONE: Halt = ("DONE", None, "DONE", ExitCode.DONE)
KILLED: Halt = ("HALTED", 1, "KILL_SWITCH", ExitCode.KILLED)
SILENT: Halt = ("HALTED", 5, "NO_VALID_AGENT", ExitCode.REFUSED)


def report(session: date, ended: Halt) -> cycle.Report:
    """A cycle that ended so."""
    state, layer, reason, code = ended
    return cycle.Report("c" * 64, 1, "paper", "paper", session, session, state, layer, reason, code)  # type: ignore[arg-type]


def execute(text: str) -> None:
    with db.connect(db.DEPLOYER, autocommit=True) as connection:
        db.execute_text(connection, "test", text)


@pytest.fixture
def through(database: str, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[SessionReport]]:
    """Runs January of 2020; `ends` says by session how its cycle ends, a kill that is engaged halts the others."""
    for path in (ROOT / "tests/sql/fixtures/01_fund.sql", ROOT / "tests/seams/recovery_world.sql"):
        execute(path.read_text(encoding="utf-8"))
    execute("select recovery.world()")
    monkeypatch.setattr(sessions, "sync_once", lambda *_: None)
    monkeypatch.setattr(sessions.verifier, "anchor", lambda *_: None)

    def run(ends: dict[date, Callable[[], Halt] | Halt], **how: Any) -> list[SessionReport]:
        def one(_settings: Any, request: cycle.Request, **_: Any) -> cycle.Report:
            session = request.as_of_session
            assert session is not None
            with db.connect("fund_decider") as connection:
                engaged = db.fetch_value(connection, "ops.kill_engaged")
            found = ends.get(session, KILLED if engaged else DONE)
            return report(session, found() if callable(found) else found)

        monkeypatch.setattr(sessions, "run_cycle", one)
        request = cycle.Request(account="paper")
        return sessions.run_sessions(settings.load(), CONFIG, request, FIRST, LAST, **how)

    return run


def kill(source: str) -> Callable[[], Halt]:
    """A cycle that engages the kill switch by this source, and is halted for it."""

    def ended() -> Halt:
        execute(f"select ops.engage_kill_switch('test', '{source}')")
        return ("HALTED", 8, "CVAR_BREACHES", ExitCode.KILLED)

    return ended


def test_i15_a_range_passes_the_cooldown_after_losses_and_then_waits_for_an_operator(
    through: Callable[..., list[SessionReport]],
) -> None:
    done = through({date(2020, 1, 6): kill("cvar")}, past_halts=True)
    assert [one.cycle.state for one in done] == ["DONE"] * 2 + ["HALTED"] * 11
    assert done[-1].session == date(2020, 1, 20), "ten sessions after the kill: resume can be given, the rest waits"
    told = refusal_of(done)
    assert told is not None
    assert told.exit_code is ExitCode.KILLED
    assert told.message == (
        "11 of 13 sessions were not decided: 1 HALTED by layer 8: CVAR_BREACHES, 2020-01-06; "
        "10 HALTED by layer 1: KILL_SWITCH, 2020-01-07 to 2020-01-20"
    )
    assert "resume" in told.remedy
    assert told.remedy.endswith("The range goes on with --from 2020-01-20.")
    execute("select ops.clear_kill_source('cvar', '', 'looked'), fixtures.resume()")
    assert refusal_of(through({}, past_halts=True)) is None


def test_a_kill_that_counts_no_sessions_ends_the_range_where_it_came(
    through: Callable[..., list[SessionReport]],
) -> None:
    done = through({date(2020, 1, 6): kill("row")}, past_halts=True)
    assert [one.cycle.state for one in done] == ["DONE", "DONE", "HALTED"]
    told = refusal_of(done)
    assert told is not None
    assert told.message == f"cycle {'c' * 12} as of 2020-01-06: HALTED by layer 8: CVAR_BREACHES"


def test_a_session_without_a_view_is_passed_and_counts_in_the_exit_code(
    through: Callable[..., list[SessionReport]],
) -> None:
    done = through({date(2020, 1, 6): SILENT}, past_halts=True)
    assert done[-1].session == LAST
    told = refusal_of(done)
    assert told is not None
    assert told.exit_code is ExitCode.REFUSED
    assert told.message == "1 of 22 sessions were not decided: 1 HALTED by layer 5: NO_VALID_AGENT, 2020-01-06"
    assert "--from" not in told.remedy, "it went through"


@pytest.mark.parametrize(
    "ended",
    [
        ("HALTED", 4, "FEATURES_STALE", ExitCode.DATA),
        ("HALTED", 2, "BOOKS_HALT", ExitCode.RECONCILIATION),
        ("HALTED", 9, "RESUMED_SINCE", ExitCode.REFUSED),
        ("FAILED", None, "TRANSFORM_FAILED: x", ExitCode.DATA),
    ],
    ids=lambda ended: ended[2],
)
def test_what_can_be_mended_now_ends_the_range(through: Callable[..., list[SessionReport]], ended: Halt) -> None:
    """The clock does not go back: what its orders were for would be over."""
    done = through({date(2020, 1, 3): SILENT, date(2020, 1, 6): ended}, past_halts=True)
    assert done[-1].session == date(2020, 1, 6)
    told = refusal_of(done)
    assert told is not None
    assert told.exit_code is ended[3]
    assert "2 of 3 sessions were not decided" in told.message


def test_the_demo_ends_at_the_first_halt(through: Callable[..., list[SessionReport]]) -> None:
    assert through({FIRST: SILENT})[-1].session == FIRST
    with pytest.raises(UsageError, match="no session between"):
        sessions.run_sessions(settings.load(), CONFIG, cycle.Request(), date(2020, 1, 4), date(2020, 1, 5))


@pytest.mark.parametrize("many", [True, False], ids=["a range", "one cycle"])
def test_an_account_nobody_knows_is_refused_before_the_clock_moves(
    through: Callable[..., list[SessionReport]], monkeypatch: pytest.MonkeyPatch, many: bool
) -> None:
    """A clock never goes back: a mistyped name would end the orders of the others."""
    monkeypatch.setattr(cycle.lock, "require_pinned", lambda *_: None)
    monkeypatch.setattr(cycle.verifier, "watch", lambda *_: None)
    request = cycle.Request(account="papre", as_of_session=None if many else LAST)
    with db.connect("fund_decider") as connection:
        before = db.fetch_value(connection, "ops.now")
    with pytest.raises(FundError, match="there is no account papre") as refused:
        if many:
            sessions.run_sessions(settings.load(), CONFIG, request, FIRST, LAST)
        else:
            cycle.run_cycle(settings.load(), request, config=CONFIG)
    assert refused.value.exit_code is ExitCode.USAGE
    with db.connect("fund_decider") as connection:
        assert db.fetch_value(connection, "ops.now") == before


@pytest.mark.parametrize("many", [True, False], ids=["a range", "one cycle"])
@pytest.mark.parametrize(
    ("mode", "kind", "code", "told"),
    [
        ("paper", "live", ExitCode.USAGE, "a cycle of mode paper does not fit a live account"),
        ("live", "paper", ExitCode.UNEXPECTED, "live trading is not built"),
    ],
)
def test_a_mode_that_does_not_fit_is_refused_before_the_clock_moves(
    through: Callable[..., list[SessionReport]],
    monkeypatch: pytest.MonkeyPatch,
    many: bool,
    mode: Any,
    kind: str,
    code: ExitCode,
    told: str,
) -> None:
    """And before dbt runs for what SQL refuses to open."""
    monkeypatch.setattr(cycle.lock, "require_pinned", lambda *_: None)
    monkeypatch.setattr(cycle.verifier, "watch", lambda *_: None)
    monkeypatch.setattr(sessions, "run_cycle", lambda *_, **__: pytest.fail("a cycle has begun"))
    execute(f"update trade.accounts set kind = '{kind}' where account = 'paper'")
    request = cycle.Request(account="paper", mode=mode, as_of_session=None if many else LAST)
    with db.connect("fund_decider") as connection:
        before = db.fetch_value(connection, "ops.now")
    with pytest.raises(FundError, match=told) as refused:
        if many:
            sessions.run_sessions(settings.load(), CONFIG, request, FIRST, LAST)
        else:
            cycle.run_cycle(settings.load(), request, config=CONFIG)
    assert refused.value.exit_code is code
    with db.connect("fund_decider") as connection:
        assert db.fetch_value(connection, "ops.now") == before
