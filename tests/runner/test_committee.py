"""The committee: views outside their unit are refused, an agent that raises is a REJECT and an alert (D5, D7)."""

from __future__ import annotations

import numpy as np
import pytest

from runner import committee
from runner.agents import AGENTS, Agent
from runner.agents.technical import TechnicalParameters
from runner.committee import Seat, hear, seat
from runner.meta_brain import MetaBrainParameters
from runner.models import AgentArrays, FeatureMatrix, parameters_from
from tests.runner.world import config

GOLDEN = config()
BRAIN = parameters_from(MetaBrainParameters, GOLDEN.meta_brain)
MATRIX = FeatureMatrix(("A", "B"), ("x",), np.zeros((2, 1)))


def fake(monkeypatch, name, score, mu, sigma, confidence, parts=None, faults=None):
    arrays = AgentArrays(*(np.array(v, dtype=float) for v in (score, mu, sigma, confidence)), parts or {}, faults or {})
    agent = Agent(name, dict, lambda _: ("x",), lambda *_: arrays)
    monkeypatch.setattr(committee, "AGENTS", (*committee.AGENTS, agent))
    return Seat(name, "family", 1.0, 0.1, None)


def heard(*seats_asked):
    return hear(MATRIX, seats_asked, np.array([0.2, 0.2]), GOLDEN.meta_brain.mu_abs_max, BRAIN)


def test_the_list_names_each_agent_once_and_a_seat_is_built_from_its_section():
    names = [agent.name for agent in AGENTS]
    assert names == sorted(set(names))
    one = seat("technical", "trend", 1.0, 0.10, GOLDEN.technical, GOLDEN.fund)
    assert (one.name, one.family, one.prior, one.ic) == ("technical", "trend", 1.0, 0.10)
    assert isinstance(one.parameters, TechnicalParameters)


def test_an_unknown_agent_is_an_error_and_not_a_silence():
    with pytest.raises(ValueError, match="agent astrology"):
        heard(Seat("astrology", "stars", 1.0, 0.1, None))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("score", 3.01),
        ("score", np.inf),
        ("mu", 1.01),
        ("mu", -np.inf),
        ("mu", np.nan),
        ("sigma", 0.0),
        ("sigma", np.inf),
        ("confidence", 1.01),
        ("confidence", -0.01),
        ("confidence", np.nan),
    ],
)
def test_d5_a_view_outside_its_unit_is_refused_with_the_field(monkeypatch, field, value):
    fields = {"score": [1.0, 1.0], "mu": [0.02, 0.02], "sigma": [0.2, 0.2], "confidence": [0.9, 0.9]}
    fields[field][1] = value
    result = heard(fake(monkeypatch, "wild", **fields))
    good, bad = result.views
    assert (good.score, good.abstained) == (1.0, False)
    assert bad.abstained
    assert bad.reasons == (f"VIEW_REFUSED:{field}",)
    assert (bad.score, bad.mu, bad.sigma, bad.confidence) == (None, None, None, None)
    assert result.ensemble.valid.tolist() == [True, False]


def test_bounds_themselves_pass(monkeypatch):
    result = heard(fake(monkeypatch, "edge", [3.0, -3.0], [1.0, -1.0], [0.2, np.nan], [1.0, 0.3]))
    assert [view.abstained for view in result.views] == [False, False]
    assert result.ensemble.valid.all()


def test_an_agent_that_raises_loses_its_voice_and_raises_an_alert(monkeypatch):
    def broken(*_):
        raise ZeroDivisionError("no data\nsecond line")

    calm = fake(monkeypatch, "calm", [1.0, 1.0], [0.02, 0.02], [0.2, 0.2], [0.9, 0.9])
    monkeypatch.setattr(committee, "AGENTS", (*committee.AGENTS, Agent("broken", dict, lambda _: (), broken)))
    result = heard(calm, Seat("broken", "family", 1.0, 0.1, None))
    assert result.failed == {"broken": "ZeroDivisionError: no data"}
    assert [view.reasons for view in result.views if view.agent == "broken"] == [("ERROR_AGENT_BROKEN",)] * 2
    (alert,) = result.alerts
    assert (alert.level, alert.code, alert.category) == ("HIGH", "ERROR_AGENT_BROKEN", "SYSTEM")
    assert result.ensemble.coverage.tolist() == [0.5, 0.5]


@pytest.mark.parametrize("length", [0, 1, 3])
def test_views_of_the_wrong_length_are_a_failure(monkeypatch, length):
    values = [[0.1] * length] * 4
    result = heard(fake(monkeypatch, "short", *values))
    assert "short" in result.failed
    assert not result.ensemble.valid.any()


def test_low_confidence_is_named(monkeypatch):
    result = heard(fake(monkeypatch, "shy", [1.0, 1.0], [0.02, 0.02], [0.2, 0.2], [0.29, 0.9]))
    assert [result.low_confidence(i) for i in range(2)] == [("shy",), ()]
    assert result.ensemble.valid.tolist() == [False, True]
