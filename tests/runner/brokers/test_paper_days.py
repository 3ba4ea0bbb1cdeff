"""The paper exchange behind broker-sync, on a database: orders that rest for days, with the worker away in between."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from runner import config as golden
from runner import db, settings
from runner.brokers.desk import open_desk
from runner.brokers.sync import Pass, SyncReport
from tests.conftest import ROOT

RUN = "1" * 32


def execute(text: str) -> list[dict[str, Any]]:
    """Run statements as the deployer; the rows of the last one."""
    with db.connect(db.DEPLOYER, autocommit=True) as connection:
        return db.fetch_text(connection, "test", text)


@pytest.fixture
def desk(database: str) -> Iterator[str]:
    """The desk of tests/sql/fixtures in a database of its own; nothing is placed yet."""
    for name in ("01_fund.sql", "02_desk.sql", "04_actions.sql"):
        execute((ROOT / "tests" / "sql" / "fixtures" / name).read_text(encoding="utf-8"))
    execute("select fixtures.desk()")
    yield database


def sync(day: int, hour: int, minute: int = 30) -> SyncReport:
    """One pass at an instant of January 2020."""
    execute(f"select ops.advance_clock('{datetime(2020, 1, day, hour, minute, tzinfo=UTC).isoformat()}')")
    config = golden.load()
    with db.connect("fund_broker", autocommit=True) as connection:
        return Pass(connection, settings.load(), config, open_desk(connection, config, "test")).run()


def place(*intents: str) -> None:
    execute(f"select fixtures.place('[{', '.join(intents)}]'); select fixtures.done()")


LIMIT = """{"symbol": "AAA", "leg": "entry", "side": "BUY", "quantity": 100,
    "order_type": "LIMIT", "time_in_force": "GTC", "limit_price": 99}"""


def bar(symbol: str, session: str, low: float, volume: float) -> None:
    execute(f"""update market.price_history set low = {low}, volume = {volume}
        where symbol = '{symbol}' and session = '{session}'""")


def test_a_resting_order_fills_in_the_right_sessions_when_the_worker_was_away(desk: str) -> None:
    """I9: three days later its fills stand in the sessions whose bars traded through it; again nothing changes."""
    place(LIMIT)
    bar("AAA", "2020-01-07", 99, 10_000)
    bar("AAA", "2020-01-08", 98, 600)
    bar("AAA", "2020-01-09", 98, 600)
    assert len(sync(6, 21, 40).acknowledged) == 1
    report = sync(9, 21)
    assert [(f.session.day, f.quantity, f.price, f.fee) for f in report.fills] == [
        (8, Decimal(60), Decimal(99), Decimal("0.3500")),
        (9, Decimal(40), Decimal(99), Decimal("0.0000")),
    ]
    assert report.marked == [date(2020, 1, day) for day in (7, 8, 9)]
    assert execute("select state from trade.orders") == [{"state": "FILLED"}]
    assert not sync(9, 21).changed


def test_what_is_booked_stands_when_its_bar_is_revised(desk: str) -> None:
    place(LIMIT)
    bar("AAA", "2020-01-07", 98, 600)
    sync(6, 21, 40)
    assert [f.quantity for f in sync(7, 21).fills] == [60]
    bar("AAA", "2020-01-07", 100, 700)
    report = sync(8, 21)
    assert (report.fills, report.breaks) == ([], [])
    assert execute("select state from trade.orders") == [{"state": "PARTIAL"}]


def test_a_cancel_ends_what_rests_and_is_asked_for_once(desk: str) -> None:
    place(LIMIT)
    bar("AAA", "2020-01-08", 98, 100_000)
    sync(6, 21, 40)
    sync(7, 21)
    execute("select trade.request_cancel(fixtures.aaa(), 'test')")
    report = sync(7, 21)
    assert (len(report.cancels), [(e.state, e.reason) for e in report.ended]) == (
        1,
        [("CANCELLED", "CANCEL_REQUESTED")],
    )
    later = sync(8, 21)
    assert (later.fills, later.cancels) == ([], [])
    (row,) = execute("select outcome, settled_at is not null as settled from trade.order_requests")
    assert row == {"outcome": "ACCEPTED", "settled": True}


MARKET = """{"symbol": "CCC", "leg": "entry", "side": "BUY", "quantity": 10}"""


def test_a_split_and_a_dividend_overnight(desk: str) -> None:
    """D14, I9: old shares rest no longer, the position and its value stay right, a pass later nothing is due."""
    place(LIMIT, MARKET)
    execute("select fixtures.action('AAA', '2020-01-08', 'split', 2); select fixtures.rebase('AAA', '2020-01-08', 2)")
    execute("select fixtures.action('CCC', '2020-01-08', 'split', 7); select fixtures.rebase('CCC', '2020-01-08', 7)")
    execute("select fixtures.action('CCC', '2020-01-09', 'dividend', 1.01, 0.3)")
    sync(6, 21, 40)
    sync(7, 21)
    # The split bar of AAA lies below the limit of 99: an order of old shares would fill at a price that is none.
    report = sync(8, 21)
    assert [(a["symbol"], a["kind"], a["quantity"], a["cash"]) for a in report.actions] == [("CCC", "split", 60, 0)]
    assert [(e.symbol, e.state, e.reason) for e in report.ended] == [("AAA", "CANCELLED", "SPLIT")]
    assert report.fills == []
    later = sync(9, 21)
    assert [(a["kind"], a["cash"], a["session"].day) for a in later.actions] == [("dividend", Decimal("21.0"), 9)]
    marks = execute("select session, round(nav, 6) as nav from trade.nav order by session")
    assert [mark["nav"] - marks[1]["nav"] for mark in marks[1:]] == [0, 0, 21]
    assert not sync(9, 21).changed


def test_a_split_known_before_the_release_stops_the_order(desk: str) -> None:
    """An order placed the evening before a split never leaves once the split is known."""
    place(MARKET)
    execute("select fixtures.action('CCC', '2020-01-07', 'split', 7)")
    report = sync(7, 15)
    assert report.claimed == []
    assert execute("select state, unsent from trade.orders") == [{"state": "CANCELLED", "unsent": True}]
