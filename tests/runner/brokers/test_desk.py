"""I31: paper is the default, live takes two confirmations, and the wrong account refuses; I27: no key, no broker."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from runner import config as golden
from runner import db
from runner.brokers import alpaca, desk
from runner.brokers.base import AccountFacts
from runner.errors import AccountRefused, ExitCode, FundError, NotAllowed, SettingsError, UsageError
from tests.conftest import ROOT
from tests.runner.brokers.scripted import ScriptedBroker

CONFIG = golden.load()


def execute(text: str) -> list[dict[str, Any]]:
    with db.connect(db.DEPLOYER, autocommit=True) as connection:
        return db.fetch_text(connection, "test", text)


@pytest.fixture(scope="module")
def arena(fresh: Any) -> Iterator[str]:
    """The desk's account, at the broker outside."""
    with pytest.MonkeyPatch.context() as patch:
        name = fresh()
        patch.setattr("runner.settings.DATABASE", name)
        for file in ("01_fund.sql", "02_desk.sql"):
            execute((ROOT / "tests" / "sql" / "fixtures" / file).read_text(encoding="utf-8"))
        execute("select fixtures.desk()")
        yield name


@pytest.fixture(autouse=True)
def keyed(arena: str, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """A key in the environment that opens account acct-1; what was connected to, by kind."""
    opened: list[tuple[str, str]] = []

    class Opened(ScriptedBroker):
        @classmethod
        def connect(cls, key: Any, kind: str, config: Any) -> ScriptedBroker:
            opened.append((kind, key.api_key.get_secret_value()))
            return cls()

    monkeypatch.setattr(alpaca, "AlpacaBroker", Opened)
    monkeypatch.setenv("ALPACA_API_KEY", "key-of-a-test")
    monkeypatch.setenv("ALPACA_SECRET_KEY", "secret-of-a-test")
    monkeypatch.delenv("LIVE_TRADING_ACCOUNT", raising=False)
    return opened


def account(kind: str, broker_account_id: str | None) -> None:
    value = f"'{broker_account_id}'" if broker_account_id else "null"
    execute(f"update trade.accounts set broker = 'alpaca', kind = '{kind}', broker_account_id = {value}")


def opened(*, live: bool = False) -> desk.Desk:
    with db.connect("fund_broker", autocommit=True) as connection:
        return desk.open_desk(connection, CONFIG, "test", live=live)


def test_i31_paper_needs_nothing_but_the_right_account(keyed: list[tuple[str, str]]) -> None:
    account("paper", "acct-1")
    assert opened().account == desk.Account("test", "alpaca", "paper", "acct-1")
    assert keyed == [("paper", "key-of-a-test")]
    with pytest.raises(UsageError, match="test is a paper account"):
        opened(live=True)


@pytest.mark.parametrize(
    ("flag", "named"), [(False, None), (True, None), (False, "acct-1"), (True, "acct-2"), (True, "")]
)
def test_i31_live_takes_both_confirmations(
    flag: bool, named: str | None, keyed: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    account("live", "acct-1")
    if named is not None:
        monkeypatch.setenv("LIVE_TRADING_ACCOUNT", named)
    with pytest.raises(NotAllowed, match="trades real money and is not confirmed"):
        opened(live=flag)
    assert keyed == [], "the broker was never asked"


def test_i31_live_with_both(keyed: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch) -> None:
    account("live", "acct-1")
    monkeypatch.setenv("LIVE_TRADING_ACCOUNT", "acct-1")
    assert opened(live=True).account.kind == "live"
    assert keyed == [("live", "key-of-a-test")]


def test_i31_the_wrong_account_refuses_and_halts() -> None:
    account("paper", "acct-9")
    with pytest.raises(AccountRefused, match="the key opens account acct-1, test is acct-9") as refused:
        opened()
    assert refused.value.exit_code is ExitCode.BROKER
    assert execute("select kind, effect from trade.open_breaks") == [{"kind": "ACCOUNT_ID", "effect": "HALT"}]


def test_i11_an_account_that_was_never_connected_is_adopted_first() -> None:
    account("paper", None)
    with pytest.raises(AccountRefused, match=r"not connected yet.*sync --adopt --account test"):
        opened()
    with pytest.raises(FundError, match="MQ365"):
        desk.connect(CONFIG, "test", " ")
    facts = desk.connect(CONFIG, "test", "first connection")
    assert facts == AccountFacts("acct-1", "ACTIVE", (), True, Decimal(1000000), Decimal(1000000))
    assert opened().account.broker_account_id == "acct-1"


def test_i31_an_account_is_connected_as_the_kind_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    account("live", None)
    with pytest.raises(UsageError, match="test is a live account"):
        desk.connect(CONFIG, "test", "first connection")
    account("paper", None)
    with pytest.raises(NotAllowed, match="not confirmed"):
        desk.connect(CONFIG, "test", "first connection", live=True)
    monkeypatch.setenv("LIVE_TRADING_ACCOUNT", "acct-1")
    with pytest.raises(UsageError, match="test is a paper account"):
        desk.connect(CONFIG, "test", "first connection", live=True)


def test_i27_without_a_key_there_is_no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    account("paper", "acct-1")
    monkeypatch.delenv("ALPACA_SECRET_KEY")
    with pytest.raises(SettingsError, match="ALPACA_SECRET_KEY: is not set"):
        opened()


def test_i14_the_key_alone_kills_and_lifts(keyed: list[tuple[str, str]]) -> None:
    assert desk.kill_at_broker(CONFIG, "elsewhere").suspended
    desk.resume_at_broker(CONFIG, "elsewhere")
    assert [kind for kind, _ in keyed] == ["paper", "paper"]
    with pytest.raises(UsageError, match="paper trades at the paper exchange, which needs no key"):
        desk.kill_at_broker(CONFIG, "paper")
    with pytest.raises(UsageError, match="which needs no key"):
        desk.connect(CONFIG, "paper", "first connection")


def test_an_account_that_is_not_there() -> None:
    with db.connect("fund_broker") as connection, pytest.raises(UsageError, match="no account nobody"):
        desk.open_desk(connection, CONFIG, "nobody")
