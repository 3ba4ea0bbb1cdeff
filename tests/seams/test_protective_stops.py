"""Protective stops under several workers: one rests for a position, whoever asks, nobody waits for ever (B8, I4)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from runner import db, settings
from tests.conftest import ROOT

WORKERS = 4
PASSES = 8

#: One pass of a worker: protect, claim, acknowledge; a broker that confirms every cancel at once.
PASS = """
    select trade.protect_positions('test');
    select trade.record_ack(c.client_order_id, c.fencing_token, 'b-' || c.client_order_id)
    from trade.claim_orders('test', '{worker}', 60, 5) as c;
    select trade.record_end(r.client_order_id, 'CANCELLED', 'asked for')
    from trade.claim_requests('test', '{worker}', 60, 5) as r;
"""


@pytest.fixture
def desk(fresh: Callable[[], str], monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """100 AAA held, a stop decided, nothing placed."""
    name = fresh()
    monkeypatch.setattr(settings, "DATABASE", name)
    for path in sorted((ROOT / "tests" / "sql" / "fixtures").glob("0[12]_*.sql")):
        execute(path.read_text(encoding="utf-8"))
    execute("select fixtures.unprotected(); alter table decide.decisions disable trigger all")
    yield name


def execute(text: str) -> list[dict[str, Any]]:
    """Statements as the deployer; the rows of the last one."""
    with db.connect(db.DEPLOYER, autocommit=True) as connection:
        return db.fetch_text(connection, "test", text)


def work(worker: int) -> None:
    """The passes of one worker, each statement a transaction of its own."""
    with db.connect("fund_broker", autocommit=True) as connection:
        for _ in range(PASSES):
            for statement in PASS.format(worker=f"w{worker}").split(";"):
                if statement.strip():
                    db.fetch_text(connection, "pass", statement)


def stops(which: str = "true") -> list[tuple[int, str, str]]:
    rows = execute(
        "select revision, state, trim_scale(stop_price) as price from trade.orders "
        f"where leg = 'stop' and {which} order by revision"
    )
    return [(row["revision"], row["state"], str(row["price"])) for row in rows]


def test_i4_many_workers_place_one_stop_and_replace_it_once(desk: str) -> None:
    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(work, range(WORKERS)))
        assert stops() == [(0, "ACKNOWLEDGED", "95.01")]
        execute("update decide.decisions set stop_loss = 97")
        list(pool.map(work, range(WORKERS)))
    assert stops() == [(0, "CANCELLED", "95.01"), (1, "ACKNOWLEDGED", "97")]
    assert execute("select client_order_id from trade.orders where post_attempt > 1") == []


def test_placing_and_protecting_at_the_same_time_ends_without_a_deadlock(desk: str) -> None:
    """While workers pass, exits are placed and cancelled: in the end one stop covers it all, and no exit lives."""
    work(0)
    execute("select fixtures.next_cycle()")
    with ThreadPoolExecutor(WORKERS) as pool:
        passes = [pool.submit(work, worker) for worker in range(WORKERS - 1)]
        for revision in range(PASSES):
            exit_order = f'[{{"symbol": "AAA", "leg": "exit", "side": "SELL", "quantity": 10, "revision": {revision}}}]'
            execute(f"select fixtures.place_next('{exit_order}')")
            execute("select trade.request_cancel(client_order_id, 'x') from trade.orders where leg = 'exit' order by 1")
        for one in passes:
            one.result()
    work(0)
    live = stops("closed_at is null")
    assert [(state, price) for _, state, price in live] == [("ACKNOWLEDGED", "95.01")]
    assert len(execute("select 1 as n from trade.orders where leg = 'exit' and state = 'CANCELLED'")) == PASSES
