"""The strategy factory: a strategy of the golden configuration as the committee's seats and the meta-brain's constants.

An agent's prior is strategy weight x family prior x its share of the family, divided by the sum over the strategy, so
that priors add to 1 and coverage is the part of them that was heard (D7b).
"""

from __future__ import annotations

from dataclasses import dataclass

from runner import committee
from runner.config import GoldenConfig
from runner.meta_brain import MetaBrainParameters
from runner.models import parameters_from


@dataclass(frozen=True)
class Strategy:
    """A strategy as built: who sits in the committee, in the order of families, and how views are combined."""

    name: str
    seats: tuple[committee.Seat, ...]
    brain: MetaBrainParameters
    mu_abs_max: float


def build(config: GoldenConfig, name: str) -> Strategy:
    """The named strategy. Raises: ConfigError for an unknown one, ValueError where an agent of it is not built."""
    own = config.under(name)
    enrolled = []
    for wanted in own.strategies.named(name).families:
        family = own.families.named(wanted.name)
        if family is None:
            raise ValueError(f"strategy {name} names the family {wanted.name}, which is not defined")
        enrolled += [(agent, family.name, wanted.weight * family.prior * agent.share) for agent in family.agents]
    whole = sum(prior for _, _, prior in enrolled)
    seats = tuple(
        committee.seat(agent.name, family, prior / whole, agent.ic, getattr(own, agent.name, own.fund), own.fund)
        for agent, family, prior in enrolled
    )
    brain = parameters_from(MetaBrainParameters, own.meta_brain)
    return Strategy(name, seats, brain, own.meta_brain.mu_abs_max)
