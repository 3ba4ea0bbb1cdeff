"""A cycle that dies anywhere leaves nothing half done: an open run that the next opening closes, or nothing (I26)."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import pytest

from tests.acceptance.conftest import ROOT, Machine

pytestmark = pytest.mark.needs_sample

#: A cycle in a process of its own that does `{deed}` at the place `{where}` of runner.cycle.
SCRIPT = """
import os, signal
from datetime import date
from runner import cycle, settings

def deed(*arguments, **named):
    {deed}

original = cycle.{where}
cycle.{where} = deed
print(cycle.run_cycle(settings.load(), cycle.Request(as_of_session=date.fromisoformat("{session}"))).state)
"""

KILL = "os.kill(os.getpid(), signal.SIGKILL)"


def run_broken(elsewhere: Machine, where: str, deed: str, session: str) -> subprocess.CompletedProcess[str]:
    """One cycle with a fault in it."""
    environment = os.environ | {"RUNNER_HOME": str(elsewhere.home), "PYTHONPATH": str(ROOT)} | elsewhere.environment
    environment.pop("KILL_SWITCH_FILE", None)
    return subprocess.run(
        [sys.executable, "-c", SCRIPT.format(where=where, deed=deed, session=session)],
        cwd=elsewhere.folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )


def state(elsewhere: Machine, session: str) -> list[dict[str, object]]:
    """Runs of a session's paper cycle with what they left."""
    return elsewhere.rows(
        f"""
        select r.run, r.state, r.reason,
            (select count(*) from decide.decisions as d where (d.cycle_id, d.run) = (r.cycle_id, r.run)) as decisions,
            (select count(*) from decide.risk_states as s where (s.cycle_id, s.run) = (r.cycle_id, r.run)) as states,
            (select count(*) from trade.orders as o where (o.cycle_id, o.run) = (r.cycle_id, r.run)) as orders
        from decide.cycle_runs as r join decide.cycles as c using (cycle_id)
        where c.as_of_session = '{session}' and c.mode = 'paper' order by r.run
        """
    )


@pytest.mark.parametrize(
    ("where", "session"), [("stages", "2013-03-05"), ("_alert", "2013-03-06"), ("_close", "2013-03-07")]
)
def test_i26_sigkill_leaves_an_open_run_and_nothing_else(elsewhere: Machine, where: str, session: str) -> None:
    """Killed computing, after placing, before closing: no decision, risk state or order; BUSY, then FAILED and DONE."""
    elsewhere.to_session(session)
    killed = run_broken(elsewhere, where, KILL, session)
    assert killed.returncode == -9, killed.stderr
    (left,) = state(elsewhere, session)
    assert (left["state"], left["decisions"], left["states"], left["orders"]) == ("OPEN", 0, 0, 0)
    busy = elsewhere.run("cycle", "--as-of", session)
    assert busy.returncode == 1
    assert "has a cycle running" in busy.stderr
    elsewhere.psql("update decide.cycle_runs set lease_until = clock_timestamp() where state = 'OPEN'")
    done = elsewhere.run("cycle", "--as-of", session, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["run"] == 2
    first, second = state(elsewhere, session)
    assert first["state"] == "FAILED"
    assert second["state"] == "DONE"
    assert second["decisions"]


def test_an_exception_closes_the_run_as_failed(elsewhere: Machine) -> None:
    """The first error is what the user sees; its class is the run's reason; nothing of the commit is stored."""
    session = "2013-03-08"
    elsewhere.to_session(session)
    broken = run_broken(elsewhere, "stages", "raise ArithmeticError('boom')", session)
    assert broken.returncode == 1
    assert "boom" in broken.stderr
    (left,) = state(elsewhere, session)
    assert (left["state"], left["reason"], left["orders"]) == ("FAILED", "ERROR_ARITHMETICERROR", 0)
    (anchored,) = elsewhere.rows("select max(seq) = (select seq from audit.heads) as head from audit.anchors")
    assert anchored["head"], "its end too (I23)"
    assert elsewhere.run("cycle", "--as-of", session).returncode == 0


def test_server_killed_mid_life_recovers(elsewhere: Machine) -> None:
    """kill -9 of the server: the next command starts it again and finds everything that was committed."""
    before = elsewhere.psql("select count(*) from audit.audit_log")
    pid = int(json.loads(elsewhere.run("db", "status", "--json").stdout)["pid"])
    os.kill(pid, signal.SIGKILL)
    up = elsewhere.run("db", "up")
    assert up.returncode == 0, up.stderr
    assert elsewhere.psql("select count(*) from audit.audit_log") == before
    assert elsewhere.psql("select intact from audit.verify_chain()") == "t"
