"""The strategy factory: priors add to 1, another strategy is another committee, absent voices shrink a bet (D7b, W)."""

from __future__ import annotations

import numpy as np
import pytest

from runner import phases, stages, strategies
from runner.committee import hear
from runner.config import ConfigError, load
from runner.models import FeatureMatrix
from tests.runner.agents.crowd import crowd
from tests.runner.world import account, altered, decision, market

GOLDEN = load(environ={})
PANEL, INPUTS = market(12)


@pytest.mark.parametrize("name", [strategy.name for strategy in GOLDEN.strategies.defined])
def test_priors_add_to_one_and_every_agent_sits_once(name):
    built = strategies.build(GOLDEN, name)
    assert sum(seat.prior for seat in built.seats) == pytest.approx(1.0, abs=1e-12)
    assert len({seat.name for seat in built.seats}) == len(built.seats)
    assert {seat.family for seat in built.seats} == {f.name for f in GOLDEN.strategies.named(name).families}


def test_the_second_strategy_is_another_committee_under_parameters_of_its_own():
    built = strategies.build(GOLDEN, "contrarian")
    priors = {seat.name: seat.prior for seat in built.seats}
    assert priors == pytest.approx({"reversion": 0.5, "valuation": 0.3, "fundamental": 0.2})
    assert built.brain.disagreement_beta == 1.0
    assert strategies.build(GOLDEN, "institutional").brain.disagreement_beta == GOLDEN.meta_brain.disagreement_beta


def test_a_family_s_prior_and_its_agents_shares_multiply_the_strategy_s_weight():
    trend, reversion = GOLDEN.families.named("trend"), GOLDEN.families.named("mean_reversion")
    both = trend.model_copy(
        update={"prior": 0.5, "agents": tuple(a.model_copy(update={"share": s}) for a, s in zip(
            (*trend.agents, *reversion.agents), (0.75, 0.25), strict=True))}
    )  # fmt: skip
    golden = altered(GOLDEN, families={"defined": (both, *(f for f in GOLDEN.families.defined if f.name != "trend"))})
    priors = {seat.name: seat.prior for seat in strategies.build(golden, "institutional").seats}
    # 0.25 x 0.5 = 0.125 of trend's beside three times 0.25: a seventh, split 3 to 1.
    expected = {"technical": 0.75 / 7, "reversion": 0.25 / 7, "valuation": 2 / 7}
    expected |= {"fundamental": 2 / 7, "sentiment": 2 / 7}
    assert priors == pytest.approx(expected)


def test_an_unknown_strategy_is_named():
    with pytest.raises(ConfigError, match="no strategy carry"):
        strategies.build(GOLDEN, "carry")


def test_d7b_two_abstentions_of_four_leave_coverage_one_half():
    """Without filings two agents abstain, the weights of the others are renormalised, and mu counts half."""
    built = strategies.build(GOLDEN, "institutional")
    matrix = crowd(40, seed=5)
    values = matrix.values.copy()
    company = [i for i, name in enumerate(matrix.names) if name in _FILED]
    values[0, company] = np.nan
    for name, value in _GOOD_NEWS.items():
        values[0, matrix.names.index(name)] = value
    sigma = values[:, matrix.names.index("sd_252")] * np.sqrt(252)
    heard = hear(FeatureMatrix(matrix.symbols, matrix.names, values), built.seats, sigma, built.mu_abs_max, built.brain)
    first = {view.agent: view for view in heard.views[:4]}
    assert {name for name, view in first.items() if view.abstained} == {"valuation", "fundamental"}
    assert first["valuation"].reasons == ("TOO_FEW_PARTS:0_OF_2",)
    confident = [view for view in first.values() if not view.abstained and view.confidence >= 0.3]
    assert len(confident) == 2
    assert heard.ensemble.coverage[0] == 0.5
    assert heard.ensemble.weights[:, 0].sum() == pytest.approx(1.0)
    assert heard.ensemble.mu[0] == pytest.approx(0.5 * heard.ensemble.mu_mean[0] * heard.ensemble.penalty[0], abs=1e-15)


_GOOD_NEWS = {"sentiment_score": 0.4, "sentiment_weight": 4.0, "sentiment_dispersion": 0.1, "sentiment_agreement": 1.0,
              "sentiment_age_days": 0.0}  # fmt: skip
_FILED = ("earnings_yield_excess", "eps_growth", "eps_stability", "revenue_growth", "cash_conversion", "leverage",
          "accruals", "earnings_yield_sector_pct", "book_to_market_sector_pct", "dividend_yield_sector_pct",
          "earnings_yield_own_pct", "book_to_market_own_pct", "dividend_yield_own_pct", "eps_growth_sector_pct",
          "eps_stability_sector_pct", "revenue_growth_sector_pct", "cash_conversion_sector_pct",
          "leverage_sector_pct", "accruals_sector_pct", "valuation_age_days", "fundamental_age_days")  # fmt: skip


def test_the_same_market_under_another_strategy_is_another_decision():
    trend = stages.stages(PANEL, INPUTS, account(), GOLDEN, "trend_following")
    against = stages.stages(PANEL, INPUTS, account(), GOLDEN, "contrarian")
    symbol = next(d.symbol for d in trend.decisions if d.final_decision == "EXECUTE_BUY")
    assert set(decision(against, symbol).agent_results) == {"reversion", "valuation", "fundamental"}
    assert decision(trend, symbol).agent_results["technical"]["family"] == "trend"
    standing = phases.stand(PANEL, INPUTS, account(), GOLDEN)
    heard = phases.hear(standing, strategies.build(GOLDEN, "contrarian"), GOLDEN)
    spoken = dict(zip((seat.name for seat in heard.seats), heard.spoken, strict=True))
    # Nobody files here: two of three abstain, and half of the priors is heard where reversion is.
    assert np.isnan(spoken["valuation"].score).all()
    assert set(np.unique(heard.ensemble.coverage)) <= {0.0, 0.5}
