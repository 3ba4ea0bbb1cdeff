"""The first page: what the account is worth, what it holds and what protects it, and whether anything is missing."""

from __future__ import annotations

from typing import Any

import streamlit as st

from runner import risk_page
from runner.dashboard.desk import SESSIONS, Desk
from runner.dashboard.parts import number, percent, table

#: States in which a stop is known to be at the broker.
_RESTING = ("ACKNOWLEDGED", "PARTIAL")


def show(desk: Desk) -> None:
    """NAV, the newest cycle, positions beside their stops, breaks, missed cycles, processes."""
    _figures(desk)
    cycles = desk.cycles()
    positions = desk.of_account("dashboard.positions")
    if bare := [row["symbol"] for row in positions if row["stop_state"] not in _RESTING]:
        st.warning(f"{len(bare)} of {len(positions)} positions have no protective stop known to be at the broker.")
    table("Positions", [_position(row) for row in positions], empty="Nothing is held.")
    _history(desk)
    table("Newest cycles", [_cycle(row) for row in cycles[:10]], empty="No cycle yet: python -m runner cycle")
    table(
        "Differences from the broker's books, open",
        desk.of_account("dashboard.open_breaks"),
        empty="None open.",
        help_text="A person resolves one: python -m runner breaks list",
    )
    table("Sessions no cycle ran for in time", desk.of_account("dashboard.missed_cycles"))
    table("Cycles that ended before they had a run", desk.of_account("dashboard.failed_starts"))
    table("Processes last seen", desk.rows("dashboard.processes"), empty="None was ever seen: sync, daemon, notify.")


def _figures(desk: Desk) -> None:
    mark, risk = desk.first_of_account("dashboard.mark"), desk.first_of_account("dashboard.risk_state")
    if mark is None:
        st.info("The account has no mark yet.")
        return
    columns = st.columns(6)
    columns[0].metric("NAV, USD", number(mark["nav"]), help=f"Marked at the close of {mark['session']}.")
    columns[1].metric("return of the session", percent(mark["period_return"]))
    columns[2].metric(
        "drawdown, tactical",
        percent(mark["tactical_drawdown"]),
        help=f"Limit {percent(risk['drawdown_limit'])}." if risk else None,
    )
    columns[3].metric("gross", percent((mark["long_value"] + abs(mark["short_value"])) / mark["nav"]))
    columns[4].metric("net", percent((mark["long_value"] + mark["short_value"]) / mark["nav"]))
    columns[5].metric(
        "state",
        risk["state"] if risk else "none",
        help=f"Phase {risk['phase']}, as of {risk['as_of_session']}."
        if risk
        else "No cycle has measured its risk yet.",
    )
    if mark["stale_marks"]:
        st.warning(f"{mark['stale_marks']} positions were marked at an older close: the session has no bar of them.")


def _position(row: dict[str, Any]) -> dict[str, Any]:
    resting = row["stop_state"] in _RESTING
    protected = "at the broker" if resting else f"{row['stop_state']}: not known there" if row["stop_state"] else "NONE"
    return {name: value for name, value in row.items() if name != "stop_state"} | {"stop": protected}


def _cycle(row: dict[str, Any]) -> dict[str, Any]:
    why = f"layer {row['layer']} {row['reason']}" if row["layer"] else row["reason"] or ""
    kept = ("as_of_session", "slot", "mode", "strategy", "state", "trade_session", "opened_at", "closed_at")
    return {name: row[name] for name in kept} | {"why": "" if row["state"] == "DONE" else why}


def _history(desk: Desk) -> None:
    marks = desk.of_account("risk_report.marks", as_of=None, sessions=SESSIONS)[::-1]
    if len(marks) > 1:
        left, right = st.columns(2)
        for column, (title, figure) in ((left, risk_page.nav(marks)), (right, risk_page.drawdown(marks))):
            column.subheader(title)
            column.plotly_chart(figure)
