"""Servers of this machine that speak as the four vendors do: bars and actions in their real shapes, and their faults.

`serve(vendor, server, market)` makes `server` (pytest-httpserver) answer for what `market` holds; `client(vendor,
server)` is the provider that asks it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from runner.providers.alpaca_data import AlpacaData
from runner.providers.base import RemoteProvider, Window
from runner.providers.binance import Binance
from runner.providers.massive import Massive
from runner.providers.wire import Limits
from runner.providers.yahoo import Yahoo

NEW_YORK = ZoneInfo("America/New_York")
TODAY = date(2024, 7, 1)
#: Quick where a vendor would have us wait.
LIMITS = Limits(
    connect_seconds=2.0, read_seconds=0.5, answer_seconds=2.0, total_seconds=10.0, bytes_max=2**20, attempts=3,
    wait_seconds=0.01,
)  # fmt: skip
VENDORS = ("yahoo", "massive", "alpaca", "binance")
#: What each is asked for, and its word for it.
ASKED = {
    "yahoo": ("BRK.B", "equity", "BRK-B"),
    "massive": ("BRK.B", "equity", "BRK.B"),
    "alpaca": ("BRK.B", "equity", "BRK.B"),
    "binance": ("BTC/USD", "crypto", "BTCUSDT"),
}
#: Where each is asked for bars.
BARS_PATH = {
    "yahoo": "/v8/finance/chart/BRK-B",
    "massive": "/v2/aggs/ticker/BRK.B/range/1/day/",
    "alpaca": "/v2/stocks/bars",
    "binance": "/api/v3/klines",
}


@dataclass(frozen=True)
class Market:
    """Raw bars (session, open, high, low, close, volume), and what is stated of the symbol beside them."""

    bars: pd.DataFrame
    splits: Mapping[date, tuple[float, float]] = field(default_factory=dict)
    dividends: Mapping[date, float] = field(default_factory=dict)

    @property
    def window(self) -> Window:
        return Window(self.bars["session"].iloc[0].date(), self.bars["session"].iloc[-1].date())


def market(sessions: int = 8, **stated: Any) -> Market:
    """Made-up raw bars on ticks, of business days from 2024-05-30 on."""
    days = pd.bdate_range("2024-05-30", periods=sessions)
    close = np.round(100 + np.arange(sessions) * 1.37, 2)
    bars = pd.DataFrame({"session": days, "open": close, "high": close + 1, "low": close - 1, "close": close})
    for name in ("open", "high", "low"):
        bars[name] = bars[name].round(2)
    bars["volume"] = 1_000_000.0 + 16 * np.arange(sessions)
    return Market(bars, **stated)


def client(vendor: str, server: HTTPServer, limits: Limits = LIMITS) -> RemoteProvider:
    """The provider, asking `server`."""
    address = server.url_for("").rstrip("/")
    noon = datetime.combine(TODAY, time(16), UTC)
    made: dict[str, RemoteProvider] = {
        "yahoo": Yahoo(address, limits, today=lambda: TODAY),
        "massive": Massive(address, limits, requests_per_minute=60_000),
        "alpaca": AlpacaData(address, limits, now=lambda: noon),
        "binance": Binance(address, limits),
    }
    return made[vendor]


def body(vendor: str, market: Market, symbol: str | None = None) -> Any:
    """The document with the bars, as the vendor writes it."""
    return {"yahoo": chart, "massive": aggregates, "alpaca": stock_bars, "binance": klines}[vendor](
        market, symbol or ASKED[vendor][2]
    )


def serve(vendor: str, server: HTTPServer, market: Market, symbol: str | None = None) -> None:
    """Bars and actions of `market`; Yahoo's cookie and crumb too."""
    word = symbol or ASKED[vendor][2]
    path = BARS_PATH[vendor].replace(ASKED[vendor][2], word)
    document = body(vendor, market, word)
    if vendor == "yahoo":
        others(vendor, server)
        server.expect_request(path).respond_with_json(document)
    elif vendor == "massive":
        window = market.window
        server.expect_request(f"{path}{window.first}/{window.last}").respond_with_json(document)
        server.expect_request("/v3/reference/splits").respond_with_json(
            {
                "status": "OK",
                "results": [
                    {"ticker": word, "execution_date": str(d), "split_from": old, "split_to": new}
                    for d, (new, old) in market.splits.items()
                ],
            }
        )
        server.expect_request("/v3/reference/dividends").respond_with_json(
            {
                "status": "OK",
                "results": [
                    {"ticker": word, "ex_dividend_date": str(d), "cash_amount": amount, "currency": "USD"}
                    for d, amount in market.dividends.items()
                ],
            }
        )
    elif vendor == "alpaca":
        server.expect_request(path).respond_with_json(document)
        server.expect_request("/v1/corporate-actions").respond_with_json(actions(market, word))
    else:
        server.expect_request(path).respond_with_handler(lambda request: _klines(market, word, request))


def others(vendor: str, server: HTTPServer) -> None:
    """What a vendor is asked before its bars."""
    if vendor == "yahoo":
        server.expect_request("/").respond_with_data("", status=404, headers={"Set-Cookie": "A3=d; Path=/"})
        server.expect_request("/v1/test/getcrumb").respond_with_data("crumb-secret")


def asked(server: HTTPServer, vendor: str) -> list[Request]:
    """The requests for bars that reached the server, in order."""
    return [request for request, _ in server.log if request.path.startswith(BARS_PATH[vendor])]


def chart(market: Market, symbol: str) -> dict[str, Any]:
    """Yahoo's: split-adjusted to today, in single precision, events beside."""
    later = np.ones(len(market.bars))
    for ex_date, (new, old) in market.splits.items():
        later *= np.where(market.bars["session"] < pd.Timestamp(ex_date), new / old, 1.0)
    prices = {
        name: [float(np.float32(value)) for value in market.bars[name] / later]
        for name in ("open", "high", "low", "close")
    }
    stamps = [int(datetime.combine(d.date(), time(9, 30), NEW_YORK).timestamp()) for d in market.bars["session"]]

    def instant(when: date) -> int:
        return int(datetime.combine(when, time(9, 30), NEW_YORK).timestamp())

    def after(when: date) -> float:
        return float(np.prod([new / old for d, (new, old) in market.splits.items() if d > when]))

    result = {
        "meta": {
            "symbol": symbol, "currency": "USD", "exchangeTimezoneName": "America/New_York", "gmtoffset": -14400,
            "instrumentType": "EQUITY", "dataGranularity": "1d", "range": "",
        },
        "timestamp": stamps,
        "events": {
            "splits": {
                str(instant(d)): {
                    "date": instant(d), "numerator": new, "denominator": old, "splitRatio": f"{new:g}:{old:g}",
                }
                for d, (new, old) in market.splits.items()
            },
            "dividends": {
                str(instant(d)): {"amount": amount / after(d), "date": instant(d)}
                for d, amount in market.dividends.items()
            },
        },
        "indicators": {
            "quote": [prices | {"volume": [int(v) for v in market.bars["volume"] * later]}],
            "adjclose": [{"adjclose": prices["close"]}],
        },
    }  # fmt: skip
    return {"chart": {"result": [result], "error": None}}


def aggregates(market: Market, symbol: str) -> dict[str, Any]:
    """Massive's; a bar's instant is midnight in New York."""
    return {
        "ticker": symbol, "queryCount": len(market.bars), "resultsCount": len(market.bars), "adjusted": False,
        "results": [
            {
                "v": row.volume, "vw": row.close, "o": row.open, "c": row.close, "h": row.high, "l": row.low, "n": 9,
                "t": int(datetime.combine(row.session.date(), time(), NEW_YORK).timestamp() * 1000),
            }
            for row in market.bars.itertuples()
        ],
        "status": "OK", "request_id": "6a7e466379af0a71039d60cc78e72282", "count": len(market.bars),
    }  # fmt: skip


def stock_bars(market: Market, symbol: str) -> dict[str, Any]:
    """Alpaca's; a bar's instant is midnight in New York, in UTC."""
    return {
        "bars": {
            symbol: [
                {
                    "t": datetime.combine(row.session.date(), time(), NEW_YORK).astimezone(UTC).isoformat(),
                    "o": row.open, "h": row.high, "l": row.low, "c": row.close, "v": int(row.volume), "n": 9,
                    "vw": row.close,
                }
                for row in market.bars.itertuples()
            ]
        },
        "next_page_token": None,
    }  # fmt: skip


def actions(market: Market, word: str) -> dict[str, Any]:
    """Alpaca's corporate actions."""
    return {
        "corporate_actions": {
            "forward_splits": [
                {"symbol": word, "ex_date": str(d), "new_rate": new, "old_rate": old}
                for d, (new, old) in market.splits.items()
                if new > old
            ],
            "reverse_splits": [
                {"symbol": word, "ex_date": str(d), "new_rate": new, "old_rate": old}
                for d, (new, old) in market.splits.items()
                if new < old
            ],
            "cash_dividends": [
                {"symbol": word, "ex_date": str(d), "rate": amount, "special": False, "foreign": False}
                for d, amount in market.dividends.items()
            ],
        },
        "next_page_token": None,
    }


def klines(market: Market, symbol: str) -> list[list[Any]]:
    """Binance's: numbers as text."""
    day = timedelta(days=1)
    found = []
    for row in market.bars.itertuples():
        start = datetime.combine(row.session.date(), time(), UTC)
        found.append(
            [
                int(start.timestamp() * 1000), repr(row.open), repr(row.high), repr(row.low), repr(row.close),
                repr(row.volume), int((start + day).timestamp() * 1000) - 1, "0", 9, "0", "0", "0",
            ]
        )  # fmt: skip
    return found


def _klines(market: Market, symbol: str, request: Request) -> Response:
    start, end = int(request.args["startTime"]), int(request.args["endTime"])
    rows = [row for row in klines(market, symbol) if start <= row[0] <= end][: int(request.args["limit"])]
    return Response(json.dumps(rows), content_type="application/json")
