"""The limits a target book is held against and the scalars it is multiplied by, each evaluation a row (A1-A16, B1-B4).

LIMITS says what is held; adding one is its function and its line. Exposure caps are already kept by the auction and are
evaluated again here, on what came out. A figure that is None, NaN or infinite breaches: every comparison must be true
to pass (I17). Limit scalars stack by their minimum, soft ones multiply once outside it (A15); a row says which it is by
its name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from math import exp, isfinite, prod

import numpy as np
from numpy.typing import NDArray

from runner.models import ROUNDING, Floats, Regime, RiskCheck
from runner.risk.measures import EMPTY_BOOK, History, Measure, MeasureParameters, book_measure, measure_each

#: Trades measured together at most: their returns stay in the processor's cache.
BATCH_MAX = 64

_NO_HISTORY = Measure(None, None, None, None, 0, "WEIGHT_WITHOUT_HISTORY")

#: Limits whose breach scales the whole target: the smallest factor counts, never their product (A15).
LIMIT_SCALARS = ("gross", "var", "cvar_hard", "correlation")

#: Factors that multiply once, outside that minimum (A15).
SOFT_SCALARS = ("regime", "drawdown_scale", "fat_tail", "recovery_ramp")


@dataclass(frozen=True)
class LimitParameters:
    """Thresholds, fractions of NAV, named as in the sections `auction`, `risk`, `breakers`, `regimes`."""

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
    drawdown_lambda: float
    stress_limit: float
    correlation_limit: float
    volatility_target: float
    tier_two_var_multiple: float
    tier_two_volatility_multiple: float
    tier_two_gross: float
    fat_tail_shape: float
    fat_tail_scalar: float
    high_enter: float
    multiplier_bull_quiet: float
    multiplier_bull_volatile: float
    multiplier_bear_quiet: float
    multiplier_bear_crisis: float
    multiplier_uncertain: float


@dataclass(frozen=True)
class Figure:
    """A measure of a book; value None where the data do not support it, and then `reason` says why."""

    value: float | None
    reason: str = ""


@dataclass(frozen=True)
class Book:
    """A target book and what is known of it.

    target: (N,) signed fractions of NAV. bound: per symbol the auction constraint that cut it, or empty.
    turnover: increases of this session, earlier cycles included. turnover_wished: before they were scaled.
    measure: of the target. drawdown: of the time-weighted index from the tactical mark; None where not known. window:
    the drawdown window is open (A6). volatility: annual, ruling B1. correlation: the shock's average (A14); 0 with a
    reason for a book of too few names. stress: loss per scenario, positive = loss (A13).
    may_return: the allocation can be asked once more, so a stress loss scales instead of rejecting (A13, F10).
    """

    symbols: tuple[str, ...]
    sectors: tuple[str, ...]
    target: Floats
    bound: tuple[str, ...]
    turnover: float
    turnover_wished: float
    measure: Measure
    drawdown: float | None
    window: bool
    volatility: Figure
    correlation: Figure
    stress: Mapping[str, Figure]
    may_return: bool


@dataclass(frozen=True)
class Trades:
    """The trades of a pass, to be judged one by one (A12b).

    held, target: (N,) signed fractions of NAV. order: (N,) auction order. exempt: (N,) exits and reductions a limit
    forced, which always pass.
    """

    symbols: tuple[str, ...]
    held: Floats
    target: Floats
    order: NDArray[np.intp]
    exempt: NDArray[np.bool_]


@dataclass(frozen=True)
class Limit:
    """A limit: its name, and the function that gives its rows."""

    name: str
    evaluate: Callable[[Book, LimitParameters], list[RiskCheck]]


@dataclass(frozen=True)
class Scalars:
    """What the whole target is multiplied by (A15): `limit`, the minimum; `soft`, the product; tier: breaker (B2-B4).

    In tier two and above `soft` is at most the breaker's factor and positions only shrink: replacing the product by a
    larger number would make a breach loosen the book.
    """

    limit: float
    soft: float
    tier: int

    @property
    def shrink_only(self) -> bool:
        """Whether existing positions may only shrink (B3)."""
        return self.tier >= 2


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
    """Tier one scales; the name says where the loss is deep enough for tier two (B2, B3)."""
    row = _measured("var", book.measure.var, parameters.var_limit, book.measure.reason)
    deep = row.action == "SCALE" and not passes(row.observed, parameters.var_limit * parameters.tier_two_var_multiple)
    return [replace(row, reason="VAR_TIER_2") if deep else row]


def _cvar_hard(book: Book, parameters: LimitParameters) -> list[RiskCheck]:
    return [_measured("cvar_hard", book.measure.cvar, parameters.cvar_hard, book.measure.reason)]


def _volatility(book: Book, parameters: LimitParameters) -> list[RiskCheck]:
    """Above twice the target the breaker's second tier holds, whose row has the factor (B3)."""
    limit = parameters.volatility_target * parameters.tier_two_volatility_multiple
    observed = book.volatility.value
    if observed is None or not isfinite(observed):
        return [_row("volatility", None, limit, "REJECT", 1.0, True, f"VOLATILITY_UNKNOWN:{book.volatility.reason}")]
    if passes(observed, limit):
        return [_row("volatility", observed, limit, "ALLOW", 1.0, False, "WITHIN")]
    return [_row("volatility", observed, limit, "SCALE", 1.0, True, "VOLATILITY_TIER_2")]


def _correlation(book: Book, parameters: LimitParameters) -> list[RiskCheck]:
    found = book.correlation
    if found.value is not None and found.reason:
        return [_row("correlation", found.value, parameters.correlation_limit, "ALLOW", 1.0, False, found.reason)]
    return [_measured("correlation", found.value, parameters.correlation_limit, found.reason)]


def _stress(book: Book, parameters: LimitParameters) -> list[RiskCheck]:
    """A row per scenario: above the limit the one return to the auction scales, after it increases stop (A13)."""
    rows = []
    for name, found in book.stress.items():
        loss, limit, scope = found.value, parameters.stress_limit, f"scenario:{name}"
        if loss is None or not isfinite(loss):
            row = _row("stress", None, limit, "REJECT", 1.0, True, f"STRESS_UNKNOWN:{found.reason}")
        elif passes(loss, limit):
            row = _row("stress", loss, limit, "ALLOW", 1.0, False, "WITHIN")
        elif book.may_return:
            row = _scaled("stress", loss, limit, "STRESS")
        else:
            row = _row("stress", loss, limit, "REJECT", 1.0, True, "STRESS")
        rows.append(replace(row, scope=scope))
    return rows or [_row("stress", None, parameters.stress_limit, "REJECT", 1.0, True, "STRESS_UNKNOWN:NO_SCENARIO")]


def _drawdown(book: Book, parameters: LimitParameters) -> list[RiskCheck]:
    observed = book.drawdown if book.drawdown is not None and isfinite(book.drawdown) else None
    if passes(observed, parameters.drawdown_limit) and not book.window:
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
    Limit("volatility", _volatility),
    Limit("correlation", _correlation),
    Limit("stress", _stress),
)


def evaluate(book: Book, parameters: LimitParameters) -> list[RiskCheck]:
    """A row per evaluation of every limit in LIMITS, passed ones too; an empty book is evaluated as well."""
    return [row for limit in LIMITS for row in limit.evaluate(book, parameters)]


def stress_scale(checks: list[RiskCheck]) -> float:
    """What the target is scaled by on its one return to the auction (A13); 1 where no scenario asks for it."""
    return min((row.factor for row in checks if row.limit_name == "stress" and row.action == "SCALE"), default=1.0)


def rejection(checks: list[RiskCheck]) -> str:
    """The reason that stops every increase, empty for none: one of the whole book, or of one scenario."""
    reasons = [
        row.reason for row in checks if row.action == "REJECT" and row.scope.startswith(("portfolio", "scenario:"))
    ]
    return reasons[0] if reasons else ""


def soft_rows(
    regime: Regime, drawdown: float | None, ramp: float, tail: Figure, parameters: LimitParameters
) -> list[RiskCheck]:
    """A row per soft scalar (A15): regime (C4-C6), drawdown adaptation, fat tail (E3), recovery tier (B9-B11).

    drawdown: of the tactical mark; unknown rejects every increase and sells nothing. ramp: 1 outside a recovery.
    BEAR_CRISIS is no factor: it rejects every increase, and what is held may only shrink (C6).
    """
    return [
        _regime_row(regime, parameters),
        _drawdown_row(drawdown, parameters),
        _soft("recovery_ramp", ramp, 1.0, ramp, "RECOVERY_RAMP"),
        _tail_row(tail, parameters),
    ]


def _regime_row(regime: Regime, parameters: LimitParameters) -> RiskCheck:
    factor = float(getattr(parameters, f"multiplier_{regime.name.lower()}"))
    seen, enter = regime.high_probability, parameters.high_enter
    if factor == 0.0:
        return _row("regime", seen, enter, "REJECT", 1.0, True, f"REGIME_{regime.name}")
    return _soft("regime", seen, enter, factor, f"REGIME_{regime.name}")


def _drawdown_row(drawdown: float | None, parameters: LimitParameters) -> RiskCheck:
    if drawdown is None or not isfinite(drawdown):
        return _row("drawdown_scale", None, 0.0, "REJECT", 1.0, True, "DRAWDOWN_UNKNOWN")
    factor = exp(-parameters.drawdown_lambda * max(drawdown, 0.0))
    return _soft("drawdown_scale", drawdown, 0.0, factor, "DRAWDOWN_SCALE")


def _tail_row(tail: Figure, parameters: LimitParameters) -> RiskCheck:
    if passes(tail.value, parameters.fat_tail_shape):
        return _soft("fat_tail", tail.value, parameters.fat_tail_shape, 1.0, "")
    known = tail.value is not None and isfinite(tail.value)
    reason = "FAT_TAIL" if known else f"TAIL_UNKNOWN:{tail.reason}"
    return _soft(
        "fat_tail", tail.value if known else None, parameters.fat_tail_shape, parameters.fat_tail_scalar, reason
    )


def _soft(name: str, observed: float | None, threshold: float, factor: float, reason: str) -> RiskCheck:
    if factor < 1:
        return _row(name, observed, threshold, "SCALE", factor, True, reason)
    return _row(name, observed, threshold, "ALLOW", 1.0, False, "WITHIN")


def breaker(checks: list[RiskCheck], parameters: LimitParameters) -> RiskCheck:
    """The circuit breaker's tier as a row (B2-B4): observed is the tier, 0 for none.

    One: VaR above its limit. Two: VaR or volatility above their multiples. Three: drawdown above its limit and
    volatility above its multiple, unknown counting as above, which freezes. An unknown figure alone rejects increases
    and sells nothing: data that are missing are no reason to trade.
    """
    by_name = {row.limit_name: row for row in checks}
    var, volatility, drawdown = by_name["var"], by_name["volatility"], by_name["drawdown"]
    calm = passes(volatility.observed, volatility.threshold)
    if not calm and not passes(drawdown.observed, drawdown.threshold):
        return _row("circuit_breaker", 3.0, 0.0, "FREEZE", parameters.tier_two_gross, True, "TIER_3")
    for row, name in ((volatility, "VOLATILITY"), (var, "VAR")):
        if row.observed is None:
            return _row("circuit_breaker", None, 0.0, "REJECT", 1.0, True, f"{name}_UNKNOWN")
    if not calm or not passes(var.observed, var.threshold * parameters.tier_two_var_multiple):
        return _row("circuit_breaker", 2.0, 0.0, "SCALE", parameters.tier_two_gross, True, "TIER_2")
    if not passes(var.observed, var.threshold):
        return _row("circuit_breaker", 1.0, 0.0, "SCALE", 1.0, True, "TIER_1")
    return _row("circuit_breaker", 0.0, 0.0, "ALLOW", 1.0, False, "WITHIN")


def scalars(checks: list[RiskCheck]) -> Scalars:
    """What the rows multiply the target by."""
    limit = min((row.factor for row in checks if row.limit_name in LIMIT_SCALARS), default=1.0)
    soft = prod(row.factor for row in checks if row.limit_name in SOFT_SCALARS)
    tripped = next((row for row in checks if row.limit_name == "circuit_breaker"), None)
    if tripped is None or tripped.observed is None:
        return Scalars(limit, soft, 0)
    return Scalars(limit, min(soft, tripped.factor), int(tripped.observed))


def cvar_by_trade(
    book: Trades, known: History, limits: LimitParameters, measures: MeasureParameters
) -> tuple[list[RiskCheck], dict[int, str]]:
    """CVaR of the book after each trade, cumulatively from what is held; a row per trade, and the refused ones (A12b).

    Reductions first, as they are placed, then increases; each in auction order. A trade is refused where CVaR after it
    is above the decision limit *and* above CVaR before it (A12). The running book is one vector of daily returns, so a
    trade costs one addition; trades are measured in batches as though none were refused, anew from a refused one on.
    """
    moves = (book.target - book.held).tolist()
    shrinks = np.abs(book.target) < np.abs(book.held)
    trades = [i for i in book.order.tolist() if moves[i] != 0]
    trades.sort(key=lambda i: not shrinks[i])
    column = {name: j for j, name in enumerate(known.names.tolist())}
    before = book_measure(book.held, known, measures).cvar
    running = known.returns @ book.held[known.names] if len(known.names) else np.empty(0)
    by_name = np.ascontiguousarray(known.returns.T)
    alive = int(np.count_nonzero(book.held))
    rows: list[RiskCheck] = []
    refused: dict[int, str] = {}
    done, batch = 0, 1
    while done < len(trades):
        ahead = trades[done : done + batch]
        paths = _paths(running, ahead, moves, column, by_name)
        figures = measure_each(paths, measures, known.reason)
        for i, path, figure in zip(ahead, paths, figures, strict=True):
            left = alive + int(book.target[i] != 0) - int(book.held[i] != 0)
            after = figure if i in column else _NO_HISTORY
            after = EMPTY_BOOK if i in column and left == 0 else after
            free = bool(book.exempt[i]) or (bool(shrinks[i]) and after.cvar is None)
            verdict = _trade_verdict(before, after.cvar, limits.cvar_decision, free)
            rows.append(_trade_row(book.symbols[i], after, limits.cvar_decision, verdict))
            done += 1
            if rows[-1].action == "REJECT":
                refused[i] = verdict
                batch = 1
                break
            running, before, alive = path, after.cvar, left
        else:
            batch = min(2 * batch, BATCH_MAX)
    return rows, refused


def _paths(running: Floats, trades: list[int], moves: list[float], column: dict[int, int], by_name: Floats) -> Floats:
    """(trades, observations) daily returns of the book after each trade, were none refused; one addition a trade.

    A trade of a name without history adds nothing that can be measured.
    """
    paths = np.empty((len(trades), len(running)))
    for path, i in zip(paths, trades, strict=True):
        if i in column:
            np.multiply(by_name[column[i]], moves[i], out=path)
            np.add(path, running, out=path)
        else:
            path[:] = running
        running = path
    return paths


def _trade_row(symbol: str, after: Measure, limit: float, verdict: str) -> RiskCheck:
    return RiskCheck(
        "cvar_decision",
        "symbol",
        symbol,
        after.cvar,
        limit,
        "ALLOW" if verdict in ("WITHIN", "LOWERS_CVAR", "EXEMPT") else "REJECT",
        1.0,
        verdict in ("CVAR_DECISION", "CVAR_UNKNOWN"),
        verdict if verdict != "CVAR_UNKNOWN" else f"CVAR_UNKNOWN:{after.reason}",
    )


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
