"""The mean-reversion agent against hand-computed rows: what fell is wished for, less so against a strong trend."""

from __future__ import annotations

import numpy as np
import pytest

from runner.agents.reversion import ReversionParameters, features, view
from runner.config import load
from runner.models import FeatureMatrix, parameters_from

GOLDEN = load(environ={})
PARAMETERS = parameters_from(ReversionParameters, GOLDEN.reversion, GOLDEN.fund)
NAMES = features(PARAMETERS)
ROW = {
    "momentum_21": -0.0916515, "momentum_252": 0.1, "rsi_14": 32.0, "close_adj": 97.0, "bb_middle_20": 100.0,
    "sd_20": 2.0, "sd_252": 0.02,
}  # fmt: skip


def spoken(**changes: float):
    row = ROW | changes
    return view(FeatureMatrix(("A",), NAMES, np.array([[row[name] for name in NAMES]])), 0.10, PARAMETERS)


def test_a_fall_is_a_wish_to_buy():
    """0.0916515 / (0.02 x sqrt(21)) = 1, 18 / 12 = 1.5, 3 / 2 = 1.5: mean 4/3; a year of 0.315 deviations."""
    views = spoken()
    assert [values[0] for label, values in views.parts.items() if label != "TREND_252"] == pytest.approx([1, 1.5, 1.5])
    assert views.score[0] == pytest.approx(4 / 3 / PARAMETERS.pooled_sd, abs=1e-6)
    assert views.confidence[0] == pytest.approx(1.0)


def test_a_strong_trend_makes_a_fall_news():
    """Momentum of the year 3 deviations, 2 beyond the tolerance of 1: confidence 1 / (1 + 2)."""
    steep = 3 * 0.02 * np.sqrt(252)
    for sign in (1, -1):
        assert spoken(momentum_252=sign * steep).confidence[0] == pytest.approx(1 / 3)


def test_a_rise_is_a_wish_to_sell():
    views = spoken(momentum_21=0.0916515, rsi_14=68.0, close_adj=103.0)
    assert views.score[0] == pytest.approx(-spoken().score[0])


@pytest.mark.parametrize("name", ["sd_20", "sd_252"])
def test_constant_prices_abstain(name):
    views = spoken(**{name: 0.0})
    assert [code for code, fault in views.faults.items() if fault[0]] == [f"ZERO_VOLATILITY:{name}"]
