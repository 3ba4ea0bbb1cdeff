"""`backtest`: what is refused before anything is made, and where its commands work."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest

from runner import backtest, cli, config, settings
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
    }
    for name, value in own.items():
        monkeypatch.setenv(name, value)
    before = dict(os.environ)
    home = tmp_path / "there"
    with backtest.elsewhere(home) as there:
        assert there.embedded and there.runner_home == home and there.kill_switch_file == home / "KILL_SWITCH"
        assert there.anchors_folder == home / "anchors" and there.operator_role == "fund_operator"
        assert not {"FUND_DECIDER_PASSWORD", "PGHOST"} & set(os.environ)
    assert dict(os.environ) == before
    with pytest.raises(RuntimeError), backtest.elsewhere(home):
        raise RuntimeError
    assert dict(os.environ) == before
