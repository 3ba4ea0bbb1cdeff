"""Time of the committee stage for 100, 500 and 2,000 symbols, and its growth exponent.

    OMP_NUM_THREADS=1 python -m tests.bench.bench_committee
    python -m pytest tests/bench/bench_committee.py --benchmarks -s

`hear` is the four analysts of the institutional strategy, their checks and the meta-brain: one feature matrix in,
arrays out. `rows` is what records need of it, a view per symbol and agent with its reasons as text. A tenth
of the values is missing. The best of `ROUNDS` by processor time counts; each is `REPEATS` hearings.
The exponent is the slope of log(time) over log(symbols) between the smallest and the largest size; the goal is 1.05.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from runner import committee, strategies
from runner.config import load
from tests.bench.bench_stages import SIZES, exponent
from tests.runner.agents.crowd import crowd

ROUNDS, REPEATS = 7, 20
GOAL = 1.05


def best(step: Callable[[], object], repeats: int) -> float:
    """Seconds of one call, in the fastest of the rounds."""
    rounds = []
    for _ in range(ROUNDS):
        began = time.process_time()
        for _ in range(repeats):
            step()
        rounds.append((time.process_time() - began) / repeats)
    return min(rounds)


def measure() -> dict[str, dict[int, float]]:
    """Seconds by step and number of symbols."""
    golden = load(environ={})
    built = strategies.build(golden, "institutional")
    times: dict[str, dict[int, float]] = {"hear": {}, "rows": {}}
    for count in SIZES:
        matrix = crowd(count, seed=count, holes=0.1)
        sigma = matrix.column("sd_252") * np.sqrt(golden.fund.sessions_per_year)

        def hear() -> committee.Hearing:
            return committee.hear(matrix, built.seats, sigma, built.mu_abs_max, built.brain)  # noqa: B023

        times["hear"][count] = best(hear, REPEATS)
        times["rows"][count] = best(lambda: hear().views, 1) - times["hear"][count]
    return times


def table() -> dict[str, dict[int, float]]:
    """Measure and print."""
    times = measure()
    print(f"\nthe committee, milliseconds, best of {ROUNDS}")
    print(f"{'step':<8}" + "".join(f"{count:>10} names" for count in SIZES) + f"{'exponent':>10}")
    for name, by_size in times.items():
        cells = "".join(f"{by_size[n] * 1000:>16.2f}" for n in SIZES)
        print(f"{name:<8}{cells}{exponent(by_size):>10.2f}")
    return times


def test_bench_committee() -> None:
    """Hearing the committee grows no faster than its symbols."""
    times = table()
    assert exponent(times["hear"]) <= GOAL


if __name__ == "__main__":
    table()
