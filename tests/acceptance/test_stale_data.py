"""Old and stale data, last of the acceptance tests: it moves its machine's clock past everything the sample holds."""

from __future__ import annotations

import pytest

from tests.acceptance.conftest import Machine, one_line

pytestmark = pytest.mark.needs_sample


def test_netflix_is_degraded_with_1009_sessions(elsewhere: Machine) -> None:
    """As of 2022-02-04 NFLX has between 1000 and 1259 sessions: DEGRADED, refused, and its decision says so (F6)."""
    elsewhere.to_session("2022-02-04")
    done = elsewhere.run("cycle", "--as-of", "2022-02-04", "--mode", "shadow")
    assert done.returncode == 0, done.stdout + done.stderr
    rows = elsewhere.rows(
        """
        select i.symbol, i.valid_sessions, i.governance_state, d.final_decision, d.reason_codes
        from audit.cycle_inputs as i
            join audit.cycles as c using (cycle_id)
            join audit.decisions as d using (cycle_id, symbol)
        where c.as_of_session = '2022-02-04' and i.symbol in ('NFLX', 'KO')
        order by i.symbol
        """
    )
    assert [(row["symbol"], row["governance_state"]) for row in rows] == [("KO", "ACTIVE"), ("NFLX", "DEGRADED")]
    netflix = rows[1]
    assert netflix["valid_sessions"] == 1009
    assert netflix["final_decision"] == "REJECT"
    assert any(code.startswith("NOT_ACTIVE_DEGRADED") for code in netflix["reason_codes"])


def test_stale_data_refuses(elsewhere: Machine) -> None:
    """As of a session no bar of the sample reaches, every symbol is stale: exit 13, HALTED, no order."""
    orders = elsewhere.psql("select count(*) from trade.orders")
    elsewhere.to_session("2025-06-02")
    done = elsewhere.run("cycle", "--as-of", "2025-06-02")
    assert done.returncode == 13, done.stdout + done.stderr
    one_line(done.stderr)
    assert elsewhere.psql("select count(*) from trade.orders") == orders
    states = elsewhere.rows(
        "select distinct r.state from decide.cycle_runs as r join decide.cycles as c using (cycle_id) "
        "where c.as_of_session = '2025-06-02'"
    )
    assert states == [{"state": "HALTED"}]
