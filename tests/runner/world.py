"""A seeded market for the stages' tests and benchmark: prices, features by pandas, inputs and an account."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from runner import phases
from runner.config import GoldenConfig, load
from runner.models import (
    AccountState,
    CycleInputs,
    CycleResult,
    Decision,
    Panel,
    ProtocolState,
    RegimeMemory,
    SymbolInput,
)
from runner.risk import regimes

SESSIONS = 1300


def config() -> GoldenConfig:
    """The repository's own golden configuration, under the strategy that reads prices alone: nobody files here."""
    return altered(load(environ={}), strategies={"default": "trend_following"})


def altered(base: GoldenConfig, **sections: dict[str, Any]) -> GoldenConfig:
    """`base` with some values changed: altered(base, risk={"cvar_decision": 0.01})."""
    return base.model_copy(
        update={name: getattr(base, name).model_copy(update=values) for name, values in sections.items()}
    )


def closes(count: int, sessions: int = SESSIONS, seed: int = 1, scale: float = 0.01) -> np.ndarray:
    """(sessions, count) prices of one-factor fat-tailed returns."""
    generator = np.random.default_rng(seed)
    market = generator.standard_t(5, sessions) * scale * 0.8 + 0.0003
    own = generator.standard_t(5, (sessions, count)) * scale
    betas, drifts = generator.uniform(0.5, 1.5, count), generator.normal(0, 0.0004, count)
    return 100 * np.exp(np.cumsum(np.clip(market[:, None] * betas + own + drifts, -0.25, 0.25), axis=0))


def indicators(frame: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Features of every column of closes on every session, by pandas, by name; none sees a later row."""
    log_returns = np.log(frame).diff()
    change = frame.diff()
    gain = change.clip(lower=0).ewm(alpha=1 / 14, adjust=False).mean()
    loss = (-change.clip(upper=0)).ewm(alpha=1 / 14, adjust=False).mean()
    macd = frame.ewm(span=12, adjust=False).mean() - frame.ewm(span=26, adjust=False).mean()
    hist = macd - macd.ewm(span=9, adjust=False).mean()
    return {f"momentum_{h}": np.log(frame / frame.shift(h)) for h in (21, 63, 252)} | {
        "close_adj": frame,
        "rsi_14": 100 - 100 / (1 + gain / loss),
        "macd_hist": hist,
        "macd_hist_sd_126": hist.rolling(126).std(),
        "bb_middle_20": frame.rolling(20).mean(),
        "sd_20": frame.rolling(20).std(ddof=0),
        "realized_vol_20": log_returns.rolling(20).std() * np.sqrt(252),
        "sd_252": log_returns.rolling(252).std(),
    }


def features(prices: np.ndarray) -> pd.DataFrame:
    """The as-of features of every column of `prices`, one row per symbol; every beta is 1."""
    last = pd.DataFrame({name: column.iloc[-1] for name, column in indicators(pd.DataFrame(prices)).items()})
    return last.assign(beta_252=1.0)


@cache
def remembered() -> RegimeMemory:
    """What an account that has traded these markets remembers of their regime: a fit, for making one takes a second.

    Every market here has the same sessions and the universe's index for a benchmark (C7), so one fit does for all.
    """
    panel, inputs = market(20)
    state = account(regime=regimes.initial())
    standing = phases.stand(panel, inputs, state, config())
    return phases.conditions(standing, state, "close", config()).regime.memory


def market(count: int, seed: int = 1, sectors: int = 10, scale: float = 0.01) -> tuple[Panel, CycleInputs]:
    """A panel of `count` ACTIVE symbols and the inputs a gate would have copied."""
    prices = closes(count, seed=seed, scale=scale)
    symbols = tuple(f"S{i:04d}" for i in range(count))
    sessions = pd.bdate_range("2008-01-01", periods=len(prices)).values.astype("datetime64[D]")
    table = features(prices)
    rows = tuple(
        row(symbol, float(prices[-1, i]), sessions[-1].astype(object), f"Sector {i % sectors}", table.iloc[i].to_dict())
        for i, symbol in enumerate(symbols)
    )
    return Panel(symbols, sessions, prices), CycleInputs(sessions[-1].astype(object), None, rows)


def row(symbol: str, close: float, session: date, sector: str, values: dict[str, float]) -> SymbolInput:
    """An ACTIVE equity."""
    return SymbolInput(
        symbol=symbol,
        in_universe=True,
        governance_state="ACTIVE",
        governance_reasons=(),
        sector=sector,
        asset_class="equity",
        shortable=True,
        data_quality_score=1.0,
        provider_confidence=0.5,
        valid_sessions=SESSIONS,
        last_session=session,
        last_close=close,
        price_kind="close",
        price_basis="raw",
        features=values,
    )


def account(**changes: Any) -> AccountState:
    """A flat account of 1,000,000 USD, or one with `changes`."""
    flat = AccountState(
        account="paper",
        nav=1_000_000.0,
        cash=1_000_000.0,
        positions={},
        open_orders={},
        symbols={},
        nav_index=1.0,
        tactical_mark=1.0,
        lifetime_mark=1.0,
        nav_returns=(),
        turnover_used=0.0,
        contributed=1_000_000.0,
        protocol=ProtocolState("NORMAL", 0, 0, 0, False),
        regime=changes.pop("regime", None) or remembered(),
        liquidating=False,
    )
    return replace(flat, **changes)


def with_row(inputs: CycleInputs, symbol: str, **changes: Any) -> CycleInputs:
    """`inputs` with one symbol's row changed."""
    rows = tuple(replace(one, **changes) if one.symbol == symbol else one for one in inputs.symbols)
    return replace(inputs, symbols=rows)


def decision(result: CycleResult, symbol: str) -> Decision:
    """The symbol's one decision."""
    (found,) = [one for one in result.decisions if one.symbol == symbol]
    return found


def features_over_time(frame: pd.DataFrame) -> np.ndarray:
    """(6, symbol-sessions) the six parts of T1 on every session of `frame`'s closes, by pandas, NaN where undefined."""
    log_returns = np.log(frame).diff()
    daily = log_returns.rolling(252).std()
    change = frame.diff()
    gain = change.clip(lower=0).ewm(alpha=1 / 14, adjust=False).mean()
    loss = (-change.clip(upper=0)).ewm(alpha=1 / 14, adjust=False).mean()
    macd = frame.ewm(span=12, adjust=False).mean() - frame.ewm(span=26, adjust=False).mean()
    hist = macd - macd.ewm(span=9, adjust=False).mean()
    parts = [np.log(frame / frame.shift(h)) / (daily * np.sqrt(h)) for h in (21, 63, 252)]
    parts += [
        (100 - 100 / (1 + gain / loss) - 50) / 12,
        hist / hist.rolling(126).std(),
        (frame - frame.rolling(20).mean()) / frame.rolling(20).std(ddof=0),
    ]
    stacked = np.stack([part.clip(-3, 3).to_numpy().ravel() for part in parts])
    return np.where(np.isfinite(stacked).all(axis=0), stacked, np.nan)
