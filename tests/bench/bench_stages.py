"""Time of `stages()` for 20, 100 and 500 symbols by 1,260 sessions, flat and with a full book, and its growth exponent.

    python -m tests.bench.bench_stages

The market is seeded; the best of `ROUNDS` counts, so that another process's slice of the machine does not. The exponent
is the slope of log(time) over log(symbols) between the smallest and the largest size: 1 is proportional growth.
"""

from __future__ import annotations

import math
import time
from dataclasses import replace
from decimal import Decimal

from runner.models import AccountState, CycleInputs, CycleResult, Panel
from runner.stages import stages
from tests.runner.world import account, config, market

SIZES = (20, 100, 500)
ROUNDS = 5


def filled(panel: Panel, inputs: CycleInputs, sessions: int = 5) -> AccountState:
    """The account after some sessions whose orders all filled at the last close: every later step has work to do."""
    state, golden = account(), config()
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


def best(panel: Panel, inputs: CycleInputs, state: AccountState) -> tuple[float, CycleResult]:
    """Seconds of the fastest round, and its result."""
    golden, seconds = config(), math.inf
    for _ in range(ROUNDS):
        began = time.perf_counter()
        result = stages(panel, inputs, state, golden)
        seconds = min(seconds, time.perf_counter() - began)
    return seconds, result


def measure() -> dict[str, dict[int, float]]:
    """Seconds by case (flat, full) and number of symbols."""
    times: dict[str, dict[int, float]] = {"flat": {}, "full": {}}
    for count in SIZES:
        panel, inputs = market(count)
        times["flat"][count] = best(panel, inputs, account())[0]
        times["full"][count] = best(panel, inputs, filled(panel, inputs))[0]
    return times


def exponent(by_size: dict[int, float]) -> float:
    """Slope of log(seconds) over log(symbols) from the smallest to the largest size."""
    first, last = min(by_size), max(by_size)
    return math.log(by_size[last] / by_size[first]) / math.log(last / first)


def main() -> None:
    """Print the table."""
    print(f"stages(), milliseconds, best of {ROUNDS}")
    print(f"{'book':<6}" + "".join(f"{count:>12} names" for count in SIZES) + f"{'exponent':>12}")
    for case, by_size in measure().items():
        cells = "".join(f"{by_size[count] * 1000:>18.1f}" for count in SIZES)
        print(f"{case:<6}{cells}{exponent(by_size):>12.2f}")


if __name__ == "__main__":
    main()
