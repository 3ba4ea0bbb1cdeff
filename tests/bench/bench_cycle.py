"""Benchmark (c): the cycle without dbt for 20, 100 and 500 symbols, stage by stage, with its growth exponent.

    python -m pytest tests/bench/bench_cycle.py --benchmarks -s

Each size has a database of its own: synthetic bars of 1,400 sessions where ingest leaves them, dbt's models built once,
then one session's cycle on a flat book and the next one's on what it bought. Seconds are the cycle's own, by step;
dbt's step is told beside them and left out of the total, all others are in.
"""

from __future__ import annotations

import gc
import math
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from runner import calendar, config, cycle, db, lock, settings, transform
from runner.sessions import run_sessions
from tests.bench.synthetic import closes

ROOT = Path(__file__).resolve().parents[2]
SIZES = (20, 100, 500)
SESSIONS = 1400
FIRST, SECOND = date(2019, 6, 13), date(2019, 6, 14)
GOAL_SECONDS = 2.0
#: The step that is told and not counted.
DBT = "features (dbt)"
SECTORS = ("Energy", "Health Care", "Financials", "Industrials", "Utilities", "Materials", "Real Estate", "Staples")

_taken: dict[int, dict[str, float]] = {}


def world(symbols: int) -> None:
    """Calendar, `symbols` names in eight sectors and an index, and their bars, as ingest would leave them."""
    with db.connect("fund_ingestor", autocommit=True) as connection:
        calendar.load(connection, calendar.build("XNYS", SECOND + timedelta(days=30)))
    names = [f"S{k:03d}" for k in range(symbols)]
    with db.connect(db.DEPLOYER) as connection:
        instruments = ", ".join(
            f"('{s}', '{s}', 'equity', 'XNYS', 'USD', 'ohlcv', 'raw', true, true, false)" for s in names
        )
        spells = ", ".join(f"('{s}', '{SECTORS[k % len(SECTORS)]}', '2000-01-01')" for k, s in enumerate(names))
        db.execute_text(
            connection,
            "world",
            f"""
            insert into ref.providers (provider, priority, price_basis, price_kind, delay_minutes, description)
            values ('bench', 900, 'raw', 'ohlcv', 30, 'benchmark');
            insert into ref.instruments values {instruments},
                ('IDX', 'index', 'index', 'XNYS', 'USD', 'ohlcv', 'raw', false, false, true);
            insert into ref.universe (symbol, sector, valid_from) values {spells};
            insert into market.ingest_batches (provider, symbol, state) values ('bench', 'IDX', 'DONE');
            """,
        )
        days = db.fetch_text(
            connection,
            "days",
            "select session, closes_at + interval '30 minutes' as known_at from ref.sessions "
            f"where session <= '{SECOND}' order by session desc limit {SESSIONS}",
        )[::-1]
        prices = closes(symbols + 1, SESSIONS).round(4)
        rows = (
            (
                "bench",
                s,
                d["session"],
                0,
                p,
                p * 1.01,
                p * 0.99,
                p,
                1e6,
                "ohlcv",
                "raw",
                1,
                d["known_at"],
                d["known_at"],
            )
            for k, s in enumerate([*names, "IDX"])
            for d, p in zip(days, prices[:, k].tolist(), strict=True)
        )
        with connection.cursor().copy(
            "copy market.provider_bars (provider, symbol, session, revision, open, high, low, close, volume,"
            " price_kind, price_basis, batch_id, known_at, recorded_at) from stdin"
        ) as stream:
            for row in rows:
                stream.write_row(row)
        columns = (
            "symbol, session, open, high, low, close, volume, provider, revision, price_kind, price_basis, known_at"
        )
        db.execute_text(
            connection,
            "elect",
            f"insert into market.price_history ({columns}, recorded_at)"
            f" select {columns}, recorded_at from market.provider_bars order by symbol, session",
        )
    with db.connect(db.DEPLOYER, autocommit=True) as connection:
        db.execute_text(connection, "analyze", "vacuum analyze market.price_history, market.provider_bars")


@pytest.fixture
def golden(monkeypatch: pytest.MonkeyPatch) -> Iterator[config.GoldenConfig]:
    """The shipped configuration, pinned."""
    monkeypatch.chdir(ROOT)
    loaded = config.load_verified()
    lock.pin(loaded, "benchmark")
    yield loaded


@pytest.mark.parametrize("symbols", SIZES)
def test_cycle_without_dbt(symbols: int, database: str, golden: config.GoldenConfig) -> None:
    """The second session's cycle, by step; the table follows the last size."""
    environment = settings.load()
    world(symbols)
    transform.run_cycle_models(environment, FIRST)
    gc.collect()
    reports = [report.cycle for report in run_sessions(environment, golden, cycle.Request(), FIRST, SECOND)]
    assert [report.state for report in reports] == ["DONE", "DONE"], [
        (r.layer, r.decisions[0].reason_codes) for r in reports
    ]
    _taken[symbols] = dict(reports[-1].seconds)
    assert DBT in _taken[symbols]
    if symbols == SIZES[-1]:
        table()


def table() -> None:
    """Milliseconds by step and size, and the exponent between the smallest and the largest."""
    steps = [name for name in _taken[SIZES[0]] if name != DBT]
    print(f"\n{'step':14}" + "".join(f"{n:>10} symbols" for n in SIZES) + "    exponent")
    totals = {n: sum(seconds[name] for name in steps) for n, seconds in _taken.items()}
    for name in [*steps, "total", DBT]:
        values = [totals[n] if name == "total" else _taken[n][name] for n in SIZES]
        exponent = math.log(values[-1] / values[0]) / math.log(SIZES[-1] / SIZES[0])
        print(f"{name:14}" + "".join(f"{1000 * v:15.1f} ms" for v in values) + f"{exponent:12.2f}")
    print(f"goal: {GOAL_SECONDS:.0f} s at {SIZES[-1]} symbols; measured {totals[SIZES[-1]]:.2f} s")
