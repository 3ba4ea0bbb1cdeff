"""The risk report: figures against their limits, stress, exposures, tail, the VaR back-test."""

from __future__ import annotations

import streamlit as st

from runner import risk_page, risk_report, risk_tables
from runner.dashboard.desk import SESSIONS, Desk
from runner.dashboard.parts import percent, table


def show(desk: Desk) -> None:
    """As the newest measured cycle stored it; what the data do not support is none, with its reason."""
    assert desk.account is not None
    found = risk_report.report(desk.connection, desk.account, None, SESSIONS)
    cycle, state, regime = found["cycle"], found["state"], found["regime"]
    if state is None:
        st.info("No cycle has measured its risk yet." if cycle else "No cycle yet: `python -m runner cycle`")
        return
    if state["cycle_id"] != cycle["cycle_id"]:
        st.warning(
            f"The newest cycle measured none: what follows is of the last measured one, as of {state['as_of_session']}."
        )
    columns = st.columns(5)
    columns[0].metric("state", state["state"], help=f"As of {state['as_of_session']}.")
    columns[1].metric(
        "phase", f"{state['phase']} {state['tier'] or ''}".strip(), help=f"For {state['sessions']} sessions."
    )
    columns[2].metric("regime", regime["name"] if regime else "none", help="By " + regime["method"] if regime else None)
    columns[3].metric("VaR 95 %, used", _used(state["var_95"], state["var_limit"]))
    columns[4].metric("CVaR 95 %, used", _used(state["cvar_95"], state["cvar_hard_limit"]))
    for title, figure in risk_page.figures(found):
        st.subheader(title)
        if figure is None:
            st.caption("No session yet.")
        else:
            st.plotly_chart(figure, key=title)
    for title, rows in risk_tables.tables(found):
        table(title[:1].upper() + title[1:], rows)


def _used(observed: float | None, limit: float | None) -> str:
    return "unknown" if observed is None or not limit else percent(max(observed / limit, 0), 0)
