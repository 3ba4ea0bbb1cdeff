"""Volatilities against pandas, scikit-learn and matrices written out; what the data do not support (A14, B1)."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.covariance import EmpiricalCovariance

from runner.models import parameters_from
from runner.risk.volatility import (
    VolatilityParameters,
    all_correlations_one,
    annual,
    book_beta,
    book_volatility,
    standing,
)
from tests.runner.world import config

PARAMETERS = parameters_from(VolatilityParameters, config().risk, config().fund)


def returns(count: int = 60, names: int = 5, seed: int = 2) -> np.ndarray:
    generator = np.random.default_rng(seed)
    return generator.normal(0, 0.01, (count, 1)) + generator.normal(0, 0.01, (count, names))


def test_annual_is_pandas_rolling_deviation():
    series = returns(100, 1)[:, 0]
    assert annual(series, PARAMETERS) == pytest.approx(pd.Series(series).rolling(21).std().iloc[-1] * np.sqrt(252))


def test_annual_by_hand():
    """Eleven returns of +1 % and -1 %: squares sum to 11 e-4 less 11 mean^2, over 10."""
    series = np.array([0.01, -0.01] * 5 + [0.01])
    assert annual(series, PARAMETERS) == pytest.approx(np.sqrt((11e-4 - 11 * (0.01 / 11) ** 2) / 10 * 252))
    assert annual(np.full(21, 0.0), PARAMETERS) == 0.0


@pytest.mark.parametrize(
    ("series", "known"),
    [
        (np.empty(0), False),
        (np.full(10, 0.01), False),
        (np.full(11, 0.01), True),
        (np.array([0.01] * 300 + [np.nan] * 11), False),
        (np.array([0.01] * 300 + [np.nan] * 10), True),
        (np.array([0.01] * 20 + [np.inf]), False),
        (np.array([-np.inf] + [0.01] * 21), True),
    ],
)
def test_b1_eleven_sessions_of_the_last_twenty_one(series, known):
    assert (annual(series, PARAMETERS) is not None) is known


def test_the_book_s_is_the_quadratic_form_of_scikit_learn_s_covariance():
    matrix, weights = returns(21), np.array([0.3, -0.2, 0.1, 0.0, 0.05])
    covariance = EmpiricalCovariance().fit(matrix).covariance_ * 21 / 20  # scikit-learn divides by n
    assert covariance == pytest.approx(np.cov(matrix, rowvar=False), rel=1e-10)
    expected = np.sqrt(weights @ covariance @ weights * 252)
    assert book_volatility(weights, matrix, PARAMETERS) == pytest.approx(expected, rel=1e-10)


def test_the_book_s_uses_common_sessions_of_the_names_it_holds():
    matrix = returns(21)
    matrix[3, 0], matrix[8, 1], matrix[:, 4] = np.nan, np.nan, np.nan
    weights = np.array([0.3, -0.2, 0.1, 0.0, 0.0])
    kept = np.delete(matrix, [3, 8], axis=0)[:, :3] @ weights[:3]
    assert book_volatility(weights, matrix, PARAMETERS) == pytest.approx(np.std(kept, ddof=1) * np.sqrt(252))


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_book_the_data_do_not_support_has_none(bad):
    matrix = returns(21)
    assert book_volatility(np.array([0.1, bad, 0, 0, 0]), matrix, PARAMETERS) is None
    assert all_correlations_one(np.array([0.1, bad, 0, 0, 0]), matrix, PARAMETERS) is None
    matrix[:, 1] = bad
    assert book_volatility(np.array([0.1, 0.1, 0, 0, 0]), matrix, PARAMETERS) is None
    assert all_correlations_one(np.array([0.1, 0.1, 0, 0, 0]), matrix, PARAMETERS) is None
    assert book_volatility(np.array([0.1, 0.0, 0, 0, 0]), matrix, PARAMETERS) is not None
    assert book_volatility(np.array([0.1, 0.0, 0, 0, 0]), np.empty((0, 5)), PARAMETERS) is None
    assert all_correlations_one(np.array([0.1, 0.0, 0, 0, 0]), np.empty((0, 5)), PARAMETERS) is None
    assert book_volatility(np.zeros(5), matrix, PARAMETERS) == 0.0
    assert all_correlations_one(np.zeros(5), matrix, PARAMETERS) == 0.0


def test_infinities_that_cancel_are_no_missing_session():
    matrix = returns(21)
    matrix[3, :2] = np.inf
    assert book_volatility(np.array([0.1, -0.1, 0, 0, 0]), matrix, PARAMETERS) is None


def calm(count: int, scale: float) -> np.ndarray:
    return np.random.default_rng(5).normal(0, scale, count)


def test_b1_the_larger_of_the_fund_s_and_the_benchmark_s():
    weights, matrix = np.full(5, 0.1), returns(60)
    loud = standing(calm(60, 0.02), weights, matrix, calm(60, 0.01), PARAMETERS)
    assert loud.used == loud.nav == annual(calm(60, 0.02), PARAMETERS)
    quiet = standing(calm(60, 0.001), weights, matrix, calm(60, 0.01), PARAMETERS)
    assert quiet.used == quiet.benchmark > quiet.nav
    assert quiet.book == book_volatility(weights, matrix, PARAMETERS)


def test_b1_the_target_book_stands_in_for_a_young_nav():
    weights, matrix = np.full(5, 0.4), returns(60)
    young = standing(calm(10, 0.9), weights, matrix, calm(60, 0.001), PARAMETERS)
    assert (young.nav, young.used, young.reason) == (None, young.book, "")
    assert standing(calm(11, 0.9), weights, matrix, calm(60, 0.001), PARAMETERS).used > 10


def test_i17_an_unknown_side_leaves_none():
    weights, matrix, index = np.full(5, 0.1), returns(60), calm(60, 0.01)
    unknown = standing(np.empty(0), weights, np.full((60, 5), np.nan), index, PARAMETERS)
    assert (unknown.used, unknown.reason) == (None, "OWN_VOLATILITY_UNKNOWN")
    unknown = standing(index, weights, matrix, np.full(60, np.nan), PARAMETERS)
    assert (unknown.used, unknown.reason) == (None, "BENCHMARK_UNKNOWN")


def test_all_correlations_one_is_a_matrix_of_ones():
    matrix, weights = returns(60), np.array([0.3, -0.2, 0.1, 0.0, 0.05])
    sized = np.abs(weights) * matrix.std(axis=0, ddof=1)
    expected = np.sqrt(sized @ np.ones((5, 5)) @ sized * 252)
    assert all_correlations_one(weights, matrix, PARAMETERS) == pytest.approx(expected, rel=1e-12)


def test_all_correlations_one_takes_each_name_by_its_own_sessions():
    matrix = returns(60)
    matrix[:40, 1], matrix[7, 2] = np.nan, np.nan
    expected = 0.1 * (np.std(matrix[40:, 1], ddof=1) + np.std(np.delete(matrix[:, 2], 7), ddof=1)) * np.sqrt(252)
    assert all_correlations_one(np.array([0, -0.1, 0.1, 0, 0]), matrix, PARAMETERS) == pytest.approx(expected)


def test_a_hedge_is_none_when_all_move_as_one():
    matrix = np.repeat(returns(60, 1), 2, axis=1)
    assert book_volatility(np.array([0.5, -0.5]), matrix, PARAMETERS) == pytest.approx(0.0, abs=1e-12)
    assert all_correlations_one(np.array([0.5, -0.5]), matrix, PARAMETERS) == pytest.approx(
        all_correlations_one(np.array([1.0, 0.0]), matrix, PARAMETERS)
    )


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.floats(0.1, 5))
def test_no_book_is_wilder_than_all_correlations_one(seed, factor):
    generator = np.random.default_rng(seed)
    matrix, weights = returns(21, 8, seed), generator.uniform(-0.2, 0.2, 8)
    bound, book = all_correlations_one(weights, matrix, PARAMETERS), book_volatility(weights, matrix, PARAMETERS)
    assert book <= bound + 1e-12
    order = generator.permutation(8)
    assert all_correlations_one(weights[order], matrix[:, order], PARAMETERS) == pytest.approx(bound)
    assert book_volatility(weights[order] * factor, matrix[:, order], PARAMETERS) == pytest.approx(book * factor)


def test_beta_of_the_book():
    assert book_beta(np.array([0.5, -0.25, 0.0]), np.array([1.2, 2.0, np.nan])) == pytest.approx(0.1)
    assert book_beta(np.array([0.5, 0.1]), np.array([1.2, np.nan])) is None
    assert book_beta(np.array([np.nan, 0.1]), np.array([1.2, 1.0])) is None
    assert book_beta(np.zeros(2), np.array([np.nan, np.nan])) == 0.0
