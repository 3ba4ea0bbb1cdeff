"""An account and the broker it trades at: which one, whether it is the right one, and whether live is confirmed.

A broker is one line in `_OPENERS`. Only `sync` opens one outside, and only that reads the trading key (I27).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Literal

from runner import db, settings
from runner.brokers.base import AccountFacts, Broker, KillReport, WorkingOrder
from runner.brokers.matching import CostModel, SessionBar
from runner.brokers.paper import PaperBroker
from runner.config import GoldenConfig
from runner.db import Connection
from runner.errors import AccountNotOpen, AccountRefused, NotAllowed, UsageError

if TYPE_CHECKING:
    from runner.brokers.alpaca import AlpacaBroker

Kind = Literal["paper", "live"]

_ADOPT = "`python -m runner sync --adopt --account {} --reason …` connects it."


@dataclass(frozen=True)
class Account:
    """A row of trade.accounts. broker_account_id: None before an operator connected it, and for the paper exchange."""

    account: str
    broker: str
    kind: Kind
    broker_account_id: str | None


@dataclass(frozen=True)
class Desk:
    """An account with what makes its broker. open: the broker for one pass, at the database's instant."""

    account: Account
    open: Callable[[Connection, datetime], Broker]


def open_desk(connection: Connection, config: GoldenConfig, account: str, *, live: bool = False) -> Desk:
    """The desk of an account, once per process: the key is read, the broker asked who it is.

    Raises: AccountNotOpen for an unknown account, NotAllowed for live without its two confirmations, AccountRefused
    where the broker's account is not the expected one, BrokerUnreachable, SettingsError.
    """
    return _OPENERS[(found := find_account(connection, account)).broker](connection, config, found, live)


def find_account(connection: Connection, account: str) -> Account:
    """The account. Raises: AccountNotOpen where there is none."""
    rows = db.fetch_all(connection, "trade.account", account=account)
    if not rows:
        raise AccountNotOpen(
            f"there is no account {account}",
            "Its first cycle opens one of the configuration's (accounts.defaults); " + _ADOPT.format(account),
        )
    return Account(**rows[0])


# -- the paper exchange ----


def _open_paper(_: Connection, config: GoldenConfig, account: Account, _live: bool) -> Desk:
    def opened(connection: Connection, now: datetime) -> Broker:
        def sessions_of(symbol: str, session: date) -> list[SessionBar]:
            rows = db.fetch_all(connection, "trade.session_bars", symbol=symbol, from_session=session)
            return [SessionBar(**row) for row in rows]

        def working() -> list[WorkingOrder]:
            return [
                WorkingOrder(**row) for row in db.fetch_all(connection, "trade.working_orders", account=account.account)
            ]

        def account_of() -> AccountFacts:
            (book,) = db.fetch_all(connection, "trade.exchange_book", account=account.account)
            return AccountFacts(account.account, "ACTIVE", (), shorting=True, **book)

        return PaperBroker(
            costs=CostModel.of(config.paper_broker),
            now=now,
            delay=timedelta(minutes=config.data.provider_delay_minutes),
            sessions_of=sessions_of,
            working=working,
            account_of=account_of,
        )

    return Desk(account, opened)


# -- Alpaca ----


def _alpaca(key: settings.TradingKey, kind: Kind, config: GoldenConfig) -> AlpacaBroker:
    """Its client is imported here: half a second of the start of every command, and most have no account there."""
    from runner.brokers.alpaca import AlpacaBroker

    return AlpacaBroker.connect(key, kind, config.broker)


def _open_alpaca(connection: Connection, config: GoldenConfig, account: Account, live: bool) -> Desk:
    key = settings.trading_key()
    _confirm_live(key, account.kind, account.account, account.broker_account_id, live)
    broker = _alpaca(key, account.kind, config)
    facts = broker.account()
    if facts.broker_account_id != account.broker_account_id:
        if account.broker_account_id is not None:
            db.fetch_value(
                connection,
                "trade.report_break",
                account=account.account,
                kind="ACCOUNT_ID",
                symbol=None,
                subject="",
                evidence=db.as_json({"ours": account.broker_account_id, "theirs": facts.broker_account_id}),
            )
        raise AccountRefused(
            f"the key opens account {facts.broker_account_id}, {account.account} is "
            f"{account.broker_account_id or 'not connected yet'}",
            "Check the key in the environment." if account.broker_account_id else _ADOPT.format(account.account),
        )
    return Desk(account, lambda _connection, _now: broker)


def _confirm_live(key: settings.TradingKey, kind: Kind, name: str, broker_account_id: str | None, live: bool) -> None:
    """I31: real money needs the flag, and the environment naming the very account; paper needs that neither is said."""
    if kind == "paper" and live:
        raise UsageError(f"{name} is a paper account", "Leave --live out.")
    if kind == "live" and not (live and key.live_account and key.live_account == broker_account_id):
        raise NotAllowed(
            f"{name} trades real money and is not confirmed",
            f"Give --live, and LIVE_TRADING_ACCOUNT={broker_account_id or 'its id at the broker'} in the environment.",
        )


_OPENERS: dict[str, Callable[[Connection, GoldenConfig, Account, bool], Desk]] = {
    "paper": _open_paper,
    "alpaca": _open_alpaca,
}


# -- a key without a database, or before an account ----


def configured_kind(config: GoldenConfig, account: str, *, live: bool) -> Kind:
    """What the key is for where no row says it: the configuration names paper accounts, the flag says live (I31).

    Raises: UsageError where the two contradict, or the account is the paper exchange's.
    """
    named = next((a for a in config.accounts.defaults if a.name == account), None)
    if named is not None and named.broker != "alpaca":
        raise UsageError(f"{account} trades at the {named.broker} exchange, which needs no key", "Give --account.")
    if named is not None and live:
        raise UsageError(f"{account} is a {named.mode} account", "Leave --live out.")
    return "live" if live else "paper"


def key_broker(config: GoldenConfig, kind: Kind) -> Broker:
    """The broker the trading key opens, whatever the database says or whether there is one."""
    return _alpaca(settings.trading_key(), kind, config)


def connect(config: GoldenConfig, account: str, reason: str, *, live: bool = False) -> AccountFacts:
    """Say which account of the broker is meant by `account`: the one the key opens. Role fund_operator.

    Raises: what `open_desk` raises, FundError MQ240 and MQ365.
    """
    kind = configured_kind(config, account, live=live)  # first: the paper exchange's account wants no key
    key = settings.trading_key()
    facts = _alpaca(key, kind, config).account()
    _confirm_live(key, kind, account, facts.broker_account_id, live)
    with db.connect(settings.load().operator_role) as connection:
        known = db.fetch_all(connection, "trade.account", account=account)
        if known and known[0]["kind"] != kind:
            raise UsageError(f"{account} is a {known[0]['kind']} account", "Give --live for a live one, and only then.")
        db.execute(
            connection,
            "trade.connect_account",
            account=account,
            broker_account_id=facts.broker_account_id,
            reason=reason,
        )
    return facts


def kill_at_broker(config: GoldenConfig, account: str, *, live: bool = False) -> KillReport:
    """Suspend trading and cancel every order at the broker, with nothing but the key (I14)."""
    return key_broker(config, configured_kind(config, account, live=live)).halt_trading()


def resume_at_broker(config: GoldenConfig, account: str, *, live: bool = False) -> None:
    """Lift what `kill_at_broker` suspended. Raises: FundError where the broker does not say that it did."""
    why_not = key_broker(config, configured_kind(config, account, live=live)).resume_trading()
    if why_not is not None:
        raise AccountRefused(
            f"the broker did not lift the suspension: {why_not}", "Try again, or on the broker's page."
        )
