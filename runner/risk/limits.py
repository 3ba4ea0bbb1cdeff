"""The limits a target book is held against, each evaluation a row (rulings A1-A12, A15, A16).

LIMITS says what is held; adding one is its function and its line. Exposure caps are already kept by the auction and are
evaluated again here, on what came out. A figure that is None, NaN or infinite breaches: every comparison must be true
to pass (I17). Held for the risk issue, with their constants already in configuration: stress (A13), correlation (A14),
volatility tiers (B2-B4), tail (E3), regimes (C1-C6), recovery (B9-B11).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from runner.models import ROUNDING, Floats, RiskCheck
from runner.risk.measures import EMPTY_BOOK, History, Measure, MeasureParameters, book_measure, measure


@dataclass(frozen=True)
class LimitParameters:
    """Thresholds, fractions of NAV, named as in the configuration's sections `auction` and `risk`."""

    name_cap: float
    sector_cap: float
    long_cap: float
    short_cap: float
    gross_cap: float
    turnover_cap: float
    var_limit: float
    cvar_decision: float
    cvar_hard: float
    drawdown_limit: float


@dataclass(frozen=True)
class Book:
    """A target book and what is known of it.

    held, target: (N,) signed fractions of NAV. bound: per symbol the auction constraint that cut it, or empty.
    turnover: increases of this session, earlier cycles included. turnover_wished: before they were scaled.
    measure: of the target. drawdown: of the time-weighted index from the tactical mark; None where not known.
    reject_open: a drawdown window is open from an earlier session (A6).
    """

    symbols: tuple[str, ...]
    sectors: tuple[str, ...]
    held: Floats
    target: Floats
    bound: tuple[str, ...]
    turnover: float
    turnover_wished: float
    measure: Measure
    drawdown: float | None
    reject_open: bool


@dataclass(frozen=True)
class Limit:
    """A limit: its name, and the function that gives its rows."""

    name: str
    evaluate: Callable[[Book, LimitParameters], list[RiskCheck]]


def passes(observed: float | None, threshold: float, slack: float = 0.0) -> bool:
    """Whether `observed` is known, finite and at most `threshold` (I17)."""
    return observed is not None and isfinite(observed) and isfinite(threshold) and observed <= threshold + slack


def _name(book: Book, parameters: LimitParameters) -> list[RiskCheck]:
    rows = []
    for i, symbol in enumerate(book.symbols):
        cut = book.bound[i] == "CAP_NAME"
        if not cut and book.target[i] == 0:
            continue
        size = abs(float(book.target[i]))
        rows.append(_exposure("name_concentration", "symbol", symbol, size, parameters.name_cap, cut))
    return rows or [_exposure("name_concentration", "portfolio", None, 0.0, parameters.name_cap, False)]


def _sector(book: Book, parameters: LimitParameters) -> list[RiskCheck]:
    sizes: dict[str, float] = {}
    for i, sector in enumerate(book.sectors):
        sizes[sector] = sizes.get(sector, 0.0) + abs(float(book.target[i]))
    cut = {book.sectors[i] for i, bound in enumerate(book.bound) if bound == "CAP_SECTOR"}
    rows = [
        _exposure("sector", f"sector:{sector}", None, sizes[sector], parameters.sector_cap, sector in cut)
        for sector in sorted(sizes)
        if sizes[sector] != 0 or sector in cut
    ]
    return rows or [_exposure("sector", "portfolio", None, 0.0, parameters.sector_cap, False)]


def _long(book: Book, parameters: LimitParameters) -> list[RiskCheck]:
    size = float(np.maximum(book.target, 0.0).sum())
    return [_exposure("long", "portfolio", None, size, parameters.long_cap, "CAP_LONG" in book.bound)]


def _short(book: Book, parameters: LimitParameters) -> list[RiskCheck]:
    size = float(np.maximum(-book.target, 0.0).sum())
    return [_exposure("short", "portfolio", None, size, parameters.short_cap, "CAP_SHORT" in book.bound)]


def _gross(book: Book, parameters: LimitParameters) -> list[RiskCheck]:
    """Leverage: the auction keeps the cap for what it awards; held names it may not touch can still pass it: SCALE."""
    size = float(np.abs(book.target).sum())
    if passes(size, parameters.gross_cap, ROUNDING):
        return [_exposure("gross", "portfolio", None, size, parameters.gross_cap, "CAP_GROSS" in book.bound)]
    return [_scaled("gross", size, parameters.gross_cap, "LEVERAGE")]


def _turnover(book: Book, parameters: LimitParameters) -> list[RiskCheck]:
    scaled = book.turnover_wished > book.turnover + ROUNDING
    return [_exposure("turnover", "portfolio", None, book.turnover, parameters.turnover_cap, scaled)]


def _var(book: Book, parameters: LimitParameters) -> list[RiskCheck]:
    return [_measured("var", book.measure.var, parameters.var_limit, book.measure.reason)]


def _cvar_hard(book: Book, parameters: LimitParameters) -> list[RiskCheck]:
    return [_measured("cvar_hard", book.measure.cvar, parameters.cvar_hard, book.measure.reason)]


def _drawdown(book: Book, parameters: LimitParameters) -> list[RiskCheck]:
    observed = book.drawdown if book.drawdown is not None and isfinite(book.drawdown) else None
    if passes(observed, parameters.drawdown_limit) and not book.reject_open:
        return [_row("drawdown", observed, parameters.drawdown_limit, "ALLOW", 1.0, False, "WITHIN")]
    reason = "DRAWDOWN_UNKNOWN" if observed is None else "DRAWDOWN"
    if passes(observed, parameters.drawdown_limit):
        reason = "DRAWDOWN_WINDOW"
    return [_row("drawdown", observed, parameters.drawdown_limit, "REJECT", 1.0, True, reason)]


#: What the portfolio is held against, in the order it is evaluated; the decision limit on CVaR is `cvar_by_trade`.
LIMITS: tuple[Limit, ...] = (
    Limit("name_concentration", _name),
    Limit("sector", _sector),
    Limit("long", _long),
    Limit("short", _short),
    Limit("gross", _gross),
    Limit("turnover", _turnover),
    Limit("drawdown", _drawdown),
    Limit("var", _var),
    Limit("cvar_hard", _cvar_hard),
)


def evaluate(book: Book, parameters: LimitParameters) -> list[RiskCheck]:
    """A row per evaluation of every limit in LIMITS, passed ones too; an empty book is evaluated as well."""
    return [row for limit in LIMITS for row in limit.evaluate(book, parameters)]


def scale(checks: list[RiskCheck]) -> float:
    """The limit scalars stacked: their minimum, never their product (A15); 1 for none."""
    return min((row.factor for row in checks if row.action == "SCALE" and row.scope == "portfolio"), default=1.0)


def rejection(checks: list[RiskCheck]) -> str:
    """The reason that stops every increase, empty for none."""
    reasons = [row.reason for row in checks if row.action == "REJECT" and row.scope == "portfolio"]
    return reasons[0] if reasons else ""


def cvar_by_trade(
    book: Book,
    order: NDArray[np.intp],
    exempt: NDArray[np.bool_],
    known: History,
    limits: LimitParameters,
    measures: MeasureParameters,
) -> tuple[list[RiskCheck], dict[int, str]]:
    """CVaR of the book after each trade, cumulatively from what is held; a row per trade, and the refused ones (A12b).

    Reductions first, as they are placed, then increases; each in auction `order`. A trade is refused where CVaR after
    it is above the decision limit *and* above CVaR before it (A12). `exempt` trades (exits, limit-forced reductions)
    always pass. The running book is one vector of daily returns, so a trade costs one addition and two sorts.
    """
    moves = book.target - book.held
    shrinks = np.abs(book.target) < np.abs(book.held)
    trades = [int(i) for i in order if moves[i] != 0]
    trades.sort(key=lambda i: 0 if shrinks[i] else 1)
    column = {int(i): j for j, i in enumerate(known.names)}
    base = book_measure(book.held, known, measures)
    weights = book.held.copy()
    running = known.returns @ weights[known.names] if len(known.names) else np.empty(0)
    before = base.cvar
    rows: list[RiskCheck] = []
    refused: dict[int, str] = {}
    for i in trades:
        if i not in column:
            after, trial = measure(np.empty(0), measures, "WEIGHT_WITHOUT_HISTORY"), running
        else:
            trial = running + moves[i] * known.returns[:, column[i]]
            emptied = not np.any(weights[np.arange(len(weights)) != i]) and book.target[i] == 0
            after = EMPTY_BOOK if emptied else measure(trial, measures, known.reason)
        free = bool(exempt[i]) or (bool(shrinks[i]) and after.cvar is None)
        verdict = _trade_verdict(before, after.cvar, limits.cvar_decision, free)
        rows.append(
            RiskCheck(
                "cvar_decision",
                "symbol",
                book.symbols[i],
                after.cvar,
                limits.cvar_decision,
                "ALLOW" if verdict in ("WITHIN", "LOWERS_CVAR", "EXEMPT") else "REJECT",
                1.0,
                verdict in ("CVAR_DECISION", "CVAR_UNKNOWN"),
                verdict if verdict != "CVAR_UNKNOWN" else f"CVAR_UNKNOWN:{after.reason}",
            )
        )
        if rows[-1].action == "REJECT":
            refused[i] = verdict
            continue
        running, before = trial, after.cvar
        weights[i] = book.target[i]
    return rows, refused


def _trade_verdict(before: float | None, after: float | None, limit: float, exempt: bool) -> str:
    if exempt:
        return "EXEMPT"
    if after is None or not isfinite(after):
        return "CVAR_UNKNOWN"
    if after <= limit:
        return "WITHIN"
    if before is not None and after <= before:
        return "LOWERS_CVAR"
    return "CVAR_DECISION"


def _row(
    name: str, observed: float | None, threshold: float, action: str, factor: float, binding: bool, reason: str
) -> RiskCheck:
    return RiskCheck(name, "portfolio", None, observed, threshold, action, factor, binding, reason)  # type: ignore[arg-type]


def _exposure(name: str, scope: str, symbol: str | None, size: float, cap: float, cut: bool) -> RiskCheck:
    """A row for an exposure cap: within it; cut to it by the auction; or passed by what is held and not ours to cut."""
    if not isfinite(size):
        return RiskCheck(name, scope, symbol, None, cap, "REJECT", 1.0, True, "EXPOSURE_UNKNOWN")
    if not passes(size, cap, ROUNDING):
        return RiskCheck(name, scope, symbol, size, cap, "REJECT", 1.0, True, "HELD_OVER_CAP")
    if cut:
        return RiskCheck(name, scope, symbol, size, cap, "SCALE", 1.0, True, "CUT_TO_CAP")
    return RiskCheck(name, scope, symbol, size, cap, "ALLOW", 1.0, False, "WITHIN")


def _measured(name: str, observed: float | None, limit: float, reason: str) -> RiskCheck:
    """A row for a measure: None rejects, above the limit scales by limit / observed."""
    if observed is None or not isfinite(observed):
        return _row(name, None, limit, "REJECT", 1.0, True, f"{name.upper()}_UNKNOWN:{reason}")
    if passes(observed, limit):
        return _row(name, observed, limit, "ALLOW", 1.0, False, "WITHIN")
    return _scaled(name, observed, limit, name.upper())


def _scaled(name: str, observed: float, limit: float, reason: str) -> RiskCheck:
    return _row(name, observed, limit, "SCALE", limit / observed, True, reason)
