"""One login per process: each command opens the roles it needs and no other (ARCHITECTURE 4, I28).

The commands run in this process; what is recorded is every connection they ask `runner.db` for. Modules of one duty are
read as well: `ROLES` names the roles in their text.
"""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runner import cli, db
from tests.conftest import ROOT
from tests.seams.attempts import LOGIN_ROLES

#: A command line, and the roles it may open. The deployer opens for `deploy` and `db` alone.
COMMANDS = (
    (("status",), {"fund_monitor"}),
    (("doctor",), {"fund_monitor"}),
    (("config", "show", "--limits"), set()),
    (("config", "verify"), {"fund_operator"}),
    (("config", "lock"), {"fund_operator"}),
    (("kill", "--reason", "a test"), {"fund_operator"}),
    (("resume", "--reason", "a test"), {"fund_operator", "fund_verifier"}),  # the chain is verified by another role
    (("breaks", "list", "--account", "paper"), {"fund_operator"}),
    (("cycle", "--as-of", "2013-02-27"), {"fund_decider"}),
    (("sync", "--once", "--account", "paper"), {"fund_broker"}),
)

#: Folders and modules of one duty, and the only role their text names. Ingest, the worker, the exchange and dbt.
ROLES = {
    "commands/ingest.py": {"fund_ingestor"},
    "environment.py": {"fund_transformer"},
    "brokers/sync.py": {"fund_broker"},
    "brokers/loop.py": {"fund_broker"},
    "brokers/killswitch.py": {"fund_broker"},
    "cycle.py": {"fund_decider"},
    "sessions.py": {"fund_decider"},
}


@pytest.fixture
def opened(database: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[set[str]]:
    """Roles asked for while the test runs; a working folder with the configuration, pinned."""
    roles: set[str] = set()
    original = db.open_connection

    def recorded(role: str, *arguments: Any, **named: Any) -> db.Connection:
        roles.add(role)
        return original(role, *arguments, **named)

    (tmp_path / "configs").symlink_to(ROOT / "configs")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KILL_SWITCH_FILE", str(tmp_path / "KILL_SWITCH"))
    monkeypatch.setattr(db, "open_connection", recorded)
    yield roles


@pytest.mark.parametrize(("words", "roles"), COMMANDS, ids=[" ".join(words) for words, _ in COMMANDS])
def test_i28_a_command_opens_its_own_roles(words: tuple[str, ...], roles: set[str], opened: set[str]) -> None:
    """Whatever it ends with: on an empty database most are refused, after they have connected."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        cli.run(list(words))
    assert opened == roles


def test_i28_a_module_of_one_duty_names_one_role() -> None:
    """No module of a process names the role of another."""
    for name, roles in ROLES.items():
        text = (ROOT / "runner" / name).read_text(encoding="utf-8")
        named = {role for role in LOGIN_ROLES if f'"{role}"' in text}
        assert named == roles, name


def test_i13_no_process_runs_as_a_superuser() -> None:
    """The deployer, whose sessions a kill could not end, is opened by what makes databases and roles alone.

    A backtest fills the database it has made, and reads the fund's as dbt does.
    """
    named = {
        str(path.relative_to(ROOT / "runner"))
        for path in (ROOT / "runner").rglob("*.py")
        if "db.DEPLOYER" in path.read_text(encoding="utf-8")
    }
    assert named == {"backtest.py", "deploy.py", "operators.py", "commands/db.py"}
    backtest = (ROOT / "runner" / "backtest.py").read_text(encoding="utf-8")
    assert re.findall(r"with db\.connect\(db\.DEPLOYER.*?\) as (\w+):", backtest) == ["target"]
    assert backtest.count("db.DEPLOYER") == 1
    assert re.findall(r"with db\.connect\((.*)\) as source:", backtest) == ['"fund_transformer", read_only=True']
