"""What passes between stages: frozen dataclasses of plain values and arrays, no behaviour that decides anything.

Units: weights, returns and volatilities are plain fractions (0.04 = 4 %); mu and sigma annual; VaR and CVaR one-day,
positive = loss; prices in the listing currency on the symbol's own price basis; money in USD; quantities in shares.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Any, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
GovernanceState = Literal["ACTIVE", "DEGRADED", "QUARANTINED"]
Outcome = Literal["EXECUTE_BUY", "EXECUTE_SELL", "HOLD", "REJECT"]
Action = Literal["ALLOW", "SCALE", "REJECT", "FREEZE", "LIQUIDATE", "RECOVERY", "KILL_SWITCH"]
AccountRiskState = Literal["ALLOW", "SCALE", "REJECT", "FREEZE", "LIQUIDATE", "RECOVERY", "KILL"]
Phase = Literal["NORMAL", "DRAWDOWN", "FREEZE", "RECOVERY"]
VolatilityState = Literal["LOW", "HIGH", "UNKNOWN"]
Trend = Literal["UP", "DOWN", "UNKNOWN"]
RegimeName = Literal["BULL_QUIET", "BULL_VOLATILE", "BEAR_QUIET", "BEAR_CRISIS", "UNCERTAIN"]

#: Slack for sums and differences of weights: a few hundred terms err by less than this, and no bet is this small.
ROUNDING = 1e-12

#: Columns of features.features that stages may read, by the name dbt gives them; on the F9 series where prices.
PRICE_FEATURES = (
    "close_adj",
    "momentum_21",
    "momentum_63",
    "momentum_252",
    "rsi_14",
    "macd",
    "macd_signal",
    "macd_hist",
    "macd_hist_sd_126",
    "bb_middle_20",
    "bb_upper_20",
    "bb_lower_20",
    "sd_20",
    "realized_vol_20",
    "realized_vol_63",
    "sd_252",
    "atr_14",
    "drawdown_252",
    "beta_252",
    "market_return",
    "sma_200",
)

#: Columns of features.company_features that stages may read: what was filed and written of a company, as known then.
COMPANY_FEATURES = (
    "market_cap",
    "earnings_yield",
    "book_to_market",
    "dividend_yield",
    "earnings_yield_excess",
    "pe",
    "pb",
    "earnings_yield_sector_pct",
    "book_to_market_sector_pct",
    "dividend_yield_sector_pct",
    "earnings_yield_own_pct",
    "book_to_market_own_pct",
    "dividend_yield_own_pct",
    "valuation_age_days",
    "eps_growth",
    "eps_stability",
    "revenue_growth",
    "cash_conversion",
    "leverage",
    "accruals",
    "eps_growth_sector_pct",
    "eps_stability_sector_pct",
    "revenue_growth_sector_pct",
    "cash_conversion_sector_pct",
    "leverage_sector_pct",
    "accruals_sector_pct",
    "fundamental_age_days",
    "fundamental_periods",
    "sentiment_score",
    "sentiment_headlines",
    "sentiment_weight",
    "sentiment_dispersion",
    "sentiment_agreement",
    "sentiment_volume_ratio",
    "sentiment_age_days",
)

FEATURES = PRICE_FEATURES + COMPANY_FEATURES


@dataclass(frozen=True)
class Panel:
    """Adjusted closes of the fund's sessions, oldest first.

    symbols: sorted, distinct, length N. sessions: datetime64[D], strictly rising, length T, of the fund's calendar.
    closes: float64 (T, N) on the F9 series, NaN where a symbol has no bar.
    """

    symbols: tuple[str, ...]
    sessions: NDArray[np.datetime64]
    closes: Floats

    def __post_init__(self) -> None:
        """Raises: ValueError where shapes or order are not as described."""
        if self.closes.shape != (len(self.sessions), len(self.symbols)):
            raise ValueError(
                f"panel: closes {self.closes.shape}, {len(self.sessions)} sessions, {len(self.symbols)} symbols"
            )
        if list(self.symbols) != sorted(set(self.symbols)):
            raise ValueError("panel: symbols are not sorted and distinct")
        if len(self.sessions) > 1 and not bool(np.all(np.diff(self.sessions) > np.timedelta64(0, "D"))):
            raise ValueError("panel: sessions do not rise")


@dataclass(frozen=True)
class SymbolInput:
    """One symbol as the gate copied it (decide.cycle_inputs); last_close on price_basis, a missing feature absent."""

    symbol: str
    in_universe: bool
    governance_state: GovernanceState
    governance_reasons: tuple[str, ...]
    sector: str
    asset_class: str
    shortable: bool
    data_quality_score: float
    provider_confidence: float
    valid_sessions: int
    last_session: date | None
    last_close: float | None
    price_kind: str
    price_basis: str
    features: Mapping[str, float]


@dataclass(frozen=True)
class CycleInputs:
    """What a cycle may see besides the panel: one input per active symbol, sorted by symbol."""

    as_of_session: date
    benchmark: str | None
    symbols: tuple[SymbolInput, ...]

    def __post_init__(self) -> None:
        """Raises: ValueError where symbols are not sorted and distinct."""
        names = [row.symbol for row in self.symbols]
        if names != sorted(set(names)):
            raise ValueError("inputs: symbols are not sorted and distinct")


@dataclass(frozen=True)
class SymbolState:
    """What an account remembers of a symbol from one cycle to the next (decide.symbol_states).

    entry_stop: price fixed at entry (D14). stale_view_sessions: sessions held without a valid agent (W2).
    sessions_since_stop: sessions since it was stopped out, 0 on the session itself; None: never, or long ago.
    """

    symbol: str
    entry_stop: float | None
    stale_view_sessions: int
    sessions_since_stop: int | None


@dataclass(frozen=True)
class ProtocolState:
    """Where an account stands in the recovery protocol when a cycle begins (A6, B4, B6, B9-B11).

    phase: NORMAL; DRAWDOWN, the window in which nothing increases (A6); FREEZE; RECOVERY, the ramp. sessions: of the
    calendar since the phase began, 0 on the session it began. tier: 1, 2, ... of the ramp in RECOVERY, else 0.
    cvar_breaches: close cycles in a row whose book stood above the hard CVaR limit. resumed: trading was resumed after
    a kill since the last cycle, so the ramp begins.
    """

    phase: Phase
    sessions: int
    tier: int
    cvar_breaches: int
    resumed: bool


@dataclass(frozen=True)
class RegimeFit:
    """Parameters of one fit of the two-state Gaussian HMM (C1), states ordered by variance, the low one first.

    mean, scale: of the daily log returns before they were standardised. start: (2,) probabilities of the first state.
    transition: (2, 2) rows from, columns to. means, variances: (2,) of standardised returns. sha256: of all of these.
    """

    benchmark: str
    session: date
    observations: int
    mean: float
    scale: float
    start: tuple[float, float]
    transition: tuple[tuple[float, float], tuple[float, float]]
    means: tuple[float, float]
    variances: tuple[float, float]
    log_likelihood: float
    converged_starts: int
    sha256: str


@dataclass(frozen=True)
class RegimeMemory:
    """What is remembered of the market's regime from one cycle to the next (C1-C5).

    fit: the last one, None before the first; sessions_since_fit: of the calendar. volatility_sessions: how long the
    volatility state has stood. trend_closes: closes in a row beyond the band on the other side of the standing trend.
    """

    fit: RegimeFit | None
    sessions_since_fit: int
    volatility: VolatilityState
    volatility_sessions: int
    trend: Trend
    trend_closes: int


@dataclass(frozen=True)
class Regime:
    """The market's regime on a session and what the next cycle must remember of it (C1-C5).

    method: hmm; percentile, the fallback rule; none where neither could say. high_probability: filtered, of the high
    volatility state; None without a fit. percentile: of the benchmark's volatility in its own history. reason: why it
    is UNCERTAIN, or why the fallback spoke; empty otherwise. refitted: memory.fit is of this session.
    """

    name: RegimeName
    method: Literal["hmm", "percentile", "none"]
    high_probability: float | None
    percentile: float | None
    reason: str
    refitted: bool
    memory: RegimeMemory


@dataclass(frozen=True)
class AccountState:
    """An account as it stands when the cycle opens.

    nav, cash: USD. positions: shares by symbol, from fills and adjustments. open_orders: signed unfilled quantity of
    live orders by symbol, in-flight ones included (HELD). nav_index, tactical_mark, lifetime_mark: the time-weighted
    index and its marks (A6), the tactical one since its last re-basing. turnover_used: increases this session's earlier
    cycles already placed, fraction of NAV. nav_returns: time-weighted daily returns, oldest first. contributed: capital
    paid in less withdrawals, USD. liquidating: an operator's approval to close everything is in effect (B5).
    """

    account: str
    nav: float
    cash: float
    positions: Mapping[str, Decimal]
    open_orders: Mapping[str, Decimal]
    symbols: Mapping[str, SymbolState]
    nav_index: float
    tactical_mark: float
    lifetime_mark: float
    nav_returns: tuple[float, ...]
    turnover_used: float
    contributed: float
    protocol: ProtocolState
    regime: RegimeMemory
    liquidating: bool


@dataclass(frozen=True)
class FeatureMatrix:
    """Features of the symbols an agent is asked about. values: float64 (N, len(names)), NaN where missing."""

    symbols: tuple[str, ...]
    names: tuple[str, ...]
    values: Floats

    def column(self, name: str) -> Floats:
        """Column `name`, shape (N,). Raises: ValueError for a name that is not there."""
        if name not in self.names:
            raise ValueError(f"no feature {name} among {', '.join(self.names)}")
        return self.values[:, self.names.index(name)]


@dataclass(frozen=True)
class AgentArrays:
    """An agent's views as arrays of length N, NaN in all of a symbol's numbers where it abstains.

    score: [-3, 3]. mu: annual excess return. sigma: annual; NaN where the agent has no estimate of its own (D9).
    confidence: [0, 1]. parts: label to (N,), what the score is made of, NaN where a symbol has none of it. faults: code
    to (N,), where it keeps the agent from speaking.
    """

    score: Floats
    mu: Floats
    sigma: Floats
    confidence: Floats
    parts: Mapping[str, Floats]
    faults: Mapping[str, Mask]


@dataclass(frozen=True)
class AgentView:
    """One agent's view of one symbol: numbers, or an abstention whose reasons say why (D5, D7)."""

    symbol: str
    agent: str
    family: str
    score: float | None
    mu: float | None
    sigma: float | None
    confidence: float | None
    abstained: bool
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class RiskCheck:
    """One evaluation of one limit, passed ones too. observed None: the data do not support the number, a breach.

    scope: portfolio, symbol, sector:NAME or scenario:NAME. symbol: None but for scope symbol. factor: scale applied, 1
    for none. binding: it changed something.
    """

    limit_name: str
    scope: str
    symbol: str | None
    observed: float | None
    threshold: float
    action: Action
    factor: float
    binding: bool
    reason: str


@dataclass(frozen=True)
class Decision:
    """A decision's fields, in the specification's order less cycle_id and timestamp, which the cycle adds."""

    symbol: str
    final_decision: Outcome
    position_size: float
    stop_loss: float | None
    reason_codes: tuple[str, ...]
    mu_hat: float | None
    sigma_hat: float | None
    conviction: float | None
    data_quality_score: float
    provider_confidence: float
    agent_results: Mapping[str, Any]
    risk_checks: tuple[Mapping[str, Any], ...]
    metadata: Mapping[str, Any]


@dataclass(frozen=True)
class OrderIntent:
    """A market order for the trade session. quantity: shares, at most four decimals. value: USD at the last close."""

    symbol: str
    side: Literal["BUY", "SELL"]
    quantity: Decimal
    leg: Literal["entry", "exit"]
    reason: str
    reference_price: float
    price_basis: str
    value: float


@dataclass(frozen=True)
class LayerVerdict:
    """Verdict of a governance layer that the stages compute (5 to 9)."""

    layer: int
    verdict: Literal["PASS", "REFUSE", "NOT_BUILT"]
    reason_code: str
    evidence: Mapping[str, Any]


@dataclass(frozen=True)
class Alert:
    """One alert for notify.enqueue (F16)."""

    level: Literal["LOW", "MEDIUM", "HIGH", "CRITICAL"]
    category: Literal["RISK", "PERFORMANCE", "SYSTEM", "MARKET_DATA", "TRADING", "DATA_QUALITY"]
    code: str
    symbol: str | None
    message: str
    detail: Mapping[str, Any]


@dataclass(frozen=True)
class RiskState:
    """The account's risk state after the cycle (decide.risk_states, decide.regime_states).

    state: the most severe in force (B5). phase, sessions, tier, cvar_breaches, rebased: where the recovery protocol
    stands after this cycle. var_95, cvar_95: of the target before any scalar (A9); cvar_post_trade: of the book that
    would stand after the orders (B6), though that froze the account and none was made; volatility: annual, ruling B1;
    each None where the data do not support it. factors: every scalar of the run, those that multiplied and those that
    only might have. figures: every other measure, by name.
    """

    state: AccountRiskState
    phase: Phase
    sessions: int
    tier: int
    cvar_breaches: int
    rebased: bool
    var_95: float | None
    cvar_95: float | None
    cvar_post_trade: float | None
    drawdown: float | None
    volatility: float | None
    gross: float
    net: float
    factors: Mapping[str, float | None]
    figures: Mapping[str, float | None]
    regime: Regime


@dataclass(frozen=True)
class CycleResult:
    """Everything phases 2 to 5 computed. halt_layer None: done; else every decision is REJECT HALT_<layer>, no intent.

    A run halted for its own risk (layer 8) has its checks and state; one halted for its inputs has none.

    decisions: exactly one for every symbol of the inputs, in their order. intents: reductions first, then entries in
    auction order. symbol_states: only symbols with something to remember. metadata: counts and factors of the run.
    """

    halt_layer: int | None
    views: tuple[AgentView, ...]
    decisions: tuple[Decision, ...]
    risk_checks: tuple[RiskCheck, ...]
    risk_state: RiskState | None
    symbol_states: tuple[SymbolState, ...]
    intents: tuple[OrderIntent, ...]
    verdicts: tuple[LayerVerdict, ...]
    alerts: tuple[Alert, ...]
    metadata: Mapping[str, Any]


_Parameters = TypeVar("_Parameters")


def parameters_from(kind: type[_Parameters], *sections: Any) -> _Parameters:
    """A stage's parameters (a dataclass) from configuration sections: a field from the first section that has its name.

    Raises: AttributeError naming a field that no section has.
    """
    values = {}
    for field in fields(kind):  # type: ignore[arg-type]
        owner = next((section for section in sections if hasattr(section, field.name)), sections[0])
        values[field.name] = getattr(owner, field.name)
    return kind(**values)
