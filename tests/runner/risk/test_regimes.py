"""The HMM against hmmlearn and a sum over all paths; hysteresis, trend, fallback and every way to be unsure (C1-C5)."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date, timedelta
from itertools import product

import numpy as np
import pytest
from hmmlearn.hmm import GaussianHMM
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm, percentileofscore

from runner.models import RegimeMemory, parameters_from
from runner.risk import regimes
from runner.risk.regimes import RegimeParameters, advance, digest, filtered, initial, trend_of, volatility_percentile
from tests.runner.world import config

GOLDEN = config()
PARAMETERS = parameters_from(RegimeParameters, GOLDEN.regimes, GOLDEN.risk)
SESSION = date(2012, 2, 29)


def switching(seed: int, count: int = 1260, stay=(0.985, 0.95), sd=(0.006, 0.018)) -> np.ndarray:
    """Log returns of a market that changes between a quiet and a wild state."""
    generator = np.random.default_rng(seed)
    state, values = 0, []
    for _ in range(count):
        state = state if generator.random() < stay[state] else 1 - state
        values.append((0.0006, -0.001)[state] + sd[state] * generator.standard_normal())
    return np.array(values)


def fitted(returns: np.ndarray) -> regimes.RegimeFit:
    made, reason = regimes.fit(returns, "SPY", SESSION, PARAMETERS)
    assert made is not None, reason
    return made


def sessions(count: int) -> np.ndarray:
    return np.busday_offset("2008-01-01", np.arange(count), roll="forward")


def closes(returns: np.ndarray) -> np.ndarray:
    return 100 * np.exp(np.cumsum(np.concatenate(([0.0], returns))))


def oracle(known: regimes.RegimeFit) -> GaussianHMM:
    """hmmlearn's model with the same parameters."""
    model = GaussianHMM(2, covariance_type="diag")
    model.startprob_, model.transmat_ = np.array(known.start), np.array(known.transition)
    model.means_ = np.array(known.means)[:, None]
    model.covars_ = np.array(known.variances)[:, None]
    return model


# --- the filter -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def one() -> tuple[np.ndarray, regimes.RegimeFit]:
    returns = switching(3)
    return returns, fitted(returns)


def test_the_filter_is_hmmlearn_s_posterior_of_each_prefix_s_last_return(one):
    returns, known = one
    standard = ((returns - known.mean) / known.scale)[:, None]
    path, model = filtered(known, returns), oracle(known)
    for end in (1, 2, 3, 50, 400, 1000, 1260):
        assert path[end - 1] == pytest.approx(model.predict_proba(standard[:end])[-1, 1], abs=1e-9)


@pytest.mark.parametrize("missing", [(), (0,), (3, 4), (7,)])
def test_the_filter_is_the_sum_over_all_paths(one, missing):
    """Bayes' rule by brute force over 2^T sequences of states; a missing return has density 1 in both."""
    returns, known = one
    short = returns[600:608] * 2
    short[list(missing)] = np.nan
    standard = (short - known.mean) / known.scale
    density = [norm.pdf(standard, m, np.sqrt(v)) for m, v in zip(known.means, known.variances, strict=True)]
    density = np.where(np.isfinite(standard), density, 1.0)
    path = filtered(known, short)
    for end in range(1, 9):
        weight = np.zeros(2)
        for states in product((0, 1), repeat=end):
            chance = known.start[states[0]] * density[states[0]][0]
            for t in range(1, end):
                chance *= known.transition[states[t - 1]][states[t]] * density[states[t]][t]
            weight[states[-1]] += chance
        assert path[end - 1] == pytest.approx(weight[1] / weight.sum(), rel=1e-10)


def test_later_returns_do_not_change_what_was_said(one):
    returns, known = one
    path = filtered(known, returns)
    for end in (1, 17, 600, 1259):
        assert np.array_equal(filtered(known, returns[:end]), path[:end])
        changed = np.concatenate((returns[:end], -5 * returns[end:]))
        assert np.array_equal(filtered(known, changed)[:end], path[:end])


def test_an_impossible_return_leaves_a_probability(one):
    _, known = one
    path = filtered(known, np.array([0.9, -0.9, 0.0, np.nan, np.inf, 0.5, 1e6]))
    assert np.all((path >= 0) & (path <= 1))
    assert path[0] > 0.99


# --- the fit ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [0, 1, 2, 3, "t"])
def test_the_fit_is_hmmlearn_s_best_of_ten(seed):
    """covars_prior=0: hmmlearn adds 0.01 to every state's sum of squares otherwise, which is no maximum likelihood."""
    fat = np.random.default_rng(7).standard_t(4, 1260) * 0.01
    returns = fat if seed == "t" else switching(seed)
    ours = fitted(returns)
    standard = ((returns - returns.mean()) / returns.std())[:, None]
    models = []
    for start in range(10):
        model = GaussianHMM(2, covariance_type="diag", covars_prior=0, n_iter=3000, tol=1e-7, random_state=start)
        models.append(model.fit(standard))
    scores = [model.score(standard) for model in models]
    theirs = models[int(np.argmax(scores))]
    assert ours.log_likelihood >= max(scores) - 1e-6 * abs(max(scores))
    assert ours.log_likelihood == pytest.approx(oracle(ours).score(standard), rel=1e-10)
    order = np.argsort(theirs.covars_[:, 0, 0])
    assert ours.means == pytest.approx(theirs.means_[order, 0], abs=1e-3)
    assert ours.variances == pytest.approx(theirs.covars_[order, 0, 0], rel=1e-3)
    assert np.array(ours.transition) == pytest.approx(theirs.transmat_[np.ix_(order, order)], abs=1e-3)
    assert ours.variances[0] < ours.variances[1]
    assert (ours.mean, ours.scale, ours.observations) == (returns.mean(), returns.std(), 1260)
    assert 1 <= ours.converged_starts <= PARAMETERS.starts


def test_one_iteration_is_one_of_hmmlearn_s_and_loses_no_likelihood():
    standard = switching(5, 700)
    standard = (standard - standard.mean()) / standard.std()
    chains = regimes._starts(PARAMETERS)
    before, after = regimes._iteration(standard, chains)
    for start in range(PARAMETERS.starts):
        model = GaussianHMM(2, covariance_type="diag", covars_prior=0, n_iter=1, init_params="")
        model.startprob_, model.transmat_ = chains.start[:, start], chains.transition[:, :, start]
        model.means_, model.covars_ = chains.means[:, start, None], chains.variances[:, start, None]
        assert before[start] == pytest.approx(model.score(standard[:, None]), rel=1e-10)
        model.fit(standard[:, None])
        assert after.start[:, start] == pytest.approx(model.startprob_, abs=1e-9)
        assert after.transition[:, :, start] == pytest.approx(model.transmat_, abs=1e-9)
        assert after.means[:, start] == pytest.approx(model.means_[:, 0], abs=1e-9)
        assert after.variances[:, start] == pytest.approx(model.covars_[:, 0, 0], abs=1e-9)
    for _ in range(40):
        later, chains = regimes._iteration(standard, after)
        assert np.all(later >= before - 1e-9)
        before, after = later, chains


def test_the_fit_finds_what_the_returns_were_made_with():
    known = fitted(switching(11, 6000))
    assert np.sqrt(known.variances) * known.scale == pytest.approx((0.006, 0.018), rel=0.05)
    assert np.diag(known.transition) == pytest.approx((0.985, 0.95), abs=0.02)


def test_the_fit_is_the_same_to_the_bit_and_its_digest_is_of_every_number():
    returns = switching(1)
    known = fitted(returns)
    assert fitted(returns.copy()) == known
    assert known.sha256 == digest(known) == digest(replace(known, sha256="anything"))
    for field in fields(known):
        value = getattr(known, field.name)
        if isinstance(value, float):
            other = np.nextafter(value, 1e9).item()
        elif isinstance(value, int):
            other = value + 1
        elif isinstance(value, date):
            other = value + timedelta(days=1)
        elif isinstance(value, tuple):
            other = (value[1], value[0])
        else:
            other = value + "x"
        changed = digest(replace(known, **{field.name: other}))
        assert (changed == known.sha256) is (field.name == "sha256"), field.name


def test_the_states_are_labelled_by_their_variance(monkeypatch):
    returns = switching(2)
    known = fitted(returns)
    chains = regimes._starts(PARAMETERS)
    swapped = regimes._Chains(
        chains.start[::-1], chains.transition[::-1, ::-1], chains.means[::-1], chains.variances[::-1]
    )
    monkeypatch.setattr(regimes, "_starts", lambda _: swapped)
    again = fitted(returns)
    assert again.variances == pytest.approx(known.variances, rel=1e-6)
    assert np.array(again.transition) == pytest.approx(np.array(known.transition), rel=1e-6)
    assert again.start == pytest.approx(known.start, abs=1e-9)
    assert again.means == pytest.approx(known.means, rel=1e-6)


def test_the_fit_does_not_look_at_the_scale_of_returns():
    returns = switching(2)
    one, ten = fitted(returns), fitted(returns * 8.0)
    assert ten.variances == pytest.approx(one.variances, rel=1e-6)
    assert ten.log_likelihood == pytest.approx(one.log_likelihood, rel=1e-9)


def test_missing_returns_are_no_observations():
    returns = switching(4)
    holes = returns.copy()
    holes[[0, 100, 101, 700, 1259]] = np.nan
    known = fitted(holes)
    assert known.observations == 1255
    assert np.array(known.transition) == pytest.approx(np.array(fitted(returns).transition), abs=0.01)


def ties() -> np.ndarray:
    """Half of the returns are one number: a state sits on it with no variance at all."""
    values = switching(6, 600)
    values[::2] = 0.0
    return values


@pytest.mark.parametrize(
    ("returns", "reason"),
    [
        (np.empty(0), "TOO_FEW_RETURNS:0"),
        (switching(0, 249), "TOO_FEW_RETURNS:249"),
        (np.where(np.arange(400) % 2, switching(0, 400), np.nan), "TOO_FEW_RETURNS:200"),
        (np.full(400, np.nan), "TOO_FEW_RETURNS:0"),
        (np.zeros(400), "RETURNS_CONSTANT"),
        (np.full(400, 0.001), "RETURNS_CONSTANT"),
        (ties(), "HMM_NOT_CONVERGED"),
    ],
)
def test_what_cannot_be_fitted_says_why(returns, reason):
    assert regimes.fit(returns, "SPY", SESSION, PARAMETERS) == (None, reason)


def test_no_start_converges_within_too_few_iterations(monkeypatch):
    monkeypatch.setattr(regimes, "ITERATIONS_MAX", 3)
    assert regimes.fit(switching(0), "SPY", SESSION, PARAMETERS) == (None, "HMM_NOT_CONVERGED")


# --- hysteresis -------------------------------------------------------------------------------------------------------


def walk(monkeypatch, probabilities, memory: RegimeMemory, rising: bool = True) -> list[tuple[str, int]]:
    """States and their ages as the filtered probability of each further session is told."""
    drift = np.full(1300, 0.002 if rising else -0.002) + switching(9, 1300) * 0.1
    known = fitted(switching(3))
    found = []
    for p in probabilities:
        monkeypatch.setattr(regimes, "filtered", lambda _, returns, p=p: np.full(len(returns), p))
        told = replace(memory, fit=replace(known, session=sessions(1301)[-1].item()))
        told = replace(told, fit=replace(told.fit, sha256=digest(told.fit)))
        memory = advance(told, "SPY", sessions(1301), closes(drift), PARAMETERS).memory
        found.append((memory.volatility, memory.volatility_sessions))
    return found


def test_c2_high_is_entered_above_060_left_below_040_and_kept_between(monkeypatch):
    standing = replace(initial(), volatility="LOW", volatility_sessions=9)
    told = [0.5, 0.60, np.nextafter(0.6, 1), 0.5, 0.41, 0.40, np.nextafter(0.4, 0), 0.59, 0.5]
    assert walk(monkeypatch, told, standing) == [
        ("LOW", 10), ("LOW", 11), ("HIGH", 1), ("HIGH", 2), ("HIGH", 3), ("HIGH", 4),
        ("LOW", 1), ("LOW", 2), ("LOW", 3),
    ]  # fmt: skip


def test_c2_a_state_stays_three_sessions(monkeypatch):
    standing = replace(initial(), volatility="LOW", volatility_sessions=3)
    told = [0.9, 0.1, 0.1, 0.1, 0.9, 0.9, 0.9]
    states = walk(monkeypatch, told, standing)
    assert [s for s, _ in states] == ["HIGH", "HIGH", "HIGH", "LOW", "LOW", "LOW", "HIGH"]


def test_c5_a_probability_that_never_decides_leaves_it_uncertain(monkeypatch):
    assert walk(monkeypatch, [0.5, 0.6, 0.4], initial()) == [("UNKNOWN", 0)] * 3
    monkeypatch.setattr(regimes, "filtered", lambda _, returns: np.full(len(returns), 0.5))
    regime = advance(initial(), "SPY", sessions(1301), closes(switching(3, 1300) + 0.002), PARAMETERS)
    assert (regime.name, regime.reason, regime.method) == ("UNCERTAIN", "VOLATILITY_UNDECIDED", "hmm")


def test_the_first_cycle_walks_the_whole_path(monkeypatch):
    path = np.concatenate((np.full(1255, 0.1), [0.9, 0.9, 0.5, 0.5, 0.5]))
    monkeypatch.setattr(regimes, "filtered", lambda _, returns: path)
    memory = advance(initial(), "SPY", sessions(1301), closes(switching(3, 1300)), PARAMETERS).memory
    assert (memory.volatility, memory.volatility_sessions) == ("HIGH", 5)


# --- the trend --------------------------------------------------------------------------------------------------------

SHORT = replace(PARAMETERS, trend_sessions=4, trend_closes=3, trend_band=0.01)


@pytest.mark.parametrize(
    ("series", "standing", "expected"),
    [
        # Means of four: 100.5, 101, 101.5, 102 against 102: 1.49 %, 0.99 %, 0.49 %, 0 %.
        ([100, 100, 100, 102, 102, 102, 102], "UNKNOWN", ("UNKNOWN", 0, "TREND_UNDECIDED")),
        # Means 100.5, 101.5, 103, 105: 102 1.49 %, 104 2.46 %, 106 2.91 %: the third close flips it.
        ([100, 100, 100, 102, 104], "UNKNOWN", ("UNKNOWN", 0, "TOO_FEW_CLOSES:5")),
        ([100, 100, 100, 102, 104, 106], "UNKNOWN", ("UP", 0, "")),
        ([100, 100, 100, 102, 104, 106], "DOWN", ("UP", 0, "")),
        ([100, 100, 100, 100, 102, 104], "DOWN", ("DOWN", 2, "")),
        ([100, 100, 100, 100, 102, 104], "UP", ("UP", 0, "")),
        # Two closes beyond, one within the band, two beyond: no run of three.
        ([100, 100, 100, 102, 104, 103, 106, 107], "DOWN", ("DOWN", 2, "")),
        # Above, then at once below: the runs are of one side each.
        ([100, 100, 100, 102, 104, 96, 94], "UP", ("UP", 2, "")),
        ([100, 100, 100, 102, 104, 106, 96, 94], "UP", ("UP", 2, "")),
        ([100, 100, 100, 102, 104, 106, 96, 94, 92], "UP", ("DOWN", 0, "")),
        # Closes on their mean say nothing: what stood stands.
        ([100, 100, 100, 100, 100, 100, 100], "UP", ("UP", 0, "")),
        # A missing close is no session of the trend.
        ([100, np.nan, 100, 100, 102, np.nan, 104, 106], "UNKNOWN", ("UP", 0, "")),
        ([100, 0, 100, 100, 102, -1, 104, 106], "UNKNOWN", ("UP", 0, "")),
        ([], "UP", ("UP", 0, "TOO_FEW_CLOSES:0")),
    ],
)
def test_c3_the_trend_by_hand(series, standing, expected):
    assert trend_of(np.array(series, dtype=float), standing, SHORT) == expected


@pytest.mark.parametrize(
    ("edge", "trend"), [(101.0, "UNKNOWN"), (101.0625, "UP"), (99.0, "UNKNOWN"), (98.9375, "DOWN"), (100.0, "UNKNOWN")]
)
def test_c3_the_band_is_passed_not_met(edge, trend):
    """The last two closes have the mean 100 to the bit, so 101 and 99 stand on the band."""
    parameters = replace(SHORT, trend_sessions=2, trend_closes=1)
    assert trend_of(np.array([200 - edge, edge]), "UNKNOWN", parameters)[0] == trend


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 60))
def test_c3_one_step_at_a_time_and_at_once_say_the_same(seed, gap):
    """A cycle every session, and one that missed `gap` of them; the walk by hand with memory is the third witness."""
    prices = closes(np.random.default_rng(seed).normal(0, 0.02, 400))
    parameters = replace(PARAMETERS, trend_sessions=50)
    mean = np.convolve(prices, np.ones(50) / 50, "valid")
    side = np.where(prices[49:] > mean * 1.01, 1, np.where(prices[49:] < mean * 0.99, -1, 0))
    standing = "UNKNOWN"
    for t in range(2, len(side)):
        if abs(side[t - 2 : t + 1].sum()) == 3:
            standing = "UP" if side[t] > 0 else "DOWN"
        if t % 40 == 0:
            assert trend_of(prices[: 50 + t], "UNKNOWN", parameters)[0] == standing
    stepped = "UNKNOWN"
    for end in range(300, 402, gap):
        stepped = trend_of(prices[:end], stepped, parameters)[0]
    assert stepped == trend_of(prices[:end], "UNKNOWN", parameters)[0]


# --- the fallback -----------------------------------------------------------------------------------------------------


def test_the_percentile_is_scipy_s_of_rolling_standard_deviations():
    returns = switching(8, 500)
    rolling = np.array([returns[t - 21 : t].std(ddof=1) for t in range(21, 501)])
    assert volatility_percentile(returns, PARAMETERS) == pytest.approx(
        percentileofscore(rolling, rolling[-1], kind="strict") / 100
    )


@pytest.mark.parametrize(
    "returns",
    [np.empty(0), switching(0, 20), switching(0, 124), np.zeros(400), np.full(400, np.nan),
     np.concatenate((switching(0, 400), np.full(11, np.nan)))],
)  # fmt: skip
def test_the_percentile_the_returns_do_not_support_is_none(returns):
    assert volatility_percentile(returns, PARAMETERS) is None


def test_the_percentile_needs_one_window_beyond_it():
    assert volatility_percentile(switching(0, 125), PARAMETERS) is not None


def test_c5_without_convergence_the_percentile_speaks(monkeypatch):
    monkeypatch.setattr(regimes, "ITERATIONS_MAX", 3)
    wild = np.concatenate((switching(9, 400, stay=(1, 1)), 3 * switching(9, 30, stay=(1, 1))))
    loud = advance(initial(), "SPY", sessions(431), closes(wild + 0.003), PARAMETERS)
    assert (loud.name, loud.method, loud.reason) == ("BULL_VOLATILE", "percentile", "HMM_NOT_CONVERGED")
    assert loud.percentile > 0.8 and loud.high_probability is None and not loud.refitted
    calm = np.concatenate((3 * switching(9, 400, stay=(1, 1)), switching(9, 30, stay=(1, 1))))
    quiet = advance(initial(), "SPY", sessions(431), closes(calm - 0.003), PARAMETERS)
    assert (quiet.name, quiet.method) == ("BEAR_QUIET", "percentile")


@pytest.mark.parametrize(("share", "state"), [(0.0, "LOW"), (0.6, "LOW"), (0.8, "LOW"), (np.nextafter(0.8, 1), "HIGH")])
def test_c5_the_percentile_is_high_above_080_only(monkeypatch, share, state):
    monkeypatch.setattr(regimes, "ITERATIONS_MAX", 3)
    monkeypatch.setattr(regimes, "volatility_percentile", lambda *_: share)
    series = closes(switching(0, 400) * 0.2 + 0.003)
    assert advance(initial(), "SPY", sessions(401), series, PARAMETERS).memory.volatility == state
    standing = replace(initial(), volatility="LOW" if state == "HIGH" else "HIGH", volatility_sessions=2)
    kept = advance(standing, "SPY", sessions(401), series, PARAMETERS).memory
    assert (kept.volatility, kept.volatility_sessions) == (standing.volatility, 3)


def test_c5_too_little_for_an_hmm_is_enough_for_the_percentile():
    short = advance(initial(), "SPY", sessions(211), closes(switching(0, 210) * 0.2 + 0.003), PARAMETERS)
    assert (short.name[:4], short.method, short.reason) == ("BULL", "percentile", "TOO_FEW_RETURNS:210")


# --- advance ----------------------------------------------------------------------------------------------------------


def market(drift: float, wild: bool, count: int = 1300) -> np.ndarray:
    """Closes whose last 60 sessions are wild or quiet, on a steady drift."""
    sd = np.where(np.arange(count) // 100 % 2 == 1, 0.015, 0.004)
    sd[-60:] = 0.015 if wild else 0.004
    return closes(np.random.default_rng(21).standard_normal(count) * sd + drift)


@pytest.mark.parametrize(
    ("drift", "wild", "name", "factor"),
    [
        (0.002, False, "BULL_QUIET", 1.0),
        (0.004, True, "BULL_VOLATILE", 0.7),
        (-0.002, False, "BEAR_QUIET", 0.5),
        (-0.004, True, "BEAR_CRISIS", 0.0),
    ],
)
def test_c4_two_axes_four_regimes(drift, wild, name, factor):
    regime = advance(initial(), "SPY", sessions(1301), market(drift, wild), PARAMETERS)
    assert (regime.name, regime.method, regime.reason) == (name, "hmm", "")
    assert regimes.multiplier(regime.name, PARAMETERS) == factor
    assert regime.refitted and regime.memory.fit.session == sessions(1301)[-1].item()
    assert (regime.high_probability > 0.6) is wild


def test_c5_uncertain_has_its_factor():
    assert regimes.multiplier("UNCERTAIN", PARAMETERS) == 0.5


def test_c1_refitted_every_21_sessions_and_filtered_between():
    prices, days = market(0.001, False, 1340), sessions(1341)
    memory, fits = initial(), []
    for end in range(1300, 1341):
        regime = advance(memory, "SPY", days[:end], prices[:end], PARAMETERS)
        memory = regime.memory
        fits.append(regime.refitted)
        window = regimes.log_returns(prices[:end])[-1260:]
        assert regime.high_probability == filtered(memory.fit, window)[-1]
        assert memory.sessions_since_fit == (end - 1300) % 21
    assert [i for i, made in enumerate(fits) if made] == [0, 21]


def test_a_session_run_again_says_the_same_and_one_missed_still_counts():
    prices, days = market(0.001, True, 1340), sessions(1341)
    memory = advance(initial(), "SPY", days[:1300], prices[:1300], PARAMETERS).memory
    first = advance(memory, "SPY", days[:1310], prices[:1310], PARAMETERS)
    assert advance(memory, "SPY", days[:1310], prices[:1310], PARAMETERS) == first
    assert (first.memory.sessions_since_fit, first.refitted) == (10, False)
    assert advance(first.memory, "SPY", days[:1321], prices[:1321], PARAMETERS).refitted


def test_another_benchmark_starts_anew():
    prices, days = market(0.002, False), sessions(1301)
    memory = replace(advance(initial(), "SPY", days, prices, PARAMETERS).memory, volatility="HIGH", trend="DOWN")
    regime = advance(memory, "QQQ", days, prices, PARAMETERS)
    assert (regime.name, regime.refitted, regime.memory.fit.benchmark) == ("BULL_QUIET", True, "QQQ")


def test_an_altered_fit_is_not_used():
    prices, days = market(0.002, False), sessions(1301)
    memory = advance(initial(), "SPY", days, prices, PARAMETERS).memory
    altered = replace(memory, fit=replace(memory.fit, variances=(memory.fit.variances[0], 99.0)))
    regime = advance(altered, "SPY", days, prices, PARAMETERS)
    assert (regime.refitted, regime.reason) == (True, "FIT_ALTERED")
    assert regime.memory.fit == memory.fit


def test_a_fit_of_a_later_session_is_not_used():
    prices, days = market(0.002, False), sessions(1301)
    memory = advance(initial(), "SPY", days, prices, PARAMETERS).memory
    regime = advance(memory, "SPY", days[:1280], prices[:1280], PARAMETERS)
    assert regime.refitted and regime.memory.fit.session == days[1279].item()


def test_c5_a_fit_that_cannot_be_renewed_filters_no_longer_and_is_tried_again(monkeypatch):
    prices, days = market(0.002, False, 1340), sessions(1341)
    memory = advance(initial(), "SPY", days[:1300], prices[:1300], PARAMETERS).memory
    monkeypatch.setattr(regimes, "ITERATIONS_MAX", 3)
    regime = advance(memory, "SPY", days[:1325], prices[:1325], PARAMETERS)
    assert (regime.method, regime.reason, regime.refitted) == ("percentile", "HMM_NOT_CONVERGED", False)
    assert (regime.memory.fit, regime.memory.sessions_since_fit) == (memory.fit, 25)
    monkeypatch.undo()
    assert advance(regime.memory, "SPY", days[:1326], prices[:1326], PARAMETERS).refitted


def hole(prices: np.ndarray, *where: int) -> np.ndarray:
    prices = prices.copy()
    prices[list(where)] = np.nan
    return prices


@pytest.mark.parametrize(
    ("prices", "method", "reason"),
    [
        (np.empty(0), "none", "NO_CLOSE_OF_SESSION"),
        (np.full(1301, np.nan), "none", "NO_CLOSE_OF_SESSION"),
        (hole(market(0.002, False), -1), "none", "NO_CLOSE_OF_SESSION"),
        (np.append(market(0.002, False)[:-1], 0.0), "none", "NO_CLOSE_OF_SESSION"),
        (np.append(market(0.002, False)[:-1], np.inf), "none", "NO_CLOSE_OF_SESSION"),
        (np.full(1301, 100.0), "none", "RETURNS_CONSTANT"),
        (np.zeros(1301), "none", "NO_CLOSE_OF_SESSION"),
        (market(0.002, False, 50), "none", "TOO_FEW_RETURNS:50"),
        (market(0.002, False, 200), "percentile", "TOO_FEW_CLOSES:201"),
        (market(0.0, False), "hmm", "TREND_UNDECIDED"),
    ],
)
def test_c5_what_cannot_be_said_is_uncertain_with_its_reason(prices, method, reason):
    parameters = replace(PARAMETERS, trend_band=0.9) if reason == "TREND_UNDECIDED" else PARAMETERS
    regime = advance(initial(), "SPY", sessions(len(prices)), prices, parameters)
    assert (regime.name, regime.method, regime.reason) == ("UNCERTAIN", method, reason)


def test_holes_and_one_impossible_price_leave_a_regime():
    prices = hole(market(0.002, False), 5, 600, 601, 1298)
    assert advance(initial(), "SPY", sessions(1301), prices, PARAMETERS).name == "BULL_QUIET"


def test_what_cannot_be_said_forgets_nothing():
    prices, days = market(0.002, False), sessions(1301)
    memory = advance(initial(), "SPY", days[:1300], prices[:1300], PARAMETERS).memory
    assert advance(memory, "SPY", days, hole(prices, -1), PARAMETERS).memory == memory


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_never_a_bull_when_unsure_and_never_a_number_that_is_none(data):
    seed, count = data.draw(st.integers(0, 10**6)), data.draw(st.integers(0, 420))
    prices = closes(np.random.default_rng(seed).normal(0.001, 0.01, count))
    bad = data.draw(st.lists(st.integers(0, count), max_size=4))
    prices[bad] = data.draw(st.sampled_from([np.nan, 0.0, -1.0, np.inf, 1e300, 1e-300]))
    fast = replace(PARAMETERS, starts=2)
    standing = RegimeMemory(None, 0, data.draw(st.sampled_from(["LOW", "HIGH", "UNKNOWN"])), 2, "UP", 0)
    regime = advance(standing, "SPY", sessions(count + 1), prices, fast)
    unsure = regime.method == "none" or "UNKNOWN" in (regime.memory.volatility, regime.memory.trend)
    unsure |= bool(np.sum(np.isfinite(prices) & (prices > 0)) < 202)
    assert not (unsure and regime.name != "UNCERTAIN")
    assert bool(regime.reason) or regime.name != "UNCERTAIN"
    for figure in (regime.high_probability, regime.percentile):
        assert figure is None or 0 <= figure <= 1


# --- what happened ----------------------------------------------------------------------------------------------------


@pytest.mark.needs_sample
def test_the_regimes_of_days_that_are_remembered():
    """The S&P 500, each day by what was known then."""
    datasets = pytest.importorskip("skfolio.datasets")
    index = datasets.load_sp500_index()
    days, prices = index.index.to_numpy().astype("datetime64[D]"), index["SP500"].to_numpy(dtype=float)
    remembered = {
        "1997-11-03": "BULL_VOLATILE",
        "2000-03-01": "BULL_VOLATILE",
        "2008-10-15": "BEAR_CRISIS",
        "2009-03-06": "BEAR_CRISIS",
        "2017-09-15": "BULL_QUIET",
        "2018-02-12": "BULL_VOLATILE",
        "2020-03-20": "BEAR_CRISIS",
        "2022-10-05": "BEAR_CRISIS",
    }
    for day, name in remembered.items():
        end = int(np.searchsorted(days, np.datetime64(day), side="right"))
        regime = advance(initial(), "SP500", days[:end], prices[:end], PARAMETERS)
        assert (regime.name, regime.method) == (name, "hmm"), day


@pytest.mark.needs_sample
def test_through_2008_day_by_day_the_regime_moves_as_it_says():
    """One step a session from 2007 to 2009: every change of the volatility state has stood its three sessions."""
    datasets = pytest.importorskip("skfolio.datasets")
    index = datasets.load_sp500_index()
    days, prices = index.index.to_numpy().astype("datetime64[D]"), index["SP500"].to_numpy(dtype=float)
    first, last = np.searchsorted(days, np.array(["2007-06-01", "2009-12-31"], dtype="datetime64[D]")).tolist()
    memory, names, states, fits = initial(), [], [], 0
    for end in range(first, last):
        regime = advance(memory, "SP500", days[max(end - 1460, 0) : end], prices[max(end - 1460, 0) : end], PARAMETERS)
        stood, memory = memory, regime.memory
        names.append(regime.name)
        fits += regime.refitted
        if stood.volatility != memory.volatility and states:
            assert stood.volatility_sessions >= PARAMETERS.stay_sessions_min
            assert regime.high_probability > 0.6 if memory.volatility == "HIGH" else regime.high_probability < 0.4
        states.append(memory.volatility)
    assert fits == -(-(last - first) // PARAMETERS.refit_sessions)
    by_day = dict(zip(days[first - 1 : last - 1].astype(str).tolist(), names, strict=True))
    autumn = [name for day, name in by_day.items() if "2008-09-15" <= day <= "2009-03-31"]
    assert autumn.count("BEAR_CRISIS") >= 0.95 * len(autumn)
    assert [name for day, name in by_day.items() if "2009-09-01" <= day <= "2009-12-30"].count("BULL_QUIET") > 40
    assert "UNCERTAIN" not in names
