"""broker-sync on a database: the same end after a kill at any step, no order claimed twice, no cap passed in a race."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from runner import config as golden
from runner import db, lock, settings
from runner.brokers import loop
from runner.brokers.sync import Pass, SyncReport, sync_once
from runner.errors import IntegrityError, UsageError
from tests.conftest import ROOT, desk_under

RUN = "1" * 32
OPENING = datetime(2020, 1, 7, 14, 30, tzinfo=UTC)
EVENING = datetime(2020, 1, 7, 21, 30, tzinfo=UTC)
BASKET = """[
    {"symbol": "AAA", "leg": "entry", "side": "BUY", "quantity": "100.5"},
    {"symbol": "CCC", "leg": "entry", "side": "SELL", "quantity": "10"},
    {"symbol": "DDD", "leg": "entry", "side": "BUY", "quantity": "50"}
]"""


def execute(text: str) -> list[dict[str, Any]]:
    """Run statements as the deployer; the rows of the last one."""
    with db.connect(db.DEPLOYER, autocommit=True) as connection:
        return db.fetch_text(connection, "test", text)


def load_desk(scene: str = "select fixtures.desk()") -> None:
    """The fixtures, under the configuration the worker is built for: it carries nothing under another (I32)."""
    execute((ROOT / "tests" / "sql" / "fixtures" / "01_fund.sql").read_text(encoding="utf-8"))
    execute(desk_under(golden.load()))
    execute((ROOT / "tests" / "sql" / "fixtures" / "04_actions.sql").read_text(encoding="utf-8"))
    execute(scene)


@pytest.fixture
def desk(database: str) -> Iterator[str]:
    """The desk of tests/sql/fixtures in a database of its own; nothing is placed yet."""
    load_desk()
    yield database


def place_and_finish() -> None:
    """Three orders of a DONE run; DDD has no bar on its trade session."""
    execute("delete from market.price_history where symbol = 'DDD' and session = '2020-01-07'")
    with db.connect("fund_decider") as connection:
        rows = db.fetch_all(connection, "trade.place_orders", cycle_id=RUN, run=1, intents=BASKET)
    assert [row["state"] for row in rows] == ["PENDING"] * 3
    execute("select fixtures.done()")


def advance(instant: datetime) -> None:
    execute(f"select ops.advance_clock('{instant.isoformat()}')")


def sync() -> SyncReport:
    return sync_once(settings.load(), golden.load(), "test")


#: Everything a sync changes, without the wall instants.
OUTCOME = {
    "orders": "select client_order_id, state, unsent, broker_order_id, submitted_at, closed_at "
    "from trade.orders order by 1",
    "fills": "select execution_id, symbol, side, quantity, price, fee, price_basis, session, filled_at "
    "from trade.fills order by 1",
    "cash": "select kind, amount, execution_id, session from trade.cash_ledger order by execution_id, kind",
    "nav": "select session, cash, nav, period_return, nav_index, stale_marks from trade.nav order by 1",
}


def outcome() -> dict[str, list[dict[str, Any]]]:
    return {name: execute(text) for name, text in OUTCOME.items()}


def test_a_day_of_the_paper_broker(desk: str) -> None:
    """I3, I4, I9, I10: released before the opening, filled at its price, marked; again nothing changes."""
    place_and_finish()
    first = sync()
    assert (len(first.claimed), len(first.acknowledged), first.fills) == (3, 3, [])
    advance(EVENING)
    second = sync()
    assert [(f.symbol, f.side, f.quantity, f.price, f.fee) for f in second.fills] == [
        ("AAA", "BUY", Decimal("100.5"), Decimal("100.02500000"), Decimal("0.3518")),
        ("CCC", "SELL", Decimal("10"), Decimal("199.95000000"), Decimal("0.4000")),
    ]
    assert [(e.symbol, e.state, e.reason) for e in second.ended] == [("DDD", "EXPIRED", "NO_BAR")]
    assert second.marked == [date(2020, 1, 7)]
    # 1,000,000 - 100.5 x 100.025 + 10 x 199.95 - fees, and the closes are 100 and 200.
    cash = Decimal("1000000") - Decimal("100.5") * Decimal("100.025") + Decimal("1999.5") - Decimal("0.7518")
    (mark,) = execute("select cash, nav from trade.nav where session = '2020-01-07'")
    assert mark == {"cash": cash, "nav": cash + Decimal("10050") - Decimal("2000")}
    before = outcome()
    assert not sync().changed
    assert outcome() == before


#: What keeps a session from being marked: a share held that has no price at all, a dividend nobody has booked.
UNMARKABLE = {
    "MQ322": "delete from market.price_history where symbol = 'AAA'",
    "MQ370": "select fixtures.action('AAA', '2020-01-08', 'dividend', 1.01, 1)",
}


@pytest.mark.parametrize("code", UNMARKABLE)
def test_a_session_that_cannot_be_marked_ends_no_pass(desk: str, monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """Gate, kill and breaks are told all the same, and the worker is heard; what does not settle itself is an alert."""
    place_and_finish()
    sync()
    advance(EVENING)
    assert sync().marked == [date(2020, 1, 7)]
    execute(UNMARKABLE[code])
    monkeypatch.setattr(Pass, "_book_actions", lambda _: None)  # as if it became known after the booking
    advance(EVENING + timedelta(days=1))
    report = sync()
    assert report.marked == [] and str(report.unmarked_because).startswith(code)
    assert execute("select count(*) from ops.heartbeats where process = 'sync'") == [{"count": 3}]
    heard = [{"level": "HIGH", "account": "test", "symbol": "AAA"}] if code == "MQ322" else []
    assert execute("select level, account, symbol from notify.alerts where code = 'BOOK_UNMARKABLE'") == heard


def test_i10_an_order_of_yesterday_is_never_sent(desk: str) -> None:
    place_and_finish()
    advance(EVENING)
    report = sync()
    assert (report.claimed, len(report.expired), report.marked) == ([], 3, [date(2020, 1, 7)])


def test_i14_a_kill_file_releases_nothing(desk: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place_and_finish()
    monkeypatch.setenv("KILL_SWITCH_FILE", str(tmp_path / "KILL_SWITCH"))
    (tmp_path / "KILL_SWITCH").write_text("test\n")
    report = sync()
    assert (report.killed, report.claimed) == (True, [])
    ended = [{"state": "CANCELLED", "unsent": True}]
    assert execute("select distinct state, unsent from trade.orders") == ended, "entries end with a kill (B7)"
    (tmp_path / "KILL_SWITCH").unlink()
    assert sync().killed and not execute("select * from ops.kill_sources"), "its source is clear, nobody has resumed"
    execute("select fixtures.resume()")
    report = sync()
    assert (report.killed, report.claimed) == (False, [])


def test_i14_while_a_kill_file_keeps_a_stop_its_position_is_heard_of(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """B8: not a POST leaves, pass after pass; once the file is gone the stop does, still under the kill."""
    load_desk("select fixtures.unprotected()")
    file = tmp_path / "KILL_SWITCH"
    monkeypatch.setenv("KILL_SWITCH_FILE", str(file))
    file.write_text("reason", encoding="ascii")
    passes = [sync(), sync()]
    assert [told.protected for told in passes] == [1, 0]
    assert [(told.killed, told.unprotected, told.claimed, told.unsettled) for told in passes] == [(True, 1, [], [])] * 2
    waiting = [{"state": "PENDING", "post_attempt": 0}]
    assert execute("select state, post_attempt from trade.orders") == waiting
    heard = "select symbol, level, detail ->> 'fault' as fault from notify.alerts where code = 'NO_PROTECTIVE_STOP'"
    assert execute(heard) == [{"symbol": "AAA", "level": "CRITICAL", "fault": "KILL_FILE"}]
    file.unlink()
    told = sync()
    assert (told.killed, told.unprotected, len(told.acknowledged)) == (True, 0, 1)


def test_i32_a_pass_under_another_configuration_touches_no_order(desk: str) -> None:
    place_and_finish()
    execute(
        "insert into govern.config_pins (config_sha256, reason, pinned_at) values (repeat('b', 64), 'x', ops.now())"
    )
    with pytest.raises(IntegrityError):
        sync()
    assert [row["state"] for row in execute("select state from trade.orders")] == ["PENDING"] * 3


def test_an_account_that_is_not_there(desk: str) -> None:
    with pytest.raises(UsageError, match="no account nobody"):
        sync_once(settings.load(), golden.load(), "nobody")


def test_a_worker_that_is_there_before_the_first_cycle_waits_for_it(
    database: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of an account of the configuration; another's name is a mistake."""
    config, reports = golden.load(), []
    execute((ROOT / "tests" / "sql" / "fixtures" / "01_fund.sql").read_text(encoding="utf-8"))
    execute("select fixtures.reference(), ops.advance_clock('2013-02-27 22:00Z')")
    lock.pin(config, "test")
    with pytest.raises(UsageError, match="no account nobody"):
        loop.sync_forever(settings.load(), config, "nobody", 0.05, reports.append)
    opening = threading.Timer(
        1.0, execute, ["select trade.open_account('paper', 'paper', 'paper', 'XNYS', 1000000, null, '2013-02-27')"]
    )
    stop = threading.Timer(30, os.kill, [os.getpid(), signal.SIGTERM])  # without the wait it would not get there
    opening.start(), stop.start()

    def told(report: SyncReport) -> None:
        reports.append(report)
        os.kill(os.getpid(), signal.SIGTERM)

    try:
        loop.sync_forever(settings.load(), config, "paper", 0.05, told)
    finally:
        opening.cancel(), stop.cancel()
    assert [report.account for report in reports] == ["paper"]
    assert "".join(capsys.readouterr()).count("waiting_for_the_first_cycle") == 1, "said once"


#: A process that kills itself, as kill -9 does, right before or right after the n-th call of a query.
CRASH = """
import os, signal, sys
from runner import config, db, settings
settings.DATABASE = sys.argv[1]
when, wanted, number = sys.argv[2], sys.argv[3], int(sys.argv[4])
run, calls = db._run, 0
def crashing(connection, name, params):
    global calls
    calls += name == wanted
    if name == wanted and calls == number:
        if when == "after":
            run(connection, name, params).fetchall()
        os.kill(os.getpid(), signal.SIGKILL)
    return run(connection, name, params)
db._run = crashing
from runner.brokers.sync import sync_once
sync_once(settings.load(), config.load(), "test")
"""

#: The steps of a day's two syncs, each with the call at which the process dies.
OPENING_STEPS = (("trade.expire_orders", 1), ("trade.record_ack", 2), ("trade.claim_orders", 1))
EVENING_STEPS = (
    ("trade.record_execution", 1),
    ("trade.record_execution", 1),
    ("trade.record_reports", 1),
    ("trade.mark_nav", 1),
)


def crash(database: str, when: str, query: str, number: int) -> bool:
    """Run a sync that dies at that point; whether it got there."""
    process = subprocess.run(
        [sys.executable, "-c", CRASH, database, when, query, str(number)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert process.returncode in (0, -signal.SIGKILL), process.stderr
    return process.returncode == -signal.SIGKILL


@pytest.fixture(scope="module")
def undisturbed(fresh: Callable[[], str]) -> Iterator[dict[str, list[dict[str, Any]]]]:
    """How the day ends without a crash."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "DATABASE", fresh())
        load_desk()
        place_and_finish()
        sync()
        advance(EVENING)
        sync()
        yield outcome()


@pytest.mark.parametrize("when", ["before", "after"])
def test_i4_i9_a_kill_at_every_step_changes_nothing(
    desk: str, undisturbed: dict[str, list[dict[str, Any]]], when: str
) -> None:
    """The process dies at one step after the other, each time run again at once; the day ends as if it had not."""
    place_and_finish()
    for query, number in OPENING_STEPS:
        assert crash(desk, when, query, number), f"{query} was never reached"
    sync()
    advance(EVENING)
    for query, number in EVENING_STEPS:
        assert crash(desk, when, query, number), f"{query} was never reached"
    sync()
    assert outcome() == undisturbed
    assert execute("select max(post_attempt) as posts from trade.orders") == [{"posts": 1}]


def claim_all(worker: str, barrier: threading.Barrier) -> list[tuple[str, int]]:
    claimed = []
    with db.connect("fund_broker", autocommit=True) as connection:
        barrier.wait()
        while rows := db.fetch_all(
            connection, "trade.claim_orders", account="test", worker=worker, lease_seconds=60, limit_count=1
        ):
            claimed += [(row["client_order_id"], row["fencing_token"]) for row in rows]
    return claimed


def test_i4_two_workers_claim_each_order_once(desk: str) -> None:
    intents = ",".join(
        f'{{"symbol": "{symbol}", "leg": "{leg}", "side": "BUY", "quantity": 10}}'
        for symbol in ("AAA", "BBB", "CCC", "DDD")
        for leg in ("entry", "hedge")
    )
    execute(f"select fixtures.place('[{intents}]'); select fixtures.done()")
    for attempt in range(1, 6):
        barrier = threading.Barrier(2)
        with ThreadPoolExecutor(2) as pool:
            claims = list(pool.map(claim_all, ["one", "two"], [barrier] * 2))
        assert sorted(token for claimed in claims for _, token in claimed) == [attempt] * 8
        assert len({name for claimed in claims for name, _ in claimed}) == 8
        execute("select trade.return_unsent(client_order_id, fencing_token, 'again') from trade.orders")


def test_i12_i16_two_baskets_at_sixty_per_cent_of_a_cap_never_pass_it(desk: str) -> None:
    """Two transactions at once, each within the cap by itself: one is placed, the other refused with the cap's name."""
    for symbol, quantity in (("AAA", 600), ("BBB", 1200), ("CCC", 300)):
        barrier = threading.Barrier(2)

        def place(
            leg: str, symbol: str = symbol, quantity: int = quantity, barrier: threading.Barrier = barrier
        ) -> str:
            intent = f'[{{"symbol": "{symbol}", "leg": "{leg}", "side": "BUY", "quantity": {quantity}}}]'
            with db.connect("fund_decider") as connection:
                barrier.wait()
                (row,) = db.fetch_all(connection, "trade.place_orders", cycle_id=RUN, run=1, intents=intent)
            return str(row["refused_by"])

        with ThreadPoolExecutor(2) as pool:
            assert sorted(pool.map(place, ["entry", "hedge"])) == ["None", "name_concentration"]


def test_the_command_says_what_it_did(
    desk: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from runner import cli

    place_and_finish()
    assert cli.run(["sync", "--once", "--account", "test"]) == 0
    assert "3 claimed, 3 acknowledged" in capsys.readouterr().out
    execute("update ref.instruments set price_basis = 'split_adjusted' where symbol = 'AAA'")
    advance(EVENING)
    assert cli.run(["sync", "--once", "--account", "test"]) == 0
    shown = capsys.readouterr().out
    assert "2 filled" in shown
    assert "1 of 2 fills are on adjusted prices" in shown
