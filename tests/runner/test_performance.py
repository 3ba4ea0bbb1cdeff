"""What returns were worth: against pandas and scipy, by hand where neither says it, and where nothing can be said."""

from __future__ import annotations

import math
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from runner import performance

RATE = 0.02
BEGIN = date(2019, 12, 30)


def days(count: int) -> list[date]:
    return [BEGIN + timedelta(days=k) for k in range(count)]


def walk(count: int, seed: int = 7) -> np.ndarray:
    return np.random.default_rng(seed).normal(0.0005, 0.01, count)


def test_figures_of_a_year_are_those_of_pandas() -> None:
    returns = walk(500)
    found = performance.figures(returns, days(501), RATE)
    series = pd.Series(returns)
    index = pd.concat([pd.Series([1.0]), (1 + series).cumprod()], ignore_index=True)
    falls = index / index.cummax() - 1
    excess = series - RATE / 252
    assert found.total_return == pytest.approx(index.iloc[-1] - 1, rel=1e-12)
    assert found.annual_return == pytest.approx(index.iloc[-1] ** (252 / 500) - 1, rel=1e-12)
    assert found.volatility == pytest.approx(series.std() * 252**0.5, rel=1e-12)
    assert found.sharpe == pytest.approx(excess.mean() / excess.std() * 252**0.5, rel=1e-10)
    downside = (excess.clip(upper=0) ** 2).mean() ** 0.5
    assert found.sortino == pytest.approx(excess.mean() / downside * 252**0.5, rel=1e-10)
    assert found.max_drawdown == pytest.approx(-falls.min(), rel=1e-12)
    trough = int(falls.idxmin())
    assert found.drawdown_to == days(501)[trough]
    assert found.drawdown_from == days(501)[int(index[: trough + 1].idxmax())]
    assert found.calmar == pytest.approx(found.annual_return / found.max_drawdown)
    assert (found.best_session, found.worst_session) == (series.max(), series.min())
    assert found.positive_share == pytest.approx((series > 0).mean())


def test_a_drawdown_names_its_peak_trough_and_recovery() -> None:
    # Index 1, 1.1, 0.99, 1.089, 1.1979: the peak at the second day, the trough at the third, made good at the fifth.
    found = performance.figures(np.array([0.1, -0.1, 0.1, 0.1]), days(5), RATE)
    assert found.max_drawdown == pytest.approx(0.1)
    assert (found.drawdown_from, found.drawdown_to, found.recovered) == (days(5)[1], days(5)[2], days(5)[4])
    # A fall from the very first day, and one that was never made good.
    found = performance.figures(np.array([-0.2, 0.1]), days(3), RATE)
    assert (found.drawdown_from, found.drawdown_to, found.recovered) == (days(3)[0], days(3)[1], None)


def test_what_the_data_do_not_support_is_none() -> None:
    few = performance.figures(walk(performance.SESSIONS_MIN - 1), days(performance.SESSIONS_MIN), RATE)
    assert (few.annual_return, few.volatility, few.sharpe, few.sortino, few.calmar) == (None,) * 5
    assert few.total_return is not None and few.max_drawdown is not None
    none = performance.figures(np.array([]), days(1), RATE)
    assert none.sessions == 0 and none.total_return is None and none.worst_session is None
    flat = performance.figures(np.zeros(50), days(51), RATE)
    assert (flat.sharpe, flat.calmar, flat.max_drawdown, flat.drawdown_from) == (None, None, 0, None)
    assert flat.volatility == 0
    ruined = performance.figures(np.array([-1.0, *[0.0] * 30]), days(32), RATE)
    assert (ruined.total_return, ruined.annual_return, ruined.max_drawdown) == (-1, -1, 1)


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_return_that_is_none_is_refused(bad: float) -> None:
    with pytest.raises(ValueError, match="not finite"):
        performance.figures(np.array([0.1, bad]), days(3), RATE)
    with pytest.raises(ValueError, match="2 returns on 3 sessions"):
        performance.figures(np.array([0.1, 0.1]), days(4), RATE)


def test_the_comparison_is_a_regression_of_excess_returns() -> None:
    x = walk(400, seed=1)
    y = 0.3 * x + walk(400, seed=2)
    y[7], x[9] = math.nan, math.nan
    found = performance.compare(y, x, RATE)
    both = np.isfinite(x) & np.isfinite(y)
    line = stats.linregress(x[both] - RATE / 252, y[both] - RATE / 252)
    assert found.sessions == 398
    assert found.beta == pytest.approx(line.slope, rel=1e-10)
    assert found.alpha == pytest.approx(line.intercept * 252, rel=1e-9)
    assert found.correlation == pytest.approx(line.rvalue, rel=1e-10)
    active = pd.Series(y[both] - x[both])
    assert found.tracking_error == pytest.approx(active.std() * 252**0.5, rel=1e-12)
    assert found.information_ratio == pytest.approx(active.mean() / active.std() * 252**0.5, rel=1e-10)


def test_a_comparison_with_what_does_not_move_has_no_beta() -> None:
    found = performance.compare(walk(100), np.full(100, 0.001), RATE)
    assert (found.beta, found.alpha, found.correlation) == (None, None, None)
    assert found.tracking_error is not None
    itself = performance.compare(walk(100), walk(100), RATE)
    assert itself.beta == pytest.approx(1) and itself.information_ratio is None
    few = performance.compare(walk(10), walk(10), RATE)
    assert few == performance.Comparison(10, None, None, None, None, None)
    with pytest.raises(ValueError, match="beside"):
        performance.compare(walk(10), walk(11), RATE)


def test_cash_earns_the_risk_free_rate_and_owed_cash_pays_it() -> None:
    found = performance.with_cash(np.array([0.01, 0.01, 0.0]), np.array([1.0, -0.5, 0.0]), 0.0252)
    assert found == pytest.approx([0.0101, 0.00995, 0.0])


def test_returns_between_closes_skip_none() -> None:
    found = performance.between([100, 110, None, 99, 99])
    assert found[0] == pytest.approx(0.1)
    assert np.isnan(found[1:3]).all() and found[3] == 0


def test_a_benchmark_without_a_close_moves_with_its_next_one() -> None:
    closes = performance.carried([None, 100, None, 99, 110])
    assert closes == [None, 100, 100, 99, 110]
    assert np.isnan(performance.between(closes)[0])
    assert performance.between(closes)[1:] == pytest.approx([0, -0.01, 1 / 9])
    assert performance.carried([]) == [] and performance.between([]).size == 0


def test_years_and_months_multiply_to_the_whole() -> None:
    when = [date(2019, 12, 30), date(2019, 12, 31), date(2020, 1, 2), date(2020, 2, 3)]
    mine, theirs = np.array([0.1, 0.1, -0.5, 1.0]), np.array([math.nan, 0.2, math.nan, math.nan])
    years = performance.periods(when, mine, theirs)
    assert [(one.name, one.sessions, one.benchmark) for one in years] == [
        ("2019", 2, pytest.approx(0.2)),
        ("2020", 2, None),
    ]
    assert [one.fund for one in years] == pytest.approx([0.21, 0.0])
    months = performance.periods(when, mine, theirs, months=True)
    assert [one.name for one in months] == ["2019-12", "2020-01", "2020-02"]
    assert math.prod(1 + one.fund for one in months if one.fund is not None) == pytest.approx(math.prod(1 + mine))


@given(st.lists(st.floats(-0.5, 0.5), min_size=1, max_size=40))
def test_the_largest_drawdown_is_that_of_every_pair_of_days(moves: list[float]) -> None:
    returns = np.array(moves)
    index = np.concatenate(([1.0], np.cumprod(1 + returns)))
    worst = max(1 - index[j] / index[i] for i in range(index.size) for j in range(i, index.size))
    found = performance.figures(returns, days(index.size), RATE)
    assert found.max_drawdown == pytest.approx(worst, abs=1e-12)
    assert performance.drawdowns(returns).max() == pytest.approx(max(worst, 0), abs=1e-12)
    if found.max_drawdown > 0:
        when = days(index.size)
        i, j = when.index(found.drawdown_from), when.index(found.drawdown_to)
        assert 1 - index[j] / index[i] == pytest.approx(found.max_drawdown)
        if found.recovered is not None:
            assert index[when.index(found.recovered)] >= index[i]
        else:
            assert (index[j:] < index[i]).all()
