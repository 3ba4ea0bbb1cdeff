"""I8: `breaks resolve --accept` as a person types it, each time in a session of its own.

What a routine's first call does in a session is not what its sixth does, by when the server has settled on a plan.
"""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest

from runner import cli, db
from runner.errors import Conflict, FundError
from tests.conftest import ROOT

EXECUTION = """
    select trade.record_execution('test', jsonb_build_object('execution_id', 'x1', 'broker_order_id', 'b1',
        'symbol', 'AAA', 'side', 'BUY', 'quantity', {}, 'price', 100, 'fee', 0, 'price_basis', 'raw',
        'session', '2020-01-07', 'filled_at', '2020-01-07T15:00:00Z'))
"""

#: What makes a break of each kind about an order, after the order was released or, where it says so, only placed.
MADE = {
    "ORDER_MISSING": (
        "select fixtures.reported()",
        *["select trade.record_snapshot('test', 'w', fixtures.reading())"] * 2,
    ),
    "DIFFERENT_ORDER": ("""select fixtures.reported('{"quantity": "90"}')""",),
    "NOT_RELEASED": ("select fixtures.reported()",),
    "EXECUTION": ("select fixtures.reported()", EXECUTION.format(60), EXECUTION.format(100)),
}


def execute(text: str) -> list[dict[str, Any]]:
    with db.connect(db.DEPLOYER, autocommit=True) as connection:
        return db.fetch_text(connection, "test", text)


@pytest.mark.parametrize("kind", MADE)
def test_i8_a_break_about_an_order_is_accepted(database: str, kind: str) -> None:
    for file in ("01_fund.sql", "02_desk.sql"):
        execute((ROOT / "tests" / "sql" / "fixtures" / file).read_text(encoding="utf-8"))
    if kind == "NOT_RELEASED":
        execute("select fixtures.desk()")
        execute("""select fixtures.place('[{"symbol": "AAA", "leg": "entry", "side": "BUY", "quantity": 100}]')""")
        execute("select fixtures.done()")
    else:
        execute("select fixtures.released()")
    execute("select fixtures.external()")
    execute("select ops.advance_clock('2020-01-07 15:00+00')")
    for statement in MADE[kind]:
        execute(statement)
    (made,) = execute("select break_id, kind from trade.open_breaks")
    assert made["kind"] == kind
    assert cli.run(["breaks", "resolve", str(made["break_id"]), "--accept", "--reason", "looked at"]) == 0
    assert execute("select state from trade.orders") == [{"state": "CANCELLED"}]
    assert kind not in {row["kind"] for row in execute("select kind from trade.open_breaks")}


def test_a6_of_what_differs_a_person_says_what_was_withdrawn(database: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A dividend is booked and unpaid: it is no part of the withdrawal, and the refusal names both figures."""
    for file in ("01_fund.sql", "02_desk.sql"):
        execute((ROOT / "tests" / "sql" / "fixtures" / file).read_text(encoding="utf-8"))
    execute("select fixtures.desk()")
    execute("select fixtures.external()")
    execute(
        "insert into trade.cash_ledger (account, kind, amount, reason, session, occurred_at)"
        " values ('test', 'dividend', 500, 'AAA', '2020-01-06', ops.now())"
    )
    for _ in range(2):
        execute("""select trade.record_snapshot('test', 'w', fixtures.reading('{"cash": "990000"}'))""")
    (made,) = execute("select break_id from trade.open_breaks")
    capital = ["breaks", "resolve", str(made["break_id"]), "--accept", "--capital", "--reason", "withdrawn"]
    assert cli.run(capital) == 14
    assert "-10500 or -10000" in capsys.readouterr().err
    for no_amount in ("ten", "NaN", "0"):
        assert cli.run([*capital, "--amount", no_amount]) == 2
    assert cli.run([*capital, "--amount", "-10000"]) == 0
    booked = execute("select kind, amount::integer as amount from trade.cash_ledger order by entry_id desc limit 1")
    assert booked == [{"kind": "withdrawal", "amount": -10000}]
    execute("""select trade.record_snapshot('test', 'w', fixtures.reading('{"cash": "990000"}'))""")
    assert execute("select clean from trade.broker_snapshots order by snapshot_id desc limit 1") == [{"clean": True}]


def test_i11_a_stranger_s_order_seen_while_an_account_is_adopted_is_not_taken_over(database: str) -> None:
    """Written behind the adoption it was read before, it would count as one from before it, and never kill."""
    for file in ("01_fund.sql", "02_desk.sql"):
        execute((ROOT / "tests" / "sql" / "fixtures" / file).read_text(encoding="utf-8"))
    execute("select fixtures.desk()")
    execute("update trade.accounts set broker = 'alpaca', broker_account_id = 'acct-1'")
    (read,) = execute(
        """select fixtures.report('{"client_order_id": "stranger", "broker_order_id": "s1"}') as report"""
    )
    stranger = f"select trade.record_orphans('test', '[{json.dumps(read['report'])}]')"
    failed: list[FundError] = []

    def look(worker: db.Connection) -> None:
        try:
            db.fetch_text(worker, "test", stranger)
        except FundError as error:
            failed.append(error)

    with db.connect("fund_broker") as reader, db.connect("fund_broker", autocommit=True) as looker:
        db.fetch_text(reader, "test", "select trade.record_snapshot('test', 'w', fixtures.reading())")
        looking = threading.Thread(target=look, args=(looker,))
        looking.start()
        looking.join(timeout=0.5)
        assert looking.is_alive(), "it waits for who holds the account"
        reader.commit()
        looking.join(timeout=30)
    assert [type(error) for error in failed] == [Conflict], "which a worker asks again"
    assert execute("select count(*) as n from trade.foreign_orders") == [{"n": 0}]
    execute(stranger)
    assert execute("select source from ops.kill_sources") == [{"source": "orphan"}]
