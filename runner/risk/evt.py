"""The tail of a book's losses: a generalised Pareto distribution over a threshold, by maximum likelihood (E1-E3).

Source of the formulas: A. J. McNeil, R. Frey, P. Embrechts, Quantitative Risk Management, 2015, section 5.2.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, inf, isfinite, log, sqrt

import numpy as np
from scipy.optimize import brentq, minimize_scalar

from runner.models import Floats
from runner.risk.measures import tail

#: Below it maximum likelihood is not regular, and below -1 it has no maximum (Smith, Biometrika 72, 1985).
SHAPE_MIN = -0.5

#: Points of the first look at the profile likelihood, in units of one over the mean excess.
_POSITIVE = np.geomspace(1e-4, 1e6, 160)
_NEGATIVE = 1.0 - 10.0 ** -np.linspace(0.005, 12.0, 120)


@dataclass(frozen=True)
class TailParameters:
    """Constants of E1 and E2, named as in the configuration's section `risk`."""

    evt_threshold: float
    evt_exceedances_min: int
    evt_shape_cap: float
    evt_report_levels: tuple[float, ...]


@dataclass(frozen=True)
class Pareto:
    """A generalised Pareto distribution of excesses, location 0. log_likelihood: of what it was fitted to."""

    shape: float
    scale: float
    log_likelihood: float


@dataclass(frozen=True)
class TailFigure:
    """VaR and expected shortfall at a level; None below the threshold, or without a fit."""

    level: float
    var: float | None
    es: float | None


@dataclass(frozen=True)
class TailFit:
    """The fitted tail of daily losses, fractions of NAV; what the data do not support is None, with the reason.

    threshold: the boundary observation at evt_threshold (A11). exceedances: losses above it, of observations.
    shape, scale: those the figures are of. capped: the likeliest shape was above evt_shape_cap; shape is the cap, scale
    the likeliest with it (E2). shape_error: standard error of the likeliest shape, None where the likelihood is not
    curved there or the shape stands at SHAPE_MIN.
    """

    threshold: float | None
    observations: int
    exceedances: int
    shape: float | None
    scale: float | None
    shape_error: float | None
    capped: bool
    figures: tuple[TailFigure, ...]
    reason: str


def fit_tail(losses: Floats, parameters: TailParameters) -> TailFit:
    """The tail of daily losses (T,), positive a loss (E1, E2)."""
    count = len(losses)
    if not np.all(np.isfinite(losses)):
        return _unknown(count, 0, "LOSSES_NOT_FINITE", parameters)
    threshold = tail(losses, parameters.evt_threshold)[0] if count else 0.0
    excesses = losses[losses > threshold] - threshold
    if len(excesses) < parameters.evt_exceedances_min:
        return _unknown(count, len(excesses), f"TOO_FEW_EXCEEDANCES:{len(excesses)}", parameters)
    likeliest = likeliest_pareto(excesses)
    error = shape_error(excesses, likeliest) if likeliest.shape > SHAPE_MIN else None
    capped = likeliest.shape > parameters.evt_shape_cap
    used = likeliest_scale(excesses, parameters.evt_shape_cap) if capped else likeliest
    share = len(excesses) / count
    figures = tuple(
        TailFigure(level, *tail_figures(threshold, used.shape, used.scale, share, level))
        if level >= parameters.evt_threshold
        else TailFigure(level, None, None)
        for level in parameters.evt_report_levels
    )
    return TailFit(threshold, count, len(excesses), used.shape, used.scale, error, capped, figures, "")


def lower_shape(fit: TailFit) -> float | None:
    """Shape less one standard error, which the limit of a fat tail reads (E3); None without a fit.

    The shape itself where it has no error: an error is not negative, so one at or below the limit passes without it.
    """
    if fit.shape is None:
        return None
    return fit.shape - (fit.shape_error if fit.shape_error is not None else 0.0)


def tail_figures(
    threshold: float, shape: float, scale: float, share: float, level: float
) -> tuple[float, float | None]:
    """VaR and expected shortfall at `level` of a tail fitted above `threshold`, which a `share` of losses passes (E2).

    VaR = u + scale/shape * (((1 - level)/share)^-shape - 1), ES = VaR/(1 - shape) + (scale - shape*u)/(1 - shape).
    ES is None from shape 1 on, where it has no value. Where more than `share` lies beyond the level, the rest stands at
    the threshold itself, as the boundary observation does in an exact alpha-mass (A11).
    """
    mass = 1.0 - level
    if mass > share:
        beyond = share / mass
        return threshold, threshold + beyond * scale / (1.0 - shape) if shape < 1.0 else None
    # log1p and expm1 hold where shape is near 0, and give the exponential's log(share / mass) at 0.
    stretch = log(share / mass)
    growth = stretch if shape == 0.0 else float(np.expm1(shape * stretch)) / shape
    var = threshold + scale * growth
    return var, var / (1.0 - shape) + (scale - shape * threshold) / (1.0 - shape) if shape < 1.0 else None


def likeliest_pareto(excesses: Floats) -> Pareto:
    """The maximum-likelihood distribution of positive `excesses` (n,), shape SHAPE_MIN at least.

    By its profile in theta = shape / scale, where the likeliest shape is mean(log(1 + theta y)) (Grimshaw,
    Technometrics 35, 1993): a look over the whole range, then a bounded search about the best point, so there is always
    an answer.
    """
    unit = float(excesses.mean())
    y = excesses / unit
    edge = 1.0 / float(y.max())
    lowest = _theta_of_shape(y, SHAPE_MIN, -(1.0 - 1e-12) * edge)
    grid = np.concatenate((-_NEGATIVE[::-1] * edge, [0.0], _POSITIVE))
    grid = np.concatenate(([lowest], grid[grid > lowest]))
    shapes = np.log1p(grid[:, None] * y).mean(axis=1)
    still = grid == 0.0
    scales = np.where(still, 1.0, shapes / np.where(still, 1.0, grid))
    best = int(np.argmin(np.log(scales) + shapes))
    found = minimize_scalar(
        lambda theta: _profile(y, theta)[2],
        bounds=(grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)]),
        method="bounded",
        options={"xatol": 1e-12},
    )
    theta = min((float(found.x), float(grid[best]), float(lowest)), key=lambda t: _profile(y, t)[2])
    shape, scale, cost = _profile(y, theta)
    if shape < SHAPE_MIN + 1e-9:
        shape = SHAPE_MIN
    return Pareto(shape, scale * unit, -len(y) * (cost + 1.0 + log(unit)))


def likeliest_scale(excesses: Floats, shape: float) -> Pareto:
    """The likeliest of this positive shape: its scale solves (1 + shape) * mean(y / (scale + shape y)) = 1."""
    unit = float(excesses.mean())
    y = excesses / unit

    def slope(log_scale: float) -> float:
        scale = exp(log_scale)
        return (1.0 + shape) * float((y / (scale + shape * y)).mean()) - 1.0

    scale = exp(brentq(slope, log(float(y.min())) - 40.0, log(float(y.max())) + 40.0, xtol=1e-13))
    cost = log(scale) + (1.0 + 1.0 / shape) * float(np.log1p(shape * y / scale).mean())
    return Pareto(shape, scale * unit, -len(y) * (cost + log(unit)))


def shape_error(excesses: Floats, fitted: Pareto) -> float | None:
    """Standard error of the shape by the observed information in (shape, log scale); None where it is not positive.

    For many excesses it tends to (1 + shape) / sqrt(n).
    """
    z = excesses / fitted.scale
    v = fitted.shape * z
    w = z / (1.0 + v)
    near = np.abs(v) < 1e-3
    apart = np.where(near, 1.0, v)
    # (2 log(1 + v) - 2 v / (1 + v) - v^2 / (1 + v)^2) / v^3; about 0 its series, the terms of which cancel there.
    bend = np.where(
        near,
        2.0 / 3.0 - 1.5 * v + 2.4 * v**2,
        (2.0 * np.log1p(apart) - 2.0 * apart / (1.0 + apart) - (apart / (1.0 + apart)) ** 2) / apart**3,
    )
    of_shape = float((z**3 * bend - w**2).sum())
    of_both = float(((1.0 + fitted.shape) * w**2 - w).sum())
    of_scale = float(((1.0 + fitted.shape) * w / (1.0 + v)).sum())
    determinant = of_shape * of_scale - of_both**2
    if not (isfinite(determinant) and determinant > 0.0 and of_scale > 0.0):
        return None
    return sqrt(of_scale / determinant)


def _theta_of_shape(y: Floats, shape: float, lowest: float) -> float:
    """The theta whose likeliest shape is this negative one, or `lowest` where even that is above it."""
    if float(np.log1p(lowest * y).mean()) >= shape:
        return lowest
    return float(brentq(lambda theta: float(np.log1p(theta * y).mean()) - shape, lowest, 0.0, xtol=1e-14))


def _profile(y: Floats, theta: float) -> tuple[float, float, float]:
    """The likeliest shape and scale of a theta, and their mean negative log-likelihood less 1; exponential at 0."""
    if theta == 0.0:
        return 0.0, float(y.mean()), log(float(y.mean()))
    shape = float(np.log1p(theta * y).mean())
    scale = shape / theta
    return shape, scale, log(scale) + shape if scale > 0.0 else inf


def _unknown(count: int, exceedances: int, reason: str, parameters: TailParameters) -> TailFit:
    nothing = tuple(TailFigure(level, None, None) for level in parameters.evt_report_levels)
    return TailFit(None, count, exceedances, None, None, None, False, nothing, reason)
