"""What each agent's word was worth."""

from __future__ import annotations

from runner.dashboard.desk import Desk
from runner.dashboard.parts import marts_age, table


def show(desk: Desk) -> None:
    """The agents' record, every figure with its error; none of it decides by itself."""
    if marts_age(desk, "agent_scorecard"):
        table(
            "By strategy, family, regime and horizon",
            desk.rows("dashboard.agent_scorecard"),
            empty="No view is old enough to be compared yet.",
            help_text="is noise: the information coefficient is not told apart from none.",
        )
