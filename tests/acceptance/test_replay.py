"""Replay of real session cycles: to the bit; and whatever is changed behind its back is named, with its stage (I24).

The full figure of issue 4, 250 sessions run and each replayed, is `--every-cycle` (`make test-replay`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from runner import cli, db, replay, settings, versions
from runner.config import CONFIG_PATH
from tests.acceptance.conftest import SAME_ANSWERS, Machine, one_line

pytestmark = pytest.mark.needs_sample

FIRST, LAST = "2013-02-01", "2013-03-31"


class Undo(Exception):
    """Ends a transaction whose changes nobody is to see."""


@pytest.fixture
def owner(demo: Machine, monkeypatch: pytest.MonkeyPatch) -> Iterator[db.Connection]:
    """A connection of the database's superuser, who passes every guard; in the demo's folder."""
    monkeypatch.chdir(demo.folder)
    monkeypatch.setenv("RUNNER_HOME", str(demo.home))
    monkeypatch.setattr(settings, "DATABASE", "fund")
    with db.connect(db.DEPLOYER) as connection:
        yield connection
        connection.rollback()


@contextmanager
def tampered(connection: db.Connection, table: str, statement: str) -> Iterator[None]:
    """A change behind the triggers' back, undone after the block."""
    try:
        with connection.transaction():
            # Not as a replica: the triggers are `enable always`.
            db.execute_text(connection, "tamper", f"alter table {table} disable trigger user")
            db.execute_text(connection, "tamper", statement)
            yield
            raise Undo
    except Undo:
        pass


def done_run(connection: db.Connection) -> replay.Run:
    """The demo's last DONE cycle with orders: all parts have rows."""
    runs = [
        run
        for run in replay.find_range(connection, date(2013, 2, 1), date(2013, 3, 31), "paper")
        if run.state == "DONE" and run.mode == "paper"
    ]
    return runs[-1]


def found(connection: db.Connection, run: replay.Run) -> tuple[replay.Difference, ...]:
    return replay.replay(connection, run, replay.altered_bars(connection)).differences


# --- nothing differs --------------------------------------------------------------------------------------------------


def test_every_cycle_of_the_demo_replays_to_the_bit_and_nothing_is_written(demo: Machine) -> None:
    """I24: 0 differing bits, and no row of any table changes."""
    before = demo.fingerprint()
    done = demo.run("replay", "--from", FIRST, "--to", LAST, "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    replays = json.loads(done.stdout)
    cycles = demo.psql("select count(distinct cycle_id) from decide.cycle_runs where state in ('DONE', 'HALTED')")
    assert len(replays) == int(cycles) >= 4
    assert [r["differing"] for r in replays] == [0] * len(replays)
    # Whoever commits while this runs makes another version of the code, and of nothing else.
    assert [note for r in replays for note in r["notes"] if not note.startswith("code ")] == []
    assert all(r["compared"] > 2000 for r in replays if r["state"] == "DONE")
    assert demo.fingerprint() == before


def test_another_setting_of_the_machine_changes_no_digest(demo: Machine) -> None:
    """Under another time zone, date style, hash seed and locale the digests are the same ones."""
    done = demo.run(
        "replay", "--from", FIRST, "--to", LAST, "--json",
        TZ="Pacific/Auckland", PGTZ="Asia/Kolkata", PGDATESTYLE="German, DMY", PYTHONHASHSEED="4711", LC_ALL="C",
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert {r["differing"] for r in json.loads(done.stdout)} == {0}


def test_digests_are_the_same_on_another_machine(demo: Machine, elsewhere: Machine) -> None:
    """What a cycle read has the same digests on a machine with other settings, instants of reading aside."""
    query = next(query for query in SAME_ANSWERS if "decide.run_inputs" in query)
    assert demo.psql(query).splitlines()
    assert demo.psql(query) == elsewhere.answers[query]


def test_a_prefix_names_a_cycle(demo: Machine) -> None:
    (cycle_id,) = demo.psql("select cycle_id from decide.cycle_runs where state = 'DONE' limit 1").split()
    done = demo.run("replay", cycle_id[:12])
    assert done.returncode == 0, done.stdout + done.stderr
    assert cycle_id[:12] in done.stdout
    assert "0 differ" in done.stdout
    unknown = demo.run("replay", "0" * 32)
    assert unknown.returncode == 2
    assert "MQ450" in one_line(unknown.stderr)


def test_the_connection_of_a_replay_cannot_write(owner: db.Connection) -> None:
    """Read only by the server's word, whatever a routine would do."""
    with db.connect("fund_analyst", autocommit=True, read_only=True) as connection:
        with pytest.raises(Exception, match="read-only transaction"):
            db.execute(connection, "ops.engage_kill_switch", reason="a replay that writes")
        assert replay.replay(connection, done_run(connection), ()).differences == ()


def test_the_command_reads_only(owner: db.Connection, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    """Whatever came to write in it would be refused by the server."""

    def writes(connection: db.Connection, *_: object) -> None:
        db.execute(connection, "ops.engage_kill_switch", reason="a replay that writes")

    monkeypatch.setattr(replay, "find", writes)
    assert cli.run(["replay", "0" * 32]) == 1
    assert "read-only transaction" in capsys.readouterr().err


# --- one fact changed -------------------------------------------------------------------------------------------------


def test_one_bar_changed_in_place_is_named(demo: Machine) -> None:
    """The owner edits one close: the replay says which bar and field, from what to what, and that inputs differ."""
    where = "where symbol = 'KO' and session = '2012-05-03'"
    then = float(demo.psql(f"select close from market.price_history {where}"))
    demo.psql(f"update market.price_history set close = close + 0.01 {where}")
    try:
        refused = demo.run("replay", "--from", "2013-02-27", "--to", "2013-02-27")
        assert refused.returncode == 18
        line = one_line(refused.stderr)
        assert "inputs: market.price_history KO 2012-05-03 close" in line
        assert repr(then) in line
        shown = json.loads(demo.run("replay", "--from", "2013-02-27", "--to", "2013-02-27", "--json").stdout)
        named = [(d["relation"], d["key"], d["field"]) for d in shown["differences"] if d["stage"] == "inputs"]
        assert ("market.panel", "KO", "close of 2012-05-03") in named
    finally:
        demo.psql(f"update market.price_history set close = {then!r} {where}")
    assert demo.run("replay", "--from", "2013-02-27", "--to", "2013-02-27").returncode == 0


def test_a_bar_changed_with_its_source_is_named_by_the_panel(owner: db.Connection) -> None:
    """Both copies of a bar edited alike: the digests by symbol and session still name it."""
    run = done_run(owner)
    change = "set close = 40.0 where symbol = 'KO' and session = '2012-05-03'"
    with tampered(owner, "market.provider_bars", f"update market.provider_bars {change}"):
        db.execute_text(owner, "tamper", f"update market.price_history {change}")
        first = found(owner, run)[0]
    assert (first.stage, first.relation, first.key, first.field) == (
        "inputs",
        "market.panel",
        "KO",
        "close of 2012-05-03",
    )
    assert found(owner, run) == ()


@pytest.mark.parametrize("known_at", ["ops.now()", "known_at"], ids=["restated", "back-filled"])
def test_a_revision_received_later_changes_no_replay(owner: db.Connection, known_at: str) -> None:
    """A bar restated after the cycle, or filled in as if known then: a replay sees what was recorded before
    (ARCHITECTURE 2).
    """
    run = done_run(owner)
    where = "symbol = 'KO' and session = '2012-05-03'"
    with tampered(
        owner,
        "market.provider_bars",
        "insert into market.provider_bars (provider, symbol, session, revision, open, high, low, close, volume, "
        "price_kind, price_basis, batch_id, known_at, recorded_at) "
        "select provider, symbol, session, revision + 1, open, high, low, close * 1.01, volume, "
        f"price_kind, price_basis, batch_id, {known_at}, clock_timestamp() "
        f"from market.provider_bars where {where}",
    ):
        db.execute_text(
            owner,
            "restated",
            "update market.price_history as h set close = b.close, revision = b.revision, known_at = b.known_at, "
            "recorded_at = b.recorded_at from market.provider_bars as b where b.symbol = h.symbol and "
            "b.session = h.session and b.provider = h.provider and b.revision > h.revision "
            f"and h.{where.replace('and ', 'and h.')}",
        )
        assert found(owner, run) == ()


def test_one_byte_of_the_configuration_is_named(owner: db.Connection) -> None:
    """A digit of the stored file: byte, line and parameter, before every number that follows from it."""
    run = done_run(owner)
    body = CONFIG_PATH.read_bytes()
    at = body.index(b"cvar_hard: {value: 0.06") + len(b"cvar_hard: {value: 0.0")
    with tampered(
        owner, "govern.config_versions", f"update govern.config_versions set body = set_byte(body, {at}, {ord('5')})"
    ):
        first, second = found(owner, run)[:2]
    assert first.stage == second.stage == "configuration"
    assert f"at byte {at} (line {body[:at].count(10) + 1})" in first.field
    assert (second.field, second.stored, second.replayed) == ("risk.cvar_hard", 0.06, 0.05)


def test_a_byte_of_the_file_in_the_folder_is_said_and_the_stored_one_replayed(demo: Machine) -> None:
    path = demo.folder / CONFIG_PATH
    body = path.read_bytes()
    path.write_bytes(body.replace(b"cvar_hard: {value: 0.06", b"cvar_hard: {value: 0.05"))
    try:
        done = demo.run("replay", "--from", "2013-02-27", "--to", "2013-02-27")
    finally:
        path.write_bytes(body)
    assert done.returncode == 0, done.stderr
    assert "golden_config.yaml differs from byte" in done.stdout
    assert "risk.cvar_hard" in done.stdout


def test_code_of_another_version_is_named_and_compared_all_the_same(
    owner: db.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = done_run(owner)
    monkeypatch.setattr(versions, "code_version", lambda: "another")
    replayed = replay.replay(owner, run, ())
    assert replayed.notes[0] == f"code {run.code_version} -> another"
    assert replayed.differences == () and replayed.compared > 2000


def test_a_bar_altered_after_the_run_is_none_of_its_own(owner: db.Connection) -> None:
    """What was not known as of the run it cannot have read."""
    run = done_run(owner)
    later = "close = close * 1.01, known_at = ops.now() + interval '1 day'"
    where = "symbol = 'KO' and session = '2012-05-03'"
    with tampered(owner, "market.price_history", f"update market.price_history set {later} where {where}"):
        assert [bar["symbol"] for bar in replay.altered_bars(owner)] == ["KO"]
        assert [d for d in found(owner, run) if d.relation == "market.price_history"] == []


def test_a_library_of_another_version_is_named_and_compared_all_the_same(demo: Machine, tmp_path: Path) -> None:
    """An older cycle was computed by another numpy: from what to what, and 0 differing bits."""
    here = demo.psql("select versions ->> 'numpy' from decide.cycle_runs limit 1")
    folder = tmp_path / "numpy-9.9.9.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: numpy\nVersion: 9.9.9\n")
    path = f"{tmp_path}:{Path(__file__).resolve().parents[2]}"
    done = demo.run("replay", "--from", "2013-02-27", "--to", "2013-02-27", PYTHONPATH=path)
    assert done.returncode == 0, done.stderr
    assert f"another version: numpy {here} -> 9.9.9" in done.stdout
    assert "0 differ" in done.stdout


def test_i32_every_version_that_can_change_a_number_is_recorded(demo: Machine) -> None:
    (recorded,) = demo.rows("select distinct versions from decide.cycle_runs")
    names = ("python", "platform", "libc", "simd", "blas", "blas_threads", "numpy", "scipy", "pandas", "dbt-core")
    assert all(recorded["versions"].get(name) for name in (*names, "postgresql", "schema", "dbt_project"))
    assert "openblas" in recorded["versions"]["blas"]


# --- one stored value changed -----------------------------------------------------------------------------------------

#: Part of a run: its table, and the columns that say which row, not what was computed.
TABLES = {
    "model_outputs": ("decide.model_outputs", {"symbol", "agent"}),
    "risk_checks": ("decide.risk_checks", {"check_number"}),
    "risk_states": ("decide.risk_states", set()),
    "regime_states": ("decide.regime_states", set()),
    "symbol_states": ("decide.symbol_states", {"symbol"}),
    "decisions": ("decide.decisions", {"symbol"}),
}

#: How a value of a type becomes another one that its constraints allow: the last bit of a number where there is one.
OTHER = {
    "double precision": "case when {0} is null then 0.5 when {0} = 0 then 1e-300 else {0} * (1 - 2.3e-16) end",
    "integer": "{0} + 1",
    "boolean": "not {0}",
    "date": "coalesce({0} - 1, '2013-01-02')",
    "timestamp with time zone": "{0} + interval '1 microsecond'",
    "text": "{0} || 'x'",
    "jsonb": "case jsonb_typeof({0}) when 'array' then {0} || '[\"x\"]' else {0} || '{{\"x\": 1}}' end",
}
TEXTS = {
    "phase": "case phase when 'NORMAL' then 'FREEZE' else 'NORMAL' end",
    "name": "case name when 'UNCERTAIN' then 'BULL_QUIET' else 'UNCERTAIN' end",
    "method": "case method when 'none' then 'hmm' else 'none' end",
    "volatility": "case volatility when 'UNKNOWN' then 'LOW' else 'UNKNOWN' end",
    "trend": "case trend when 'UNKNOWN' then 'UP' else 'UNKNOWN' end",
    "action": "case action when 'ALLOW' then 'SCALE' else 'ALLOW' end",
    "state": "case state when 'ALLOW' then 'SCALE' else 'ALLOW' end",
    "final_decision": "case final_decision when 'HOLD' then 'REJECT' else 'HOLD' end",
}


#: What cannot change alone, because a check ties it to another column of its row, or is no more than history.
TIED = {
    "model_outputs": {"abstained"},
    "risk_states": {"tier", "rebased", "reject_sessions_left"},
}


def columns(connection: db.Connection, table: str) -> list[tuple[str, str]]:
    rows = db.fetch_text(
        connection,
        "columns",
        "select a.attname as name, format_type(a.atttypid, null) as type from pg_attribute as a "
        f"where a.attrelid = '{table}'::regclass and a.attnum > 0 and not a.attisdropped order by a.attnum",
    )
    return [(row["name"], row["type"]) for row in rows]


def test_every_stored_column_changed_alone_is_found(owner: db.Connection) -> None:
    """One value of one row, by its last bit: the difference is in that relation, row and field, and nowhere else."""
    run = done_run(owner)
    at = f"cycle_id = '{run.cycle_id}' and run = {run.run}"
    tried = 0
    for part, (table, keys) in TABLES.items():
        for column, kind in columns(owner, table):
            if column in keys | {"cycle_id", "run", "account", "recorded_at"}:
                continue
            if column in TIED.get(part, set()):
                continue
            other = (TEXTS.get(column) if kind == "text" else None) or (
                "null" if column == "symbol" else OTHER[kind].format(column)
            )
            seen = "is not null" if kind == "double precision" else "is not distinct from " + column
            row = f"ctid = (select min(ctid) from {table} where {at} and {column} {seen})"
            if column == "symbol":
                row = f"ctid = (select min(ctid) from {table} where {at} and symbol is not null)"
            if column == "scope":
                other = "'sector:' || scope"
            with tampered(owner, table, f"update {table} set {column} = {other} where {row}"):
                differences = [d for d in found(owner, run) if d.stage != "audit"]
            assert differences, f"{table}.{column}"
            assert {d.relation for d in differences} == {table}, f"{table}.{column}: {differences}"
            assert {d.field.split(".")[0] for d in differences} == {column}, f"{table}.{column}: {differences}"
            tried += 1
    assert tried >= 35


def paths(value: Any, at: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Where every number inside a json value stands."""
    if isinstance(value, dict):
        for key in value:
            yield from paths(value[key], (*at, key))
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield from paths(item, (*at, str(place)))
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield at


def test_every_number_inside_json_changed_alone_is_found(owner: db.Connection) -> None:
    """A digit behind the last a float holds is one that nobody computed."""
    run = done_run(owner)
    at = f"cycle_id = '{run.cycle_id}' and run = {run.run}"
    bought = (
        f"{at} and symbol = (select min(symbol) from decide.decisions where {at} and final_decision = 'EXECUTE_BUY')"
    )
    tried = 0
    for table, column, where in (
        ("decide.decisions", "metadata", bought),
        ("decide.decisions", "agent_results", bought),
        ("decide.decisions", "risk_checks", bought),
        ("decide.risk_states", "factors", at),
        ("decide.cycle_runs", "summary", at),
    ):
        (row,) = db.fetch_text(owner, "value", f"select {column} as value from {table} where {where}")
        for path in paths(row["value"]):
            place = "{" + ",".join(path) + "}"
            # The same to a float's last bit, and yet another number.
            other = f"to_jsonb(({column} #>> '{place}')::numeric + 1e-40)"
            statement = f"update {table} set {column} = jsonb_set({column}, '{place}', {other}) where {where}"
            with tampered(owner, table, statement):
                differences = [d for d in found(owner, run) if d.stage != "audit"]
            assert [d.field for d in differences] == [f"{column}.{'.'.join(path)}"], f"{table} {column} {path}"
            tried += 1
    assert tried >= 40


def test_a_changed_order_verdict_key_or_version_is_found(owner: db.Connection) -> None:
    """What no stage computes the audit chain vouches for; an order is compared with its intent."""
    run = done_run(owner)
    at = f"cycle_id = '{run.cycle_id}' and run = {run.run}"
    for table, change, stage, relation, field in (
        ("trade.orders", "quantity = quantity + 0.0001", "orders", "trade.orders", "quantity"),
        ("trade.orders", "side = 'SELL'", "orders", "trade.orders", "side"),
        ("trade.orders", "trade_session = trade_session + 1", "orders", "trade.orders", "trade_session"),
        ("decide.gate_verdicts", "evidence = '{}'", "audit", "decide.gate_verdicts", "3.evidence"),
        ("decide.cycle_runs", "code_version = 'x'", "audit", "decide.cycle_runs", "code_version"),
        (
            "decide.cycle_runs",
            'versions = versions || \'{"numpy": "1"}\'',
            "audit",
            "decide.cycle_runs",
            "versions.numpy",
        ),
        ("decide.cycle_runs", "reason = 'x'", "decisions", "decide.cycle_runs", "reason"),
        ("decide.cycles", "strategy = 'x'", "audit", "decide.cycles", "cycle_id"),
    ):
        more = {"trade.orders": "and side = 'BUY' and leg = 'entry'", "decide.gate_verdicts": "and layer = 3"}
        row = f"ctid = (select min(ctid) from {table} where {at} {more.get(table, '')})"
        row = row if table != "decide.cycles" else f"cycle_id = '{run.cycle_id}'"
        with tampered(owner, table, f"update {table} set {change} where {row}"):
            differences = found(owner, run)
        assert (differences[0].stage, differences[0].relation) == (stage, relation), change
        assert differences[0].field.startswith(field), change
        assert table == "trade.orders" or {d.relation for d in differences if d.stage == "audit"} >= {relation}, change


def test_a_run_the_chain_does_not_know_is_found(owner: db.Connection) -> None:
    run = done_run(owner)
    for event, missing in (("cycle.opened", "cycle.opened"), ("cycle.done", "cycle.closed")):
        gone = f"update audit.audit_log set event = 'x' where cycle_id = '{run.cycle_id}' and event = '{event}'"
        with tampered(owner, "audit.audit_log", gone):
            named = [d.field for d in found(owner, run) if d.relation == "audit.audit_log"]
        assert named[0] == missing


def test_what_was_read_changed_in_its_store_is_found(owner: db.Connection) -> None:
    """The gate's rows, field by field; the account, even with its digest made anew: the chain has the old one."""
    run = done_run(owner)
    at = f"cycle_id = '{run.cycle_id}' and run = {run.run}"
    for column, kind in columns(owner, "decide.cycle_inputs"):
        if column in ("cycle_id", "run", "account", "symbol"):
            continue
        other = {
            "governance_state": "case governance_state when 'ACTIVE' then 'DEGRADED' else 'ACTIVE' end",
            "classified_state": "case classified_state when 'ACTIVE' then 'DEGRADED' else 'ACTIVE' end",
            "governance_reasons": "governance_reasons || '{x}'",
            "features": "jsonb_set(features, '{rsi_14}', '50.000000000000007')",
        }.get(column) or OTHER[kind].format(column)
        statement = f"update decide.cycle_inputs set {column} = {other} where {at} and symbol = 'KO'"
        with tampered(owner, "decide.cycle_inputs", statement):
            named = [d for d in found(owner, run) if d.relation == "decide.cycle_inputs"]
        if column in ("classified_state", "quality"):  # no stage reads it; the digest of the rows has it
            assert [d.field for d in named] == ["rows"]
            continue
        assert {d.key for d in named} == {"KO"}, column
        field = "features.rsi_14" if column == "features" else column
        assert [d.field for d in named] == [field], column
    # A last close is compared with nothing else; an account's cash has no other copy either.
    nav = "content = jsonb_set(content, '{nav}', to_jsonb((content ->> 'nav')::numeric + 1))"
    where = f"where {at} and input = 'trade.account_state'"
    with tampered(owner, "decide.run_inputs", f"update decide.run_inputs set {nav} {where}"):
        first = found(owner, run)[0]
        assert (first.stage, first.relation, first.field) == ("inputs", "trade.account_state", "content")
        anew = "sha256 = encode(sha256(convert_to(content::text, 'UTF8')), 'hex')"
        db.execute_text(owner, "anew", f"update decide.run_inputs set {anew} {where}")
        stages = {d.stage for d in found(owner, run)}
    assert {"audit", "decisions"} <= stages
    # Digests of a panel that say nowhere what differs still say that something does.
    whole = f"content = jsonb_set(content, '{{sha256}}', '\"0\"') where {at} and input = 'market.panel'"
    with tampered(owner, "decide.run_inputs", f"update decide.run_inputs set {whole}"):
        named = [d.field for d in found(owner, run) if d.relation == "market.panel"]
    assert named == ["content", "sha256"]


def test_a_run_without_its_inputs_differs_by_what_it_lacks(owner: db.Connection) -> None:
    """One from before inputs were stored, or robbed of them, ends no range; nor does a file nobody can read."""
    run = done_run(owner)
    at = f"cycle_id = '{run.cycle_id}' and run = {run.run}"
    with tampered(owner, "decide.run_inputs", f"delete from decide.run_inputs where {at}"):
        replayed = replay.replay(owner, run, ())
    assert replayed.compared == 0
    (lacks,) = replayed.differences
    assert (lacks.stage, lacks.relation, lacks.key) == ("inputs", "decide.run_inputs", "decide.cycle_inputs")
    with tampered(owner, "govern.config_versions", "update govern.config_versions set body = set_byte(body, 0, 0)"):
        (unreadable,) = found(owner, run)
    assert (unreadable.stage, unreadable.relation) == ("configuration", "govern.config_versions")
    assert "at byte 0 (line 1)" in unreadable.field


# --- halted and failed ------------------------------------------------------------------------------------------------


def test_a_halted_run_replays_its_decisions_and_a_failed_one_has_none(machines: Any) -> None:
    """A cycle under a kill is HALTED, with a REJECT per symbol that replays; a dry run decided nothing."""
    pytest.importorskip("bokeh_sampledata", reason="the sample extra is not installed")
    machine: Machine = machines("halted")
    for arguments in (("db", "up"), ("deploy", "--simulated"), ("config", "lock"), ("ingest",)):
        assert machine.run(*arguments).returncode == 0
    dry = machine.run("cycle", "--as-of", "2013-02-21", "--dry-run")
    assert dry.returncode == 0, dry.stderr
    (cycle_id,) = machine.psql("select cycle_id from decide.cycles").split()
    nothing = machine.run("replay", cycle_id)
    assert nothing.returncode == 2
    assert "nothing to replay" in one_line(nothing.stderr)
    machine.run("kill", "--reason", "a test")
    assert machine.run("cycle", "--as-of", "2013-02-21").returncode == 11
    replayed = machine.run("replay", cycle_id[:8], "--json")
    assert replayed.returncode == 0, replayed.stderr
    shown = json.loads(replayed.stdout)
    assert (shown["state"], shown["run"], shown["differing"]) == ("HALTED", 2, 0)
    assert shown["compared"] > 200
    machine.psql(
        "alter table decide.decisions disable trigger append_only; "
        "update decide.decisions set position_size = 0.01 where symbol = 'KO'"
    )
    differs = machine.run("replay", cycle_id[:8])
    assert differs.returncode == 18
    assert "decisions: decide.decisions KO position_size: stored 0.01" in one_line(differs.stderr)


# --- what if ----------------------------------------------------------------------------------------------------------


def test_what_if_shows_both_sides_and_touches_nothing(demo: Machine, tmp_path: Path) -> None:
    """A smaller name cap, from a flat account: no weight above it; the real state is as it was."""
    before = demo.fingerprint()
    page = tmp_path / "cap.html"
    arguments = ("replay", "--what-if", "auction.name_cap=0.02", "--from", FIRST, "--to", LAST)
    done = demo.run(*arguments, "--json", "--plot", str(page))
    assert done.returncode == 0, done.stderr
    sessions = [s for s in json.loads(done.stdout)["sessions"] if s["was"]["state"] == "DONE"]
    assert sessions and all(s["changed"] for s in sessions)
    first = sessions[0]
    assert max(abs(w) for w in first["was"]["weights"].values()) > 0.02
    assert max(abs(w) for w in first["would"]["weights"].values()) <= 0.02
    stored = demo.psql(
        "select s.gross, s.cvar_post_trade from decide.risk_states as s join decide.cycles as c using (cycle_id) "
        f"where c.cycle_id = '{first['cycle_id']}'"
    )
    assert stored == f"{first['was']['gross']!r}|{first['was']['cvar']!r}"
    assert "auction.name_cap = 0.02" in page.read_text()
    shown = demo.run(*arguments)
    assert "gross was" in shown.stdout and "cvar if" in shown.stdout
    assert demo.fingerprint() == before


def test_what_if_of_what_is_in_force_changes_nothing(demo: Machine) -> None:
    """The same number again is the same decisions: the counterfactual is computed by the same stages."""
    done = demo.run("replay", "--what-if", "risk.cvar_hard=0.06", "--from", FIRST, "--to", LAST, "--json")
    assert done.returncode == 0, done.stderr
    assert {tuple(s["changed"]) for s in json.loads(done.stdout)["sessions"]} == {()}


@pytest.mark.parametrize(
    ("word", "why"),
    [
        ("risk.cvar_hrad=0.05", "not a known key"),
        ("risk.cvar_hard=1.5", "less than or equal to 1"),
        ("risk.cvar_hard=0.01", "cvar_decision is above cvar_hard"),
        ("risk.cvar_hard=5e-2", "5e-2"),
        ("risk.cvar_hard", "not section.key=value"),
        ("auction.allow_short=maybe", "valid boolean"),
        ("strategies.defined=1", "not one value"),
    ],
)
def test_what_if_refuses_what_the_configuration_could_not_have(demo: Machine, word: str, why: str) -> None:
    refused = demo.run("replay", "--what-if", word, "--from", FIRST, "--to", LAST)
    assert refused.returncode == 2, refused.stdout
    assert why in one_line(refused.stderr)


def test_what_if_reaches_into_lists_and_looser_numbers(demo: Machine) -> None:
    """An agent's coefficient by its place; a looser number than the file's counts, because nothing is traded by it."""
    for word in ("families.defined.0.agents.0.ic=0.2", "meta_brain.kelly_gamma=0.6"):
        done = demo.run("replay", "--what-if", word, "--from", "2013-02-27", "--to", "2013-02-27", "--json")
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["sessions"][0]["changed"], word


# --- 250 sessions -----------------------------------------------------------------------------------------------------


def test_must_show_250_session_cycles_replay_to_the_bit(machines: Any, request: pytest.FixtureRequest) -> None:
    """250 sessions run by `cycle --from --to`, each replayed: 0 differing bits."""
    if not request.config.getoption("--every-cycle"):
        pytest.skip("--every-cycle runs 250 sessions: about half an hour")
    pytest.importorskip("bokeh_sampledata", reason="the sample extra is not installed")
    from tests.conftest import SUMMARY

    machine: Machine = machines("year")
    for arguments in (("db", "up"), ("deploy", "--simulated"), ("config", "lock"), ("ingest",)):
        assert machine.run(*arguments).returncode == 0
    sessions = machine.psql(
        "select session from ref.sessions "
        "where calendar = 'XNYS' and session >= '2012-03-01' order by session limit 250"
    ).split()
    for start in range(0, 250, 25):
        done = machine.run("cycle", "--from", sessions[start], "--to", sessions[min(start + 24, 249)])
        assert done.returncode == 0, done.stdout + done.stderr
    replayed = machine.run("replay", "--from", sessions[0], "--to", sessions[-1], "--json")
    assert replayed.returncode == 0, replayed.stderr
    replays = json.loads(replayed.stdout)
    assert len(replays) == 250
    assert {r["state"] for r in replays} == {"DONE"}
    assert sum(r["differing"] for r in replays) == 0
    digest = hashlib.sha256(replayed.stdout.encode()).hexdigest()[:12]
    compared = sum(r["compared"] for r in replays)
    SUMMARY.append(f"replay: 250 session cycles, {compared} stored values compared, 0 differ ({digest})")
