"""VaR and CVaR against hand-computed tables and independent computations; what has no number says why (A9-A11, F18)."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runner.models import parameters_from
from runner.risk.measures import (
    EMPTY_BOOK,
    MeasureParameters,
    book_measure,
    ewma_volatility,
    history,
    measure,
    measure_each,
    simple_returns,
    tail,
    tails,
)
from tests.runner.world import config

PARAMETERS = parameters_from(MeasureParameters, config().risk)


def returns(sessions: int = 400, names: int = 3, seed: int = 4) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 0.01, (sessions, names))


def known(matrix, held=None, active=None, in_book=None, sectors=None, betas=None, benchmark=None):
    count = matrix.shape[1]
    return history(
        matrix,
        np.ones(count, bool) if in_book is None else np.array(in_book),
        np.zeros(count, bool) if held is None else np.array(held),
        np.ones(count, bool) if active is None else np.array(active),
        sectors or ("A",) * count,
        np.ones(count) if betas is None else np.array(betas),
        benchmark,
        PARAMETERS,
    )


@pytest.mark.parametrize(
    ("losses", "level", "var", "cvar"),
    [
        (range(1, 21), 0.95, 19.0, 20.0),  # mass 1: the worst alone; the boundary is the next
        (range(1, 11), 0.95, 10.0, 10.0),  # mass 0.5: half of the worst
        (range(1, 31), 0.95, 29.0, (30 + 0.5 * 29) / 1.5),  # mass 1.5: the worst and half of the next
        ([5, 5, 5, 1] * 10, 0.95, 5.0, 5.0),  # ties
        ([-3.0] * 40, 0.95, -3.0, -3.0),  # a book that only gains
        (range(1, 101), 0.99, 99.0, 100.0),
    ],
)
def test_a11_tail_is_the_hand_computed_one(losses, level, var, cvar):
    assert tail(np.array(losses, dtype=float), level) == pytest.approx((var, cvar))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.floats(-1, 1), min_size=20, max_size=200), st.sampled_from([0.9, 0.95, 0.99]))
def test_a11_cvar_is_rockafellar_s_minimum_and_never_below_var(losses, level):
    """CVaR = min over t of t + E[(L - t)+] / (1 - level), attained at an observation (Rockafellar & Uryasev 2000)."""
    array = np.array(losses)
    var, cvar = tail(array, level)
    minimum = min(t + np.maximum(array - t, 0).mean() / (1 - level) for t in array)
    assert cvar == pytest.approx(minimum, abs=1e-9)
    assert cvar >= var - 1e-12
    assert (array <= var).mean() >= level - 1e-12


@pytest.mark.parametrize("sessions", [1, 19, 250, 251, 1260])
def test_a11_many_books_are_measured_as_one_by_one_by_a_whole_sort_to_the_bit(sessions):
    """Only the tail is sorted, of all rows together; the reference sorts all of each row, as the formula reads."""
    losses = np.random.default_rng(sessions).standard_t(4, (9, sessions)).round(3)
    boundary, mean = tails(losses, 0.95)
    for row, var, cvar in zip(losses, boundary, mean, strict=True):
        ordered = np.sort(row)[::-1]
        mass = round(0.05 * sessions, 9)
        whole = min(int(mass), sessions - 1)
        worst = float(ordered[:whole].sum()) + (mass - whole) * float(ordered[whole])
        assert (var, cvar) == (ordered[whole], worst / mass) == tail(row, 0.95)


def test_many_measures_are_each_its_own_and_one_without_a_figure_spoils_no_other():
    books = np.random.default_rng(2).standard_t(4, (6, 300)) * 0.01
    books[1, 7], books[2], books[4, 0] = np.nan, 0.0, np.inf
    together = measure_each(books, PARAMETERS)
    assert together == [measure(row, PARAMETERS) for row in books]
    assert [one.reason for one in together] == [
        "",
        "RETURNS_NOT_FINITE",
        "ZERO_VOLATILITY",
        "",
        "RETURNS_NOT_FINITE",
        "",
    ]
    assert together[3].cvar is not None
    assert {one.reason for one in measure_each(books[:, :249], PARAMETERS)} == {"TOO_FEW_SESSIONS:249"}
    assert {one.reason for one in measure_each(books, PARAMETERS, "WHY")} == {"WHY"}


def test_a10_ewma_is_pandas_recursion_from_the_start_variance():
    series = returns(300, 1)[:, 0]
    first = np.var(series[:60], ddof=1)
    squares = pd.Series(np.concatenate(([first], series**2)))
    expected = np.sqrt(squares.ewm(alpha=0.06, adjust=False).mean().to_numpy())
    assert ewma_volatility(series, 0.94, 60) == pytest.approx(expected, rel=1e-12)


def test_a9_both_estimators_are_stored_and_the_larger_counts():
    calm_then_wild = np.concatenate((returns(400, 1)[:, 0], returns(60, 1, seed=9)[:, 0] * 4))
    figures = measure(calm_then_wild, PARAMETERS)
    volatility = ewma_volatility(calm_then_wild, 0.94, 60)
    rescaled = -calm_then_wild / volatility[:-1] * volatility[-1]
    assert (figures.var_historical, figures.cvar_historical) == pytest.approx(tail(-calm_then_wild, 0.95))
    assert (figures.var_filtered, figures.cvar_filtered) == pytest.approx(tail(rescaled, 0.95))
    assert figures.cvar == figures.cvar_filtered > figures.cvar_historical
    assert figures.var == max(figures.var_historical, figures.var_filtered)


@pytest.mark.parametrize(
    ("book", "reason"),
    [
        (np.empty(0), "TOO_FEW_SESSIONS:0"),
        (returns(249, 1)[:, 0], "TOO_FEW_SESSIONS:249"),
        (np.append(returns(300, 1)[:, 0], np.nan), "RETURNS_NOT_FINITE"),
        (np.append(returns(300, 1)[:, 0], np.inf), "RETURNS_NOT_FINITE"),
        (np.zeros(300), "ZERO_VOLATILITY"),
    ],
)
def test_what_the_data_do_not_support_is_none_with_its_reason(book, reason):
    figures = measure(book, PARAMETERS)
    assert (figures.var, figures.cvar, figures.reason) == (None, None, reason)


def test_250_sessions_are_enough():
    assert measure(returns(250, 1)[:, 0], PARAMETERS).cvar is not None


def test_f18_an_empty_book_loses_nothing():
    assert book_measure(np.zeros(3), known(returns()), PARAMETERS) == EMPTY_BOOK
    assert EMPTY_BOOK.var == EMPTY_BOOK.cvar == 0.0


def test_the_measure_is_linear_in_the_weights():
    matrix, weights = returns(), np.array([0.3, -0.2, 0.1])
    one, half = (book_measure(weights * k, known(matrix), PARAMETERS) for k in (1.0, 0.5))
    assert half.cvar == pytest.approx(one.cvar / 2)
    assert half.var == pytest.approx(one.var / 2)


def test_simple_returns_do_not_cross_a_missing_day():
    closes = np.array([[100.0], [110.0], [np.nan], [121.0], [-1.0], [121.0]])
    got = simple_returns(closes)[:, 0]
    assert got[0] == pytest.approx(0.1)
    assert np.isnan(got[1:]).all()


def test_a9b_sessions_are_common_and_a_missing_day_is_not_filled():
    matrix = returns(400)
    matrix[10, 0] = matrix[20, 1] = np.nan
    both = known(matrix)
    assert both.returns.shape == (398, 3)
    assert known(matrix, in_book=[True, False, False]).returns.shape == (399, 1)
    assert both.reason == ""


def test_a9c_a_name_with_too_short_a_history_is_refused_and_the_rest_measured():
    matrix = returns(400)
    matrix[:200, 1] = np.nan
    got = known(matrix)
    assert got.refused == (1,)
    assert got.names.tolist() == [0, 2]
    assert got.returns.shape == (400, 2)


def test_a9c_where_only_the_common_sessions_are_too_few_the_shortest_goes_once():
    matrix = returns(400)
    matrix[:140, 0] = matrix[-130:, 2] = np.nan
    got = known(matrix)
    assert got.refused == (0,)
    assert got.reason == ""
    held = known(matrix, held=[True, True, True])
    assert held.refused == ()
    assert held.reason == "TOO_FEW_SESSIONS:130"
    assert book_measure(np.full(3, 0.1), held, PARAMETERS).cvar is None


def test_f18_a_foreign_name_uses_its_own_history_where_it_has_250_sessions():
    matrix = returns(400)
    matrix[-20:, 2] = np.nan
    got = known(matrix, held=[True, True, True], active=[True, True, False], betas=[1, 1, 1.5])
    assert got.foreign == {2: "OWN"}
    proxy = matrix[:, :2].mean(axis=1) * 1.5
    assert got.returns[:380, 2] == pytest.approx(matrix[:380, 2])
    assert got.returns[380:, 2] == pytest.approx(proxy[380:])


def test_f18_else_its_sector_s_mean_times_at_least_one_and_else_the_benchmark():
    matrix = returns(400)
    matrix[:300, 2] = np.nan
    market = returns(400, 1, seed=8)[:, 0]
    by_sector = known(matrix, held=[True] * 3, active=[True, True, False], betas=[1, 1, 0.4], sectors=("A", "B", "A"))
    assert by_sector.foreign == {2: "SECTOR"}
    assert by_sector.returns[:, 2] == pytest.approx(matrix[:, 0])
    alone = known(
        matrix,
        held=[True] * 3,
        active=[True, True, False],
        betas=[1, 1, np.nan],
        sectors=("A", "B", "C"),
        benchmark=market,
    )
    assert alone.foreign == {2: "BENCHMARK"}
    assert alone.returns[:, 2] == pytest.approx(market)
    nothing = known(matrix, held=[True] * 3, active=[True, True, False], sectors=("A", "B", "C"))
    assert nothing.foreign == {2: "NONE"}
    assert nothing.reason == "TOO_FEW_SESSIONS:0"


def test_weight_without_history_has_no_figure():
    got = known(returns(), in_book=[True, True, False])
    assert book_measure(np.array([0.1, 0.1, 0.1]), got, PARAMETERS).reason == "WEIGHT_WITHOUT_HISTORY"
