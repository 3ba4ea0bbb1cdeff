"""The valuation agent against hand-computed rows; its confidence falls with stale, thin and conflicting data."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from runner.agents.valuation import ValuationParameters, features, view
from runner.config import load
from runner.models import FeatureMatrix, parameters_from

GOLDEN = load(environ={})
PARAMETERS = parameters_from(ValuationParameters, GOLDEN.valuation, GOLDEN.fund)
NAMES = features(PARAMETERS)
ROW = {
    "earnings_yield_sector_pct": 0.9,
    "earnings_yield_own_pct": 0.8,
    "book_to_market_sector_pct": 0.7,
    "book_to_market_own_pct": 0.5,
    "dividend_yield_sector_pct": 0.6,
    "dividend_yield_own_pct": 0.4,
    "earnings_yield_excess": 0.06,
    "valuation_age_days": 30.0,
    "sd_252": 0.02,
}


def spoken(**changes: float):
    row = ROW | changes
    return view(FeatureMatrix(("A",), NAMES, np.array([[row[name] for name in NAMES]])), 0.10, PARAMETERS)


def without(*names: str):
    return spoken(**dict.fromkeys(names, np.nan))


def codes(views) -> list[str]:
    return [code for code, fault in views.faults.items() if fault[0]]


def test_the_score_is_the_mean_of_normal_deviates_and_the_excess_over_cash():
    """Deviates of 0.9, 0.8, 0.7, 0.5, 0.6, 0.4 (the last two cancel) and 0.06 / 0.05 = 1.2 by scipy.stats.norm."""
    parts = [*norm.ppf([0.9, 0.8, 0.7, 0.5, 0.6, 0.4]), 1.2]
    views = spoken()
    assert views.score[0] == pytest.approx(np.mean(parts) / PARAMETERS.pooled_sd, abs=1e-12)
    assert views.confidence[0] == pytest.approx(abs(np.sum(parts)) / np.abs(parts).sum(), abs=1e-12)
    assert list(views.parts) == [
        "EARNINGS_YIELD_SECTOR", "EARNINGS_YIELD_OWN", "BOOK_TO_MARKET_SECTOR", "BOOK_TO_MARKET_OWN",
        "DIVIDEND_YIELD_SECTOR", "DIVIDEND_YIELD_OWN", "EARNINGS_YIELD_EXCESS",
    ]  # fmt: skip


def test_dear_is_negative():
    flipped = {name: 1 - ROW[name] for name in ROW if name.endswith("_pct")} | {"earnings_yield_excess": -0.06}
    assert spoken(**flipped).score[0] == pytest.approx(-spoken().score[0], abs=1e-12)


def test_the_ends_of_a_percentile_are_held():
    ends = spoken(**{name: 1.0 for name in ROW if name.endswith("_pct")})
    assert ends.parts["EARNINGS_YIELD_SECTOR"][0] == pytest.approx(norm.ppf(0.98))


@pytest.mark.parametrize("value", [-0.01, 1.01, np.inf])
def test_what_is_no_percentile_is_missing(value):
    views = spoken(earnings_yield_sector_pct=value)
    assert np.isnan(views.parts["EARNINGS_YIELD_SECTOR"][0])
    assert np.isfinite(views.score[0])


def test_thin_data_lower_the_confidence_and_too_thin_abstain():
    two = without(*(name for name in ROW if name.endswith("_pct") and not name.startswith("earnings")))
    one_short = {name for name in ROW if name.endswith("_pct") and name != "earnings_yield_sector_pct"}
    thin = without(*one_short)
    assert two.confidence[0] == pytest.approx(3 / PARAMETERS.parts_full)
    assert thin.confidence[0] == pytest.approx(2 / PARAMETERS.parts_full)
    alone = without(*one_short, "earnings_yield_excess")
    assert codes(alone) == ["TOO_FEW_PARTS:1_OF_2"]
    nothing = without(*(name for name in ROW if name.endswith("_pct")), "earnings_yield_excess", "valuation_age_days")
    assert codes(nothing) == ["TOO_FEW_PARTS:0_OF_2"]
    assert np.isnan([nothing.score[0], nothing.mu[0], nothing.confidence[0]]).all()


def test_stale_filings_lower_the_confidence_by_their_half_life():
    fresh = spoken().confidence[0]
    edge = PARAMETERS.fresh_days
    assert spoken(valuation_age_days=edge).confidence[0] == fresh
    assert spoken(valuation_age_days=edge + PARAMETERS.half_life_days).confidence[0] == pytest.approx(fresh / 2)
    for age in (np.nan, -1.0):
        assert codes(spoken(valuation_age_days=age)) == ["MISSING_FEATURE:valuation_age_days"]
