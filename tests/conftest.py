"""What the tests share: one embedded server for the session, and databases cloned from a deployed template.

`server`   a running embedded cluster under a temporary RUNNER_HOME, pgTAP within its reach
`template` name of a deployed, simulated database nothing else writes
`database` a fresh clone of it for one test, as a RUNNER_HOME and DATABASE name
`fresh`    makes further clones, which live as long as their module
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import sys
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

import pytest

from runner import anchors, db, deploy, embedded, settings
from runner import config as golden
from tests import parallel

ROOT = Path(__file__).resolve().parents[1]
TIMESCALE_LANE = ROOT / "tests" / "timescale"
PGTAP_ARCHIVE = TIMESCALE_LANE / "node_modules" / "@unni-craftsman" / "pglite" / "dist" / "pgtap.tar.gz"
TEMPLATE = "fund_template"

#: Lines the terminal summary prints, in the order they came.
SUMMARY: list[str] = []


def pytest_configure(config: pytest.Config) -> None:
    """Every test of this session, and every process it starts, works under a RUNNER_HOME of its own.

    A worker's is in the folder of the process that started it, which ends what a worker was too short-lived to end.
    """
    given = getattr(config, "workerinput", {}).get("home")
    home = Path(given or tempfile.mkdtemp(prefix="mqf-tests-"))
    home.mkdir(exist_ok=True)
    home.chmod(0o755)  # as root the server runs as another user, who must get through
    config.stash[HOME] = home
    for name in [n for n in os.environ if n.startswith(("FUND_", "DATABASE_URL", "DB_ENGINE", "KILL_SWITCH"))]:
        del os.environ[name]
    os.environ["RUNNER_HOME"] = str(home / "runner")
    os.environ["KILL_SWITCH_FILE"] = str(home / "KILL_SWITCH")
    if given:
        config.pluginmanager.register(parallel.Worker(SUMMARY))
    elif config.getoption("dist", "no") != "no":
        config.pluginmanager.register(parallel.Controller(config, home, SUMMARY))


HOME = pytest.StashKey[Path]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """What `make test` leaves out: benchmarks, and most of the order sequences, kill races, books and replays."""
    parser.addoption("--benchmarks", action="store_true", help="collect tests/bench as well")
    parser.addoption("--every-cycle", action="store_true", help="run 250 session cycles and replay each of them")
    parser.addoption("--every-sequence", action="store_true", help="all 100,000 event sequences of orders, not a share")
    parser.addoption(
        "--every-interleaving", action="store_true", help="all 10,000 interleavings of a kill, not a share"
    )
    parser.addoption("--every-book", action="store_true", help="all 100,000 random books of the auction, not a share")
    parser.addoption("--every-frame", action="store_true", help="all 20,000 frames of made-up bars, not a share")
    parser.addoption("--every-as-of", action="store_true", help="look for the future at fifty as-ofs, not three")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave tests/bench out unless it was asked for."""
    wanted = config.getoption("--benchmarks")
    return True if collection_path == ROOT / "tests" / "bench" and not wanted else None


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the servers below the session's folder, one that a test left behind included, and remove the folder."""
    home = config.stash[HOME]
    embedded.Cluster(home / "runner").down()
    for pid, words in embedded._command_lines():
        data = words[words.index("-D") + 1] if os.path.basename(words[0]) == "postgres" and "-D" in words[:-1] else ""
        if Path(data).is_relative_to(home.resolve()):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGQUIT)
    shutil.rmtree(home, ignore_errors=True)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What ran where, and which tests did not run for want of the sample's data."""
    for line in SUMMARY:
        terminalreporter.write_line(line)
    skipped = [r.nodeid for r in terminalreporter.stats.get("skipped", []) if "needs_sample" in r.keywords]
    terminalreporter.write_line(f"data-dependent tests skipped: {len(skipped)}")
    for nodeid in skipped:
        terminalreporter.write_line(f"  {nodeid}")


def desk_under(config: golden.GoldenConfig, text: str | None = None) -> str:
    """tests/sql/fixtures/02_desk.sql, or a change of it, under `config`: its hash, its values and its limits."""

    def quoted(value: object) -> str:
        return "'" + json.dumps(value).replace("'", "''") + "'"

    if text is None:
        text = (ROOT / "tests" / "sql" / "fixtures" / "02_desk.sql").read_text(encoding="utf-8")
    limits = [asdict(row) for row in golden.sql_limits(config)]
    values, opened = "(repeat('a', 64), '', '{}')", "    perform trade.open_account('test',"
    assert text.count(values) == text.count(opened) == 1
    text = text.replace(values, f"(repeat('a', 64), '', {quoted(config.parsed)})").replace(
        opened, f"    perform govern.add_file_limits(repeat('a', 64), {quoted(limits)}, 'fixture');\n{opened}"
    )
    return text.replace("repeat('a', 64)", f"'{config.sha256}'")


def pgtap_folder() -> Path | None:
    """A folder for extension_control_path with pgTAP in it; None where no source of it is on this machine.

    From the package the TimescaleDB lane installs, else what was put into .cache/pgtap by hand. Neither touches the
    wheel the server comes from.
    """
    target = ROOT / ".cache" / "pgtap"
    control = target / "share" / "postgresql" / "extension" / "pgtap.control"
    if not control.exists() and PGTAP_ARCHIVE.exists():
        target.parent.mkdir(exist_ok=True)
        fresh = Path(tempfile.mkdtemp(dir=target.parent))
        with tarfile.open(PGTAP_ARCHIVE) as archive:
            archive.extractall(fresh, filter="data")
        fresh.chmod(0o755)  # mkdtemp's is its maker's alone
        try:
            fresh.rename(target)  # whole or not at all: another worker may be looking, or have been first
        except OSError:
            shutil.rmtree(fresh)
    return control.parents[1] if control.exists() else None


@pytest.fixture(scope="session")
def httpserver_listen_address() -> tuple[str, int]:
    """A number, not a name: as `localhost` two workers may get one port, one on IPv4, the other on IPv6."""
    return "127.0.0.1", 0


@pytest.fixture(scope="session")
def pgtap(request: pytest.FixtureRequest) -> Path | None:
    """The folder above extension/, copied to where the server's user can read it."""
    found = pgtap_folder()
    if found is None:
        return None
    copy = request.config.stash[HOME] / "pgtap"
    shutil.copytree(found, copy)
    return copy


@pytest.fixture(scope="session")
def server(pgtap: Path | None) -> embedded.Cluster:
    """The session's cluster, running. It need not outlive a power cut: fsync is off."""
    # Commit timestamps judge races: which of two transactions came first is the server's to say.
    parameters = {"fsync": "off", "max_connections": "120", "track_commit_timestamp": "on"}
    if pgtap is not None:
        parameters["extension_control_path"] = f"{pgtap}:$system"
    cluster = embedded.Cluster(settings.load().runner_home, parameters)
    cluster.up()
    return cluster


@pytest.fixture(scope="session")
def template(server: embedded.Cluster) -> str:
    """A deployed, simulated database to clone."""
    deploy.deploy(simulated=True, dbname=TEMPLATE)
    return TEMPLATE


@pytest.fixture(scope="session")
def clone(template: str) -> Callable[[], str]:
    """Makes one clone of the template per call and gives its name, the first that is free: dbt parses once a name."""

    def make() -> str:
        with db.connect(db.DEPLOYER, autocommit=True, dbname="postgres") as connection:
            taken = {row["datname"] for row in db.fetch_text(connection, "taken", "select datname from pg_database")}
            name = next(f"clone_{number}" for number in range(sys.maxsize) if f"clone_{number}" not in taken)
            db.execute_text(connection, "clone", f"create database {name} template {template}")
        forget_anchors(name)
        deploy.deploy(dbname=name)  # a database's own privileges and its roles' settings are not cloned
        return name

    return make


def forget_anchors(database: str) -> None:
    """A database put in another's place is what anchors are there to tell (I23): here it is meant. Threads call it."""
    anchors.place(settings.load(), database).unlink(missing_ok=True)


def drop(database: str) -> None:
    """Drop a clone, whoever is connected to it."""
    with db.connect(db.DEPLOYER, autocommit=True, dbname="postgres") as connection:
        db.execute_text(connection, "drop", f"drop database if exists {database} with (force)")


@pytest.fixture(scope="module")
def fresh(clone: Callable[[], str]) -> Iterator[Callable[[], str]]:
    """`clone` for a module, at whose end what it made is dropped."""
    with contextlib.ExitStack() as stack:

        def make() -> str:
            name = clone()
            stack.callback(drop, name)
            return name

        yield make


@pytest.fixture
def database(clone: Callable[[], str], monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A fresh clone that `db.connect(role)` reaches without naming it; dropped afterwards."""
    name = clone()
    monkeypatch.setattr(settings, "DATABASE", name)
    yield name
    drop(name)
