"""Massive (formerly Polygon): aggregates, splits and dividends through its own client; stocks, FX and crypto.

A key (MASSIVE_API_KEY) is needed, and a plan: what it does not cover is answered with 403. Bars are asked unadjusted.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from functools import partial
from typing import Any
from urllib.parse import urljoin, urlsplit
from zoneinfo import ZoneInfo

import urllib3

from runner import credentials
from runner.providers import stated, wire
from runner.providers.base import Answer, Exchange, SymbolBars, Unreadable, Window
from runner.providers.wire import CHUNK_BYTES, CONVERSATION, Conversation, Failed, Limits, Pace

KEY = "MASSIVE_API_KEY"
#: Bars of one answer; what does not fit comes on further pages.
PAGE = 50_000
#: Pages of one part: a vendor that never ends is not followed for ever.
PAGES_MAX = 100
_NEW_YORK = ZoneInfo("America/New_York")
_COLUMNS = {"open": "o", "high": "h", "low": "l", "close": "c", "volume": "v"}


def wire_symbol(symbol: str, asset_class: str) -> str:
    """Its word for our symbol: BRK.B as it is, EUR/USD C:EURUSD, BTC/USD X:BTCUSD."""
    wire.require_symbol(symbol)
    if asset_class in ("fx", "crypto"):
        return ("C:" if asset_class == "fx" else "X:") + symbol.replace("/", "")
    return symbol.replace("/", ".").replace("-", ".")


class Massive:
    """Bars, then splits and dividends of a stock, each on as many pages as it takes."""

    name = "massive"
    description = "Massive, formerly Polygon: unadjusted daily aggregates, splits and dividends beside"
    priority = 200
    price_basis = "raw"
    price_kind = "ohlcv"
    delay_minutes = 30
    capabilities: Mapping[str, int] = {"equity": 5000, "etf": 5000, "fx": 5000, "crypto": 5000}
    requires_entitlement = True
    #: What its free plan allows.
    requests_per_minute = 5
    connections = 4

    def __init__(
        self,
        base_url: str = "https://api.massive.com",
        limits: Limits | None = None,
        requests_per_minute: int | None = None,
    ) -> None:
        """requests_per_minute: what the plan allows, where it is more than the free one's."""
        self.base_url = base_url
        self.limits = limits or Limits()
        self._pace = Pace(requests_per_minute or self.requests_per_minute)
        self._local = threading.local()

    def ask(self, symbol: str, asset_class: str, window: Window) -> Exchange:
        """Aggregates of the window; of a stock its splits and dividends in it."""

        def talk(conversation: Conversation) -> None:
            asked = wire_symbol(symbol, asset_class)
            client = self._client()
            first, last = window.first.isoformat(), window.last.isoformat()

            def part(name: str, send: Any) -> None:
                page = conversation.get(name, send)
                for _ in range(PAGES_MAX):
                    path = _next(page)
                    if path is None:
                        return
                    page = conversation.get(name, partial(client._get, path, raw=True))
                raise Failed("TOO_LARGE", f"more than {PAGES_MAX} pages of {name}")

            part(
                "bars",
                lambda: client.get_aggs(asked, 1, "day", first, last, adjusted=False, sort="asc", limit=PAGE, raw=True),
            )
            if asset_class in ("equity", "etf"):
                part(
                    "splits",
                    lambda: client.list_splits(
                        asked, execution_date_gte=first, execution_date_lte=last, limit=1000, raw=True
                    ),
                )
                part(
                    "dividends",
                    lambda: client.list_dividends(
                        asked, ex_dividend_date_gte=first, ex_dividend_date_lte=last, limit=1000, raw=True
                    ),
                )

        return wire.ask(self.limits, self._pace, talk)

    def read(self, symbol: str, asset_class: str, window: Window, answers: Sequence[Answer]) -> SymbolBars:
        """The rows as sent; a day is New York's for a stock, UTC's otherwise. Raises: Unreadable."""
        asked = wire_symbol(symbol, asset_class)
        zone = _NEW_YORK if asset_class in ("equity", "etf") else ZoneInfo("UTC")
        bars: list[Mapping[str, Any]] = []
        for page in wire.pages(answers, "bars"):
            bars += _results(page, asked)
            if page.get("adjusted") is not False:
                raise Unreadable("bars that are not said to be unadjusted")
        rows = wire.frame(
            [_session(bar.get("t"), zone) for bar in bars],
            {ours: [bar.get(theirs) for bar in bars] for ours, theirs in _COLUMNS.items()},
        )
        if asset_class not in ("equity", "etf"):
            return SymbolBars(symbol, rows, ())
        splits, dividends = [], []
        for page in wire.pages(answers, "splits"):
            splits += [
                (wire.day(r.get("execution_date")), wire.ratio(r.get("split_to"), r.get("split_from")))
                for r in _results(page, asked)
            ]
        for page in wire.pages(answers, "dividends"):
            for row in _results(page, asked):
                ex_date = wire.day(row.get("ex_dividend_date"))
                wire.require_dollars(row.get("currency"), f"a dividend on {ex_date}")
                dividends.append((ex_date, wire.number(row.get("cash_amount"))))
        return SymbolBars(symbol, rows, stated.actions(rows, splits, dividends))

    def _client(self) -> Any:
        """A client of this thread. Raises: Failed without the package or the key."""
        if not hasattr(self._local, "client"):
            try:
                from massive import RESTClient
            except ImportError:
                raise Failed("NOT_INSTALLED", "massive is not installed: pip install 'mini-quant-fund[data]'") from None
            key = credentials.find(KEY)
            if key is None:
                raise Failed("NO_KEY", f"{KEY} is not set")
            client = RESTClient(key.get_secret_value(), retries=0, base=self.base_url, pagination=False)
            client.client = _Pool(client.client, self.limits)
            self._local.client = client
        return self._local.client


class _Read:
    """What its client looks at of a response."""

    def __init__(self, status: int, headers: Mapping[str, str], data: bytes) -> None:
        self.status = status
        self.headers = headers
        self.data = data


class _Pool:
    """In the place of its client's pool: a bounded request without redirect or repetition."""

    def __init__(self, pool: Any, limits: Limits) -> None:
        self._pool = pool
        self._timeout = urllib3.Timeout(connect=limits.connect_seconds, read=limits.read_seconds)

    def request(self, method: str, url: str, fields: Any = None, headers: Any = None) -> _Read:
        response = self._pool.request(
            method, url, fields=fields, headers=headers, preload_content=False, retries=False, redirect=False,
            timeout=self._timeout,
        )  # fmt: skip
        try:
            data = CONVERSATION.get().take(
                response.status,
                response.headers,
                response.stream(CHUNK_BYTES, decode_content=False),
                urljoin(url, response.url or ""),
            )
        finally:
            response.close()
        return _Read(response.status, response.headers, data)


def _next(page: Any) -> str | None:
    """Path of the next page, asked at the same host whatever it says; what cannot be read has none: `read` tells."""
    try:
        url = json.loads(page.data).get("next_url")
    except (ValueError, AttributeError, RecursionError):
        return None
    if not isinstance(url, str):
        return None
    parts = urlsplit(url)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def _results(page: Any, symbol: str) -> list[Mapping[str, Any]]:
    if not isinstance(page, dict) or page.get("status") not in ("OK", "DELAYED"):
        raise Unreadable("an answer that is not OK")
    results = page.get("results") or []
    if not isinstance(results, list) or not all(isinstance(result, dict) for result in results):
        raise Unreadable("results that are no list of rows")
    told = {str(part.get("ticker", symbol)) for part in (page, *results)}
    if told != {symbol}:
        raise Unreadable(f"it is of {', '.join(sorted(told))[:60]}, not {symbol}")
    return results


def _session(milliseconds: Any, zone: ZoneInfo) -> date:
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC).astimezone(zone).date()
    except (TypeError, ValueError, OverflowError, OSError):
        raise Unreadable(f"{str(milliseconds)[:40]!r} where an instant is expected") from None
