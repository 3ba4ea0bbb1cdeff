"""The risk report: figures against their limits, stress, exposures, tail, the VaR back-test."""

from __future__ import annotations

from typing import Any

import streamlit as st

from runner import risk_page, risk_report, risk_tables
from runner.dashboard.desk import SESSIONS, Desk
from runner.dashboard.parts import number, percent, table


def show(desk: Desk) -> None:
    """As the newest measured cycle stored it; what the data do not support is none, with its reason."""
    assert desk.account is not None
    found = risk_report.report(desk.connection, desk.account, None, SESSIONS)
    cycle, state = found["cycle"], found["state"]
    if state is None:
        st.info("No cycle has measured its risk yet." if cycle else "No cycle yet: `python -m runner cycle`")
        return
    of = f"Of the cycle as of {state['as_of_session']}: the book it decided, not what prices have made of it since."
    st.caption(of)
    if state["cycle_id"] != cycle["cycle_id"]:
        st.warning(f"The newest cycle, as of {cycle['as_of_session']}, measured none.")
    _figures(desk, found)
    for title, rows in risk_tables.tables(found):
        table(title[:1].upper() + title[1:], rows)
    columns = st.columns(2)
    for place, (title, figure) in enumerate(risk_page.figures(found)):
        with columns[place % 2]:
            st.subheader(title)
            if figure is None:
                st.caption("No session yet.")
            else:
                st.plotly_chart(figure, key=title)


def _figures(desk: Desk, found: dict[str, Any]) -> None:
    state, regime = found["state"], found["regime"]
    columns = st.columns(6)
    stopped = desk.fund["trading_stopped"]
    columns[0].metric("verdict", "STOPPED" if stopped else state["state"], help=f"Of the cycle: {state['state']}.")
    phase = f"{state['phase']} {state['tier'] or ''}".strip()
    columns[1].metric("phase", phase, help=f"For {state['sessions']} sessions.")
    columns[2].metric(
        "regime", regime["name"] if regime else "none", help=f"By {regime['method']}." if regime else None
    )
    for column, name, title, limit in (
        (columns[3], "var_95", "VaR 95 %, one session", "var_limit"),
        (columns[4], "cvar_95", "CVaR 95 %, one session", "cvar_hard_limit"),
    ):
        column.metric(title, percent(state[name]), help=f"Of NAV. {_used(state[name], state[limit])}")
    larger = found["backtest"]["larger of both"]
    columns[5].metric(
        "VaR back-test",
        larger["light"] or "none",
        help=f"{larger['exceptions']} exceptions in {larger['sessions']} sessions, "
        f"{number(larger['expected'], 1)} expected." + (f" {larger['reason']}" if larger["reason"] else ""),
    )


def _used(observed: float | None, limit: float | None) -> str:
    if observed is None or not limit:
        return "Its use is unknown."
    return f"{percent(max(observed / limit, 0), 0)} of the limit of {percent(limit)}."
