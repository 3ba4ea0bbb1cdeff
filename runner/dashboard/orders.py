"""Orders, what became of them and what they cost."""

from __future__ import annotations

import streamlit as st

from runner.dashboard.desk import Desk
from runner.dashboard.parts import marts_age, table


def show(desk: Desk) -> None:
    """The newest five hundred orders by state, and costs against the price they were decided at."""
    found = desk.of_account("dashboard.orders")
    states = st.pills("State", sorted({row["state"] for row in found}), selection_mode="multi", key="states")
    table(
        "Orders",
        [row for row in found if not states or row["state"] in states],
        empty="No order yet.",
        help_text="The newest 500. refused by: the limit or layer that refused it, in SQL.",
    )
    st.header("What trading cost")
    if marts_age(desk, "execution_costs_by_symbol"):
        table("By symbol", desk.of_account("dashboard.execution_costs_by_symbol"), empty="No order has ended yet.")
        table("By agent", desk.of_account("dashboard.execution_costs_by_agent"), empty="No order has ended yet.")
