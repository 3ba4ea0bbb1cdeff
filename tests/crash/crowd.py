"""A thousand names to trade, and several workers at once: what races and the throughput benchmark share."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from tests.crash.scene import Launcher, Scene, run_sql


def add_names(scene: Scene, count: int) -> list[str]:
    """N0001 and so on, 10 USD each, in a hundred sectors, ACTIVE in the desk's run and quoted at the fake."""
    run_sql(
        scene.database,
        f"""
        insert into ref.instruments (
            symbol, name, asset_class, calendar, currency, price_kind, price_basis, tradable, shortable, is_benchmark
        )
        select 'N' || lpad(g::text, 4, '0'), 'n', 'equity', 'XTST', 'USD', 'ohlcv', 'raw', true, true, false
        from generate_series(1, {count}) as g;
        insert into ref.universe (symbol, sector, valid_from)
        select i.symbol, 'S' || right(i.symbol, 2), '2000-01-01' from ref.instruments as i where i.symbol like 'N%';
        insert into market.price_history (
            symbol, session, open, high, low, close, provider, revision, price_kind, price_basis, known_at, recorded_at
        )
        select i.symbol, s.session, 10, 10, 10, 10, 'tester', 0, 'ohlcv', 'raw', s.closes_at, s.closes_at
        from ref.instruments as i cross join ref.sessions as s where i.symbol like 'N%' and s.calendar = 'XTST';
        insert into decide.cycle_inputs (
            cycle_id, run, account, symbol, in_universe, sector, asset_class, shortable, governance_state,
            governance_reasons, data_quality_score, provider_confidence, valid_sessions, last_session, last_close,
            price_kind, price_basis, features
        )
        select repeat('1', 32), 1, 'test', i.symbol, true, u.sector, i.asset_class, true, 'ACTIVE', '{{}}', 1, 1, 1260,
            '2020-01-06', 10, i.price_kind, i.price_basis, '{{}}'
        from ref.instruments as i join ref.universe as u on u.symbol = i.symbol where i.symbol like 'N%'
        """,
    )
    names = [f"N{n:04d}" for n in range(1, count + 1)]
    scene.fake.set_prices(**dict.fromkeys(names, ("9.99", "10.01")))
    return names


def place_one_each(scene: Scene, names: Sequence[str]) -> None:
    """One share of each, to be released."""
    scene.place(json.dumps([{"symbol": s, "leg": "entry", "side": "BUY", "quantity": 1} for s in names]))


@contextmanager
def launchers(count: int) -> Iterator[list[Launcher]]:
    """So many processes that fork workers."""
    made = [Launcher() for _ in range(count)]
    try:
        yield made
    finally:
        for launcher in made:
            launcher.stop()


def work_together(scene: Scene, forks: Sequence[Launcher]) -> list[dict[str, Any]]:
    """One pass of a worker at each, all started at once; their answers."""
    answers: list[dict[str, Any]] = []
    barrier = threading.Barrier(len(forks))

    def one(launcher: Launcher) -> None:
        barrier.wait()
        answers.append(scene.work(launcher=launcher))

    threads = [threading.Thread(target=one, args=(launcher,)) for launcher in forks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers
