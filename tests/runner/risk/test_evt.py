"""The tail against scipy, published figures, integration and simulation; what is no tail says why (E1-E3)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.optimize import approx_fprime
from scipy.stats import expon, genpareto
from scipy.stats import t as student

from runner.models import parameters_from
from runner.risk.evt import (
    SHAPE_MIN,
    Pareto,
    TailFit,
    TailParameters,
    fit_tail,
    likeliest_pareto,
    likeliest_scale,
    lower_shape,
    shape_error,
    tail_figures,
)
from runner.risk.measures import tail
from tests.runner.world import config

PARAMETERS = parameters_from(TailParameters, config().risk)

#: The 109 of 2167 Danish fire losses of 1980-1990 above 10 million kroner of 1985, in their order (A. J. McNeil,
#: Estimating the tails of loss severity distributions using extreme value theory, ASTIN Bulletin 27, 1997).
DANISH_COUNT = 2167
DANISH = np.array([
    11.3748, 26.2146, 14.1221, 11.713, 12.4656, 17.5695, 13.6208, 21.9619, 263.2504, 19.0703, 19.4729, 34.1415, 20.9699,
    12.8952, 56.2254, 10.2228, 14.6789, 50.0655, 10.178, 10.8205, 24.9703, 11.8906, 20.0499, 65.7075, 27.2626, 15.9263,
    22.2582, 10.0111, 10.0723, 12.6318, 13.3482, 11.4316, 11.1235, 11.623, 14.2932, 13.623, 18.6465, 15.8115, 19.1623,
    18.8482, 22.1376, 16.3, 46.5, 10.5, 12.225, 14.239, 57.4106, 14.3, 13.5, 10.7, 19.4, 12.054, 16.4417, 29.026,
    12.5362, 18.3221, 10.27, 17.0685, 17.7435, 23.2839, 11.1317, 12.5232, 32.4675, 29.0371, 18.5529, 16.8831, 27.8293,
    12.0594, 11.5955, 16.4153, 18.4241, 38.1544, 27.3381, 11.8012, 25.2884, 10.2041, 20.4525, 47.0195, 24.5785, 15.8829,
    25.9539, 10.8252, 31.0559, 24.5555, 42.0914, 14.3946, 20.8637, 14.3946, 10.1372, 12.8019, 16.0881, 152.4132,
    14.0135, 12.7011, 11.685, 32.3878, 10.5843, 18.6283, 10.9983, 12.3762, 15.2847, 10.1848, 13.2013, 20.8267, 14.8515,
    144.6576, 28.6304, 19.2657, 17.7393,
])  # fmt: skip


def excesses(shape: float, count: int, seed: int, scale: float = 0.008) -> np.ndarray:
    return genpareto.rvs(shape, scale=scale, size=count, random_state=seed)


def losses(seed: int, count: int = 1260, freedom: float = 4.0) -> np.ndarray:
    return np.random.default_rng(seed).standard_t(freedom, count) * 0.01


# --- the likelihood ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [-0.3, -0.1, 0.0, 0.1, 0.3, 0.6, 0.9])
@pytest.mark.parametrize("count", [63, 400])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_e1_the_fit_is_scipy_s(shape, count, seed):
    """To 2e-3 of the shape and 1e-3 of the scale, which is as near as scipy's simplex comes; never less likely."""
    drawn = excesses(shape, count, seed)
    ours = likeliest_pareto(drawn)
    theirs_shape, _, theirs_scale = genpareto.fit(drawn, floc=0)
    theirs = genpareto.logpdf(drawn, theirs_shape, 0, theirs_scale).sum()
    assert ours.log_likelihood == pytest.approx(genpareto.logpdf(drawn, ours.shape, 0, ours.scale).sum(), rel=1e-9)
    if theirs_shape <= SHAPE_MIN:  # scipy goes on where the likelihood is no longer regular
        assert ours.shape == SHAPE_MIN
        return
    assert ours.log_likelihood >= theirs - 1e-9 * abs(theirs)
    assert ours.shape == pytest.approx(theirs_shape, abs=2e-3)
    assert ours.scale == pytest.approx(theirs_scale, rel=1e-3)


def test_e1_no_neighbour_is_likelier():
    drawn = excesses(0.25, 63, 9)
    best = likeliest_pareto(drawn)
    for step in (1e-3, 1e-2, 0.1):
        for d_shape, d_scale in ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (1, -1), (-1, 1), (-1, -1)):
            near = genpareto.logpdf(drawn, best.shape + d_shape * step, 0, best.scale * (1 + d_scale * step)).sum()
            assert near < best.log_likelihood


def test_e1_the_published_danish_fire_losses():
    """Over 10 million kroner: shape 0.50 (0.14), scale 7.0; VaR 27.3, ES 58.2 at 99 %.

    Printed with these digits in McNeil, Frey & Embrechts, Quantitative Risk Management, example on the Danish fire loss
    data, and McNeil, Extreme Value Theory for Risk Managers, 1999.
    """
    fitted = likeliest_pareto(DANISH - 10.0)
    assert (len(DANISH), round(fitted.shape, 2), round(fitted.scale, 1)) == (109, 0.50, 7.0)
    assert round(shape_error(DANISH - 10.0, fitted), 2) == 0.14
    var, es = tail_figures(10.0, fitted.shape, fitted.scale, 109 / DANISH_COUNT, 0.99)
    assert (round(var, 1), round(es, 1)) == (27.3, 58.2)


def test_e1_the_published_rainfall_return_level():
    """Coles, An Introduction to Statistical Modeling of Extreme Values, 2001, 4.4: 106.3 mm once in 100 years."""
    var, _ = tail_figures(30.0, 0.184, 7.44, 152 / 17531, 1 - 1 / 36500)
    assert var == pytest.approx(106.3, abs=0.2)


@pytest.mark.parametrize(
    "drawn",
    [
        np.full(40, 0.01),
        np.linspace(1e-9, 1.0, 40),
        np.concatenate((np.full(39, 1e-12), [1.0])),
        np.concatenate((np.full(39, 1.0), [1e-300])),
        np.geomspace(1e-200, 1e200, 40),
        np.array([5e-324] * 20 + [1e-320] * 20),
    ],
)
def test_a_strange_sample_has_a_fit_of_finite_numbers(drawn):
    fitted = likeliest_pareto(drawn)
    assert np.isfinite([fitted.shape, fitted.scale]).all() and fitted.shape >= SHAPE_MIN and fitted.scale >= 0


def test_a_bounded_tail_stands_at_the_least_shape():
    drawn = np.random.default_rng(2).uniform(0, 1, 500)
    fitted = likeliest_pareto(drawn)
    assert fitted.shape == SHAPE_MIN
    bounded = fit_tail(np.random.default_rng(2).uniform(-1, 1, 1260), PARAMETERS)
    assert (bounded.shape, bounded.shape_error, bounded.reason) == (SHAPE_MIN, None, "")
    assert lower_shape(bounded) == SHAPE_MIN


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.floats(-0.4, 1.5), st.floats(1e-6, 1e6))
def test_the_fit_scales_and_does_not_see_the_order(seed, shape, unit):
    drawn = excesses(shape, 60, seed)
    plain, scaled = likeliest_pareto(drawn), likeliest_pareto(drawn[::-1] * unit)
    assert scaled.shape == pytest.approx(plain.shape, abs=1e-5)
    assert scaled.scale == pytest.approx(plain.scale * unit, rel=1e-5)


# --- the standard error -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [-0.3, 0.0, 1e-6, 0.2, 0.7])
def test_the_error_is_of_the_numerical_hessian(shape):
    drawn = excesses(shape, 300, 5)
    best = likeliest_pareto(drawn) if shape != 0.0 else Pareto(0.0, float(drawn.mean()), 0.0)

    def cost(at: np.ndarray) -> float:
        return -float(genpareto.logpdf(drawn, at[0], 0, np.exp(at[1])).sum())

    def slope(at: np.ndarray) -> np.ndarray:
        return np.array([(cost(at + e) - cost(at - e)) / 2e-4 for e in np.eye(2) * 1e-4])

    hessian = approx_fprime(np.array([best.shape, np.log(best.scale)]), slope, 1e-4)
    expected = np.sqrt(np.linalg.inv((hessian + hessian.T) / 2)[0, 0])
    assert shape_error(drawn, best) == pytest.approx(expected, rel=5e-3)


@pytest.mark.parametrize("shape", [2e-4, -2e-4, 1e-3])
def test_the_error_near_shape_0_is_the_formula_s_in_more_digits(shape):
    """Where the terms cancel and a series stands in: the second derivatives as they are, in extended precision."""
    drawn = -0.008 * np.log(1 - (np.arange(80) + 0.5) / 80)
    z = (drawn / 0.008).astype(np.longdouble)
    xi, log_of, w = np.longdouble(shape), np.log1p(shape * z), z / (1 + shape * z)
    of_shape = (2 * log_of / xi**3 - 2 * w / xi**2 - (1 + 1 / xi) * w**2).sum()
    of_both = ((1 + xi) * w**2 - w).sum()
    of_scale = ((1 + xi) * w / (1 + xi * z)).sum()
    expected = float(np.sqrt(of_scale / (of_shape * of_scale - of_both**2)))
    assert shape_error(drawn, Pareto(shape, 0.008, 0.0)) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("shape", [0.0, 0.2, 0.5])
def test_the_error_of_many_tends_to_the_asymptotic_one(shape):
    drawn = excesses(shape, 40000, 3)
    assert shape_error(drawn, likeliest_pareto(drawn)) == pytest.approx((1 + shape) / 200, rel=0.03)


def test_the_error_is_the_spread_of_simulated_fits():
    fits = [(d, likeliest_pareto(d)) for d in (excesses(0.2, 200, seed) for seed in range(400))]
    spread = np.std([f.shape for _, f in fits])
    assert np.mean([shape_error(d, f) for d, f in fits]) == pytest.approx(spread, rel=0.1)


# --- VaR and ES -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [-0.3, -1e-9, 0.0, 1e-9, 0.2, 0.85])
@pytest.mark.parametrize("level", [0.95, 0.99, 0.999])
def test_e2_es_is_the_integral_of_the_fitted_tail(shape, level):
    """ES = 1/(1 - level) x the integral of VaR over the levels beyond, by quadrature of scipy's own quantile."""
    threshold, scale, share = 0.018, 0.009, 0.05

    def var_at(mass: float) -> float:
        dist = expon(scale=scale) if shape == 0.0 else genpareto(shape, scale=scale)
        return threshold + dist.isf(mass / share)

    mass = 1 - level
    var, es = tail_figures(threshold, shape, scale, share, level)
    assert var == pytest.approx(var_at(min(mass, share)), rel=1e-9)
    integral = quad(lambda t: var_at(mass * t**10) * 10 * t**9, 0, 1, epsabs=1e-13, epsrel=1e-11)[0]
    assert es == pytest.approx(integral, rel=1e-6)
    assert es > var


def test_e2_es_has_no_value_from_shape_1_on():
    assert tail_figures(0.02, 1.0, 0.01, 0.05, 0.99)[1] is None
    assert tail_figures(0.02, 1.0, 0.01, 0.04, 0.95)[1] is None


def test_a11_what_the_exceedances_leave_of_the_level_stands_at_the_threshold():
    """1250 losses: 62.5 of them are the worst 5 %, 62 lie beyond the boundary and half of it stands on it."""
    var, es = tail_figures(0.02, 0.2, 0.008, 62 / 1250, 0.95)
    assert var == 0.02
    assert es == pytest.approx((62 * (0.02 + 0.008 / 0.8) + 0.5 * 0.02) / 62.5)


def test_e2_at_95_percent_es_is_historical_cvar():
    ratios = []
    for seed in range(120):
        drawn = losses(seed, 1260, 4.0 + seed % 5)
        (at_95, at_99) = fit_tail(drawn, PARAMETERS).figures
        var, cvar = tail(drawn, 0.95)
        assert at_95.var == pytest.approx(var, rel=1e-9)
        assert at_99.var > at_95.var and at_99.es > at_95.es
        ratios.append(at_95.es / cvar)
    assert np.mean(ratios) == pytest.approx(1.0, abs=0.003)
    assert np.std(ratios) < 0.007
    assert np.abs(np.array(ratios) - 1).max() < 0.05


def test_the_tail_of_many_students_is_the_one_they_have():
    """Tail index 4: shape 1/4, reached far out only. At 99 % the quantile of the distribution itself."""
    drawn = losses(1, 400000)
    assert fit_tail(drawn, PARAMETERS).figures[1].var == pytest.approx(0.01 * student.isf(0.01, 4), rel=0.01)
    far = fit_tail(drawn, replace(PARAMETERS, evt_threshold=0.998))
    assert far.shape == pytest.approx(0.25, abs=3 * far.shape_error)
    assert far.shape_error < 0.05


# --- fit_tail ---------------------------------------------------------------------------------------------------------


def test_the_fit_is_of_the_losses_beyond_the_boundary():
    drawn = losses(6)
    found = fit_tail(drawn, PARAMETERS)
    assert (found.observations, found.exceedances, found.capped, found.reason) == (1260, 63, False, "")
    assert found.threshold == tail(drawn, 0.95)[0] == np.sort(drawn)[-64]
    direct = likeliest_pareto(np.sort(drawn)[-63:] - found.threshold)
    assert (found.shape, found.scale) == pytest.approx((direct.shape, direct.scale), rel=1e-6)
    assert found.shape_error == pytest.approx(shape_error(np.sort(drawn)[-63:] - found.threshold, direct), rel=1e-6)
    assert [figure.level for figure in found.figures] == [0.95, 0.99]


def test_a_level_below_the_threshold_has_no_figure():
    found = fit_tail(losses(6), replace(PARAMETERS, evt_report_levels=(0.9, 0.95)))
    assert (found.figures[0].var, found.figures[0].es) == (None, None)
    assert found.figures[1].es is not None


def test_e2_a_shape_above_the_cap_is_cut_with_a_flag_and_its_scale_refitted():
    wild = np.concatenate((np.linspace(-0.02, 0.01, 1197), 0.01 + excesses(1.6, 63, 4, 0.002)))
    found = fit_tail(wild, PARAMETERS)
    over = wild[wild > found.threshold] - found.threshold
    assert likeliest_pareto(over).shape > 0.9
    assert (found.shape, found.capped) == (0.9, True)
    assert found.shape_error == shape_error(over, likeliest_pareto(over))
    scales = np.geomspace(found.scale / 2, found.scale * 2, 4001)
    best = max(scales, key=lambda s: genpareto.logpdf(over, 0.9, 0, s).sum())
    assert found.scale == pytest.approx(best, rel=1e-3)
    assert likeliest_scale(over, 0.9).log_likelihood == pytest.approx(
        genpareto.logpdf(over, 0.9, 0, found.scale).sum(), rel=1e-9
    )
    assert all(np.isfinite([figure.var, figure.es]).all() for figure in found.figures)


@pytest.mark.parametrize(
    ("drawn", "reason", "exceedances"),
    [
        (np.empty(0), "TOO_FEW_EXCEEDANCES:0", 0),
        (losses(1, 599), "TOO_FEW_EXCEEDANCES:29", 29),
        (np.zeros(1260), "TOO_FEW_EXCEEDANCES:0", 0),
        (np.full(1260, 0.01), "TOO_FEW_EXCEEDANCES:0", 0),
        (np.minimum(losses(1), 0.02), "TOO_FEW_EXCEEDANCES:0", 0),
        (np.append(losses(1), np.nan), "LOSSES_NOT_FINITE", 0),
        (np.append(losses(1), np.inf), "LOSSES_NOT_FINITE", 0),
        (np.full(1260, np.nan), "LOSSES_NOT_FINITE", 0),
    ],
)
def test_e1_what_is_no_tail_says_why(drawn, reason, exceedances):
    found = fit_tail(drawn, PARAMETERS)
    assert (found.reason, found.exceedances, found.observations) == (reason, exceedances, len(drawn))
    assert (found.threshold, found.shape, found.scale, found.shape_error) == (None,) * 4
    assert [(f.level, f.var, f.es) for f in found.figures] == [(0.95, None, None), (0.99, None, None)]
    assert lower_shape(found) is None


def test_e1_thirty_exceedances_are_enough():
    assert fit_tail(losses(1, 600), PARAMETERS).exceedances == 30


# --- E3 ---------------------------------------------------------------------------------------------------------------


def fat(shape: float | None, error: float | None) -> TailFit:
    return TailFit(0.02, 1260, 63, shape, 0.01, error, False, (), "")


@pytest.mark.parametrize(
    ("shape", "error", "lower"),
    [(0.30, 0.10, 0.2), (0.30, 0.0, 0.3), (0.11, None, 0.11), (SHAPE_MIN, None, SHAPE_MIN), (None, None, None)],
)
def test_e3_a_tail_is_fat_by_more_than_its_error(shape, error, lower):
    assert lower_shape(fat(shape, error)) == (None if lower is None else pytest.approx(lower))


def test_e3_a_fat_tail_is_told_from_a_thin_one():
    limit = config().risk.fat_tail_shape
    assert lower_shape(fit_tail(losses(1, 1260, 1.8), PARAMETERS)) > limit
    thin = np.random.default_rng(1).normal(0, 0.01, 1260)
    assert lower_shape(fit_tail(thin, PARAMETERS)) <= limit


@settings(max_examples=80, deadline=None)
@given(st.lists(st.floats(-1, 1), min_size=0, max_size=60), st.integers(0, 10**6))
def test_no_input_leaves_a_nan(strange, seed):
    drawn = np.concatenate((losses(seed, 700), strange))
    found = fit_tail(np.round(drawn, seed % 5), replace(PARAMETERS, evt_exceedances_min=3))
    numbers = [found.threshold, found.shape, found.scale, found.shape_error]
    numbers += [v for figure in found.figures for v in (figure.var, figure.es)]
    assert all(v is None or np.isfinite(v) for v in numbers)
    assert (found.shape is None) == bool(found.reason)
