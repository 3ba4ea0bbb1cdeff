"""The analytical agents. Adding one: its module here, its line in AGENTS, its line in the configuration, its test."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from runner.agents import technical
from runner.models import AgentArrays, FeatureMatrix


@dataclass(frozen=True)
class Agent:
    """An agent: what it is called, which features it reads, and its pure view function."""

    name: str
    features: Callable[[Any], tuple[str, ...]]
    view: Callable[[FeatureMatrix, float, Any], AgentArrays]


AGENTS: tuple[Agent, ...] = (Agent(technical.NAME, technical.features, technical.view),)
