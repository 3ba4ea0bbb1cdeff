"""The fake by hand: every command of `python -m tests.fake_alpaca` as a person would use it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT
from tests.fake_alpaca import FakeAlpaca
from tests.fake_alpaca.faults import CATALOGUE


def run(*arguments: str, url: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.fake_alpaca", *arguments, *(["--url", url] if url else [])]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)


def test_help_and_catalogue() -> None:
    told = run("--help")
    assert told.returncode == 0
    assert {"serve", "fault", "faults", "do", "journal"} <= set(told.stdout.split())
    assert "prices" in [line.split()[0] for line in run("actions").stdout.splitlines()]
    listed = run("faults").stdout.splitlines()
    assert [line.split()[1] for line in listed] == list(CATALOGUE)


def test_script_a_fault_and_read_the_journal(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    with FakeAlpaca(path, clock="2020-01-07T17:00:00Z") as fake:
        assert json.loads(run("do", "prices", '{"AAA": [99, 101]}', url=fake.url).stdout)["AAA"] == ["99", "101"]
        set_ = run("fault", "status_after", "--op", "POST /v2/orders", "--set", "status=502", url=fake.url)
        assert set_.returncode == 0, set_.stderr
        assert fake.state()["faults_left"] == ["status_after at POST /v2/orders"]
        refused = run("fault", "gremlins", url=fake.url)
        assert refused.returncode == 1
        assert "python -m tests.fake_alpaca faults" in refused.stderr
        fake.do("place", symbol="AAA", qty="3", side="buy", type="market", time_in_force="day", client_order_id="one")
    shown = run("journal", str(path), "--kind", "accepted", "--kind", "executed").stdout.splitlines()
    assert [line.split()[2] for line in shown] == ["accepted", "executed"]
    assert '"qty": "3"' in shown[1]


def test_nobody_serves() -> None:
    nobody = run("do", "state", url="http://127.0.0.1:9")
    assert nobody.returncode == 1
    assert "is it serving?" in nobody.stderr
