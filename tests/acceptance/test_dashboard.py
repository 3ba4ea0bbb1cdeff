"""The dashboard on the demo's fund: every page of it, and its numbers against those of the books."""

from __future__ import annotations

import re
from typing import Any

import pytest

from runner.dashboard.app import PAGES
from tests.acceptance.conftest import Machine
from tests.runner.dashboard.test_app import draw, formatted, headings, shown

pytestmark = pytest.mark.needs_sample


@pytest.fixture
def fund(marts: Machine, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """That fund as this process's own."""
    monkeypatch.setenv("RUNNER_HOME", str(marts.home))
    monkeypatch.setenv("DASHBOARD_REFRESH", "0")
    return marts


@pytest.mark.parametrize("page", PAGES)
def test_every_page_shows_the_fund(fund: Machine, page: str) -> None:
    """Nothing is wrong with it, nothing is missing: no error, no figure without a number where there is one."""
    test = draw(page)
    assert not test.error and not test.info and not test.warning
    assert headings(test) and not re.search(r"\bnan\b", formatted(test))


def test_the_book_adds_up_to_the_net_asset_value(fund: Machine) -> None:
    """Its clock stands at the close of the last mark: positions and cash are the NAV."""
    test = draw("Fund")
    (mark,) = fund.rows("select nav, cash, session from audit.nav_history order by session desc limit 1")
    positions = shown(test, "Positions")
    assert sum(row["market value"] for row in positions) + mark["cash"] == pytest.approx(mark["nav"], abs=1e-6)
    assert test.metric[0].value == f"{mark['nav']:,.0f}"
    assert {row["stop"] for row in positions} == {"at the broker"}
    assert {str(row["price session"])[:10] for row in positions} == {mark["session"]}


def test_every_symbol_has_its_decision_and_its_story(fund: Machine) -> None:
    test = draw("Decisions")
    stored: list[dict[str, Any]] = fund.rows(
        "select symbol, final_decision from audit.decisions where cycle_id = "
        "(select cycle_id from audit.cycles where mode = 'paper' order by as_of_session desc limit 1) "
        "order by final_decision, symbol"
    )
    found = [{"symbol": row["symbol"], "final_decision": row["final decision"]} for row in shown(test, "Decisions")]
    assert found == stored and len(stored) == 25
    test.selectbox(key="symbol").set_value("FB").run()
    assert "Not traded: NOT_ACTIVE_QUARANTINED:HISTORY_SHORT." in test.code[0].value


def test_what_trading_cost_is_the_mart_s(fund: Machine) -> None:
    (stored,) = fund.rows(
        "select sum(total_usd) as cost, sum(order_count) as orders from mart.execution_costs_by_symbol"
    )
    found = shown(draw("Orders"), "By symbol")
    assert sum(row["order count"] for row in found) == stored["orders"] > 0
    assert sum(row["total usd"] for row in found) == pytest.approx(stored["cost"], abs=1e-6)
