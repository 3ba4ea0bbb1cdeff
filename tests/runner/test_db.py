"""Connections by role, named queries, arrays both ways, and errors that say what to do."""

from __future__ import annotations

import math
import socket
import threading
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import psycopg
import pytest

from runner import db, embedded
from runner.errors import Conflict, DatabaseUnreachable, ExitCode, FundError, NotAllowed, SettingsError, UsageError


@pytest.fixture
def queries(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """Named queries of the test's own, under the noun `probe`."""
    found = {
        "echo": "select %(value)s::float8[] as value",
        "text": "select %(value)s::text as value",
        "amount": "select %(value)s::numeric as value",
        "rows": "select n from generate_series(1, %(n)s) as n",
        "pair": "select 1 as a, 2 as b",
        "fill": "create temporary table copied (symbol text, session date, close float8)",
        "copy": "copy copied (symbol, session, close) from stdin (format binary)",
        "copied": "select symbol, session, close from copied order by symbol",
        "nulls": "select array[1, null, 3]::float8[] as value",
        "none": "select null::float8[] as value",
        "empty": "select '{}'::float8[] as value",
        "bad": "select 1 / 0 as value",
        "write": "select ops.engage_kill_switch('a write')",
        "isolation": "select current_setting('transaction_isolation')",
    }
    real = db.sql
    monkeypatch.setattr(db, "sql", lambda name: found[name[6:]] if name.startswith("probe.") else real(name))
    yield found


@pytest.fixture
def connection(template: str, queries: dict[str, str]) -> Iterator[db.Connection]:
    with db.connect(db.DEPLOYER, dbname=template) as opened:
        yield opened


@pytest.mark.parametrize("autocommit", [False, True])
def test_what_only_reads_is_refused_the_first_write(template: str, queries: dict[str, str], autocommit: bool) -> None:
    """From the first statement on, and the transaction sees one snapshot."""
    with db.connect(db.DEPLOYER, dbname=template, autocommit=autocommit, read_only=True) as reader:
        with pytest.raises(FundError) as refused:
            db.execute(reader, "probe.write")
        assert refused.value.code == "25006"
        if not autocommit:
            reader.rollback()
        with reader.transaction():
            assert db.fetch_value(reader, "probe.isolation") == "repeatable read"


@pytest.mark.parametrize("size", [0, 1, 1260])
def test_float_arrays_come_back_bit_for_bit(connection: db.Connection, size: int) -> None:
    sent = np.random.default_rng(7).standard_normal(size) * 10.0 ** (np.arange(size) % 300 - 150)
    got = db.fetch_value(connection, "probe.echo", value=sent)
    assert got.dtype == np.float64 and got.tobytes() == sent.tobytes()


def test_special_floats_survive_in_arrays(connection: db.Connection) -> None:
    sent = np.array([0.0, -0.0, math.inf, -math.inf, math.nan, 5e-324, 1.7976931348623157e308])
    assert db.fetch_value(connection, "probe.echo", value=sent).tobytes() == sent.tobytes()


def test_null_in_an_array_is_nan_and_a_null_array_is_none(connection: db.Connection) -> None:
    np.testing.assert_array_equal(db.fetch_value(connection, "probe.nulls"), [1.0, math.nan, 3.0])
    assert db.fetch_value(connection, "probe.none") is None
    assert len(db.fetch_value(connection, "probe.empty")) == 0


def test_a_strided_view_and_float32_are_sent_by_value(connection: db.Connection) -> None:
    matrix = np.arange(12.0).reshape(3, 4)
    np.testing.assert_array_equal(db.fetch_value(connection, "probe.echo", value=matrix[:, 1]), [1.0, 5.0, 9.0])
    np.testing.assert_array_equal(
        db.fetch_value(connection, "probe.echo", value=np.array([1.5], dtype=np.float32)), [1.5]
    )


def test_a_matrix_or_integers_are_refused(connection: db.Connection) -> None:
    for wrong in (np.zeros((2, 2)), np.array([1, 2])):
        with pytest.raises(UsageError, match=r"float of shape \(n,\)"):
            db.fetch_value(connection, "probe.echo", value=wrong)


@pytest.mark.parametrize("value", [math.nan, math.inf, np.float64("nan"), pd.NaT, pd.NA, [1.0, math.nan]])
def test_i17_a_scalar_nan_is_refused(connection: db.Connection, value: object) -> None:
    """A float NaN would silently become numeric NaN, which passes `> 0`."""
    with pytest.raises(UsageError, match=r"probe\.amount: parameter value is"):
        db.fetch_value(connection, "probe.amount", value=value)


@pytest.mark.parametrize("value", [2**63, -(10**30), "caf\udce9"], ids=["a long number", "a negative one", "latin-1"])
def test_what_a_person_mistyped_is_a_usage_error(connection: db.Connection, value: object) -> None:
    """A number of 70 bits is numeric to psycopg, which no routine takes; a word in latin-1 comes as surrogates."""
    with pytest.raises(UsageError, match=r"probe\.amount: "):
        db.fetch_value(connection, "probe.amount", value=value)


@pytest.mark.parametrize("value", [math.nan, np.float64("nan"), pd.NaT, pd.NA, None])
def test_none_if_nan(value: object) -> None:
    assert db.none_if_nan(value) is None


def test_none_if_nan_leaves_values_alone() -> None:
    array = np.array([math.nan])
    assert db.none_if_nan(1.5) == 1.5 and db.none_if_nan("x") == "x" and db.none_if_nan(array) is array


def test_numeric_is_decimal(connection: db.Connection) -> None:
    assert db.fetch_value(connection, "probe.amount", value=Decimal("1.10")) == Decimal("1.10")


def test_one_means_one(connection: db.Connection) -> None:
    assert len(db.fetch_all(connection, "probe.rows", n=3)) == 3
    for n in (0, 2):
        with pytest.raises(FundError, match=f"{n} rows"):
            db.fetch_one(connection, "probe.rows", n=n)
    with pytest.raises(FundError, match="2 columns"):
        db.fetch_value(connection, "probe.pair")


def test_hostile_text_is_a_value(connection: db.Connection) -> None:
    hostile = "A'; DROP TABLE x;-- %(value)s"
    assert db.fetch_value(connection, "probe.text", value=hostile) == hostile


def test_copy_rows(connection: db.Connection) -> None:
    day = pd.Timestamp("2013-02-27").date()
    rows = [("MSFT", day, math.nan), ("AAPL", day, 444.57), ("BRK.B", None, None)]
    db.execute(connection, "probe.fill")
    assert db.copy_rows(connection, "probe.copy", rows, ["text", "date", "float8"]) == 3
    got = db.fetch_all(connection, "probe.copied")
    assert [row["symbol"] for row in got] == ["AAPL", "BRK.B", "MSFT"]
    assert got[0]["close"] == 444.57 and got[1]["close"] is None and math.isnan(got[2]["close"])


def test_errors_are_ours_and_name_the_query_state(template: str, queries: dict[str, str]) -> None:
    with (
        pytest.raises(FundError, match="division by zero") as raised,
        db.connect(db.DEPLOYER, dbname=template) as opened,
    ):
        db.fetch_value(opened, "probe.bad")
    assert raised.value.code == "22012"


def test_a_role_may_only_do_its_duty(template: str) -> None:
    with pytest.raises(NotAllowed) as raised, db.connect("fund_analyst", dbname=template) as opened:
        db.execute_text(opened, "test", "insert into ops.kill_sources default values")
    assert raised.value.code == "42501"


def test_an_exception_rolls_back_and_the_end_commits(database: str) -> None:
    with pytest.raises(RuntimeError), db.connect(db.DEPLOYER) as opened:
        db.execute_text(opened, "test", "create table public.gone ()")
        raise RuntimeError
    with db.connect(db.DEPLOYER) as opened:
        db.execute_text(opened, "test", "create table public.kept ()")
    with db.connect(db.DEPLOYER) as opened:
        found = db.script_values(opened, "test", "select to_regclass('public.gone'), to_regclass('public.kept')")
    assert found[0] is None and str(found[1]).endswith("kept")


def test_lock_timeout_is_a_conflict(database: str) -> None:
    with db.connect(db.DEPLOYER) as first:
        db.execute_text(first, "test", "lock table ops.locks")
        with pytest.raises(Conflict), db.connect(db.DEPLOYER) as second:
            db.execute_text(second, "test", "set lock_timeout = '50ms'; lock table ops.locks")


def test_defaults_of_a_session_are_reproducible(template: str) -> None:
    """NUMERICS 5, as the roles have them."""
    names = ("max_parallel_workers_per_gather", "synchronize_seqscans", "jit", "TimeZone", "search_path")
    for role in ("fund_decider", "fund_transformer"):
        with db.connect(role, dbname=template) as opened:
            values = [db.script_values(opened, "test", f"show {name}")[0] for name in names]
        assert values == ["0", "off", "off", "UTC", "pg_catalog, pg_temp"], role


def test_unreachable_is_exit_16_with_the_remedy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DATABASE_URL", f"postgresql://deployer:very-secret@/fund?host={tmp_path}")
    with pytest.raises(DatabaseUnreachable) as raised, db.connect(db.DEPLOYER):
        pass
    assert raised.value.exit_code == ExitCode.DATABASE
    assert "DATABASE_URL" in str(raised.value) and "very-secret" not in str(raised.value)


REFUSED = "connection failed: connection to server"
HELP = {
    f'{REFUSED} at "::1", port 1 failed: Connection refused\n\tIs the server running on that host?': "DATABASE_URL",
    f'{REFUSED} failed: FATAL:  role "fund_operator_bob" is not permitted to log in': "operator add bob",
    f'{REFUSED} failed: FATAL:  password authentication failed for user "fund_broker"': "runner deploy` sets",
    f'{REFUSED} failed: FATAL:  password authentication failed for user "postgres"': "POSTGRES_PASSWORD",
    f"{REFUSED} failed: fe_sendauth: no password supplied": "POSTGRES_PASSWORD",
    f'{REFUSED} failed: FATAL:  database "found" does not exist': "runner deploy` makes it",
}


@pytest.mark.parametrize("text", HELP, ids=[" ".join(text.split()[-3:]) for text in HELP])
def test_a_refused_connection_says_what_it_was_and_what_helps(text: str) -> None:
    error = db.translate(psycopg.OperationalError(text))
    assert error.message == text.splitlines()[0] and HELP[text] in error.remedy


def test_another_role_of_a_url_needs_its_own_password(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("RUNNER_HOME", str(tmp_path))
    monkeypatch.setenv("DATABASE_URL", "postgresql://deployer:very-secret@db.example:5433/fund?sslmode=require")
    with pytest.raises(SettingsError, match="FUND_DECIDER_PASSWORD") as refused:
        db.conninfo("fund_decider")
    assert "very-secret" not in str(refused.value)
    monkeypatch.setenv("FUND_DECIDER_PASSWORD", "of its own")
    target = db.parameters("fund_decider")
    assert (target["user"], target["password"], target["host"], target["port"]) == (
        "fund_decider", "of its own", "db.example", "5433",
    )  # fmt: skip
    assert target["sslmode"] == "require"


def test_named_queries_are_found_by_name() -> None:
    assert db.sql("deploy.instance_kind").endswith("select i.kind from ops.instances as i")
    with pytest.raises(KeyError):
        db.sql("deploy.no_such_query")


TLS = [
    ("@db.example/fund", {"sslmode": "verify-full", "sslrootcert": "system"}),
    ("@10.0.0.7:5433/fund", {"sslmode": "verify-full", "sslrootcert": "system"}),
    ("@db.example/fund?sslrootcert=/etc/ca.pem", {"sslmode": "verify-full", "sslrootcert": "/etc/ca.pem"}),
    ("@127.0.0.1,db.example/fund", {"sslmode": "verify-full", "sslrootcert": "system"}),
    ("@db.example/fund?sslmode=require", {"sslmode": "require"}),
    ("@db.example/fund?sslmode=disable", {"sslmode": "disable"}),
    ("@localhost/fund", {}),
    ("@127.0.0.1:5432/fund", {}),
    ("@/fund?host=/run/postgresql", {}),
]


@pytest.mark.parametrize(("rest", "expected"), TLS, ids=[rest for rest, _ in TLS])
def test_i28_a_server_elsewhere_is_asked_for_its_certificate(
    rest: str, expected: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PGSSLMODE", raising=False)
    monkeypatch.setenv("DATABASE_URL", f"postgresql://deployer:of-the-deployer{rest}")
    monkeypatch.setenv("FUND_BROKER_PASSWORD", "of-the-broker")
    for role in (db.DEPLOYER, "fund_broker"):
        found = db.parameters(role)
        assert {k: v for k, v in found.items() if k.startswith("ssl")} == expected
        assert found["password"] == ("of-the-deployer" if role == db.DEPLOYER else "of-the-broker")


@pytest.mark.parametrize("mode", ["allow", "prefer"])
def test_a_mode_that_only_looks_like_tls_is_refused(mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", f"postgresql://deployer:x@db.example/fund?sslmode={mode}")
    with pytest.raises(SettingsError, match="in the clear where TLS is not offered"):
        db.parameters(db.DEPLOYER)


def test_a_server_without_tls_is_one_line_with_the_remedy(
    server: embedded.Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """libpq never asks for TLS on a socket, so a listener that answers the request for it with its no."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

        def refuse() -> None:
            channel, _ = listener.accept()
            with channel:
                channel.recv(8)
                channel.sendall(b"N")

        thread = threading.Thread(target=refuse)
        thread.start()
        monkeypatch.setenv("DATABASE_URL", f"postgresql://deployer:very-secret@127.0.0.1:{port}/fund?sslmode=require")
        with pytest.raises(DatabaseUnreachable) as refused:
            db.open_connection(db.DEPLOYER)
        thread.join()
    assert "SSL" in refused.value.message and "sslrootcert=/path/to/ca.pem" in refused.value.remedy
    assert "very-secret" not in str(refused.value)
