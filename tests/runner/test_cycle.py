"""The cycle around its stages: a book that cannot be marked, and the end of a run that failed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from math import isnan
from typing import Any

import pytest

from runner import config as golden
from runner import cycle, db, records, settings, show
from runner.errors import AuditChainBroken, DatabaseUnreachable, DataUnusable, ExitCode
from runner.sessions import SessionReport
from tests.conftest import ROOT

CONFIG = golden.load()


def execute(text: str) -> None:
    with db.connect(db.DEPLOYER, autocommit=True) as connection:
        db.execute_text(connection, "test", text)


@pytest.fixture
def desk(database: str) -> str:
    """The desk of tests/sql/fixtures, holding AAA."""
    for file in ("01_fund.sql", "02_desk.sql", "04_actions.sql"):
        execute((ROOT / "tests" / "sql" / "fixtures" / file).read_text(encoding="utf-8"))
    execute("select fixtures.desk()")
    execute("select fixtures.hold('AAA', 100)")
    return database


def test_f9_a_split_that_is_not_booked_yet_leaves_the_session_unmarked(desk: str) -> None:
    """As an order that may still fill does: without a NAV the stages halt, so that there is a run that says so."""
    execute("select fixtures.action('AAA', '2020-01-07', 'split', 2), ops.advance_clock('2020-01-07 21:30+00')")
    session = date(2020, 1, 7)
    with db.connect("fund_decider", autocommit=True) as connection:
        cycle._mark(connection, CONFIG, cycle.Request(account="test"), session)
        book = db.fetch_value(connection, "trade.account_state", account="test", as_of_session=session)
        memory = db.fetch_value(connection, "decide.load_state", account="test", as_of_session=session, slot="close")
        assert isnan(records.account_state("test", book, memory).nav)
    execute("select trade.apply_corporate_actions('test')")
    with db.connect("fund_decider", autocommit=True) as connection:
        cycle._mark(connection, CONFIG, cycle.Request(account="test"), session)
        book = db.fetch_value(connection, "trade.account_state", account="test", as_of_session=session)
    assert book["nav"] is not None


def test_i26_a_transform_that_failed_is_an_alert_and_named_where_the_gate_ends_the_run(
    desk: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The gate sees old features only and says GOVERNANCE_WRONG_SESSION, whose remedy is another."""

    def broken(*_: Any) -> None:
        raise DataUnusable("model bands failed: permission denied")

    monkeypatch.setattr("runner.transform.run_cycle_models", broken)
    session = date(2020, 1, 6)
    with db.connect("fund_decider", autocommit=True) as connection:
        failure = cycle._transform(connection, settings.load(), cycle.Request(account="test"), session)
    assert failure is not None
    with db.connect("fund_analyst") as connection:
        told = db.fetch_text(connection, "test", "select code, level, message, account from audit.alerts")
    expected = {"code": "TRANSFORM_FAILED", "level": "HIGH", "account": "test"}
    message = "no features of 2020-01-06: model bands failed: permission denied"
    assert told == [{**expected, "message": message}]
    report = cycle.Report("c", 1, "test", "paper", session, session, "HALTED", 2, "WRONG", ExitCode.DATA)
    said = cycle.refusal(cycle._caused(report, failure)).message
    assert "HALTED by layer 2: WRONG after TRANSFORM_FAILED: model bands failed" in said
    done = replace(report, state="ALREADY_DONE", reason="ALREADY_DONE")
    assert cycle._caused(done, failure) is done


@pytest.mark.parametrize(
    ("reason", "code", "commands"),
    [
        ("BOOKS_HALTED", ExitCode.RECONCILIATION, ("breaks list`", "sync --once --account second`")),
        ("NAV_UNUSABLE", ExitCode.DATA, ("sync --once --account second`",)),
        ("KILL {SWITCH}", ExitCode.KILLED, ("status`", "resume`")),
        ("OTHER", ExitCode.REFUSED, ("status`",)),
    ],
)
def test_the_next_command_is_of_the_account_that_was_refused(
    reason: str, code: ExitCode, commands: tuple[str, ...]
) -> None:
    day = date(2020, 1, 6)
    refused = cycle.refusal(cycle.Report("c", 1, "second", "paper", day, day, "HALTED", 2, reason, code))
    assert reason in refused.message and refused.exit_code is code
    assert [command for command in commands if command not in str(refused.remedy)] == []


def test_a_reason_is_shown_as_it_is_whatever_brackets_it_holds(capsys: pytest.CaptureFixture[str]) -> None:
    """A message of dbt's is no markup."""
    day = date(2020, 1, 6)
    for layer in (None, 2):
        report = cycle.Report("c", 1, "test", "paper", day, day, "FAILED", layer, "no [/x] in [y]", ExitCode.DATA)
        show.show_report(report)
        assert "no [/x] in [y]" in capsys.readouterr().out
    show.show_session(SessionReport(day, (), report))
    assert "no [/x] in [y]" in capsys.readouterr().out


def test_i26_a_book_without_a_worth_leaves_the_session_unmarked(desk: str) -> None:
    """The run that halts for it says why for every symbol; a start that was refused would say nothing."""
    execute("delete from market.price_history where symbol = 'AAA'")
    execute("select ops.advance_clock('2020-01-07 21:30+00')")
    session = date(2020, 1, 7)
    with db.connect("fund_decider", autocommit=True) as connection:
        cycle._mark(connection, CONFIG, cycle.Request(account="test"), session)
        book = db.fetch_value(connection, "trade.account_state", account="test", as_of_session=session)
    assert book["nav"] is None


@pytest.mark.parametrize("closes", [True, False])
def test_i23_a_run_that_failed_is_anchored_and_its_own_error_is_kept(
    closes: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither a run that cannot be closed nor a chain that does not hold takes the place of what ended it."""
    anchored: list[str] = []

    def anchor(_: Any, cause: str) -> None:
        anchored.append(cause)
        raise AuditChainBroken

    def close(*_: Any) -> None:
        if not closes:
            raise DatabaseUnreachable

    monkeypatch.setattr("runner.verifier.anchor", anchor)
    monkeypatch.setattr(cycle, "_close_failed", close)
    run: Any = cycle._Opened("c", 1, *[None] * 4)  # type: ignore[arg-type]
    connection: Any = None
    cycle._fail_after(connection, settings.load(), cycle.Request(), run, ArithmeticError("boom"))
    assert anchored == ["cycle c run 1 FAILED"]
