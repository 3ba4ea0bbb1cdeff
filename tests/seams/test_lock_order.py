"""The locks of sql/README.md: who must wait for a row waits; and all of them at once, without a deadlock."""

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

SECONDS = 8.0
LEGS = ("entry", "hedge")
BASKET = json.dumps(
    [{"symbol": s, "leg": leg, "side": "BUY", "quantity": 10} for s in ("AAA", "BBB", "CCC", "DDD") for leg in LEGS]
)
OPENED = "decide.open_cycle('test', 'paper', 's', '2020-01-06', 'close', repeat('a', 64), 30, 900, 'h', 1, 'v', '{}')"
DEADLOCK = "40P01"
LOCK_TIMEOUT = "55P03"


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
        execute("alter table decide.cycle_runs disable trigger user; update decide.cycle_runs set state = 'OPEN'")
        execute(HELPERS)
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

#: Per lock: who must wait for it, as which role, and the row that somebody else holds. Without it each goes through.
WAITS = {
    "placing, for other baskets": (
        "fund_decider",
        f"select trade.place_orders(repeat('1', 32), 1, '{BASKET}')",
        "ops.locks where lock_name = 'orders'",
    ),
    "placing, for the kill row": (
        "fund_decider",
        f"select trade.place_orders(repeat('1', 32), 1, '{BASKET}')",
        "ops.locks where lock_name = 'kill'",
    ),
    "claiming, for a basket": (
        "fund_broker",
        "select trade.claim_orders('test', 'w', 1, 2)",
        "ops.locks where lock_name = 'orders'",
    ),
    "claiming, for the kill row": (
        "fund_broker",
        "select trade.claim_orders('test', 'w', 1, 2)",
        "ops.locks where lock_name = 'kill'",
    ),
    "a stricter number, for a basket": (
        "fund_operator",
        "select govern.tighten_limit('var', 0.03, 'x')",
        "ops.locks where lock_name = 'orders'",
    ),
    "another configuration, for a basket": (
        "fund_operator",
        "select fixtures.pin('golden: 9')",
        "ops.locks where lock_name = 'orders'",
    ),
    "a second person's word, for a basket": (
        db.DEPLOYER,
        "insert into govern.change_requests (kind, content, content_sha256, base_sha256, loosened, reason,"
        " effective_from, expires_at, proposed_at) values"
        " ('lift', '{}', repeat('0', 64), repeat('0', 64), '{var}', 'x', ops.now(),"
        " ops.now() + interval '1 hour', ops.now());"
        "select govern.hold_change(max(request_id), '{PROPOSED}') from govern.change_requests",
        "ops.locks where lock_name = 'orders'",
    ),
    "opening a cycle, for what is being ingested": (
        "fund_decider",
        f"select {OPENED}",
        "ops.locks where lock_name = 'market'",
    ),
    "opening a cycle, for another of the account": (
        "fund_decider",
        f"select {OPENED}",
        "trade.accounts where account = 'test'",
    ),
    "a step of a run, for its end": (
        "fund_decider",
        "select decide.record_inputs(repeat('1', 32), 1, '[]')",
        "decide.cycle_runs where run = 1",
    ),
}


@pytest.mark.parametrize("wait", WAITS)
def test_i12_who_must_not_pass_waits(wait: str, arena: str) -> None:
    role, statement, row = WAITS[wait]

    def attempt() -> None:
        with db.connect(role) as connection:
            db.execute_text(connection, wait, f"set lock_timeout = '250ms'; {statement}")
            connection.rollback()

    attempt()
    with db.connect(db.DEPLOYER) as holder:
        db.execute_text(holder, "hold", f"select 1 from {row} for update")
        with pytest.raises(FundError) as refused:
            attempt()
    assert refused.value.code == LOCK_TIMEOUT


def test_i4_a_claim_passes_over_what_another_holds(arena: str) -> None:
    """Whoever claims waits for no order of another worker, and never gets it."""
    pending = "select client_order_id from trade.orders where state = 'PENDING' order by placed_at, client_order_id"
    execute("update decide.cycle_runs set state = 'DONE'")
    try:
        held, *others = [row["client_order_id"] for row in execute(pending)]
        with db.connect(db.DEPLOYER) as holder, db.connect("fund_broker") as connection:
            db.execute_text(holder, "hold", f"select 1 from trade.orders where client_order_id = '{held}' for update")
            claim = "set lock_timeout = '250ms'; select client_order_id from trade.claim_orders('test', 'w', 60, 100)"
            claimed = db.script_values(connection, "claim", claim)
            connection.rollback()
        assert sorted(claimed) == sorted(str(name) for name in others) != []
    finally:
        execute("update decide.cycle_runs set state = 'OPEN'")


def test_placing_holds_no_stop_while_it_waits_for_one_before_it(database: str) -> None:
    """Stops are locked by client_order_id, as reports lock them, whatever the order of the basket: no deadlock."""
    for file in ("01_fund.sql", "02_desk.sql"):
        execute((ROOT / "tests" / "sql" / "fixtures" / file).read_text(encoding="utf-8"))
    execute("select fixtures.desk(), fixtures.hold('AAA', 100), fixtures.hold('BBB', 100)")
    execute("select fixtures.decided('AAA', 95), fixtures.decided('BBB', 45), fixtures.done()")
    execute("select trade.protect_positions('test'); select fixtures.next_cycle()")
    first, second = (
        row["client_order_id"]
        for row in execute("select client_order_id from trade.orders where leg = 'stop' order by 1")
    )
    basket = [{"symbol": s, "leg": "exit", "side": "SELL", "quantity": 100} for s in ("BBB", "AAA")]

    def place_both() -> None:
        with db.connect("fund_decider") as connection:
            db.fetch_all(connection, "trade.place_orders", cycle_id="2" * 32, run=1, intents=json.dumps(basket))

    placing = threading.Thread(target=place_both)
    with db.connect(db.DEPLOYER) as reporting:
        lock = "select 1 from trade.orders where client_order_id = '{}' for no key update nowait"
        db.execute_text(reporting, "first", lock.format(first))
        placing.start()
        while placing.is_alive() and not execute(
            "select 1 from pg_stat_activity where wait_event_type = 'Lock' and usename = 'fund_decider'"
        ):
            time.sleep(0.01)
        db.execute_text(reporting, "second", lock.format(second))
    placing.join()
    assert [row["state"] for row in execute("select state from trade.orders where leg = 'stop'")] == ["CANCELLED"] * 2


def test_b7_a_cancel_to_make_way_is_not_withdrawn_while_somebody_places(database: str) -> None:
    """What is being placed may have just found it, and waits for the stop to end. Nor does the claim wait for it."""
    for file in ("01_fund.sql", "02_desk.sql"):
        execute((ROOT / "tests" / "sql" / "fixtures" / file).read_text(encoding="utf-8"))
    execute("select fixtures.released(), fixtures.hold('AAA', 100)")
    execute("""
        insert into trade.orders select (jsonb_populate_record(o, '{"client_order_id": "stop", "leg": "stop",
            "side": "SELL", "order_type": "STOP", "stop_price": 90, "state": "PENDING", "post_attempt": 0,
            "in_doubt": false, "unsent": false}')).* from trade.orders as o where o.client_order_id = fixtures.aaa();
        alter table trade.orders disable trigger all;
        update trade.orders set state = 'ACKNOWLEDGED', broker_order_id = 'b-stop' where client_order_id = 'stop';
        update trade.orders set state = 'CANCELLED', closed_at = ops.now() where leg <> 'stop';
        alter table trade.orders enable trigger all;
        select trade.insert_request(o, 'LATER_LEG') from trade.orders as o where o.client_order_id = 'stop';
        """)
    claim = "set lock_timeout = '250ms'; select broker_order_id from trade.claim_requests('test', 'w', 60, 10)"
    open_requests = "select count(*) as n from trade.order_requests where settled_at is null"
    with db.connect("fund_broker") as connection:
        with db.connect(db.DEPLOYER) as placing:
            db.execute_text(placing, "hold", "select 1 from ops.locks where lock_name = 'orders' for update")
            assert db.script_values(connection, "claim", claim) == []
            connection.commit()
        assert execute(open_requests) == [{"n": 1}]
        assert db.script_values(connection, "claim", claim) == []
        connection.commit()
    assert execute(open_requests) == [{"n": 0}]


@pytest.mark.parametrize(
    "statement",
    ["trade.record_execution('test', fixtures.execution('waits'))", "trade.apply_corporate_actions('test')"],
)
def test_i9_what_is_booked_waits_for_a_mark_of_its_account(statement: str, arena: str) -> None:
    """A mark adds up the account's cash and fills: whoever changes them comes before it or after it."""
    with db.connect(db.DEPLOYER) as marking, db.connect("fund_broker") as connection:
        db.execute_text(marking, "mark", "select 1 from trade.accounts where account = 'test' for no key update")
        with pytest.raises(FundError) as refused:
            db.execute_text(connection, "book", f"set lock_timeout = '250ms'; select {statement}")
    assert refused.value.code == LOCK_TIMEOUT


def test_a_watchdog_passes_over_a_run_that_is_being_closed(arena: str) -> None:
    """Its lease is over, but whoever holds its row is about to end it: nobody waits for that row."""
    execute("update decide.cycle_runs set lease_until = clock_timestamp() - interval '1 second'")
    try:
        with db.connect(db.DEPLOYER) as holder, db.connect("fund_broker") as connection:
            db.execute_text(holder, "hold", "select 1 from decide.cycle_runs for update")
            watch = "set lock_timeout = '250ms'; select decide.watch_cycles('test')"
            assert db.script_values(connection, "watch", watch) == [0]
            connection.rollback()
    finally:
        execute("update decide.cycle_runs set lease_until = clock_timestamp() + interval '1 day'")


def test_i4_a_late_answer_is_judged_by_the_claim_that_outdates_it(arena: str) -> None:
    """What meets another worker's claim on its way is judged by the token that the claim leaves."""
    (order,) = execute(
        "select client_order_id, fencing_token from trade.orders"
        " where state = 'SUBMITTED' order by client_order_id limit 1"
    )
    refused: list[str | None] = []

    def answer() -> None:
        try:
            with db.connect("fund_broker", autocommit=True) as connection:
                call = "select trade.record_doubt('{client_order_id}', {fencing_token}, 'late')"
                db.execute_text(connection, "answer", call.format(**order))
        except FundError as error:
            refused.append(error.code)

    with db.connect(db.DEPLOYER) as claiming:
        claim = "update trade.orders set fencing_token = fencing_token + 1 where client_order_id = '{client_order_id}'"
        db.execute_text(claiming, "claim", claim.format(**order))
        late = threading.Thread(target=answer)
        late.start()
        while late.is_alive() and not execute(
            "select 1 from pg_stat_activity where wait_event_type = 'Lock' and query like '%record_doubt%'"
            " and usename = 'fund_broker'"
        ):
            time.sleep(0.01)
    late.join()
    assert refused == ["MQ313"]


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


def place() -> None:
    with db.connect("fund_decider") as connection:
        db.fetch_all(connection, "trade.place_orders", cycle_id="1" * 32, run=1, intents=BASKET)


def test_every_routine_that_locks_races_without_a_deadlock(arena: str) -> None:
    """A kill ends who holds its locks, a lost race is an error of ours: neither is a deadlock. Placing races too."""
    numbers = itertools.count()

    def call(connection: db.Connection, name: str) -> None:
        db.fetch_text(connection, name, ROUTINES[name][1].replace("%n", str(next(numbers))))

    place()
    for name, (
        role,
        _,
    ) in ROUTINES.items():  # alone each comes through; in the race a slow machine may let one lose all
        with db.connect(role, autocommit=True) as connection:
            call(connection, name)

    tried, failed = Counter[str](), Counter[str]()
    end = time.monotonic() + SECONDS

    def turn(name: str) -> None:
        while time.monotonic() < end:
            try:
                if name == "place":
                    tried[name] += 1
                    place()
                    continue
                with db.connect(ROUTINES[name][0], autocommit=True) as connection:
                    while time.monotonic() < end:
                        tried[name] += 1
                        call(connection, name)
                        time.sleep(0.5 if name == "kill" else 0)
            except DatabaseUnreachable:  # a kill has ended this session
                failed[f"{name} ended"] += 1
            except FundError as error:
                failed[f"{name} {error.code}"] += 1

    threads = [threading.Thread(target=turn, args=(name,)) for name in (*ROUTINES, "place", "place")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {*ROUTINES, "place"} == tried.keys()
    assert not [name for name in failed if name.endswith(DEADLOCK)], failed
    (counted,) = execute(f"select deadlocks from pg_stat_database where datname = '{arena}'")
    assert counted["deadlocks"] == 0
