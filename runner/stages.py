"""Phases 2 to 5 of a cycle as one pure function: signals, allocation, risk, order intents.

`stages(panel, inputs, state, config)` reads no clock, environment or database and iterates in symbol order only, so the
same input gives the same bytes; live, paper, shadow, backtest and replay call it alike. Order of rules (CVaR first):
halt -> eligibility -> agents -> stops and stale views -> auction -> clamps -> dust -> turnover -> CVaR by trade ->
one return to the auction (F10) -> limit scalar -> quantities.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from decimal import ROUND_DOWN, Decimal
from math import isfinite
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from runner import committee
from runner.agents.technical import TechnicalParameters
from runner.config import GoldenConfig
from runner.meta_brain import MetaBrainParameters
from runner.models import (
    FEATURES,
    AccountState,
    AgentView,
    Alert,
    CycleInputs,
    CycleResult,
    Decision,
    FeatureMatrix,
    Floats,
    LayerVerdict,
    OrderIntent,
    Outcome,
    Panel,
    RiskCheck,
    RiskState,
    SymbolInput,
    SymbolState,
)
from runner.portfolio import auction, overlays
from runner.risk import limits, measures

_Parameters = TypeVar("_Parameters")
_Mask = NDArray[np.bool_]

#: Asset classes no broker of ours trades: kept for benchmarks and data only (F8).
UNTRADABLE = ("fx", "index")
#: Risk states in which the committee trades nothing at all (B5).
CLOSED_STATES = ("FREEZE", "LIQUIDATE", "KILL")
#: Layers whose issue is open; their verdict says so.
NOT_BUILT = (7, 8, 9)


@dataclass(frozen=True)
class Standing:
    """The account and its symbols as arrays in symbol order, before any wish.

    held: (N,) signed fractions of NAV, position and open orders together (HELD). codes: why a symbol may not trade,
    empty where it may. returns: (T-1, N). stops: entry stops, None where flat.
    """

    symbols: tuple[str, ...]
    rows: tuple[SymbolInput, ...]
    prices: Floats
    positions: tuple[Decimal, ...]
    open_orders: tuple[Decimal, ...]
    held: Floats
    codes: tuple[tuple[str, ...], ...]
    eligible: _Mask
    buckets: tuple[str, ...]
    features: FeatureMatrix
    returns: Floats
    benchmark: Floats | None
    memory: tuple[SymbolState, ...]

    def feature(self, name: str) -> Floats:
        """Feature `name` of every symbol, NaN where missing."""
        return self.features.column(name)


@dataclass(frozen=True)
class Wishes:
    """What the committee wants, arrays in symbol order.

    kelly: wished weight. fixed: no committee order either way. exits: symbol index to reason, target 0 whatever the
    wish. stops: symbol index to the code that stops an increase. stale: sessions without a valid agent (W2).
    """

    kelly: Floats
    conviction: Floats
    fixed: _Mask
    exits: Mapping[int, str]
    blocked: Mapping[int, str]
    stale: tuple[int, ...]


@dataclass(frozen=True)
class Allocation:
    """A pass of phase 3: requests, awards, target, and what changed them. pinned: keep what is held."""

    requests: Floats
    awards: Floats
    target: Floats
    order: NDArray[np.intp]
    bound: tuple[str, ...]
    stopped: Mapping[int, str]
    flips: _Mask
    dust: _Mask
    overlays_changed: Mapping[str, float]
    turnover_wished: float
    turnover: float


@dataclass(frozen=True)
class Assessment:
    """A pass of phase 4: its rows, the names it stops, and the figures of the target it was given."""

    checks: tuple[RiskCheck, ...]
    refused: Mapping[int, str]
    target: Floats
    measure: measures.Measure
    known: measures.History
    factor: float
    rejection: str


def stages(
    panel: Panel, inputs: CycleInputs, state: AccountState, config: GoldenConfig, strategy: str | None = None
) -> CycleResult:
    """Everything of a cycle between the gate and the orders' rows, for the named strategy (default: configured).

    Raises: ConfigError for an unknown strategy, ValueError where it names an agent or overlay that is not built. Data
    that cannot be used is never an exception: it is a HALT or a REJECT with its code.
    """
    fault = unusable(panel, inputs, state)
    if fault:
        return _halted(inputs, state, 6, fault, (), ())
    standing = _standing(panel, inputs, state, config)
    hearing = _hear(standing, config, strategy or config.strategies.default)
    if not hearing.any_view:
        failed = tuple(committee.error_code(name) for name in sorted(hearing.failed))
        return _halted(inputs, state, 5, failed or ("NO_VALID_AGENT",), hearing.views, hearing.alerts)

    wishes = _wishes(standing, hearing, config)
    allocation = _allocate(standing, wishes, {}, None, state, config)
    assessment = _assess(standing, wishes, allocation, state, config)
    first_checks: tuple[RiskCheck, ...] = ()
    returned = bool(assessment.refused or assessment.rejection) and config.auction.returns_to_allocation_max > 0
    if returned:
        stopped = dict(assessment.refused)
        if assessment.rejection:
            stopped = {i: stopped.get(i, assessment.rejection) for i in range(len(standing.symbols))}
        first_checks = tuple(row for row in assessment.checks if row.binding and row.action == "REJECT")
        ceiling = allocation.awards
        allocation = _allocate(standing, wishes, stopped, ceiling, state, config)
        assessment = _assess(standing, wishes, allocation, state, config)
    final = _scale(standing, wishes, allocation, assessment, config)
    trades = _orders(standing, wishes, allocation, assessment, final, state, config)
    return _result(
        standing, hearing, wishes, allocation, assessment, final, trades, first_checks, returned, inputs, state, config
    )


def halted_decisions(
    inputs: CycleInputs, state: AccountState, layer: int, codes: tuple[str, ...] = ()
) -> tuple[Decision, ...]:
    """REJECT HALT_<layer> for every active symbol, with the layer's own codes; fields 6 and 8-10 are NULL."""
    decisions = []
    for row in inputs.symbols:
        weight = _held_weight(row, state)
        reasons = (f"HALT_{layer}", *codes) + (("HELD_WEIGHT_UNKNOWN",) if weight is None else ())
        decisions.append(
            Decision(
                row.symbol, "REJECT", weight or 0.0, None, reasons, None, None, None,
                _score(row.data_quality_score), _score(row.provider_confidence), {}, (), {"halt_layer": layer},
            )
        )  # fmt: skip
    return tuple(decisions)


def unusable(panel: Panel, inputs: CycleInputs, state: AccountState) -> tuple[str, ...]:
    """Codes of what makes any decision impossible, empty where nothing does (I17: an unreadable input refuses)."""
    codes = []
    if state.risk_state in CLOSED_STATES:
        codes.append(f"STATE_{state.risk_state}")
    if not (isfinite(state.nav) and state.nav > 0):
        codes.append("NAV_UNUSABLE")
    if not isfinite(state.cash):
        codes.append("CASH_UNUSABLE")
    if not (isfinite(state.turnover_used) and state.turnover_used >= 0):
        codes.append("TURNOVER_UNUSABLE")
    if len(panel.sessions) and panel.sessions[-1] > np.datetime64(inputs.as_of_session, "D"):
        codes.append("PANEL_BEYOND_AS_OF")
    known = {row.symbol: row for row in inputs.symbols}
    for symbol in sorted(set(state.positions) | set(state.open_orders)):
        shares = _shares(state, symbol)
        if not shares.is_finite():
            codes.append(f"POSITION_UNUSABLE:{symbol}")
        elif shares != 0 and symbol not in known:
            codes.append(f"HELD_WITHOUT_INPUT:{symbol}")
        elif shares != 0 and not _usable_price(known[symbol].last_close):
            codes.append(f"HELD_WITHOUT_PRICE:{symbol}")
    return tuple(codes)


# --- phase 2: what stands, what the agents say ------------------------------------------------------------------------


def _standing(panel: Panel, inputs: CycleInputs, state: AccountState, config: GoldenConfig) -> Standing:
    rows = inputs.symbols
    symbols = tuple(row.symbol for row in rows)
    codes = tuple(_ineligible(row, panel, inputs, config) for row in rows)
    prices = np.array([row.last_close if _usable_price(row.last_close) else np.nan for row in rows], dtype=np.float64)
    held = np.array([_held_weight(row, state) or 0.0 for row in rows], dtype=np.float64)
    column = {symbol: i for i, symbol in enumerate(panel.symbols)}
    closes = np.full((len(panel.sessions), len(rows)), np.nan)
    for i, symbol in enumerate(symbols):
        if symbol in column:
            closes[:, i] = panel.closes[:, column[symbol]]
    benchmark = None
    if inputs.benchmark in column:
        benchmark = measures.simple_returns(panel.closes[:, [column[inputs.benchmark]]])[:, 0]
    values = np.array([[_float(row.features.get(name)) for name in FEATURES] for row in rows], dtype=np.float64)
    return Standing(
        symbols=symbols,
        rows=rows,
        prices=prices,
        positions=tuple(state.positions.get(symbol, Decimal(0)) for symbol in symbols),
        open_orders=tuple(state.open_orders.get(symbol, Decimal(0)) for symbol in symbols),
        held=held,
        codes=codes,
        eligible=np.array([not code for code in codes], dtype=bool),
        buckets=auction.buckets(tuple(row.sector for row in rows), tuple(row.asset_class for row in rows), symbols),
        features=FeatureMatrix(symbols, FEATURES, values.reshape(len(rows), len(FEATURES))),
        returns=measures.simple_returns(closes),
        benchmark=benchmark,
        memory=tuple(state.symbols.get(symbol, SymbolState(symbol, None, 0, None)) for symbol in symbols),
    )


def _ineligible(row: SymbolInput, panel: Panel, inputs: CycleInputs, config: GoldenConfig) -> tuple[str, ...]:
    """Why a symbol may not be traded, empty where it may: the gate's verdict, and the same thresholds again (D12, F5)."""
    codes = []
    if not row.in_universe:
        codes.append("NOT_IN_UNIVERSE")
    if row.governance_state != "ACTIVE":
        codes += [f"NOT_ACTIVE_{row.governance_state}:{reason}" for reason in row.governance_reasons] or [
            f"NOT_ACTIVE_{row.governance_state}"
        ]
    if row.asset_class in UNTRADABLE:
        codes.append(f"NOT_TRADABLE:{row.asset_class}")
    if row.governance_state == "ACTIVE":
        if not row.data_quality_score >= config.data.min_quality:
            codes.append("LOW_QUALITY")
        if row.valid_sessions < config.data.required_history_sessions:
            codes.append(f"SHORT_HISTORY:{row.valid_sessions}")
        if not _usable_price(row.last_close):
            codes.append("NO_PRICE")
        if row.last_session is None or _sessions_since(panel, row, inputs) > config.data.max_stale_sessions:
            codes.append("STALE_PRICE")
    return tuple(codes)


def _sessions_since(panel: Panel, row: SymbolInput, inputs: CycleInputs) -> int:
    """Sessions of the panel after the symbol's last bar; an as-of session the panel does not reach counts as one."""
    last = np.datetime64(row.last_session, "D")
    as_of = np.datetime64(inputs.as_of_session, "D")
    later = int(np.count_nonzero(panel.sessions > last))
    reached = len(panel.sessions) > 0 and panel.sessions[-1] == as_of
    return later if reached else later + int(last < as_of)


def _hear(standing: Standing, config: GoldenConfig, strategy: str) -> committee.Hearing:
    """The committee's hearing of every symbol; those that may not trade are given to the agents without a feature."""
    parameters = {"technical": _parameters(TechnicalParameters, config.technical, config.fund)}
    seats = tuple(
        committee.Seat(agent.name, agent.prior, agent.ic, parameters.get(agent.name))
        for agent in config.strategies.named(strategy).agents
    )
    asked = np.flatnonzero(standing.eligible)
    names = committee.features_read(seats)
    values = np.column_stack([standing.feature(name)[asked] for name in names])
    matrix = FeatureMatrix(tuple(standing.symbols[i] for i in asked), names, values)
    annual = standing.feature("sd_252")[asked] * np.sqrt(config.fund.sessions_per_year)
    brain = _parameters(MetaBrainParameters, config.meta_brain)
    return committee.hear(matrix, seats, annual, config.meta_brain.mu_abs_max, brain)


def _wishes(standing: Standing, hearing: committee.Hearing, config: GoldenConfig) -> Wishes:
    """Kelly wishes of the eligible, and what may not follow them: F18, W2, a failed agent, a stop (D14)."""
    count = len(standing.symbols)
    kelly, conviction, fixed = np.zeros(count), np.zeros(count), ~standing.eligible
    exits: dict[int, str] = {}
    blocked: dict[int, str] = {}
    stale = [memory.stale_view_sessions if standing.held[i] != 0 else 0 for i, memory in enumerate(standing.memory)]
    for j, i in enumerate(int(i) for i in np.flatnonzero(standing.eligible)):
        memory, held = standing.memory[i], float(standing.held[i])
        if hearing.ensemble.valid[j]:
            kelly[i], conviction[i], stale[i] = hearing.ensemble.kelly[j], hearing.ensemble.conviction[j], 0
            fixed[i] = bool(hearing.failed)
        else:
            stale[i] = stale[i] + 1 if held != 0 else 0
            fixed[i] = stale[i] <= config.meta_brain.stale_view_sessions
            if not fixed[i]:
                exits[i] = "STALE_VIEW"
        side = 1 if held > 0 else -1
        if held != 0 and overlays.stopped_out(float(standing.prices[i]), memory.entry_stop, side):
            exits[i], fixed[i] = "STOP_LOSS_HIT", False
        since = memory.sessions_since_stop
        if since is not None and since <= config.overlays.stop_reentry_sessions:
            blocked[i] = f"STOP_COOLDOWN:{since}"
    return Wishes(kelly, conviction, fixed, exits, blocked, tuple(stale))


# --- phase 3: allocation ----------------------------------------------------------------------------------------------


def _allocate(
    standing: Standing,
    wishes: Wishes,
    refused: Mapping[int, str],
    ceiling: Floats | None,
    state: AccountState,
    config: GoldenConfig,
) -> Allocation:
    """One pass of phase 3. refused: names phase 4 stops; ceiling: first-pass awards, which no second one exceeds."""
    caps, held = _parameters(auction.Caps, config.auction), standing.held
    requests, stopped, flips = _requests(standing, wishes, refused, config)
    if ceiling is not None:
        limit = np.where(wishes.fixed, np.abs(held), np.maximum(np.abs(ceiling), np.where(requests == held, np.abs(held), 0.0)))
        requests = np.sign(requests) * np.minimum(np.abs(requests), limit)
    settled = overlays.settle_wishes(requests, held, config.auction.name_cap, config.auction.min_change)
    requests = np.where(settled, held, requests)
    fixed = np.where(wishes.fixed, held, 0.0)
    order = auction.ranking(wishes.conviction, requests, held, config.auction.held_rank_multiple)
    awards = auction.award(requests, order, standing.buckets, fixed, caps)
    overlaid, changed = overlays.overlay(awards.weights, held, standing.feature("beta_252"), config.overlays.enabled)
    clamped = auction.award(overlaid, order, standing.buckets, fixed, caps)
    bound = tuple(a or b for a, b in zip(awards.bound, clamped.bound, strict=True))
    dust = overlays.drop_dust(clamped.weights, held, state.nav, config.auction.min_change, config.auction.min_notional)
    target = np.where(dust, held, clamped.weights)
    target, wished, granted = overlays.turnover(target, held, state.turnover_used, config.auction.turnover_cap)
    return Allocation(
        requests, awards.weights, target, order, bound, stopped, flips, dust | settled, changed, wished, granted
    )


def _requests(
    standing: Standing, wishes: Wishes, refused: Mapping[int, str], config: GoldenConfig
) -> tuple[Floats, dict[int, str], _Mask]:
    """What each name asks for after the rules that need no book, why increases were stopped, and which would flip."""
    held = standing.held
    requests = np.where(wishes.fixed, held, wishes.kelly)
    stopped: dict[int, str] = {}
    for i in (int(i) for i in np.flatnonzero(~wishes.fixed & (requests < 0))):
        if not config.auction.allow_short or not standing.rows[i].shortable:
            stopped[i] = "NOT_SHORTABLE" if config.auction.allow_short else "SHORT_DISABLED"
            requests[i] = 0.0
    flips = ~wishes.fixed & (np.sign(requests) * np.sign(held) < 0)
    requests = np.where(flips, 0.0, requests)
    for i, code in sorted({**wishes.blocked, **refused}.items()):
        if wishes.fixed[i] or i in wishes.exits:
            continue
        shrunk = float(overlays.reduce_only(held[i : i + 1], requests[i : i + 1])[0])
        if shrunk != requests[i]:
            stopped[i], requests[i] = code, shrunk
        elif code == "CVAR_DECISION" and requests[i] != held[i]:
            stopped[i], requests[i] = code, held[i]
    for i in wishes.exits:
        requests[i] = 0.0
    return requests, stopped, flips


# --- phase 4: risk ----------------------------------------------------------------------------------------------------


def _assess(
    standing: Standing, wishes: Wishes, allocation: Allocation, state: AccountState, config: GoldenConfig
) -> Assessment:
    """One pass of phase 4: CVaR trade by trade, then every limit on the book that is left."""
    held, target = standing.held, allocation.target
    risk = _parameters(measures.MeasureParameters, config.risk)
    thresholds = _parameters(limits.LimitParameters, config.auction, config.risk)
    known = measures.history(
        standing.returns,
        (held != 0) | (target != 0),
        held != 0,
        standing.eligible,
        standing.buckets,
        standing.feature("beta_252"),
        standing.benchmark,
        risk,
    )
    refused = {i: "NO_COMMON_HISTORY" for i in known.refused}
    target = np.where(np.isin(np.arange(len(held)), known.refused), overlays.reduce_only(held, target), target)
    exempt = np.array([i in wishes.exits or bool(allocation.bound[i]) for i in range(len(held))], dtype=bool)
    exempt &= np.abs(target) < np.abs(held)
    book = limits.Book(
        symbols=standing.symbols,
        sectors=standing.buckets,
        held=held,
        target=target,
        bound=allocation.bound,
        turnover=state.turnover_used + allocation.turnover,
        turnover_wished=state.turnover_used + allocation.turnover_wished,
        measure=measures.EMPTY_BOOK,
        drawdown=_drawdown(state),
        reject_open=state.reject_sessions_left > 0,
    )
    rows, by_trade = limits.cvar_by_trade(book, allocation.order, exempt, known, thresholds, risk)
    refused |= by_trade
    for i in by_trade:
        target = _with(target, i, float(held[i]))
    figures = measures.book_measure(target, known, risk)
    checks = limits.evaluate(replace(book, target=target, measure=figures), thresholds)
    return Assessment(
        (*rows, *checks), refused, target, figures, known, limits.scale(checks), limits.rejection(checks)
    )


def _scale(
    standing: Standing, wishes: Wishes, allocation: Allocation, assessment: Assessment, config: GoldenConfig
) -> Floats:
    """The target times the limit scalar (A15), increases stopped where the book is rejected, too small ones dropped."""
    held = standing.held
    target = overlays.reduce_only(held, assessment.target) if assessment.rejection else assessment.target
    target = np.where(wishes.fixed, held, target * assessment.factor)
    if assessment.factor < 1:
        grows = (np.abs(target) > np.abs(held)) & (held != 0)
        target = np.where(grows & (np.abs(target - held) < config.auction.min_change), held, target)
    return target


# --- phase 5: quantities ----------------------------------------------------------------------------------------------


def _orders(
    standing: Standing,
    wishes: Wishes,
    allocation: Allocation,
    assessment: Assessment,
    final: Floats,
    state: AccountState,
    config: GoldenConfig,
) -> dict[int, tuple[OrderIntent, tuple[str, ...]]]:
    """Order intents by symbol index, with the codes the quantity rules add; no entry where nothing is to be traded."""
    trades: dict[int, tuple[OrderIntent, tuple[str, ...]]] = {}
    for i in (int(i) for i in np.flatnonzero((final != standing.held) & ~wishes.fixed)):
        price = float(standing.prices[i])
        position, working = standing.positions[i], standing.open_orders[i]
        goal = overlays.target_shares(float(final[i]), state.nav, price, config.auction.quantity_decimals)
        delta = overlays.order_quantity(goal, position, working, exit_all=final[i] == 0)
        held = position + working
        grows = abs(held + delta) > abs(held)
        extra: tuple[str, ...] = ()
        if abs(delta) * Decimal(repr(price)) > Decimal(repr(config.oms.order_value)):
            whole = goal < 0 or (delta < 0 and not grows and position < 0)
            quantum = Decimal(1) if whole else Decimal(1).scaleb(-config.auction.quantity_decimals)
            most = (Decimal(repr(config.oms.order_value)) / Decimal(repr(price))).quantize(quantum, rounding=ROUND_DOWN)
            delta, extra = most.copy_sign(delta), ("CAP_ORDER_VALUE",)
        value = float(abs(delta) * Decimal(repr(price)))
        if delta == 0 or (value < config.auction.min_notional and not (final[i] == 0 and held + delta == 0)):
            continue
        code = _kind(held, held + delta)
        intent = OrderIntent(
            standing.symbols[i],
            "BUY" if delta > 0 else "SELL",
            abs(delta),
            "entry" if grows else "exit",
            wishes.exits.get(i, code),
            price,
            standing.rows[i].price_basis,
            value,
        )
        trades[i] = (intent, (code, *extra))
    return trades


def _kind(before: Decimal, after: Decimal) -> str:
    """What a trade does to the position: OPEN, INCREASE, REDUCE or CLOSE, LONG or SHORT."""
    side = "LONG" if (after if before == 0 else before) > 0 else "SHORT"
    if before == 0:
        return f"OPEN_{side}"
    if after == 0:
        return f"CLOSE_{side}"
    return f"INCREASE_{side}" if abs(after) > abs(before) else f"REDUCE_{side}"


# --- the result -------------------------------------------------------------------------------------------------------


def _result(
    standing: Standing,
    hearing: committee.Hearing,
    wishes: Wishes,
    allocation: Allocation,
    assessment: Assessment,
    final: Floats,
    trades: Mapping[int, tuple[OrderIntent, tuple[str, ...]]],
    first_checks: tuple[RiskCheck, ...],
    returned: bool,
    inputs: CycleInputs,
    state: AccountState,
    config: GoldenConfig,
) -> CycleResult:
    book = _book_after(standing, trades, state)
    post = measures.book_measure(
        book, assessment.known, _parameters(measures.MeasureParameters, config.risk)
    )
    order_rows = tuple(
        RiskCheck(
            "order_value", "symbol", trade.symbol, trade.value, config.oms.order_value,
            "SCALE" if "CAP_ORDER_VALUE" in codes else "ALLOW", 1.0, "CAP_ORDER_VALUE" in codes,
            "CUT_TO_CAP" if "CAP_ORDER_VALUE" in codes else "WITHIN",
        )
        for trade, codes in trades.values()
    )  # fmt: skip
    checks = (*first_checks, *assessment.checks, *order_rows)
    decisions = _decisions(standing, hearing, wishes, allocation, assessment, final, trades, book, checks, config)
    rank = {int(i): place for place, i in enumerate(allocation.order)}
    sequence = sorted(trades, key=lambda i: (trades[i][0].leg == "entry", rank[i]))
    factors = _factors(allocation, assessment, returned, state, config)
    narrow, alerts = _breadth(standing, hearing, config)
    if assessment.rejection:
        alerts += (_reject_alert(assessment.rejection),)
    left = _window(assessment, state, config)
    risk_state = RiskState(
        "REJECT" if assessment.rejection else "SCALE" if assessment.factor < 1 else "ALLOW",
        assessment.measure.var,
        assessment.measure.cvar,
        post.cvar,
        _drawdown(state),
        float(np.abs(book).sum()),
        float(book.sum()),
        left,
        factors | {"reject_sessions_left": float(left)},
    )
    outcomes = [decision.final_decision for decision in decisions]
    return CycleResult(
        None,
        hearing.views,
        decisions,
        checks,
        risk_state,
        _memories(standing, wishes, decisions, book),
        tuple(trades[i][0] for i in sequence),
        _verdicts(hearing, assessment),
        hearing.alerts + alerts,
        {
            "symbols": len(decisions),
            "eligible": int(standing.eligible.sum()),
            "outcomes": {name: outcomes.count(name) for name in config.meta_brain.outcomes},
            "universe_too_narrow": narrow,
            "returned_to_allocation": returned,
            "cap_binding_rate": _cap_binding_rate(allocation, wishes),
            "overlays": dict(allocation.overlays_changed),
            "var_historical": _num(assessment.measure.var_historical),
            "var_filtered": _num(assessment.measure.var_filtered),
            "cvar_historical": _num(assessment.measure.cvar_historical),
            "cvar_filtered": _num(assessment.measure.cvar_filtered),
            "common_sessions": assessment.measure.observations,
            "foreign_histories": {standing.symbols[i]: flag for i, flag in sorted(assessment.known.foreign.items())},
            "factors": factors,
        },
    )


def _decisions(
    standing: Standing,
    hearing: committee.Hearing,
    wishes: Wishes,
    allocation: Allocation,
    assessment: Assessment,
    final: Floats,
    trades: Mapping[int, tuple[OrderIntent, tuple[str, ...]]],
    book: Floats,
    checks: tuple[RiskCheck, ...],
    config: GoldenConfig,
) -> tuple[Decision, ...]:
    """One decision per symbol, in symbol order: outcome and codes by D10, the stop by D14, every factor in metadata."""
    place = {int(i): j for j, i in enumerate(np.flatnonzero(standing.eligible))}
    by_symbol: dict[str | None, list[RiskCheck]] = {}
    by_scope: dict[str, list[RiskCheck]] = {}
    for row in checks:
        by_symbol.setdefault(row.symbol, []).append(row)
        by_scope.setdefault(row.scope, []).append(row)
    portfolio = [row for row in by_scope.get("portfolio", []) if row.binding]
    views: dict[str, list[AgentView]] = {}
    for view in hearing.views:
        views.setdefault(view.symbol, []).append(view)
    decisions = []
    for i, row in enumerate(standing.rows):
        outcome, codes = _outcome(i, standing, hearing, wishes, allocation, assessment, final, trades, place, config)
        before_signals = not standing.eligible[i]
        j = place.get(i)
        brain = hearing.ensemble
        size = float(book[i]) if i in trades else float(standing.held[i])
        rows = [*by_symbol.get(row.symbol, []), *by_scope.get(f"sector:{standing.buckets[i]}", []), *portfolio]
        touched = [] if before_signals else rows
        stop, rule = (None, {}) if before_signals else _stop(i, size, standing, config)
        decisions.append(
            Decision(
                row.symbol,
                outcome,
                size,
                stop,
                codes,
                None if j is None else float(brain.mu[j]),
                None if j is None else float(brain.sigma[j]),
                None if j is None else float(brain.conviction[j]),
                _score(row.data_quality_score),
                _score(row.provider_confidence),
                _agent_results(views.get(row.symbol, []), hearing, config, j),
                tuple(asdict(check) for check in touched),
                _metadata(i, j, standing, hearing, wishes, allocation, assessment, final, trades) | rule,
            )
        )
    return tuple(decisions)


def _outcome(
    i: int,
    standing: Standing,
    hearing: committee.Hearing,
    wishes: Wishes,
    allocation: Allocation,
    assessment: Assessment,
    final: Floats,
    trades: Mapping[int, tuple[OrderIntent, tuple[str, ...]]],
    place: Mapping[int, int],
    config: GoldenConfig,
) -> tuple[Outcome, tuple[str, ...]]:
    """The outcome and its reason codes (D10): the order's side names it; a stopped increase is REJECT, no wish HOLD."""
    if not standing.eligible[i]:
        held = ("HELD_NOT_ACTIVE",) if standing.held[i] != 0 else ()
        return "REJECT", (*standing.codes[i], *held)
    context = _context(i, standing, wishes, allocation, assessment, final)
    if i in trades:
        intent, codes = trades[i]
        exit_code = (wishes.exits[i],) if i in wishes.exits else ()
        return "EXECUTE_BUY" if intent.side == "BUY" else "EXECUTE_SELL", (*exit_code, *codes, *context)
    if wishes.fixed[i]:
        return "REJECT", _silence_codes(i, place[i], hearing, wishes)
    if i in wishes.exits:
        return "HOLD", (wishes.exits[i], "NOTHING_FREE_TO_SELL")
    if not hearing.ensemble.valid[place[i]]:
        return "REJECT", _silence_codes(i, place[i], hearing, wishes)
    if context and not (allocation.dust[i] and not allocation.stopped.get(i)):
        return "REJECT", context
    if wishes.kelly[i] == 0 and standing.held[i] == 0:
        return "HOLD", ("NO_WISH",)
    return "HOLD", ("BELOW_MIN_TRADE",)


def _context(
    i: int, standing: Standing, wishes: Wishes, allocation: Allocation, assessment: Assessment, final: Floats
) -> tuple[str, ...]:
    """Codes of everything that cut or stopped this symbol's wish, in the order the rules ran."""
    held, codes = float(standing.held[i]), []
    if allocation.flips[i]:
        codes.append("FLIP_CLOSES_FIRST")
    if i in allocation.stopped:
        codes.append(allocation.stopped[i])
    if allocation.bound[i]:
        codes.append(allocation.bound[i])
    awarded = abs(float(allocation.awards[i])) > abs(held) and not allocation.dust[i]
    if awarded and allocation.turnover < allocation.turnover_wished:
        codes.append("CAP_TURNOVER")
    if i in assessment.refused:
        codes.append(assessment.refused[i])
    if assessment.rejection and abs(float(assessment.target[i])) > abs(held):
        codes.append(assessment.rejection)
    if assessment.factor < 1 and assessment.target[i] != 0 and not wishes.fixed[i]:
        scaled = sorted({row.reason for row in assessment.checks if row.scope == "portfolio" and row.factor < 1})
        codes += [f"RISK_SCALED:{reason}" for reason in scaled]
    return tuple(dict.fromkeys(codes))


def _silence_codes(i: int, j: int, hearing: committee.Hearing, wishes: Wishes) -> tuple[str, ...]:
    """Why a symbol has no voice: a failed agent, low confidence, abstention; and how long a held one has had none."""
    codes = [committee.error_code(name) for name in sorted(hearing.failed)]
    if not hearing.ensemble.valid[j]:
        codes.append("NO_VALID_AGENT")
    codes += [f"LOW_CONFIDENCE:{name}" for name in hearing.low_confidence[j]]
    if wishes.stale[i]:
        codes.append(f"VIEW_STALE:{wishes.stale[i]}")
    return tuple(codes)


def _stop(i: int, size: float, standing: Standing, config: GoldenConfig) -> tuple[float | None, dict[str, Any]]:
    """Field 6 and its rule (D14): fixed at entry, the tighter of both on an increase, for the target's side else held's."""
    held, price = float(standing.held[i]), float(standing.prices[i])
    side = -1 if (size if size != 0 else held) < 0 else 1
    daily = overlays.daily_sigma(float(standing.feature("realized_vol_20")[i]), config.fund.sessions_per_year)
    fresh = overlays.stop_price(price, side, daily, config.overlays.stop_sigmas, config.overlays.stop_min_distance)
    entry = standing.memory[i].entry_stop if held * side > 0 else None
    if entry is None:
        stop = fresh
    else:
        stop = overlays.tighter(entry, fresh, side) if abs(size) > abs(held) else entry
    rule = {
        "stop_rule": f"max({config.overlays.stop_sigmas} daily sigma, {config.overlays.stop_min_distance})",
        "stop_daily_sigma": daily,
        "stop_entry": entry,
        "atr_14": _num(standing.feature("atr_14")[i]),
    }
    return stop, rule


def _metadata(
    i: int,
    j: int | None,
    standing: Standing,
    hearing: committee.Hearing,
    wishes: Wishes,
    allocation: Allocation,
    assessment: Assessment,
    final: Floats,
    trades: Mapping[int, tuple[OrderIntent, tuple[str, ...]]],
) -> dict[str, Any]:
    """Every factor from score to weight, so that the arithmetic can be redone (field 15)."""
    row = standing.rows[i]
    common: dict[str, Any] = {
        "held_weight": float(standing.held[i]),
        "held_shares": str(standing.positions[i]),
        "open_shares": str(standing.open_orders[i]),
        "last_close": _num(row.last_close),
        "price_basis": row.price_basis,
        "price_kind": row.price_kind,
        "bucket": standing.buckets[i],
    }
    if i in assessment.known.foreign:
        common["valued_by"] = assessment.known.foreign[i]
    if j is None:
        return common
    brain = hearing.ensemble
    names = ("coverage", "mu_mean", "variance_mu", "variance_score", "penalty", "robust_z", "kelly")
    return (
        common
        | {name: _num(getattr(brain, name)[j]) for name in names}
        | {
            "request": _num(allocation.requests[i]),
            "award": _num(allocation.awards[i]),
            "bound": allocation.bound[i],
            "after_turnover": _num(allocation.target[i]),
            "after_cvar": _num(assessment.target[i]),
            "limit_factor": assessment.factor,
            "target": _num(final[i]),
            "stale_view_sessions": wishes.stale[i],
            "order_quantity": str(trades[i][0].quantity) if i in trades else None,
        }
    )


def _agent_results(
    views: list[AgentView], hearing: committee.Hearing, config: GoldenConfig, j: int | None
) -> dict[str, Any]:
    """Field 13: each agent's view with the weight it was given."""
    results: dict[str, Any] = {}
    for k, view in enumerate(views):
        weight = float(hearing.ensemble.weights[k, j]) if j is not None else 0.0
        results[view.agent] = {
            "score": view.score,
            "mu": view.mu,
            "sigma": view.sigma,
            "confidence": view.confidence,
            "weight": weight,
            "abstained": view.abstained,
            "reasons": list(view.reasons),
        }
    return results


def _memories(
    standing: Standing, wishes: Wishes, decisions: tuple[Decision, ...], book: Floats
) -> tuple[SymbolState, ...]:
    """What the next cycle must remember: entry stops of what is held or bought, stale views, stop-outs (0 = this session)."""
    memories = []
    for i, decision in enumerate(decisions):
        old = standing.memory[i]
        held = standing.held[i] != 0
        since = 0 if wishes.exits.get(i) == "STOP_LOSS_HIT" else old.sessions_since_stop
        if not standing.eligible[i]:
            stop = old.entry_stop if held else None
        else:
            stop = decision.stop_loss if held or book[i] != 0 else None
        if book[i] == 0 and held:
            stop = old.entry_stop
        if stop is not None or wishes.stale[i] or since is not None:
            memories.append(SymbolState(decision.symbol, stop, wishes.stale[i], since))
    return tuple(memories)


def _book_after(
    standing: Standing, trades: Mapping[int, tuple[OrderIntent, tuple[str, ...]]], state: AccountState
) -> Floats:
    """The book that would stand after the orders, (N,) fractions of NAV, at the last closes (B6)."""
    book = standing.held.copy()
    for i, (intent, _) in trades.items():
        signed = intent.quantity if intent.side == "BUY" else -intent.quantity
        shares = standing.positions[i] + standing.open_orders[i] + signed
        book[i] = float(shares) * float(standing.prices[i]) / state.nav
    return book


def _factors(
    allocation: Allocation, assessment: Assessment, returned: bool, state: AccountState, config: GoldenConfig
) -> dict[str, float | None]:
    """Every scalar of the run (A15): the limit scalars one by one, and what turnover did."""
    factors: dict[str, float | None] = {
        f"limit_{row.limit_name}": row.factor
        for row in assessment.checks
        if row.scope == "portfolio" and row.limit_name in ("gross", "var", "cvar_hard")
    }
    wished = allocation.turnover_wished
    return factors | {
        "limit_scale": assessment.factor,
        "turnover_scale": allocation.turnover / wished if wished > 0 else 1.0,
        "turnover_used": state.turnover_used + allocation.turnover,
        "returned_to_allocation": float(returned),
        "kelly_gamma": config.meta_brain.kelly_gamma,
    }


def _verdicts(hearing: committee.Hearing, assessment: Assessment) -> tuple[LayerVerdict, ...]:
    """Layers 5 and 6 of a run that was not halted, and the layers that are not built yet."""
    voices = int(hearing.ensemble.valid.sum())
    rows = [row for row in assessment.checks if row.binding]
    return (
        LayerVerdict(5, "PASS", "VALID_AGENT", {"symbols_heard": voices, "agents_failed": sorted(hearing.failed)}),
        LayerVerdict(
            6,
            "PASS",
            assessment.rejection or "LIMITS_EVALUATED",
            {
                "evaluated": len(assessment.checks),
                "binding": len(rows),
                "limit_scale": assessment.factor,
                "var": assessment.measure.var,
                "cvar": assessment.measure.cvar,
                "held": [limit.name for limit in limits.LIMITS] + ["cvar_decision", "order_value"],
            },
        ),
        *_not_built(),
    )


def _not_built() -> tuple[LayerVerdict, ...]:
    return tuple(LayerVerdict(layer, "NOT_BUILT", "NOT_BUILT", {}) for layer in NOT_BUILT)


def _breadth(
    standing: Standing, hearing: committee.Hearing, config: GoldenConfig
) -> tuple[bool, tuple[Alert, ...]]:
    """Whether a full long side has too few names or sectors to be spread over: reported, not forced (A1)."""
    names, sectors = auction.breadth_needed(_parameters(auction.Caps, config.auction))
    present = np.flatnonzero(standing.eligible)
    have = (len(present), len({standing.buckets[i] for i in present}))
    if have[0] >= names and have[1] >= sectors:
        return False, ()
    detail = {"names": have[0], "names_needed": names, "sectors": have[1], "sectors_needed": sectors}
    message = f"{have[0]} names in {have[1]} sectors may trade; a full long side needs {names} in {sectors}"
    return True, (Alert("LOW", "TRADING", "UNIVERSE_TOO_NARROW", None, message, detail),)


def _reject_alert(reason: str) -> Alert:
    return Alert("HIGH", "RISK", reason.split(":")[0], None, f"every increase is stopped: {reason}", {"reason": reason})


def _cap_binding_rate(allocation: Allocation, wishes: Wishes) -> float:
    """Share of bids that the name cap cut (D3, D4)."""
    bids = int(np.count_nonzero(allocation.requests[~wishes.fixed]))
    return sum(1 for bound in allocation.bound if bound == "CAP_NAME") / bids if bids else 0.0


def _window(assessment: Assessment, state: AccountState, config: GoldenConfig) -> int:
    """Sessions of REJECT left after this one: the first above the drawdown limit opens the window (A6)."""
    if state.reject_sessions_left > 0:
        return state.reject_sessions_left - 1
    above = any(row.limit_name == "drawdown" and row.action == "REJECT" for row in assessment.checks)
    return config.risk.drawdown_reject_sessions - 1 if above else 0


def _halted(
    inputs: CycleInputs,
    state: AccountState,
    layer: int,
    codes: tuple[str, ...],
    views: tuple[AgentView, ...],
    alerts: tuple[Alert, ...],
) -> CycleResult:
    """A run that ends at `layer`: no risk state, no memory, no intent."""
    reached = LayerVerdict(layer, "REFUSE", codes[0], {"codes": list(codes)})
    five = LayerVerdict(5, "PASS", "NOT_REACHED", {}) if layer == 6 else reached
    six = LayerVerdict(6, "PASS", "NOT_REACHED", {}) if layer == 5 else reached
    return CycleResult(
        layer,
        views,
        halted_decisions(inputs, state, layer, codes),
        (),
        None,
        (),
        (),
        (five, six, *_not_built()),
        alerts,
        {"symbols": len(inputs.symbols), "halt_layer": layer, "codes": list(codes)},
    )


# --- small helpers ----------------------------------------------------------------------------------------------------


def _parameters(kind: type[_Parameters], *sections: Any) -> _Parameters:
    """A stage's parameters from the configuration's sections: fields by the same names, the first section that has one."""
    values = {}
    for field in fields(kind):  # type: ignore[arg-type]
        section = next(section for section in sections if hasattr(section, field.name))
        values[field.name] = getattr(section, field.name)
    return kind(**values)


def _shares(state: AccountState, symbol: str) -> Decimal:
    return state.positions.get(symbol, Decimal(0)) + state.open_orders.get(symbol, Decimal(0))


def _held_weight(row: SymbolInput, state: AccountState) -> float | None:
    """Signed fraction of NAV held, open orders included (HELD); None where it cannot be known."""
    shares = _shares(state, row.symbol)
    if shares == 0:
        return 0.0
    if not _usable_price(row.last_close) or not shares.is_finite() or not (isfinite(state.nav) and state.nav > 0):
        return None
    return float(shares) * float(row.last_close or 0.0) / state.nav


def _drawdown(state: AccountState) -> float | None:
    """1 - index / tactical mark (A6); None where either is not usable."""
    usable = isfinite(state.nav_index) and isfinite(state.tactical_mark) and state.tactical_mark > 0
    return max(1.0 - state.nav_index / state.tactical_mark, 0.0) if usable else None


def _usable_price(price: float | None) -> bool:
    return price is not None and isfinite(price) and price > 0


def _score(value: float) -> float:
    """A score in [0, 1]; 0 where it is not a number (fields 11 and 12 are never NULL)."""
    return float(value) if isfinite(value) and 0 <= value <= 1 else 0.0


def _float(value: float | None) -> float:
    return float("nan") if value is None else float(value)


def _num(value: Any) -> float | None:
    """A finite float for JSON, else None."""
    return float(value) if value is not None and isfinite(value) else None


def _with(array: Floats, i: int, value: float) -> Floats:
    changed = array.copy()
    changed[i] = value
    return changed
