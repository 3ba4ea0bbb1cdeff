"""Deploy: twice is once, twenty at once do no harm, what is not in sql/ is not in the database (HOUSE_STYLE 4-6)."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from runner import db, deploy, embedded, passwords, settings, versions
from runner.commands import deploy as deploy_command
from runner.errors import DatabaseUnreachable, DeployError, ExitCode, FundError

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of sql/ to change."""
    return Path(shutil.copytree(deploy.SQL, tmp_path / "sql"))


@pytest.fixture
def empty(server: embedded.Cluster) -> Iterator[Callable[[], str]]:
    """Names of databases that do not exist yet, dropped afterwards."""
    names: list[str] = []

    def name() -> str:
        names.append(f"deploy_{os.getpid()}_{len(names)}_{os.urandom(3).hex()}")
        return names[-1]

    yield name
    with db.connect(db.DEPLOYER, autocommit=True, dbname="postgres") as connection:
        for found in names:
            db.execute_text(connection, "drop", f"drop database if exists {found} with (force)")


def ask(name: str, text: str, role: str = db.DEPLOYER) -> list[object]:
    """Every value a query gives."""
    with db.connect(role, dbname=name) as connection:
        return db.script_values(connection, "test", text)


def test_first_deploy_applies_everything_and_the_second_nothing(empty: Callable[[], str]) -> None:
    name = empty()
    first = deploy.deploy(simulated=True, dbname=name)
    assert list(first.applied) == [f.path for f in deploy.tree()]
    assert (first.kind, first.dropped, first.nothing) == ("simulated", (), False)
    before = ask(name, "select count(*), max(xmin::text::bigint) from pg_proc")
    second = deploy.deploy(dbname=name)
    assert second.nothing and second.deploy_id == first.deploy_id
    assert ask(name, "select count(*), max(xmin::text::bigint) from pg_proc") == before
    assert ask(name, "select count(*) from ops.deploys") == [1]


def test_ledger_names_version_and_commit(template: str) -> None:
    version, commit = ask(template, "select runner_version, git_commit from ops.deploys")
    assert version
    assert str(commit).removesuffix("-dirty") == str(versions.commit()).removesuffix("-dirty")


def test_i25_real_or_simulated_from_the_first_deploy(empty: Callable[[], str]) -> None:
    name = empty()
    assert deploy.deploy(dbname=name).kind == "real"
    with pytest.raises(DeployError, match="real and stays real") as refused:
        deploy.deploy(simulated=True, dbname=name)
    assert (refused.value.code, refused.value.exit_code) == ("MQ004", ExitCode.USAGE)
    assert ask(name, "select kind from ops.instances") == ["real"]


def test_edited_migration_is_an_error(empty: Callable[[], str], copy: Path) -> None:
    name = empty()
    deploy.deploy(simulated=True, dbname=name, root=copy)
    first = min((copy / "migrations").glob("*.sql"))
    first.write_text(first.read_text() + "\n-- a word more\n")
    with pytest.raises(DeployError, match="was edited") as refused:
        deploy.deploy(dbname=name, root=copy)
    assert refused.value.code == "MQ001" and refused.value.exit_code == ExitCode.INTEGRITY
    assert first.name in str(refused.value)


def test_missing_migration_is_an_error(empty: Callable[[], str], copy: Path) -> None:
    name = empty()
    deploy.deploy(simulated=True, dbname=name, root=copy)
    max((copy / "migrations").glob("*.sql")).unlink()
    with pytest.raises(DeployError, match="is missing") as refused:
        deploy.deploy(dbname=name, root=copy)
    assert refused.value.code == "MQ002"


def test_new_migration_is_applied_once_and_an_overtaken_one_refused(empty: Callable[[], str], copy: Path) -> None:
    name = empty()
    deploy.deploy(simulated=True, dbname=name, root=copy)
    (copy / "migrations" / "9000_extra.sql").write_text(
        "create table ops.extras (n integer not null);\n"
        "comment on table ops.extras is 'x'; comment on column ops.extras.n is 'x';\n"
    )
    assert deploy.deploy(dbname=name, root=copy).migrations == ("migrations/9000_extra.sql",)
    assert deploy.deploy(dbname=name, root=copy).nothing
    (copy / "migrations" / "8999_late.sql").write_text("select 1;\n")
    with pytest.raises(DeployError) as refused:
        deploy.deploy(dbname=name, root=copy)
    assert refused.value.code == "MQ003"


def test_fresh_install_equals_upgraded_install(empty: Callable[[], str], copy: Path, tmp_path: Path) -> None:
    """HOUSE_STYLE 6: without its last routines and views first, then with them, is as with them at once."""
    upgraded, fresh = empty(), empty()
    early = Path(shutil.copytree(copy, tmp_path / "early"))
    for path in [*sorted((early / "grants").glob("fund_*.sql"))]:
        path.write_text("select 1;\n")
    deploy.deploy(simulated=True, dbname=upgraded, root=early)
    deploy.deploy(dbname=upgraded, root=copy)
    deploy.deploy(simulated=True, dbname=fresh, root=copy)
    hashes = [
        ask(name, "select catalog_sha256 from ops.deploys order by deploy_id desc limit 1")
        for name in (upgraded, fresh)
    ]
    assert hashes[0] == hashes[1]


ROUTINE = """create or replace function ops.extra({arguments}) returns {result} language sql immutable security invoker
set search_path = pg_catalog, pg_temp as $$ select {body} $$;
comment on function ops.extra is 'x';
"""


def test_routine_without_a_file_is_dropped(empty: Callable[[], str], copy: Path) -> None:
    name = empty()
    extra = copy / "routines" / "ops.extra.sql"
    extra.write_text(ROUTINE.format(arguments="", result="integer", body="1"))
    deploy.deploy(simulated=True, dbname=name, root=copy)
    assert ask(name, "select ops.extra()") == [1]
    extra.unlink()
    assert deploy.deploy(dbname=name, root=copy).dropped == ("ops.extra()",)
    assert ask(name, "select to_regproc('ops.extra') is null") == [True]


def test_changed_signatures_leave_one_routine(empty: Callable[[], str], copy: Path) -> None:
    name = empty()
    extra = copy / "routines" / "ops.extra.sql"
    extra.write_text(ROUTINE.format(arguments="", result="integer", body="1"))
    deploy.deploy(simulated=True, dbname=name, root=copy)
    extra.write_text(ROUTINE.format(arguments="", result="text", body="'one'"))  # another result: cannot be replaced
    assert deploy.deploy(dbname=name, root=copy).dropped == ("ops.extra()",)
    assert ask(name, "select ops.extra()") == ["one"]
    extra.write_text(ROUTINE.format(arguments="p_n integer", result="text", body="p_n::text"))  # would be an overload
    assert deploy.deploy(dbname=name, root=copy).dropped == ("ops.extra()",)
    assert ask(name, "select ops.extra(3)") == ["3"]
    assert ask(name, "select count(*) from pg_proc where proname = 'extra'") == [1]


def test_a_body_that_does_not_parse_fails_the_deploy(empty: Callable[[], str], copy: Path) -> None:
    name = empty()
    (copy / "routines" / "ops.extra.sql").write_text(
        ROUTINE.format(arguments="", result="bigint", body="count(*) from ops.no_such_table")
    )
    with pytest.raises(FundError, match="no_such_table"):
        deploy.deploy(simulated=True, dbname=name, root=copy)


def test_a_hand_made_change_is_drift_and_is_undone(empty: Callable[[], str]) -> None:
    name = empty()
    deploy.deploy(simulated=True, dbname=name)
    with db.connect(db.DEPLOYER, dbname=name) as connection:
        assert deploy.drift(connection) == []
        db.execute_text(connection, "test", "grant execute on function ops.now() to fund_analyst, public")
        db.execute_text(connection, "test", "grant insert on ops.kill_sources to fund_analyst")
        assert deploy.drift(connection) == ["routines, relations or privileges were changed in the database by hand"]
    with pytest.raises(DeployError, match=r"ops\.now\(\) can be executed by PUBLIC"):
        deploy.deploy(dbname=name)  # re-applying cannot know who may revoke that; the invariant names it
    ask(name, "revoke execute on function ops.now() from public")
    assert not deploy.deploy(dbname=name).nothing
    with db.connect(db.DEPLOYER, dbname=name) as connection:
        assert deploy.drift(connection) == []
    assert ask(name, "select has_table_privilege('fund_analyst', 'ops.kill_sources', 'insert')") == [False]


def test_violated_invariant_fails_the_deploy_and_nothing_is_changed(empty: Callable[[], str], copy: Path) -> None:
    name = empty()
    deploy.deploy(simulated=True, dbname=name, root=copy)
    (copy / "migrations" / "9000_bare.sql").write_text("create table trade.bare (n integer not null);\n")
    with pytest.raises(DeployError, match=r"invariant accounts is violated: trade\.bare") as refused:
        deploy.deploy(dbname=name, root=copy)
    assert refused.value.code == "MQ005"
    assert ask(name, "select to_regclass('trade.bare') is null") == [True]


def test_a_dump_restored_without_its_roles_is_named(empty: Callable[[], str]) -> None:
    """Whoever restored it owns everything then; "deploy restores the grants" would be no remedy."""
    name = empty()
    deploy.deploy(simulated=True, dbname=name)
    ask(name, "alter table ops.deploys owner to postgres; alter table ops.deploy_ledger owner to postgres")
    with pytest.raises(DeployError, match="without its roles") as refused:
        deploy.deploy(dbname=name)
    assert refused.value.code == "MQ006" and "owner=postgres" in str(refused.value)
    assert "pg_dumpall --roles-only" in refused.value.remedy


def test_dbt_views_are_dropped_and_its_tables_stay(empty: Callable[[], str], copy: Path) -> None:
    name = empty()
    deploy.deploy(simulated=True, dbname=name, root=copy)
    ask(
        name,
        "set role fund_transformer; create table features.kept as select 1 as n;"
        "create view staging.bars as select symbol, close from market.price_history;"
        "create view staging.over_it as select symbol from staging.bars; reset role",
    )
    assert deploy.deploy(dbname=name, root=copy).nothing, "dbt's relations are not deploy's business"
    (copy / "migrations" / "9000_wider.sql").write_text(
        "alter table market.price_history alter column revision type bigint;\n"
    )
    report = deploy.deploy(dbname=name, root=copy)
    assert (report.dbt_views_dropped, report.dbt_tables_dropped) == (2, ())
    assert ask(name, "select to_regclass('staging.bars') is null, to_regclass('features.kept') is not null") == [
        True,
        True,
    ]


def test_a_table_of_dbts_that_a_migration_drops_is_told_with_who_makes_it_anew(
    empty: Callable[[], str], copy: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    name = empty()
    deploy.deploy(simulated=True, dbname=name, root=copy)
    ask(name, "set role fund_transformer; create table features.features as select 1 as n; reset role")
    (copy / "migrations" / "9000_anew.sql").write_text("drop table if exists features.features, features.never;\n")
    told = deploy.deploy(dbname=name, root=copy)
    monkeypatch.setattr(deploy, "deploy", lambda **_: told)
    deploy_command.command(simulated=False, as_json=False)
    (line,) = [line for line in capsys.readouterr().out.splitlines() if "features" in line]
    assert line.startswith("dropped by a migration: features.features; the next cycle or dbt build makes")


def test_twenty_at_once_on_one_fresh_database(empty: Callable[[], str]) -> None:
    name = empty()
    with ThreadPoolExecutor(20) as pool:
        reports = list(pool.map(lambda _: deploy.deploy(simulated=True, dbname=name), range(20)))
    assert sum(bool(report.applied) for report in reports) == 1
    assert ask(name, "select count(*) from ops.deploys") == [1]


def test_two_databases_of_one_cluster_at_once(empty: Callable[[], str]) -> None:
    """Roles are cluster-wide and locks are not: their settings collide ("tuple concurrently updated", measured)."""
    names = [empty() for _ in range(4)]
    with ThreadPoolExecutor(8) as pool:
        reports = list(pool.map(lambda n: deploy.deploy(simulated=True, dbname=n), names * 2))
    assert sum(bool(report.applied) for report in reports) == 4
    for name in names:
        assert deploy.deploy(dbname=name).nothing


def test_two_processes_deploy_at_once(server: embedded.Cluster) -> None:
    """As from two shells: the configured database, created by whoever is first."""
    done = [
        subprocess.Popen(
            [sys.executable, "-m", "runner", "deploy", "--simulated"], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        for _ in range(3)
    ]
    output = [process.communicate(timeout=300)[0] for process in done]
    assert [process.returncode for process in done] == [0, 0, 0], output
    assert sum("files applied" in text for text in output) <= 1


def test_i28_every_role_logs_in_with_its_own_password_only(template: str) -> None:
    home = settings.load().runner_home
    for role in settings.LOGIN_ROLES:
        assert ask(template, "select current_user::text", role) == [role]
    found = [passwords.find(home, role) for role in settings.LOGIN_ROLES]
    assert len(set(found)) == len(settings.LOGIN_ROLES)
    stored = ask(
        template, "select rolpassword from pg_authid where rolname like 'fund\\_%' and rolpassword is not null"
    )
    assert all(str(value).startswith("SCRAM-SHA-256$") for value in stored)


def test_a_changed_password_is_set_again(template: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FUND_ANALYST_PASSWORD", "a-new-password")
    assert deploy.deploy(dbname=template).passwords_set == ("fund_analyst",)
    assert ask(template, "select 1", "fund_analyst") == [1]
    monkeypatch.delenv("FUND_ANALYST_PASSWORD")
    assert deploy.deploy(dbname=template).passwords_set == ("fund_analyst",)


def test_no_password_reaches_the_servers_log(template: str, server: embedded.Cluster) -> None:
    logged = "".join(path.read_text(errors="replace") for path in (server.folder / "log").glob("*.log"))
    home = settings.load().runner_home
    assert logged
    assert not [role for role in settings.LOGIN_ROLES if str(passwords.find(home, role)) in logged]


def test_deploys_as_a_managed_services_admin(empty: Callable[[], str], monkeypatch: pytest.MonkeyPatch) -> None:
    """No superuser: createrole, and owner of the database. The roles of the cluster must not exist yet: own cluster."""
    home = Path(settings.load().runner_home).parent / "managed"
    cluster = embedded.Cluster(home, {"fsync": "off"})
    cluster.up()
    try:
        monkeypatch.setenv("RUNNER_HOME", str(home))
        with db.connect(db.DEPLOYER, autocommit=True, dbname="postgres") as connection:
            db.execute_text(connection, "admin", "create role admin login createrole password 'secret-admin'")
            db.execute_text(connection, "admin", "create database managed owner admin template template0")
        monkeypatch.setenv("DATABASE_URL", f"postgresql://admin:secret-admin@/managed?host={cluster.socket}")
        report = deploy.deploy(simulated=True)
        assert report.applied and deploy.deploy().nothing
        assert ask("managed", "select current_user::text", "fund_decider") == ["fund_decider"]
    finally:
        cluster.down()


#: What somebody does to the database by hand, the invariant that finds it, and its words.
VIOLATIONS = [
    ("alter function ops.now() reset search_path", "routines", "does not pin search_path"),
    ("alter function ops.now() set search_path = pg_temp, pg_catalog", "routines", "does not pin search_path"),
    ("alter function ops.now() set role = 'postgres'", "routines", "sets role"),
    ("grant execute on function ops.now() to public", "routines", "can be executed by PUBLIC"),
    ("alter function ops.now() owner to postgres", "routines", "belongs to postgres"),
    (
        "create function ops.pinned_nowhere() returns int language sql security definer begin atomic select 1; end",
        "routines", "ops.pinned_nowhere() does not pin search_path",
    ),
    ("alter role fund_broker connection limit -1", "roles", "fund_broker may take any number"),
    ("alter role fund_broker in database {} reset statement_timeout", "roles", "has no default of statement_timeout"),
    ("alter role fund_broker in database {} set lock_timeout = 0", "roles", "has no default of lock_timeout"),
    ("alter role fund_analyst createrole", "roles", "goes around grants"),
    ("grant fund_operator to fund_analyst", "roles", "fund_analyst is a member of fund_operator"),
    ("grant insert on ops.locks to fund_analyst", "privileges", "fund_analyst has INSERT on ops.locks"),
    ("grant create on schema ops to fund_analyst", "privileges", "fund_analyst has CREATE on schema ops"),
    ("grant temporary on database {} to fund_analyst", "privileges", "fund_analyst has TEMPORARY"),
]  # fmt: skip


@pytest.mark.parametrize(("statement", "invariant", "words"), VIOLATIONS, ids=[v[0][:60] for v in VIOLATIONS])
def test_i28_an_invariant_finds_what_it_is_for(statement: str, invariant: str, words: str, template: str) -> None:
    file = next(f for f in deploy.tree() if f.path == f"invariants/{invariant}.sql")
    with db.connect(db.DEPLOYER, dbname=template) as connection:
        assert db.fetch_text(connection, file.path, file.text) == []
        with contextlib.suppress(db.Rollback), db.savepoint(connection):
            db.execute_text(connection, "by hand", statement.format(template))
            found = [row["violation"] for row in db.fetch_text(connection, file.path, file.text)]
            assert any(words in violation for violation in found), found
            raise db.Rollback


def test_i29_time_outs_are_in_force_and_are_only_defaults(template: str) -> None:
    """Each role's session has them, may change them, and is ended by them where it does not."""
    names = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout", "transaction_timeout")
    for role in settings.LOGIN_ROLES:
        with db.connect(role, dbname=template) as connection:
            for name in names:
                (row,) = db.fetch_text(connection, name, f"select current_setting('{name}') as value")
                assert row["value"] != "0", (role, name)
                db.execute_text(connection, name, f"set local {name} = 0")
    with (
        pytest.raises(FundError, match="transaction timeout") as ended,
        db.connect("fund_monitor", autocommit=True, dbname=template) as connection,
    ):
        db.execute_text(connection, "shorter", "set transaction_timeout = '200ms'")
        db.execute_text(connection, "longer", "begin; select pg_sleep(2)")
    assert ended.value.code == "25P04"


def test_no_role_takes_every_connection(template: str) -> None:
    with contextlib.ExitStack() as open_ones:
        for _ in range(24):
            open_ones.enter_context(db.connect("fund_monitor", dbname=template))
        with pytest.raises(DatabaseUnreachable, match="too many connections for role"):
            db.open_connection("fund_monitor", template)
        db.open_connection("fund_operator", template).close()


def test_i28_a_way_in_without_scram_fails_the_deploy(template: str) -> None:
    """The server as it is has none; a verifier of another kind is found, whoever put it there."""
    with db.connect(db.DEPLOYER, dbname=template) as connection:
        deploy._check_authentication(connection)
        db.execute_text(connection, "md5", f"alter role fund_monitor password 'md5{'0' * 32}'")
        with pytest.raises(DeployError, match="fund_monitor has a stored password that is no SCRAM") as refused:
            deploy._check_authentication(connection)
        assert refused.value.code == "MQ460"
        connection.rollback()


def test_i28_the_line_of_pg_hba_that_lets_in_without_scram_is_named(template: str, server: embedded.Cluster) -> None:
    """The view reads the file as it is; the server goes on by what it last loaded."""
    rules = server.data / "pg_hba.conf"
    before = rules.read_text("utf-8")
    number = len(before.splitlines()) + 1
    try:
        rules.write_text(f"{before}local all fund_monitor trust\n", "utf-8")
        with (
            db.connect(db.DEPLOYER, dbname=template) as connection,
            pytest.raises(DeployError, match=f"line {number}, lets fund_monitor in by trust"),
        ):
            deploy._check_authentication(connection)
    finally:
        rules.write_text(before, "utf-8")
