"""The second allocator: the auction's constraints as one convex programme, `auction.allocator: convex` (D1-D4, A1-A12).

The auction sizes each name by its own Kelly fraction and lets the caps do the rest; it knows no correlation (D3). Here
the same bids are weighed together: with w the book and s the side each bid is on,

    maximise   mu'w - w' Sigma w / (2 gamma)
    subject to 0 <= s_i w_i <= min(abs(bid), name cap), sector, long, short and gross caps, the session's turnover,
               CVaR(w) <= the decision limit, fixed names at what they hold

mu: annual views; gamma: fraction of Kelly, so that without constraint and correlation the answer is the Kelly weight of
ruling D1; Sigma: annual covariance of daily returns, shrunk by Ledoit and Wolf. A bid is granted no more than it asks,
so whatever stops a bid in the auction stops it here. What comes out goes through `auction.award` once more: a solver's
tolerance is no licence. Fails closed: a programme that is not solved to optimality grants no increase, with the reason.

cvxpy and clarabel are the extra `quant`; they are imported when an award is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runner.models import Floats
from runner.portfolio import auction, overlays
from runner.portfolio.auction import Awards, Caps
from runner.risk.measures import History, tail

#: Weights this close to a bound, nothing included, are at it; the solver's own tolerance is 1e-8.
AT_BOUND = 1e-6
#: Weights are multiples of this, rounded towards nothing: what is beyond is the solver's, not a wish.
GRAIN = 1e-9


class QuantExtraMissing(ImportError):
    """auction.allocator is convex, and cvxpy or clarabel is not installed: pip install 'mini-quant-fund[quant]'."""


@dataclass(frozen=True)
class ConvexParameters:
    """Constants, named as in the configuration's sections `meta_brain`, `auction`, `risk` and `fund`."""

    kelly_gamma: float
    turnover_cap: float
    min_change: float
    cvar_decision: float
    confidence_level: float
    sessions_per_year: int


@dataclass(frozen=True)
class Market:
    """What this allocator knows that an auction does not. held, mu: (N,); mu annual, NaN where there is no view.

    known: daily returns of the names held or bid for, on their common sessions. used: turnover of the session so far.
    scale: what will multiply the book before it is traded, as in `overlays.turnover`.
    """

    held: Floats
    mu: Floats
    known: History
    used: float
    scale: float = 1.0


def award(
    requests: Floats,
    order: NDArray[np.intp],
    sectors: tuple[str, ...],
    fixed: Floats,
    caps: Caps,
    market: Market,
    parameters: ConvexParameters,
) -> Awards:
    """Grant the bids of `requests` (N,) together; the first five arguments and the award are those of `auction.award`.

    bound: the first of name, sector, side, gross, turnover and CVaR that is reached, CONVEX_RISK where none is: the
    programme itself wants less. ALLOCATOR_<STATUS> where it has no optimal answer. Raises: QuantExtraMissing.
    """
    cvxpy = _cvxpy()
    bids = np.flatnonzero((fixed == 0) & (requests != 0) & np.isfinite(requests))
    if not len(bids):
        return auction.award(requests, order, sectors, fixed, caps)
    column = {int(name): j for j, name in enumerate(market.known.names)}
    fault = market.known.reason or ("" if np.isfinite(fixed).all() else "FIXED_UNKNOWN")
    alien = [int(i) for i in bids if int(i) not in column or not np.isfinite(market.mu[i])]
    in_book = [int(i) for i in np.flatnonzero(fixed)]
    if fault or any(i not in column for i in in_book):
        return _refused(requests, order, sectors, fixed, caps, market, "ALLOCATOR_NO_HISTORY")
    bids = np.array([i for i in bids.tolist() if i not in alien], dtype=np.intp)
    granted = np.zeros(len(requests))
    granted[alien] = overlays.reduce_only(market.held[alien], requests[alien])
    if len(bids):
        programme = _Programme(
            requests, bids, sectors, np.where(granted != 0, granted, fixed), caps, market, parameters
        )
        status, sizes = programme.solve(cvxpy, with_cvar=False)
        if status == "OPTIMAL" and programme.cvar(sizes) > parameters.cvar_decision:
            status, sizes = programme.solve(cvxpy, with_cvar=True)
        if status != "OPTIMAL":
            return _refused(requests, order, sectors, fixed, caps, market, f"ALLOCATOR_{status}")
        granted[bids] = np.sign(requests[bids]) * sizes
        same = (np.sign(market.held) == np.sign(granted)) & (np.abs(market.held) <= np.abs(requests)) & (fixed == 0)
        slight = same & (np.abs(granted - market.held) < parameters.min_change)
        granted = np.where(slight & (granted != 0), market.held, granted)
    clamped = auction.award(granted, order, sectors, fixed, caps)
    codes = ["" if np.isfinite(wish) else "CAP_UNKNOWN" for wish in requests]
    for i in alien:
        codes[i] = "ALLOCATOR_NO_HISTORY" if clamped.weights[i] != requests[i] else ""
    for j, i in enumerate(bids.tolist()):
        if abs(clamped.weights[i]) < abs(requests[i]) - AT_BOUND:
            codes[i] = programme.binding(j, i, clamped.weights)
    return Awards(clamped.weights, tuple(codes))


@dataclass(frozen=True)
class _Programme:
    """One programme. bids: indices of its variables; stays: (N,) weights that are no variable."""

    requests: Floats
    bids: NDArray[np.intp]
    sectors: tuple[str, ...]
    stays: Floats
    caps: Caps
    market: Market
    parameters: ConvexParameters

    def solve(self, cvxpy: Any, *, with_cvar: bool) -> tuple[str, Floats]:
        """OPTIMAL and the sizes of the bids, else the solver's word and nothing."""
        caps, stays, side = self.caps, self.stays, np.sign(self.requests[self.bids])
        most = np.minimum(np.abs(self.requests[self.bids]), caps.name_cap)
        daily = self.market.known.returns
        book = self._columns(self.bids)
        others = np.flatnonzero(stays)
        base = daily[:, self._columns(others)] @ stays[others]
        shrunk = ledoit_wolf(daily[:, book])[0] * self.parameters.sessions_per_year * np.outer(side, side)
        cross = (daily[:, book] - daily[:, book].mean(axis=0)).T @ (base - base.mean()) / len(base)
        gain = side * (
            self.market.mu[self.bids] - cross * self.parameters.sessions_per_year / self.parameters.kelly_gamma
        )

        size = cvxpy.Variable(len(self.bids))
        start = np.abs(np.where(np.sign(self.market.held[self.bids]) == side, self.market.held[self.bids], 0.0))
        room = max(self.parameters.turnover_cap - self.market.used, 0.0)
        constraints = [size >= 0, size <= most, cvxpy.sum(cvxpy.pos(self.market.scale * size - start)) <= room]
        for mask, cap, taken in self._groups():
            constraints.append(mask.astype(float) @ size <= max(cap - taken, 0.0))
        if with_cvar:
            level, count = self.parameters.confidence_level, len(daily)
            threshold, excess = cvxpy.Variable(), cvxpy.Variable(count, nonneg=True)
            losses = -(daily[:, book] * side) @ size - base
            constraints.append(excess >= losses - threshold)
            constraints.append(threshold + cvxpy.sum(excess) / ((1 - level) * count) <= self.parameters.cvar_decision)
        variance = cvxpy.quad_form(size, cvxpy.psd_wrap(shrunk))
        problem = cvxpy.Problem(cvxpy.Maximize(gain @ size - variance / (2 * self.parameters.kelly_gamma)), constraints)
        try:
            problem.solve(solver=cvxpy.CLARABEL, max_threads=1)
        except cvxpy.error.SolverError:
            return "ERROR", np.empty(0)
        if problem.status != cvxpy.OPTIMAL or size.value is None or not np.isfinite(size.value).all():
            return str(problem.status).upper(), np.empty(0)
        sizes = np.where(size.value < AT_BOUND, 0.0, np.floor(size.value / GRAIN) * GRAIN)
        return "OPTIMAL", np.minimum(sizes, most)

    def cvar(self, sizes: Floats) -> float:
        """Historical CVaR of the book with these sizes, exactly as it is measured (A11)."""
        weights = self.stays.copy()
        weights[self.bids] = np.sign(self.requests[self.bids]) * sizes
        names = self.market.known.names
        return tail(-(self.market.known.returns @ weights[names]), self.parameters.confidence_level)[1]

    def binding(self, j: int, i: int, weights: Floats) -> str:
        """Why bid `j`, of name `i`, is not granted in full."""
        sizes = np.abs(weights[self.bids])
        if sizes[j] >= self.caps.name_cap - AT_BOUND:
            return "CAP_NAME"
        names = ("CAP_LONG", "CAP_SHORT", "CAP_GROSS", *("CAP_SECTOR" for _ in self._buckets()))
        full = {
            code for code, (mask, cap, taken) in zip(names, self._groups(), strict=True)
            if mask[j] and sizes[mask].sum() >= max(cap - taken, 0.0) - AT_BOUND
        }  # fmt: skip
        for code in ("CAP_SECTOR", "CAP_LONG", "CAP_SHORT", "CAP_GROSS"):
            if code in full:
                return code
        _, wished, _ = overlays.turnover(weights, self.market.held, 0.0, np.inf, self.market.scale)
        if wished >= self.parameters.turnover_cap - self.market.used - AT_BOUND:
            return "CAP_TURNOVER"
        return "CVAR_DECISION" if self.cvar(sizes) >= self.parameters.cvar_decision - AT_BOUND else "CONVEX_RISK"

    def _groups(self) -> list[tuple[NDArray[np.bool_], float, float]]:
        """Long, short, gross, then each bucket: which bids count, the cap, what others already take of it."""
        side, stays, caps = np.sign(self.requests[self.bids]), self.stays, self.caps
        taken = np.abs(stays)
        sector = np.array(self.sectors)
        return [
            (side > 0, caps.long_cap, float(np.maximum(stays, 0).sum())),
            (side < 0, caps.short_cap, float(np.maximum(-stays, 0).sum())),
            (side != 0, caps.gross_cap, float(taken.sum())),
            *(
                (sector[self.bids] == name, caps.sector_cap, float(taken[sector == name].sum()))
                for name in self._buckets()
            ),
        ]

    def _buckets(self) -> list[str]:
        return sorted({self.sectors[i] for i in self.bids.tolist()})

    def _columns(self, names: NDArray[np.intp]) -> list[int]:
        place = {int(name): j for j, name in enumerate(self.market.known.names)}
        return [place[int(name)] for name in names]


def _refused(
    requests: Floats,
    order: NDArray[np.intp],
    sectors: tuple[str, ...],
    fixed: Floats,
    caps: Caps,
    market: Market,
    code: str,
) -> Awards:
    """No increase: every bid at most what is held on its side, and the code for each that asked for more."""
    least = overlays.reduce_only(market.held, np.where(np.isfinite(requests), requests, 0.0))
    kept = auction.award(least, order, sectors, fixed, caps)
    stopped = (fixed == 0) & ~(np.abs(least) >= np.abs(requests))
    return Awards(kept.weights, tuple(code if stop else own for stop, own in zip(stopped, kept.bound, strict=True)))


def ledoit_wolf(returns: Floats) -> tuple[Floats, float]:
    """(N, N) covariance of (T, N) returns shrunk towards a multiple of the identity, and the intensity in [0, 1].

    Ledoit and Wolf, "A well-conditioned estimator for large-dimensional covariance matrices", J. Multivariate Analysis
    88 (2004), equations 9-14: delta^2 = |S - mI|^2, beta^2 = the mean squared distance of x x' from S over T, at most
    delta^2; (beta/delta)^2 is the intensity. Population moments, as there. Raises: ValueError for no row.
    """
    count, names = returns.shape
    if count == 0 or names == 0:
        raise ValueError(f"ledoit_wolf: returns are {count} x {names}")
    centred = returns - returns.mean(axis=0)
    sample = centred.T @ centred / count
    mean = float(np.trace(sample)) / names
    squared = float(np.sum(sample**2))
    distance = squared - names * mean**2
    spread = (float(np.sum(np.sum(centred**2, axis=1) ** 2)) / count - squared) / count
    intensity = min(max(spread, 0.0) / distance, 1.0) if distance > 0 else 0.0
    shrunk = (1.0 - intensity) * sample
    shrunk.flat[:: names + 1] += intensity * mean
    return shrunk, intensity


def _cvxpy() -> ModuleType:
    try:
        import clarabel  # noqa: F401
        import cvxpy
    except ImportError as error:
        raise QuantExtraMissing(QuantExtraMissing.__doc__) from error
    return cvxpy
