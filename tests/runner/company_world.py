"""Companies for the tests of their features: calendar, bars, splits, filings, stored as the ingest would leave them.

`expected` is a second reading of the definitions (dbt/models/features/_company.yml), one company and one day at a time
in plain Python: it shares no statement with the models.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from runner import calendar, db
from tests.runner import features_world as market

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
NEW_YORK = ZoneInfo("America/New_York")
#: Name -> priority. Bars are `bars`'s; a split another source states is not counted (F9).
PROVIDERS = {"bars": 301, "filings": 302, "years": 303, "pages": 304}

NUMBERS = (
    "eps_diluted", "revenue", "net_income", "operating_cash_flow", "capital_expenditure", "free_cash_flow",
    "dividends_paid", "dividends_per_share", "book_value", "total_assets", "total_liabilities", "shares_outstanding",
    "market_cap",
)  # fmt: skip
FACT = ("provider", "symbol", "period_end", "period_months", "revision", "form", "filed_at", "known_at", *NUMBERS)

#: As in dbt_project.yml.
RISK_FREE = 0.02
STATEMENT_DAYS, ANCHOR_DAYS, SECTOR_NAMES, OWN_MONTHS, OWN_MIN = 500, 366, 5, 60, 12

YIELDS = ("earnings_yield", "book_to_market", "dividend_yield")
MEASURES = ("eps_growth", "eps_stability", "revenue_growth", "cash_conversion", "leverage", "accruals")


@dataclass(frozen=True)
class World:
    """instruments: symbol, price_basis, sector. bars: symbol, session, close.

    splits: symbol, ex_date, factor, provider.
    facts: the columns FACT, instants time-zone aware, NaN where a number is not stated.
    """

    instruments: pd.DataFrame
    bars: pd.DataFrame
    splits: pd.DataFrame
    facts: pd.DataFrame


def evening(day: date) -> datetime:
    """The end of EDGAR's acceptance on a date."""
    return datetime.combine(day, time(22), NEW_YORK)


def facts_of(rows: Iterable[dict[str, Any]]) -> pd.DataFrame:
    """Rows of facts with defaults: provider filings, revision 0, known when filed, nothing stated."""
    base: dict[str, Any] = dict.fromkeys(NUMBERS, math.nan) | {"provider": "filings", "revision": 0, "form": "10-K"}
    filled = [base | {"known_at": row["filed_at"]} | row for row in rows]
    return pd.DataFrame(filled, columns=list(FACT))


def _copy(connection: db.Connection, table: str, columns: str, rows: Iterable[tuple[Any, ...]]) -> None:
    with connection.cursor().copy(f"copy {table} ({columns}) from stdin") as stream:
        for row in rows:
            stream.write_row(tuple(None if isinstance(value, float) and math.isnan(value) else value for value in row))


def store(world: World) -> None:
    """Write the world into an empty database: simulated clock untouched, the real exchange calendar."""
    with db.connect(db.DEPLOYER) as connection:
        calendar.load(connection, calendar.build("XNYS", date(2018, 6, 1)))
        db.execute_text(
            connection,
            "test",
            "insert into ref.providers (provider, priority, price_basis, price_kind, delay_minutes, description)"
            " values "
            + ", ".join(f"('{name}', {rank}, 'raw', 'close', 30, 'test')" for name, rank in PROVIDERS.items()),
        )
        rows = list(world.instruments.itertuples(index=False))
        _copy(
            connection,
            "ref.instruments",
            "symbol, name, asset_class, calendar, currency, price_kind, price_basis, tradable, shortable, is_benchmark",
            ((r.symbol, r.symbol, "equity", "XNYS", "USD", "close", r.price_basis, True, True, False) for r in rows),
        )
        _copy(
            connection,
            "ref.universe",
            "symbol, sector, valid_from",
            ((r.symbol, r.sector, date(1990, 1, 2)) for r in rows),
        )
        basis = dict(zip(world.instruments["symbol"], world.instruments["price_basis"], strict=True))
        closes = {r["session"]: r["closes_at"] for r in _sessions(connection)}
        now = datetime(2020, 1, 1, tzinfo=UTC)
        _copy(
            connection,
            "market.price_history",
            "symbol, session, close, provider, revision, price_kind, price_basis, known_at, recorded_at",
            (
                (b.symbol, b.session, b.close, "bars", 0, "close", basis[b.symbol], known, now)
                for b in world.bars.itertuples(index=False)
                if (known := closes[b.session] + timedelta(minutes=30))
            ),
        )
        db.execute_text(
            connection,
            "test",
            "insert into market.ingest_batches (provider, symbol, state)"
            " select 'bars', min(symbol), 'DONE' from ref.instruments",
        )
        batch = db.fetch_text(connection, "test", "select min(batch_id) as b from market.ingest_batches")[0]["b"]
        _copy(
            connection,
            "market.corporate_actions",
            "provider, symbol, ex_date, kind, revision, factor, batch_id, known_at, recorded_at",
            (
                (s.provider, s.symbol, s.ex_date, "split", 0, s.factor, batch, _opening(s.ex_date), now)
                for s in world.splits.itertuples(index=False)
            ),
        )
        _copy(
            connection,
            "market.fundamentals",
            f"{', '.join(FACT)}, batch_id, recorded_at",
            ((*f, batch, now) for f in world.facts[list(FACT)].itertuples(index=False, name=None)),
        )
    market.statement("analyze market.price_history; analyze market.fundamentals")


def _sessions(connection: db.Connection) -> list[dict[str, Any]]:
    return db.fetch_text(connection, "test", "select session, closes_at from ref.sessions where calendar = 'XNYS'")


def _opening(day: date) -> datetime:
    return datetime.combine(day, time(9, 30), NEW_YORK)


# ---- the second reading ----


@dataclass(frozen=True)
class Said:
    """A number as known at an instant."""

    value: float
    known_at: datetime
    filed_on: date


Key = tuple[str, date, int]  # metric, period end, months of a flow or 0
FLOWS = ("net_income", "revenue", "operating_cash_flow", "dividends_paid", "dividends_declared")
LEVELS = ("book_value", "total_assets", "total_liabilities", "shares_outstanding", "market_cap")


def _numbers(fact: dict[Any, Any], company: list[dict[Any, Any]]) -> dict[Key, Said]:
    """What a row states, flows by their months. company: all of its rows."""
    shares = fact["shares_outstanding"]
    if math.isnan(shares):
        filing = [f for f in company if all(f[k] == fact[k] for k in ("provider", "form", "filed_at", "known_at"))]
        counts = [f for f in filing if not math.isnan(f["shares_outstanding"])]
        order = ("period_end", "period_months", "revision")
        if counts:
            shares = max(counts, key=lambda f: [f[k] for k in order])["shares_outstanding"]
    filed_on = _day(fact["filed_at"])
    values = fact | {"dividends_declared": fact["dividends_per_share"] * shares}
    months = dict.fromkeys(FLOWS, fact["period_months"]) | dict.fromkeys(LEVELS, 0)
    return {
        (metric, fact["period_end"], length): Said(float(values[metric]), fact["known_at"], filed_on)
        for metric, length in months.items()
        if not math.isnan(values[metric]) and not (metric in FLOWS and length == 0)
    }


class Company:
    """One symbol of a world, read as of any session."""

    def __init__(self, world: World, symbol: str, closes_at: dict[date, datetime]) -> None:
        self.basis = world.instruments.set_index("symbol").loc[symbol, "price_basis"]
        self.sector = world.instruments.set_index("symbol").loc[symbol, "sector"]
        bars = world.bars[world.bars["symbol"] == symbol].sort_values("session")
        self.closes: dict[date, float] = dict(zip(bars["session"], bars["close"], strict=True))
        self.days = sorted(self.closes)
        splits = world.splits[(world.splits["symbol"] == symbol) & (world.splits["provider"] == "bars")]
        self.splits: list[tuple[date, float]] = sorted(zip(splits["ex_date"], splits["factor"], strict=True))
        facts = world.facts[world.facts["symbol"] == symbol].sort_values(["known_at", "filed_at", "revision"])
        # A period that had not ended when it was stated is a mistake of the source.
        stated = [fact for fact in facts.to_dict("records") if fact["period_end"] <= _day(fact["known_at"])]
        self.facts = [
            (f["known_at"], f["form"] == "snapshot", PROVIDERS[f["provider"]], _numbers(f, stated)) for f in stated
        ]
        self._said: dict[tuple[datetime, bool], dict[Key, Said]] = {}
        self._trailing: dict[tuple[datetime, str, bool], dict[date, Said]] = {}
        self.as_of = {day: at + timedelta(minutes=30) for day, at in closes_at.items()}

    def factor(self, after: date, until: date) -> float:
        """What one share of the day `after` has become by `until`."""
        return math.prod(f for day, f in self.splits if after < day <= until)

    def said(self, at: datetime, *, snapshot: bool) -> dict[Key, Said]:
        """Every number known at `at`: later words replace earlier ones of a source, better sources the others."""
        if (at, snapshot) not in self._said:
            self._said[at, snapshot] = self._read(at, snapshot)
        return self._said[at, snapshot]

    def _read(self, at: datetime, snapshot: bool) -> dict[Key, Said]:
        best: dict[Key, tuple[int, Said]] = {}
        for known_at, is_snapshot, rank, numbers in self.facts:
            if known_at <= at and is_snapshot is snapshot:
                best |= {key: (rank, said) for key, said in numbers.items() if key not in best or rank <= best[key][0]}
        return {key: said for key, (_, said) in best.items()}

    def trailing(self, at: datetime, metric: str, *, snapshot: bool) -> dict[date, Said]:
        """Twelve months by their end."""
        if (at, metric, snapshot) not in self._trailing:
            self._trailing[at, metric, snapshot] = self._roll(at, metric, snapshot)
        return self._trailing[at, metric, snapshot]

    def _roll(self, at: datetime, metric: str, snapshot: bool) -> dict[date, Said]:
        said = [(end, months, s) for (m, end, months), s in self.said(at, snapshot=snapshot).items() if m == metric]
        years = {end: s for end, months, s in said if months == 12}
        found: dict[date, Said] = {}
        for end, months, now in said:
            if months == 12 or snapshot:
                continue
            for year_end, year in years.items():
                if end <= year_end or abs((end - year_end).days - months * 30.4375) > 31:
                    continue
                for before_end, before_months, before in said:
                    if before_months == months and abs((end - before_end).days - 365) <= 14:
                        known = max(year.known_at, now.known_at, before.known_at)
                        found[end] = Said(year.value + now.value - before.value, known, now.filed_on)
        return found | years

    def levels(self, at: datetime, metric: str, *, snapshot: bool) -> dict[date, Said]:
        """Balance sheet figures by their date."""
        return {end: s for (m, end, _), s in self.said(at, snapshot=snapshot).items() if m == metric}

    def newest(self, session: date, metric: str, days: int = STATEMENT_DAYS) -> tuple[date, Said] | None:
        """The newest period not older than `days`: a statement's, else a snapshot's."""
        at = self.as_of[session]
        for snapshot in (False, True):
            read = self.trailing if metric in FLOWS else self.levels
            found = read(at, metric, snapshot=snapshot)
            fresh = [end for end in found if 0 <= (session - end).days <= days]
            if fresh:
                return max(fresh), found[max(fresh)]
        return None

    def adjusted(self, day: date) -> float:
        """The close on the series anchored at the first stored session (F9)."""
        return self.closes[day] * self.factor(self.days[0], day)

    def market_cap(self, session: date) -> float:
        """Shares at today's price, else a stated market value carried along with the price."""
        shares = self.newest(session, "shares_outstanding")
        if self.basis == "raw" and shares is not None:
            return shares[1].value * self.factor(shares[1].filed_on, session) * self.closes[session]
        anchor = self.newest(session, "market_cap", ANCHOR_DAYS)
        if anchor is None:
            return math.nan
        before = [day for day in self.days if 0 <= (anchor[0] - day).days < 7]
        if not before:
            return math.nan
        return anchor[1].value * self.adjusted(session) / self.adjusted(before[-1])

    def ratios(self, session: date) -> dict[str, float]:
        """The three yields and the market value on a session; NaN where a part is missing."""
        if session not in self.closes:
            return dict.fromkeys((*YIELDS, "market_cap"), math.nan)
        cap = self.market_cap(session)
        dividends = self.newest(session, "dividends_paid") or self.newest(session, "dividends_declared")
        parts = (self.newest(session, "net_income"), self.newest(session, "book_value"), dividends)
        found = {name: part[1].value / cap if part else math.nan for name, part in zip(YIELDS, parts, strict=True)}
        return found | {"market_cap": cap}

    def valuation(self, session: date) -> dict[str, float]:
        """What feat_valuation says, the sector's percentiles aside."""
        if session not in self.closes:
            return {}
        out = self.ratios(session)
        earnings, book = out["earnings_yield"], out["book_to_market"]
        out |= {
            "earnings_yield_excess": earnings - RISK_FREE,
            "pe": 1 / earnings if earnings > 0 else math.nan,
            "pb": 1 / book if book > 0 else math.nan,
        }
        past = [self.ratios(day) for day in self._month_ends(session)]
        for name in YIELDS:
            before = [p[name] for p in past if not math.isnan(p[name])]
            enough = len(before) >= OWN_MIN and not math.isnan(out[name])
            out[f"{name}_own_pct"] = midrank(out[name], before) if enough else math.nan
        behind = [self.newest(session, metric) for metric in ("net_income", "book_value")]
        known = [part[1].known_at for part in behind if part]
        if math.isnan(earnings) and math.isnan(book):
            known = []
        out["valuation_age_days"] = _days(session, max(known)) if known else math.nan
        return out

    def _month_ends(self, session: date) -> list[date]:
        last = {(day.year, day.month): day for day in sorted(self.as_of)}
        now = 12 * session.year + session.month - 1
        months = (divmod(now - k, 12) for k in range(1, OWN_MONTHS + 1))
        return [last[year, month + 1] for year, month in months if (year, month + 1) in last]

    def fundamental(self, session: date) -> dict[str, float]:
        """What feat_fundamental says, the sector's percentiles aside."""
        at = self.as_of[session]
        if not any(known_at <= at for known_at, *_ in self.facts):
            return {}
        flow = {
            (metric, snapshot): self.trailing(at, metric, snapshot=snapshot)
            for metric in ("net_income", "revenue", "operating_cash_flow")
            for snapshot in (False, True)
        }
        income = flow["net_income", False]
        out = {
            "eps_growth": self._eps_growth(session, income),
            "eps_stability": math.nan,
            "revenue_growth": math.nan,
            "accruals": self._accruals(session, income, flow["operating_cash_flow", False]),
        }
        revenue = flow["revenue", False]
        for end, before in _pairs(session, revenue, revenue):
            out["revenue_growth"] = growth(revenue[end].value, revenue[before].value)
            break
        years = self._years(session)
        out["fundamental_periods"] = float(len(years))
        if len(years) >= 3:
            out["eps_stability"] = _stability(self._per_share(session, years))
        out["cash_conversion"], out["leverage"] = math.nan, math.nan
        for snapshot in (True, False):
            cash, of = flow["operating_cash_flow", snapshot], flow["net_income", snapshot]
            ends = [end for end in cash if end in of and (session - end).days <= STATEMENT_DAYS]
            if ends:
                made, earned = cash[max(ends)].value, of[max(ends)].value
                out["cash_conversion"] = min(5.0, max(-3.0, made / earned)) if earned > 0 else math.nan
            owed = self.levels(at, "total_liabilities", snapshot=snapshot)
            owned = self.levels(at, "total_assets", snapshot=snapshot)
            ends = [e for e in owed if e in owned and owned[e].value > 0 and (session - e).days <= STATEMENT_DAYS]
            if ends:
                out["leverage"] = owed[max(ends)].value / owned[max(ends)].value
        out["fundamental_age_days"] = self._age(session)
        return out

    def _age(self, session: date) -> float:
        for snapshot in (False, True):
            said = self.said(self.as_of[session], snapshot=snapshot)
            if said:
                newest = max(end for _, end, _ in said)
                return _days(session, max(s.known_at for (_, end, _), s in said.items() if end == newest))
        return math.nan

    def _eps_growth(self, session: date, income: dict[date, Said]) -> float:
        for end, before in _pairs(session, income, income):
            now, then = income[end].value, income[before].value
            shares, shares_before = self._shares(session, end), self._shares(session, before)
            if 0.8 < shares / shares_before < 1.25:
                return growth(now / shares, then / shares_before)
            return growth(now, then)
        return math.nan

    def _shares(self, session: date, end: date) -> float:
        """The count nearest to `end`, within 45 days, in shares of the session."""
        found = self.levels(self.as_of[session], "shares_outstanding", snapshot=False)
        near = sorted((abs((day - end).days), -day.toordinal(), day) for day in found if abs((day - end).days) <= 45)
        if not near:
            return math.nan
        said = found[near[0][2]]
        return said.value * self.factor(said.filed_on, session)

    def _accruals(self, session: date, income: dict[date, Said], cash: dict[date, Said]) -> float:
        assets = self.levels(self.as_of[session], "total_assets", snapshot=False)
        for end, before in _pairs(session, {e: s for e, s in income.items() if e in cash and e in assets}, assets):
            mean = (assets[end].value + assets[before].value) / 2
            return (income[end].value - cash[end].value) / mean if mean else math.nan
        return math.nan

    def _years(self, session: date) -> dict[date, float]:
        said = self.said(self.as_of[session], snapshot=False)
        ends = sorted(end for metric, end, months in said if metric == "net_income" and months == 12)
        if not ends or (session - ends[-1]).days > STATEMENT_DAYS:
            return {}
        kept: dict[int, date] = {}
        for end in ends:
            days = (ends[-1] - end).days
            years = round(days / 365.25)
            if years <= 4 and abs(days - years * 365.25) <= 14:
                kept[years] = end
        return {end: said["net_income", end, 12].value for end in sorted(kept.values())}

    def _per_share(self, session: date, years: dict[date, float]) -> list[float]:
        shares = [self._shares(session, end) for end in years]
        steps = [b / a for a, b in pairwise(shares)]
        if all(s > 0 for s in shares) and all(0.8 < step < 1.25 for step in steps):
            return [value / count for value, count in zip(years.values(), shares, strict=True)]
        return list(years.values())


def _pairs(session: date, now: dict[date, Said], before: dict[date, Said]) -> Iterator[tuple[date, date]]:
    for end in sorted(now, reverse=True):
        if (session - end).days > STATEMENT_DAYS:
            return
        for other in sorted(before, reverse=True):
            if abs((end - other).days - 365) <= 14:
                yield end, other


def _days(session: date, known_at: datetime) -> float:
    return float((session - _day(known_at)).days)


def _day(instant: datetime) -> date:
    return instant.astimezone(NEW_YORK).date()


def _stability(values: list[float]) -> float:
    middle = median(values)
    spread = 1.4826 * median(abs(v - middle) for v in values)
    return 1 / (1 + spread / middle) if middle > 0 else 0.0


def growth(now: float, before: float) -> float:
    """Change over the mean size."""
    size = (abs(now) + abs(before)) / 2
    return (now - before) / size if size else math.nan


def midrank(value: float, others: Iterable[float]) -> float:
    """Share of `others` below, and half of those equal."""
    values = np.asarray(list(others))
    return float(((values < value).sum() + (values == value).sum() / 2) / len(values))


def expected(world: World, session: date, closes_at: dict[date, datetime]) -> pd.DataFrame:
    """The numbers of every company as of a session, one row per symbol, sorted; NaN where there is none."""
    companies = {s: Company(world, s, closes_at) for s in sorted(world.instruments["symbol"])}
    names = {s: c.valuation(session) if c.facts and _known(c, session) else {} for s, c in companies.items()}
    rows = pd.DataFrame({s: v | companies[s].fundamental(session) for s, v in names.items()}).T
    rows = rows.reindex(sorted(companies)).astype(float)
    sectors = pd.Series({s: c.sector for s, c in companies.items()})
    for name in (*YIELDS, *MEASURES):
        rows[f"{name}_sector_pct"] = math.nan
        for sector in sorted(set(sectors) - {"Unknown"}):
            peers = rows.loc[sectors == sector, name].dropna()
            if len(peers) >= SECTOR_NAMES:
                for symbol, value in peers.items():
                    rows.loc[symbol, f"{name}_sector_pct"] = midrank(value, peers)
    return rows


def _known(company: Company, session: date) -> bool:
    return any(known_at <= company.as_of[session] for known_at, *_ in company.facts)
