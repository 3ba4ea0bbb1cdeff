"""`doctor`: every prerequisite, what was found, and how to mend it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import typer
from packaging.requirements import Requirement

from runner import credentials, embedded, settings, vault
from runner.commands import show_json
from runner.errors import ExitCode, FundError, most_severe
from runner.settings import Settings

EXAMPLE = "python -m runner doctor --json"
ROOT = Path(__file__).resolve().parents[2]
FREE_BYTES_MIN = 2 * 1024**3
ANCHOR_BYTES_MIN = 1024**2
NODE_MIN = 20


@dataclass(frozen=True)
class Finding:
    """One check: `verdict` is ok, warn or fail; `exit_code` is what a fail makes the command exit with."""

    name: str
    verdict: str
    found: str
    remedy: str = ""
    exit_code: ExitCode = ExitCode.UNEXPECTED


def command(as_json: bool = typer.Option(False, "--json", help="For a script.")) -> None:
    """Check every prerequisite and say how to mend each; exits with the code of the gravest failure."""
    config = settings.load()
    findings = []
    for name, check in CHECKS.items():
        try:
            findings += list(check(config))
        except FundError as error:
            findings.append(Finding(name, "fail", error.message, error.remedy, error.exit_code))
    if as_json:
        show_json([asdict(finding) for finding in findings])
    else:
        for finding in findings:
            typer.echo(f"{finding.verdict:<5} {finding.name:<14} {finding.found}")
            if finding.verdict != "ok":
                typer.echo(f"{'':<20} -> {finding.remedy}")
    failed = [finding.exit_code for finding in findings if finding.verdict == "fail"]
    if failed:
        raise typer.Exit(int(most_severe(failed)))


def _python(_config: Settings) -> Iterator[Finding]:
    found = ".".join(map(str, sys.version_info[:3]))
    ok = sys.version_info >= (3, 11)
    yield Finding("python", "ok" if ok else "fail", found, "Use Python 3.11 or newer.")


def _packages(_config: Settings) -> Iterator[Finding]:
    """Every pin of the lock for this platform that is missing or installed in another version."""
    lines = re.findall(
        r"^[A-Za-z0-9].*?==[^\\\n]*", (ROOT / "requirements.txt").read_text(encoding="utf-8"), re.MULTILINE
    )
    pins = [pin for line in lines if (pin := Requirement(line)).marker is None or pin.marker.evaluate()]
    wrong = []
    for pin in pins:
        try:
            installed = version(pin.name)
        except PackageNotFoundError:
            installed = "missing"
        if not pin.specifier.contains(installed if installed != "missing" else "0", prereleases=True):
            wrong.append(f"{pin.name} {installed} (lock: {pin.specifier})")
    if wrong:
        yield Finding(
            "packages",
            "warn",
            ", ".join(wrong[:6]),
            "pip install --require-hashes -r requirements.txt, in .venv (`make demo` does).",
        )
    else:
        yield Finding("packages", "ok", f"{len(pins)} as locked")


def _binaries(config: Settings) -> Iterator[Finding]:
    if config.embedded:
        found = embedded.binaries()
        yield Finding("binaries", "ok", f"PostgreSQL {found.version} in {found.folder}")


def _socket(config: Settings) -> Iterator[Finding]:
    if config.embedded:
        path = embedded.Cluster(config.runner_home).socket / f".s.PGSQL.{embedded.PORT}"
        length = len(os.fsencode(path))
        ok = length <= embedded.SOCKET_PATH_BYTES
        yield Finding(
            "socket", "ok" if ok else "fail", f"{path} ({length} bytes)", "A socket's path may have 107 bytes."
        )


def _disk(config: Settings) -> Iterator[Finding]:
    """Every place the fund writes to: RUNNER_HOME, and the server's data and the anchors where they are elsewhere."""
    own_folder = "set RUNNER_HOME to a folder of your own."
    yield _room("disk", config.runner_home, FREE_BYTES_MIN, f"Free 2 GiB, or {own_folder}")
    cluster = embedded.Cluster(config.runner_home)
    if config.embedded and not cluster.folder.is_relative_to(cluster.home):
        yield _room("disk of data", cluster.folder, FREE_BYTES_MIN, f"Free 2 GiB, or {own_folder}")
    if config.audit_anchors is not None:
        yield _room(
            "disk of anchors",
            config.audit_anchors,
            ANCHOR_BYTES_MIN,
            "Mend the folder AUDIT_ANCHORS names, or free 1 MiB.",
        )


def _room(name: str, place: Path, least: int, remedy: str) -> Finding:
    folder = place
    while not os.path.exists(folder):  # one this user may not look into is none, too
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    writable = folder.is_dir() and os.access(folder, os.W_OK)
    return Finding(
        name,
        "ok" if writable and free >= least else "fail",
        f"{free / 1024**3:.1f} GiB free at {place}" + ("" if writable else ", not writable"),
        remedy,
    )


def _node(_config: Settings) -> Iterator[Finding]:
    program = shutil.which("node")
    found = (
        subprocess.run([program, "--version"], capture_output=True, text=True).stdout.strip() if program else "absent"
    )
    major = re.match(r"v(\d+)", found)
    ok = major is not None and int(major[1]) >= NODE_MIN
    yield Finding(
        "node",
        "ok" if ok else "warn",
        found,
        f"Only the TimescaleDB test lane needs it: Node {NODE_MIN} or newer, with npm.",
    )


def _configuration(_config: Settings) -> Iterator[Finding]:
    from runner import config as golden

    yield Finding("configuration", "ok", f"golden_config.yaml {golden.verify()[:12]}")


def _secrets(config: Settings) -> Iterator[Finding]:
    """Where each secret would come from. None is read: the trading key is not doctor's, and no password is shown."""
    if vault.configured():
        yield Finding("secrets", "ok", f"Vault {vault.health()}")
    stored = config.runner_home / "passwords"
    roles = {settings.password_variable(role) for role in settings.LOGIN_ROLES}
    for name in [*sorted(roles), "POSTGRES_PASSWORD", *credentials.TRADING, *credentials.DATA, *credentials.ALERTS]:
        found = credentials.source(name)
        if name in roles and (found is None or found.startswith("Vault")):
            found = f"{found}, else {stored}" if found else str(stored)
        yield Finding(f"secret {name}", "ok", found or "not set")


def _kill_file(config: Settings) -> Iterator[Finding]:
    present = config.kill_switch_file.exists()
    yield Finding(
        "kill file",
        "fail" if present else "ok",
        f"{config.kill_switch_file} {'is there' if present else 'is absent'}",
        "Nothing trades while it is there; remove it, then `python -m runner resume`.",
        ExitCode.KILLED,
    )


def _database(config: Settings) -> Iterator[Finding]:
    from runner import db, deploy

    if config.embedded and not embedded.Cluster(config.runner_home).running():
        yield Finding("database", "fail", "not running", "`python -m runner db up`", ExitCode.DATABASE)
        return
    with db.connect("fund_monitor") as connection:
        yield Finding("database", "ok", f"PostgreSQL {db.fetch_value(connection, 'deploy.server_version')}")
        differences = deploy.drift(connection)
        shown = "; ".join(differences[:3]) + (f" and {len(differences) - 3} more" if len(differences) > 3 else "")
        yield Finding(
            "deploy",
            "fail" if differences else "ok",
            shown or f"as sql/ ({db.fetch_value(connection, 'deploy.instance_kind')} database)",
            "`python -m runner deploy`",
            ExitCode.INTEGRITY,
        )
        if differences:
            return
        row = db.fetch_one(connection, "doctor.freshness")
        stale = row["last_bar"] is None or (row["last_session"] is not None and row["last_bar"] < row["last_session"])
        yield _alerts(config, db.fetch_one(connection, "notify.unsent_alerts"))
        yield Finding(
            "data",
            "fail" if stale else "ok",
            f"last bar {row['last_bar'] or 'none'}, last session {row['last_session'] or 'unknown'}",
            "`python -m runner ingest` (the sample), `--live` (the last sessions) or `--provider auto --from D1`.",
            ExitCode.DATA,
        )


def _alerts(config: Settings, unsent: Mapping[str, Any]) -> Finding:
    """Whether people hear of what they have to act on; who sends is another process, whose secrets doctor reads not."""
    somewhere = any(credentials.source(name) for name in credentials.ALERTS)
    if unsent["alerts"]:
        told = f"{unsent['alerts']} of HIGH or CRITICAL reached nobody since {unsent['since']:%Y-%m-%d %H:%M} UTC"
    else:
        told = "none of HIGH or CRITICAL older than ten minutes is unsent" + (
            "" if somewhere else "; no channel is set here"
        )
    return Finding(
        "alerts",
        "warn" if unsent["alerts"] else "ok",
        told,
        "Start `python -m runner notify`"
        + (
            " and look at `status`." if somewhere else " with SLACK_WEBHOOK_URL, DISCORD_WEBHOOK_URL or Telegram's set."
        ),
    )


#: Every check, in the order it is printed.
CHECKS: dict[str, Callable[[Settings], Iterator[Finding]]] = {
    "python": _python,
    "packages": _packages,
    "binaries": _binaries,
    "socket": _socket,
    "disk": _disk,
    "node": _node,
    "configuration": _configuration,
    "secrets": _secrets,
    "kill file": _kill_file,
    "database": _database,
}
