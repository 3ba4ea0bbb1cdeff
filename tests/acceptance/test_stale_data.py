"""Stale data, last of the acceptance tests: it moves its machine's clock past everything the sample holds."""

from __future__ import annotations

import pytest

from tests.acceptance.conftest import Machine, one_line

pytestmark = pytest.mark.needs_sample


def test_stale_data_refuses(elsewhere: Machine) -> None:
    """As of a session no bar of the sample reaches, every symbol is stale: exit 13, HALTED, no order."""
    orders = elsewhere.psql("select count(*) from trade.orders")
    done = elsewhere.run("cycle", "--as-of", "2025-06-02")
    assert done.returncode == 13, done.stdout + done.stderr
    one_line(done.stderr)
    assert elsewhere.psql("select count(*) from trade.orders") == orders
    states = elsewhere.rows(
        "select distinct r.state from decide.cycle_runs as r join decide.cycles as c using (cycle_id) "
        "where c.as_of_session = '2025-06-02'"
    )
    assert states == [{"state": "HALTED"}]
