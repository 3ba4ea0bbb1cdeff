"""What Streamlit runs for every browser that looks, from the top, each time something is clicked.

Everything is drawn within one fragment that runs again by itself: a kill must not wait for a click to be seen. What
cannot be read is said in place of the page; a page of before is never left standing.
"""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from runner import log, settings
from runner.dashboard import agents, alerts, data, decisions, fund, governance, orders, risk
from runner.dashboard.desk import Desk, accounts, snapshot
from runner.dashboard.parts import instant, words
from runner.errors import FundError

#: Name and what draws it.
PAGES: dict[str, Callable[[Desk], None]] = {
    "Fund": fund.show,
    "Decisions": decisions.show,
    "Risk": risk.show,
    "Orders": orders.show,
    "Governance": governance.show,
    "Data": data.show,
    "Agents": agents.show,
    "Alerts": alerts.show,
}

_log = log.get_logger("dashboard")


def main() -> None:
    """Draw the page that is asked for, and again every DASHBOARD_REFRESH seconds."""
    st.set_page_config(page_title="Mini-Quant-Fund", layout="wide")
    config = settings.load()
    log.configure(json=config.log_format == "json", secrets=config.secrets())
    st.fragment(_draw, run_every=config.dashboard_refresh or None)()


def _draw() -> None:
    try:
        with snapshot() as (connection, standing):
            names = accounts(connection)
            _check_address(names)
            left, right = st.columns([5, 1])
            page = left.segmented_control(
                "Page", list(PAGES), default="Fund", required=True, key="page", bind="query-params",
                label_visibility="collapsed",
            )  # fmt: skip
            account = right.selectbox(
                "Account", names, key="account", bind="query-params", label_visibility="collapsed",
                placeholder="no account yet",
            )  # fmt: skip
            desk = Desk(connection, account, standing)
            _banner(desk)
            if account is None and page != "Governance":
                st.info("No account yet: the first cycle of a configured one opens it, `python -m runner cycle`.")
                return
            PAGES[page](desk)
    except FundError as error:
        _log.warning("page not shown", error=str(error))
        st.error("This page could not be read. What follows says why; it is tried again by itself.")
        words(log.redact(str(error)).replace("`", ""))
    except Exception as error:
        _log.error("page not shown", traceback=log.redacted_traceback(error))
        st.error("Something unexpected happened: the process's log has the traceback. Nothing was changed.")


def _check_address(names: list[str]) -> None:
    """Says so where the address names what there is not: a link must not show another account as if it were meant."""
    asked = st.query_params.get("account")
    if asked is not None and asked not in names:
        st.error("The address names an account there is not; another one is shown.")
        words(f"asked for: {asked}")


def _banner(desk: Desk) -> None:
    """Where the look was taken, and what nobody may overlook on whatever page."""
    standing = desk.fund
    if standing["kind"] == "simulated":
        clock = f"its clock says {instant(standing['now'])}"
        st.caption(f":orange-badge[SIMULATED database] {clock}; read at {instant(standing['read_at'])}.")
    else:
        st.caption(f"Read at {instant(standing['read_at'])}.")
    if standing["trading_stopped"]:
        st.error(f"Trading is stopped since {instant(standing['stopped_since'])}. `python -m runner resume --check`")
        engaged = ", ".join(_source(source) for source in standing["kill_sources"])
        words(f"engaged: {engaged or 'none: every source is clear, nobody has resumed'}")
        for row in desk.rows("dashboard.kill_reasons", since=standing["stopped_since"]):
            words(f"{instant(row['occurred_at'])}  {row['source']} by {row['actor']}: {row['reason']}")
    if settings.load().kill_switch_file.exists() and not any(s.startswith("file@") for s in standing["kill_sources"]):
        st.error("A kill file lies on this machine; no process has recorded it yet.")
    if standing["config_sha256"] is None:
        st.error("No configuration is pinned: every cycle refuses. `python -m runner config lock`")
    (unsent,) = desk.rows("dashboard.unsent")
    if unsent["alerts"]:
        st.error(f"{unsent['alerts']} alerts of HIGH or CRITICAL reached nobody since {instant(unsent['since'])}. "
                 "`python -m runner notify`")  # fmt: skip


def _source(source: str) -> str:
    """A kill source for people."""
    name, _, host = source.partition("@")
    return f"kill file on {host}" if host else {"row": "database", "file": "kill file"}.get(name, name)


if __name__ == "__main__":
    main()
