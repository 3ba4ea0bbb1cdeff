"""Ruling F9: incremental equals full refresh bit for bit, rewrites nothing before a change, and never looks ahead."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

import pytest

from runner import db, settings
from tests.runner import features_world as market
from tests.runner.features_world import World

HISTORY = 330


@pytest.fixture
def world(database: str) -> World:
    """330 sessions less one of AAA in the middle, built from nothing; sessions up to 340 are there to be added."""
    made = World(market.weekdays(HISTORY + 10))
    market.reference()
    market.fill(made, market.closes(HISTORY + 10), 0, HISTORY, skip=(150,))
    market.build(full_refresh=True, select="+features.features")
    return made


def _changes(world: World) -> list[tuple[str, Callable[[], object], dict[str, int]]]:
    """What happens, and each symbol's first session (position) to be rewritten; others must not be."""
    prices = market.closes(HISTORY + 10)
    day = world.sessions
    return [
        ("nothing", lambda: None, {}),
        (
            "a new session",
            lambda: market.fill(world, prices, HISTORY, HISTORY + 1),
            dict.fromkeys(market.SYMBOLS, HISTORY),
        ),
        ("a revision", lambda: market.store(market.bar(world, "BBB", day[200], 61.25)), {"BBB": 200}),
        ("a split", lambda: market.action(world, "AAA", day[300], 2.0), {"AAA": 300}),
        ("the split restated", lambda: market.action(world, "AAA", day[300], 3.0, revision=1), {"AAA": 300}),
        ("a dividend of the past", lambda: market.action(world, "BBB", day[40], 1.0125, "dividend"), {"BBB": 40}),
        ("an action before the first session", lambda: market.action(world, "CCC", day[0], 2.0), {"CCC": 0}),
        ("a back-filled session", lambda: market.store(market.bar(world, "AAA", day[150], 48.5)), {"AAA": 150}),
        # The provider of the split's session changes, so the split of the other one no longer counts.
        ("an election", lambda: market.store(market.bar(world, "AAA", day[300], 52.0, "second")), {"AAA": 300}),
        (
            "a revised benchmark",
            lambda: market.store(market.bar(world, "IDX", day[320], 49.0)),
            dict.fromkeys(market.SYMBOLS, 320),
        ),
        (
            "several sessions at once",
            lambda: market.fill(world, prices, HISTORY + 1, HISTORY + 5),
            dict.fromkeys(market.SYMBOLS, HISTORY + 1),
        ),
        (
            "a session the benchmark lacks",
            lambda: market.store(
                *(market.bar(world, s, day[HISTORY + 5], float(prices[s][HISTORY + 5])) for s in ("AAA", "BBB", "CCC"))
            ),
            dict.fromkeys(("AAA", "BBB", "CCC"), HISTORY + 5),
        ),
        (
            "the benchmark's session, late",
            lambda: market.store(market.bar(world, "IDX", day[HISTORY + 5], 51.0)),
            dict.fromkeys(market.SYMBOLS, HISTORY + 5),
        ),
        (
            "a symbol that stays behind",
            lambda: market.store(
                *(market.bar(world, s, day[HISTORY + 6], float(prices[s][HISTORY + 6])) for s in ("AAA", "CCC", "IDX"))
            ),
            dict.fromkeys(("AAA", "CCC", "IDX"), HISTORY + 6),
        ),
        (
            "revisions in two places and a new session",
            lambda: (
                market.store(market.bar(world, "BBB", day[100], 47.5), market.bar(world, "IDX", day[310], 52.0)),
                market.fill(world, prices, HISTORY + 7, HISTORY + 8),
            ),
            {"AAA": 310, "BBB": 100, "CCC": 310, "IDX": 310},
        ),
        # Ruling C7: one of the own class goes before the index.
        (
            "another benchmark",
            lambda: market.statement("update ref.instruments set is_benchmark = true where symbol = 'CCC'"),
            dict.fromkeys(("AAA", "BBB", "CCC"), 0),
        ),
    ]


def test_f9_incremental_is_full_refresh_bit_for_bit(world: World) -> None:
    """After each change the increment leaves what a full refresh makes, state included, and rewrites no more."""
    for name, change, expected in _changes(world):
        before = market.writers()
        change()
        market.build()
        incremental = market.bits()
        after = market.writers()
        first_rewritten: dict[str, str] = {}
        for (symbol, session), writer in after.items():
            if before.get((symbol, session)) != writer:
                first_rewritten[symbol] = min(first_rewritten.get(symbol, session), session)
        assert first_rewritten == {s: str(world.sessions[k]) for s, k in expected.items()}, name
        untouched = [
            key for key, writer in after.items() if key[0] in first_rewritten and key[1] < first_rewritten[key[0]]
        ]
        assert all(before[key] == after[key] for key in untouched), name
        market.build(full_refresh=True)
        assert market.bits() == incremental, name


class _History:
    """What providers may bring, at random: new sessions of most symbols, late ones, revisions, elections, actions."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.world = World(market.weekdays(420))
        self.prices = market.closes(420, seed=seed)
        self.top = HISTORY
        self.stored: set[tuple[str, int]] = set()
        self.revisions: dict[tuple[str, int, str], int] = {}
        starts = {symbol: self.random.choice([0, 0, 5, 200]) for symbol in market.SYMBOLS}
        self.store(
            (s, k) for k in range(HISTORY) for s in market.SYMBOLS if k >= starts[s] and self.random.random() > 0.01
        )

    def store(self, where: Iterable[tuple[str, int]], provider: str = "first") -> None:
        """Store or overwrite sessions; one in four at another price."""
        bars = []
        for symbol, k in where:
            self.stored.add((symbol, k))
            close = float(self.prices[symbol][k]) * self.random.choice([1, 1, 1, self.random.uniform(0.9, 1.1)])
            bars.append(market.bar(self.world, symbol, self.world.sessions[k], close, provider))
        if bars:
            market.store(*bars)

    def change(self) -> str:
        """One change; what it was."""
        kind = self.random.choice(["sessions", "late", "revision", "election", "back-fill", "action", "benchmark"])
        symbol, k = self.random.choice(market.SYMBOLS), self.random.randrange(self.top)
        if kind == "sessions":
            new = range(self.top, min(self.top + self.random.choice([1, 1, 2, 25]), 419))
            self.top = new.stop
            self.store([(s, n) for n in new for s in market.SYMBOLS if self.random.random() > 0.1])
        elif kind == "late":
            recent = [(s, n) for s in market.SYMBOLS for n in range(self.top - 3, self.top)]
            self.store([at for at in recent if at not in self.stored])
        elif kind == "back-fill":
            self.store([(symbol, n) for n in range(max(0, k - 2), k + 1)])
        elif kind == "action":
            day, action = k + self.random.choice([0, 0, 0, 4]), self.random.choice(["split", "dividend"])
            revision = self.revisions[symbol, day, action] = self.revisions.get((symbol, day, action), -1) + 1
            factor = self.random.choice([2.0, 0.5, 1.01])
            market.action(self.world, symbol, self.world.sessions[day], factor, action, revision)
        elif kind == "benchmark":
            market.statement("update ref.instruments set is_benchmark = not is_benchmark where symbol = 'CCC'")
        else:
            self.store([(symbol, k)], "second" if kind == "election" else "first")
        return f"{kind} {symbol} {k}"


def test_f9_random_histories_are_full_refresh_bit_for_bit(database: str) -> None:
    """Whatever mixture of changes an increment finds, it leaves what a full refresh makes."""
    market.reference()
    history = _History(seed=20130227)
    market.build(select="+features.features")
    for _ in range(8):
        changes = [history.change() for _ in range(history.random.randint(1, 5))]
        market.build()
        incremental = market.bits()
        market.build(full_refresh=True)
        assert market.bits() == incremental, changes


def test_f9_rows_that_carry_another_versions_state_are_computed_anew(world: World) -> None:
    """Elements of `carried` are found by their place: from another order, every later number is wrong."""
    market.statement("update features.features set carried = carried[2:] || carried[1]")
    market.fill(world, market.closes(HISTORY + 10), HISTORY, HISTORY + 1)
    market.build()
    incremental = market.bits()
    market.build(full_refresh=True)
    assert market.bits() == incremental


def test_f9_an_action_that_does_not_count_is_seen_once(world: World) -> None:
    """Another provider's action changes no number and is not found again at the next run."""
    market.statement(
        "insert into market.corporate_actions"
        " (provider, symbol, ex_date, kind, revision, factor, batch_id, known_at, recorded_at)"
        f" select 'second', 'AAA', '{world.sessions[100]}', 'split', 0, 2, min(batch_id), '2011-01-01',"
        f" '{world.tick()}'"
        " from market.ingest_batches"
    )
    closes = market.rows("select session, close_adj, known_at from features.features where symbol = 'AAA' order by 1")
    assert market.build()["features"] == HISTORY - 101
    assert (
        market.rows("select session, close_adj, known_at from features.features where symbol = 'AAA' order by 1")
        == closes
    )
    assert market.build()["features"] == 0


def test_an_increment_waits_for_another_run_before_it_looks(world: World) -> None:
    """Two that both saw the same sessions missing would both write them, one of them over what the other had read."""
    market.fill(world, market.closes(HISTORY + 10), HISTORY, HISTORY + 1)
    waits = (
        "select count(*) as n from pg_locks where not granted and relation = 'features.features'::regclass"
        " and mode = 'ShareRowExclusiveLock'"
    )
    with db.connect(db.DEPLOYER) as other, ThreadPoolExecutor(1) as pool:
        db.execute_text(other, "test", "lock table features.features in row exclusive mode")  # as its insert has it
        run = pool.submit(market.build)
        deadline = time.monotonic() + 60
        while not (waited := market.rows(waits)[0]["n"]) and not run.done() and time.monotonic() < deadline:
            time.sleep(0.05)
        other.commit()
        assert waited == 1
        assert run.result()["features"] == len(market.SYMBOLS)


def test_features_never_look_ahead(world: World) -> None:
    """Cut anywhere, the rows before the cut are the same to the bit."""
    market.action(world, "AAA", world.sessions[260], 2.0)
    market.build()
    whole = market.bits()
    generator = random.Random(20130227)
    for cut in sorted((generator.randrange(30, HISTORY) for _ in range(3)), reverse=True):
        market.statement(f"delete from market.price_history where session >= '{world.sessions[cut]}'")
        market.build(full_refresh=True)
        part = market.bits()
        assert part == {key: row for key, row in whole.items() if key[1] < str(world.sessions[cut])}, cut


def _few_are_worth_a_process() -> None:
    """Whether or not the planner knows how few four symbols are: they are to be computed as five hundred are."""
    market.statement(
        "analyze ref.instruments, market.price_history;"
        f"alter role fund_transformer in database {settings.DATABASE} set cpu_operator_cost = 0.1"
    )


def test_two_processes_give_the_bits_of_one(world: World) -> None:
    """A full refresh in which the server starts a second process, and one in which it may not (NUMERICS 5)."""
    _few_are_worth_a_process()
    counted = market.rows("select current_setting('server_version_num')::int >= 180000 as is_so")[0]["is_so"]

    def launched() -> int:
        """Second processes so far in this database."""
        return int(market.rows("select sum(parallel_workers_launched) as n from pg_stat_database")[0]["n"])

    found = []
    for workers in (0, 1):
        market.statement(
            f"alter role fund_transformer in database {settings.DATABASE} set max_parallel_workers = {workers}"
        )
        before = launched() if counted else 0
        market.build(full_refresh=True)
        found.append(market.bits())
        if counted:
            deadline = time.monotonic() + (60 if workers else 0)
            while launched() == before and time.monotonic() < deadline:
                time.sleep(0.1)
            assert (launched() > before) == bool(workers)
    assert found[0] == found[1]


def test_the_processes_compute_the_formulas_too(world: World) -> None:
    """A gather is the top of a full refresh's plan: below a formula it would leave that formula to one process."""
    _few_are_worth_a_process()
    market.build(full_refresh=True)
    home = settings.load().runner_home
    ran = (home / "dbt" / "run" / "mini_quant_fund" / "models" / "features" / "features.sql").read_text("utf-8")
    settings_and_query = re.sub(r"create table (\S+) as", r"explain (costs off) create table \1 as", ran)
    assert settings_and_query != ran
    with db.connect("fund_transformer") as connection:
        *_, planned = connection.cursor().execute(settings_and_query).results()
        plan = [row[0] if isinstance(row, tuple) else next(iter(row.values())) for row in planned.fetchall()]
        connection.rollback()
    assert plan[0].strip() == "Gather", plan[:4]


def test_an_empty_market_builds_empty_features(database: str) -> None:
    """No instrument, no bar: every model runs and is empty, twice."""
    for _ in range(2):
        market.build(select="+features.features")
        assert market.rows("select count(*) as n from features.features") == [{"n": 0}]
