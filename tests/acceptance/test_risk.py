"""The risk report of a fund that ran: what it says is what the views say, and the page stands alone."""

from __future__ import annotations

import json

import pytest

from tests.acceptance.conftest import Machine, one_line

pytestmark = pytest.mark.needs_sample


def test_the_report_of_the_demo_is_what_analysts_read(demo: Machine) -> None:
    before = demo.fingerprint()
    done = demo.run("risk", "--json", "--html", "risk.html")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    (state,) = demo.rows("select * from audit.risk_states order by as_of_session desc limit 1")
    assert state["cycle_id"] == told["cycle"]["cycle_id"] == told["state"]["cycle_id"]
    for name in ("state", "phase", "var_95", "cvar_post_trade", "volatility", "drawdown", "figures", "factors"):
        assert told["state"][name] == state[name], name
    checks = demo.psql(f"select count(*) from audit.risk_checks where cycle_id = '{state['cycle_id']}'")
    assert len(told["checks"]) == int(checks) > 20

    # The components of the target's CVaR add up to it, to rounding; every figure that is none says why.
    components = sum(row["component_cvar"] for row in told["components"])
    assert components == pytest.approx(state["figures"]["cvar_historical"], rel=1e-9)
    assert set(told["unknown"]) == {name for name, value in state["figures"].items() if value is None}
    assert told["unknown"]["volatility_nav"] == "TOO_FEW_NAV_RETURNS"

    # What was decided is what the exposures hold; the sectors' two sides stay within the limit the run had.
    decided = sum(row["decided"] for row in told["exposures"])
    weights = "select sum(abs(position_size)) from audit.decisions where cycle_id = "
    assert decided == pytest.approx(float(demo.psql(f"{weights}'{state['cycle_id']}'")), rel=1e-9)
    assert {row["scenario"] for row in told["stress"]} >= {"crisis_2008", "covid", "rally_2009"}

    compared = demo.psql("select count(*) from audit.var_backtest where status = 'COMPARED'")
    assert told["backtest"]["larger of both"]["sessions"] == int(compared) >= 4
    assert told["backtest"]["larger of both"]["reason"] == f"TOO_FEW_SESSIONS:{compared}"
    assert (demo.folder / "risk.html").read_text().count('class="plotly-graph-div"') == 7
    assert demo.fingerprint() == before, "it reads only"


@pytest.mark.parametrize("columns", ["80", "200"])
def test_the_table_fits_a_terminal(demo: Machine, columns: str) -> None:
    done = demo.run("risk", "--as-of", "2013-02-26", COLUMNS=columns)
    assert done.returncode == 0, done.stderr
    assert "newest cycle as of 2013-02-26" in done.stdout
    assert max(len(line) for line in done.stdout.splitlines()) <= int(columns)
    assert "TOO_FEW_NAV" in done.stdout


def test_an_account_there_is_not_is_one_line(demo: Machine) -> None:
    done = demo.run("risk", "--account", "nobody")
    assert done.returncode == 2 and "paper" in one_line(done.stderr)
