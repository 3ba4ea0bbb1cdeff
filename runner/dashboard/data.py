"""What is known of each symbol, what was set aside, and which source is worth what."""

from __future__ import annotations

from collections import Counter

import streamlit as st

from runner.dashboard.decisions import choose_cycle
from runner.dashboard.desk import Desk
from runner.dashboard.parts import marts_age, table


def show(desk: Desk) -> None:
    """A cycle's symbols by state, failovers, rows in quarantine, the sources' record."""
    cycle = choose_cycle(desk)
    if cycle is not None:
        found = desk.rows("dashboard.symbols", cycle_id=cycle["cycle_id"])
        counts = Counter(row["governance_state"] for row in found)
        if counts:
            for column, (state, count) in zip(st.columns(len(counts)), sorted(counts.items()), strict=True):
                column.metric(state, count)
        table("Symbols as the cycle saw them", found, empty="It saw none: its gate copied no input.")
    table("Failed data requests", desk.rows("dashboard.failovers"))
    table("Quarantined rows", desk.rows("dashboard.quarantined_bars"))
    st.header("Source scorecard")
    if marts_age(desk, "provider_scorecard"):
        table("By symbol and source", desk.rows("dashboard.provider_scorecard"))
