"""I27: secrets planted in every source, every kind of failure provoked, and everything written searched for them.

A *canary* is a secret of this test's own. It is planted in the environment, in files and in a fake Vault; then commands
run and fail, with --debug; and their output, everything under RUNNER_HOME (the server's log and data, dbt's log, the
kill file), the whole database and every command line of this machine are searched for it, as it is and as a URL, JSON,
Python or base64 would write it. The scanner is tried on itself first.
"""

from __future__ import annotations

import base64
import json
import os
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from runner import credentials, db, embedded, environment, log, settings
from runner.brokers.alpaca import AlpacaBroker
from runner.deploy import SQL_SCHEMAS
from runner.errors import ExitCode, FundError
from tests.network.conftest import limits

ROOT = Path(__file__).resolve().parents[2]

#: Words a redaction by shape alone would not know, with signs that URLs, JSON and shells write differently.
CANARIES = {
    "POSTGRES_PASSWORD": "canaryPostgres@r/t'x",
    **{settings.password_variable(role): f"canary{role[5:].title()}7a9" for role in settings.LOGIN_ROLES},
    "FUND_ANALYST_PASSWORD": 'canary analyst "q" / @ + %',
    "ALPACA_API_KEY": "canaryKeyPK0123456789",
    "ALPACA_SECRET_KEY": "canarySecret/+abc=def",
    "TELEGRAM_BOT_TOKEN": "12345678:canaryTelegram",
    "SLACK_WEBHOOK_URL": "https://hooks.slack.com/services/T0/B0/canarySlack",
    "DISCORD_WEBHOOK_URL": "https://discord.com/api/webhooks/1/canaryDiscord",
    "VAULT_TOKEN": "canaryVaultToken01",
    "IN_URL": "canaryInUrl01",
    "WRONG": "canaryWrongPassword",
    "REASON": "canaryInAReason",
}


def needles(value: str) -> set[bytes]:
    """How a secret may be written."""
    words = {value, quote(value), quote(value, safe=""), quote_plus(value), json.dumps(value)[1:-1], repr(value)[1:-1]}
    return {word.encode() for word in words} | {base64.b64encode(value.encode()).rstrip(b"=")}


NEEDLES = {name: needles(value) for name, value in CANARIES.items()}


def found_in(text: bytes, but: frozenset[str] = frozenset()) -> set[str]:
    """Names of the canaries in `text`."""
    return {name for name, words in NEEDLES.items() if name not in but and any(word in text for word in words)}


@dataclass
class Scene:
    """A fund of its own, with a canary for every secret, and everything that was printed."""

    home: Path
    variables: dict[str, str]
    written: dict[str, bytes] = field(default_factory=dict)
    command_lines: set[bytes] = field(default_factory=set)

    def run(
        self, *words: str, program: tuple[str, ...] = ("-m", "runner", "--debug"), **changes: str
    ) -> tuple[int, bytes]:
        """Run a command; its exit code and what it printed. Every process's arguments are looked at meanwhile."""
        values = {k: v for k, v in {**self.variables, **changes}.items() if v}
        with tempfile.TemporaryFile() as out:
            started = subprocess.Popen(
                [sys.executable, *program, *words], cwd=ROOT, env=values, stdout=out, stderr=subprocess.STDOUT
            )
            while started.poll() is None:
                lines = (_bytes(entry) for entry in Path("/proc").glob("[0-9]*/cmdline"))
                self.command_lines |= {line for line in lines if line}
                time.sleep(0.2)
            out.seek(0)
            printed = out.read()
        self.written[" ".join((*words, *sorted(changes)))] = printed
        return started.returncode, printed


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    home = tmp_path_factory.mktemp("secrets")
    for folder in (home, *home.parents[:2]):
        folder.chmod(0o755)  # as root the server runs as another user, who must get through
    held = home / "a-secret-file"
    held.write_text(CANARIES["FUND_OPERATOR_PASSWORD"] + "\n")
    given = {k: v for k, v in CANARIES.items() if k.isupper() and k not in ("IN_URL", "WRONG", "REASON", "VAULT_TOKEN")}
    del given["FUND_OPERATOR_PASSWORD"]
    plain = {k: v for k, v in os.environ.items() if not k.startswith(("FUND_", "ALPACA_", "VAULT_", "DATABASE_URL"))}
    variables = plain | given | {
        "RUNNER_HOME": str(home / "fund"), "KILL_SWITCH_FILE": str(home / "fund" / "KILL"),
        "FUND_OPERATOR_PASSWORD_FILE": str(held), "PYTHONFAULTHANDLER": "1",
    }  # fmt: skip
    made = Scene(home / "fund", variables)
    try:
        yield made
    finally:
        embedded.Cluster(made.home).down()


def echo(request: Request) -> Response:
    """A server that repeats all it was told, in its body and in a header, and refuses."""
    heard = dict(request.headers.items()) | {"path": request.url}
    body = {"message": f"refused: {heard}", "errors": [f"refused: {heard}"], "code": 40110000}
    return Response(json.dumps(body), 403, {"X-Heard": quote(str(heard))}, content_type="application/json")


def test_the_scanner_finds_what_it_must() -> None:
    for name, value in CANARIES.items():
        for text in (value, quote(value, safe=""), json.dumps({"x": value}), repr(value), f"'{value}'"):
            assert name in found_in(text.encode())
        assert name in found_in(base64.b64encode(value.encode()))
    assert found_in(b"nothing") == set()


def test_nothing_written_holds_a_secret(scene: Scene, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/v1/secret/data/quant-fund/roles/fund_monitor").respond_with_handler(echo)
    vault = {"VAULT_ADDR": httpserver.url_for("").rstrip("/"), "VAULT_TOKEN": CANARIES["VAULT_TOKEN"]}
    url = "postgresql://deployer:{}@{}/fund".format(CANARIES["IN_URL"], "{}")
    wrong = CANARIES["WRONG"]

    assert scene.run("deploy", "--simulated")[0] == ExitCode.DONE
    assert scene.run("config", "lock", "--reason", "first")[0] == ExitCode.DONE
    assert b"authentication failed" in scene.run("status", FUND_MONITOR_PASSWORD=wrong)[1]
    # A failure's words that are about to be stored: the cycle cannot run, and says why in its alert and its row.
    assert scene.run("cycle", FUND_TRANSFORMER_PASSWORD=wrong)[0] != ExitCode.DONE
    assert scene.run("kill", "--reason", f"key {CANARIES['ALPACA_SECRET_KEY']} was seen", LOG_FORMAT="json")[0] == 0
    code, printed = scene.run("status", FUND_MONITOR_PASSWORD="", **vault)
    assert code == ExitCode.DATABASE and b"does not permit" in printed, printed
    code, printed = scene.run("status", FUND_MONITOR_PASSWORD="", VAULT_ADDR="http://127.0.0.1:9", VAULT_TOKEN="x")
    assert b"cannot be reached" in printed and b"Traceback" in printed
    for host in ("127.0.0.1:1", "host:notaport", "h%zzst"):
        assert scene.run("db", "status", DATABASE_URL=url.format(host))[0] in (ExitCode.USAGE, ExitCode.DATABASE)
    assert scene.run("db", "status", DATABASE_URL=CANARIES["IN_URL"])[0] == ExitCode.USAGE
    for one in ("TELEGRAM_BOT_TOKEN", "SLACK_WEBHOOK_URL", "DISCORD_WEBHOOK_URL"):
        others = {name: "" for name in credentials.ALERTS if name != one}
        assert scene.run("notify", "--test", TELEGRAM_CHAT_ID="1", **others)[0] != ExitCode.DONE
    _dbt(scene)
    _hooks(scene)

    leaks = {what: found for what, text in scene.written.items() if (found := found_in(text))}
    assert leaks == {}
    assert {line for line in scene.command_lines if found_in(line, frozenset({"ALPACA_SECRET_KEY"}))} == set()
    leaks = {
        str(path.relative_to(scene.home)): found
        for path in scene.home.rglob("*")
        if path.is_file() and not path.is_symlink() and (found := found_in(_bytes(path)))
    }
    # The kill file holds an operator's own words; nothing else may, and the passwords here all came from elsewhere.
    assert leaks.pop("KILL", set()) <= {"ALPACA_SECRET_KEY"}
    assert leaks == {}
    assert stat.S_IMODE((scene.home / "passwords.lock").stat().st_mode) & 0o077 == 0o044
    _server(scene)


def _dbt(scene: Scene) -> None:
    """What `env` prints is for dbt alone; dbt's own log at its loudest, connecting and failing to."""
    code, printed = scene.run("env", program=("-m", "runner"))
    assert code == 0 and found_in(printed) == {"FUND_TRANSFORMER_PASSWORD"}
    del scene.written["env"]
    shell = dict(line.removeprefix("export ").split("=", 1) for line in printed.decode().splitlines())
    values = {name: value.strip("'") for name, value in shell.items()}
    folders = ("--project-dir", str(environment.DBT), "--profiles-dir", str(environment.DBT))
    loud = ("--log-path", str(scene.home / "logs"), "--log-level", "debug", "--log-level-file", "debug")
    program = ("-c", "from dbt.cli.main import cli; cli()")
    for password in (values[environment.PASSWORD], CANARIES["WRONG"]):
        changes = values | {environment.PASSWORD: password}
        _, printed = scene.run("debug", "--connection", *folders, *loud, program=program, **changes)
        assert b"Connection test" in printed


def _hooks(scene: Scene) -> None:
    """What reaches standard error without asking the log: threads, libraries' loggers, warnings, uncaught errors."""
    script = """
import logging, sys, threading, warnings
from runner import cli, log, settings
log.configure(secrets=settings.load().secrets()); log.guard()
import os; secret = os.environ["ALPACA_SECRET_KEY"]
def fails():
    held = secret
    try:
        raise ValueError("inner " + held)
    except ValueError as error:
        raise RuntimeError({"headers": {"APCA-API-SECRET-KEY": held.encode()}}) from error
for _ in range(1):
    thread = threading.Thread(target=fails); thread.start(); thread.join()
logging.getLogger("urllib3.connectionpool").warning("retrying with %s", secret)
logging.getLogger("hvac").error("headers %s", {"X-Vault-Token": secret}, exc_info=ValueError(secret))
warnings.warn("the key is " + secret)
class Late:
    def __del__(self): fails()
late = Late(); del late
fails()
"""
    code, printed = scene.run(program=("-c", script))
    assert code == 1 and printed.count(b"RuntimeError") >= 3 and b"retrying with ***" in printed


def _server(scene: Scene) -> None:
    """The database row by row, stored verifiers, and the server process."""
    cluster = embedded.Cluster(scene.home)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in scene.variables.items():
            patch.setenv(name, value)
        with db.connect(db.DEPLOYER) as connection:
            tables = [
                row["relation"]
                for row in db.fetch_text(
                    connection, "tables",
                    "select c.oid::regclass::text as relation from pg_class as c join pg_namespace as n"
                    f" on c.relnamespace = n.oid where n.nspname = any ('{{{','.join(SQL_SCHEMAS)}}}')"
                    " and c.relkind = 'r'",
                )
            ]  # fmt: skip
            assert {"audit.audit_log", "notify.outbox"} <= set(tables) or len(tables) > 40
            for table in tables:
                rows = db.fetch_text(connection, table, f"select t::text as line from {table} as t")
                assert found_in("\n".join(row["line"] for row in rows).encode()) == set(), table
            kills = db.fetch_text(connection, "kills", "select reason from ops.kill_events")
            assert any(log.BLANK in row["reason"] for row in kills), "the reason was stored, blanked"
            stored = db.fetch_text(
                connection, "verifiers", "select rolname, rolpassword from pg_authid where rolpassword is not null"
            )
        assert len(stored) == len(settings.LOGIN_ROLES) + 1
        assert all(row["rolpassword"].startswith("SCRAM-SHA-256$") for row in stored)
    pid = cluster.status().pid
    assert pid is not None and found_in(Path(f"/proc/{pid}/environ").read_bytes()) == set()
    assert "Max core file size        0 " in Path(f"/proc/{pid}/limits").read_text()
    authentication = [
        line.split()
        for line in (cluster.data / "pg_hba.conf").read_text().splitlines()
        if line.strip()[:1] not in ("#", "")
    ]
    assert authentication and {words[-1] for words in authentication} == {"scram-sha-256"}


def test_a_broker_that_repeats_the_key_is_not_repeated(httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """401 and 403 with every header in the body: neither the error nor its traceback says them."""
    httpserver.expect_request("/v2/account").respond_with_handler(echo)
    for name in ("ALPACA_API_KEY", "ALPACA_SECRET_KEY"):
        monkeypatch.setenv(name, CANARIES[name])
    monkeypatch.setenv("ALPACA_BASE_URL", httpserver.url_for("").rstrip("/"))
    try:
        broker = AlpacaBroker.connect(settings.trading_key(), "paper", limits())
        with pytest.raises(FundError) as refused:
            broker.account()
        shown = f"{log.redact(str(refused.value))} {log.redacted_traceback(refused.value)} {broker!r}"
        assert found_in(shown.encode()) == set()
        assert found_in(str(httpserver.log[0][0].headers).encode()) == {"ALPACA_API_KEY", "ALPACA_SECRET_KEY"}
    finally:
        log._hidden.clear()
