"""Splits and dividends from adjusted/raw: known payouts, rounding, and the shapes that must not be mistaken."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from runner.providers.actions import SPLIT_RATIOS, derive
from runner.providers.sample_bokeh import SampleBokeh

#: USD a share by ex-date, from the companies' own dividend histories (as declared, before later splits).
MSFT_PAID = {
    "2003-02-19": 0.08,
    "2003-10-15": 0.16,
    "2004-08-23": 0.08,
    "2004-11-15": 3.08,  # the special dividend of 3.00 with the quarterly 0.08
    "2005-02-15": 0.08,
    "2006-02-15": 0.09,
    "2008-11-18": 0.13,
    "2010-11-16": 0.16,
    "2011-11-15": 0.20,
    "2013-02-19": 0.23,
}
AAPL_PAID = {"2012-08-09": 2.65, "2012-11-07": 2.65, "2013-02-07": 2.65}
IBM_PAID = {"2000-05-08": 0.13, "2003-05-07": 0.16, "2006-05-08": 0.30, "2008-05-07": 0.50, "2013-02-06": 0.85}


def series(symbol: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(sessions, close, adjusted close) of the package's raw series."""
    pytest.importorskip("bokeh_sampledata")
    (payload,) = SampleBokeh().fetch([symbol])
    rows = payload.bars[0].rows
    return rows["session"].to_numpy(), rows["close"].to_numpy(), rows["adj_close"].to_numpy()


@pytest.mark.needs_sample
@pytest.mark.parametrize(
    ("symbol", "splits", "dividends", "paid"),
    [
        ("AAPL", ["2000-06-21", "2005-02-28"], 3, AAPL_PAID),
        ("MSFT", ["2003-02-18"], 37, MSFT_PAID),
        ("IBM", [], 52, IBM_PAID),
        ("GOOG", [], 0, {}),
        ("FB", [], 0, {}),
    ],
)
def test_f9_known_splits_and_payouts(symbol: str, splits: list[str], dividends: int, paid: dict[str, float]) -> None:
    actions = derive(*series(symbol))
    assert [a.ex_date.isoformat() for a in actions if a.kind == "split"] == splits
    assert all(a.factor == 2.0 == a.amount for a in actions if a.kind == "split")
    found = {a.ex_date.isoformat(): a.amount for a in actions if a.kind == "dividend"}
    assert len(found) == dividends
    assert {day: found[day] for day in paid} == pytest.approx(paid, abs=1e-6)


@pytest.mark.needs_sample
def test_f9_a_genuine_fall_is_no_action() -> None:
    sessions, close, _ = series("AAPL")
    day = int(np.flatnonzero(sessions == np.datetime64("2000-09-29"))[0])
    assert close[day] / close[day - 1] < 0.5
    assert date(2000, 9, 29) not in {a.ex_date for a in derive(*series("AAPL"))}


@pytest.mark.needs_sample
@pytest.mark.parametrize("symbol", ["AAPL", "MSFT", "IBM", "GOOG", "FB"])
def test_f9_factors_reproduce_the_adjusted_close(symbol: str) -> None:
    sessions, close, adj_close = series(symbol)
    days = sessions.astype("datetime64[D]")
    factor = np.ones(len(close))
    for action in derive(sessions, close, adj_close):
        factor[days >= np.datetime64(action.ex_date)] *= action.factor
    ours = close * factor
    np.testing.assert_allclose(ours / ours[-1], adj_close / adj_close[-1], rtol=1e-6)


def made(events: dict[int, tuple[float, float]], closes: np.ndarray, decimals: int = 6) -> tuple[np.ndarray, ...]:
    """A series back-adjusted as sources do, then rounded; events: index -> (split ratio, dividend)."""
    factor = np.ones(len(closes))
    for at, (ratio, dividend) in events.items():
        factor[at:] *= ratio * (1.0 + dividend / closes[at])
    sessions = np.datetime64("2010-01-04") + np.arange(len(closes))
    return sessions, closes, np.round(closes * factor / factor[-1], decimals)


@given(
    seed=st.integers(0, 2**32 - 1),
    start=st.floats(20, 900),
    split=st.sampled_from([0.0, 2.0, 3.0, 1.5, 7.0, 0.1, 1.1, 20.0]),
    dividend=st.floats(0.05, 3.0),
)
def test_rounding_is_never_taken_for_an_action(seed: int, start: float, split: float, dividend: float) -> None:
    closes = np.round(start * np.exp(np.cumsum(np.random.default_rng(seed).normal(0, 0.02, 60))), 2)
    # A tenth of the price paid out is a step of 11 for 10, by which nobody can tell it from that split.
    assume(np.abs((1.0 + dividend / closes[20]) / np.array(SPLIT_RATIOS, dtype=float) - 1.0).min() > 1e-5)
    events = {20: (1.0, dividend)}
    if split:
        closes[40:] = np.maximum(np.round(closes[40:] / split, 2), 1.0)
        events[40] = (split, 0.0)
    found = derive(*made(events, closes))
    assert [a.kind for a in found] == ["dividend"] + ["split"] * (split > 0)
    assert found[0].amount == pytest.approx(dividend, rel=0.01)
    if split:
        assert found[1].factor == split


def test_a_split_and_a_dividend_of_one_date_are_two_actions() -> None:
    closes = np.array([100.0, 101.0, 50.2, 50.4])
    found = derive(*made({2: (2.0, 0.5)}, closes))
    assert [(a.kind, a.ex_date) for a in found] == [("split", date(2010, 1, 6)), ("dividend", date(2010, 1, 6))]
    assert found[0].factor == 2.0
    assert found[1].amount == pytest.approx(0.5, abs=1e-4)


def test_an_odd_large_step_is_a_split_of_its_own_ratio() -> None:
    """A spin-off restates like a split; no small ratio is within rounding of it, so it is kept as it is."""
    (found,) = derive(*made({2: (1.73, 0.0)}, np.array([100.0, 101.0, 58.4, 58.0])))
    assert found.kind == "split"
    assert found.factor == pytest.approx(1.73, rel=1e-6)


def test_rows_without_a_price_are_passed_over() -> None:
    sessions, close, adj_close = made({3: (2.0, 0.0)}, np.array([100.0, 100.0, 100.0, 50.0, 50.0]))
    close[1], adj_close[2] = np.nan, 0.0
    assert [(a.kind, a.factor) for a in derive(sessions, close, adj_close)] == [("split", 2.0)]
    assert derive(sessions[:1], close[:1], adj_close[:1]) == ()
