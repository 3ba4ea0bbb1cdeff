"""Real filings, snapshots and bars of ../shared/data as a world; that folder is no part of the repository."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import pandas as pd
import pytest

from tests.runner.company_world import DATA, NEW_YORK, NUMBERS, World, evening, facts_of

FILES = ("bars", "bars_raw_unadjusted", "fundamentals_annual", "sec_companyfacts", "valuation_snapshots")

#: Tags of companyfacts, the first that a filing states for a period.
TAGS = {
    "net_income": ("NetIncomeLoss",),
    "revenue": ("Revenues", "SalesRevenueNet", "RevenueFromContractWithCustomerExcludingAssessedTax"),
    "operating_cash_flow": ("NetCashProvidedByUsedInOperatingActivities",),
    "capital_expenditure": ("PaymentsToAcquirePropertyPlantAndEquipment",),
    "dividends_per_share": ("CommonStockDividendsPerShareDeclared",),
    "eps_diluted": ("EarningsPerShareDiluted",),
    "book_value": ("StockholdersEquity",),
    "total_assets": ("Assets",),
    "total_liabilities": ("Liabilities",),
    "shares_outstanding": ("CommonStockSharesOutstanding",),
}


def need() -> None:
    """Skip the test that calls this, naming the file, where the data are not on this machine."""
    for name in (*FILES, "sectors_gics_2017"):
        if not (DATA / f"{name}.csv.gz").exists():
            pytest.skip(f"{DATA}/{name}.csv.gz is not here")


def _read(name: str) -> pd.DataFrame:
    return pd.read_csv(DATA / f"{name}.csv.gz", keep_default_na=False, na_values=[""])


def _revised(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Number the statements of a period as they came, leaving out what repeats the one before."""
    kept: list[dict[str, Any]] = []
    newest: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in sorted(rows, key=lambda r: (r["symbol"], r["period_end"], r["period_months"], r["filed_at"])):
        key = (row["symbol"], row["period_end"], row["period_months"])
        before = newest.get(key)
        said = {n: row[n] for n in NUMBERS if n in row and not math.isnan(row[n])}
        if not said or (before is not None and all(before.get(n) == v for n, v in said.items())):
            continue
        revision = 0 if before is None else before["revision"] + 1
        newest[key] = row | said | {"revision": revision}
        kept.append(newest[key])
    return kept


def annual(symbols: Sequence[str]) -> pd.DataFrame:
    """A vendor's fiscal years."""
    frame = _read("fundamentals_annual")
    frame = frame[frame["symbol"].isin(symbols)]
    return facts_of(
        _revised(
            [
                {
                    "provider": "years",
                    "form": "annual",
                    "symbol": r.symbol,
                    "period_end": date.fromisoformat(r.period_end),
                    "period_months": 12,
                    "filed_at": evening(max(date.fromisoformat(r.report_date), date.fromisoformat(r.period_end))),
                    "revenue": r.revenue,
                    "net_income": r.net_income,
                    "operating_cash_flow": r.operating_cash_flow,
                    "book_value": r.total_equity,
                    "total_assets": r.total_assets,
                    "total_liabilities": r.total_liabilities,
                    "shares_outstanding": r.shares_outstanding_est if r.shares_outstanding_est > 0 else math.nan,
                    "eps_diluted": r.eps,
                }
                for r in frame.itertuples(index=False)
            ]
        )
    )


def snapshots(symbols: Sequence[str]) -> pd.DataFrame:
    """Key-statistics pages: trailing figures and a market value at an instant."""
    frame = _read("valuation_snapshots")
    frame = frame[frame["symbol"].isin(symbols)]
    return facts_of(
        _revised(
            [
                {
                    "provider": "pages",
                    "form": "snapshot",
                    "symbol": r.symbol,
                    "period_end": (seen := datetime.fromisoformat(r.as_of).replace(tzinfo=NEW_YORK)).date(),
                    "period_months": 12,
                    "filed_at": seen,
                    "revenue": r.revenue_ttm,
                    "net_income": r.net_income_ttm,
                    "operating_cash_flow": r.operating_cash_flow_ttm,
                    "book_value": r.book_value_per_share * r.shares_outstanding,
                    "shares_outstanding": r.shares_outstanding if r.shares_outstanding > 0 else math.nan,
                    "market_cap": r.market_cap if r.market_cap > 0 else math.nan,
                }
                for r in frame.itertuples(index=False)
            ]
        )
    )


def filings(symbols: Sequence[str]) -> pd.DataFrame:
    """EDGAR's company facts: one row per filing and period it states."""
    frame = _read("sec_companyfacts")
    frame = frame[frame["symbol"].isin(symbols)].copy()
    start, end = pd.to_datetime(frame["start"]), pd.to_datetime(frame["end"])
    months = ((end - start).dt.days / 30.4375).round()
    frame["months"] = months.where(months.isin([3, 6, 9, 12])).where(start.notna(), 0)
    rows: list[dict[str, Any]] = []
    levels = {"book_value", "total_assets", "total_liabilities", "shares_outstanding"}
    for (symbol, accession), filing in frame.dropna(subset="months").groupby(["symbol", "accession"]):
        by_tag = {k: g["value"].iloc[-1] for k, g in filing.groupby(["tag", "end", "months"])}
        periods = sorted({(e, m) for e, m in zip(filing["end"], filing["months"], strict=True)})
        for period_end, length in periods:
            row: dict[str, Any] = {
                "symbol": symbol,
                "accession": accession,
                "form": filing["form"].iloc[0],
                "period_end": date.fromisoformat(period_end),
                "period_months": int(length),
                "filed_at": evening(date.fromisoformat(filing["filed"].iloc[0])),
            }
            for number, tags in TAGS.items():
                if (number in levels) is not (length == 0):
                    continue
                stated = [by_tag[tag, period_end, length] for tag in tags if (tag, period_end, length) in by_tag]
                if stated and stated[0] == stated[0]:
                    row[number] = float(stated[0])
            rows.append(row)
    return facts_of(_revised(rows))


def world(symbols: Sequence[str], last: date, raw: Sequence[str] = ("AAPL",)) -> World:
    """Companies of `symbols` with bars up to `last`; `raw` on unadjusted prices."""
    adjusted = _read("bars")
    unadjusted = _read("bars_raw_unadjusted")
    frame = pd.concat(
        [adjusted[adjusted["symbol"].isin(set(symbols) - set(raw))], unadjusted[unadjusted["symbol"].isin(raw)]]
    )
    frame = frame[(frame["date"] >= "2005-03-01") & (frame["date"] <= last.isoformat())]
    bars = pd.DataFrame({"symbol": frame["symbol"], "session": frame["date"].map(date.fromisoformat)})
    bars["close"] = frame["close"]
    sectors = _read("sectors_gics_2017").set_index("symbol")["gics_sector"]
    instruments = pd.DataFrame({"symbol": sorted(symbols)})
    instruments["price_basis"] = ["raw" if s in raw else "fully_adjusted" for s in instruments["symbol"]]
    instruments["sector"] = [sectors.get(s, "Unknown") for s in instruments["symbol"]]
    facts = pd.concat([filings(symbols), annual(symbols), snapshots(symbols)], ignore_index=True)
    splits = pd.DataFrame({"symbol": [], "ex_date": [], "factor": [], "provider": []})
    return World(instruments, bars, splits, facts)


def all_symbols() -> list[str]:
    """Every symbol with bars to 2017."""
    return sorted(_read("bars")["symbol"].unique())
