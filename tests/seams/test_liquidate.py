"""B5: `liquidate` as a person types it: what would be ordered, the approval, the orders, and what is in the way."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from runner import cli, db
from tests.conftest import ROOT

Run = Callable[..., tuple[int, str]]


def execute(text: str) -> list[dict[str, Any]]:
    with db.connect(db.DEPLOYER, autocommit=True) as connection:
        return db.fetch_text(connection, "test", text)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command line; exit code and what it said."""

    def call(*words: str) -> tuple[int, str]:
        code = cli.run(list(words))
        told = capsys.readouterr()
        return code, told.out + told.err

    return call


@pytest.fixture
def desk(database: str) -> str:
    """100 AAA held with a stop resting at the broker, one DDD bought by nobody's decision yet."""
    for file in ("01_fund.sql", "02_desk.sql"):
        execute((ROOT / "tests" / "sql" / "fixtures" / file).read_text(encoding="utf-8"))
    execute("select fixtures.resting()")
    return database


def orders() -> list[tuple[str, str, str]]:
    rows = execute("select symbol, leg, state from trade.orders where closed_at is null order by symbol, leg")
    return [(row["symbol"], row["leg"], row["state"]) for row in rows]


def test_b5_checked_approved_and_placed(run: Run, desk: str) -> None:
    code, told = run("liquidate", "--account", "test", "--check", "--json")
    assert code == 0 and [(r["symbol"], r["side"], r["quantity"]) for r in json.loads(told)] == [("AAA", "SELL", "100")]
    assert orders() == [("AAA", "stop", "ACKNOWLEDGED")], "a look changes nothing"
    assert execute("select count(*) as n from govern.liquidation_approvals") == [{"n": 0}]
    assert run("liquidate", "--account", "test")[0] == 2, "a liquidation has a reason"
    code, told = run("liquidate", "--account", "test", "--reason", "the strategy is retired", "--hours", "2")
    assert code == 0 and "approved until 2020-01-06 23:30 UTC" in told and "SELL" in told
    assert orders() == [("AAA", "liquidation", "PENDING"), ("AAA", "stop", "ACKNOWLEDGED")]
    (approval,) = execute("select reason, actor from govern.liquidation_approvals")
    assert approval == {"reason": "the strategy is retired", "actor": "fund_operator"}
    code, told = run("liquidate", "--account", "test", "--reason", "again", "--json")
    assert code == 0 and "BUSY" in told, "an order that lives is no fault"


def test_b5_it_works_under_a_kill(run: Run, desk: str) -> None:
    execute("select ops.engage_kill_switch('x')")
    assert run("liquidate", "--account", "test", "--reason", "why")[0] == 0
    assert orders() == [("AAA", "liquidation", "PENDING"), ("AAA", "stop", "ACKNOWLEDGED")]


def test_b5_a_position_that_cannot_be_closed_is_exit_10(run: Run, desk: str) -> None:
    execute("alter table decide.decisions disable trigger all; delete from decide.decisions where symbol = 'DDD'")
    execute("select fixtures.hold('DDD', 5)")
    code, told = run("liquidate", "--account", "test", "--reason", "why")
    assert code == 10 and "1 of 2 positions cannot be closed: DDD NO_DECISION" in told
    assert ("AAA", "liquidation", "PENDING") in orders(), "the others are"


def test_b5_under_halt_every_position_says_so(run: Run, desk: str) -> None:
    """An approval that closes nothing is no success."""
    execute("select trade.report_break('test', 'CASH', null, null, '{}')")
    code, told = run("liquidate", "--account", "test", "--reason", "get out")
    assert code == 10 and "1 of 1 positions cannot be closed: AAA STATE_HALT" in told and "breaks list" in told
    assert orders() == [("AAA", "stop", "ACKNOWLEDGED")]


def test_b5_an_account_there_is_not(run: Run, desk: str) -> None:
    """Nothing is held and nothing is broken by a name that was mistyped: it is refused, and not answered with none."""
    for words in (("liquidate", "--reason", "why"), ("liquidate", "--check"), ("breaks", "list")):
        code, told = run(*words, "--account", "none")
        assert code == 2 and "there is no account none" in told


def test_a_break_there_is_not(run: Run, desk: str) -> None:
    code, told = run("breaks", "resolve", "999", "--reason", "looked at")
    assert code == 2 and "there is no such break" in told and "python -m runner breaks list" in told
