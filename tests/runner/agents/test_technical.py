"""The technical agent against hand-computed rows, and what it does with data that say nothing (T1-T4)."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runner.agents.technical import TechnicalParameters, features, view
from runner.models import FeatureMatrix, parameters_from
from tests.runner.world import closes, config, features_over_time
from tests.runner.world import features as table_of

GOLDEN = config()
PARAMETERS = parameters_from(TechnicalParameters, GOLDEN.technical, GOLDEN.fund)
NAMES = features(PARAMETERS)

ROW = {
    "momentum_21": 0.05,
    "momentum_63": 0.10,
    "momentum_252": 0.20,
    "rsi_14": 62.0,
    "macd_hist": 0.5,
    "macd_hist_sd_126": 1.0,
    "close_adj": 103.0,
    "bb_middle_20": 100.0,
    "sd_20": 2.0,
    "sd_252": 0.01,
}


def told(spoken, i):
    """The codes that keep the agent silent on symbol i."""
    return tuple(code for code, fault in spoken.faults.items() if fault[i])


def matrix(*rows: dict[str, float]) -> FeatureMatrix:
    symbols = tuple(f"S{i}" for i in range(len(rows)))
    values = [[row.get(name, np.nan) for name in NAMES] for row in rows]
    return FeatureMatrix(symbols, NAMES, np.array(values, dtype=float).reshape(len(rows), len(NAMES)))


def test_the_score_is_the_hand_computed_one():
    """Momentum: 0.05/(0.01*4.5826)=1.0911, 0.10/(0.01*7.9373)=1.2599, 0.20/(0.01*15.8745)=1.2599; RSI 12/12=1;
    MACD 0.5; band 3/2=1.5. Sum 6.6109, mean 1.10181, /0.79 = 1.39470; sigma 0.158745; mu 0.1*0.158745*1.39470."""
    spoken = view(matrix(ROW), 0.10, PARAMETERS)
    assert spoken.score[0] == pytest.approx(1.39470, abs=1e-4)
    assert spoken.sigma[0] == pytest.approx(0.158745, abs=1e-6)
    assert spoken.mu[0] == pytest.approx(0.0221402, abs=1e-6)
    assert spoken.confidence[0] == pytest.approx(1.0)


def test_confidence_is_the_agreement_of_the_parts():
    """T2: parts 1.0911+1.2599+1.2599-1+0.5-1.5 = 1.6109 over 6.6109."""
    spoken = view(matrix(ROW | {"rsi_14": 38.0, "close_adj": 97.0}), 0.10, PARAMETERS)
    assert spoken.confidence[0] == pytest.approx(1.6109 / 6.6109, abs=1e-4)


def test_parts_and_score_are_clipped():
    wild = (
        ROW | dict.fromkeys(("momentum_21", "momentum_63", "momentum_252"), 5.0) | {"rsi_14": 100.0, "macd_hist": 9.0}
    )
    spoken = view(matrix(wild | {"close_adj": 200.0}), 0.10, PARAMETERS)
    assert spoken.score[0] == 3.0
    assert spoken.confidence[0] == 1.0


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_feature_abstains_and_says_which(name):
    for value in (np.nan, np.inf, -np.inf):
        spoken = view(matrix(ROW, ROW | {name: value}), 0.10, PARAMETERS)
        assert told(spoken, 1) == (f"MISSING_FEATURE:{name}",)
        assert np.isnan([spoken.score[1], spoken.mu[1], spoken.sigma[1], spoken.confidence[1]]).all()
        assert np.isfinite(spoken.score[0])


@pytest.mark.parametrize("name", ["sd_252", "macd_hist_sd_126", "sd_20"])
def test_zero_volatility_abstains(name):
    spoken = view(matrix(ROW | {name: 0.0}), 0.10, PARAMETERS)
    assert told(spoken, 0) == (f"ZERO_VOLATILITY:{name}",)
    assert np.isnan(spoken.score[0])


def test_constant_prices_abstain():
    table = table_of(np.full((400, 1), 50.0)).fillna({"rsi_14": 50.0})
    spoken = view(matrix(table.iloc[0].to_dict()), 0.10, PARAMETERS)
    assert np.isnan(spoken.score[0])
    assert any(reason.startswith("ZERO_VOLATILITY") for reason in told(spoken, 0))


def test_parts_that_are_all_zero_have_no_confidence():
    neutral = dict.fromkeys(NAMES, 0.0) | {"rsi_14": 50.0, "sd_252": 0.01, "macd_hist_sd_126": 1.0, "sd_20": 1.0}
    spoken = view(matrix(neutral), 0.10, PARAMETERS)
    assert (spoken.score[0], spoken.confidence[0]) == (0.0, 0.0)


def test_no_symbols_give_empty_arrays():
    spoken = view(matrix(), 0.10, PARAMETERS)
    assert spoken.score.shape == (0,)
    assert all(part.shape == (0,) for part in spoken.parts.values())


def test_the_parts_are_those_of_pandas_over_time():
    prices = closes(4, seed=3)
    parts = features_over_time(pd.DataFrame(prices)).reshape(6, len(prices), 4)[:, -1]
    spoken = view(matrix(*(row.to_dict() for _, row in table_of(prices).iterrows())), 0.10, PARAMETERS)
    assert spoken.score == pytest.approx(np.clip(parts.mean(axis=0) / PARAMETERS.pooled_sd, -3, 3), abs=1e-9)


@settings(max_examples=40, deadline=None)
@given(st.permutations(range(6)), st.floats(1e-3, 1e4))
def test_permuting_symbols_permutes_views_and_a_price_scale_changes_nothing(order, scale):
    prices = closes(6, sessions=320, seed=5)
    rows = [row.to_dict() for _, row in table_of(prices).iterrows()]
    plain = view(matrix(*rows), 0.10, PARAMETERS)
    moved = view(matrix(*(rows[i] for i in order)), 0.10, PARAMETERS)
    assert np.array_equal(moved.score, plain.score[list(order)])
    in_price_units = ("macd_hist", "macd_hist_sd_126", "close_adj", "bb_middle_20", "sd_20")
    scaled = [{name: row[name] * (scale if name in in_price_units else 1.0) for name in NAMES} for row in rows]
    assert view(matrix(*scaled), 0.10, PARAMETERS).mu == pytest.approx(plain.mu, rel=1e-9)
