"""Time of `stages()` for 100, 500 and 2,000 symbols by 1,260 sessions, step by step, and its growth exponent.

    OMP_NUM_THREADS=1 python -m tests.bench.bench_stages
    python -m pytest tests/bench/bench_stages.py --benchmarks -s

Three books: flat; full, what five sessions of filled orders leave; spread, where Kelly bets are so small that no cap
binds and every name is a trade, so that CVaR is asked for name by name. The market is seeded; the best of `ROUNDS` by
processor time counts, so that another process's slice of the machine does not. The exponent is the slope of log(time)
over log(symbols) between the smallest and the largest size: 1 is proportional growth.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from typing import Any

from runner import phases
from runner.config import GoldenConfig
from runner.models import AccountState, CycleInputs, Panel
from runner.stages import stages
from tests.runner.world import account, altered, config, market

SIZES = (100, 500, 2000)
ROUNDS = 5
#: Steps of `runner.phases` that are timed; those of risk and auction have a goal. The rest is what decisions say.
STEPS = ("stand", "conditions", "hear", "wish", "allocate", "assess", "scale", "order", "book_after", "measure_book",
         "close")  # fmt: skip
AUCTION_AND_RISK = ("conditions", "allocate", "assess", "scale", "order", "book_after", "measure_book", "close")
GOAL_SECONDS, GOAL_SYMBOLS = 0.050, 500


def filled(panel: Panel, inputs: CycleInputs, golden: GoldenConfig, sessions: int = 5) -> AccountState:
    """The account after some sessions whose orders all filled at the last close: every later step has work to do."""
    state = account()
    for _ in range(sessions):
        result = stages(panel, inputs, state, golden)
        positions = dict(state.positions)
        for intent in result.intents:
            signed = intent.quantity if intent.side == "BUY" else -intent.quantity
            positions[intent.symbol] = positions.get(intent.symbol, Decimal(0)) + signed
        state = replace(
            state,
            positions={symbol: shares for symbol, shares in positions.items() if shares},
            symbols={one.symbol: one for one in result.symbol_states},
        )
    return state


@contextmanager
def timed(seconds: dict[str, float]) -> Iterator[None]:
    """Within it each step adds what it takes to `seconds`."""
    plain = {name: getattr(phases, name) for name in STEPS}

    def wrapped(name: str) -> Any:
        def call(*arguments: Any, **named: Any) -> Any:
            began = time.process_time()
            try:
                return plain[name](*arguments, **named)
            finally:
                seconds[name] = seconds.get(name, 0.0) + time.process_time() - began

        return call

    try:
        for name in STEPS:
            setattr(phases, name, wrapped(name))
        yield
    finally:
        for name, step in plain.items():
            setattr(phases, name, step)


def best(panel: Panel, inputs: CycleInputs, state: AccountState, golden: GoldenConfig) -> dict[str, float]:
    """Seconds by step, and in all, of the fastest round."""
    rounds = []
    for _ in range(ROUNDS):
        seconds: dict[str, float] = {}
        began = time.process_time()
        with timed(seconds):
            stages(panel, inputs, state, golden)
        rounds.append(seconds | {"all": time.process_time() - began})
    return min(rounds, key=lambda one: one["all"])


def measure() -> dict[str, dict[int, dict[str, float]]]:
    """Seconds by book, number of symbols and step."""
    times: dict[str, dict[int, dict[str, float]]] = {"flat": {}, "full": {}, "spread": {}}
    golden = config()
    small = altered(golden, meta_brain={"kelly_gamma": 0.0005}, auction={"min_change": 0.0})
    for count in SIZES:
        panel, inputs = market(count)
        times["flat"][count] = best(panel, inputs, account(), golden)
        times["full"][count] = best(panel, inputs, filled(panel, inputs, golden), golden)
        times["spread"][count] = best(panel, inputs, account(), small)
    return times


def exponent(by_size: dict[int, float]) -> float:
    """Slope of log(seconds) over log(symbols) from the smallest to the largest size."""
    first, last = min(by_size), max(by_size)
    return math.log(by_size[last] / by_size[first]) / math.log(last / first)


def table() -> dict[str, dict[int, dict[str, float]]]:
    """Measure and print: milliseconds by book and step, and the exponent."""
    times = measure()
    print(f"\nstages(), milliseconds, best of {ROUNDS}")
    print(f"{'book':<8}{'step':<18}" + "".join(f"{count:>10} names" for count in SIZES) + f"{'exponent':>10}")
    for book, by_size in times.items():
        sums = {
            **{name: {n: by_size[n].get(name, 0.0) for n in SIZES} for name in STEPS},
            "auction and risk": {n: sum(by_size[n].get(name, 0.0) for name in AUCTION_AND_RISK) for n in SIZES},
            "all": {n: by_size[n]["all"] for n in SIZES},
        }
        for name, values in sums.items():
            cells = "".join(f"{values[n] * 1000:>16.1f}" for n in SIZES)
            print(f"{book:<8}{name:<18}{cells}{exponent(values):>10.2f}")
    return times


def test_bench_stages() -> None:
    """Auction and risk together keep their goal, whatever the book."""
    for book, by_size in table().items():
        assert sum(by_size[GOAL_SYMBOLS].get(name, 0.0) for name in AUCTION_AND_RISK) < GOAL_SECONDS, book


if __name__ == "__main__":
    table()
