"""The lock order of sql/README.md, raced: every routine that takes locks at once, and no deadlock."""

from __future__ import annotations

import itertools
import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from runner import db, settings
from runner.errors import DatabaseUnreachable, FundError
from tests.conftest import ROOT

SECONDS = 6.0
LEGS = ("entry", "hedge")
BASKET = json.dumps(
    [{"symbol": s, "leg": leg, "side": "BUY", "quantity": 10} for s in ("AAA", "BBB", "CCC", "DDD") for leg in LEGS]
)
DEADLOCK = "40P01"


@pytest.fixture(scope="module")
def arena(fresh: Callable[[], str]) -> Iterator[str]:
    """The desk at a broker outside, eight orders placed and one of them acknowledged, its run open for good."""
    with pytest.MonkeyPatch.context() as patch:
        name = fresh()
        patch.setattr(settings, "DATABASE", name)
        for file in ("01_fund.sql", "02_desk.sql"):
            text = (ROOT / "tests" / "sql" / "fixtures" / file).read_text(encoding="utf-8")
            execute(text.replace("interval '1 hour'", "interval '1 day'"))
        execute("select fixtures.desk(); select fixtures.external()")
        execute(f"select fixtures.place('{BASKET}')")
        execute("select fixtures.done(); select trade.claim_orders('test', 'first', 3600, 4)")
        yield name


def execute(text: str) -> list[dict[str, object]]:
    with db.connect(db.DEPLOYER, autocommit=True) as connection:
        return db.fetch_text(connection, "test", text)


#: Role and statement of each thread; %n is a number that rises.
ROUTINES = {
    "claim": ("fund_broker", "select trade.claim_orders('test', 'w%n', 1, 2)"),
    "claim too": ("fund_broker", "select trade.claim_orders('test', 'v%n', 1, 8)"),
    "expire": ("fund_broker", "select trade.expire_orders('test')"),
    "report": ("fund_broker", "select trade.record_reports('test', fixtures.reports())"),
    "look up": ("fund_broker", "select fixtures.not_found()"),
    "execute": ("fund_broker", "select trade.record_execution('test', fixtures.execution('x%n'))"),
    "snapshot": ("fund_broker", "select trade.record_snapshot('test', 'w', fixtures.reading())"),
    "orphan": ("fund_broker", "select trade.record_orphans('test', '[]')"),
    "cancel": ("fund_operator", "select fixtures.cancel()"),
    "requests": ("fund_broker", "select trade.claim_requests('test', 'w%n', 1, 4)"),
    "break": ("fund_broker", "select trade.report_break('test', 'POSITION', 'AAA', 's%n', '{}')"),
    "resolve": ("fund_operator", "select trade.resolve_break(min(break_id), 'race') from trade.open_breaks"),
    "kill": ("fund_broker", "select ops.engage_kill_switch('race', 'orphan')"),
    "clear": ("fund_operator", "select ops.clear_kill_source('orphan', '', 'race')"),
}

#: What the statements above ask of the orders there are; functions, so that one statement is one transaction.
HELPERS = """
grant usage on schema fixtures to public;
create function fixtures.reports() returns jsonb language sql security definer as $$
    select coalesce(jsonb_agg(jsonb_build_object(
        'client_order_id', o.client_order_id, 'broker_order_id', 'b' || o.client_order_id, 'status', 'accepted',
        'symbol', o.symbol, 'side', o.side, 'quantity', o.quantity, 'filled_quantity', 0, 'order_type', o.order_type,
        'time_in_force', o.time_in_force, 'limit_price', null, 'stop_price', null,
        'updated_at', '2020-01-07T15:00:00Z', 'reason', null
    )), '[]')
    from trade.orders as o where o.post_attempt > 0
$$;
create function fixtures.not_found() returns text language sql security definer as $$
    select trade.record_not_found(o.client_order_id, o.fencing_token, 1)
    from trade.orders as o where o.in_doubt limit 1
$$;
create function fixtures.execution(p_id text) returns jsonb language sql security definer as $$
    select jsonb_build_object(
        'execution_id', p_id, 'client_order_id', o.client_order_id, 'symbol', o.symbol, 'side', o.side,
        'quantity', 0.0001, 'price', 100, 'fee', 0, 'price_basis', 'raw', 'session', '2020-01-07',
        'filled_at', '2020-01-07T15:00:00Z'
    )
    from trade.orders as o where o.post_attempt > 0 and o.closed_at is null order by random() limit 1
$$;
create function fixtures.cancel() returns bigint language sql security definer as $$
    select trade.request_cancel(o.client_order_id, 'race')
    from trade.orders as o where o.state = 'ACKNOWLEDGED' order by random() limit 1
$$;
grant execute on all functions in schema fixtures to public;
"""


def test_every_routine_that_locks_races_without_a_deadlock(arena: str) -> None:
    """A kill ends who holds its locks, a lost race is an error of ours: neither is a deadlock. Placing races too."""
    execute(HELPERS)
    done, failed = Counter[str](), Counter[str]()
    over = time.monotonic() + SECONDS
    numbers = itertools.count()

    def turn(name: str, role: str, statement: str) -> None:
        while time.monotonic() < over:
            try:
                with db.connect(role, autocommit=True) as connection:
                    while time.monotonic() < over:
                        db.fetch_text(connection, name, statement.replace("%n", str(next(numbers))))
                        done[name] += 1
                        # Whoever takes longer than the kill's patience needs a moment without one.
                        time.sleep(0.5 if name == "kill" else 0)
            except DatabaseUnreachable:  # a kill has ended this session
                failed[f"{name} ended"] += 1
            except FundError as error:
                failed[f"{name} {error.code}"] += 1

    def place() -> None:
        while time.monotonic() < over:
            try:
                with db.connect("fund_decider") as connection:
                    db.fetch_all(connection, "trade.place_orders", cycle_id="1" * 32, run=1, intents=BASKET)
                done["place"] += 1
            except FundError as error:
                failed[f"place {error.code}"] += 1

    execute("alter table decide.cycle_runs disable trigger user; update decide.cycle_runs set state = 'OPEN'")
    threads = [threading.Thread(target=turn, args=(name, *routine)) for name, routine in ROUTINES.items()]
    threads += [threading.Thread(target=place) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not [name for name in failed if name.endswith(DEADLOCK)], failed
    (counted,) = execute(f"select deadlocks from pg_stat_database where datname = '{arena}'")
    assert counted["deadlocks"] == 0
    assert {*ROUTINES, "place"} <= done.keys(), f"never came through: {failed}"
