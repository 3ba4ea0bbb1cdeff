"""The fundamental agent against hand-computed rows: the sector's percentile, else a centre and a scale."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from runner.agents.fundamental import FundamentalParameters, features, view
from runner.config import load
from runner.models import FeatureMatrix, parameters_from

GOLDEN = load(environ={})
PARAMETERS = parameters_from(FundamentalParameters, GOLDEN.fundamental, GOLDEN.fund)
NAMES = features(PARAMETERS)
MEASURES = {measure.feature: measure for measure in PARAMETERS.measures}
ALONE = {
    "eps_growth": 0.38, "eps_stability": 0.95, "revenue_growth": 0.05, "cash_conversion": 2.1, "leverage": 0.40,
    "accruals": -0.11,
}  # fmt: skip


def spoken(**changes: float):
    row = {"fundamental_age_days": 10.0, "sd_252": 0.02} | changes
    values = np.array([[row.get(name, np.nan) for name in NAMES]])
    return view(FeatureMatrix(("A",), NAMES, values), 0.10, PARAMETERS)


def test_without_a_sector_a_measure_is_its_distance_from_the_centre_with_the_good_sign():
    """(0.38-0.08)/0.3 = 1, (0.95-0.7)/0.25 = 1, 0, (2.1-1.3)/0.8 = 1, -(0.4-0.6)/0.2 = 1, -(-0.11+0.05)/0.06 = 1."""
    views = spoken(**ALONE)
    assert [views.parts[name.upper()][0] for name in ALONE] == pytest.approx([1, 1, 0, 1, 1, 1])
    assert views.score[0] == pytest.approx(5 / 6 / PARAMETERS.pooled_sd)
    assert views.confidence[0] == pytest.approx(1.0)


def test_a_percentile_within_the_sector_comes_first():
    views = spoken(**ALONE, eps_growth_sector_pct=0.2, leverage_sector_pct=0.9)
    assert views.parts["EPS_GROWTH"][0] == pytest.approx(norm.ppf(0.2))
    assert views.parts["LEVERAGE"][0] == pytest.approx(-norm.ppf(0.9))


def test_debt_and_accruals_count_against_a_company():
    assert MEASURES["leverage"].sign == MEASURES["accruals"].sign == -1
    assert spoken(**(ALONE | {"leverage": 0.9})).score[0] < spoken(**ALONE).score[0]
    assert spoken(**(ALONE | {"accruals": 0.1})).score[0] < spoken(**ALONE).score[0]


def test_thin_and_stale_filings():
    three = {name: ALONE[name] for name in ("eps_growth", "eps_stability", "leverage")}
    assert spoken(**three).confidence[0] == pytest.approx(3 / PARAMETERS.parts_full)
    two = spoken(eps_growth=0.1, leverage=0.5)
    assert [code for code, fault in two.faults.items() if fault[0]] == ["TOO_FEW_PARTS:2_OF_3"]
    old = spoken(**ALONE, fundamental_age_days=PARAMETERS.fresh_days + 2 * PARAMETERS.half_life_days)
    assert old.confidence[0] == pytest.approx(0.25)
