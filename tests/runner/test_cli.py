"""The command line: one-line errors with the remedy, exit codes, help with an example, nothing secret."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from runner import cli, deploy, embedded, environment, log, passwords, settings
from runner.commands import doctor
from runner.errors import DataUnusable, ExitCode

ROOT = Path(__file__).resolve().parents[2]


def run(*words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "runner", *words],
        cwd=ROOT,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
    )


def leaves() -> list[list[str]]:
    """Every command line that does something: groups opened."""
    found = []
    for name, (module_name, _) in cli.COMMANDS.items():
        module = importlib.import_module(f"runner.commands.{module_name}")
        if hasattr(module, "app"):
            found += [[name, c.name or c.callback.__name__] for c in module.app.registered_commands if c.callback]
        else:
            found.append([name])
    return found


@pytest.mark.parametrize("words", leaves(), ids=" ".join)
def test_every_command_has_help_with_an_example(words: list[str]) -> None:
    result = CliRunner().invoke(cli.build(words[0]), [*words, "--help"], prog_name="python -m runner")
    assert result.exit_code == 0, result.output
    assert "Example: " in result.output


def test_help_lists_every_command_and_imports_none() -> None:
    done = run("--help")
    assert done.returncode == 0
    assert all(f"  {name} " in done.stdout for name in cli.COMMANDS)
    probe = (
        "import sys; from runner import cli; cli.run(['--help']);"
        "print(sorted(m for m in sys.modules if m in ('numpy', 'psycopg', 'pandas')))"
    )
    assert subprocess.run([sys.executable, "-c", probe], cwd=ROOT, capture_output=True, text=True).stdout.endswith(
        "[]\n"
    )


@pytest.mark.parametrize(
    "words", [["no-such-command"], ["deploy", "--no-such-option"], ["db", "sideways"], ["kill"], ["operator", "add"]]
)
def test_usage_errors_are_one_line_and_exit_2(words: list[str]) -> None:
    done = run(*words)
    assert done.returncode == ExitCode.USAGE
    assert len(done.stderr.strip().splitlines()) == 1 and done.stderr.startswith("error: ")


def test_an_error_is_one_line_with_remedy_and_code_and_debug_shows_more(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def command() -> None:
        """Fails."""
        raise DataUnusable("no bars of postgresql://u:pw-in-url@host/x", "load some")

    module = type("module", (), {"command": staticmethod(command), "EXAMPLE": "x"})
    monkeypatch.setitem(cli.COMMANDS, "fails", ("fails", "Fails."))
    monkeypatch.setattr(cli.importlib, "import_module", lambda name: module)
    assert cli.run(["fails"]) == ExitCode.DATA
    captured = capsys.readouterr()
    assert captured.err == "error: no bars of postgresql://u:***@host/x. load some\n"
    assert cli.run(["--debug", "fails"]) == ExitCode.DATA
    assert "Traceback" in capsys.readouterr().err


def test_where_the_log_is_json_an_error_is_a_line_of_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def command() -> None:
        """Fails."""
        raise DataUnusable("no bars of postgresql://u:pw-in-url@host/x", "load some")

    module = type("module", (), {"command": staticmethod(command), "EXAMPLE": "x"})
    monkeypatch.setitem(cli.COMMANDS, "fails", ("fails", "Fails."))
    monkeypatch.setattr(cli.importlib, "import_module", lambda name: module)
    monkeypatch.setenv("LOG_FORMAT", "json")
    try:
        assert cli.run(["fails"]) == ExitCode.DATA
        (line,) = (json.loads(line) for line in capsys.readouterr().err.splitlines())
        assert (line["level"], line["exit_code"]) == ("error", ExitCode.DATA)
        assert line["event"] == "no bars of postgresql://u:***@host/x. load some"
    finally:
        log.configure()


def test_what_nobody_foresaw_is_one_line_and_exit_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def command() -> None:
        """Breaks."""
        raise ZeroDivisionError("nobody\n  foresaw this\n")

    module = type("module", (), {"command": staticmethod(command), "EXAMPLE": "x"})
    monkeypatch.setitem(cli.COMMANDS, "breaks", ("breaks", "Breaks."))
    monkeypatch.setattr(cli.importlib, "import_module", lambda name: module)
    assert cli.run(["breaks"]) == ExitCode.UNEXPECTED
    assert capsys.readouterr().err.startswith("error: ZeroDivisionError: nobody; foresaw this. ")


def test_typer_exit_codes_pass_through(monkeypatch: pytest.MonkeyPatch) -> None:
    def command() -> None:
        """Exits."""
        raise typer.Exit(13)

    module = type("module", (), {"command": staticmethod(command), "EXAMPLE": "x"})
    monkeypatch.setitem(cli.COMMANDS, "exits", ("exits", "Exits."))
    monkeypatch.setattr(cli.importlib, "import_module", lambda name: module)
    assert cli.run(["exits"]) == 13


def test_unreachable_database_is_exit_16(tmp_path: Path) -> None:
    done = run("deploy", DATABASE_URL=f"postgresql://deployer:very-secret@/fund?host={tmp_path}")
    assert done.returncode == ExitCode.DATABASE
    assert len(done.stderr.strip().splitlines()) == 1
    assert "DATABASE_URL" in done.stderr and "very-secret" not in done.stderr + done.stdout


def test_numeric_libraries_get_one_thread() -> None:
    probe = (
        "import os, sys, runner.__main__;"
        "print(*[os.environ[f'{n}_NUM_THREADS'] for n in ('OMP', 'OPENBLAS', 'MKL')], 'numpy' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", probe],
        cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "7"},
        capture_output=True,
        text=True,
    )
    assert done.stdout == "1 1 1 False\n"


def test_env_is_what_a_shell_and_dbt_need(template: str, server: embedded.Cluster) -> None:
    done = run("env")
    assert done.returncode == 0
    shell = subprocess.run(["bash", "-c", f"{done.stdout}\nenv"], capture_output=True, text=True, env={})
    seen = dict(line.split("=", 1) for line in shell.stdout.splitlines() if "=" in line)
    expected = environment.for_dbt(settings.load())
    assert {name: seen[name] for name in expected} == expected
    assert expected["FUND_DBT_HOST"] == str(server.socket)
    assert expected[environment.PASSWORD] == passwords.find(server.home, "fund_transformer")
    assert json.loads(run("env", "--json").stdout) == expected


def test_db_url_serves_every_role_and_psql(template: str) -> None:
    for role in ("fund_analyst", "fund_decider", "postgres"):
        url = run("db", "url", "--role", role).stdout.strip()
        client = embedded.binaries()["psql"]
        target = url.replace(f"/{settings.DATABASE}?", f"/{template}?")
        done = subprocess.run([client, target, "-AtXc", "select current_user"], capture_output=True, text=True)
        assert done.stdout.strip() == role, done.stderr
    assert run("db", "url", "--role", "nobody").returncode == ExitCode.USAGE


def test_doctor_says_what_it_found_and_how_to_mend_it(server: embedded.Cluster, tmp_path: Path) -> None:
    deploy.deploy(simulated=True)
    done = run("doctor", "--json")
    found = {item["name"]: item for item in json.loads(done.stdout)}
    assert {
        "python",
        "packages",
        "binaries",
        "socket",
        "disk",
        "configuration",
        "kill file",
        "database",
        "deploy",
        "data",
    } <= set(found)
    assert [found[name]["verdict"] for name in ("python", "binaries", "socket", "kill file", "database", "deploy")] == [
        "ok"
    ] * 6
    assert found["data"]["verdict"] == "fail" and "ingest" in found["data"]["remedy"]
    assert done.returncode == ExitCode.DATA
    kill_file = tmp_path / "KILL_SWITCH"
    kill_file.touch()
    assert run("doctor", KILL_SWITCH_FILE=str(kill_file)).returncode == ExitCode.KILLED
    unreachable = run("doctor", RUNNER_HOME=str(tmp_path / "runner"))
    assert unreachable.returncode == ExitCode.DATABASE and "db up" in unreachable.stdout
    assert not embedded.Cluster(tmp_path / "runner").running(), "doctor starts nothing"


def test_doctor_looks_at_every_disk_the_fund_writes_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The data lives under /var/lib where RUNNER_HOME is closed to the server, the anchors where AUDIT_ANCHORS says."""
    blocked = tmp_path / "file"
    blocked.touch()
    monkeypatch.setenv("AUDIT_ANCHORS", str(blocked / "anchors"))
    monkeypatch.setenv("RUNNER_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(embedded, "SHARED_HOME", tmp_path / "shared")
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "postgres.elsewhere").touch()
    found = {finding.name: finding for finding in doctor._disk(settings.load())}
    assert list(found) == ["disk", "disk of data", "disk of anchors"]
    assert str(tmp_path / "shared") in found["disk of data"].found
    assert found["disk of anchors"].verdict == "fail" and "AUDIT_ANCHORS" in found["disk of anchors"].remedy
