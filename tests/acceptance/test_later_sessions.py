"""The sample years later, on a machine of its own: a DEGRADED symbol, and data that has gone stale."""

from __future__ import annotations

from typing import Any

import pytest

from tests.acceptance.conftest import Machine, one_line

pytestmark = pytest.mark.needs_sample


@pytest.fixture(scope="module")
def later(machines: Any) -> Machine:
    """A machine set up by hand, as the README says, without the demo."""
    pytest.importorskip("bokeh_sampledata", reason="the sample extra is not installed")
    machine: Machine = machines("later")
    for arguments in (("db", "up"), ("deploy", "--simulated"), ("config", "lock"), ("ingest",)):
        done = machine.run(*arguments)
        assert done.returncode == 0, f"{arguments}: {done.stdout}{done.stderr}"
    return machine


def test_netflix_is_degraded_with_1009_sessions(later: Machine) -> None:
    """As of 2022-02-04 NFLX has between 1000 and 1259 sessions: DEGRADED, refused, and its decision says so (F6)."""
    done = later.run("cycle", "--as-of", "2022-02-04", "--mode", "shadow")
    assert done.returncode == 0, done.stdout + done.stderr
    keep, netflix = later.rows(
        """
        select i.symbol, i.valid_sessions, i.governance_state, d.final_decision, d.reason_codes
        from audit.cycle_inputs as i
            join audit.cycles as c using (cycle_id)
            join audit.decisions as d using (cycle_id, symbol)
        where c.as_of_session = '2022-02-04' and i.symbol in ('NFLX', 'KO')
        order by i.symbol
        """
    )
    assert keep["governance_state"] == "ACTIVE"
    assert netflix["governance_state"] == "DEGRADED"
    assert netflix["valid_sessions"] == 1009
    assert netflix["final_decision"] == "REJECT"
    assert any(code.startswith("NOT_ACTIVE_DEGRADED") for code in netflix["reason_codes"])


def test_stale_data_refuses(later: Machine) -> None:
    """As of a session no bar of the sample reaches, every symbol is stale: exit 13, HALTED, no order."""
    done = later.run("cycle", "--as-of", "2025-06-02")
    assert done.returncode == 13, done.stdout + done.stderr
    one_line(done.stderr)
    assert later.psql("select count(*) from trade.orders") == "0"
    states = later.rows(
        "select distinct r.state from decide.cycle_runs as r join decide.cycles as c using (cycle_id) "
        "where c.as_of_session = '2025-06-02'"
    )
    assert states == [{"state": "HALTED"}]
