"""Components sum to CVaR; marginals by hand, against Euler's derivative and against re-simulation (A9-A11)."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runner.models import parameters_from
from runner.risk.contributions import contributions, filtered_marginal_and_component, marginal_and_component
from runner.risk.measures import History, MeasureParameters, book_measure, ewma_volatility, history, measure, tail
from tests.runner.world import config

PARAMETERS = parameters_from(MeasureParameters, config().risk)
WEIGHTS = np.array([0.10, -0.08, 0.05, 0.07, -0.02, 0.0])


def returns(seed: int = 4, count: int = 503, names: int = 6) -> np.ndarray:
    generator = np.random.default_rng(seed)
    return generator.standard_t(4, (count, 1)) * 0.008 + generator.standard_t(4, (count, names)) * 0.01


def filtered_cvar(weights: np.ndarray, matrix: np.ndarray) -> float:
    return measure(matrix @ weights, PARAMETERS).cvar_filtered


def known(matrix: np.ndarray) -> History:
    everything = np.ones(matrix.shape[1], bool)
    return history(
        matrix, everything, everything, everything, ("A",) * len(everything), np.ones(len(everything)), None, PARAMETERS
    )


def test_a11_by_hand():
    """Ten sessions at 85 %: the worst 1.5. Book losses 0.5 x (3, 2, 1, ...) + 0.5 x (1, 4, 0, ...): 3, 2, 0.5 percent.

    The second session counts whole and half of the first: name 0 (2 + 0.5 x 3) / 1.5, name 1 (4 + 0.5 x 1) / 1.5.
    """
    matrix = np.zeros((10, 2))
    matrix[:3] = -np.array([[3, 1], [2, 4], [1, 0]]) / 100
    marginal, component = marginal_and_component(np.array([0.5, 0.5]), matrix, 0.85)
    assert marginal == pytest.approx(np.array([3.5 / 1.5, 4.5 / 1.5]) / 100)
    assert component == pytest.approx(marginal / 2)
    assert component.sum() == pytest.approx(tail(-matrix @ [0.5, 0.5], 0.85)[1]) == pytest.approx(0.04 / 1.5)


def test_a11_of_equal_losses_the_earlier_is_the_worse():
    """About 200 of 400 sessions lose the same: the tail is the first 20 of those, and name 0 alone loses in them."""
    losing = np.flatnonzero(np.random.default_rng(0).integers(0, 2, 400))
    matrix = np.zeros((400, 2))
    matrix[losing[:20], 0], matrix[losing[20:], 1] = -0.02, -0.02
    marginal, _ = marginal_and_component(np.array([0.5, 0.5]), matrix, 0.95)
    assert marginal.tolist() == [pytest.approx(0.02), 0.0]


@pytest.mark.parametrize("count", [250, 503, 1260])
@pytest.mark.parametrize("level", [0.95, 0.975, 0.99])
def test_components_sum_to_cvar(count, level):
    matrix = returns(count=count)
    _, component = marginal_and_component(WEIGHTS, matrix, level)
    assert component.sum() == pytest.approx(tail(-matrix @ WEIGHTS, level)[1], rel=1e-12)


def test_filtered_components_sum_to_filtered_cvar():
    matrix = returns()
    _, component = filtered_marginal_and_component(WEIGHTS, matrix, PARAMETERS)
    assert component.sum() == pytest.approx(filtered_cvar(WEIGHTS, matrix), rel=1e-12)


@pytest.mark.parametrize("filtered", [False, True])
def test_marginals_are_euler_s_derivative_by_re_simulation(filtered):
    """Central differences so small that no session enters or leaves the tail."""
    matrix, step = returns(), 1e-7
    if filtered:
        marginal, _ = filtered_marginal_and_component(WEIGHTS, matrix, PARAMETERS)
    else:
        marginal, _ = marginal_and_component(WEIGHTS, matrix, 0.95)
    for i in range(6):
        up, down = WEIGHTS.copy(), WEIGHTS.copy()
        up[i] += step
        down[i] -= step
        both = [filtered_cvar(w, matrix) if filtered else tail(-matrix @ w, 0.95)[1] for w in (up, down)]
        assert marginal[i] == pytest.approx((both[0] - both[1]) / (2 * step), rel=1e-5, abs=1e-8)


def test_a_marginal_bounds_what_a_trade_does_to_cvar():
    """CVaR is convex in the weights, so no trade adds less than its marginal says (Rockafellar & Uryasev 2000)."""
    matrix = returns(9)
    marginal, _ = marginal_and_component(WEIGHTS, matrix, 0.95)
    before = tail(-matrix @ WEIGHTS, 0.95)[1]
    for i in range(6):
        for size in (0.001, 0.01, 0.05, -0.01, -0.05):
            moved = WEIGHTS.copy()
            moved[i] += size
            assert tail(-matrix @ moved, 0.95)[1] - before >= marginal[i] * size - 1e-12


def test_the_volatilities_of_the_weights_are_those_of_the_book():
    """The recursion by name, summed with the weights, is the book's own variance."""
    matrix = returns()
    book = matrix @ WEIGHTS
    variance = np.cov(matrix[:60], rowvar=False)
    for row in matrix:
        variance = 0.94 * variance + 0.06 * np.outer(row, row)
    assert ewma_volatility(book, 0.94, 60)[-1] == pytest.approx(np.sqrt(WEIGHTS @ variance @ WEIGHTS), rel=1e-10)


@pytest.mark.parametrize(("last", "estimator"), [(0.2, "historical"), (4.0, "filtered")])
def test_a9_the_contributions_are_of_the_estimator_that_counts(last, estimator):
    matrix = returns()
    matrix[-40:] *= last
    found = contributions(WEIGHTS, known(matrix), PARAMETERS)
    figures = book_measure(WEIGHTS, known(matrix), PARAMETERS)
    assert (found.estimator, found.reason) == (estimator, "")
    assert found.cvar == figures.cvar
    assert found.component.sum() == pytest.approx(figures.cvar, rel=1e-12)
    assert found.component == pytest.approx(found.marginal * WEIGHTS)
    assert found.names.tolist() == list(range(6))


def test_an_empty_book_has_no_contributions():
    found = contributions(np.zeros(6), known(returns()), PARAMETERS)
    assert (found.cvar, found.component.tolist(), found.reason) == (0.0, [0.0] * 6, "EMPTY_BOOK")


@pytest.mark.parametrize(
    ("weights", "matrix", "reason"),
    [
        (WEIGHTS, returns(count=249), "TOO_FEW_SESSIONS:249"),
        (np.array([np.nan, 0, 0, 0, 0, 0]), returns(), "RETURNS_NOT_FINITE"),
        (WEIGHTS, np.zeros((400, 6)), "ZERO_VOLATILITY"),
    ],
)
def test_what_has_no_cvar_has_no_contributions_and_says_why(weights, matrix, reason):
    found = contributions(weights, known(matrix), PARAMETERS)
    assert (found.cvar, len(found.component), len(found.marginal), found.reason) == (None, 0, 0, reason)


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 10**6), st.floats(0.05, 20))
def test_components_scale_and_do_not_see_the_order_of_names(seed, factor):
    generator = np.random.default_rng(seed)
    matrix, weights, order = returns(seed, 260), generator.uniform(-0.1, 0.1, 6), generator.permutation(6)
    for of in (
        lambda w, m: marginal_and_component(w, m, 0.95),
        lambda w, m: filtered_marginal_and_component(w, m, PARAMETERS),
    ):
        marginal, component = of(weights, matrix)
        again = of(weights[order] * factor, matrix[:, order])
        assert again[0] == pytest.approx(marginal[order], rel=1e-9, abs=1e-12)
        assert again[1] == pytest.approx(component[order] * factor, rel=1e-9, abs=1e-12)
