"""Features against TA-Lib and pandas, on every symbol of the sample: never against our own output."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest
import talib

from runner import db, ingest, providers, settings
from tests.runner import features_world as market

#: Relative to the close, for everything TA-Lib gives in price units.
TOLERANCE = 1e-9


@pytest.fixture(scope="module")
def features(fresh: object) -> Iterator[pd.DataFrame]:
    """features.features of the whole sample with the adjusted high and low beside it, ordered by symbol and session."""
    pytest.importorskip("bokeh_sampledata")
    name = fresh()  # type: ignore[operator]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "DATABASE", name)
        market.statement("select ops.advance_clock('2013-02-27 21:31:00+00')")
        with db.connect("fund_ingestor", autocommit=True) as connection:
            ingest.run(connection, providers.named("sample"))
        market.build(full_refresh=True, select="+features.features")
        found = market.rows(
            "select f.*, f.carried[1] as factor, h.high * f.carried[1] as high_adj, h.low * f.carried[1] as low_adj"
            " from features.features as f join market.price_history as h using (symbol, session)"
            " order by f.symbol, f.session"
        )
    yield pd.DataFrame(found)
    with db.connect(db.DEPLOYER, autocommit=True, dbname="postgres") as connection:
        db.execute_text(connection, "drop", f"drop database {name} with (force)")


def _each(features: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    groups = list(features.groupby("symbol", sort=True))
    assert len(groups) >= 25
    yield from groups


def _close_to(symbol: str, ours: pd.Series, oracle: np.ndarray, scale: np.ndarray) -> None:
    """Defined on the same rows, and there within TOLERANCE of `scale`."""
    mine = ours.to_numpy(dtype=float, na_value=np.nan)
    assert np.array_equal(np.isnan(mine), np.isnan(oracle)), (symbol, ours.name)
    error = np.abs(mine - oracle) / scale
    assert np.nanmax(np.append(error, 0.0)) < TOLERANCE, (symbol, ours.name, float(np.nanmax(error)))


def _windows_sd(values: np.ndarray, window: int, ddof: int) -> np.ndarray:
    """Each window's deviation from scratch: pandas' rolling one carries 1e-8 into a flat stretch."""
    found = np.full(len(values), np.nan)
    if len(values) >= window:
        found[window - 1 :] = np.lib.stride_tricks.sliding_window_view(values, window).std(axis=1, ddof=ddof)
    return found


def test_rsi_macd_bands_atr_are_talibs(features: pd.DataFrame) -> None:
    """RSI 14, MACD 12/26/9, Bollinger 20/2, ATR 14 on every row TA-Lib defines."""
    with_range = 0
    for symbol, rows in _each(features):
        close = rows["close_adj"].to_numpy()
        _close_to(symbol, rows["rsi_14"], talib.RSI(close, 14), np.full(len(close), 100.0))
        for name, line in zip(("macd", "macd_signal", "macd_hist"), talib.MACD(close, 12, 26, 9), strict=True):
            _close_to(symbol, rows[name], line, close)
        bands = talib.BBANDS(close, 20, 2, 2, 0)
        for name, line in zip(("bb_upper_20", "bb_middle_20", "bb_lower_20"), bands, strict=True):
            _close_to(symbol, rows[name], line, close)
        _close_to(symbol, rows["sma_200"], talib.SMA(close, 200), close)
        if (rows["price_kind"] == "ohlcv").all():
            with_range += 1
            high, low = rows["high_adj"].to_numpy(dtype=float), rows["low_adj"].to_numpy(dtype=float)
            _close_to(symbol, rows["atr_14"], talib.ATR(high, low, close, 14), close)
        else:
            assert rows["atr_14"].isna().all()
    assert with_range >= 8


def test_the_rest_is_pandas(features: pd.DataFrame) -> None:
    """Momentum, volatility, drawdown by pandas; deviations of prices by numpy, window by window."""
    for symbol, rows in _each(features):
        close = rows["close_adj"].reset_index(drop=True)
        returns = np.log(close / close.shift())
        one = np.ones(len(close))
        for h in (21, 63, 252):
            _close_to(symbol, rows[f"momentum_{h}"], np.log(close / close.shift(h)).to_numpy(), one)
        for h in (20, 63):
            oracle = returns.rolling(h).std() * np.sqrt(252)
            _close_to(symbol, rows[f"realized_vol_{h}"], oracle.to_numpy(), one)
        _close_to(symbol, rows["sd_252"], returns.rolling(252).std().to_numpy(), one)
        _close_to(symbol, rows["sd_20"], _windows_sd(close.to_numpy(), 20, ddof=0), close.to_numpy())
        _close_to(symbol, rows["drawdown_252"], (1 - close / close.rolling(253).max()).to_numpy(), one)
        hist = rows["macd_hist"].astype(float).reset_index(drop=True)
        _close_to(symbol, rows["macd_hist_sd_126"], _windows_sd(hist.to_numpy(), 126, ddof=1), close.to_numpy())


def test_a13_beta_is_the_least_squares_slope(features: pd.DataFrame) -> None:
    """Beta by numpy's polyfit over the pairs of the last 252 rows, at least 120."""
    closes = features.pivot(index="session", columns="symbol", values="close_adj")
    for symbol, rows in _each(features):
        benchmark = closes[rows["benchmark"].iloc[0]].reindex(rows["session"]).reset_index(drop=True)
        market_return = benchmark / benchmark.shift() - 1
        _close_to(symbol, rows["market_return"], market_return.to_numpy(), np.ones(len(rows)))
        own = rows["close_adj"].reset_index(drop=True).pct_change()
        pairs = pd.DataFrame({"x": market_return, "y": own})
        ours = rows["beta_252"].to_numpy(dtype=float, na_value=np.nan)
        for end in range(100, len(pairs), 397):
            window = pairs.iloc[max(0, end - 251) : end + 1].dropna()
            if len(window) < 120:
                assert np.isnan(ours[end]), (symbol, end)
            else:
                slope = np.polyfit(window["x"], window["y"], 1)[0]
                assert ours[end] == pytest.approx(slope, abs=1e-8), (symbol, end)


def test_f9_the_series_is_the_product_of_the_factors(features: pd.DataFrame) -> None:
    """Factor 1 at the first session, close x factor everywhere, AAPL's two splits in its last factor."""
    for _symbol, rows in _each(features):
        assert rows["factor"].iloc[0] == 1.0
        assert (rows["close_adj"] == rows["close"] * rows["factor"]).all()
    apple = features[features["symbol"] == "AAPL"]
    assert 4.0 <= apple["factor"].iloc[-1] < 4.2  # 2:1 of 2000 and of 2005, and two dividends


def test_known_at_only_rises_and_is_not_before_the_bar(features: pd.DataFrame) -> None:
    """The gate refuses a row known after its as-of instant; a running maximum can never fall."""
    for symbol, rows in _each(features):
        known = list(rows["known_at"])
        assert known == sorted(known), symbol
        assert all(k.date() >= s for k, s in zip(rows["known_at"], rows["session"], strict=True)), symbol
