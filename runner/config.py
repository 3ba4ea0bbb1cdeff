"""The golden configuration: read strictly, typed, frozen, known by the SHA-256 of its bytes.

`load` gives a `GoldenConfig` or raises `ConfigError` (exit 12): one line that names the key and the remedy. What YAML
would guess is refused instead: duplicate keys, anchors, tags, octal, exponents, `no`, NaN, a byte-order mark. Nothing
here reads a value from the environment; a variable that carries a parameter's name is an error (I20).
`verify` compares the file with `golden_config.sha256`; `sql_limits` lists the limits that SQL enforces, as rows.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from math import isfinite
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from runner.errors import IntegrityError

#: Where the file and its hash stand, from the repository's root.
CONFIG_PATH = Path("configs/golden_config.yaml")
HASH_PATH = Path("configs/golden_config.sha256")

#: Keys a parameter may have; everything else in the file is a section.
_PARAMETER_KEYS = frozenset({"value", "unit", "ruling", "spec", "note"})

#: Slack of a sum of shares that must be 1.
_ROUNDING = 1e-9

#: Sections whose parameters a strategy may set otherwise: what makes a view, never what limits a bet.
STRATEGIC = ("technical", "reversion", "valuation", "fundamental", "sentiment", "meta_brain")

_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")
#: Plain scalars some YAML reader takes for something else than text: refused, quoted or not meant.
_AMBIGUOUS = re.compile(
    r"[-+.]?[0-9].*|[-+]?\.?(inf|nan)|y|yes|n|no|on|off|null|~|",
    re.IGNORECASE,
)


class ConfigError(IntegrityError):
    """The golden configuration cannot be used."""

    remedy = "Correct configs/golden_config.yaml, then `python -m runner config lock`."


# --- the file's shape -------------------------------------------------------------------------------------------------

Fraction = Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)]
NonNegativeFraction = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
NonNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Return = Annotated[float, Field(ge=-1, le=10, allow_inf_nan=False)]
Count = Annotated[int, Field(gt=0)]
CountOrZero = Annotated[int, Field(ge=0)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,30}$")]
IsoDate = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]
ScoreClip = Annotated[float, Field(gt=0, le=3, allow_inf_nan=False)]
PercentileClip = Annotated[float, Field(gt=0, lt=0.5, allow_inf_nan=False)]
NonEmptyFractions = Annotated[tuple[Fraction, ...], Field(min_length=1)]


class Section(BaseModel):
    """Base of every section: strict types, no unknown key, frozen."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class FundConfig(Section):
    """What the fund counts in."""

    base_currency: Literal["USD"]
    session_calendar: Annotated[str, Field(pattern=r"^[A-Z]{4}$")]
    sessions_per_year: Count
    risk_free_rate: Annotated[float, Field(ge=-0.1, le=1, allow_inf_nan=False)]
    benchmark_preference: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9.]{0,9}$")]


class AccountConfig(Section):
    """One account made by the first deploy. opening_capital in USD."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,30}$")]
    broker: Literal["paper", "alpaca"]
    mode: Literal["paper"]
    opening_capital: Positive
    strategy: Name


class AccountsConfig(Section):
    """Accounts made by default; live ones never are."""

    defaults: Annotated[tuple[AccountConfig, ...], Field(min_length=1)]


class AgentConfig(Section):
    """An agent in its family: its share of the family's prior, and its information coefficient."""

    name: Name
    share: Fraction
    ic: Fraction


class FamilyConfig(Section):
    """A named group of agents that see the same thing, with one prior between them."""

    name: Name
    prior: Fraction
    agents: Annotated[tuple[AgentConfig, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _whole(self) -> Self:
        _refuse_repeats("agents", [agent.name for agent in self.agents])
        if abs(sum(agent.share for agent in self.agents) - 1) > _ROUNDING:
            raise ValueError(f"the shares of {self.name} do not add to 1")
        return self


class FamiliesConfig(Section):
    """The alpha families. An agent belongs to one."""

    defined: Annotated[tuple[FamilyConfig, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        _refuse_repeats("defined", [family.name for family in self.defined])
        _refuse_repeats("agents", [agent.name for family in self.defined for agent in family.agents])
        return self

    def named(self, name: str) -> FamilyConfig | None:
        """The family of that name, None where there is none."""
        return next((family for family in self.defined if family.name == name), None)


class FamilyWeightConfig(Section):
    """A family in a strategy."""

    name: Name
    weight: Fraction


class OverrideConfig(Section):
    """A parameter of an agent or of the meta-brain that a strategy sets otherwise than the file's section."""

    parameter: Annotated[str, Field(pattern=r"^[a-z][a-z_]*\.[a-z][a-z0-9_]*$")]
    value: float | int | bool


class StrategyConfig(Section):
    """A named set of families with weights that add to 1, and the parameters it sets otherwise."""

    name: Name
    families: Annotated[tuple[FamilyWeightConfig, ...], Field(min_length=1)]
    parameters: tuple[OverrideConfig, ...]

    @model_validator(mode="after")
    def _whole(self) -> Self:
        _refuse_repeats("families", [family.name for family in self.families])
        _refuse_repeats("parameters", [override.parameter for override in self.parameters])
        if abs(sum(family.weight for family in self.families) - 1) > _ROUNDING:
            raise ValueError(f"the weights of {self.name} do not add to 1")
        return self


class StrategiesConfig(Section):
    """The strategies, and the one used where none is named."""

    default: Name
    defined: Annotated[tuple[StrategyConfig, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        names = [strategy.name for strategy in self.defined]
        _refuse_repeats("defined", names)
        if self.default not in names:
            raise ValueError(f"default names {self.default}, which is not defined")
        return self

    def named(self, name: str) -> StrategyConfig:
        """The strategy of that name. Raises: ConfigError."""
        for strategy in self.defined:
            if strategy.name == name:
                return strategy
        known = ", ".join(strategy.name for strategy in self.defined)
        raise ConfigError(f"strategies.defined has no strategy {name}", f"Use one of: {known}.")


class DataConfig(Section):
    """What data must be to be traded on (rulings F1-F9, D11, D12)."""

    provider_delay_minutes: CountOrZero
    required_history_sessions: Count
    degraded_history_sessions: Count
    max_stale_sessions: CountOrZero
    max_live_history_sessions: Count
    backfill_years_min: Positive
    min_quality: Fraction
    quality_weight_missing: Fraction
    quality_weight_duplicate: Fraction
    quality_weight_zero_negative: Fraction
    quality_weight_spike: Fraction
    veto_missing_fraction: Fraction
    spike_multiple: Positive
    spike_window_sessions: Count
    adjustment_anchor: Literal["first_session"]
    confidence_window_sessions: Count
    confidence_tolerance_bp: Positive
    confidence_single_source: NonNegativeFraction
    statement_max_age_days: Count
    anchor_max_age_days: Count
    sector_names_min: Count
    own_history_months: Count
    own_history_min: Count
    sentiment_half_life_days: Positive
    sentiment_window_days: Count
    sentiment_volume_sessions: Count
    sentiment_volume_windows: Count
    sentiment_volume_windows_min: Count
    sentiment_tone_threshold: NonNegativeFraction
    sentiment_opinion_threshold: NonNegativeFraction
    no_retry_statuses: tuple[Annotated[int, Field(ge=400, le=599)], ...]

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.degraded_history_sessions >= self.required_history_sessions:
            raise ValueError("degraded_history_sessions must be below required_history_sessions")
        if self.own_history_min > self.own_history_months:
            raise ValueError("own_history_min must not exceed own_history_months")
        return self


class TechnicalConfig(Section):
    """Constants of the technical score (T1-T4)."""

    momentum_sessions: Annotated[tuple[Count, ...], Field(min_length=1)]
    rsi_centre: Positive
    rsi_scale: Positive
    part_clip: Positive
    score_clip: ScoreClip
    pooled_sd: Positive
    volatility_window_sessions: Count


class ReversionConfig(Section):
    """Constants of the mean-reversion score."""

    rsi_centre: Positive
    rsi_scale: Positive
    short_sessions: Count
    long_sessions: Count
    trend_tolerance: NonNegative
    part_clip: Positive
    score_clip: ScoreClip
    pooled_sd: Positive


class ValuationConfig(Section):
    """Constants of the valuation score."""

    yields: Annotated[tuple[Literal["earnings_yield", "book_to_market", "dividend_yield"], ...], Field(min_length=1)]
    percentile_clip: PercentileClip
    excess_scale: Positive
    part_clip: Positive
    score_clip: ScoreClip
    pooled_sd: Positive
    parts_min: Count
    parts_full: Count
    fresh_days: CountOrZero
    half_life_days: Count


class MeasureConfig(Section):
    """A measure of a company's quality: the feature, the sign that is good, centre and scale without a sector."""

    feature: Name
    sign: Literal[-1, 1]
    centre: Annotated[float, Field(allow_inf_nan=False)]
    scale: Positive


class FundamentalConfig(Section):
    """Constants of the fundamental score."""

    measures: Annotated[tuple[MeasureConfig, ...], Field(min_length=1)]
    percentile_clip: PercentileClip
    part_clip: Positive
    score_clip: ScoreClip
    pooled_sd: Positive
    parts_min: Count
    parts_full: Count
    fresh_days: CountOrZero
    half_life_days: Count

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        _refuse_repeats("measures", [measure.feature for measure in self.measures])
        return self


class SentimentConfig(Section):
    """Constants of the sentiment score."""

    score_scale: Positive
    prior_headlines: Positive
    score_clip: ScoreClip
    fresh_days: CountOrZero
    half_life_days: Count


class MetaBrainConfig(Section):
    """Constants of the ensemble and of sizing (W, D1-D10, S)."""

    min_confidence: Fraction
    mu_abs_max: Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)]
    scale_by_coverage: bool
    disagreement_beta: NonNegative
    disagreement_of: Literal["scores"]
    robust_mad_scale: Positive
    robust_mad_floor: Positive
    sigma_floor: Positive
    conviction: Literal["mu_over_sigma"]
    kelly_gamma: Fraction
    stale_view_sessions: Count
    outcomes: tuple[Literal["EXECUTE_BUY"], Literal["EXECUTE_SELL"], Literal["HOLD"], Literal["REJECT"]]


class AuctionConfig(Section):
    """Constraints of the capital auction (A1-A5, A17, F14); caps are fractions of NAV."""

    name_cap: Fraction
    sector_cap: Fraction
    long_cap: Fraction
    short_cap: NonNegativeFraction
    gross_cap: Fraction
    turnover_cap: Fraction
    held_rank_multiple: Annotated[float, Field(ge=1, allow_inf_nan=False)]
    rank_by: Literal["conviction"]
    allocator: Literal["auction", "convex"]
    allow_short: bool
    returns_to_allocation_max: Annotated[int, Field(ge=0, le=1)]
    min_notional: NonNegative
    min_change: NonNegativeFraction
    quantity_decimals: Annotated[int, Field(ge=0, le=4)]

    @model_validator(mode="after")
    def _nested(self) -> Self:
        for small, large in (("name_cap", "sector_cap"), ("long_cap", "gross_cap"), ("short_cap", "gross_cap")):
            if getattr(self, small) > getattr(self, large):
                raise ValueError(f"{small} is above {large}")
        return self


class OverlaysConfig(Section):
    """Overlays switched on, and the protective stop (D13, D14)."""

    enabled: tuple[Literal["sector_balance", "beta_neutral", "stop_loss"], ...]
    sector_balance_multiple: Annotated[float, Field(ge=1, allow_inf_nan=False)]
    beta_band: Positive
    stop_sigmas: Positive
    stop_min_distance: Fraction
    stop_reentry_sessions: Count

    @model_validator(mode="after")
    def _protected(self) -> Self:
        _refuse_repeats("enabled", list(self.enabled))
        if "stop_loss" not in self.enabled:
            raise ValueError("enabled must hold stop_loss (B8): without it no position would have a protective stop")
        return self


class ScenarioConfig(Section):
    """A market shock with the dates it is taken from (A13)."""

    name: Name
    first: IsoDate
    last: IsoDate
    market: Return

    @model_validator(mode="after")
    def _dated(self) -> Self:
        if date.fromisoformat(self.first) > date.fromisoformat(self.last):
            raise ValueError(f"{self.name}: first is after last")
        return self


class SectorShockConfig(Section):
    """A sector's own shock in one scenario, replacing beta x market (A13)."""

    scenario: Name
    sector: str
    shock: Return


class RiskConfig(Section):
    """Limits and estimators of the risk engine (A6-A16, B1, E1-E3, F18); one-day figures at the confidence level."""

    confidence_level: Annotated[float, Field(ge=0.9, lt=1, allow_inf_nan=False)]
    var_limit: Fraction
    cvar_decision: Fraction
    cvar_hard: Fraction
    cvar_estimator: Literal["exact_alpha_mass"]
    history_sessions_max: Count
    history_sessions_min: Count
    ewma_lambda: Annotated[float, Field(gt=0, lt=1, allow_inf_nan=False)]
    ewma_start_sessions: Annotated[int, Field(ge=2)]
    drawdown_limit: Fraction
    drawdown_reject_sessions: Count
    drawdown_lambda: Positive
    limit_scalars: Literal["minimum"]
    held_quantity: Literal["position_and_open_orders"]
    foreign_history_min: Count
    foreign_beta_floor: NonNegative
    beta_window_sessions: Count
    beta_history_min: Count
    stress_limit: Fraction
    stress_shock_floor: Annotated[float, Field(ge=-1, lt=0, allow_inf_nan=False)]
    stress_scenarios: Annotated[tuple[ScenarioConfig, ...], Field(min_length=1)]
    stress_sector_shocks: tuple[SectorShockConfig, ...]
    correlation_limit: Fraction
    correlation_window_sessions: Count
    correlation_names_min: Annotated[int, Field(ge=2)]
    volatility_target: Fraction
    volatility_window_sessions: Count
    volatility_history_min: Count
    evt_threshold: Fraction
    evt_exceedances_min: Count
    evt_shape_cap: Annotated[float, Field(gt=0, lt=1, allow_inf_nan=False)]
    evt_report_levels: NonEmptyFractions
    fat_tail_shape: Positive
    fat_tail_scalar: Fraction

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.cvar_decision > self.cvar_hard:
            raise ValueError("cvar_decision is above cvar_hard (A8): the decision limit is the tighter one")
        if self.var_limit > self.cvar_decision:
            raise ValueError("var_limit is above cvar_decision: VaR never exceeds CVaR, so the two look swapped")
        if self.history_sessions_min > self.history_sessions_max:
            raise ValueError("history_sessions_min is above history_sessions_max")
        if self.ewma_start_sessions > self.history_sessions_min:
            raise ValueError("ewma_start_sessions is above history_sessions_min")
        names = [scenario.name for scenario in self.stress_scenarios]
        _refuse_repeats("stress_scenarios", names)
        for shock in self.stress_sector_shocks:
            if shock.scenario not in names:
                raise ValueError(f"stress_sector_shocks names {shock.scenario}, which is no scenario")
        return self


class BreakersConfig(Section):
    """Circuit breakers, kill and recovery (B2-B11)."""

    tier_two_var_multiple: Annotated[float, Field(ge=1, allow_inf_nan=False)]
    tier_two_volatility_multiple: Annotated[float, Field(ge=1, allow_inf_nan=False)]
    tier_two_gross: Fraction
    precedence: tuple[
        Literal["KILL"],
        Literal["LIQUIDATE"],
        Literal["FREEZE"],
        Literal["REJECT"],
        Literal["RECOVERY"],
        Literal["SCALE"],
        Literal["ALLOW"],
    ]
    cvar_breaches_to_kill: Count
    kill_loss: Fraction
    liquidate_on_kill: bool
    kill_cooldown_minutes: CountOrZero
    freeze_sessions: Count
    recovery_ramp: NonEmptyFractions

    @model_validator(mode="after")
    def _rising(self) -> Self:
        if list(self.recovery_ramp) != sorted(set(self.recovery_ramp)) or self.recovery_ramp[-1] != 1:
            raise ValueError("recovery_ramp must rise and end at 1.0")
        return self


class RegimesConfig(Section):
    """Regime detection and its multipliers (C1-C6)."""

    states: Literal[2]
    starts: Count
    seed: CountOrZero
    window_sessions: Count
    refit_sessions: Count
    high_enter: Fraction
    high_leave: Fraction
    stay_sessions_min: Count
    trend_sessions: Count
    trend_band: NonNegativeFraction
    trend_closes: Count
    multiplier_bull_quiet: NonNegativeFraction
    multiplier_bull_volatile: NonNegativeFraction
    multiplier_bear_quiet: NonNegativeFraction
    multiplier_bear_crisis: NonNegativeFraction
    multiplier_uncertain: NonNegativeFraction
    fallback_percentile: Fraction

    @model_validator(mode="after")
    def _hysteresis(self) -> Self:
        if self.high_leave > self.high_enter:
            raise ValueError("high_leave is above high_enter")
        return self


class OmsConfig(Section):
    """What SQL checks of every order and basket (F11-F15, I8, I16)."""

    order_value: Positive
    basket_value: Positive
    open_orders_per_symbol: Count
    daily_message_count: Count
    repeated_execution_count: Count
    price_collar: Fraction
    snapshot_max_age_seconds: Count
    claim_lease_seconds: Count
    client_order_id_max: Annotated[int, Field(ge=32, le=48)]
    lookups_before_repost: Count
    lookup_wait_seconds: Positive
    request_retry_seconds: Positive
    position_tolerance: Positive
    cash_tolerance: Positive
    clock_skew_max_seconds: Count
    statuses: Annotated[tuple[str, ...], Field(min_length=8, max_length=8)]
    fraction_time_in_force: Literal["DAY"]

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        _refuse_repeats("statuses", list(self.statuses))
        if self.order_value > self.basket_value:
            raise ValueError("order_value is above basket_value")
        return self


class PaperBrokerConfig(Section):
    """Cost model of the paper broker."""

    half_spread_bp: NonNegative
    fee_per_share: NonNegative
    fee_min: NonNegative
    sell_fee_bp: NonNegative
    volume_share: Fraction
    impact_bp: NonNegative


class BrokerConfig(Section):
    """How long and how much of an answer is waited for at a broker (I30)."""

    connect_timeout_seconds: Positive
    read_timeout_seconds: Positive
    total_timeout_seconds: Positive
    response_max_bytes: Count
    order_page_size: Annotated[int, Field(ge=1, le=500)]
    execution_page_size: Annotated[int, Field(ge=1, le=100)]

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if max(self.connect_timeout_seconds, self.read_timeout_seconds) > self.total_timeout_seconds:
            raise ValueError("total_timeout_seconds is below connect_timeout_seconds or read_timeout_seconds")
        return self


class CycleConfig(Section):
    """A cycle's lease and slot."""

    lease_seconds: Count
    default_slot: Literal["close"]


class AlertsConfig(Section):
    """Severities and categories of alerts (F16)."""

    levels: tuple[Literal["LOW"], Literal["MEDIUM"], Literal["HIGH"], Literal["CRITICAL"]]
    never_deduplicated: tuple[Literal["CRITICAL"], ...]
    categories: Annotated[tuple[str, ...], Field(min_length=1)]


@dataclass(frozen=True)
class Note:
    """What the file says about one parameter beside its value."""

    unit: str
    rulings: tuple[str, ...]
    spec: str | None
    note: str | None


class Values(Section):
    """The file's values, section by section."""

    fund: FundConfig
    accounts: AccountsConfig
    families: FamiliesConfig
    strategies: StrategiesConfig
    data: DataConfig
    technical: TechnicalConfig
    reversion: ReversionConfig
    valuation: ValuationConfig
    fundamental: FundamentalConfig
    sentiment: SentimentConfig
    meta_brain: MetaBrainConfig
    auction: AuctionConfig
    overlays: OverlaysConfig
    risk: RiskConfig
    breakers: BreakersConfig
    regimes: RegimesConfig
    oms: OmsConfig
    paper_broker: PaperBrokerConfig
    broker: BrokerConfig
    cycle: CycleConfig
    alerts: AlertsConfig

    @model_validator(mode="after")
    def _across_sections(self) -> Self:
        if self.breakers.kill_loss <= self.risk.drawdown_limit:
            raise ValueError("breakers.kill_loss must be above risk.drawdown_limit: the kill comes after the reject")
        if self.data.max_live_history_sessions >= self.data.required_history_sessions:
            raise ValueError("data.max_live_history_sessions must be below data.required_history_sessions")
        known = {strategy.name for strategy in self.strategies.defined}
        for account in self.accounts.defaults:
            if account.strategy not in known:
                raise ValueError(f"accounts.defaults {account.name}: strategy {account.strategy} is not defined")
        _refuse_repeats("accounts.defaults", [account.name for account in self.accounts.defaults])
        for strategy in self.strategies.defined:
            for wanted in strategy.families:
                if self.families.named(wanted.name) is None:
                    raise ValueError(f"strategies.defined {strategy.name}: family {wanted.name} is not defined")
            self._overridden(strategy)
        return self

    def _overridden(self, strategy: StrategyConfig) -> dict[str, Section]:
        """Sections with the parameters the strategy sets otherwise, checked as the file's own. Raises: ValueError."""
        changed: dict[str, Section] = {}
        for override in strategy.parameters:
            name, key = override.parameter.split(".")
            known = name in STRATEGIC and key in type(getattr(self, name)).model_fields
            if not known or override.parameter in {path for _, path, *_ in SQL_LIMITS}:
                raise ValueError(
                    f"strategies.defined {strategy.name}: {override.parameter} is no parameter a strategy may set"
                )
            section = changed.get(name, getattr(self, name))
            try:
                changed[name] = type(section).model_validate(section.model_dump() | {key: override.value})
            except ValidationError as error:
                reason = error.errors()[0]["msg"]
                raise ValueError(f"strategies.defined {strategy.name}: {override.parameter}: {reason}") from None
        return changed

    def strategy_of(self, account: str) -> str:
        """Name of the strategy the account trades by; the default one for an account the file does not name."""
        named = {one.name: one.strategy for one in self.accounts.defaults}
        return named.get(account, self.strategies.default)

    def under(self, strategy: str) -> Self:
        """The configuration as the named strategy has it. Raises: ConfigError for an unknown strategy."""
        return self.model_copy(update=dict(self._overridden(self.strategies.named(strategy))))


class GoldenConfig(Values):
    """The golden configuration. Values by attribute; `sha256` of the file's bytes; `notes` by dotted path."""

    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    body: bytes
    notes: Mapping[str, Note]
    rulings: Mapping[str, str]

    @property
    def parsed(self) -> dict[str, Any]:
        """The values as plain data that JSON can hold, section by section."""
        return self.model_dump(mode="json", exclude={"sha256", "body", "notes", "rulings"})

    def ruling_ids(self) -> frozenset[str]:
        """Every ruling the file names, at a parameter or in its list of rules without a number."""
        at_parameters = {ruling for note in self.notes.values() for ruling in note.rulings}
        return frozenset(at_parameters | set(self.rulings))

    def parameters(self) -> Iterator[tuple[str, Any, Note]]:
        """(dotted path, value, note) of every parameter in the file's order: what `config show` prints."""
        values = self.parsed
        for path, note in self.notes.items():
            section, key = path.split(".")
            yield path, values[section][key], note


# --- reading ----------------------------------------------------------------------------------------------------------


def load(path: Path = CONFIG_PATH, environ: Mapping[str, str] | None = None) -> GoldenConfig:
    """Read and check the file at `path`; `environ` (default: the process's) must not name a parameter.

    Raises: ConfigError (exit 12), one line naming the key and the remedy.
    """
    return parse(_read(path), os.environ if environ is None else environ)


def load_verified() -> GoldenConfig:
    """`load` of a file that is what its hash file says. Raises: ConfigError (exit 12)."""
    verify()
    return load()


def parse(body: bytes, environ: Mapping[str, str]) -> GoldenConfig:
    """The configuration whose file has these bytes; `environ` must not name a parameter. Raises: ConfigError."""
    text = _decode(body)
    document = _construct(_compose(text))
    notes: dict[str, Note] = {}
    rulings = _rulings(document.pop("rulings", None))
    values = _strip(document, notes)
    _refuse_environment(notes, environ)
    try:
        return GoldenConfig(
            **Values.model_validate(values).__dict__,
            sha256=hashlib.sha256(body).hexdigest(),
            body=body,
            notes=notes,
            rulings=rulings,
        )
    except ValidationError as error:
        raise _first_error(error) from None


def verify(path: Path = CONFIG_PATH, hash_path: Path | None = None) -> str:
    """The SHA-256 of `path`, which must be what `hash_path` (default: beside it) says; the file itself is not parsed.

    `golden_config.sha256` holds one line that `sha256sum -c` accepts from the repository's root:
    `<64 hexadecimal digits>  configs/golden_config.yaml`.
    Raises: ConfigError where either file is missing or they differ.
    """
    beside = path.with_suffix(".sha256") if hash_path is None else hash_path
    actual = hashlib.sha256(_read(path)).hexdigest()
    match = re.fullmatch(rb"([0-9a-f]{64})  ([^\r\n]+)\n", _read(beside))
    if match is None or Path(match[2].decode("utf-8", "replace")).name != path.name:
        raise ConfigError(
            f"{beside} is not one line '<sha256>  {_listed_name(path)}'",
            "`python -m runner config lock` writes it.",
        )
    if match[1].decode() != actual:
        raise ConfigError(
            f"{path} has SHA-256 {actual[:12]}…, {beside} says {match[1].decode()[:12]}…",
            "Restore the file, or accept the change with `python -m runner config lock`.",
        )
    return actual


def write_hash(path: Path = CONFIG_PATH, hash_path: Path | None = None) -> str:
    """Write the hash file that `verify` and `sha256sum -c` read, unless it says so already; gives the hash.

    The shipped file is in an image that cannot be written, with its hash. Raises: ConfigError.
    """
    beside = path.with_suffix(".sha256") if hash_path is None else hash_path
    actual = hashlib.sha256(_read(path)).hexdigest()
    line = f"{actual}  {_listed_name(path)}\n".encode("ascii")
    try:
        if not beside.exists() or beside.read_bytes() != line:
            beside.write_bytes(line)
    except OSError as error:
        raise ConfigError(
            f"the file is pinned in the database, and its hash file is not written: {error}",
            "`python -m runner config lock` again, as a user who may write it.",
        ) from error
    return actual


def _listed_name(path: Path) -> str:
    return f"{path.parent.name}/{path.name}" if path.parent.name else path.name


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}", "Run in the repository's root.") from None


def _decode(body: bytes) -> str:
    if body.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        raise ConfigError("the file begins with a byte-order mark", "Save it as plain ASCII without one.")
    for number, line in enumerate(body.split(b"\n"), start=1):
        strange = next((byte for byte in line if byte > 126 or (byte < 32 and byte != 9)), None)
        if strange is not None:
            raise ConfigError(f"line {number} has byte 0x{strange:02x}", "Use printable ASCII and LF line ends only.")
    return body.decode("ascii")


class _PlainLoader(yaml.SafeLoader):
    """SafeLoader that composes nodes without anchors, aliases or tags; types are `_scalar`'s business."""

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        """The next node. Raises: ConfigError where it is more than plain."""
        event: Any = self.peek_event()  # type: ignore[no-untyped-call]
        mark = getattr(event, "start_mark", None)
        line = mark.line + 1 if mark is not None else 0
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            raise ConfigError(f"line {line} has an anchor or alias", "Write the value out.")
        tag = getattr(event, "tag", None)
        if tag is not None:
            raise ConfigError(f"line {line} has the tag {tag}", "Write a plain value.")
        return super().compose_node(parent, index)


def _compose(text: str) -> yaml.Node:
    """The node tree, built without resolving a tag, an alias or a type."""
    try:
        node = yaml.compose(text, Loader=_PlainLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}: " if mark is not None else ""
        raise ConfigError(f"{where}{getattr(error, 'problem', None) or 'not YAML'}", "Correct the YAML.") from None
    if not isinstance(node, yaml.MappingNode):
        raise ConfigError("the file is not a mapping of sections")
    return node


def _construct(node: yaml.Node, path: str = "") -> Any:
    """Plain data of a node: mappings without repeated keys, tuples for lists, scalars by `_scalar`."""
    if isinstance(node, yaml.MappingNode):
        mapping: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode) or not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", key_node.value):
                line = key_node.start_mark.line + 1
                raise ConfigError(f"{path or 'the file'}: line {line} has a key that is no name")
            key = key_node.value
            inner = f"{path}.{key}" if path else key
            if key in mapping:
                raise ConfigError(f"{inner} is given twice (line {key_node.start_mark.line + 1})", "Keep one of them.")
            mapping[key] = _construct(value_node, inner)
        return mapping
    if isinstance(node, yaml.SequenceNode):
        return tuple(_construct(item, f"{path}[{index}]") for index, item in enumerate(node.value))
    return _scalar(node, path)


def _scalar(node: yaml.Node, path: str) -> bool | int | float | str:
    """A scalar by this file's own grammar: quoted is text; plain is true, false, a plain decimal, or text."""
    text = str(node.value)
    style = getattr(node, "style", None)
    if style in ("'", '"'):
        return text
    if style is not None:
        raise ConfigError(f"{path} is a block of text", "Write it on one line, in quotes.")
    if text in ("true", "false"):
        return text == "true"
    if _NUMBER.fullmatch(text):
        return float(text) if "." in text else int(text)
    if _AMBIGUOUS.fullmatch(text):
        raise ConfigError(f"{path} is {text or 'empty'}", "Write a plain decimal, true or false, or quote the text.")
    return text


def _strip(document: dict[str, Any], notes: dict[str, Note]) -> dict[str, Any]:
    """Sections with bare values, their notes collected by path; every parameter has a value and a unit."""
    values: dict[str, Any] = {}
    for section, parameters in document.items():
        if not isinstance(parameters, dict):
            raise ConfigError(f"{section} is not a section of parameters", "Move it into a section.")
        values[section] = {}
        for key, parameter in parameters.items():
            path = f"{section}.{key}"
            if not isinstance(parameter, dict) or not {"value", "unit"} <= parameter.keys():
                raise ConfigError(f"{path} has no value and unit", f"Write {key}: {{value: …, unit: …}}.")
            extra = sorted(parameter.keys() - _PARAMETER_KEYS)
            if extra:
                raise ConfigError(f"{path} has the unknown key {extra[0]}", "Use value, unit, ruling, spec, note.")
            notes[path] = _note(path, parameter)
            values[section][key] = parameter["value"]
    return values


def _note(path: str, parameter: dict[str, Any]) -> Note:
    rulings = parameter.get("ruling", ())
    rulings = (rulings,) if isinstance(rulings, str) else rulings
    named = isinstance(rulings, tuple) and all(
        isinstance(r, str) and re.fullmatch("[A-Z0-9]+[a-z]?", r) for r in rulings
    )
    if not named:
        raise ConfigError(f"{path}.ruling is not a ruling id or a list of them")
    for key in ("unit", "spec", "note"):
        if not isinstance(parameter.get(key, ""), str):
            raise ConfigError(f"{path}.{key} is not text", "Quote it.")
    return Note(parameter["unit"], rulings, parameter.get("spec"), parameter.get("note"))


def _rulings(section: Any) -> dict[str, str]:
    if not isinstance(section, dict) or not all(isinstance(line, str) and line for line in section.values()):
        raise ConfigError("rulings is not a mapping of ruling ids to one line each")
    return section


def _refuse_environment(notes: Mapping[str, Note], environ: Mapping[str, str]) -> None:
    """No variable may carry a hashed value's name, in any of the spellings someone might try (I20)."""
    spellings: dict[str, str] = {}
    for path, noted in notes.items():
        section, key = path.split(".")
        spelled = {f"{section}_{key}", f"{section}__{key}", noted.spec or f"{section}_{key}"}
        if "_" in key:
            spelled.add(key)
        spellings |= {one.upper(): path for one in spelled}
    for variable in sorted(environ):
        name = variable.upper()
        bare = re.sub(r"^(FUND|RUNNER|MQF|DEFAULT)_+", "", name)
        named = spellings.get(name) or spellings.get(bare)
        if named is not None:
            raise ConfigError(
                f"the environment variable {variable} names the hashed parameter {named}",
                f"Unset {variable}; the value is changed in configs/golden_config.yaml only.",
            )


def _refuse_repeats(what: str, names: list[str]) -> None:
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise ValueError(f"{what} names {repeated[0]} twice")


def _first_error(error: ValidationError) -> ConfigError:
    """The first fault pydantic found, as one line."""
    fault = error.errors()[0]
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in fault["loc"]).lstrip(".")
    where = path or "the file"
    given = fault.get("input")
    if fault["type"] == "missing":
        return ConfigError(f"{where} is missing", "Add it back: git shows the last version that had it.")
    if fault["type"] == "extra_forbidden":
        return ConfigError(f"{where} is not a known key", "Remove it, or correct its spelling.")
    message = fault["msg"].removeprefix("Value error, ")
    message = message[0].lower() + message[1:]
    if fault["type"] == "value_error":
        return ConfigError(f"{where}: {message}")
    return ConfigError(f"{where} is {given!r}: {message}")


# --- limits for SQL ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class LimitRow:
    """One row of govern.limits, made from the file. bound: upper passes at or below, lower at or above."""

    limit_name: str
    threshold: float
    bound: Literal["upper", "lower"]
    unit: Literal[
        "fraction_of_nav",
        "fraction_of_price",
        "usd",
        "shares",
        "count",
        "sessions",
        "minutes",
        "seconds",
        "score",
        "correlation",
        "annual_fraction",
        "multiple",
        "factor",
    ]
    action: Literal["ALLOW", "SCALE", "REJECT", "FREEZE", "KILL_SWITCH", "BLOCK"]
    ruling: str


#: (limit, parameter, bound, unit, action, ruling or invariant). What SQL enforces, and nothing else does it looser.
SQL_LIMITS: tuple[tuple[str, str, Any, Any, Any, str], ...] = (
    ("order_value", "oms.order_value", "upper", "usd", "REJECT", "I16"),
    ("basket_value", "oms.basket_value", "upper", "usd", "REJECT", "I16"),
    ("name_concentration", "auction.name_cap", "upper", "fraction_of_nav", "REJECT", "A5"),
    ("open_orders_per_symbol", "oms.open_orders_per_symbol", "upper", "count", "REJECT", "I16"),
    ("daily_message_count", "oms.daily_message_count", "upper", "count", "REJECT", "I16"),
    ("repeated_execution_count", "oms.repeated_execution_count", "upper", "count", "REJECT", "I16"),
    ("price_collar", "oms.price_collar", "upper", "fraction_of_price", "REJECT", "I16"),
    ("lookups_before_repost", "oms.lookups_before_repost", "lower", "count", "BLOCK", "F12"),
    ("lookup_wait_seconds", "oms.lookup_wait_seconds", "lower", "seconds", "BLOCK", "F12"),
    ("request_retry_seconds", "oms.request_retry_seconds", "lower", "seconds", "BLOCK", "I30"),
    ("snapshot_max_age_seconds", "oms.snapshot_max_age_seconds", "upper", "seconds", "BLOCK", "I8"),
    ("position_tolerance", "oms.position_tolerance", "upper", "shares", "BLOCK", "I8"),
    ("cash_tolerance", "oms.cash_tolerance", "upper", "usd", "BLOCK", "I8"),
    ("clock_skew_max_seconds", "oms.clock_skew_max_seconds", "upper", "seconds", "BLOCK", "I25"),
    ("gross", "auction.gross_cap", "upper", "fraction_of_nav", "REJECT", "A1"),
    ("long", "auction.long_cap", "upper", "fraction_of_nav", "REJECT", "A1"),
    ("short", "auction.short_cap", "upper", "fraction_of_nav", "REJECT", "A1"),
    ("sector", "auction.sector_cap", "upper", "fraction_of_nav", "REJECT", "A2"),
    ("turnover", "auction.turnover_cap", "upper", "fraction_of_nav", "REJECT", "A4"),
    ("var", "risk.var_limit", "upper", "fraction_of_nav", "SCALE", "A9"),
    ("cvar_decision", "risk.cvar_decision", "upper", "fraction_of_nav", "REJECT", "A8"),
    ("cvar_hard", "risk.cvar_hard", "upper", "fraction_of_nav", "SCALE", "A8"),
    ("drawdown", "risk.drawdown_limit", "upper", "fraction_of_nav", "REJECT", "A6"),
    ("stress", "risk.stress_limit", "upper", "fraction_of_nav", "REJECT", "A13"),
    ("correlation", "risk.correlation_limit", "upper", "correlation", "SCALE", "A14"),
    ("volatility", "risk.volatility_target", "upper", "annual_fraction", "FREEZE", "B1"),
    ("drawdown_sessions", "risk.drawdown_reject_sessions", "lower", "sessions", "REJECT", "A6"),
    ("tier_two_var_multiple", "breakers.tier_two_var_multiple", "upper", "multiple", "SCALE", "B3"),
    ("tier_two_volatility_multiple", "breakers.tier_two_volatility_multiple", "upper", "multiple", "SCALE", "B3"),
    ("tier_two_gross", "breakers.tier_two_gross", "upper", "factor", "SCALE", "B3"),
    ("kill_loss", "breakers.kill_loss", "upper", "fraction_of_nav", "KILL_SWITCH", "B7"),
    ("kill_cooldown_minutes", "breakers.kill_cooldown_minutes", "lower", "minutes", "BLOCK", "I15"),
    # Before freeze_sessions, whose parameter it shares: the later is the one the stages are given.
    ("kill_cooldown_sessions", "breakers.freeze_sessions", "lower", "sessions", "BLOCK", "B9"),
    ("freeze_sessions", "breakers.freeze_sessions", "lower", "sessions", "FREEZE", "B9"),
    ("cvar_breaches", "breakers.cvar_breaches_to_kill", "upper", "count", "KILL_SWITCH", "B6"),
    ("min_quality", "data.min_quality", "lower", "score", "BLOCK", "D12"),
    ("min_sessions", "data.required_history_sessions", "lower", "sessions", "BLOCK", "F5"),
    ("max_stale_sessions", "data.max_stale_sessions", "upper", "sessions", "BLOCK", "F6"),
    ("min_confidence", "meta_brain.min_confidence", "lower", "score", "BLOCK", "D12"),
)


def sql_limits(config: GoldenConfig) -> list[LimitRow]:
    """The limits SQL enforces, as rows for govern.limits, in a fixed order; the recovery ramp is a row per tier."""
    rows = []
    for name, path, bound, unit, action, ruling in SQL_LIMITS:
        section, key = path.split(".")
        rows.append(LimitRow(name, float(getattr(getattr(config, section), key)), bound, unit, action, ruling))
    ramp = config.breakers.recovery_ramp
    rows += [LimitRow(_tier(i, ramp), factor, "upper", "factor", "SCALE", "B10") for i, factor in enumerate(ramp)]
    return rows


def _tier(index: int, ramp: tuple[float, ...]) -> str:
    """The limit of one tier of the recovery ramp; each name says how many there are, so that a missing one is seen."""
    return f"recovery_ramp_{index + 1}_of_{len(ramp)}"


def with_limits(config: GoldenConfig, effective: Mapping[str, float]) -> GoldenConfig:
    """`config` with the limits in force: per limit the stricter of the file and `effective` (I20: tightened rows).

    effective: threshold by limit_name; a name that is no limit of the file is ignored, and so is a looser number.
    sha256 and body stay the file's. Raises: ConfigError for a threshold that is not finite.
    """
    changed: dict[str, dict[str, Any]] = {}
    for name, threshold in effective.items():
        if not isfinite(threshold):
            raise ConfigError(f"the limit in force {name} is {threshold}", "Look at govern.effective_limits.")
    for name, path, bound, _, _, _ in SQL_LIMITS:
        if name not in effective:
            continue
        section, key = path.split(".")
        own = getattr(getattr(config, section), key)
        stricter = min(own, effective[name]) if bound == "upper" else max(own, effective[name])
        changed.setdefault(section, {})[key] = type(own)(stricter)
    ramp = config.breakers.recovery_ramp
    changed.setdefault("breakers", {})["recovery_ramp"] = tuple(
        min(factor, effective.get(_tier(i, ramp), factor)) for i, factor in enumerate(ramp)
    )
    sections = {name: getattr(config, name).model_copy(update=values) for name, values in changed.items()}
    return config.model_copy(update=sections)


# --- counterfactuals --------------------------------------------------------------------------------------------------


def with_values(config: GoldenConfig, wanted: Mapping[str, str]) -> GoldenConfig:
    """`config` with parameters replaced, in memory only (I20): {"risk.cvar_hard": "0.05"}, written as in the file.

    A list's item is named by its place, what is in it by its key: families.defined.0.agents.0.ic. The whole is
    checked as the file is. sha256, body and notes stay the file's. Raises: ConfigError for an unknown key or a value
    that is not allowed.
    """
    values = _tuples(config.parsed)
    for path, text in wanted.items():
        if len(path.split(".")) < 2:
            raise ConfigError(f"{path} names no parameter", "Write section.key=value, as `config show` lists them.")
        values = _replaced(values, path.split("."), _scalar(_plain_node(text), path), path)
    try:
        checked = Values.model_validate(values)
    except ValidationError as error:
        found = _first_error(error)
        raise ConfigError(found.message, "Give a value the golden configuration could have.") from None
    return config.model_copy(update=dict(checked.__dict__))


def _tuples(value: Any) -> Any:
    """Plain data with tuples for lists, as `_construct` makes them: the strict types take nothing else."""
    if isinstance(value, dict):
        return {key: _tuples(item) for key, item in value.items()}
    return tuple(_tuples(item) for item in value) if isinstance(value, (list, tuple)) else value


def _plain_node(text: str) -> yaml.ScalarNode:
    return yaml.ScalarNode(tag="", value=text)


def _replaced(values: Any, keys: list[str], new: Any, path: str) -> Any:
    """`values` with what stands at `keys` replaced; an int where a float stood becomes one."""
    if not keys:
        if isinstance(values, (dict, tuple)):
            raise ConfigError(f"{path} is not one value", "Name the value in it: section.key.0 or section.key.0.name.")
        return float(new) if isinstance(values, float) and type(new) is int else new
    key, rest = keys[0], keys[1:]
    if isinstance(values, dict) and key in values:
        return {**values, key: _replaced(values[key], rest, new, path)}
    if isinstance(values, tuple) and key.isdecimal() and int(key) < len(values):
        at = int(key)
        return (*values[:at], _replaced(values[at], rest, new, path), *values[at + 1 :])
    raise ConfigError(f"{path} is not a known key", "`python -m runner config show` lists every parameter.")
