"""Real daily bars through the stages without a database: panel and inputs per session, and a book that is carried on.

Two eras of ../shared/data, which is no part of the repository: a test that needs one is skipped by name where it is not
there. Prices are adjusted for splits and dividends, so a share here is a share of the total return; survivors only, so
no return of these simulations is evidence of skill. They show what the book does, not what it earns.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import lru_cache
from math import isfinite
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from runner.config import GoldenConfig
from runner.models import (
    AccountState,
    CycleInputs,
    CycleResult,
    Floats,
    Panel,
    ProtocolState,
    SymbolInput,
    SymbolState,
)
from runner.providers.base import Answer
from runner.providers.facts import FactsPayload, FactsProvider, Kind
from runner.providers.file_facts import FileFacts
from runner.providers.sec import Sec
from runner.risk import regimes
from runner.stages import stages
from tests.runner.world import account, indicators

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
NEW_YORK = ZoneInfo("America/New_York")
Era = Literal["2005", "2015"]
#: Bars of stocks, bars of funds, the fund that is the benchmark, sectors. 2005: to 2017-11-10. 2015: to 2021-01-26.
ERAS: dict[Era, tuple[str, str, str, str]] = {
    "2005": ("bars", "bars_etf", "SPY", "sectors_gics_2017"),
    "2015": ("bars_2015plus", "bars_2015plus_etf", "DIA", "sectors_gics_2017"),
}
#: Time-weighted returns an account remembers (trade.account_state).
NAV_RETURNS = 260


@dataclass(frozen=True)
class Market:
    """Bars of one era. sessions: (T,) rising. opens, closes: (T, N), NaN where there is no bar; symbols sorted.

    features: by name (T, N), as of each session, by the symbol's own sessions. valid: (T, N) sessions so far.
    """

    symbols: tuple[str, ...]
    sessions: NDArray[np.datetime64]
    opens: Floats
    closes: Floats
    features: dict[str, Floats]
    valid: NDArray[np.intp]
    sectors: tuple[str, ...]
    asset_classes: tuple[str, ...]
    benchmark: str

    def at(self, day: date) -> int:
        """Index of the last session up to `day`. Raises: IndexError before the first."""
        found = int(np.searchsorted(self.sessions, np.datetime64(day, "D"), side="right")) - 1
        if found < 0:
            raise IndexError(f"no session up to {day}")
        return found


def need(era: Era) -> None:
    """Skip the test that calls this, naming the file, where an era's data are not on this machine."""
    for name in (*ERAS[era][:2], ERAS[era][3]):
        if not (DATA / f"{name}.csv.gz").exists():
            pytest.skip(f"{DATA}/{name}.csv.gz is not here")


@lru_cache(maxsize=4)
def market(era: Era, symbols: tuple[str, ...] | None = None) -> Market:
    """The era's stocks (all, or `symbols`) and its benchmark's fund."""
    stocks, funds, benchmark, classification = ERAS[era]
    bars, fund = _read(stocks), _read(funds)
    if symbols is not None:
        bars = bars[bars["symbol"].isin(symbols)]
    bars = pd.concat([bars, fund[fund["symbol"] == benchmark]])
    factor = bars["adj_close"] / bars["close"] if "adj_close" in bars else 1.0
    bars = bars.assign(open=bars["open"] * factor, close=bars["close"] * factor)
    opens, closes = (bars.pivot(index="date", columns="symbol", values=name).sort_index() for name in ("open", "close"))
    sector = _read(classification).set_index("symbol")["gics_sector"]
    names = tuple(str(name) for name in closes.columns)
    return Market(
        symbols=names,
        sessions=pd.DatetimeIndex(closes.index).values.astype("datetime64[D]"),
        opens=opens.to_numpy(np.float64),
        closes=closes.to_numpy(np.float64),
        features=_features(closes, benchmark),
        valid=closes.notna().cumsum().to_numpy(np.intp),
        sectors=tuple("Index" if name == benchmark else str(sector.get(name, "Unknown")) for name in names),
        asset_classes=tuple("etf" if name == benchmark else "equity" for name in names),
        benchmark=benchmark,
    )


def _read(name: str) -> pd.DataFrame:
    return pd.read_csv(DATA / f"{name}.csv.gz", keep_default_na=False, na_values=[""])


def _features(closes: pd.DataFrame, benchmark: str) -> dict[str, Floats]:
    """Every feature on every session. Symbols that miss the same sessions are computed together, on the ones they have;
    a missing session repeats the row before it, as an as-of join does."""
    frames: dict[str, list[pd.DataFrame]] = {}
    market = closes[benchmark].ffill().pct_change()
    for _, names in pd.Series(closes.columns).groupby([closes[name].isna().to_numpy().tobytes() for name in closes]):
        own = closes[list(names)].dropna()
        one = indicators(own)
        returns = own.pct_change()
        one["beta_252"] = returns.apply(lambda column: column.rolling(252).cov(market.loc[column.index])).div(
            market.loc[own.index].rolling(252).var(), axis=0
        )
        for name, frame in one.items():
            frames.setdefault(name, []).append(frame.reindex(closes.index).ffill())
    return {name: pd.concat(parts, axis=1)[list(closes)].to_numpy(np.float64) for name, parts in frames.items()}


def inputs(world: Market, t: int, closes_wanted: int) -> tuple[Panel, CycleInputs]:
    """What a cycle of session `t` sees: the last `closes_wanted` sessions, and a row for every symbol with a bar."""
    columns = [i for i in range(len(world.symbols)) if world.valid[t, i] > 0]
    as_of = world.sessions[t].astype(object)
    rows = []
    for i in columns:
        last = t - int(np.argmax(np.isfinite(world.closes[t::-1, i])))
        rows.append(
            SymbolInput(
                symbol=world.symbols[i],
                in_universe=True,
                governance_state="ACTIVE",
                governance_reasons=(),
                sector=world.sectors[i],
                asset_class=world.asset_classes[i],
                shortable=True,
                data_quality_score=1.0,
                provider_confidence=0.5,
                valid_sessions=int(world.valid[t, i]),
                last_session=world.sessions[last].astype(object),
                last_close=float(world.closes[last, i]),
                price_kind="ohlcv",
                price_basis="fully_adjusted",
                features={
                    name: float(values[t, i]) for name, values in world.features.items() if isfinite(values[t, i])
                },
            )
        )
    window = slice(max(t + 1 - closes_wanted, 0), t + 1)
    panel = Panel(tuple(world.symbols[i] for i in columns), world.sessions[window], world.closes[window][:, columns])
    return panel, CycleInputs(as_of, world.benchmark, tuple(rows))


@dataclass(frozen=True)
class Day:
    """One session of a simulation: what the cycle was given, and what it said; state is marked at the session's close.

    gross: of the book that stands at that close, before the orders of `result` are filled, fraction of NAV. seconds: of
    the stages.
    """

    session: date
    state: AccountState
    inputs: CycleInputs
    result: CycleResult
    gross: float
    seconds: float


def simulate(
    first: date,
    last: date,
    config: GoldenConfig,
    *,
    world: Market | None = None,
    era: Era = "2005",
    symbols: tuple[str, ...] | None = None,
    on_session: Callable[[Day], None] | None = None,
    fill: Literal["open", "close"] = "open",
    state: AccountState | None = None,
) -> AccountState:
    """The account after a cycle on every session from `first` to `last`, orders filled on the next one; see `carried`.

    world: the market, default the era's. state: where it begins, default flat with 1,000,000 USD. A symbol may trade
    from `data.required_history_sessions` of `config` on: before 2010 that number must be lowered.
    """
    world = market(era, symbols) if world is None else world
    state = account(regime=regimes.initial()) if state is None else state
    for t in range(world.at(last) + 1):
        if world.sessions[t] < np.datetime64(first, "D"):
            continue
        panel, seen = inputs(world, t, config.risk.history_sessions_max + 1)
        began = time.perf_counter()
        result = stages(panel, seen, state, config)
        seconds = time.perf_counter() - began
        if on_session is not None:
            prices = {row.symbol: float(row.last_close or 0) for row in seen.symbols}
            gross = sum(abs(float(shares)) * prices[name] for name, shares in state.positions.items()) / state.nav
            on_session(Day(seen.as_of_session, state, seen, result, gross, seconds))
        if t + 1 < len(world.sessions):
            state = carried(state, result, world, t, config, fill)
    return state


def carried(
    state: AccountState,
    result: CycleResult,
    world: Market,
    t: int,
    config: GoldenConfig,
    fill: Literal["open", "close"],
) -> AccountState:
    """The account at the close of session t + 1: everything that passes from one cycle to the next passes here.

    Orders fill in full at the session's open (or close), half a spread worse, and expire where it has no bar. The stops
    at the broker are left out: what is stopped out is so at a close, by the committee. A symbol without a bar is marked
    at its last close.
    """
    place = {symbol: i for i, symbol in enumerate(world.symbols)}
    prices = (world.opens if fill == "open" else world.closes)[t + 1]
    spread = config.paper_broker.half_spread_bp / 10_000
    positions, cash = dict(state.positions), state.cash
    for intent in result.intents:
        price = float(prices[place[intent.symbol]])
        if isfinite(price):
            signed = intent.quantity if intent.side == "BUY" else -intent.quantity
            positions[intent.symbol] = positions.get(intent.symbol, Decimal(0)) + signed
            cash -= float(signed) * price * (1 + spread if signed > 0 else 1 - spread)
    positions = {symbol: shares for symbol, shares in positions.items() if shares}
    nav = cash
    for symbol, shares in positions.items():
        history = world.closes[: t + 2, place[symbol]]
        nav += float(shares) * float(history[np.isfinite(history)][-1])
    earned = nav / state.nav - 1
    index = state.nav_index * (1 + earned)
    after = replace(
        state,
        nav=nav,
        cash=cash,
        positions=positions,
        nav_index=index,
        tactical_mark=max(state.tactical_mark, index),
        lifetime_mark=max(state.lifetime_mark, index),
        nav_returns=(*state.nav_returns, earned)[-NAV_RETURNS:],
        protocol=replace(state.protocol, sessions=state.protocol.sessions + 1),
    )
    risk = result.risk_state
    if risk is None or result.halt_layer is not None:
        return replace(after, symbols={name: _later(memory) for name, memory in state.symbols.items()})
    mark = state.nav_index if risk.rebased else state.tactical_mark
    return replace(
        after,
        symbols={memory.symbol: _later(memory) for memory in result.symbol_states},
        tactical_mark=max(mark, index),
        protocol=ProtocolState(risk.phase, risk.sessions + 1, risk.tier, risk.cvar_breaches, resumed=False),
        regime=risk.regime.memory,
    )


def _later(memory: SymbolState) -> SymbolState:
    """A session has passed (decide.load_state counts it by the calendar)."""
    since = memory.sessions_since_stop
    return replace(memory, sessions_since_stop=None if since is None else since + 1)


# ---- what companies filed and what was written about them ----


class Records(FileFacts):
    """A dataset as a vendor's export: the rows of a CSV built here, read and judged like any other file."""

    def __init__(self, name: str, priority: int, kind: Kind, frame: pd.DataFrame) -> None:
        super().__init__(kind, Path(name))
        self.name, self.priority, self.description = name, priority, f"{name} of ../shared/data"
        self.content = frame.to_csv(index=False).encode()

    def fetch(self, symbols: Sequence[str]) -> Iterator[FactsPayload]:
        yield self.read(Answer(self.content, "text/csv", "file", {"file": self.name, "kind": self.kind}), symbols)


class Filings(Sec):
    """EDGAR's documents put together again from the rows that were read of them."""

    def __init__(self, frame: pd.DataFrame) -> None:
        super().__init__()
        self.frame = frame

    def ciks(self) -> dict[str, int]:
        return {str(name): int(cik) for name, cik in self.frame.groupby("symbol")["cik"].first().items()}

    def fetch(self, symbols: Sequence[str]) -> Iterator[FactsPayload]:
        for symbol in symbols:
            units: dict[str, dict[str, list[dict[str, Any]]]] = {}
            for row in self.frame[self.frame["symbol"] == symbol].itertuples(index=False):
                fact = {"end": row.end, "val": row.value, "accn": row.accession, "form": row.form, "filed": row.filed}
                fact |= {"start": row.start} if isinstance(row.start, str) else {}
                units.setdefault(row.tag, {}).setdefault(row.unit, []).append(fact)
            cik = self.ciks()[symbol]
            facts = {"us-gaap": {tag: {"units": listed} for tag, listed in units.items()}}
            content = json.dumps({"cik": cik, "facts": facts}).encode()
            request = {"url": f"sec_companyfacts.csv.gz/CIK{cik:010d}.json"}
            yield self.read(Answer(content, "application/json", "200", request), [symbol])


def records(symbols: Sequence[str]) -> tuple[FactsProvider, ...]:
    """Every source of facts of ../shared/data about `symbols`, by priority."""
    annual, snapshots, news, companyfacts = (
        frame[frame["symbol"].isin(symbols)]
        for frame in map(_read, ("fundamentals_annual", "valuation_snapshots", "news", "sec_companyfacts"))
    )
    return (
        Filings(companyfacts),
        Records("annual", 901, "fundamentals", _annual(annual)),
        Records("snapshots", 902, "fundamentals", _snapshots(snapshots)),
        Records("headlines", 903, "news", _headlines(news)),
    )


def _annual(frame: pd.DataFrame) -> pd.DataFrame:
    """A vendor's years. Public before the open (08:00 New York) or after the close (22:00) of the report's date, after
    it where nobody says; a date that is a guess says so in `form`."""
    earnings = _read("earnings").drop_duplicates(["symbol", "report_date"]).set_index(["symbol", "report_date"])
    hour = pd.MultiIndex.from_frame(frame[["symbol", "report_date"]]).map(earnings["release_time"].to_dict())
    guessed = frame["report_date_source"] == "assumed_period_end_plus_90d"
    morning = pd.to_datetime(frame["report_date"] + " 08:00").dt.tz_localize(NEW_YORK).map(lambda t: t.isoformat())
    return pd.DataFrame(
        {
            "symbol": frame["symbol"],
            "period_end": frame["period_end"],
            "period_months": 12,
            "form": np.where(guessed, "annual assumed_period_end_plus_90d", "annual"),
            "filed_at": morning.where((hour == "pre") & ~guessed, frame["report_date"]),
            "revenue": frame["revenue"],
            "net_income": frame["net_income"],
            "eps_diluted": frame["eps"],
            "operating_cash_flow": frame["operating_cash_flow"],
            "capital_expenditure": -frame["capex"].where(frame["capex"] <= 0) + 0.0,
            "book_value": frame["total_equity"],
            "total_assets": frame["total_assets"],
            "total_liabilities": frame["total_liabilities"],
            "shares_outstanding": frame["shares_outstanding_est"],
        }
    )


def _snapshots(frame: pd.DataFrame) -> pd.DataFrame:
    """Key-statistics pages: trailing figures and a market value, seen at an instant the file gives in no zone."""
    seen = pd.to_datetime(frame["as_of"]).dt.tz_localize(NEW_YORK, ambiguous=False, nonexistent="shift_forward")
    return pd.DataFrame(
        {
            "symbol": frame["symbol"],
            "period_end": seen.dt.strftime("%Y-%m-%d"),
            "period_months": 12,
            "form": "snapshot",
            "filed_at": seen.map(lambda t: t.isoformat()),
            "revenue": frame["revenue_ttm"],
            "net_income": frame["net_income_ttm"],
            "eps_diluted": frame["eps_diluted_ttm"],
            "operating_cash_flow": frame["operating_cash_flow_ttm"],
            "book_value": frame["book_value_per_share"] * frame["shares_outstanding"],
            "shares_outstanding": frame["shares_outstanding"],
            "market_cap": frame["market_cap"],
        }
    )


def _headlines(frame: pd.DataFrame) -> pd.DataFrame:
    """Headlines; three of the file have a line break within, which a line of a feed has not."""
    return pd.DataFrame(
        {
            "symbol": frame["symbol"],
            "published_at": frame["published"],
            "source": frame["source_set"],
            "headline": frame["headline"].str.split().str.join(" "),
        }
    )
