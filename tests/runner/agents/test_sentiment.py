"""The sentiment agent against hand-computed rows: thin, contradictory, doubted and old news say less."""

from __future__ import annotations

import numpy as np
import pytest

from runner.agents.sentiment import SentimentParameters, features, view
from runner.config import load
from runner.models import FeatureMatrix, parameters_from

GOLDEN = load(environ={})
PARAMETERS = parameters_from(SentimentParameters, GOLDEN.sentiment, GOLDEN.fund)
NAMES = features(PARAMETERS)
ROW = {
    "sentiment_score": 0.3, "sentiment_weight": 3.0, "sentiment_dispersion": 0.1, "sentiment_agreement": 0.8,
    "sentiment_age_days": 1.0, "sd_252": 0.02,
}  # fmt: skip


def spoken(**changes: float):
    row = ROW | changes
    return view(FeatureMatrix(("A",), NAMES, np.array([[row[name] for name in NAMES]])), 0.10, PARAMETERS)


def codes(views) -> list[str]:
    return [code for code, fault in views.faults.items() if fault[0]]


def test_tone_is_pulled_toward_nothing_by_a_neutral_headline():
    """0.3 / 0.25 x 3 / (3 + 1) = 0.9; confidence 0.75 x 0.3 / (0.3 + 0.1) x 0.8 = 0.45."""
    views = spoken()
    assert views.score[0] == pytest.approx(0.9)
    assert views.confidence[0] == pytest.approx(0.45)
    assert views.mu[0] == pytest.approx(0.10 * 0.02 * np.sqrt(252) * 0.9)


def test_what_lowers_the_confidence():
    base = spoken().confidence[0]
    assert spoken(sentiment_weight=1.0).confidence[0] < base
    assert spoken(sentiment_dispersion=0.5).confidence[0] < base
    assert spoken(sentiment_agreement=0.5).confidence[0] < base
    stale = PARAMETERS.fresh_days + PARAMETERS.half_life_days
    assert spoken(sentiment_age_days=stale).confidence[0] == pytest.approx(base / 2)
    assert spoken(sentiment_agreement=np.nan).confidence[0] == pytest.approx(base / 0.8)


def test_one_headline_has_no_spread_and_contradicts_nothing():
    """Thinness 1 / (1 + 1) is all that lowers it: 0.5 x 0.8."""
    views = spoken(sentiment_dispersion=np.nan, sentiment_weight=1.0)
    assert views.confidence[0] == pytest.approx(0.4)


def test_neutral_news_are_a_view_without_confidence():
    views = spoken(sentiment_score=0.0, sentiment_dispersion=0.0)
    assert (views.score[0], views.confidence[0]) == (0.0, 0.0)


@pytest.mark.parametrize("weight", [0.0, np.nan, -1.0])
def test_no_news_is_one_code(weight):
    views = spoken(
        sentiment_weight=weight, sentiment_score=np.nan, sentiment_dispersion=np.nan, sentiment_age_days=np.nan
    )
    assert codes(views) == ["NO_NEWS"]


@pytest.mark.parametrize("name", ["sentiment_score", "sentiment_age_days"])
def test_news_with_a_missing_figure_abstain_and_say_which(name):
    assert codes(spoken(**{name: np.nan})) == [f"MISSING_FEATURE:{name}"]
