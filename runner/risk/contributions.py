"""Who makes a book's CVaR: marginal and component figures of either estimator (rulings A9-A11).

CVaR is homogeneous in the weights, so by Euler's theorem the weights times its derivatives sum to it (D. Tasche, Risk
contributions and performance measurement, 1999): a component is what a position adds, negative for a hedge.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

from runner.models import Floats
from runner.risk.measures import History, MeasureParameters, book_measure, ewma_volatility


@dataclass(frozen=True)
class Contributions:
    """CVaR of one book by name; empty arrays with the reason where there is no figure.

    names: indices into the cycle's symbols. marginal: CVaR per unit of further weight, also of names without any.
    component: weight x marginal, fractions of NAV, summing to cvar. estimator: the larger of the two, which cvar is.
    """

    names: NDArray[np.intp]
    marginal: Floats
    component: Floats
    cvar: float | None
    estimator: str
    reason: str


def contributions(weights: Floats, known: History, parameters: MeasureParameters) -> Contributions:
    """Contributions to the CVaR that `book_measure` reports of `weights` (N,): of the larger of its two estimators."""
    figures = book_measure(weights, known, parameters)
    nothing = np.zeros(len(known.names))
    if figures.cvar_historical is None or figures.cvar_filtered is None:
        return Contributions(known.names[:0], nothing[:0], nothing[:0], None, "", figures.reason)
    if not np.any(weights):
        return Contributions(known.names, nothing, nothing, 0.0, "empty", figures.reason)
    own = weights[known.names]
    if figures.cvar_historical >= figures.cvar_filtered:
        marginal, component = marginal_and_component(own, known.returns, parameters.confidence_level)
        return Contributions(known.names, marginal, component, figures.cvar_historical, "historical", "")
    marginal, component = filtered_marginal_and_component(own, known.returns, parameters)
    return Contributions(known.names, marginal, component, figures.cvar_filtered, "filtered", "")


def marginal_and_component(weights: Floats, returns: Floats, level: float) -> tuple[Floats, Floats]:
    """(N,) each, of historical CVaR at `level` of the book (N,) on returns (T, N), no NaN: exact alpha-mass (A11).

    The marginal is the mean loss of a name over the book's worst (1 - level) of sessions, the boundary one with its
    fraction; of equal losses the earlier session counts as the worse.
    """
    share = _tail_shares(-(returns @ weights), level)
    marginal = -(share @ returns)
    return marginal, weights * marginal


def filtered_marginal_and_component(
    weights: Floats, returns: Floats, parameters: MeasureParameters
) -> tuple[Floats, Floats]:
    """The same of filtered historical CVaR, whose volatilities depend on the weights as well (A10).

    With s_t the EWMA volatility, s_t^2 = w' C_t w for a matrix C_t of returns before t; so d s_t / d w = C_t w / s_t,
    and C_t w is the same recursion run over each name's return times the book's: no matrix is made.
    """
    book = returns @ weights
    decay, start = parameters.ewma_lambda, parameters.ewma_start_sessions
    volatility = ewma_volatility(book, decay, start)
    then, today = volatility[:-1], volatility[-1]
    centred = returns[:start] - returns[:start].mean(axis=0)
    first = centred.T @ (book[:start] - book[:start].mean()) / (start - 1)
    products, _ = lfilter([1.0 - decay], [1.0, -decay], returns * book[:, None], axis=0, zi=decay * first[None, :])
    turns = np.concatenate((first[None, :], products)) / volatility[:, None]
    share = _tail_shares(-book / then * today, parameters.confidence_level)
    slopes = (
        returns * (today / then)[:, None]
        + turns[-1] * (book / then)[:, None]
        - turns[:-1] * (book * today / then**2)[:, None]
    )
    marginal = -(share @ slopes)
    return marginal, weights * marginal


def _tail_shares(losses: Floats, level: float) -> Floats:
    """(T,) weight of each loss in CVaR at `level`, summing to 1: as `measures.tail` takes them."""
    order = np.argsort(-losses, kind="stable")
    mass = round((1.0 - level) * len(losses), 9)
    whole = min(int(mass), len(losses) - 1)
    share = np.zeros(len(losses))
    share[order[:whole]] = 1.0
    share[order[whole]] = mass - whole
    return share / mass
