"""`backtest`: what is refused before anything is made, and where its commands work."""

from __future__ import annotations

import json
import os
from contextlib import nullcontext
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from runner import backtest, cli, config, performance_page, settings
from runner.errors import UsageError

GOLDEN = config.load_verified()


def plan(**given: object) -> backtest.Plan:
    asked = {"first": date(2012, 1, 3), "last": date(2012, 1, 4), "account": "paper", "strategy": None, "name": None}
    return backtest.plan(GOLDEN, **(asked | given))  # type: ignore[arg-type]


def test_the_same_command_names_the_same_place_and_another_one_another() -> None:
    assert plan() == plan() and plan().name == plan(last=date(2013, 1, 4)).name
    names = {plan().name, plan(strategy="contrarian").name, plan(first=date(2012, 1, 4)).name, plan(name="x").name}
    assert len(names) == 4
    assert plan().home(settings.load()) == settings.load().runner_home / "backtests" / plan().name


def test_what_cannot_be_decided_again_is_refused() -> None:
    with pytest.raises(UsageError, match="is before"):
        plan(last=date(2012, 1, 2))
    with pytest.raises(UsageError, match="there is no account margin"):
        plan(account="margin")
    away = GOLDEN.accounts.defaults[0].model_copy(update={"name": "alpaca", "broker": "alpaca"})
    outside = GOLDEN.model_copy(
        update={"accounts": GOLDEN.accounts.model_copy(update={"defaults": (*GOLDEN.accounts.defaults, away)})}
    )
    with pytest.raises(UsageError, match="fills nothing of the past") as refused:
        backtest.plan(outside, date(2012, 1, 3), date(2012, 1, 4), "alpaca", None, None)
    assert "paper" in refused.value.remedy


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--from", "2012-01-03", "--to", "2012-01-02"), "is before"),
        (("--from", "2012-01-03", "--to", "2012-01-04", "--strategy", "luck"), "no strategy is called luck"),
        (("--from", "2012-01-03", "--to", "2012-01-04", "--name", "../fund"), "is no name of a folder"),
        (("--from", "2012-01-03", "--to", "2012-01-04", "--html", "page.pdf"), "is no .html"),
        (("--from", "2012-01-03"), "Missing option '--to'"),
        (("--from", "2012-01-03", "--to", "2012-01-04"), "the database holds no bars"),
    ],
)
def test_bad_input_is_one_line_and_makes_nothing(
    database: str, words: tuple[str, ...], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["backtest", *words]) == 2
    error = capsys.readouterr().err
    assert told in error and error.count("\n") == 1
    assert list(settings.load().runner_home.glob("backtests/[!.]*")) == []


def test_one_process_at_a_time_is_at_a_backtest() -> None:
    """Two would move one clock, and the first to end would stop the server under the other."""
    with backtest.alone(settings.load(), plan()):
        with pytest.raises(UsageError, match="under way in another process"), backtest.alone(settings.load(), plan()):
            raise AssertionError
        with backtest.alone(settings.load(), plan(name="another")):
            pass
    with backtest.alone(settings.load(), plan()):
        pass


def test_elsewhere_nothing_of_the_fund_is_reached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither its server, passwords, kill file and anchors, nor the person: and all of it is back afterwards."""
    own = {
        "DATABASE_URL": "postgresql://deployer@db.example:5432/fund",
        "DB_ENGINE": "postgres",
        "FUND_OPERATOR": "ann",
        "FUND_DECIDER_PASSWORD": "secret",
        "AUDIT_ANCHORS": str(tmp_path / "anchors"),
        "KILL_SWITCH_FILE": str(tmp_path / "KILL"),
        "PGHOST": "db.example",
        "VAULT_ADDR": "https://vault.example",
        "ALPACA_SECRET_KEY": "secret",
    }
    for name, value in own.items():
        monkeypatch.setenv(name, value)
    before = dict(os.environ)
    home = tmp_path / "there"
    with backtest.elsewhere(home) as there:
        assert there.embedded and there.runner_home == home and there.kill_switch_file == home / "KILL_SWITCH"
        assert there.anchors_folder == home / "anchors" and there.operator_role == "fund_operator"
        assert not {"FUND_DECIDER_PASSWORD", "PGHOST", "VAULT_ADDR", "ALPACA_SECRET_KEY"} & set(os.environ)
    assert dict(os.environ) == before
    with pytest.raises(RuntimeError), backtest.elsewhere(home):
        raise RuntimeError
    assert dict(os.environ) == before


def told(monkeypatch: pytest.MonkeyPatch, navs: list[float], closes: list[float | None]) -> dict[str, Any]:
    """What `account_of` makes of marks, a session apart, half of whose NAV is cash and a tenth sold short."""
    days = [date(2012, 1, 2) + timedelta(days=k) for k in range(len(navs))]
    marks = [
        {
            "session": day,
            "nav": nav,
            "cash": nav * 0.5,
            "long_value": nav * 0.6,
            "short_value": nav * -0.1,
            "period_return": None if k == 0 else nav / navs[k - 1] - 1,
        }
        for k, (day, nav) in enumerate(zip(days, navs, strict=True))
    ]
    rows = {
        "backtest.marks": marks,
        "backtest.benchmark": [
            {"session": day, "symbol": "IDX", "close": close, "asset_class": "index"}
            for day, close in zip(days, closes, strict=True)
            if close is not None
        ],
        "backtest.cycles": [
            {"state": "DONE", "reason": "DONE", "layer": None, "sessions": 2, "first": days[0], "last": days[-1]}
        ],
        "backtest.kills": [],
    }
    trading = {"orders": 3, "filled": 2, "refused": 0, "traded": 50.0, "fees": 1.0}
    monkeypatch.setattr(backtest.db, "connect", lambda *_, **__: nullcontext())
    monkeypatch.setattr(backtest.db, "fetch_all", lambda _, name, **__: rows[name])
    monkeypatch.setattr(backtest.db, "fetch_one", lambda _, name, **__: trading)
    found = backtest.account_of(GOLDEN, plan(), [*days, days[-1] + timedelta(days=1)][: len(navs)])
    json.dumps(found, default=str, allow_nan=False)
    return found


def test_a_benchmark_s_gap_is_in_its_next_return_and_in_no_regression(monkeypatch: pytest.MonkeyPatch) -> None:
    found = told(monkeypatch, [100, 101, 99, 102], [100, None, 110, 121])
    assert (found["benchmark"], found["benchmark_class"]) == ("IDX", "index")
    assert "IDX, a price index" in performance_page.tables(found)[0][1][0]
    assert found["benchmark_figures"]["total_return"] == pytest.approx(0.21)
    assert [row["benchmark"] for row in found["series"]] == pytest.approx([1, 1, 1.1, 1.21])
    assert found["comparison"]["sessions"] == 1
    assert found["fund"]["total_return"] == pytest.approx(0.02) and found["ended"] is None


def test_cash_that_short_positions_brought_earns_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    found = told(monkeypatch, [100, 100], [1, 1])
    assert found["fund"]["total_return"] == 0
    assert found["fund_with_cash"]["total_return"] == pytest.approx(0.4 * GOLDEN.fund.risk_free_rate / 252)


def test_what_comes_after_the_last_of_the_capital_is_no_return(monkeypatch: pytest.MonkeyPatch) -> None:
    found = told(monkeypatch, [100, 50, -5, -10], [1, 1, 1, 1])
    assert found["ended"] == "the net asset value was not above 0 after 2012-01-03"
    assert found["fund"]["total_return"] == pytest.approx(-0.5) and len(found["series"]) == 2
    title = performance_page.tables(found)[0][0]
    assert title.endswith("of 2012-01-02 to 2012-01-05: the net asset value was not above 0 after 2012-01-03")


def test_with_one_mark_every_figure_is_none_and_the_page_is_written(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    found = told(monkeypatch, [100], [None])
    assert found["benchmark"] is None and found["fund"]["total_return"] is None
    assert {row["fund, cash at 0"] for row in performance_page.tables(found)[0][1]} == {"none"}
    pytest.importorskip("plotly")
    found["kills"] = [{"occurred_at": "now", "source": "loss", "reason": "<script>alert(1)</script>"}]
    performance_page.write(tmp_path / "page.html", found)
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "&lt;script&gt;alert(1)" in text and "<script>alert(1)" not in text
