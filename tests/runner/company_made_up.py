"""Made-up companies with every difficulty their features name: seeded, and no number of them means anything.

Fiscal calendars of 52 and 53 weeks, quarters that stand alone, missing quarters, restatements, filings that arrived
late, losses, splits between filing and session, a second source's word for the same split and for the same year,
vendors' snapshots, periods that had not ended, a sector of four and one nobody knows.
"""

from __future__ import annotations

import math
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd

from runner import calendar
from tests.runner.company_world import LEVELS, World, evening, facts_of

SEED = 20130227
SECTORS = {"One": 12, "Two": 8, "Four": 4, "Unknown": 6}
FIRST, LAST = date(2006, 1, 3), date(2014, 9, 30)


def _sessions() -> list[date]:
    """The last session of every month and every fourth one."""
    days = calendar.build("XNYS", LAST, FIRST).sessions
    after = [*days[1:], LAST + timedelta(days=31)]
    return [
        d for k, (d, n) in enumerate(zip(days, after, strict=True)) if k % 4 == 0 or d.month != n.month or d == LAST
    ]


def _statements(symbol: str, number: int, draw: np.random.Generator) -> list[dict[str, Any]]:
    """Eight fiscal years of a company: quarters to date and alone, years, restatements."""
    found: list[dict[str, Any]] = []
    weeks = number % 3 == 0  # fiscal years of 52 weeks that drift, a 53rd week in the fifth
    end = date(2005, 12, 31) - timedelta(days=30 * (number % 4))
    shares, earning = 1e8 * (1 + number % 5), 1e8 * draw.uniform(-0.4, 2.0)
    assets = 4e9
    for year in range(8):
        earning += 4e7 * draw.normal()
        assets *= 1 + 0.1 * draw.uniform()
        shares *= 1 + 0.03 * draw.normal()
        if number % 5 == 1 and year == 5:
            shares *= 2  # a split, or as good as one
        quarters = draw.dirichlet(np.full(4, 8.0)) * earning
        start = end
        length = (52 + (year == 4)) * 7 if weeks else (end.replace(year=end.year + 1) - end).days
        for quarter in range(1, 5):
            last = start + timedelta(days=round(length * quarter / 4))
            filed = last + timedelta(days=int(draw.integers(20, 60)))
            months = 3 * quarter
            income = float(quarters[:quarter].sum())
            row: dict[str, Any] = {
                "symbol": symbol,
                "period_end": last,
                "period_months": months,
                "revision": 0,
                "form": "10-K" if quarter == 4 else "10-Q",
                "filed_at": evening(filed),
                "net_income": income,
                "revenue": 9 * abs(income) + 1e8,
                "operating_cash_flow": income + 3e7 * draw.normal(),
                "book_value": assets * draw.uniform(-0.05, 0.6),
                "total_assets": assets,
                "total_liabilities": assets * draw.uniform(0.2, 0.9),
                "shares_outstanding": shares,
                "dividends_per_share": 0.1 * quarter,
            }
            if number % 4 == 1:
                row["dividends_paid"] = 1.1e7 * quarter
            if number % 4 == 2:
                row["dividends_per_share"] = math.nan
            if number % 6 == 5 and quarter != 4 and year % 2:
                row["shares_outstanding"] = math.nan
            if draw.uniform() < 0.12:
                continue  # a quarter nobody filed
            found.append(row)
            if quarter in (2, 3):  # the quarter alone, which is no year to date
                alone = row | {"period_months": 3, "net_income": float(quarters[quarter - 1]) + 1.0}
                found.append(alone)
            if draw.uniform() < 0.3:
                later = evening(filed + timedelta(days=int(draw.integers(30, 500))))
                again = row | {"revision": 1, "filed_at": later, "net_income": income * 0.7 - 1e6}
                again |= {"total_assets": math.nan, "revenue": math.nan, "shares_outstanding": math.nan}
                found.append(again)
                if draw.uniform() < 0.5:  # it had been restated before, and that filing arrived last
                    between = again | {"revision": 2, "filed_at": later - timedelta(days=10), "net_income": 9e9}
                    found.append(between)
        end = start + timedelta(days=length)
    return _apart(found) if number % 4 == 3 else found


def _apart(statements: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same statements with each balance sheet in a row of its own."""
    flows = [row | dict.fromkeys(LEVELS, math.nan) for row in statements]
    kept = {(row["period_end"], row["revision"]): row for row in statements if not math.isnan(row["book_value"])}
    named = ("symbol", "period_end", "form", "filed_at", "revision", *LEVELS)
    return flows + [{name: row[name] for name in named if name in row} | {"period_months": 0} for row in kept.values()]


def _other_sources(
    symbol: str, number: int, own: list[dict[str, Any]], draw: np.random.Generator
) -> list[dict[str, Any]]:
    """A vendor's years and snapshots; of some companies there is nothing else."""
    found: list[dict[str, Any]] = []
    years = [row for row in own if row["period_months"] == 12 and row["revision"] == 0]
    if number % 3 == 1:
        for row in years:  # sometimes known before the filing's own row
            early = row["filed_at"] - timedelta(days=int(draw.integers(-40, 15)))
            if early.date() > row["period_end"]:
                found.append(
                    row
                    | {"provider": "years", "form": "annual", "net_income": 1.03 * row["net_income"], "filed_at": early}
                )
    for k in range(14):
        if number % 7 == 6 and k > 6:
            break  # the anchor grows old
        seen = datetime.combine(date(2006, 5, 6) + timedelta(days=213 * k + 3 * number), datetime.min.time())
        found.append(
            {
                "provider": "pages",
                "symbol": symbol,
                "form": "snapshot",
                "period_end": seen.date(),
                "period_months": 12,
                "filed_at": evening(seen.date()),
                "net_income": 1e8 * draw.uniform(-0.5, 2),
                "operating_cash_flow": 1e8 * draw.uniform(-0.5, 2),
                "book_value": 1e9 * draw.uniform(-0.1, 2),
                "shares_outstanding": 1e8,
                "market_cap": 2e9 * draw.uniform(0.5, 2),
            }
        )
    return found


def world() -> World:
    """The world, the same at every call."""
    draw = np.random.default_rng(SEED)
    sessions = _sessions()
    instruments, bars, splits, facts = [], [], [], []
    number = 0
    for sector, names in SECTORS.items():
        for k in range(names):
            symbol = f"{sector[0]}{k}X"
            basis = ("raw", "fully_adjusted", "raw", "split_adjusted")[number % 4]
            instruments.append((symbol, basis, sector))
            steps = np.exp(np.cumsum(draw.normal(0, 0.03, len(sessions))))
            closes = np.round(40 * steps, 4)
            if number % 5 == 1 and basis == "raw":
                ex_date = date(2011, 6, 10)
                splits += [(symbol, ex_date, 2.0, "bars"), (symbol, date(2013, 7, 22), 1.5, "bars")]
                splits.append((symbol, date(2013, 7, 23), 1.5, "years"))
            bars += [(symbol, day, float(close)) for day, close in zip(sessions, closes, strict=True)]
            own = _statements(symbol, number, draw)
            others = _other_sources(symbol, number, own, draw)
            facts += (own if number % 6 != 3 else []) + (others if sector == "Four" or number % 4 != 0 else [])
            number += 1
    instruments.append(("NONE", "raw", "One"))
    bars += [("NONE", day, 10.0) for day in sessions]
    instruments.append(("GONE", "raw", "One"))  # filings, and no bar since
    facts += [row | {"symbol": "GONE"} for row in facts if row["symbol"] == "O0X"]
    mistaken = {
        "symbol": "T0X",
        "period_end": date(2019, 12, 31),
        "period_months": 12,
        "net_income": 1e12,
        "book_value": 1e12,
    }
    facts.append(mistaken | {"filed_at": evening(date(2009, 2, 2))})
    return World(
        pd.DataFrame(instruments, columns=["symbol", "price_basis", "sector"]),
        pd.DataFrame(bars, columns=["symbol", "session", "close"]),
        pd.DataFrame(splits, columns=["symbol", "ex_date", "factor", "provider"]),
        facts_of(facts),
    )
