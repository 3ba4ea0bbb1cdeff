"""What holds for every agent: order of symbols, units, data that say nothing, arrays out of a panel (D5, D7, T4)."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runner import strategies as factory
from runner.agents import AGENTS
from runner.committee import seat
from runner.config import load
from runner.models import FEATURES, AgentArrays, FeatureMatrix
from tests.runner.agents.crowd import PRICE_UNITS, changed, crowd

GOLDEN = load(environ={})
SEATS = {
    agent.name: seat(agent.name, "family", 1.0, 0.10, getattr(GOLDEN, agent.name), GOLDEN.fund) for agent in AGENTS
}
EACH = pytest.mark.parametrize("agent", AGENTS, ids=lambda agent: agent.name)


def heard(agent, matrix: FeatureMatrix) -> AgentArrays:
    one = SEATS[agent.name]
    return agent.view(matrix, one.ic, one.parameters)


def numbers(spoken: AgentArrays) -> np.ndarray:
    return np.vstack([spoken.score, spoken.mu, spoken.confidence])


def silent(spoken: AgentArrays, count: int) -> np.ndarray:
    return np.logical_or.reduce([*spoken.faults.values(), np.zeros(count, dtype=bool)])


def sound(spoken: AgentArrays, count: int) -> None:
    """Every symbol either has finite numbers in their units, or none at all and a code that says why."""
    quiet = silent(spoken, count)
    assert np.isnan(numbers(spoken)[:, quiet]).all()
    loud = numbers(spoken)[:, ~quiet]
    assert np.isfinite(loud).all()
    assert (np.abs(loud[0]) <= 3).all()
    assert ((loud[2] >= 0) & (loud[2] <= 1)).all()
    assert np.array_equal(np.sign(loud[0]), np.sign(loud[1]))


def test_the_institutional_committee_hears_four_analysts():
    built = factory.build(GOLDEN, "institutional")
    assert [(one.name, one.family, one.prior) for one in built.seats] == [
        ("technical", "trend", 0.25),
        ("valuation", "value", 0.25),
        ("fundamental", "quality", 0.25),
        ("sentiment", "sentiment", 0.25),
    ]


@EACH
def test_it_reads_only_what_the_gate_copies(agent):
    assert set(agent.features(SEATS[agent.name].parameters)) <= set(FEATURES)


@EACH
def test_it_speaks_of_a_symbol_with_everything_and_its_sigma_is_annual(agent):
    matrix = crowd(60)
    spoken = heard(agent, matrix)
    sound(spoken, 60)
    assert not silent(spoken, 60).any()
    annual = matrix.column("sd_252") * np.sqrt(252)
    assert spoken.mu == pytest.approx(0.10 * annual * spoken.score, abs=1e-12)
    assert np.isnan(spoken.sigma).all() or spoken.sigma == pytest.approx(annual)


@EACH
@settings(max_examples=60, deadline=None)
@given(st.integers(0, 40), st.integers(0, 10_000), st.floats(0, 1))
def test_missing_data_abstain_with_a_code_and_never_a_nan(agent, count, seed, holes):
    sound(heard(agent, crowd(count, seed, holes)), count)


@EACH
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_any_number_at_all_is_spoken_of_in_its_unit_or_not_at_all(agent, data):
    matrix = crowd(3)
    wild = st.floats(allow_nan=True, allow_infinity=True)
    values = np.array([[data.draw(wild) for _ in FEATURES] for _ in range(3)])
    with np.errstate(all="ignore"):
        spoken = heard(agent, FeatureMatrix(matrix.symbols, FEATURES, values))
    quiet = silent(spoken, 3)
    assert np.isnan(numbers(spoken)[:, quiet]).all()
    assert not np.isnan(spoken.score[~quiet]).any()
    assert (np.abs(spoken.score[~quiet]) <= 3).all()


@EACH
@pytest.mark.parametrize("name", FEATURES)
def test_one_infinite_number_is_spoken_of_in_its_unit_or_not_at_all(agent, name):
    """Beside sound ones, which any number at all seldom are."""
    for value in (np.inf, -np.inf):
        matrix = crowd(5)
        values = matrix.values.copy()
        values[2, FEATURES.index(name)] = value
        with np.errstate(all="ignore"):
            spoken = heard(agent, FeatureMatrix(matrix.symbols, FEATURES, values))
        quiet = silent(spoken, 5)
        assert np.isnan(numbers(spoken)[:, quiet]).all()
        assert not np.isnan(spoken.score[~quiet]).any()


@EACH
@settings(max_examples=30, deadline=None)
@given(st.permutations(range(12)), st.floats(0, 0.5))
def test_permuting_symbols_permutes_views_to_the_bit(agent, order, holes):
    matrix = crowd(12, seed=7, holes=holes)
    moved = FeatureMatrix(tuple(matrix.symbols[i] for i in order), matrix.names, matrix.values[list(order)])
    plain, other = heard(agent, matrix), heard(agent, moved)
    assert np.array_equal(numbers(plain)[:, list(order)], numbers(other), equal_nan=True)
    assert list(plain.faults) == list(other.faults)


@EACH
@settings(max_examples=30, deadline=None)
@given(st.floats(1e-3, 1e5))
def test_the_currency_of_prices_changes_nothing(agent, scale):
    matrix = crowd(20, seed=3)
    columns = [i for i, name in enumerate(FEATURES) if name in PRICE_UNITS]
    values = matrix.values.copy()
    values[:, columns] *= scale
    assert numbers(heard(agent, FeatureMatrix(matrix.symbols, FEATURES, values))) == pytest.approx(
        numbers(heard(agent, matrix)), rel=1e-9, abs=1e-12
    )


@EACH
@pytest.mark.parametrize("value", [0.0, -0.01, np.nan, np.inf])
def test_t4_without_a_volatility_there_is_no_view(agent, value):
    spoken = heard(agent, changed(crowd(5), sd_252=value))
    assert silent(spoken, 5).all()
    assert any(code.endswith(":sd_252") for code, fault in spoken.faults.items() if fault.all())


@EACH
def test_one_symbol_alone_and_none_at_all(agent):
    sound(heard(agent, crowd(1)), 1)
    assert heard(agent, crowd(0)).score.shape == (0,)


@EACH
def test_an_input_is_not_written_to(agent):
    matrix = crowd(9, holes=0.2)
    before = matrix.values.copy()
    heard(agent, matrix)
    assert np.array_equal(matrix.values, before, equal_nan=True)
