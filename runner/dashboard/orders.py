"""Orders, what became of them and what they cost."""

from __future__ import annotations

from typing import Any

import streamlit as st

from runner.dashboard.desk import Desk
from runner.dashboard.parts import marts_age, number, table


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
    st.header("Execution costs")
    if marts_age(desk, "execution_costs_by_symbol"):
        costs = desk.of_account("dashboard.execution_costs_by_symbol")
        _figures(costs)
        table("By symbol", costs, empty="No order has ended yet.")
        table(
            "By agent",
            desk.of_account("dashboard.execution_costs_by_agent"),
            empty="No order has ended yet.",
            help_text="none: protective stops and liquidations, which follow a rule and no view.",
        )


def _figures(costs: list[dict[str, Any]]) -> None:
    paid = sum(row["fees_usd"] + row["spread_usd"] + row["impact_usd"] for row in costs)
    columns = st.columns(4)
    columns[0].metric(
        "paid, USD", number(paid), help="Fees, half the spread, impact. Positive is a cost everywhere here."
    )
    columns[1].metric(
        "delay, USD",
        number(sum(row["delay_usd"] for row in costs)),
        help="What the price moved between the decision and when the order could first trade; negative was luck.",
    )
    columns[2].metric(
        "opportunity, USD", number(sum(row["opportunity_usd"] for row in costs)), help="Of what was not filled."
    )
    columns[3].metric(
        "implementation shortfall, USD",
        number(sum(row["total_usd"] for row in costs)),
        help="All of it, against the prices decided at (Perold 1988).",
    )
