"""A small market for the features' tests: bars written as the ingest routines would leave them, and dbt run on it.

Every write has a `recorded_at` of its own, later than all before, as the lock on market data gives it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import numpy as np

from runner import db, environment, settings

#: What `build` builds: not everything that reads a price.
MODELS = "features.features"

SYMBOLS = ("AAA", "BBB", "CCC", "IDX")


@dataclass
class World:
    """Symbols AAA, BBB (bars), CCC (closes only) and the benchmark IDX, on weekdays; nothing is stored before `add`."""

    sessions: list[date]
    clock: datetime = field(default=datetime(2020, 1, 1, tzinfo=UTC))

    def tick(self) -> str:
        """The next recorded_at."""
        self.clock += timedelta(seconds=1)
        return self.clock.isoformat()


def weekdays(count: int) -> list[date]:
    """`count` weekdays from 2010-01-04 on."""
    days = (date(2010, 1, 4) + timedelta(days=k) for k in range(2 * count + 7))
    return [d for d in days if d.weekday() < 5][:count]


def statement(text: str) -> None:
    """Run SQL as the deployer."""
    with db.connect(db.DEPLOYER) as connection:
        db.execute_text(connection, "test", text)


def rows(text: str) -> list[dict[str, Any]]:
    """Rows of a query, as the deployer."""
    with db.connect(db.DEPLOYER) as connection:
        return db.fetch_text(connection, "test", text)


def reference() -> None:
    """Calendar, two providers, four instruments, one batch for the actions to belong to."""
    statement(
        """
        insert into ref.calendars values ('XNYS', 'New York', 'America/New_York') on conflict do nothing;
        insert into ref.providers (provider, priority, price_basis, price_kind, delay_minutes, description) values
            ('first', 101, 'raw', 'ohlcv', 30, 'test'), ('second', 102, 'raw', 'ohlcv', 30, 'test');
        insert into ref.instruments values
            ('AAA', 'a', 'equity', 'XNYS', 'USD', 'ohlcv', 'raw', true, true, false),
            ('BBB', 'b', 'equity', 'XNYS', 'USD', 'ohlcv', 'raw', true, true, false),
            ('CCC', 'c', 'equity', 'XNYS', 'USD', 'close', 'raw', true, true, false),
            ('IDX', 'i', 'index', 'XNYS', 'USD', 'close', 'raw', false, false, true);
        insert into market.ingest_batches (provider, symbol, state) values ('first', 'AAA', 'DONE');
        """
    )


def bar(world: World, symbol: str, session: date, close: float, provider: str = "first") -> str:
    """One row of values for market.price_history."""
    spread = "null, null, null" if symbol in ("CCC", "IDX") else f"{close!r}, {close * 1.013!r}, {close * 0.991!r}"
    kind = "close" if symbol in ("CCC", "IDX") else "ohlcv"
    known = datetime.combine(session, time(21, 30), UTC).isoformat()
    return (
        f"('{symbol}', '{session}', {spread}, {close!r}, '{provider}', 0, '{kind}', 'raw', '{known}', '{world.tick()}')"
    )


def store(*bars: str) -> None:
    """Insert bars, or overwrite what is elected for their session, as an election does."""
    statement(
        "insert into market.price_history"
        " (symbol, session, open, high, low, close, provider, revision, price_kind, price_basis, known_at, recorded_at)"
        f" values {', '.join(bars)} on conflict (symbol, session) do update set"
        " open = excluded.open, high = excluded.high, low = excluded.low, close = excluded.close,"
        " provider = excluded.provider, recorded_at = excluded.recorded_at"
    )


def action(world: World, symbol: str, ex_date: date, factor: float, kind: str = "split", revision: int = 0) -> None:
    """Insert a corporate action of provider `first`."""
    known = datetime.combine(ex_date, time(14, 30), UTC).isoformat()
    statement(
        "insert into market.corporate_actions"
        " (provider, symbol, ex_date, kind, revision, factor, batch_id, known_at, recorded_at) values"
        f" ('first', '{symbol}', '{ex_date}', '{kind}', {revision}, {factor!r},"
        f" (select min(batch_id) from market.ingest_batches), '{known}', '{world.tick()}')"
    )


def closes(count: int, seed: int = 20130227) -> dict[str, np.ndarray]:
    """Seeded random walks, one array of `count` closes per symbol."""
    generator = np.random.default_rng(seed)
    return {symbol: np.round(50 * np.exp(np.cumsum(generator.normal(0, 0.02, count))), 4) for symbol in SYMBOLS}


def fill(world: World, prices: dict[str, np.ndarray], first: int, last: int, skip: tuple[int, ...] = ()) -> None:
    """Store sessions first … last - 1 of every symbol, session by session; `skip` leaves positions of AAA out."""
    store(
        *(
            bar(world, symbol, world.sessions[k], float(prices[symbol][k]))
            for k in range(first, last)
            for symbol in SYMBOLS
            if not (symbol == "AAA" and k in skip)
        )
    )


def build(*, full_refresh: bool = False, select: str = MODELS) -> dict[str, Any]:
    """Run the features' models with dbt; model name -> rows written. Raises AssertionError where one fails."""
    from dbt.cli.main import dbtRunner

    from runner import transform

    config = settings.load()
    values = environment.for_dbt(config)
    with transform._environment(values):
        arguments = ["run", "--select", *select.split(), *transform._arguments(config.runner_home)]
        manifest = transform._manifest(values, config.runner_home)
        outcome = dbtRunner(manifest=manifest).invoke([*arguments, *(["--full-refresh"] if full_refresh else [])])
    assert outcome.result is not None, outcome.exception
    failed = {r.node.name: r.message for r in outcome.result if r.status != "success"}
    assert not failed, failed
    return {r.node.name: transform._rows(r.adapter_response) for r in outcome.result}


def bits() -> dict[tuple[str, str], str]:
    """(symbol, session) -> the row of features.features as text: shortest decimals that read back to the same bits."""
    return {
        (r["symbol"], str(r["session"])): r["content"]
        for r in rows("select symbol, session, t::text as content from features.features as t")
    }


def writers() -> dict[tuple[str, str], str]:
    """(symbol, session) -> the transaction that wrote the row: who was rewritten, and who was not."""
    return {
        (r["symbol"], str(r["session"])): r["writer"]
        for r in rows("select symbol, session, xmin::text as writer from features.features")
    }
