"""Yahoo Finance's chart, through yfinance: stocks, FX and crypto; no key.

Its prices are adjusted for every split up to the day they are asked for, and its dividends with them. Raw ones are
stable, so the splits, which the same answer names, are taken back out; a window that ended long ago is therefore asked
up to today, or the splits since would be missed. Prices come as single-precision numbers: one that lies within that
precision of a tick is the tick.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import pandas as pd

from runner import settings
from runner.providers import stated, wire
from runner.providers.base import Answer, Exchange, SymbolBars, Unreadable, Window
from runner.providers.wire import CONVERSATION, Conversation, Failed, Limits, Pace

CHART = "/v8/finance/chart/"
#: What a price given in single precision may be off by, relative, with room for a split's ratio.
_SINGLE = 1.2e-7
#: Grids a price is quoted on, USD, coarse to fine.
_TICKS = (0.01, 0.0001)


def wire_symbol(symbol: str, asset_class: str) -> str:
    """Its word for our symbol: BRK.B is BRK-B, EUR/USD EURUSD=X, BTC/USD BTC-USD."""
    wire.require_symbol(symbol)
    if asset_class == "fx":
        return symbol.replace("/", "") + "=X"
    return symbol.replace("/", "-").replace(".", "-")


class Yahoo:
    """One chart a symbol."""

    name = "yahoo"
    description = "Yahoo Finance's daily chart through yfinance; splits taken back out, dividends beside"
    priority = 100
    price_basis = "raw"
    price_kind = "ohlcv"
    delay_minutes = 30
    capabilities: Mapping[str, int] = {"equity": 5000, "etf": 5000, "fx": 5000, "crypto": 5000}
    requires_entitlement = False
    requests_per_minute = 100
    connections = 4

    def __init__(
        self,
        base_url: str | None = None,
        limits: Limits | None = None,
        today: Callable[[], date] = lambda: datetime.now(UTC).date(),
    ) -> None:
        """base_url: a server that stands for every host of Yahoo's, in tests."""
        self.base_url = base_url
        self.limits = limits or Limits()
        self.today = today
        self._pace = Pace(self.requests_per_minute)
        self._data: tuple[Any, str] | None = None
        self._lock = threading.Lock()

    def ask(self, symbol: str, asset_class: str, window: Window) -> Exchange:
        """One answer: the chart from the window's first day to tomorrow, with its events."""

        def talk(conversation: Conversation) -> None:
            asked = wire_symbol(symbol, asset_class)
            data, host = self._client()
            parameters = {
                # A day of London's summer begins on the evening before, by UTC; `read` keeps the window's.
                "period1": _second(window.first - timedelta(days=1)),
                "period2": _second(max(window.last, self.today()) + timedelta(days=2)),
                "interval": "1d",
                "events": "div,splits",
                "includeAdjustedClose": "true",
            }
            conversation.get("chart", lambda: data.get(f"{host}{CHART}{asked}", params=parameters))

        return wire.ask(self.limits, self._pace, talk)

    def read(self, symbol: str, asset_class: str, window: Window, answers: Sequence[Answer]) -> SymbolBars:
        """The rows of the window, raw. Raises: Unreadable."""
        chart = _chart(answers, wire_symbol(symbol, asset_class))
        rows = _rows(chart)
        splits, dividends = _splits(chart), _dividends(chart, window)
        ratio = _ratio_after(rows["session"], splits)
        for name in ("open", "high", "low", "close"):
            rows[name] = _on_tick(rows[name].to_numpy("float64") * ratio)
        rows["volume"] = rows["volume"].to_numpy("float64") / ratio
        asked = rows["session"].between(pd.Timestamp(window.first), pd.Timestamp(window.last)) | rows["session"].isna()
        paid = [(ex_date, amount * _after(ex_date, splits)) for ex_date, amount in dividends]
        kept = rows[asked].reset_index(drop=True)
        return SymbolBars(symbol, kept, stated.actions(kept, splits, paid))

    def _client(self) -> tuple[Any, str]:
        with self._lock:
            self._data = self._data or _library(self)
            return self._data


def _library(yahoo: Yahoo) -> tuple[Any, str]:
    """(yfinance's way to Yahoo over a bounded session, the host of charts). Raises: Failed without the package."""
    try:
        import yfinance
        from curl_cffi import requests as curl
        from yfinance.const import _BASE_URL_
        from yfinance.data import YfData
    except ImportError:
        raise Failed("NOT_INSTALLED", "yfinance is not installed: pip install 'mini-quant-fund[data]'") from None

    class Bounded(curl.Session[Any]):
        """Reads no more than it may, follows a chart's redirect nowhere, hands charts to their conversation."""

        def request(self, method: Any, url: str, *arguments: Any, **options: Any) -> Any:
            is_chart = CHART in url
            if yahoo.base_url is not None:
                url = yahoo.base_url + "/" + url.split("/", 3)[3] if url.count("/") > 2 else yahoo.base_url
            limits = yahoo.limits
            options |= {"stream": True, "timeout": (limits.connect_seconds, limits.read_seconds)}
            if is_chart:
                options["allow_redirects"] = False
            response = super().request(method, url, *arguments, **options)
            try:
                chunks = response.iter_content()
                if is_chart:
                    # curl has unpacked it already; of a damaged one it gives nothing.
                    headers = {k: v for k, v in response.headers.items() if v and k.lower() != "content-encoding"}
                    response.content = CONVERSATION.get().take(response.status_code, headers, chunks, response.url)
                else:
                    response.content = wire.bounded(chunks, limits)
            finally:
                response.close()
            return response

    class Once(YfData):  # type: ignore[misc]
        """Its cookie and crumb; a refusal is not asked again with another cookie (ruling F8)."""

        def _make_request(self, url: str, request_method: Any, params: Any = None, **_: Any) -> Any:
            try:
                crumb, _ = self._get_cookie_and_crumb()
            except Exception:  # whatever its cookie page was; a chart is answered without one, or says so
                crumb = None
            return request_method(url=url, params={**params, **({"crumb": crumb} if crumb else {})})

    folder = settings.load().runner_home / "yfinance"
    folder.mkdir(parents=True, exist_ok=True)
    yfinance.set_tz_cache_location(str(folder))
    return Once(session=Bounded(impersonate="chrome")), _BASE_URL_


def _second(when: date) -> int:
    return int(datetime.combine(when, time(), UTC).timestamp())


def _chart(answers: Sequence[Answer], symbol: str) -> dict[str, Any]:
    documents = list(wire.pages(answers, "chart"))
    try:
        (chart,) = documents[0]["chart"]["result"]
        told = chart["meta"]["symbol"]
    except (LookupError, TypeError, ValueError):
        raise Unreadable("no chart in the answer") from None
    if told != symbol:
        raise Unreadable(f"it is of {str(told)[:40]!r}, not {symbol}")
    wire.require_dollars(chart["meta"].get("currency"), "prices")
    if chart["meta"].get("dataGranularity") != "1d":
        raise Unreadable(f"bars of {str(chart['meta'].get('dataGranularity'))[:20]}, not of a day")
    return dict(chart)


def _rows(chart: Mapping[str, Any]) -> pd.DataFrame:
    """Rows as sent: split-adjusted; session is the exchange's date of the bar's instant."""
    stamps = chart.get("timestamp") or []
    try:
        zone = ZoneInfo(chart["meta"]["exchangeTimezoneName"])
        (quote,) = chart["indicators"]["quote"]
        columns = {name: quote.get(name) or [] for name in ("open", "high", "low", "close", "volume")}
        adjusted = chart["indicators"].get("adjclose") or [{}]
        columns["adj_close"] = adjusted[0].get("adjclose") or columns["close"]
        sessions = [datetime.fromtimestamp(stamp, zone).date() for stamp in stamps]
    except (LookupError, TypeError, ValueError, AttributeError, OverflowError, OSError, ZoneInfoNotFoundError):
        raise Unreadable("no bars in the chart") from None
    if any(not isinstance(values, list) or len(values) != len(stamps) for values in columns.values()):
        raise Unreadable("columns of different lengths")
    if len(sessions) > 1 and sessions[-1] == sessions[-2]:
        # The day at hand comes twice after its close, the second time as it stands now.
        del sessions[-2]
        columns = {name: [*values[:-2], values[-1]] for name, values in columns.items()}
    return wire.frame(sessions, columns)


def _events(chart: Mapping[str, Any], kind: str) -> Iterator[tuple[date, Mapping[str, Any]]]:
    try:
        zone = ZoneInfo(chart["meta"]["exchangeTimezoneName"])
        for event in ((chart.get("events") or {}).get(kind) or {}).values():
            yield datetime.fromtimestamp(event["date"], zone).date(), event
    except (LookupError, TypeError, ValueError, AttributeError, OverflowError, OSError):
        raise Unreadable(f"{kind} that cannot be read") from None


def _splits(chart: Mapping[str, Any]) -> list[tuple[date, float]]:
    found = []
    for ex_date, event in _events(chart, "splits"):
        shares = wire.ratio(event.get("numerator"), event.get("denominator"))
        if not shares > 0:
            raise Unreadable(f"a split on {ex_date} of {shares:g} for one")
        found.append((ex_date, shares))
    return sorted(found)


def _dividends(chart: Mapping[str, Any], window: Window) -> list[tuple[date, float]]:
    found = []
    for ex_date, event in _events(chart, "dividends"):
        if window.first <= ex_date <= window.last:
            wire.require_dollars(event.get("currency"), f"a dividend on {ex_date}")
            found.append((ex_date, wire.number(event.get("amount"))))
    return sorted(found)


def _after(when: date, splits: Sequence[tuple[date, float]]) -> float:
    """The product of the splits that came after a date."""
    return float(np.prod([ratio for ex_date, ratio in splits if ex_date > when]))


def _ratio_after(sessions: pd.Series, splits: Sequence[tuple[date, float]]) -> np.ndarray:
    ratio = np.ones(len(sessions))
    for ex_date, factor in splits:
        ratio *= np.where(sessions < pd.Timestamp(ex_date), factor, 1.0)
    return ratio


def _on_tick(prices: np.ndarray) -> np.ndarray:
    """The tick where a price is one within single precision, else the price."""
    found = prices.copy()
    for tick in reversed(_TICKS):
        # A quotient of whole numbers, so that 125.01 is the double nearest to it.
        ticks = np.round(prices / tick)
        nearest = ticks / round(1 / tick)
        found = np.where(np.abs(nearest - prices) <= _SINGLE * np.abs(prices), nearest, found)
    return found
