"""Nothing an agent says knows the future: every table cut off at an as-of instant gives the same views, to the bit.

A made-up market with filings, restatements and headlines always runs, at a few as-ofs (`--every-as-of`: at fifty); real
bars, filings and headlines of ../shared/data run where they are. All as-ofs are heard on the whole data first. Then, from
the last to the first, whatever was known later is deleted, everything is built anew, and each is heard again.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta

import numpy as np
import pandas as pd
import pytest
from exchange_calendars import get_calendar

from runner import committee, db, settings, strategies, transform
from runner.config import load
from runner.models import FEATURES, FeatureMatrix
from tests.conftest import SUMMARY
from tests.runner import company_data, company_world
from tests.runner import features_world as market

GOLDEN = load(environ={})
FEW, EVERY = 3, 50
#: Tables of facts with the instant each was known.
DATED = ("price_history", "corporate_actions", "fundamentals", "news")
WORDS = ("{} beats estimates, raises guidance", "{} misses earnings, shares plunge", "{} to present at conference",
         "{} profit falls on weak demand", "{} wins contract", "{} cuts dividend", "Analyst upgrades {} to buy")  # fmt: skip


def _made_up() -> company_world.World:
    """Fourteen companies of two sectors, 620 sessions of closes, a split, quarterly filings, some restated later."""
    generator = np.random.default_rng(20130227)
    symbols = [f"S{i:02}" for i in range(14)]
    days = [d.date() for d in get_calendar("XNYS").sessions_in_range("2010-01-04", "2012-06-29")]
    bars, facts = [], []
    for k, symbol in enumerate(symbols):
        closes = 40 * np.exp(np.cumsum(generator.normal(0, 0.015, len(days))))
        if k == 0:
            closes[400:] /= 2
        bars += [{"symbol": symbol, "session": day, "close": float(c)} for day, c in zip(days, closes, strict=True)]
        for year in range(2005, 2012):
            size = float(generator.uniform(0.5, 1.5)) * 1e9
            row = {
                "symbol": symbol,
                "period_end": date(year, 12, 31),
                "period_months": 12,
                "filed_at": company_world.evening(date(year + 1, 2, 1) + timedelta(days=int(generator.integers(0, 50)))),
                "revenue": size * 5,
                "net_income": size * float(generator.normal(0.4, 0.4)),
                "operating_cash_flow": size * float(generator.uniform(0.2, 0.9)),
                "dividends_per_share": float(generator.uniform(0, 1)),
                "book_value": size * 2,
                "total_assets": size * 4,
                "total_liabilities": size * 2,
                "shares_outstanding": 1e8,
            }
            facts.append(row)
            if generator.random() < 0.4:
                later = row["filed_at"] + timedelta(days=int(generator.integers(30, 300)))
                facts.append(row | {"revision": 1, "filed_at": later, "net_income": row["net_income"] * 0.8})
    instruments = pd.DataFrame({"symbol": symbols, "price_basis": "raw"})
    instruments["sector"] = ["Technology" if k % 2 else "Energy" for k in range(len(symbols))]
    splits = pd.DataFrame([{"symbol": "S00", "ex_date": days[400], "factor": 2.0, "provider": "bars"}])
    return company_world.World(instruments, pd.DataFrame(bars), splits, company_world.facts_of(facts))


def _headlines(symbols: list[str], first: date, last: date) -> list[tuple[str, datetime, str]]:
    """Made-up news: symbol, instant and words."""
    generator = np.random.default_rng(7)
    span = (last - first).days
    return [
        (
            symbol,
            datetime.combine(first + timedelta(days=int(generator.integers(0, span))), time(15), UTC),
            WORDS[int(generator.integers(0, len(WORDS)))].format(symbol),
        )
        for symbol in symbols
        for _ in range(span // 6)
    ]


def _real_headlines(symbols: list[str]) -> list[tuple[str, datetime, str]]:
    frame = company_data._read("news")
    frame = frame[frame["symbol"].isin(symbols)]
    instants = pd.to_datetime(frame["published"], utc=True)
    return list(zip(frame["symbol"], (at.to_pydatetime() for at in instants), frame["headline"], strict=True))


def _store_news(news: list[tuple[str, datetime, str]]) -> None:
    digests = [hashlib.sha256(words.encode()).digest() for _, _, words in news]
    rows = [
        ("filings", symbol, str(number), 0, at, "test", words, digest, [symbol], at, datetime(2020, 1, 1, tzinfo=UTC))
        for number, ((symbol, at, words), digest) in enumerate(zip(news, digests, strict=True))
    ]
    with db.connect(db.DEPLOYER) as connection:
        batch = db.fetch_text(connection, "test", "select min(batch_id) as b from market.ingest_batches")[0]["b"]
        with connection.cursor().copy(
            "copy market.news (provider, symbol, story, revision, published_at, source, headline, headline_sha256,"
            " symbols, known_at, recorded_at, batch_id) from stdin"
        ) as stream:
            for row in rows:
                stream.write_row((*row, batch))


def _hear(session: date, *, full_refresh: bool) -> dict[str, dict[str, bytes]]:
    """By agent, the bits of what it says as of a session, and `read`: the bits of all it could read."""
    transform.run_cycle_models(settings.load(), session, full_refresh=full_refresh)
    prices = {
        row["symbol"]: row
        for row in market.rows(f"select * from features.features where session = '{session}' order by symbol")
    }
    company = {row["symbol"]: row for row in market.rows("select * from features.company_features order by symbol")}
    assert company
    assert {row["as_of_session"] for row in company.values()} == {session}
    symbols = tuple(sorted(set(prices) & set(company)))
    values = np.array(
        [[_number((prices[s] | company[s]).get(name)) for name in FEATURES] for s in symbols], dtype=np.float64
    )
    built = strategies.build(GOLDEN, "institutional")
    reversion = strategies.build(GOLDEN, "contrarian").seats[0]
    matrix = FeatureMatrix(symbols, FEATURES, values)
    sigma = matrix.column("sd_252") * math.sqrt(252)
    heard = committee.hear(matrix, (*built.seats, reversion), sigma, built.mu_abs_max, built.brain)
    said = {
        seat.name: {name: getattr(arrays, name).tobytes() for name in ("score", "mu", "confidence")}
        for seat, arrays in zip(heard.seats, heard.spoken, strict=True)
    }
    spoke = {seat.name: int(np.isfinite(a.score).sum()) for seat, a in zip(heard.seats, heard.spoken, strict=True)}
    return {**said, "read": {"all": values.tobytes()}, "spoke": {k: str(v).encode() for k, v in spoke.items()}}


def _number(value: object) -> float:
    return math.nan if value is None else float(str(value))


def _prove(as_ofs: list[date], what: str) -> dict[str, int]:
    """Hear every as-of on all data, then on what was known by then; how often each agent spoke of a symbol."""
    known = {day: _hear(day, full_refresh=False) for day in as_ofs}
    spoke: dict[str, int] = {}
    for day in sorted(as_ofs, reverse=True):
        instant = market.rows(f"select as_of from features.company_features where as_of_session = '{day}' limit 1")
        at = instant[0]["as_of"] if instant else None
        if at is None:
            (row,) = market.rows(f"select closes_at from ref.sessions where calendar = 'XNYS' and session = '{day}'")
            at = row["closes_at"] + timedelta(minutes=30)
        for table in DATED:
            market.statement(
                f"alter table market.{table} disable trigger user;"
                f" delete from market.{table} where known_at > '{at.isoformat()}'"
            )
        again = _hear(day, full_refresh=True)
        assert again == known[day], (day, [name for name in again if again[name] != known[day][name]])
        for name, count in known[day]["spoke"].items():
            spoke[name] = spoke.get(name, 0) + int(count)
    SUMMARY.append(f"look-ahead, {what}: {len(as_ofs)} as-ofs, views of agents {spoke}: 0 bits differ")
    return spoke


@pytest.fixture
def scratch(fresh: Callable[[], str]) -> Iterator[None]:
    """An empty database as the one in use."""
    name = fresh()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "DATABASE", name)
        yield
    with db.connect(db.DEPLOYER, autocommit=True, dbname="postgres") as connection:
        db.execute_text(connection, "drop", f"drop database {name} with (force)")


def test_no_view_changes_where_the_future_is_cut_off(scratch: None, request: pytest.FixtureRequest) -> None:
    """Made-up companies; sessions drawn with a seed."""
    every = request.config.getoption("--every-as-of")
    world = _made_up()
    company_world.store(world)
    symbols = list(world.instruments["symbol"])
    _store_news(_headlines(symbols, date(2011, 1, 3), date(2012, 6, 29)))
    days = [r["session"] for r in market.rows(
        "select session from ref.sessions where calendar = 'XNYS' and session between '2011-06-01' and '2012-06-20'"
        " and session in (select session from market.price_history) order by session"
    )]  # fmt: skip
    chosen = np.random.default_rng(4).choice(len(days), EVERY if every else FEW, replace=False)
    spoke = _prove(sorted(days[int(i)] for i in chosen), "made-up market")
    assert all(spoke[name] > 0 for name in ("technical", "reversion", "valuation", "fundamental", "sentiment")), spoke


def test_no_view_of_real_companies_changes(scratch: None, request: pytest.FixtureRequest) -> None:
    """Real bars, filings, snapshots and headlines."""
    company_data.need()
    every = request.config.getoption("--every-as-of")
    sectors = company_data._read("sectors_gics_2017").set_index("symbol")["gics_sector"]
    wanted = {"Information Technology", "Consumer Staples"}
    symbols = [s for s in company_data.all_symbols() if sectors.get(s) in wanted]
    world = company_data.world(symbols, date(2013, 2, 27))
    company_world.store(world)
    _store_news(_real_headlines(symbols))
    days = [r["session"] for r in market.rows(
        "select session from ref.sessions where calendar = 'XNYS' and session between '2010-03-01' and '2013-02-26'"
        " order by session"
    )]  # fmt: skip
    chosen = np.random.default_rng(5).choice(len(days), EVERY if every else FEW, replace=False)
    _prove(sorted(days[int(i)] for i in chosen), f"{len(symbols)} real companies")
