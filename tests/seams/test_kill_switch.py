"""The kill switch against sessions that sit in a transaction (I13): every role engages it, one clears it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from runner import db, settings
from runner.errors import DatabaseUnreachable, FundError, NotAllowed

#: Every login role of a process or a person: each may stop trading.
ROLES = (
    "fund_ingestor",
    "fund_decider",
    "fund_broker",
    "fund_notifier",
    "fund_operator",
    "fund_analyst",
    "fund_verifier",
    "fund_monitor",
)


@pytest.fixture(scope="module")
def arena(fresh: Callable[[], str]) -> Iterator[str]:
    """One database for all of these tests."""
    with pytest.MonkeyPatch.context() as patch:
        name = fresh()
        patch.setattr(settings, "DATABASE", name)
        yield name


@pytest.fixture
def database(arena: str) -> str:
    """The arena with no kill source engaged."""
    with db.connect(db.DEPLOYER, dbname=arena) as connection:
        statement = "select ops.release_kill_source(source, host, 'test') from ops.kill_sources"
        db.execute_text(connection, "clear", statement)
    return arena


def kill(role: str, reason: str = "test") -> float:
    """Engage the kill switch as `role`; seconds until it was committed."""
    began = time.perf_counter()
    with db.connect(role, autocommit=True) as connection:
        db.execute_text(connection, "kill", f"select ops.engage_kill_switch('{reason}')")
    return time.perf_counter() - began


def sources(database: str) -> list[str]:
    with db.connect(db.DEPLOYER, dbname=database) as connection:
        rows = db.fetch_text(connection, "sources", "select source from ops.kill_sources order by 1")
        return [row["source"] for row in rows]


@pytest.mark.parametrize("role", ROLES)
def test_i13_every_role_engages(role: str, database: str) -> None:
    kill(role)
    assert sources(database) == ["row"]


@pytest.mark.parametrize("role", [role for role in ROLES if role != "fund_operator"])
def test_i13_only_the_operator_clears(role: str, database: str) -> None:
    kill("fund_operator")
    with pytest.raises(NotAllowed), db.connect(role, autocommit=True) as connection:
        db.execute_text(connection, "clear", "select ops.clear_kill_source('row', '', 'no')")
    assert sources(database) == ["row"]


#: Seconds. One that waited for the idle session would wait for ever; a loaded machine needs more than the promised one.
ONE_THAT_WAITS = 15.0

#: What an idle session may hold, and the role that can hold it.
HOLDS = {
    "kill row for share": ("fund_decider", "select ops.kill_engaged(true)"),
    "kill row, audit head, outbox": ("fund_broker", "select ops.engage_kill_switch('uncommitted', 'orphan')"),
    "audit head": (
        "fund_operator",
        "select govern.pin_config(encode(sha256('x'), 'hex'), 'x', '{}', '[{\"limit_name\": \"var\", \"threshold\": 1,"
        ' "bound": "upper", "unit": "fraction_nav", "action": "SCALE", "ruling": "B2"}]\', \'uncommitted\')',
    ),
    "alert outbox": ("fund_decider", "select notify.enqueue('CRITICAL', 'SYSTEM', 'IDLE', 'uncommitted')"),
    "its own time-outs": ("fund_decider", "set idle_in_transaction_session_timeout = 0; select ops.kill_engaged(true)"),
}


@pytest.mark.parametrize("hold", HOLDS)
def test_i13_an_idle_holder_is_ended_within_a_second(hold: str, database: str) -> None:
    role, statement = HOLDS[hold]
    holder = db.open_connection(role)
    try:
        db.execute_text(holder, "hold", statement)
        assert kill("fund_monitor") < ONE_THAT_WAITS, "test_kill_race prints how long a kill takes"
        assert sources(database) == ["row"], "what the holder did not commit is gone"
        if hold != "alert outbox":  # an insert into the outbox blocks nothing
            with pytest.raises(DatabaseUnreachable):
                db.execute_text(holder, "after", "select 1")
    finally:
        holder.close()


def kill_in(result: list[object], source: str) -> threading.Thread:
    """A kill in a thread of its own; what became of it goes to `result`."""

    def work() -> None:
        try:
            with db.connect("fund_broker", autocommit=True) as connection:
                db.execute_text(connection, "kill", f"select ops.engage_kill_switch('at once', '{source}')")
            result.append("engaged")
        except FundError as error:
            result.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    return thread


def test_i14_kills_that_wait_for_the_same_holder_end_it_and_not_one_another(database: str) -> None:
    """Each of them holds what it has of its locks while it waits: whoever ended it would lose its source."""
    role, statement = HOLDS["its own time-outs"]
    holder, told = db.open_connection(role), list[object]()
    try:
        db.execute_text(holder, "hold", statement)
        threads = []
        for source in ("row", "loss", "cvar", "orphan"):
            threads.append(kill_in(told, source))
            time.sleep(0.03)
        for thread in threads:
            thread.join()
        assert told == ["engaged"] * 4
        assert sources(database) == ["cvar", "loss", "orphan", "row"]
        with pytest.raises(DatabaseUnreachable):
            db.execute_text(holder, "after", "select 1")
    finally:
        holder.close()


def test_i14_a_kill_of_a_long_transaction_stays_beside_one_that_comes_meanwhile(database: str) -> None:
    """A mark or a closing run that kills goes on writing: it has longer than whoever only sits there."""
    told = list[object]()
    with db.connect("fund_decider") as first:
        db.execute_text(first, "kill", "select ops.engage_kill_switch('a loss', 'loss')")
        second = kill_in(told, "row")
        db.execute_text(first, "goes on", "select pg_sleep(0.3)")
    second.join()
    assert told == ["engaged"]
    assert sources(database) == ["loss", "row"]


def test_i13_a_session_of_another_database_is_left_alone(database: str, fresh: Callable[[], str]) -> None:
    """A kill stops one fund: another on the same server may have its tables under the same numbers."""
    role, statement = HOLDS["kill row for share"]
    holder = db.open_connection(role)
    try:
        db.execute_text(holder, "hold", statement)
        with db.connect(role, dbname=fresh()) as bystander:
            db.execute_text(bystander, "hold", statement)
            assert kill("fund_monitor") < ONE_THAT_WAITS
            db.execute_text(bystander, "after", "select 1")
        with pytest.raises(DatabaseUnreachable):
            db.execute_text(holder, "after", "select 1")
    finally:
        holder.close()


def test_i13_clearing_waits_for_no_idle_holder_either(database: str) -> None:
    """Whoever sits on the audit head holds up no operator."""
    role, statement = HOLDS["audit head"]
    kill("fund_operator")
    holder = db.open_connection(role)
    try:
        db.execute_text(holder, "hold", statement)
        began = time.perf_counter()
        with db.connect("fund_operator", autocommit=True) as connection:
            db.execute_text(connection, "clear", "select ops.clear_kill_source('row', '', 'over')")
        assert time.perf_counter() - began < ONE_THAT_WAITS
        assert sources(database) == []
        with pytest.raises(DatabaseUnreachable):
            db.execute_text(holder, "after", "select 1")
    finally:
        holder.close()


def test_i13_a_superuser_in_the_way_is_named(database: str) -> None:
    holder = db.open_connection(db.DEPLOYER, database)
    try:
        db.execute_text(holder, "hold", "select 1 from ops.locks where lock_name = 'kill' for update")
        pid = db.fetch_text(holder, "pid", "select pg_backend_pid() as pid")[0]["pid"]
        began = time.perf_counter()
        with pytest.raises(FundError) as refused:
            kill("fund_operator")
        assert refused.value.code == "MQ220"
        assert str(pid) in (refused.value.detail or "")
        assert "KILL_SWITCH" in refused.value.remedy
        assert time.perf_counter() - began < ONE_THAT_WAITS
    finally:
        holder.close()


def test_i22_appends_from_two_sessions_stay_one_chain(database: str) -> None:
    """A session whose append waits for another's sees the head the other left."""
    clear = "select ops.clear_kill_source('cvar', '', 'x'), ops.clear_kill_source('orphan', '', 'x')"
    with db.connect("fund_operator", autocommit=True) as first, db.connect("fund_broker", autocommit=True) as second:
        for n in range(10):
            db.execute_text(first, "engage", f"select ops.engage_kill_switch('a{n}', 'cvar')")
            db.execute_text(second, "engage", f"select ops.engage_kill_switch('b{n}', 'orphan')")
            db.execute_text(first, "clear", clear)
    with db.connect("fund_verifier") as connection:
        row = db.fetch_text(connection, "verify", "select intact, entries from audit.verify_chain()")[0]
    assert row["intact"]
    assert row["entries"] >= 40


def test_i22_an_append_waits_for_the_head(database: str) -> None:
    """Two transactions that append at the same time: the later one waits, and follows what the first committed."""
    later: list[int] = []

    def append() -> None:
        with db.connect(db.DEPLOYER, autocommit=True) as connection:
            rows = db.fetch_text(connection, "append", 'select audit.append(\'[{"event": "test.later"}]\') as seq')
            later.append(rows[0]["seq"])

    with db.connect(db.DEPLOYER) as first:
        seq = db.fetch_text(first, "append", 'select audit.append(\'[{"event": "test.first"}]\') as seq')[0]["seq"]
        other = threading.Thread(target=append)
        other.start()
        with db.connect(db.DEPLOYER, autocommit=True) as looking:
            waits = "select 1 from pg_stat_activity where wait_event_type = 'Lock'"
            while other.is_alive() and not db.fetch_text(looking, "look", waits):
                time.sleep(0.01)
    other.join()
    assert later == [seq + 1]


def test_i22_an_append_outside_read_committed_is_refused(database: str) -> None:
    with pytest.raises(FundError) as refused, db.connect("fund_operator") as connection:
        db.execute_text(
            connection, "kill", "set transaction isolation level serializable; select ops.engage_kill_switch('x')"
        )
    assert refused.value.code == "MQ210"
