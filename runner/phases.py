"""Phases 2 to 5 of a cycle, one pure function each: what stands, what is wished, allocated, assessed, ordered.

Every function takes and gives arrays in symbol order. `runner.stages` runs them; `runner.decisions` says in decisions
what they did.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import ROUND_DOWN, Decimal
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from runner import committee
from runner.config import GoldenConfig
from runner.meta_brain import MetaBrainParameters
from runner.models import (
    FEATURES,
    ROUNDING,
    AccountState,
    CycleInputs,
    FeatureMatrix,
    Floats,
    OrderIntent,
    Panel,
    RiskCheck,
    SymbolInput,
    SymbolState,
    parameters_from,
)
from runner.portfolio import auction, convex, overlays
from runner.risk import limits, measures

Mask = NDArray[np.bool_]

#: Asset classes no broker of ours trades: kept for benchmarks and data only (F8).
UNTRADABLE = ("fx", "index")


@dataclass(frozen=True)
class Standing:
    """The account and its symbols as arrays in symbol order, before any wish.

    held: (N,) signed fractions of NAV, position and open orders together (HELD); alone: the position only.
    codes: why a symbol may not trade, empty where it may. returns: (T-1, N). hedge: index of the benchmark's fund, None
    where there is none to trade, and why (D13). memory: what is remembered of each symbol.
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
    returns: Floats
    benchmark: Floats | None
    hedge: int | None
    hedge_fault: str
    memory: tuple[SymbolState, ...]

    def feature(self, name: str) -> Floats:
        """Feature `name` of every symbol, NaN where missing."""
        return self.features.column(name)


@dataclass(frozen=True)
class Wishes:
    """What the committee wants, arrays in symbol order.

    kelly: wished weight. mu: annual, NaN without a view. fixed: no committee order either way. exits: symbol index to
    reason, target 0 whatever the wish. blocked: symbol index to the code that stops an increase. stale: sessions
    without a valid agent (W2).
    """

    kelly: Floats
    mu: Floats
    conviction: Floats
    fixed: Mask
    exits: Mapping[int, str]
    blocked: Mapping[int, str]
    stale: tuple[int, ...]


@dataclass(frozen=True)
class Allocation:
    """A pass of phase 3: requests, awards, target, and what changed them."""

    requests: Floats
    awards: Floats
    target: Floats
    order: NDArray[np.intp]
    bound: tuple[str, ...]
    stopped: Mapping[int, str]
    flips: Mask
    dust: Mask
    overlaid: tuple[overlays.Change, ...]
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


@dataclass(frozen=True)
class Trade:
    """An order intent and the codes that say what it does and what cut its quantity."""

    intent: OrderIntent
    codes: tuple[str, ...]


@dataclass(frozen=True)
class Run:
    """Everything phases 2 to 5 computed of one cycle.

    final: target weights after the limit scalar. trades: by symbol index.
    first_checks: what the first pass of phase 4 refused, where there was a second. returned: there was (F10).
    """

    config: GoldenConfig
    state: AccountState
    standing: Standing
    hearing: committee.Hearing
    wishes: Wishes
    allocation: Allocation
    assessment: Assessment
    final: Floats
    trades: Mapping[int, Trade]
    first_checks: tuple[RiskCheck, ...]
    returned: bool


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
    benchmark = None
    if inputs.benchmark in column:
        benchmark = measures.simple_returns(panel.closes[:, [column[inputs.benchmark]]])[:, 0]
    values = np.array([[_float(row.features.get(name)) for name in FEATURES] for row in rows], dtype=np.float64)
    asset_classes = tuple(row.asset_class for row in rows)
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
        buckets=auction.buckets(tuple(row.sector for row in rows), asset_classes, symbols),
        features=FeatureMatrix(symbols, FEATURES, values.reshape(len(rows), len(FEATURES))),
        returns=measures.simple_returns(closes),
        benchmark=benchmark,
        hedge=hedge,
        hedge_fault=hedge_fault,
        memory=tuple(state.symbols.get(symbol, SymbolState(symbol, None, 0, None)) for symbol in symbols),
    )


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


def hear(standing: Standing, config: GoldenConfig, strategy: str) -> committee.Hearing:
    """The committee's hearing of every symbol that may trade. Raises: ConfigError for an unknown strategy."""
    enrolled = config.strategies.named(strategy).agents
    seats = committee.seats(enrolled, lambda name: (getattr(config, name, config.fund), config.fund))
    asked = np.flatnonzero(standing.eligible)
    names = committee.features_read(seats)
    values = np.column_stack([standing.feature(name)[asked] for name in names])
    matrix = FeatureMatrix(tuple(standing.symbols[i] for i in asked), names, values)
    annual = standing.feature("sd_252")[asked] * np.sqrt(config.fund.sessions_per_year)
    brain = parameters_from(MetaBrainParameters, config.meta_brain)
    return committee.hear(matrix, seats, annual, config.meta_brain.mu_abs_max, brain)


def wish(standing: Standing, hearing: committee.Hearing, config: GoldenConfig) -> Wishes:
    """Kelly wishes of the eligible, and what may not follow them: F18, W2, a failed agent, a stop (D14)."""
    count = len(standing.symbols)
    kelly, mu, conviction, fixed = np.zeros(count), np.full(count, np.nan), np.zeros(count), ~standing.eligible
    exits: dict[int, str] = {}
    blocked: dict[int, str] = {}
    stale = [memory.stale_view_sessions if standing.held[i] != 0 else 0 for i, memory in enumerate(standing.memory)]
    for j, i in enumerate(int(i) for i in np.flatnonzero(standing.eligible)):
        memory, held = standing.memory[i], float(standing.held[i])
        if hearing.ensemble.valid[j]:
            kelly[i], mu[i] = hearing.ensemble.kelly[j], hearing.ensemble.mu[j]
            conviction[i], stale[i] = hearing.ensemble.conviction[j], 0
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
    return Wishes(kelly, mu, conviction, fixed, exits, blocked, tuple(stale))


# --- phase 3: allocation ----------------------------------------------------------------------------------------------


def allocate(
    standing: Standing,
    wishes: Wishes,
    refused: Mapping[int, str],
    ceiling: Floats | None,
    state: AccountState,
    config: GoldenConfig,
) -> Allocation:
    """One pass of phase 3. refused: names phase 4 stops; ceiling: first-pass awards, which no second one exceeds."""
    caps, held = parameters_from(auction.Caps, config.auction), standing.held
    requests, stopped, flips = _requests(standing, wishes, refused, config)
    if ceiling is not None:
        keeps = wishes.fixed | (requests == held)
        limit = np.maximum(np.abs(ceiling), np.where(keeps, np.abs(held), 0.0))
        requests = np.sign(requests) * np.minimum(np.abs(requests), limit)
    settled = overlays.settle_wishes(requests, held, config.auction.name_cap, config.auction.min_change)
    requests = np.where(settled, held, requests)
    fixed = np.where(wishes.fixed, held, 0.0)
    order = auction.ranking(wishes.conviction, requests, held, config.auction.held_rank_multiple)
    awards = _award(standing, wishes, requests, order, fixed, state, config)
    overlaid, changes = overlays.overlay(
        awards.weights,
        _setting(standing, wishes, refused, config),
        parameters_from(overlays.OverlayParameters, config.overlays, config.auction),
    )
    clamped = auction.award(overlaid, order, standing.buckets, fixed, caps)
    bound = tuple(a or b for a, b in zip(awards.bound, clamped.bound, strict=True))
    dust = overlays.drop_dust(clamped.weights, held, state.nav, config.auction.min_change, config.auction.min_notional)
    target = np.where(dust, held, clamped.weights)
    target, wished, granted = overlays.turnover(target, held, state.turnover_used, config.auction.turnover_cap)
    return Allocation(
        requests, awards.weights, target, order, bound, stopped, flips, dust | settled, changes, wished, granted
    )


def _award(
    standing: Standing,
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
    known = _history(standing, requests, config)
    market = convex.Market(standing.held, wishes.mu, known, state.turnover_used)
    parameters = parameters_from(convex.ConvexParameters, config.meta_brain, config.auction, config.risk, config.fund)
    return convex.award(requests, order, standing.buckets, fixed, caps, market, parameters)


def _setting(standing: Standing, wishes: Wishes, refused: Mapping[int, str], config: GoldenConfig) -> overlays.Setting:
    """What the overlays know of the symbols: a name that is stopped, refused or leaving may not grow by one either."""
    stopped = {*wishes.exits, *wishes.blocked, *refused}
    free = np.array([i not in stopped for i in range(len(standing.symbols))], dtype=bool)
    shortable = np.array([config.auction.allow_short and row.shortable for row in standing.rows], dtype=bool)
    one = np.ones(len(free))
    return overlays.Setting(
        buckets=standing.buckets,
        held=standing.held,
        fixed=wishes.fixed,
        may_buy=free & ~_over_cap(standing, one, config),
        may_short=free & shortable & ~_over_cap(standing, -one, config),
        betas=standing.feature("beta_252"),
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
    standing: Standing, wishes: Wishes, allocation: Allocation, state: AccountState, config: GoldenConfig
) -> Assessment:
    """One pass of phase 4: CVaR trade by trade, then every limit on the book that is left."""
    held, target = standing.held, allocation.target
    risk = parameters_from(measures.MeasureParameters, config.risk)
    thresholds = parameters_from(limits.LimitParameters, config.auction, config.risk)
    known = _history(standing, target, config)
    refused = dict.fromkeys(known.refused, "NO_COMMON_HISTORY")
    target = np.where(np.isin(np.arange(len(held)), known.refused), overlays.reduce_only(held, target), target)
    exempt = np.array(
        [i in wishes.exits or code.startswith("CAP_") for i, code in enumerate(allocation.bound)], dtype=bool
    )
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
        drawdown=drawdown(state),
        reject_open=state.reject_sessions_left > 0,
    )
    rows, by_trade = limits.cvar_by_trade(book, allocation.order, exempt, known, thresholds, risk)
    refused |= by_trade
    for i in by_trade:
        target = _with(target, i, float(held[i]))
    figures = measures.book_measure(target, known, risk)
    checks = limits.evaluate(replace(book, target=target, measure=figures), thresholds)
    return Assessment((*rows, *checks), refused, target, figures, known, limits.scale(checks), limits.rejection(checks))


def _history(standing: Standing, weights: Floats, config: GoldenConfig) -> measures.History:
    """Daily returns of the names held or in `weights`, on their common sessions."""
    held = standing.held != 0
    return measures.history(
        standing.returns,
        held | (weights != 0),
        held,
        standing.eligible,
        standing.buckets,
        standing.feature("beta_252"),
        standing.benchmark,
        parameters_from(measures.MeasureParameters, config.risk),
    )


def scale(standing: Standing, wishes: Wishes, assessment: Assessment, config: GoldenConfig) -> Floats:
    """The target times the limit scalar (A15), increases stopped where the book is rejected, too small ones dropped."""
    held = standing.held
    target = overlays.reduce_only(held, assessment.target) if assessment.rejection else assessment.target
    target = np.where(wishes.fixed, held, target * assessment.factor)
    if assessment.factor < 1:
        grows = (np.abs(target) > np.abs(held)) & (held != 0)
        target = np.where(grows & (np.abs(target - held) < config.auction.min_change), held, target)
    return target


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


# --- small helpers ----------------------------------------------------------------------------------------------------


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
