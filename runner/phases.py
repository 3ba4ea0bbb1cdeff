"""Phases 2 to 5 of a cycle, one pure function each: what stands and holds, is wished, allocated, assessed, ordered.

Every function takes and gives arrays in symbol order. `runner.stages` runs them; `runner.decisions` says in decisions
what they did.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from runner import committee
from runner.config import GoldenConfig
from runner.models import (
    FEATURES,
    ROUNDING,
    AccountState,
    CycleInputs,
    FeatureMatrix,
    Floats,
    Mask,
    OrderIntent,
    Panel,
    Regime,
    RiskCheck,
    SymbolInput,
    SymbolState,
    parameters_from,
)
from runner.portfolio import auction, convex, overlays
from runner.risk import correlation, engine, evt, limits, measures, protocol, regimes, stress, volatility
from runner.risk import validation as validation_rules
from runner.risk.limits import Figure
from runner.risk.validation import Validation
from runner.strategies import Strategy

#: Asset classes no broker of ours trades: kept for benchmarks and data only (F8).
UNTRADABLE = ("fx", "index")


@dataclass(frozen=True)
class Standing:
    """The account and its symbols as arrays in symbol order, before any wish.

    held: (N,) signed fractions of NAV, position and open orders together (HELD); alone: the position only.
    codes: why a symbol may not trade, empty where it may. closes: (T, N) on the F9 series; returns: (T-1, N). index:
    (T,) level of the benchmark, or of the universe's equal-weight index where the panel has none (C7); benchmark: its
    (T-1,) simple returns. betas: (N,) by A13. hedge: index of the benchmark's fund, None where there is none to trade,
    and why (D13). memory: what is remembered of each symbol.
    """

    symbols: tuple[str, ...]
    rows: tuple[SymbolInput, ...]
    prices: Floats
    positions: tuple[Decimal, ...]
    open_orders: tuple[Decimal, ...]
    held: Floats
    alone: Floats
    codes: tuple[tuple[str, ...], ...]
    eligible: Mask
    buckets: tuple[str, ...]
    features: FeatureMatrix
    sessions: NDArray[np.datetime64]
    closes: Floats
    returns: Floats
    index: Floats
    benchmark: Floats
    benchmark_name: str
    betas: Floats
    hedge: int | None
    hedge_fault: str
    memory: tuple[SymbolState, ...]

    def feature(self, name: str) -> Floats:
        """Feature `name` of every symbol, NaN where missing."""
        return self.features.column(name)


@dataclass(frozen=True)
class Conditions:
    """What holds for the whole book before any wish.

    opening: the phase in force if nothing in the book is a breach. stop: the code that stops every increase, empty for
    none. frozen: no committee order at all. known: the soft scalars that do not depend on the book, multiplied.
    """

    regime: Regime
    opening: protocol.Opening
    stop: str
    frozen: bool
    known: float


@dataclass(frozen=True)
class Wishes:
    """What the committee wants, arrays in symbol order.

    kelly: wished weight. mu: annual, NaN without a view. validation: the risk agent's word. exits: symbol index to
    reason, target 0 whatever the wish. blocked: symbol index to the code that stops an increase.
    """

    kelly: Floats
    mu: Floats
    conviction: Floats
    validation: Validation
    exits: Mapping[int, str]
    blocked: Mapping[int, str]

    @property
    def fixed(self) -> Mask:
        """Where there is no committee order either way."""
        return self.validation.held_still

    @property
    def stale(self) -> NDArray[np.int64]:
        """Sessions without a valid agent (W2)."""
        return self.validation.stale


@dataclass(frozen=True)
class Allocation:
    """A pass of phase 3: requests, awards, target, and what changed them.

    stuck: where less was asked for than working orders leave to reduce. slowed: where turnover cut an increase.
    """

    requests: Floats
    awards: Floats
    target: Floats
    order: NDArray[np.intp]
    bound: tuple[str, ...]
    stopped: Mapping[int, str]
    flips: Mask
    dust: Mask
    stuck: Mask
    slowed: Mask
    overlaid: tuple[overlays.Change, ...]
    turnover_wished: float
    turnover: float


@dataclass(frozen=True)
class Assessment:
    """A pass of phase 4: its rows, the names it stops, and the figures of the target it was given.

    scalars: what multiplies the target (A15). rejection: what stops every increase, empty for none. shrink: what the
    one return to the auction scales the target by (A13).
    """

    checks: tuple[RiskCheck, ...]
    refused: Mapping[int, str]
    target: Floats
    appraisal: engine.Appraisal
    known: measures.History
    scalars: limits.Scalars
    rejection: str
    shrink: float

    @property
    def measure(self) -> measures.Measure:
        """VaR and CVaR of the target, before any scalar (A9)."""
        return self.appraisal.measure


@dataclass(frozen=True)
class Trade:
    """An order intent and the codes that say what it does and what cut its quantity."""

    intent: OrderIntent
    codes: tuple[str, ...]


@dataclass(frozen=True)
class Run:
    """Everything phases 2 to 5 computed of one cycle.

    final: target weights after every scalar. trades: by symbol index. book: (N,) what would stand after them;
    stands: its figures. post: those the protocol's step was made on, where it froze of trades that were not made.
    closing: where the recovery protocol stands after this cycle. first_checks: what the first pass of phase 4
    refused, where there was a second. returned: there was (F10); shrink: what stress scaled its target by (A13).
    """

    config: GoldenConfig
    state: AccountState
    standing: Standing
    conditions: Conditions
    hearing: committee.Hearing
    wishes: Wishes
    allocation: Allocation
    assessment: Assessment
    final: Floats
    trades: Mapping[int, Trade]
    book: Floats
    post: measures.Measure
    stands: measures.Measure
    closing: protocol.Step
    first_checks: tuple[RiskCheck, ...]
    returned: bool
    shrink: float


# --- phase 2: what stands, what the agents say ------------------------------------------------------------------------


def stand(panel: Panel, inputs: CycleInputs, state: AccountState, config: GoldenConfig) -> Standing:
    """The account and its symbols as arrays in symbol order, and which of them may trade."""
    rows = inputs.symbols
    symbols = tuple(row.symbol for row in rows)
    codes = tuple(_ineligible(row, panel, inputs, config) for row in rows)
    prices = np.array([row.last_close if usable_price(row.last_close) else np.nan for row in rows], dtype=np.float64)
    held = np.array([held_weight(row, state) or 0.0 for row in rows], dtype=np.float64)
    column = {symbol: i for i, symbol in enumerate(panel.symbols)}
    closes = np.full((len(panel.sessions), len(rows)), np.nan)
    for i, symbol in enumerate(symbols):
        if symbol in column:
            closes[:, i] = panel.closes[:, column[symbol]]
    returns = measures.simple_returns(closes)
    asset_classes = tuple(row.asset_class for row in rows)
    buckets = auction.buckets(tuple(row.sector for row in rows), asset_classes, symbols)
    name, index = _index(panel, inputs, returns, np.array([row.in_universe for row in rows], dtype=bool))
    benchmark = measures.simple_returns(index[:, None])[:, 0]
    values = np.array([[_float(row.features.get(name)) for name in FEATURES] for row in rows], dtype=np.float64)
    eligible = np.array([not code for code in codes], dtype=bool)
    hedge, hedge_fault = overlays.hedge_fund(inputs.benchmark, symbols, asset_classes, eligible)
    return Standing(
        symbols=symbols,
        rows=rows,
        prices=prices,
        positions=tuple(state.positions.get(symbol, Decimal(0)) for symbol in symbols),
        open_orders=tuple(state.open_orders.get(symbol, Decimal(0)) for symbol in symbols),
        held=held,
        alone=np.array([float(state.positions.get(symbol, 0)) for symbol in symbols])
        * np.nan_to_num(prices)
        / state.nav,
        codes=codes,
        eligible=eligible,
        buckets=buckets,
        features=FeatureMatrix(symbols, FEATURES, values.reshape(len(rows), len(FEATURES))),
        sessions=panel.sessions,
        closes=closes,
        returns=returns,
        index=index,
        benchmark=benchmark,
        benchmark_name=name,
        betas=stress.betas(returns, benchmark, buckets, _engine(config).stress).values,
        hedge=hedge,
        hedge_fault=hedge_fault,
        memory=tuple(state.symbols.get(symbol, SymbolState(symbol, None, 0, None)) for symbol in symbols),
    )


def _index(panel: Panel, inputs: CycleInputs, returns: Floats, members: Mask) -> tuple[str, Floats]:
    """The benchmark's name and its level on the panel's sessions (C7).

    Without a bar of the flagged benchmark it is the equal-weight index of the universe: each session's mean return of
    the members that have one, level 1 at the start; NaN from the first session on which no member has one.
    """
    if inputs.benchmark in panel.symbols:
        level = panel.closes[:, panel.symbols.index(str(inputs.benchmark))]
        if np.isfinite(level).any():
            return str(inputs.benchmark), level
    window = returns[:, members]
    present = np.isfinite(window)
    count = present.sum(axis=1)
    with np.errstate(invalid="ignore"):
        mean = np.where(count > 0, np.where(present, window, 0.0).sum(axis=1) / np.maximum(count, 1), np.nan)
    return "EQUAL_WEIGHT", np.concatenate(([1.0], np.cumprod(1.0 + mean))) if len(panel.sessions) else np.empty(0)


def conditions(standing: Standing, state: AccountState, slot: str, config: GoldenConfig) -> Conditions:
    """What holds for the whole book: regime, volatility, drawdown, phase, and the soft scalars known by now."""
    regime = regimes.advance(
        state.regime,
        standing.benchmark_name,
        standing.sessions,
        standing.index,
        parameters_from(regimes.RegimeParameters, config.regimes, config.risk),
    )
    fallen, volatile = drawdown(state), _volatility(state, standing, config)
    opening = protocol.open_phase(state.protocol, fallen, volatile, slot, _protocol(config))
    rows = limits.soft_rows(regime, opening.drawdown, opening.ramp, Figure(0.0), _limits(config))
    frozen = state.liquidating or opening.frozen
    if frozen:
        stop = "STATE_LIQUIDATE" if state.liquidating else "STATE_FREEZE"
    elif opening.stops_increases:
        above = not limits.passes(fallen, config.risk.drawdown_limit)
        stop = "DRAWDOWN_UNKNOWN" if fallen is None else "DRAWDOWN" if above else "DRAWDOWN_WINDOW"
    else:
        stop = limits.rejection(rows)
    return Conditions(regime, opening, stop, frozen, limits.scalars(rows).soft)


def _volatility(state: AccountState, standing: Standing, config: GoldenConfig) -> float | None:
    """Volatility as far as it is known before the book (B1): the benchmark's, or the NAV's where that is larger."""
    parameters = _engine(config).volatility
    index = volatility.annual(standing.benchmark, parameters)
    own = volatility.annual(np.array(state.nav_returns), parameters)
    return index if index is None or own is None else max(own, index)


def _ineligible(row: SymbolInput, panel: Panel, inputs: CycleInputs, config: GoldenConfig) -> tuple[str, ...]:
    """Why a symbol may not trade, empty where it may: the gate's verdict, and its thresholds again (D12, F5)."""
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
        if not usable_price(row.last_close):
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


def hear(standing: Standing, strategy: Strategy, config: GoldenConfig) -> committee.Hearing:
    """The committee's hearing of every symbol that may trade."""
    asked = np.flatnonzero(standing.eligible)
    names = committee.features_read(strategy.seats)
    values = np.column_stack([standing.feature(name)[asked] for name in names])
    matrix = FeatureMatrix(tuple(standing.symbols[i] for i in asked), names, values)
    annual = standing.feature("sd_252")[asked] * np.sqrt(config.fund.sessions_per_year)
    return committee.hear(matrix, strategy.seats, annual, strategy.mu_abs_max, strategy.brain)


def wish(standing: Standing, hearing: committee.Hearing, config: GoldenConfig) -> Wishes:
    """What the control agents make of the consensus: the risk agent validates it, the portfolio agent sizes it."""
    memory, ensemble = standing.memory, hearing.ensemble
    consensus = np.zeros(len(standing.symbols), dtype=bool)
    consensus[standing.eligible] = ensemble.valid
    validation = committee.validate(
        standing.eligible,
        consensus,
        bool(hearing.failed),
        standing.held,
        overlays.stopped_out(standing.prices, _floats(one.entry_stop for one in memory), standing.held),
        np.array([one.stale_view_sessions for one in memory], dtype=np.int64),
        _floats(one.sessions_since_stop for one in memory),
        parameters_from(validation_rules.ValidationParameters, config.meta_brain, config.overlays),
    )
    sizes = committee.size(standing.eligible, ensemble.valid, ensemble.kelly, ensemble.mu, ensemble.conviction)
    exits = dict.fromkeys(np.flatnonzero(validation.stale_view).tolist(), "STALE_VIEW")
    exits |= dict.fromkeys(np.flatnonzero(validation.stop_hit).tolist(), "STOP_LOSS_HIT")
    blocked = {
        i: f"STOP_COOLDOWN:{memory[i].sessions_since_stop}" for i in np.flatnonzero(validation.no_increase).tolist()
    }
    return Wishes(sizes.kelly, sizes.mu, sizes.conviction, validation, exits, blocked)


def _floats(values: Iterable[float | None]) -> Floats:
    """Values as an array, NaN for None."""
    return np.array([np.nan if value is None else float(value) for value in values], dtype=np.float64)


# --- phase 3: allocation ----------------------------------------------------------------------------------------------


def allocate(
    standing: Standing,
    conditions: Conditions,
    wishes: Wishes,
    refused: Mapping[int, str],
    first: Allocation | None,
    shrink: float,
    state: AccountState,
    config: GoldenConfig,
) -> Allocation:
    """One pass of phase 3: bids, auction, overlays, clamps, dust, turnover (A1).

    refused: names phase 4 stops. first: the first pass, whose awards no second one exceeds; what bound there is kept.
    shrink: what the stress limit scales the target by (A13). Turnover counts what will be traded, after the soft
    scalars known by now (A4).
    """
    caps, held = parameters_from(auction.Caps, config.auction), standing.held
    requests, stopped, flips = _requests(standing, wishes, refused, config)
    earlier = ("",) * len(held)
    if first is not None:
        keeps = wishes.fixed | (requests == held)
        limit = np.maximum(np.abs(first.awards), np.where(keeps, np.abs(held), 0.0))
        earlier = tuple(code if cut else "" for code, cut in zip(first.bound, np.abs(requests) > limit, strict=True))
        requests = np.sign(requests) * np.minimum(np.abs(requests), limit)
    settled = overlays.settle_wishes(requests, held, config.auction.name_cap, config.auction.min_change)
    requests = np.where(settled, held, requests)
    # What stands in working orders cannot be reduced: its room is not there for others, its risk not gone (HELD).
    least = _least(standing, state.nav)
    stuck = ~wishes.fixed & ~settled & (np.abs(requests) < np.abs(least) - ROUNDING)
    requests = np.where(stuck, least, requests)
    stays = wishes.fixed | stuck
    fixed = np.where(stays, requests, 0.0)
    order = auction.ranking(wishes.conviction, requests, held, config.auction.held_rank_multiple)
    awards = _award(standing, conditions, wishes, requests, order, fixed, state, config)
    overlaid, changes = overlays.overlay(
        awards.weights,
        _setting(standing, wishes, stays, refused, config),
        parameters_from(overlays.OverlayParameters, config.overlays, config.auction),
    )
    clamped = auction.award(overlaid, order, standing.buckets, fixed, caps)
    bound = tuple(a or b or c for a, b, c in zip(awards.bound, clamped.bound, earlier, strict=True))
    dust = overlays.drop_dust(clamped.weights, held, state.nav, config.auction.min_change, config.auction.min_notional)
    wanted = np.where(dust, held, clamped.weights)
    target, wished, granted = overlays.turnover(
        wanted, held, state.turnover_used, config.auction.turnover_cap, conditions.known, config.auction.min_change
    )
    slowed = target != wanted
    # After turnover: what it held back of the larger target would otherwise be granted to the smaller one.
    target = np.where(stays, target, target * shrink)
    return Allocation(
        requests=requests,
        awards=awards.weights,
        target=target,
        order=order,
        bound=bound,
        stopped=stopped,
        flips=flips,
        dust=dust | settled,
        stuck=stuck,
        slowed=slowed,
        overlaid=changes,
        turnover_wished=wished,
        turnover=granted,
    )


def _award(
    standing: Standing,
    conditions: Conditions,
    wishes: Wishes,
    requests: Floats,
    order: NDArray[np.intp],
    fixed: Floats,
    state: AccountState,
    config: GoldenConfig,
) -> auction.Awards:
    """What the configured allocator grants of the bids."""
    caps = parameters_from(auction.Caps, config.auction)
    if config.auction.allocator == "auction":
        return auction.award(requests, order, standing.buckets, fixed, caps)
    known = _history(standing, requests, _engine(config).measures)
    market = convex.Market(standing.held, wishes.mu, known, state.turnover_used, conditions.known)
    parameters = parameters_from(convex.ConvexParameters, config.meta_brain, config.auction, config.risk, config.fund)
    return convex.award(requests, order, standing.buckets, fixed, caps, market, parameters)


def _least(standing: Standing, nav: float) -> Floats:
    """The least, towards zero, that an order could leave of what is held: all but the shares that are free (HELD)."""
    free = [overlays.free_shares(*pair) for pair in zip(standing.positions, standing.open_orders, strict=True)]
    sizes = np.abs(standing.held) - np.array([float(one) for one in free]) * np.nan_to_num(standing.prices) / nav
    return np.sign(standing.held) * np.maximum(sizes, 0.0)


def _setting(
    standing: Standing, wishes: Wishes, stays: Mask, refused: Mapping[int, str], config: GoldenConfig
) -> overlays.Setting:
    """What the overlays know of the symbols: a name that is stopped, refused or leaving may not grow by one either."""
    stopped = {*wishes.exits, *wishes.blocked, *refused}
    free = np.array([i not in stopped for i in range(len(standing.symbols))], dtype=bool)
    shortable = np.array([config.auction.allow_short and row.shortable for row in standing.rows], dtype=bool)
    one = np.ones(len(free))
    return overlays.Setting(
        buckets=standing.buckets,
        held=standing.held,
        fixed=stays,
        may_buy=free & ~_over_cap(standing, one, config),
        may_short=free & shortable & ~_over_cap(standing, -one, config),
        betas=standing.betas,
        hedge=standing.hedge,
        hedge_fault=standing.hedge_fault,
    )


def _requests(
    standing: Standing, wishes: Wishes, refused: Mapping[int, str], config: GoldenConfig
) -> tuple[Floats, dict[int, str], Mask]:
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
    grows = ~wishes.fixed & (np.abs(requests) > np.abs(held))
    for i in (int(i) for i in np.flatnonzero(grows & _over_cap(standing, requests, config))):
        stopped[i], requests[i] = "HELD_OVER_CAP", held[i]
    for i in wishes.exits:
        requests[i] = 0.0
    return requests, stopped, flips


def _over_cap(standing: Standing, requests: Floats, config: GoldenConfig) -> Mask:
    """Which wishes are on a side or in a sector whose positions alone already pass the cap: no increase there (HELD).

    A reduction of the same basket may not fill, so it makes no room above a cap; trade's own limits judge alike.
    """
    caps, alone = config.auction, standing.alone
    sizes: dict[str, float] = {}
    for bucket, weight in zip(standing.buckets, np.abs(alone), strict=True):
        sizes[bucket] = sizes.get(bucket, 0.0) + float(weight)
    long = float(np.maximum(alone, 0.0).sum()) > caps.long_cap + ROUNDING
    short = float(np.maximum(-alone, 0.0).sum()) > caps.short_cap + ROUNDING
    gross = float(np.abs(alone).sum()) > caps.gross_cap + ROUNDING
    sector = np.array([sizes[bucket] > caps.sector_cap + ROUNDING for bucket in standing.buckets], dtype=bool)
    over: Mask = sector | gross | ((requests > 0) & long) | ((requests < 0) & short)
    return over


# --- phase 4: risk ----------------------------------------------------------------------------------------------------


def assess(
    standing: Standing,
    conditions: Conditions,
    wishes: Wishes,
    allocation: Allocation,
    may_return: bool,
    state: AccountState,
    config: GoldenConfig,
) -> Assessment:
    """One pass of phase 4: CVaR trade by trade, then every limit and scalar of the book that is left.

    may_return: a second pass of phase 3 is allowed, so that a stress loss scales instead of rejecting (A13, F10).
    """
    held, target = standing.held, allocation.target
    parameters, thresholds = _engine(config), _limits(config)
    known = _history(standing, target, parameters.measures)
    # A held name measured by its sector's history (F18) may not grow by it: its bid has none of its own (A9c).
    lent = [i for i in known.foreign if standing.eligible[i] and abs(target[i]) > abs(held[i])]
    refused = dict.fromkeys(sorted((*known.refused, *lent)), "NO_COMMON_HISTORY")
    target = np.where(np.isin(np.arange(len(held)), list(refused)), overlays.reduce_only(held, target), target)
    exempt = np.array(
        [i in wishes.exits or code.startswith("CAP_") for i, code in enumerate(allocation.bound)], dtype=bool
    )
    exempt &= np.abs(target) < np.abs(held)
    rows, by_trade = limits.cvar_by_trade(
        limits.Trades(standing.symbols, held, target, allocation.order, exempt), known, thresholds, parameters.measures
    )
    refused |= by_trade
    for i in by_trade:
        target = _with(target, i, float(held[i]))
    market = engine.Market(
        sessions=standing.sessions,
        closes=standing.closes,
        sectors=standing.buckets,
        betas=standing.betas,
        nav_returns=np.array(state.nav_returns),
        benchmark=standing.benchmark,
    )
    found = engine.appraise(target, known, market, parameters)
    book = limits.Book(
        symbols=standing.symbols,
        sectors=standing.buckets,
        target=target,
        bound=allocation.bound,
        turnover=state.turnover_used + allocation.turnover,
        turnover_wished=state.turnover_used + allocation.turnover_wished,
        measure=found.measure,
        drawdown=conditions.opening.drawdown,
        window=conditions.opening.phase == "DRAWDOWN",
        volatility=found.volatility,
        correlation=found.correlation,
        stress=found.stress,
        may_return=may_return,
    )
    checks = limits.evaluate(book, thresholds)
    checks += limits.soft_rows(
        conditions.regime, conditions.opening.drawdown, conditions.opening.ramp, found.tail, thresholds
    )
    checks.append(limits.breaker(checks, thresholds))
    return Assessment(
        checks=(*rows, *checks),
        refused=refused,
        target=target,
        appraisal=found,
        known=known,
        scalars=limits.scalars(checks),
        rejection=limits.rejection(checks),
        shrink=limits.stress_scale(checks),
    )


def _history(standing: Standing, weights: Floats, parameters: measures.MeasureParameters) -> measures.History:
    """Daily returns of the names held or in `weights`, on their common sessions."""
    held = standing.held != 0
    return measures.history(
        standing.returns,
        held | (weights != 0),
        held,
        standing.eligible,
        standing.buckets,
        standing.betas,
        standing.benchmark,
        parameters,
    )


def scale(
    standing: Standing, conditions: Conditions, wishes: Wishes, assessment: Assessment, config: GoldenConfig
) -> Floats:
    """The target times every scalar (A15), within what regime, breaker and rejection let it be (B3, C6).

    Not traded for less than the band (A17): an increase of a held name, and a reduction of one that soft scalars alone
    ask for, which move a little every session. What was kept then is at most the target, so it passes no cap.
    """
    held, scalars = standing.held, assessment.scalars
    if conditions.frozen:
        return held.copy()
    target = assessment.target * (scalars.limit * scalars.soft)
    if assessment.rejection or conditions.stop:
        target = overlays.reduce_only(held, target)
    elif scalars.shrink_only:
        target = np.where(held != 0, overlays.reduce_only(held, target), target)
    target = np.where(wishes.fixed, held, target)
    small = (np.abs(target - held) < config.auction.min_change - ROUNDING) & (held != 0) & (target != 0)
    softly = (np.abs(assessment.target) >= np.abs(held)) & (scalars.limit == 1) & (not scalars.shrink_only)
    return np.where(small & ((np.abs(target) > np.abs(held)) | softly), held, target)


# --- phase 5: quantities ----------------------------------------------------------------------------------------------


def order(
    standing: Standing, wishes: Wishes, final: Floats, state: AccountState, config: GoldenConfig
) -> dict[int, Trade]:
    """Order intents by symbol index; no entry where nothing is to be traded (A3, A17, F14, F15)."""
    trades: dict[int, Trade] = {}
    for i in (int(i) for i in np.flatnonzero((final != standing.held) & ~wishes.fixed)):
        price = float(standing.prices[i])
        held = standing.positions[i] + standing.open_orders[i]
        goal = overlays.target_shares(float(final[i]), state.nav, price, config.auction.quantity_decimals)
        exits = bool(final[i] == 0)
        delta = overlays.order_quantity(goal, standing.positions[i], standing.open_orders[i], exit_all=exits)
        most = _most(price, whole=goal < 0 or held < 0, config=config)
        extra = ("CAP_ORDER_VALUE",) if abs(delta) > most else ()
        delta = min(abs(delta), most).copy_sign(delta)
        value = float(abs(delta) * Decimal(repr(price)))
        if delta == 0 or (value < config.auction.min_notional and not (exits and held + delta == 0)):
            continue
        kind = _kind(held, held + delta)
        intent = OrderIntent(
            symbol=standing.symbols[i],
            side="BUY" if delta > 0 else "SELL",
            quantity=abs(delta),
            leg="entry" if abs(held + delta) > abs(held) else "exit",
            reason=wishes.exits.get(i, kind),
            reference_price=price,
            price_basis=standing.rows[i].price_basis,
            value=value,
        )
        trades[i] = Trade(intent, (kind, *extra))
    return trades


def _most(price: float, *, whole: bool, config: GoldenConfig) -> Decimal:
    """The largest quantity one order may have by its value; the rest follows in a later session."""
    quantum = Decimal(1) if whole else Decimal(1).scaleb(-config.auction.quantity_decimals)
    return (Decimal(repr(config.oms.order_value)) / Decimal(repr(price))).quantize(quantum, rounding=ROUND_DOWN)


def _kind(before: Decimal, after: Decimal) -> str:
    """What a trade does to the position: OPEN, INCREASE, REDUCE or CLOSE, LONG or SHORT."""
    side = "LONG" if (after if before == 0 else before) > 0 else "SHORT"
    if before == 0:
        return f"OPEN_{side}"
    if after == 0:
        return f"CLOSE_{side}"
    return f"INCREASE_{side}" if abs(after) > abs(before) else f"REDUCE_{side}"


# --- the book that would stand, and the protocol ----------------------------------------------------------------------


def book_after(standing: Standing, trades: Mapping[int, Trade], nav: float) -> Floats:
    """The book that would stand after the orders, (N,) fractions of NAV, at the last closes (B6)."""
    book = standing.held.copy()
    for i, trade in trades.items():
        signed = trade.intent.quantity if trade.intent.side == "BUY" else -trade.intent.quantity
        shares = standing.positions[i] + standing.open_orders[i] + signed
        book[i] = float(shares) * float(standing.prices[i]) / nav
    return book


def measure_book(book: Floats, assessment: Assessment, config: GoldenConfig) -> measures.Measure:
    """VaR and CVaR of the book that would stand (B6)."""
    return measures.book_measure(book, assessment.known, _engine(config).measures)


def close(
    assessment: Assessment, post: measures.Measure, state: AccountState, slot: str, config: GoldenConfig
) -> protocol.Step:
    """Where the recovery protocol stands after this cycle: what the book showed may still freeze it (B4, B9-B11)."""
    facts = protocol.Facts(
        drawdown=drawdown(state),
        volatility=assessment.appraisal.volatility.value,
        var=assessment.measure.var,
        cvar=post.cvar,
    )
    return protocol.close_phase(state.protocol, facts, slot, _protocol(config))


def kills(closing: protocol.Step, config: GoldenConfig) -> bool:
    """Whether the CVaR breaches in a row engage the kill switch (B6)."""
    return protocol.kills(closing.cvar_breaches, _protocol(config))


# --- small helpers ----------------------------------------------------------------------------------------------------


def _limits(config: GoldenConfig) -> limits.LimitParameters:
    return parameters_from(limits.LimitParameters, config.auction, config.risk, config.breakers, config.regimes)


def _protocol(config: GoldenConfig) -> protocol.ProtocolParameters:
    return parameters_from(protocol.ProtocolParameters, config.breakers, config.risk)


def _engine(config: GoldenConfig) -> engine.EngineParameters:
    return engine.EngineParameters(
        measures=parameters_from(measures.MeasureParameters, config.risk),
        volatility=parameters_from(volatility.VolatilityParameters, config.risk, config.fund),
        correlation=parameters_from(correlation.CorrelationParameters, config.risk),
        stress=parameters_from(stress.StressParameters, config.risk),
        tail=parameters_from(evt.TailParameters, config.risk),
    )


def shares_held(state: AccountState, symbol: str) -> Decimal:
    """Position and open orders together, shares (HELD)."""
    return state.positions.get(symbol, Decimal(0)) + state.open_orders.get(symbol, Decimal(0))


def held_weight(row: SymbolInput, state: AccountState) -> float | None:
    """Signed fraction of NAV held, open orders included (HELD); None where it cannot be known."""
    shares = shares_held(state, row.symbol)
    if shares == 0:
        return 0.0
    if not usable_price(row.last_close) or not shares.is_finite() or not (isfinite(state.nav) and state.nav > 0):
        return None
    return float(shares) * float(row.last_close or 0.0) / state.nav


def drawdown(state: AccountState) -> float | None:
    """1 - index / tactical mark (A6); None where either is not usable."""
    usable = isfinite(state.nav_index) and isfinite(state.tactical_mark) and state.tactical_mark > 0
    return max(1.0 - state.nav_index / state.tactical_mark, 0.0) if usable else None


def usable_price(price: float | None) -> bool:
    """Whether a price is known, finite and positive."""
    return price is not None and isfinite(price) and price > 0


def _float(value: float | None) -> float:
    return float("nan") if value is None else float(value)


def _with(array: Floats, i: int, value: float) -> Floats:
    changed = array.copy()
    changed[i] = value
    return changed
