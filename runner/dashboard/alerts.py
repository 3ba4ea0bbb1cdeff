"""What people were told, and through which channel."""

from __future__ import annotations

import streamlit as st

from runner.dashboard.desk import Desk
from runner.dashboard.parts import table

LEVELS = ("CRITICAL", "HIGH", "MEDIUM", "LOW")


def show(desk: Desk) -> None:
    """The newest five hundred alerts with the channels that took them, and how each channel stands."""
    chosen = st.pills("Level", LEVELS, selection_mode="multi", default=LEVELS[:3], key="levels")
    table(
        "Alerts", desk.of_account("dashboard.alerts", levels=list(chosen) or list(LEVELS)), help_text="The newest 500."
    )
    table("Channels", desk.rows("dashboard.channels"), empty="No channel was ever used: python -m runner notify --test")
