"""The correlation shock by hand, against pandas pair by pair, and every book it cannot be told of (A14)."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runner.models import parameters_from
from runner.risk.correlation import CorrelationParameters, shock
from tests.runner.world import config

PARAMETERS = parameters_from(CorrelationParameters, config().risk)


def returns(seed: int = 3, count: int = 80, names: int = 6, common: float = 0.01) -> np.ndarray:
    generator = np.random.default_rng(seed)
    return generator.normal(0, common, (count, 1)) + generator.normal(0, 0.01, (count, names))


def by_pandas(weights: np.ndarray, matrix: np.ndarray) -> float:
    """The double sum as the ruling says it."""
    pairs = pd.DataFrame(matrix[-60:]).corr(min_periods=30).to_numpy()
    top, mass = 0.0, 0.0
    for i in range(len(weights)):
        for j in range(i):
            if weights[i] * weights[j] != 0:
                top += abs(weights[i] * weights[j]) * np.sign(weights[i] * weights[j]) * pairs[i, j]
                mass += abs(weights[i] * weights[j])
    return top / mass


#: Orthogonal columns of length 60: their correlations are told by the coefficients they are mixed with.
BASE = np.linalg.qr(np.column_stack([np.ones(60), np.random.default_rng(0).normal(size=(60, 3))]))[0][:, 1:]
#: rho(0, 1) = 0.6, rho(0, 2) = 0.8, rho(1, 2) = 0.6 x 0.8 + 0.8 x 0.6 = 0.96.
THREE = np.column_stack([BASE[:, 0], 0.6 * BASE[:, 0] + 0.8 * BASE[:, 1], 0.8 * BASE[:, 0] + 0.6 * BASE[:, 1]]) * 0.05


@pytest.mark.parametrize(
    ("weights", "rho"),
    [
        # (0.6 + 0.8 + 0.96) / 3
        ([0.1, 0.1, 0.1], 2.36 / 3),
        ([-0.1, -0.1, -0.1], 2.36 / 3),
        # Pairs weigh 2, 1, 2 x 1 hundredths: (0.02 x 0.6 + 0.01 x 0.8 + 0.02 x 0.96) / 0.05
        ([0.1, 0.2, 0.1], 0.0392 / 0.05),
        # The short's pairs count against: (-0.6 + 0.8 - 0.96) / 3
        ([0.1, -0.1, 0.1], -0.76 / 3),
        ([0.1, 0.1, 0.1, 0.0], 2.36 / 3),
    ],
)
def test_a14_by_hand(weights, rho):
    matrix = np.column_stack([THREE, np.full(60, np.nan)])[:, : len(weights)]
    found = shock(np.array(weights), matrix, PARAMETERS)
    assert found.rho == pytest.approx(rho, rel=1e-10)
    assert (found.names, found.reason) == (3, "")


@pytest.mark.parametrize("near", [0.2, 0.7, 0.95])
def test_a14_of_pairs_that_are_alike_is_theirs(near):
    root = np.linalg.cholesky(np.full((3, 3), near) + (1 - near) * np.eye(3))
    assert shock(np.full(3, 0.1), BASE @ root.T, PARAMETERS).rho == pytest.approx(near, abs=1e-12)


@pytest.mark.parametrize("common", [0.0, 0.01, 0.03])
def test_a14_is_pandas_pair_by_pair(common):
    matrix = returns(common=common)
    weights = np.array([0.1, -0.08, 0.05, 0.02, -0.1, 0.0])
    assert shock(weights, matrix, PARAMETERS).rho == pytest.approx(by_pandas(weights, matrix), abs=1e-12)


def test_a14_with_holes_is_pandas_pair_by_pair():
    matrix = returns(seed=8, common=0.02) + 0.5  # far from 0: sums of squares must not cancel
    matrix[25:40, 0], matrix[60:70, 1], matrix[[30, 79], 2] = np.nan, np.nan, np.nan
    weights = np.array([0.1, -0.08, 0.05, 0.02, -0.1, 0.07])
    assert shock(weights, matrix, PARAMETERS).rho == pytest.approx(by_pandas(weights, matrix), abs=1e-9)


def test_a_hole_outside_the_book_changes_nothing():
    matrix = returns()
    holes = matrix.copy()
    holes[:, 5] = np.nan
    weights = np.array([0.1, -0.08, 0.05, 0.02, -0.1, 0.0])
    assert shock(weights, holes, PARAMETERS) == shock(weights, matrix, PARAMETERS)


@pytest.mark.parametrize("weights", [[], [0.0] * 6, [0.1, 0, 0, 0, 0, 0], [0.1, -0.1, 0, 0, 0, 0]])
def test_a14_fewer_than_three_names_are_not_scaled(weights):
    found = shock(np.array(weights, dtype=float), returns()[:, : len(weights)], PARAMETERS)
    assert (found.rho, found.reason) == (None, "TOO_FEW_NAMES")
    assert found.names == int(np.count_nonzero(weights))


def altered(rows: slice, column: int, value: float) -> np.ndarray:
    matrix = returns()
    matrix[rows, column] = value
    return matrix


@pytest.mark.parametrize(
    ("weights", "matrix", "reason"),
    [
        ([0.1] * 5 + [np.nan], returns(), "WEIGHT_NOT_FINITE"),
        ([0.1] * 5 + [np.inf], returns(), "WEIGHT_NOT_FINITE"),
        ([0.1] * 6, altered(slice(None), 2, np.inf), "RETURNS_NOT_FINITE"),
        ([0.1] * 6, altered(slice(None), 2, 0.0), "ZERO_VARIANCE"),
        ([0.1] * 6, altered(slice(None), 2, 0.01), "ZERO_VARIANCE"),
        ([0.1] * 6, altered(slice(0, 51), 2, np.nan), "TOO_FEW_SESSIONS:29"),
        ([0.1] * 6, altered(slice(None), 2, np.nan), "TOO_FEW_SESSIONS:0"),
        ([0.1] * 6, returns()[:29], "TOO_FEW_SESSIONS:29"),
        ([0.1] * 6, returns()[:0], "TOO_FEW_SESSIONS:0"),
    ],
)
def test_i17_what_cannot_be_told_is_none_with_its_reason(weights, matrix, reason):
    found = shock(np.array(weights), matrix, PARAMETERS)
    assert (found.rho, found.reason) == (None, reason)


def test_a_still_name_with_a_hole_is_found_too():
    matrix = altered(slice(None), 2, 0.01)
    matrix[70, 4] = np.nan
    assert shock(np.full(6, 0.1), matrix, PARAMETERS).reason == "ZERO_VARIANCE"


def test_a_pair_that_hardly_met_is_not_told():
    """Each has its 30 sessions and more; together they have 10."""
    matrix = returns(count=60)
    matrix[35:, 1], matrix[:25, 4] = np.nan, np.nan
    assert shock(np.full(6, 0.1), matrix, PARAMETERS).reason == "TOO_FEW_SESSIONS:10"


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 10**6), st.floats(0.1, 4), st.booleans())
def test_neither_the_order_nor_the_size_of_a_book_matters(seed, factor, holes):
    generator = np.random.default_rng(seed)
    matrix, weights = returns(seed, common=0.01), generator.uniform(-0.1, 0.1, 6)
    if holes:
        matrix[generator.integers(20, 80, 9), generator.integers(0, 6, 9)] = np.nan
    plain = shock(weights, matrix, PARAMETERS)
    order = generator.permutation(6)
    mixed = shock(weights[order] * factor, matrix[:, order], PARAMETERS)
    mirrored = shock(-weights, matrix, PARAMETERS)
    assert plain.rho == pytest.approx(by_pandas(weights, matrix), abs=1e-10)
    assert mixed.rho == pytest.approx(plain.rho, abs=1e-10) == mirrored.rho
