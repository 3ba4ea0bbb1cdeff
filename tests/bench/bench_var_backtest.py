"""VaR of the book that was decided to stand against the next session's return of NAV, on real sessions, by estimator.

    python -m tests.bench.bench_var_backtest [FIRST]
    python -m pytest tests/bench/bench_var_backtest.py --benchmarks -s

111 stocks and SPY through the shipped configuration, from FIRST (default 2012-01-03) until 250 sessions are compared.
The larger of both estimators is the one the limits read (A9, A10). Survivors of 2017: see tests/bench/real_world.py.
"""

from __future__ import annotations

import sys
from datetime import date

import numpy as np

from runner.risk.backtest import SESSIONS, Backtest, backtest
from tests.bench import real_world
from tests.bench.real_world import Day
from tests.runner.world import config

FIRST = date(2012, 1, 3)
#: Figures of decide.risk_states compared: its name, and what the row is called.
ESTIMATORS = {
    "var_post_trade_historical": "historical",
    "var_post_trade_filtered": "filtered",
    "var_post_trade": "larger of both",
}


def run(first: date) -> dict[str, Backtest]:
    """Each estimator's back-test. A forecast of session t is of the return of t + 1, which day t + 1 knows."""
    world, days = real_world.market("2005"), []
    last = world.sessions[world.at(first) + SESSIONS + 20].astype(object)
    real_world.simulate(first, last, config(), on_session=days.append)
    returns = np.array([day.state.nav_returns[-1] if day.state.nav_returns else np.nan for day in days])
    return {
        name: backtest(np.array([_forecast(day, figure) for day in days[:-1]]), -returns[1:], 0.95)
        for figure, name in ESTIMATORS.items()
    }


def _forecast(day: Day, figure: str) -> float:
    state = day.result.risk_state
    value = None if state is None else state.figures[figure]
    return np.nan if value is None else value


def table(first: date) -> dict[str, Backtest]:
    """Run and print."""
    found = run(first)
    print(f"\n{SESSIONS} sessions from {first}, VaR 95 % of the decided book against the next session's return of NAV")
    print(f"{'':<16}" + "".join(f"{head:>14}" for head in ("exceptions", "expected", "Kupiec p", "indep. p", "light")))
    for name, one in found.items():
        ratios = (f"{r.p:.3f}" if r.p is not None else r.reason for r in (one.coverage, one.independence))
        cells = (f"{one.exceptions} of {one.sessions}", f"{one.expected:.1f}", *ratios, str(one.light))
        print(f"{name:<16}" + "".join(f"{cell:>14}" for cell in cells))
    return found


def test_bench_var_backtest() -> None:
    """Every estimator was compared on 250 sessions; the one the limits read is not red, and not below its parts."""
    real_world.need("2005")
    found = table(FIRST)
    assert {one.sessions for one in found.values()} == {SESSIONS}
    larger = found["larger of both"]
    assert larger.light in ("GREEN", "YELLOW")
    assert larger.exceptions <= min(found["historical"].exceptions, found["filtered"].exceptions)


if __name__ == "__main__":
    table(date.fromisoformat(sys.argv[1]) if len(sys.argv) > 1 else FIRST)
