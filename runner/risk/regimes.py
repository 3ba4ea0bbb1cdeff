"""The market's regime: a two-state Gaussian HMM of volatility times a trend, and how it moves (rulings C1-C5, C7).

Everything is filtered: what is said of a session uses that session and those before it; Viterbi paths and smoothed
probabilities see the future and serve the fit alone. What cannot be said is UNCERTAIN with its reason, never a BULL.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import date
from hashlib import sha256
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from runner.models import Floats, Regime, RegimeFit, RegimeMemory, RegimeName, Trend, VolatilityState

#: A start has converged when an iteration gains less log-likelihood than this; EM never loses any.
GAIN_MIN = 1e-7

#: Iterations after which a start counts as not converged.
ITERATIONS_MAX = 2000

#: Smallest variance of a standardised state. A state that sinks to it sits on repeated returns (the likelihood of a
#: mixture has no bound there): its start is no fit.
VARIANCE_MIN = 1e-4

#: Smallest probability of a start or a transition, so that no observation is impossible and no filter divides by 0.
PROBABILITY_MIN = 1e-10


@dataclass(frozen=True)
class RegimeParameters:
    """Constants of C1-C5, named as in the configuration's section `regimes`.

    history_sessions_min, volatility_window_sessions, volatility_history_min are those of `risk`: the fewest returns an
    HMM is fitted to, and what the fallback calls volatility.
    """

    starts: int
    seed: int
    window_sessions: int
    refit_sessions: int
    high_enter: float
    high_leave: float
    stay_sessions_min: int
    trend_sessions: int
    trend_band: float
    trend_closes: int
    multiplier_bull_quiet: float
    multiplier_bull_volatile: float
    multiplier_bear_quiet: float
    multiplier_bear_crisis: float
    multiplier_uncertain: float
    fallback_percentile: float
    history_sessions_min: int
    volatility_window_sessions: int
    volatility_history_min: int


_NAMES: dict[tuple[VolatilityState, Trend], RegimeName] = {
    ("LOW", "UP"): "BULL_QUIET",
    ("HIGH", "UP"): "BULL_VOLATILE",
    ("LOW", "DOWN"): "BEAR_QUIET",
    ("HIGH", "DOWN"): "BEAR_CRISIS",
}


def initial() -> RegimeMemory:
    """What is remembered before the first cycle: nothing."""
    return RegimeMemory(None, 0, "UNKNOWN", 0, "UNKNOWN", 0)


def multiplier(name: RegimeName, parameters: RegimeParameters) -> float:
    """The soft factor of a regime (C4, C5); BEAR_CRISIS is no factor but reduce-only, which its caller sees to (C6)."""
    return {
        "BULL_QUIET": parameters.multiplier_bull_quiet,
        "BULL_VOLATILE": parameters.multiplier_bull_volatile,
        "BEAR_QUIET": parameters.multiplier_bear_quiet,
        "BEAR_CRISIS": parameters.multiplier_bear_crisis,
        "UNCERTAIN": parameters.multiplier_uncertain,
    }[name]


def advance(
    memory: RegimeMemory,
    benchmark: str,
    sessions: NDArray[np.datetime64],
    closes: Floats,
    parameters: RegimeParameters,
) -> Regime:
    """The regime on the last of `sessions`, and what the next cycle must remember (C1-C5).

    memory: of the last close cycle. sessions, closes: (T,) of the benchmark or its index, oldest first, NaN where a
    session has none; only the last window_sessions + trend_sessions are read. The fit is renewed refit_sessions after
    the last one, counted in `sessions`, for another benchmark, or where its digest is not that of its numbers; one that
    cannot be renewed is kept but not used, and the next session tries again.
    """
    sessions = sessions[-(parameters.window_sessions + parameters.trend_sessions) :]
    closes = closes[-(parameters.window_sessions + parameters.trend_sessions) :]
    if memory.fit is not None and memory.fit.benchmark != benchmark:
        memory = initial()
    if len(closes) < 2 or not _usable(closes)[-1]:
        reason = "NO_CLOSE_OF_SESSION" if len(closes) == 0 or not _usable(closes)[-1] else "TOO_FEW_CLOSES:1"
        return Regime("UNCERTAIN", "none", None, None, reason, False, memory)
    returns = log_returns(closes)[-parameters.window_sessions :]
    known, since, refitted, reason = _renewed(memory, benchmark, sessions, returns, parameters)
    path = filtered(known, returns) if known is not None and since < parameters.refit_sessions else None
    share = volatility_percentile(returns, parameters)
    state, stayed = memory.volatility, memory.volatility_sessions
    if path is not None:
        state, stayed = _volatility(state, stayed, path, parameters)
    elif share is not None:
        high = share > parameters.fallback_percentile
        state, stayed = _step(state, stayed, high, not high, parameters)
    trend, beyond, undecided = trend_of(closes, memory.trend, parameters)
    after = RegimeMemory(known, since, state, stayed, trend, beyond)
    probability = float(path[-1]) if path is not None else None
    if path is None and share is None:
        return Regime("UNCERTAIN", "none", None, None, reason, refitted, after)
    if undecided or state == "UNKNOWN":
        name: RegimeName = "UNCERTAIN"
        reason = undecided or "VOLATILITY_UNDECIDED"
    else:
        name = _NAMES[state, trend]
    return Regime(name, "percentile" if path is None else "hmm", probability, share, reason, refitted, after)


def log_returns(closes: Floats) -> Floats:
    """(T-1,) log returns between consecutive sessions; NaN where either close is missing or not positive."""
    usable = _usable(closes)
    with np.errstate(divide="ignore", invalid="ignore"):
        change = np.diff(np.log(closes))
    return np.where(usable[1:] & usable[:-1], change, np.nan)


def fit(returns: Floats, benchmark: str, session: date, parameters: RegimeParameters) -> tuple[RegimeFit | None, str]:
    """The maximum-likelihood two-state Gaussian HMM of daily log `returns` (C1), or None and the reason.

    returns: (T,), NaN where a session has none: it says nothing, time passes. Baum-Welch (Rabiner, Proc. IEEE 77,
    1989) from parameters.starts seeded starts at once; the best of those that converged. The log-likelihood is that of
    the standardised returns.
    """
    seen = np.isfinite(returns)
    count = int(seen.sum())
    if count < parameters.history_sessions_min:
        return None, f"TOO_FEW_RETURNS:{count}"
    mean, scale = float(returns[seen].mean()), float(returns[seen].std())
    if not isfinite(scale) or scale <= abs(mean) * 1e-9 or scale == 0.0:
        return None, "RETURNS_CONSTANT"
    standard = np.where(seen, (returns - mean) / scale, np.nan)
    found, scores = _baum_welch(standard, _starts(parameters))
    good = np.flatnonzero(np.isfinite(scores))
    if len(good) == 0:
        return None, "HMM_NOT_CONVERGED"
    best = good[np.argmax(scores[good])]
    order = np.argsort(found.variances[:, best], kind="stable")
    chain = found.transition[:, :, best][np.ix_(order, order)]
    made = RegimeFit(
        benchmark=benchmark,
        session=session,
        observations=count,
        mean=mean,
        scale=scale,
        start=_pair(found.start[order, best]),
        transition=(_pair(chain[0]), _pair(chain[1])),
        means=_pair(found.means[order, best]),
        variances=_pair(found.variances[order, best]),
        log_likelihood=float(scores[best]),
        converged_starts=len(good),
        sha256="",
    )
    return replace(made, sha256=digest(made)), ""


def digest(known: RegimeFit) -> str:
    """SHA-256 in hex over a fit's other fields in their order, numbers to the last bit."""
    numbers = [known.mean, known.scale, *known.start, *known.transition[0], *known.transition[1]]
    numbers += [*known.means, *known.variances, known.log_likelihood]
    words = [known.benchmark, known.session.isoformat(), str(known.observations)]
    words += [float(number).hex() for number in numbers] + [str(known.converged_starts)]
    return sha256("\n".join(words).encode("utf-8")).hexdigest()


def filtered(known: RegimeFit, returns: Floats) -> Floats:
    """(T,) filtered probabilities of the high-volatility state given the returns up to each session, and no later one.

    returns: (T,) daily log returns, NaN where a session has none: the chain moves on, nothing is learnt. Plain floats:
    a step depends on the last one, and two states need no arrays.
    """
    seen = np.isfinite(returns)
    standard = np.where(seen, (returns - known.mean) / known.scale, 0.0)
    logs = [_log_density(standard, m, v) for m, v in zip(known.means, known.variances, strict=True)]
    top = np.maximum(logs[0], logs[1])
    low, high = (np.where(seen, np.exp(log - top), 1.0).tolist() for log in logs)
    (_, rises), (_, stays) = known.transition
    path = []
    prior = known.start[1]
    for quiet, wild in zip(low, high, strict=True):
        up, down = prior * wild, (1.0 - prior) * quiet
        now = up / (up + down)
        path.append(now)
        prior = now * stays + (1.0 - now) * rises
    return np.array(path, dtype=np.float64)


def volatility_percentile(returns: Floats, parameters: RegimeParameters) -> float | None:
    """Share of the window's volatilities below the present one, the fallback's measure (C5).

    A volatility is the standard deviation of volatility_window_sessions returns, volatility_history_min of them seen.
    None without a present one, where it is 0, or where the share above the percentile is not one window long.
    """
    length = parameters.volatility_window_sessions
    if len(returns) < length:
        return None
    windows = np.lib.stride_tricks.sliding_window_view(returns, length)
    seen = np.isfinite(windows)
    counts = seen.sum(axis=1)
    values = np.where(seen, windows, 0.0)
    divisor = np.maximum(counts, 2)
    centred = np.where(seen, values - (values.sum(axis=1) / divisor)[:, None], 0.0)
    spread = np.sqrt((centred**2).sum(axis=1) / (divisor - 1))
    usable = counts >= max(parameters.volatility_history_min, 2)
    enough = round(usable.sum() * (1.0 - parameters.fallback_percentile), 9) >= length
    if not usable[-1] or not enough or spread[-1] <= np.abs(values[-1]).max() * 1e-9:
        return None
    return float((spread[usable] < spread[-1]).mean())


def trend_of(closes: Floats, standing: Trend, parameters: RegimeParameters) -> tuple[Trend, int, str]:
    """The trend at the last close, the closes in a row beyond the band on its other side, and why it is not known.

    The side of the last run of trend_closes closes more than the band beyond their trend_sessions mean (C3), which is
    the walk from the first session on; `standing` counts where the closes show no such run. So a session nobody ran
    changes nothing.
    """
    known = closes[_usable(closes)]
    length = parameters.trend_sessions
    if len(known) < length + parameters.trend_closes - 1:
        return standing, 0, f"TOO_FEW_CLOSES:{len(known)}"
    totals = np.cumsum(np.concatenate(([0.0], known)))
    mean, last = (totals[length:] - totals[:-length]) / length, known[length - 1 :]
    above, below = last > mean * (1.0 + parameters.trend_band), last < mean * (1.0 - parameters.trend_band)
    trend, side, run = standing, 0, 0
    for now in (above.astype(int) - below.astype(int)).tolist():
        run = run + 1 if now == side and now != 0 else abs(now)
        side = now
        if run >= parameters.trend_closes:
            trend = "UP" if side > 0 else "DOWN"
    beyond = run if side != 0 and trend != ("UP" if side > 0 else "DOWN") else 0
    return trend, beyond, "TREND_UNDECIDED" if trend == "UNKNOWN" else ""


def _renewed(
    memory: RegimeMemory,
    benchmark: str,
    sessions: NDArray[np.datetime64],
    returns: Floats,
    parameters: RegimeParameters,
) -> tuple[RegimeFit | None, int, bool, str]:
    """The fit, the sessions since it, whether it is of this session, and why it is overdue or another had to be made.

    A fit that could not be renewed comes back with its age, refit_sessions or more: it filters no longer.
    """
    known, since, reason = memory.fit, 0, ""
    session: date = sessions[-1].astype("datetime64[D]").item()
    if known is not None and known.sha256 != digest(known):
        known, reason = None, "FIT_ALTERED"
    if known is not None:
        since = int((sessions > np.datetime64(known.session)).sum())
        if known.session <= session and since < parameters.refit_sessions:
            return known, since, False, ""
    made, failure = fit(returns, benchmark, session, parameters)
    if made is not None:
        return made, 0, True, reason
    return known, 0 if known is None else max(since, parameters.refit_sessions), False, failure


def _volatility(
    state: VolatilityState, stayed: int, path: Floats, parameters: RegimeParameters
) -> tuple[VolatilityState, int]:
    """The volatility state by hysteresis (C2): one step from what stands, or all of the path where nothing stands."""
    for p in (path if state == "UNKNOWN" else path[-1:]).tolist():
        state, stayed = _step(state, stayed, p > parameters.high_enter, p < parameters.high_leave, parameters)
    return state, stayed


def _step(
    state: VolatilityState, stayed: int, high: bool, low: bool, parameters: RegimeParameters
) -> tuple[VolatilityState, int]:
    """The state after a session that says high, low or neither, and the sessions it has stood, this one included."""
    wish: VolatilityState = "HIGH" if high else "LOW" if low else state
    if wish == state:
        return state, 0 if state == "UNKNOWN" else stayed + 1
    if state == "UNKNOWN" or stayed >= parameters.stay_sessions_min:
        return wish, 1
    return state, stayed + 1


def _usable(closes: Floats) -> NDArray[np.bool_]:
    usable: NDArray[np.bool_] = np.isfinite(closes) & (closes > 0)
    return usable


# -- Baum-Welch: every start at once ----


@dataclass(frozen=True)
class _Chains:
    """Parameters of S hidden chains, states first: start (2, S), transition (2, 2, S), means and variances (2, S)."""

    start: Floats
    transition: Floats
    means: Floats
    variances: Floats

    def of(self, which: NDArray[np.intp] | NDArray[np.bool_]) -> _Chains:
        """The chains at these places."""
        return _Chains(*(getattr(self, field.name)[..., which] for field in fields(self)))

    def put(self, places: NDArray[np.intp], other: _Chains) -> None:
        """Write `other`'s chains at these places."""
        for field in fields(self):
            getattr(self, field.name)[..., places] = getattr(other, field.name)


def _starts(parameters: RegimeParameters) -> _Chains:
    """Seeded starts for standardised returns: a quiet and a wild state, both lasting, their means near 0."""
    generator = np.random.default_rng(parameters.seed)
    count = parameters.starts
    stay = generator.uniform(0.80, 0.99, (2, count))
    variances = np.vstack((generator.uniform(0.1, 0.8, count), generator.uniform(1.2, 4.0, count)))
    means = generator.normal(0.0, 0.1, (2, count))
    transition = np.array([[stay[0], 1.0 - stay[0]], [1.0 - stay[1], stay[1]]])
    return _Chains(np.full((2, count), 0.5), transition, means, variances)


def _baum_welch(standard: Floats, chains: _Chains) -> tuple[_Chains, Floats]:
    """The chains where EM ended and their log-likelihoods (S,), -inf for a start that did not converge."""
    ended = chains.of(np.arange(chains.start.shape[-1]))
    scores = np.full(chains.start.shape[-1], -np.inf)
    live = np.arange(len(scores))
    before = np.full(len(live), -np.inf)
    for _ in range(ITERATIONS_MAX):
        score, better = _iteration(standard, chains)
        done = score - before < GAIN_MIN
        sound = done & (chains.variances.min(axis=0) > VARIANCE_MIN)
        ended.put(live[sound], chains.of(sound))
        scores[live[sound]] = score[sound]
        on = ~done & np.isfinite(score)
        live, before, chains = live[on], score[on], better.of(on)
        if len(live) == 0:
            break
    return ended, scores


def _iteration(standard: Floats, chains: _Chains) -> tuple[Floats, _Chains]:
    """The log-likelihood (S,) of `chains`, and the chains one step of EM makes of them."""
    seen = np.isfinite(standard)
    logs = np.where(seen, _log_density(standard, chains.means[..., None], chains.variances[..., None]), 0.0)
    top = logs.max(axis=0)
    density = np.exp(logs - top)
    link = chains.transition[..., None]
    steps = link * density[None]
    # Both rows of the first factor are the start, so both rows of a running product are what was filtered.
    steps[..., 0] = (chains.start * density[..., 0])[None]
    now = _running_products(steps)[0]
    now /= now.sum(axis=0)
    expected = np.concatenate((chains.start[..., None], (now[:, None, :, :-1] * link).sum(axis=0)), axis=-1)
    score = (top + np.log((expected * density).sum(axis=0))).sum(axis=-1)
    # back[i, j]: probability of having come from i, given that the next state is j.
    back = now[:, None, :, :-1] * link / expected[None, ..., 1:]
    wild = _smoothed(now[1], back)
    weight = np.stack((1.0 - wild, wild))
    moves = (back * weight[None, ..., 1:]).sum(axis=-1)
    used = np.where(seen, weight, 0.0)
    mass = np.maximum(used.sum(axis=-1), PROBABILITY_MIN)
    value = np.where(seen, standard, 0.0)
    means = (used * value).sum(axis=-1) / mass
    variances = (used * (value - means[..., None]) ** 2).sum(axis=-1) / mass
    return score, _Chains(
        _probabilities(weight[..., 0], 0),
        _probabilities(moves, 1),
        means,
        np.maximum(variances, VARIANCE_MIN),
    )


def _running_products(steps: Floats) -> Floats:
    """Products steps[0] @ ... @ steps[t] of 2 x 2 matrices (2, 2, S, T), each scaled to sum 1: all t in log2(T) passes.

    A prefix scan (Hillis & Steele, CACM 29, 1986): the recursion itself would take T passes of numpy per iteration.
    The entries are not negative, so nothing cancels, and the scale falls out of every probability.
    """
    span = 1
    while span < steps.shape[-1]:
        left, right = steps[..., :-span], steps[..., span:]
        product = left[:, 0, None] * right[None, 0] + left[:, 1, None] * right[None, 1]
        product /= product.sum(axis=(0, 1))
        steps = np.concatenate((steps[..., :span], product), axis=-1)
        span *= 2
    return steps


def _smoothed(now: Floats, back: Floats) -> Floats:
    """(S, T) probabilities of the wild state given all returns: wild[t] = sum over j of back[1, j] of the next's.

    With two states that is offset + slope * wild[t + 1], composed in log2(T) passes.
    """
    offset = np.concatenate((back[1, 0], now[:, -1:]), axis=-1)
    slope = np.concatenate((back[1, 1] - back[1, 0], np.zeros_like(now[:, -1:])), axis=-1)
    span = 1
    while span < now.shape[-1]:
        further = slope[:, :-span] * offset[:, span:]
        steeper = slope[:, :-span] * slope[:, span:]
        offset = np.concatenate((offset[:, :-span] + further, offset[:, -span:]), axis=-1)
        slope = np.concatenate((steeper, slope[:, -span:]), axis=-1)
        span *= 2
    wild: Floats = np.clip(offset, 0.0, 1.0)
    return wild


def _probabilities(weights: Floats, axis: int) -> Floats:
    """`weights` as probabilities along `axis`, none below PROBABILITY_MIN."""
    shares = weights / np.maximum(weights.sum(axis=axis, keepdims=True), PROBABILITY_MIN)
    floored = np.maximum(shares, PROBABILITY_MIN)
    result: Floats = floored / floored.sum(axis=axis, keepdims=True)
    return result


def _log_density(standard: Floats, mean: Floats | float, variance: Floats | float) -> Floats:
    result: Floats = -0.5 * (np.log(2.0 * np.pi * variance) + (standard - mean) ** 2 / variance)
    return result


def _pair(values: Floats) -> tuple[float, float]:
    return float(values[0]), float(values[1])
