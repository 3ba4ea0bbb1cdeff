"""The ensemble against hand-computed numbers and an independent computation (W, D1-D9, S)."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from runner.meta_brain import Ensemble, MetaBrainParameters, combine, robust_z
from runner.models import parameters_from
from tests.runner.world import config

PARAMETERS = parameters_from(MetaBrainParameters, config().meta_brain)
NAN = np.nan


def two(score, mu, sigma, confidence, priors=(0.5, 0.5), fallback=(0.2,)) -> Ensemble:
    arrays = [np.array(values, dtype=float).reshape(2, -1) for values in (score, mu, sigma, confidence)]
    return combine(*arrays, np.array(priors), np.array(fallback), PARAMETERS)


def test_one_agent_alone_is_its_own_view():
    one = combine(*(np.array([[v]]) for v in (1.5, 0.03, 0.2, 0.8)), np.array([1.0]), np.array([0.2]), PARAMETERS)
    assert (one.mu[0], one.sigma[0], one.penalty[0], one.coverage[0]) == (0.03, 0.2, 1.0, 1.0)
    assert one.conviction[0] == pytest.approx(0.15)
    assert one.kelly[0] == pytest.approx(0.3 * 0.03 / 0.04)


def test_weights_are_confidence_times_prior():
    """0.8*0.75 : 0.4*0.25 = 6 : 1; mu = 6/7*0.04 - 1/7*0.02 = 0.031429; Var(z) = 6/49*(2+1)^2 = 1.102041;
    penalty exp(-0.5*1.102041) = 0.576361; sigma 6/7*0.2 + 1/7*0.3 = 0.214286."""
    both = two((2.0, -1.0), (0.04, -0.02), (0.2, 0.3), (0.8, 0.4), (0.75, 0.25))
    assert both.weights[:, 0] == pytest.approx([6 / 7, 1 / 7])
    assert both.mu_mean[0] == pytest.approx(0.0314286, abs=1e-7)
    assert both.variance_score[0] == pytest.approx(1.102041, abs=1e-6)
    assert both.variance_mu[0] == pytest.approx(6 / 49 * 0.06**2)
    assert both.penalty[0] == pytest.approx(0.576361, abs=1e-6)
    assert both.mu[0] == pytest.approx(0.0314286 * 0.576361, abs=1e-8)
    assert both.sigma[0] == pytest.approx(0.2142857)


def test_d7_an_abstaining_agent_is_dropped_and_the_rest_scaled_by_coverage():
    half = two((2.0, NAN), (0.04, NAN), (0.2, NAN), (0.8, NAN), (0.6, 0.4))
    assert half.weights[:, 0].tolist() == [1.0, 0.0]
    assert half.coverage[0] == pytest.approx(0.6)
    assert half.mu[0] == pytest.approx(0.04 * 0.6)
    assert half.penalty[0] == 1.0


def test_d12_confidence_at_the_threshold_is_heard_and_an_ulp_below_is_not():
    at = two((1.0, 1.0), (0.02, 0.02), (0.2, 0.2), (0.3, np.nextafter(0.3, 0)))
    assert at.weights[:, 0].tolist() == [1.0, 0.0]


def test_no_agent_left_wishes_nothing_and_keeps_a_volatility():
    none = two((NAN, 1.0), (NAN, 0.02), (NAN, 0.2), (NAN, 0.1), fallback=(0.25,))
    assert not none.valid[0]
    assert (none.mu[0], none.conviction[0], none.kelly[0], none.sigma[0]) == (0.0, 0.0, 0.0, 0.25)
    unknown = two((NAN, NAN), (NAN, NAN), (NAN, NAN), (NAN, NAN), fallback=(NAN,))
    assert unknown.sigma[0] == PARAMETERS.sigma_floor


def test_t4_an_agent_without_a_volatility_uses_the_fallback_and_the_floor_holds():
    lent = two((1.0, 1.0), (0.02, 0.02), (NAN, 0.3), (0.5, 0.5), fallback=(0.2,))
    assert lent.sigma[0] == pytest.approx(0.25)
    floored = two((1.0, 1.0), (0.0002, 0.0002), (0.001, 0.001), (0.5, 0.5))
    assert floored.sigma[0] == 0.01


def test_d8_robust_z_is_scipy_s_scaled_deviation():
    mu = np.random.default_rng(2).normal(0, 0.02, 41)
    expected = (mu - np.median(mu)) / stats.median_abs_deviation(mu, scale="normal")
    assert robust_z(mu, np.ones(41, bool), 1.4826, 1e-6) == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("mu", [[0.02], [0.01, 0.01, 0.01], [0.01, 0.01, 0.01 + 1e-9]])
def test_d8b_robust_z_is_zero_for_one_symbol_or_no_spread(mu):
    assert not robust_z(np.array(mu), np.ones(len(mu), bool), 1.4826, 1e-6).any()
