"""The bypass table, tried: every attempt of every login role is refused, and not one byte of control changes.

Beside the literal table of attempts.py: every write to every control table, and every routine a role was not given.
What fund_transformer may do to relations of its own, and what the gate then says, is test_bypass_gate.py.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from runner import db, deploy, settings
from runner.errors import FundError
from tests.conftest import ROOT, SUMMARY
from tests.seams.attempts import DENIED, LOGIN_ROLES, OTHER_CODES, PLACE, Attempt, Harmless, Row, attempts

SCHEMAS = ("ops", "ref", "market", "calc", "govern", "decide", "trade", "notify", "audit")
RUN = "2" * 32

#: One desk: AAA bought and released, BBB placed and pending, a second cycle open, a third ended; a kill source engaged.
SCENE = f"""
select fixtures.desk();
select fixtures.place('[{{"symbol": "AAA", "leg": "entry", "side": "BUY", "quantity": 100}},
    {{"symbol": "CCC", "leg": "entry", "side": "BUY", "quantity": 1}}]');
select fixtures.done();
select trade.claim_orders('test', 'worker', 3600, 1);
select fixtures.next_cycle();
select trade.place_orders('{RUN}', 1, '[{{"symbol": "AAA", "leg": "hedge", "side": "BUY", "quantity": 1}}]');
insert into decide.cycles
select (jsonb_populate_record(c, jsonb_build_object('cycle_id', repeat('3', 32), 'slot', '15:30'))).*
from decide.cycles as c where c.cycle_id = '{RUN}';
insert into decide.cycle_runs
select (jsonb_populate_record(r, jsonb_build_object('cycle_id', repeat('3', 32)))).*
from decide.cycle_runs as r where r.state = 'DONE' limit 1;
select trade.report_break('test', 'POSITION', 'DDD', '', '{{}}');
select ops.engage_kill_switch('the scene', 'cvar');
select ops.engage_kill_switch('the scene', 'row');
"""


def root(database: str, text: str) -> list[dict[str, object]]:
    with db.connect(db.DEPLOYER, autocommit=True, dbname=database) as connection:
        return db.fetch_text(connection, "test", text)


@pytest.fixture(scope="module")
def arena(fresh: Callable[[], str]) -> Iterator[str]:
    """A database with the scene."""
    name = fresh()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "DATABASE", name)
        for file in ("01_fund.sql", "02_desk.sql"):
            text = (ROOT / "tests" / "sql" / "fixtures" / file).read_text(encoding="utf-8")
            root(name, text.replace("interval '1 hour'", "interval '1 day'"))
        for statement in SCENE.split(";\n"):
            root(name, statement)
        yield name


def contents(database: str) -> dict[str, str]:
    """Table to count and digest of its rows, for every table of ours."""
    tables = root(
        database,
        "select c.oid::regclass::text as name from pg_class as c where c.relkind = 'r' "
        f"and c.relnamespace::regnamespace::text = any ('{{{','.join(SCHEMAS)}}}') order by 1",
    )
    union = " union all ".join(
        f"select '{t['name']}' as name, count(*) || ' ' || "
        f"coalesce(md5(string_agg(md5(x::text), '' order by md5(x::text))), '') as digest from {t['name']} as x"
        for t in tables
    )
    return {str(row["name"]): str(row["digest"]) for row in root(database, union)}


def drift(database: str) -> list[str]:
    """What differs from sql/ in definitions, triggers and privileges."""
    with db.connect(db.DEPLOYER, dbname=database) as connection:
        return deploy.drift(connection)


def happened(attempt: Attempt, session: db.Connection, names: dict[str, object], arena: str) -> str | None:
    """How the attempt went otherwise than its line says; None where it went so. Its session is cleaned."""
    text, code, rows = attempt.text, None, []
    for token, value in {"<role>": attempt.role, "<database>": arena, "<run>": RUN, **names}.items():
        text = text.replace(token, str(value))
    try:
        rows = db.fetch_text(session, "attempt", text)
    except FundError as error:
        code = error.code
    db.execute_text(session, "undo", "rollback")
    db.execute_text(session, "undo", "discard all")
    if isinstance(attempt.outcome, Row):
        values = {str(value) for row in rows for value in row.values()}
        return None if code is None and values == {attempt.outcome.value} else f"{code}, rows {values}"
    if isinstance(attempt.outcome, Harmless):
        if code is not None:
            return f"refused by {code}, so not harmless but refused"
        with db.connect(db.DEPLOYER, dbname=arena) as connection:  # rolled back: a proof may kill
            held = [
                value for row in db.fetch_text(connection, "proof", attempt.outcome.proof) for value in row.values()
            ]
            connection.rollback()
        return None if held == [True] else f"its proof gave {held}"
    return None if code == attempt.outcome else f"{code or 'it succeeded'}, not {attempt.outcome}"


def tried(arena: str) -> Iterator[tuple[Attempt, str | None]]:
    """Every attempt, each role's in a session of its own, beside a session of another role that must live on."""
    orders = root(arena, "select client_order_id, state, symbol from trade.orders")
    for role in LOGIN_ROLES:
        other = "fund_monitor" if role != "fund_monitor" else "fund_notifier"
        with db.connect(other, autocommit=True) as victim, db.connect(role, autocommit=True) as session:
            session.prepare_threshold = None  # `discard all` would take a prepared statement along
            names = {
                "<order>": next(o["client_order_id"] for o in orders if o["state"] == "SUBMITTED"),
                "<pending>": next(
                    o["client_order_id"] for o in orders if (o["state"], o["symbol"]) == ("PENDING", "CCC")
                ),
                "<victim>": db.fetch_text(victim, "pid", "select pg_backend_pid() as pid")[0]["pid"],
            }
            for attempt in attempts():
                if attempt.role == role:
                    yield attempt, happened(attempt, session, names, arena)
                    db.execute_text(victim, "alive", "select 1")


def test_every_attempt_of_the_table_is_refused(arena: str) -> None:
    """Each line ends as it says; afterwards every control table and object is what it was, to the byte."""
    before = contents(arena)
    assert drift(arena) == []
    assert {t for t in before if before[t].startswith("0 ")} < before.keys() - {"trade.orders", "ops.kill_sources"}
    table = attempts()
    assert len(table) >= 90
    assert {a.role for a in table} == set(LOGIN_ROLES)
    began = time.monotonic()
    otherwise = {f"{attempt.role}: {attempt.what}": found for attempt, found in tried(arena) if found}
    assert not otherwise, "\n".join(f"{k}: {v}" for k, v in otherwise.items())
    assert contents(arena) == before
    assert drift(arena) == []
    assert root(arena, "select lomowner from pg_largeobject_metadata") == []
    codes = {a.outcome for a in table if isinstance(a.outcome, str)}
    assert {c for c in codes if c != DENIED and not c.startswith("MQ")} == set(OTHER_CODES)
    report(table, time.monotonic() - began)


def report(table: tuple[Attempt, ...], seconds: float) -> None:
    """The summary by role."""
    SUMMARY.append(f"bypass: {len(table)} attempts, none got through, in {seconds:.0f} s; by role:")
    for role in LOGIN_ROLES:
        kinds = Counter(
            "42501" if a.outcome == DENIED else type(a.outcome).__name__.lower() if not isinstance(a.outcome, str)
            else "MQ" if a.outcome.startswith("MQ") else "other code"
            for a in table if a.role == role
        )  # fmt: skip
        SUMMARY.append(
            f"  {role:<17}{sum(kinds.values()):>4}: " + ", ".join(f"{n} {k}" for k, n in sorted(kinds.items()))
        )


@pytest.mark.parametrize("role", LOGIN_ROLES)
def test_i28_no_role_writes_a_control_table(arena: str, role: str) -> None:
    """insert, update, delete, truncate and select for update of every table of ours; one may be inserted into."""
    before = contents(arena)
    count = 0
    with db.connect(role, autocommit=True) as connection:
        for table in before:
            name = root(
                arena,
                f"select attname from pg_attribute where attrelid = '{table}'::regclass and attnum > 0 "
                "and attidentity = '' and not attisdropped order by attnum limit 1",
            )[0]["attname"]
            for text in (
                f"insert into {table} ({name}) values (null)",
                f"update {table} set {name} = {name}",
                f"delete from {table}",
                f"truncate {table}",
                f"select 1 from {table} for key share",
                f"do $x$ begin lock table {table} in share row exclusive mode; end $x$",
            ):
                lands = (role, table) == ("fund_ingestor", "market.bar_landing") and text.startswith("insert")
                with pytest.raises(FundError) as refused:
                    db.fetch_text(connection, "write", text)
                assert refused.value.code == ("23502" if lands else DENIED), text  # its rows land, but in a batch
                count += 1
    assert contents(arena) == before
    assert count == 6 * len(before)


def granted(role: str) -> set[str]:
    """Routines `sql/grants/<role>.sql` names, by schema and name."""
    text = (ROOT / "sql" / "grants" / f"{role}.sql").read_text(encoding="utf-8")
    return set(re.findall(r"grant execute on function ([a-z_]+\.[a-z_0-9]+)\(", text))


@pytest.mark.parametrize("role", LOGIN_ROLES)
def test_i28_no_role_calls_a_routine_it_was_not_given(arena: str, role: str) -> None:
    """Every routine of ours that its grants do not name, called with NULLs: 42501. dbt was given calc."""
    routines = root(
        arena,
        "select p.pronamespace::regnamespace || '.' || p.proname as name, p.oid::regprocedure::text as signature, "
        "(select string_agg('null', ', ') from generate_series(1, p.pronargs)) as arguments, "
        f"p.proisstrict and not has_function_privilege('{role}', p.oid, 'execute') as folded "
        f"from pg_proc as p where p.pronamespace::regnamespace::text = any ('{{{','.join(SCHEMAS)}}}') "
        "and p.prokind = 'f' order by 2",
    )
    count = 0
    with db.connect(role, autocommit=True) as connection:
        for routine in routines:
            given = routine["name"] in granted(role)
            if given or (role == "fund_transformer" and str(routine["name"]).startswith("calc.")):
                continue
            count += 1
            if routine["folded"]:  # a strict one with a NULL is NULL before anybody asks who calls
                continue
            with pytest.raises(FundError) as refused:
                db.fetch_text(connection, "call", f"select {routine['name']}({routine['arguments'] or ''})")
            assert refused.value.code == DENIED, routine["signature"]
    assert count > 100


@pytest.mark.parametrize("role", LOGIN_ROLES)
def test_i28_no_role_takes_an_advisory_lock(arena: str, role: str) -> None:
    """Every function of that family, session and transaction, shared and not."""
    names = root(
        arena, "select distinct p.proname as name from pg_proc as p where p.proname ~ 'advisory' and p.pronargs = 1"
    )
    assert len(names) >= 8
    with db.connect(role, autocommit=True) as connection:
        for row in names:
            with pytest.raises(FundError) as refused:
                db.fetch_text(connection, "lock", f"select {row['name']}(1)")
            assert refused.value.code == DENIED, row["name"]


#: What a session may hold while it sits in a transaction, by the role that can.
IDLERS = {
    "a snapshot": ("fund_analyst", "select * from audit.orders"),
    "a reader's lock of the orders": ("fund_decider", "lock table trade.orders in access share mode"),
    "the kill row": ("fund_decider", "select ops.kill_engaged(true)"),
    "an order": ("fund_decider", "select trade.request_cancel('<order>', 'x')"),
    "its own relations": ("fund_transformer", "create table quality.held (n integer)"),
}


@pytest.mark.parametrize("idler", IDLERS)
def test_i13_an_idle_session_keeps_nothing_from_a_kill(arena: str, idler: str) -> None:
    """It sits with every time-out off; the kill is through all the same, and what it did not commit is gone."""
    role, text = IDLERS[idler]
    order = root(arena, "select client_order_id as v from trade.orders where state = 'SUBMITTED'")[0]["v"]
    before = contents(arena)
    holder = db.open_connection(role)
    try:
        db.execute_text(holder, "idle", "set idle_in_transaction_session_timeout = 0; set lock_timeout = 0")
        db.execute_text(holder, "idle", text.replace("<order>", str(order)))
        with db.connect("fund_monitor", autocommit=True) as connection:
            kill = "set statement_timeout = '15s'; select ops.engage_kill_switch('while one sits', 'loss')"
            db.execute_text(connection, "kill", kill)
    finally:
        holder.close()
        root(arena, "select ops.release_kill_source('loss', '', 'the test is over')")
    changed = {name for name, digest in contents(arena).items() if digest != before[name]}
    assert changed == {"ops.kill_events", "notify.alerts", "audit.audit_log", "audit.heads"}


@pytest.mark.parametrize("isolation", ["repeatable read", "serializable"])
def test_i12_nothing_is_placed_under_a_snapshot_older_than_a_kill(arena: str, isolation: str) -> None:
    """A transaction that looked before the kill committed is refused; without that, its order was placed."""
    place = PLACE.replace("<run>", RUN).replace('"BBB"', '"DDD"')
    root(arena, "select ops.release_kill_source(s.source, s.host, 'the test') from ops.kill_sources as s")
    root(
        arena,
        "insert into ops.resumptions (event_id, reason, checklist, resumed_at) "
        "select max(e.event_id), 'the test', '[]', ops.now() from ops.kill_events as e",
    )
    assert root(arena, "select ops.kill_engaged(false) as engaged") == [{"engaged": False}]
    before = contents(arena)["trade.orders"]
    try:
        with db.connect("fund_decider", autocommit=True) as late:
            db.execute_text(late, "look", f"begin isolation level {isolation}; select count(*) from trade.orders")
            root(arena, "select ops.engage_kill_switch('it commits in between')")
            with pytest.raises(FundError) as refused:
                db.fetch_text(late, "place", place)
            assert refused.value.code == "MQ440"
        assert contents(arena)["trade.orders"] == before
    finally:
        root(arena, "select ops.engage_kill_switch('the scene', 'cvar'), ops.engage_kill_switch('the scene')")


def test_i25_a_real_database_has_no_clock_to_move(fresh: Callable[[], str]) -> None:
    """No role moves it, whatever it sets."""
    name = fresh()
    root(name, "update ops.instances set kind = 'real'")
    with db.connect("fund_decider", autocommit=True, dbname=name) as connection:
        db.execute_text(connection, "settings", "set ops.kind = 'simulated'; set TimeZone = 'Pacific/Kiritimati'")
        with pytest.raises(FundError) as refused:
            db.execute_text(connection, "move", "select ops.advance_clock(now() + interval '1 day')")
        assert refused.value.code == "MQ202"
        told = db.fetch_text(connection, "now", "select ops.now() between now() and clock_timestamp() as held")
    assert told == [{"held": True}]
