"""The analytical agents. Adding one: its module here, its line in AGENTS, its line in the configuration, its test."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from runner.agents import fundamental, reversion, sentiment, technical, valuation
from runner.models import AgentArrays, FeatureMatrix


@dataclass(frozen=True)
class Agent:
    """An agent: its name, its parameters (fields named as in its section), the features it reads, its pure view."""

    name: str
    parameters: type[Any]
    features: Callable[[Any], tuple[str, ...]]
    view: Callable[[FeatureMatrix, float, Any], AgentArrays]


AGENTS: tuple[Agent, ...] = (
    Agent(fundamental.NAME, fundamental.FundamentalParameters, fundamental.features, fundamental.view),
    Agent(reversion.NAME, reversion.ReversionParameters, reversion.features, reversion.view),
    Agent(sentiment.NAME, sentiment.SentimentParameters, sentiment.features, sentiment.view),
    Agent(technical.NAME, technical.TechnicalParameters, technical.features, technical.view),
    Agent(valuation.NAME, valuation.ValuationParameters, valuation.features, valuation.view),
)
