"""What the engine hands the limits of a book's measures: a figure, or none and why (A9-A14, B1, E1-E3)."""

from __future__ import annotations

import numpy as np
import pytest

from runner.models import RiskCheck, parameters_from
from runner.risk import correlation, engine, evt, measures, regimes, stress, volatility
from runner.risk.limits import LimitParameters, soft_rows
from tests.runner.world import config

GOLDEN = config()
PARAMETERS = engine.EngineParameters(
    measures=parameters_from(measures.MeasureParameters, GOLDEN.risk),
    volatility=parameters_from(volatility.VolatilityParameters, GOLDEN.risk, GOLDEN.fund),
    correlation=parameters_from(correlation.CorrelationParameters, GOLDEN.risk),
    stress=parameters_from(stress.StressParameters, GOLDEN.risk),
    tail=parameters_from(evt.TailParameters, GOLDEN.risk),
)
LIMITS = parameters_from(LimitParameters, GOLDEN.auction, GOLDEN.risk, GOLDEN.breakers, GOLDEN.regimes)


def appraised(returns: np.ndarray) -> engine.Appraisal:
    """A tenth of NAV in one name with these daily returns."""
    market = engine.Market(
        sessions=np.datetime64("2008-01-01") + np.arange(len(returns) + 1),
        closes=np.cumprod(np.concatenate(([100.0], 1 + returns)))[:, None],
        sectors=("Energy",),
        betas=np.ones(1),
        nav_returns=np.empty(0),
        benchmark=returns,
    )
    known = measures.History(np.array([0]), returns[:, None], (), {}, "")
    return engine.appraise(np.array([0.1]), known, market, PARAMETERS)


def fat_tail(returns: np.ndarray) -> RiskCheck:
    calm = regimes.Regime("BULL_QUIET", "hmm", 0.1, 0.5, "", False, regimes.initial())
    (row,) = (r for r in soft_rows(calm, 0.0, 1.0, appraised(returns).tail, LIMITS) if r.limit_name == "fat_tail")
    return row


def test_e3_the_thinnest_tail_there_is_scales_nothing_though_its_shape_has_no_error():
    row = fat_tail(np.random.default_rng(2).uniform(-0.02, 0.02, 1260))
    assert (row.observed, row.action, row.factor, row.reason) == (evt.SHAPE_MIN, "ALLOW", 1.0, "WITHIN")


@pytest.mark.parametrize(
    ("returns", "observed", "reason"),
    [
        (np.random.default_rng(1).standard_t(1.8, 1260) * 0.01, True, "FAT_TAIL"),
        (np.random.default_rng(1).normal(0, 0.01, 400), False, "TAIL_UNKNOWN:TOO_FEW_EXCEEDANCES:20"),
        (np.random.default_rng(1).normal(0, 0.01, 100), False, "TAIL_UNKNOWN:TOO_FEW_SESSIONS:100"),
    ],
)
def test_e3_a_fat_tail_and_an_unknown_one_halve_the_book(returns, observed, reason):
    row = fat_tail(returns)
    assert (row.observed is not None, row.action, row.factor, row.reason) == (observed, "SCALE", 0.5, reason)
