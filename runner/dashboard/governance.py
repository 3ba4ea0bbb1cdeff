"""Who stopped, resumed and changed what; which limits are in force and which of them bound."""

from __future__ import annotations

import streamlit as st

from runner.dashboard.desk import SESSIONS, Desk
from runner.dashboard.parts import marts_age, table


def show(desk: Desk) -> None:
    """Kill switch, limits, change requests, configurations, layers that changed their word."""
    table("Kill switch", desk.rows("dashboard.kills"), empty="No process has recorded an engagement.")
    table("Resumptions", desk.rows("dashboard.resumptions"))
    table("What limits stopped or cut", desk.of_account("dashboard.limit_findings", sessions=SESSIONS),
          help_text=f"In the newest {SESSIONS} cycles.")  # fmt: skip
    table("Limits in force in the newest run", desk.of_account("dashboard.limits"), empty="No run has stored any yet.")
    table("Change requests", desk.rows("dashboard.change_requests"), empty="None was ever made.")
    table("Configurations", desk.rows("dashboard.config_history"), empty="None is pinned: python -m runner config lock")
    st.header("Over the sessions")
    if marts_age(desk, "gate_history"):
        table("Verdicts of layers that changed", desk.of_account("dashboard.layers"), empty="None ever did.")
        table(
            "Use of limits in the newest session",
            desk.of_account("dashboard.limit_pressure"),
            empty="No limit was evaluated yet.",
            help_text="bids stopped: what a cap of the auction left nothing of; order refusals: in SQL.",
        )
