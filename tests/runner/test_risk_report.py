"""The risk report: a fresh account, a halted cycle, figures that are none, and the page."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from runner import cli, db, risk_page, risk_report
from runner import page as pages
from runner.errors import UsageError
from tests.conftest import ROOT


@pytest.fixture
def fund(database: str) -> str:
    """A fund of tests/sql/fixtures, nothing run."""
    text = (ROOT / "tests/sql/fixtures/01_fund.sql").read_text(encoding="utf-8")
    execute(text)
    execute("select fixtures.fund()")
    return database


def execute(text: str) -> list[dict[str, Any]]:
    with db.connect(db.DEPLOYER, autocommit=True) as connection:
        return db.fetch_text(connection, "test", text)


def report(account: str = "paper", as_of: date | None = None) -> dict[str, Any]:
    with db.connect("fund_analyst", read_only=True) as connection:
        return risk_report.report(connection, account, as_of, 250)


# --- what an account has or has not -----------------------------------------------------------------------------------


def test_a_fresh_account_is_told_what_to_run(fund: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = report()
    assert found["cycle"] is None and found["state"] is None and found["checks"] == []
    page = tmp_path / "risk.html"
    assert cli.run(["risk", "--html", str(page)]) == 0
    assert "python -m runner cycle --account paper" in capsys.readouterr().out
    assert page.read_text().count("no session yet") == 6, "every plot but the drawdown, which the opening mark has"


def test_before_the_first_cycle_there_was_none(fund: str, capsys: pytest.CaptureFixture[str]) -> None:
    execute("select fixtures.cycle()")
    assert cli.run(["risk", "--as-of", "1990-01-02"]) == 0
    assert "account paper has no cycle up to 1990-01-02" in capsys.readouterr().out


def test_an_account_there_is_not_is_refused(fund: str) -> None:
    with pytest.raises(UsageError, match="nobody") as refused:
        report("nobody")
    assert "paper" in refused.value.remedy


def test_a_halted_cycle_is_shown_and_measures_nothing(fund: str, capsys: pytest.CaptureFixture[str]) -> None:
    execute("select ops.engage_kill_switch('test')")
    assert execute("select fixtures.cycle() as ended") == [{"ended": "HALTED"}]
    found = report()
    assert (found["cycle"]["state"], found["cycle"]["layer"], found["state"]) == ("HALTED", 1, None)
    assert cli.run(["risk"]) == 0
    assert "no cycle of it has measured its risk yet" in capsys.readouterr().out


def test_a_halted_cycle_after_a_measured_one_leaves_the_measured_figures(
    fund: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """They are said to be of the older cycle; its figures are never passed off as the newest one's."""
    assert execute("select fixtures.cycle() as ended") == [{"ended": "DONE"}]
    execute("select ops.engage_kill_switch('test')")
    assert execute("select fixtures.cycle('15:00') as ended") == [{"ended": "HALTED"}]
    found = report()
    assert found["cycle"]["state"] == "HALTED" and found["state"]["run_state"] == "DONE"
    assert cli.run(["risk"]) == 0
    assert "of the last measured one" in capsys.readouterr().out
    assert report(as_of=date(2013, 2, 26))["cycle"] is None


def test_json_has_what_the_table_has_and_null_for_none(fund: str, capsys: pytest.CaptureFixture[str]) -> None:
    execute("select fixtures.cycle()")
    assert cli.run(["risk", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["state"]["var_95"] == 0.01 and told["state"]["loss"] is None
    assert len(told["checks"]) == 12
    assert told["backtest"]["larger of both"]["light"] is None
    assert told["backtest"]["larger of both"]["reason"] == "TOO_FEW_SESSIONS:0"


# --- figures that are none --------------------------------------------------------------------------------------------


def check(limit: str, observed: float | None, reason: str) -> dict[str, Any]:
    action = "ALLOW" if observed is not None else "REJECT"
    return {"limit_name": limit, "observed": observed, "action": action, "reason": reason}


def test_a_figure_that_is_none_has_the_reason_of_its_limit() -> None:
    state = dict.fromkeys(("var_95", "cvar_95", "cvar_post_trade", "volatility"))
    figures = {"var_filtered": None, "window_covid": None, "volatility_nav": None, "beta": 0.3, "new_figure": None}
    told = risk_report.unknown(
        {**state, "drawdown": 0.0, "figures": figures},
        [check("var", None, "VAR_UNKNOWN:TOO_FEW_SESSIONS:9"), check("cvar_hard", 0.01, "WITHIN")],
    )
    assert told["var_95"] == told["var_filtered"] == told["cvar_95"] == "VAR_UNKNOWN:TOO_FEW_SESSIONS:9"
    assert told["volatility_nav"] == "TOO_FEW_NAV_RETURNS"
    assert told["new_figure"] == "UNKNOWN"
    assert "beta" not in told and "drawdown" not in told


def test_e3_a_tail_whose_shape_has_no_error_was_fitted() -> None:
    """At the least shape there is none; without a fit both are none for its reason."""
    state = dict.fromkeys(("var_95", "cvar_95", "cvar_post_trade", "volatility", "drawdown"), 0.0)
    least = {**state, "figures": {"tail_shape": -0.5, "tail_shape_error": None}}
    assert risk_report.unknown(least, [check("fat_tail", -0.5, "WITHIN")]) == {
        "tail_shape_error": "NO_ERROR_OF_THIS_SHAPE"
    }
    none = {**state, "figures": dict.fromkeys(("tail_shape", "tail_shape_error"))}
    why = "TAIL_UNKNOWN:TOO_FEW_EXCEEDANCES:9"
    told = risk_report.unknown(none, [check("fat_tail", None, why)])
    assert told == dict.fromkeys(("tail_shape", "tail_shape_error"), why)


def test_the_back_test_compares_what_the_view_compares() -> None:
    row = {"status": "COMPARED", "loss": 0.03, "var_95": 0.02, "var_historical": 0.02, "var_filtered": None}
    rows = [row | {"loss": 0.0}] * 30 + [row] * 2
    rows += [row | {"status": "NOT_THE_NEXT_SESSION"}, row | {"status": "EMPTY_BOOK", "var_95": 0.0}]
    found = risk_report.backtests(rows)
    larger = found["larger of both"]
    assert (larger.sessions, larger.exceptions, larger.unknown, larger.idle) == (32, 2, 1, 1)
    assert found["filtered"].sessions == 0 and found["filtered"].light is None


# --- the page ---------------------------------------------------------------------------------------------------------


def test_the_page_stands_alone_and_says_why_a_figure_is_none(fund: str, tmp_path: Path) -> None:
    pytest.importorskip("plotly")
    execute("select fixtures.cycle()")
    found = report()
    found["unknown"] = {"volatility_nav": "<TOO_FEW>"}
    found["stress"] = [{"scenario": "covid", "loss": 0.1, "window_loss": None, "loss_limit": 0.25}]
    page = tmp_path / "risk.html"
    risk_page.write(page, found)
    text = page.read_text()
    assert re.findall(r'<(?:script|img|link|iframe)\b[^>]*\b(?:src|href)=["\']', text.replace("<script>", "")) == []
    assert "none: &lt;TOO_FEW&gt;" in text and "<TOO_FEW>" not in text
    assert text.count('class="plotly-graph-div"') == 4, "drawdown, limits, regime, stress; the others have no session"


def test_a_page_without_plotly_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "find_spec", lambda name: None)
    with pytest.raises(UsageError) as refused:
        pages.check(tmp_path / "risk.html")
    assert "dashboard" in refused.value.remedy


@pytest.mark.parametrize("name", ["risk.pdf", "missing/risk.html"])
def test_a_page_that_cannot_be_written_is_refused_before_the_work(name: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        pages.check(tmp_path / name)
