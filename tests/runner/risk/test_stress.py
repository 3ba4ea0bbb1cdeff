"""Stress by hand for every scenario, betas against numpy and scipy, the windows replayed session by session (A13)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import linregress

from runner.config import ScenarioConfig, SectorShockConfig
from runner.models import parameters_from
from runner.risk.stress import StressParameters, betas, historical, losses
from tests.runner.world import config

PARAMETERS = parameters_from(StressParameters, config().risk)
BY_NAME = {scenario.name: scenario for scenario in PARAMETERS.stress_scenarios}


def returns(count: int, names: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    benchmark = generator.standard_t(5, count) * 0.01
    slopes = generator.uniform(-0.5, 2.5, names)
    return benchmark[:, None] * slopes + generator.standard_t(5, (count, names)) * 0.01, benchmark


# --- betas ------------------------------------------------------------------------------------------------------------


def test_betas_are_numpy_s_and_scipy_s_least_squares():
    matrix, benchmark = returns(400, 8)
    found = betas(matrix, benchmark, ("A",) * 8, PARAMETERS)
    assert found.estimated.all()
    for i in range(8):
        assert found.values[i] == pytest.approx(np.polyfit(benchmark[-252:], matrix[-252:, i], 1)[0], rel=1e-10)
        assert found.values[i] == pytest.approx(linregress(benchmark[-252:], matrix[-252:, i]).slope, rel=1e-10)


def test_betas_use_the_sessions_both_have():
    matrix, benchmark = returns(252, 2)
    matrix[5:100, 0] = np.nan
    benchmark[150:170] = np.nan
    pair = np.isfinite(matrix[:, 0]) & np.isfinite(benchmark)
    found = betas(matrix, benchmark, ("A", "A"), PARAMETERS)
    assert found.values[0] == pytest.approx(linregress(benchmark[pair], matrix[pair, 0]).slope, rel=1e-10)


@pytest.mark.parametrize(("seen", "estimated"), [(120, True), (119, False), (0, False)])
def test_a13_a_beta_needs_120_sessions(seen, estimated):
    matrix, benchmark = returns(252, 1)
    matrix[: 252 - seen] = np.nan
    found = betas(matrix, benchmark, ("A",), PARAMETERS)
    assert found.estimated.tolist() == [estimated]
    assert (found.values[0] == 1.0) is not estimated


@pytest.mark.parametrize(("slopes", "expected"), [((1.4, 1.8, 3.0), 1.8), ((0.2, 0.4, 0.6), 1.0), ((2.0, 3.0), 2.5)])
def test_a13_an_unknown_beta_is_its_sector_s_median_and_at_least_1(slopes, expected):
    benchmark = returns(252, 1)[1]
    columns = [benchmark * slope for slope in slopes]
    matrix = np.column_stack([*columns, np.full(252, np.nan), benchmark * 9.0, np.full(252, np.nan)])
    sectors = ("A",) * (len(slopes) + 1) + ("B", "C")
    found = betas(matrix, benchmark, sectors, PARAMETERS)
    assert found.values == pytest.approx([*slopes, expected, 9.0, 1.0])
    assert found.estimated.tolist() == [True] * len(slopes) + [False, True, False]


@pytest.mark.parametrize("benchmark", [np.full(252, np.nan), np.zeros(252), np.full(252, 0.001)])
def test_a_benchmark_that_says_nothing_leaves_1(benchmark):
    matrix, _ = returns(252, 3)
    found = betas(matrix, benchmark, ("A",) * 3, PARAMETERS)
    assert (found.values.tolist(), found.estimated.any()) == ([1.0] * 3, False)


def test_no_history_at_all_leaves_1():
    found = betas(np.empty((0, 2)), np.empty(0), ("A", "B"), PARAMETERS)
    assert found.values.tolist() == [1.0, 1.0]


# --- scenarios --------------------------------------------------------------------------------------------------------

WEIGHTS = np.array([0.10, -0.10, 0.05, 0.0])
BETAS = np.array([1.0, 0.5, 3.0, 2.0])
SECTORS = ("Tech", "Utilities", "Tech", "Energy")

#: name: shocks of the four symbols, loss. 3 x -0.40 and 3 x -0.339 stop at -1. By hand:
#: -(0.1 x -0.205 - 0.1 x -0.1025 + 0.05 x -0.615) = 0.0205 - 0.01025 + 0.03075 = 0.041, and so on.
BY_HAND = {
    "black_monday": ([-0.205, -0.1025, -0.615, -0.41], 0.041),
    "crisis_2008": ([-0.4, -0.2, -1.0, -0.8], 0.04 - 0.02 + 0.05),
    "covid": ([-0.339, -0.1695, -1.0, -0.678], 0.0339 - 0.01695 + 0.05),
    "inflation": ([-0.254, -0.127, -0.762, -0.508], 0.0254 - 0.0127 + 0.0381),
    "rally_2009": ([0.399, 0.1995, 1.197, 0.798], -0.0399 + 0.01995 - 0.05985),
}


def test_a13_every_scenario_by_hand():
    found = losses(WEIGHTS, BETAS, SECTORS, PARAMETERS)
    assert [row.name for row in found] == list(BY_HAND)
    for row in found:
        shocks, loss = BY_HAND[row.name]
        assert row.shocks == pytest.approx(shocks)
        assert row.loss == pytest.approx(loss, abs=1e-15)
        assert row.reason == ""


def test_a13_shorts_gain_in_a_crash_and_lose_in_the_rally():
    found = {row.name: row.loss for row in losses(np.array([-0.4]), np.array([1.0]), ("A",), PARAMETERS)}
    assert found["crisis_2008"] == pytest.approx(-0.16)
    assert found["rally_2009"] == pytest.approx(0.1596)


def test_a13_a_sector_s_own_shock_replaces_and_is_floored_too():
    shocked = replace(
        PARAMETERS,
        stress_sector_shocks=(
            SectorShockConfig(scenario="covid", sector="Tech", shock=0.05),
            SectorShockConfig(scenario="crisis_2008", sector="Energy", shock=-0.95),
        ),
        stress_shock_floor=-0.9,
    )
    found = {row.name: row.shocks.tolist() for row in losses(WEIGHTS, BETAS, SECTORS, shocked)}
    assert found["covid"] == pytest.approx([0.05, -0.1695, 0.05, -0.678])
    assert found["crisis_2008"] == pytest.approx([-0.4, -0.2, -0.9, -0.9])
    assert found["inflation"] == pytest.approx(BY_HAND["inflation"][0])


def test_an_empty_book_loses_nothing():
    assert {row.loss for row in losses(np.zeros(4), BETAS, SECTORS, PARAMETERS)} == {0.0}
    assert {row.loss for row in losses(np.empty(0), np.empty(0), (), PARAMETERS)} == {0.0}


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_i17_what_is_no_number_leaves_no_loss(bad):
    for row in losses(np.array([0.1, bad]), np.ones(2), ("A", "A"), PARAMETERS):
        assert (row.loss, row.reason) == (None, "WEIGHT_NOT_FINITE")
    unknown = losses(np.array([0.1, 0.1]), np.array([1.0, np.nan]), ("A", "A"), PARAMETERS)
    assert {(row.loss, row.reason) for row in unknown} == {(None, "BETA_NOT_FINITE")}
    known = losses(np.array([0.1, 0.0]), np.array([1.0, np.nan]), ("A", "A"), PARAMETERS)
    assert max(row.loss for row in known) == pytest.approx(0.04)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.floats(0.1, 3))
def test_losses_scale_with_the_book_and_do_not_see_the_order_of_symbols(seed, factor):
    generator = np.random.default_rng(seed)
    weights, slopes = generator.uniform(-0.1, 0.1, 12), generator.uniform(-1, 4, 12)
    sectors = tuple(generator.choice(list("ABC"), 12))
    plain = [row.loss for row in losses(weights, slopes, sectors, PARAMETERS)]
    scaled = [row.loss for row in losses(weights * factor, slopes, sectors, PARAMETERS)]
    assert scaled == pytest.approx([loss * factor for loss in plain], rel=1e-9, abs=1e-12)
    order = generator.permutation(12)
    mixed = losses(weights[order], slopes[order], tuple(sectors[i] for i in order), PARAMETERS)
    assert [row.loss for row in mixed] == pytest.approx(plain, rel=1e-9, abs=1e-12)
    assert all(row.shocks.min() >= -1.0 for row in mixed)


# --- windows ----------------------------------------------------------------------------------------------------------

DAYS = np.array(["2008-09-18", "2008-09-19", "2008-09-22", "2008-11-20", "2008-11-21"], dtype="datetime64[D]")
CRISIS = BY_NAME["crisis_2008"]
ONE_DAY = ScenarioConfig(name="crash", first="2008-09-22", last="2008-09-22", market=-0.1)
CLOSES = np.array(
    [
        [50.0, 10.0, np.nan, 8.0],
        [100.0, 20.0, np.nan, 10.0],
        [60.0, 25.0, 30.0, 5.0],
        [70.0, 18.0, 20.0, np.nan],
        [999.0, 999.0, 999.0, 999.0],
    ]
)


def test_a_window_is_held_from_its_first_close_to_its_last():
    """0.5 long, 0.2 short: -(0.5 x -0.4 - 0.2 x 0.25) = 0.25 on 22 September, -(0.5 x -0.3 + 0.2 x 0.1) at the end."""
    found = historical(np.array([0.5, -0.2, 0.0, 0.0]), CLOSES, DAYS, CRISIS)
    assert found.loss == pytest.approx(0.15 - 0.02)
    assert found.worst == pytest.approx(0.25)
    assert (found.covered, found.missing, found.sessions, found.reason) == (1.0, (), 2, "")


def test_a_window_of_one_session_is_measured_from_the_close_before():
    found = historical(np.array([0.5, 0.0, 0.0, 0.0]), CLOSES, DAYS, ONE_DAY)
    assert (found.loss, found.worst, found.sessions) == (pytest.approx(0.2), pytest.approx(0.2), 1)


def test_who_did_not_trade_then_is_cash_and_named_and_who_stopped_keeps_the_last_close():
    found = historical(np.array([0.1, 0.0, 0.3, 0.1]), CLOSES, DAYS, CRISIS)
    assert found.loss == pytest.approx(0.1 * 0.3 + 0.1 * 0.5)
    assert (found.covered, found.missing) == (pytest.approx(0.4), (2,))


def test_a_book_that_only_gains_has_a_worst_of_nothing():
    found = historical(np.array([0.0, -1.0, 0.0, 0.0]), CLOSES[:, :] * [1, -1, 1, 1], DAYS, CRISIS)
    assert (found.loss, found.reason) == (None, "NO_NAME_TRADED")
    found = historical(np.array([-0.5, 0.0, 0.0, 0.0]), CLOSES, DAYS, CRISIS)
    assert (found.loss, found.worst) == (pytest.approx(-0.15), 0.0)


@pytest.mark.parametrize(
    ("weights", "days", "scenario", "reason"),
    [
        ([0.5, 0, 0, 0], DAYS[2:], CRISIS, "WINDOW_NOT_COVERED"),
        ([0.5, 0, 0, 0], DAYS[:3], CRISIS, "WINDOW_NOT_COVERED"),
        ([0.5, 0, 0, 0], DAYS, BY_NAME["black_monday"], "WINDOW_NOT_COVERED"),
        ([0.5, 0, 0, 0], DAYS[2:], ONE_DAY, "WINDOW_NOT_COVERED"),
        ([0.5, 0, 0, 0], DAYS[:0], CRISIS, "WINDOW_NOT_COVERED"),
        ([0, 0, 0.3, 0], DAYS, CRISIS, "NO_NAME_TRADED"),
        ([np.nan, 0, 0.3, 0], DAYS, CRISIS, "WEIGHT_NOT_FINITE"),
    ],
)
def test_a_window_the_data_do_not_cover_says_why(weights, days, scenario, reason):
    closes = CLOSES[np.isin(DAYS, days)]
    found = historical(np.array(weights, dtype=float), closes, days, scenario)
    assert (found.loss, found.worst, found.reason) == (None, None, reason)


def test_an_empty_book_loses_nothing_in_a_window():
    found = historical(np.zeros(4), CLOSES, DAYS, CRISIS)
    assert (found.loss, found.worst, found.reason) == (0.0, 0.0, "EMPTY_BOOK")


@pytest.mark.needs_sample
def test_a13_the_scenarios_are_what_the_index_did():
    """The S&P 500 itself through every window its closes reach over: the configuration's shocks to 0.1 %."""
    datasets = pytest.importorskip("skfolio.datasets")
    index = datasets.load_sp500_index()
    days, prices = index.index.to_numpy().astype("datetime64[D]"), index["SP500"].to_numpy(dtype=float)[:, None]
    reached = {}
    for scenario in PARAMETERS.stress_scenarios:
        found = historical(np.ones(1), prices, days, scenario)
        if found.loss is not None:
            reached[scenario.name] = -found.loss
            assert -found.loss == pytest.approx(scenario.market, abs=1e-3)
    assert set(reached) == set(BY_NAME) - {"black_monday"}
