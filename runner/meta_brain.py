"""The meta-brain: agents' views to one expected return, conviction and Kelly wish per symbol (W, D1-D9, S, T4).

Arrays in, arrays out; every intermediate value is kept, so that the arithmetic from score to weight can be printed.
Where no agent is left (valid False) coverage is 0, so mu, conviction and wish are 0 by D7b, and sigma is the fallback.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from runner.models import Floats


@dataclass(frozen=True)
class MetaBrainParameters:
    """Constants of the ensemble, named as in the configuration's section `meta_brain`."""

    min_confidence: float
    scale_by_coverage: bool
    disagreement_beta: float
    robust_mad_scale: float
    robust_mad_floor: float
    sigma_floor: float
    kelly_gamma: float


@dataclass(frozen=True)
class Ensemble:
    """The ensemble, arrays of length N but weights (A, N).

    weights: w_k, 0 for agents not heard. coverage: priors heard / priors configured. mu_mean: weighted mean of views.
    variance_mu, variance_score: weighted population variances (D6). penalty: exp(-beta * variance_score).
    mu, sigma: annual. conviction: mu / sigma. kelly: gamma * mu / sigma^2, the wished weight. robust_z: D8.
    """

    valid: NDArray[np.bool_]
    weights: Floats
    coverage: Floats
    mu_mean: Floats
    variance_mu: Floats
    variance_score: Floats
    penalty: Floats
    mu: Floats
    sigma: Floats
    conviction: Floats
    kelly: Floats
    robust_z: Floats


def combine(
    score: Floats,
    mu: Floats,
    sigma: Floats,
    confidence: Floats,
    priors: Floats,
    fallback_sigma: Floats,
    parameters: MetaBrainParameters,
) -> Ensemble:
    """The ensemble of A agents over N symbols.

    score, mu, sigma, confidence: (A, N), NaN where an agent abstains (sigma also where it has no estimate of its own).
    priors: (A,). fallback_sigma: (N,), annual, NaN where unknown: then the floor stands in (T4).
    """
    heard = np.isfinite(score) & np.isfinite(mu) & np.isfinite(confidence) & (confidence >= parameters.min_confidence)
    raw = np.where(heard, confidence, 0.0) * priors[:, None]
    total = raw.sum(axis=0)
    valid = total > 0
    weights = np.divide(raw, total, out=np.zeros_like(raw), where=valid)
    coverage = (heard * priors[:, None]).sum(axis=0) / priors.sum()

    mu_mean, variance_mu = _moments(weights, np.where(heard, mu, 0.0))
    _, variance_score = _moments(weights, np.where(heard, score, 0.0))
    penalty = np.exp(-parameters.disagreement_beta * variance_score)
    scale = coverage if parameters.scale_by_coverage else valid.astype(float)
    mu_hat = mu_mean * scale * penalty

    fallback = np.where(np.isfinite(fallback_sigma), fallback_sigma, parameters.sigma_floor)
    own = np.where(np.isfinite(sigma), sigma, fallback[None, :])
    sigma_hat = np.where(valid, (weights * np.where(heard, own, 0.0)).sum(axis=0), fallback)
    sigma_hat = np.maximum(sigma_hat, parameters.sigma_floor)
    return Ensemble(
        valid=valid,
        weights=weights,
        coverage=coverage,
        mu_mean=mu_mean,
        variance_mu=variance_mu,
        variance_score=variance_score,
        penalty=penalty,
        mu=mu_hat,
        sigma=sigma_hat,
        conviction=mu_hat / sigma_hat,
        kelly=parameters.kelly_gamma * mu_hat / sigma_hat / sigma_hat,
        robust_z=robust_z(mu_hat, valid, parameters.robust_mad_scale, parameters.robust_mad_floor),
    )


def robust_z(mu: Floats, valid: NDArray[np.bool_], scale: float, floor: float) -> Floats:
    """(mu - median) / (scale * MAD) across valid symbols; 0 where MAD < floor, for one symbol, or not valid (D8)."""
    zeros = np.zeros_like(mu)
    if np.count_nonzero(valid) < 2:
        return zeros
    median = np.median(mu[valid])
    mad = np.median(np.abs(mu[valid] - median))
    if mad < floor:
        return zeros
    return np.where(valid, (mu - median) / (scale * mad), 0.0)


def _moments(weights: Floats, values: Floats) -> tuple[Floats, Floats]:
    """Weighted mean and population variance over agents, (N,) each."""
    mean = (weights * values).sum(axis=0)
    return mean, (weights * (values - mean) ** 2).sum(axis=0)
