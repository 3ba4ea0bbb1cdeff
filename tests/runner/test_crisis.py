"""A made market falls and comes back: the account freezes, thaws up the ramp and trades on; no day passes a limit.

The same on real bars is tests/bench/bench_crisis.py, whose Path holds every session against the limits here, too.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from tests.bench import bench_crisis
from tests.bench.real_world import Market
from tests.runner.world import closes, indicators

NAMES, CALM, FALL, AFTER = 24, 700, 45, 150


@pytest.fixture(scope="module")
def falling() -> Market:
    """Calm, then weeks of falling and rearing, then calm again."""
    draw = np.random.default_rng(2008)
    prices = closes(NAMES, sessions=CALM + FALL + AFTER, scale=0.006)
    shocks = draw.normal(-0.012, 0.035, FALL)[:, None] + draw.normal(0, 0.01, (FALL, NAMES))
    path = np.zeros_like(prices)
    path[CALM : CALM + FALL] = shocks
    prices = prices * np.exp(np.cumsum(path, axis=0))
    sessions = pd.bdate_range("2006-01-02", periods=len(prices))
    frame = pd.DataFrame(prices, index=sessions, columns=[f"S{i:02d}" for i in range(NAMES)])
    features = {name: table.ffill().to_numpy(np.float64) for name, table in indicators(frame).items()}
    return Market(
        symbols=tuple(frame),
        sessions=sessions.values.astype("datetime64[D]"),
        opens=prices,
        closes=prices,
        features=features,
        valid=np.tile(np.arange(1, len(prices) + 1)[:, None], (1, NAMES)),
        sectors=tuple(f"Sector {i % 8}" for i in range(NAMES)),
        asset_classes=("equity",) * NAMES,
        benchmark="S00",
    )


def test_b4_b11_a_freeze_comes_and_ends_and_the_fund_trades_again(falling: Market) -> None:
    bare = bench_crisis.funds()["laid bare"]
    first: date = falling.sessions[CALM - 20].astype(object)
    last: date = falling.sessions[-2].astype(object)
    path = bench_crisis.through("2005", first, last, bare, falling)
    phases = [phase for phase, _ in path.spells()]
    assert "FREEZE" in phases, path.spells()
    frozen = phases.index("FREEZE")
    assert path.spells()[frozen][1] % bare.breakers.freeze_sessions == 0, path.spells()
    assert phases[frozen + 1] == "RECOVERY", path.spells()
    assert "NORMAL" in phases[frozen:], path.spells()
    assert any(intent.leg == "entry" for day in path.days[-20:] for intent in day.result.intents)


def test_c6_the_golden_fund_sits_the_fall_out(falling: Market) -> None:
    golden = bench_crisis.funds()["golden"]
    first: date = falling.sessions[CALM - 20].astype(object)
    last: date = falling.sessions[CALM + FALL + 60].astype(object)
    path = bench_crisis.through("2005", first, last, golden, falling)
    assert "BEAR_CRISIS" in {day.result.risk_state.regime.name for day in path.days if day.result.risk_state}
    deep = [day for day in path.days if day.session >= falling.sessions[CALM + 20].astype(object)][:20]
    assert max(day.gross for day in deep) < 0.3
