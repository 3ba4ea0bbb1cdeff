"""I8: `breaks resolve --accept` as a person types it, each time in a session of its own.

What a routine's first call does in a session is not what its sixth does, by when the server has settled on a plan.
"""

from __future__ import annotations

from typing import Any

import pytest

from runner import cli, db
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
