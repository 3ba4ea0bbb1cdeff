"""Binance's daily candles, through ccxt: crypto; no key.

It trades no dollars: BTC/USD is its BTC/USDT, whose quote is a token that is meant to be one. What that is worth shows
as a difference from the other sources of the symbol. A candle's day is UTC's.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from functools import partial
from typing import Any

from runner.providers import wire
from runner.providers.base import Answer, Exchange, SymbolBars, Unreadable, Window
from runner.providers.wire import Conversation, Failed, Limits, Pace

#: Candles of one answer, the most it gives.
PAGE = 1000
_DAY_MILLISECONDS = 86_400_000
#: Its word for a symbol it does not trade.
_INVALID_SYMBOL = b'"code":-1121'


def wire_symbol(symbol: str, asset_class: str) -> str:
    """Its word for our symbol: BTC/USD is BTCUSDT. Raises: Failed for what it cannot have."""
    wire.require_symbol(symbol)
    base, _, quote = symbol.partition("/")
    if asset_class != "crypto" or quote != "USD":
        raise Failed("NOT_FOUND", f"{symbol} is no crypto against USD")
    return base + "USDT"


class Binance:
    """Candles, a page of 1,000 days after the other."""

    name = "binance"
    description = "Binance's daily candles through ccxt, quoted in USDT and taken as USD"
    priority = 400
    price_basis = "raw"
    price_kind = "ohlcv"
    delay_minutes = 30
    capabilities: Mapping[str, int] = {"crypto": 1000}
    requires_entitlement = False
    requests_per_minute = 600
    connections = 4

    def __init__(self, base_url: str | None = None, limits: Limits | None = None) -> None:
        """base_url: where its public interface is, in tests."""
        self.base_url = base_url
        self.limits = limits or Limits()
        self._pace = Pace(self.requests_per_minute)
        self._local = threading.local()

    def ask(self, symbol: str, asset_class: str, window: Window) -> Exchange:
        """Candles of the window."""

        def talk(conversation: Conversation) -> None:
            asked = wire_symbol(symbol, asset_class)
            client = self._client()
            start, end = _millisecond(window.first), _millisecond(window.last)
            while start <= end:
                parameters = {
                    "symbol": asked,
                    "interval": "1d",
                    "startTime": start,
                    "endTime": min(end, start + (PAGE - 1) * _DAY_MILLISECONDS),
                    "limit": PAGE,
                }
                try:
                    conversation.get("bars", partial(client.public_get_klines, parameters))
                except Failed as failed:
                    if failed.fault == "REFUSED" and _INVALID_SYMBOL in conversation.answers[-1].content:
                        raise Failed("NOT_FOUND", f"it does not trade {asked}") from None
                    raise
                start += PAGE * _DAY_MILLISECONDS

        return wire.ask(self.limits, self._pace, talk)

    def read(self, symbol: str, asset_class: str, window: Window, answers: Sequence[Answer]) -> SymbolBars:
        """The candles as sent; a crypto has neither splits nor dividends. Raises: Unreadable."""
        candles: list[Sequence[Any]] = []
        for page in wire.pages(answers, "bars"):
            if not isinstance(page, list) or not all(isinstance(candle, list) and len(candle) > 6 for candle in page):
                raise Unreadable("candles that are no list of rows")
            candles += page
        names = ("open", "high", "low", "close", "volume")
        rows = wire.frame(
            [_session(candle[0]) for candle in candles],
            {name: [candle[place] for candle in candles] for place, name in enumerate(names, 1)},
        )
        return SymbolBars(symbol, rows, ())

    def _client(self) -> Any:
        """A client of this thread. Raises: Failed without the package."""
        if not hasattr(self._local, "client"):
            try:
                import ccxt
            except ImportError:
                raise Failed("NOT_INSTALLED", "ccxt is not installed: pip install 'mini-quant-fund[data]'") from None
            client = ccxt.binance({"session": wire.Session(self.limits), "enableRateLimit": False})
            if self.base_url is not None:
                client.urls["api"]["public"] = f"{self.base_url}/api/v3"
            self._local.client = client
        return self._local.client


def _millisecond(when: date) -> int:
    return int(datetime.combine(when, time(), UTC).timestamp() * 1000)


def _session(milliseconds: Any) -> date:
    if not isinstance(milliseconds, int) or isinstance(milliseconds, bool) or milliseconds % _DAY_MILLISECONDS:
        raise Unreadable(f"{str(milliseconds)[:40]!r} where the beginning of a day is expected")
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC).date()
    except (ValueError, OverflowError, OSError):
        raise Unreadable(f"{str(milliseconds)[:40]!r} where an instant is expected") from None
