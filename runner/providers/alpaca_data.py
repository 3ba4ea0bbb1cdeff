"""Alpaca's market data, through alpaca-py: stocks and crypto.

Its key is one of its own (ALPACA_DATA_KEY, ALPACA_DATA_SECRET): the trading key is broker-sync's and nobody else's
(I27), and data needs no right to trade. Bars are asked unadjusted; splits and dividends are its corporate actions.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from runner import credentials
from runner.providers import stated, wire
from runner.providers.base import Answer, Exchange, SymbolBars, Unreadable, Window
from runner.providers.wire import Conversation, Failed, Limits, Pace

KEY, SECRET = "ALPACA_DATA_KEY", "ALPACA_DATA_SECRET"
#: The newest of its consolidated tape costs; what is older is in every plan.
RECENT = timedelta(minutes=16)
#: How far before and after its ex-date an action may be processed.
PROCESSED_BEFORE, PROCESSED_AFTER = timedelta(days=30), timedelta(days=120)
_NEW_YORK = ZoneInfo("America/New_York")
_COLUMNS = {"open": "o", "high": "h", "low": "l", "close": "c", "volume": "v"}


def wire_symbol(symbol: str, asset_class: str) -> str:
    """Its word for our symbol: BRK.B and BTC/USD as they are. Raises: Failed for FX, which it has not."""
    wire.require_symbol(symbol)
    if asset_class == "fx":
        raise Failed("NOT_FOUND", "it has no FX")
    return symbol if asset_class == "crypto" else symbol.replace("/", ".").replace("-", ".")


class AlpacaData:
    """Bars, then the corporate actions of a stock; its client turns the pages."""

    name = "alpaca"
    description = "Alpaca's market data: unadjusted daily bars, corporate actions beside"
    priority = 300
    price_basis = "raw"
    price_kind = "ohlcv"
    delay_minutes = 30
    capabilities: Mapping[str, int] = {"equity": 730, "etf": 730, "crypto": 730}
    requires_entitlement = True
    requests_per_minute = 200
    connections = 4

    def __init__(
        self,
        base_url: str = "https://data.alpaca.markets",
        limits: Limits | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """base_url: without a version; now: until when bars may be asked for."""
        self.base_url = base_url
        self.limits = limits or Limits()
        self.now = now
        self._pace = Pace(self.requests_per_minute)
        self._local = threading.local()

    def ask(self, symbol: str, asset_class: str, window: Window) -> Exchange:
        """Bars of the window; of a stock its splits and dividends in it."""

        def talk(conversation: Conversation) -> None:
            asked = wire_symbol(symbol, asset_class)
            clients = self._clients()
            from alpaca.data.enums import Adjustment, CorporateActionsType
            from alpaca.data.requests import CorporateActionsRequest, CryptoBarsRequest, StockBarsRequest
            from alpaca.data.timeframe import TimeFrame

            zone = UTC if asset_class == "crypto" else _NEW_YORK
            span: dict[str, Any] = {
                "symbol_or_symbols": asked,
                "timeframe": TimeFrame.Day,
                "start": datetime.combine(window.first, time(), zone),
                "end": min(datetime.combine(window.last, time(23, 59, 59), zone), self.now() - RECENT),
            }
            if asset_class == "crypto":
                conversation.get("bars", lambda: clients["crypto"].get_crypto_bars(CryptoBarsRequest(**span)))
                return
            bars = StockBarsRequest(**span, adjustment=Adjustment.RAW)
            conversation.get("bars", lambda: clients["stock"].get_stock_bars(bars))
            kinds = CorporateActionsType
            actions = CorporateActionsRequest(
                symbols=[asked],
                types=[kinds.FORWARD_SPLIT, kinds.REVERSE_SPLIT, kinds.STOCK_DIVIDEND, kinds.CASH_DIVIDEND],
                # By the day they are processed, which may lie weeks after the ex-date; `read` keeps those of the rows.
                start=window.first - PROCESSED_BEFORE,
                end=window.last + PROCESSED_AFTER,
            )
            conversation.get("actions", lambda: clients["actions"].get_corporate_actions(actions))

        return wire.ask(self.limits, self._pace, talk)

    def read(self, symbol: str, asset_class: str, window: Window, answers: Sequence[Answer]) -> SymbolBars:
        """The rows as sent; a day is New York's for a stock, UTC's for a crypto. Raises: Unreadable."""
        asked = wire_symbol(symbol, asset_class)
        bars: list[Mapping[str, Any]] = []
        for page in wire.pages(answers, "bars"):
            bars += _rows_of(page, "bars", asked)
        zone = UTC if asset_class == "crypto" else _NEW_YORK
        rows = wire.frame(
            [_session(bar.get("t"), zone) for bar in bars],
            {ours: [bar.get(theirs) for bar in bars] for ours, theirs in _COLUMNS.items()},
        )
        if asset_class == "crypto":
            return SymbolBars(symbol, rows, ())
        splits, dividends = [], []
        for page in wire.pages(answers, "actions"):
            for kind in ("forward_splits", "reverse_splits"):
                splits += [
                    (wire.day(a.get("ex_date")), wire.ratio(a.get("new_rate"), a.get("old_rate")))
                    for a in _actions(page, kind, asked)
                ]
            splits += [
                (wire.day(a.get("ex_date")), 1.0 + wire.number(a.get("rate")))
                for a in _actions(page, "stock_dividends", asked)
            ]
            dividends += [
                (wire.day(a.get("ex_date")), wire.number(a.get("rate")))
                for a in _actions(page, "cash_dividends", asked)
            ]
        return SymbolBars(symbol, rows, stated.actions(rows, splits, dividends))

    def _clients(self) -> dict[str, Any]:
        """The clients of this thread. Raises: Failed without a key."""
        if not hasattr(self._local, "clients"):
            key, secret = credentials.find(KEY), credentials.find(SECRET)
            if key is None or secret is None:
                raise Failed("NO_KEY", f"{KEY if key is None else SECRET} is not set")
            from alpaca.data.historical.corporate_actions import CorporateActionsClient
            from alpaca.data.historical.crypto import CryptoHistoricalDataClient
            from alpaca.data.historical.stock import StockHistoricalDataClient

            kinds = {
                "stock": StockHistoricalDataClient,
                "crypto": CryptoHistoricalDataClient,
                "actions": CorporateActionsClient,
            }
            pair = (key.get_secret_value(), secret.get_secret_value())
            clients = {name: kind(*pair, raw_data=True, url_override=self.base_url) for name, kind in kinds.items()}
            for client in clients.values():
                client._session = wire.Session(self.limits)
                client._retry, client._retry_codes = 0, []
            self._local.clients = clients
        return dict(self._local.clients)


def _rows_of(page: Any, key: str, symbol: str) -> list[Mapping[str, Any]]:
    found = page.get(key) if isinstance(page, dict) else None
    if not isinstance(found, dict):
        raise Unreadable(f"no {key} in the answer")
    if set(found) - {symbol}:
        raise Unreadable(f"it is of {', '.join(sorted(found))[:60]}, not {symbol}")
    rows = found.get(symbol) or []
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise Unreadable(f"{key} that are no list of rows")
    return rows


def _actions(page: Any, kind: str, symbol: str) -> list[Mapping[str, Any]]:
    found = page.get("corporate_actions") if isinstance(page, dict) else None
    if not isinstance(found, dict):
        raise Unreadable("no corporate actions in the answer")
    rows = found.get(kind) or []
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise Unreadable(f"{kind} that are no list")
    if any(row.get("symbol") != symbol for row in rows):
        raise Unreadable(f"{kind} of another symbol than {symbol}")
    return rows


def _session(text: Any, zone: Any) -> date:
    try:
        instant = datetime.fromisoformat(text).astimezone(zone)
    except (TypeError, ValueError, OverflowError):
        raise Unreadable(f"{str(text)[:40]!r} where an instant is expected") from None
    if instant.time() != time():
        raise Unreadable(f"a day that begins at {instant:%H:%M} {instant.tzname()}")
    return instant.date()
