"""The first page: what the account is worth, what it holds and what protects it, and whether anything is missing."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import streamlit as st

from runner import risk_page
from runner.dashboard.desk import SESSIONS, Desk
from runner.dashboard.parts import marts_age, number, percent, table, words

#: States in which a stop is known to be at the broker.
_RESTING = ("ACKNOWLEDGED", "PARTIAL")

#: What runs beside the cycles, and should be seen.
_PROCESSES = ("sync", "daemon", "notify")


def show(desk: Desk) -> None:
    """NAV, positions beside their stops and limits, the newest cycles, breaks, missed sessions, processes, profit."""
    positions = [position(row) for row in desk.of_account("dashboard.positions")]
    _figures(desk, positions)
    if bare := [row for row in positions if row["stop"] != "at the broker"]:
        st.warning(f"{len(bare)} of {len(positions)} positions have no protective stop known to be at the broker.")
    table(
        "Positions",
        positions,
        empty="Nothing is held.",
        help_text="Valued at the last close. to stop: how far the price is from the stop, as a fraction of the price.",
    )
    limits = {row["limit_name"]: row["threshold"] for row in desk.of_account("dashboard.limits")}
    table(
        "Held now, against the limits",
        held(positions, limits),
        empty="Nothing is held, or no run has stored its limits yet.",
        help_text="At the last closes, by the limits of the newest run. Prices may carry a position over a limit that "
        "bounds what is ordered; the next cycle sees it.",
    )
    _history(desk)
    _events(desk)
    st.header("Profit and loss")
    if marts_age(desk, "pnl_daily"):
        table("By session", desk.of_account("dashboard.pnl_daily", sessions=20), empty="Nothing is marked yet.")


def _events(desk: Desk) -> None:
    cycles = desk.cycles
    table("Newest cycles", [_cycle(row) for row in cycles[:10]], empty="No cycle yet: python -m runner cycle")
    table(
        "Breaks with the broker's books, open",
        desk.of_account("dashboard.open_breaks"),
        empty="None open.",
        help_text="A person resolves one: python -m runner breaks list",
    )
    table(
        "Missed sessions",
        desk.of_account("dashboard.missed_cycles"),
        empty="None recorded. The next cycle records one; sync and the daemon do at once on a real database.",
    )
    table("Failed starts of cycles", desk.of_account("dashboard.failed_starts"))
    seen = desk.rows("dashboard.processes")
    never = [{"process": name, "host": None, "last_seen": None, "ago": "never"} for name in _PROCESSES
             if name not in {row["process"] for row in seen}]  # fmt: skip
    table("Processes last seen", [*seen, *never])


def _figures(desk: Desk, positions: list[dict[str, Any]]) -> None:
    mark, risk = desk.first_of_account("dashboard.mark"), desk.first_of_account("dashboard.risk_state")
    if mark is None:
        st.info("The account has no mark yet.")
        return
    columns = st.columns(7)
    columns[0].metric(f"NAV, USD, {mark['session']}", number(mark["nav"], 0), help="At the close of that session.")
    columns[1].metric("return of that session", percent(mark["period_return"]))
    columns[2].metric(
        "drawdown",
        percent(mark["tactical_drawdown"]),
        help=(f"Limit {percent(risk['drawdown_limit'])}. " if risk else "")
        + "From the highest mark since the last re-basing, which a recovery is counted from.",
    )
    columns[3].metric("gross", _of_nav(mark["long_value"] - mark["short_value"], mark["nav"]))
    columns[4].metric("net", _of_nav(mark["long_value"] + mark["short_value"], mark["nav"]))
    losses = [row["loss_at_stop"] for row in positions]
    stops = None if None in losses else sum(losses)
    columns[5].metric(
        "loss if every stop is hit, USD",
        number(stops, 0),
        help=f"{_of_nav(stops, mark['nav'])} of NAV, filled at the stops; none where a position has no stop.",
    )
    newest = next((row for row in desk.cycles if row["mode"] != "shadow"), None)
    if risk and newest and newest["as_of_session"] > risk["as_of_session"]:
        st.warning(f"The newest cycle, as of {newest['as_of_session']}, measured no risk: {newest['state']}.")
    columns[6].metric(
        f"verdict of {risk['as_of_session']}" if risk else "verdict",
        "STOPPED" if desk.fund["trading_stopped"] else risk["state"] if risk else "none",
        help=f"Of the newest measured cycle: {risk['state']}, phase {risk['phase']}."
        if risk
        else "No cycle measured it.",
    )
    if mark["stale_marks"]:
        st.warning(
            f"{len(mark['stale_marks'])} positions were marked at an older close: the session has no bar of them."
        )
        words(", ".join(f"{row['symbol']} at that of {row['session']}" for row in mark["stale_marks"]))


def _of_nav(value: Any, nav: Any) -> str:
    return percent(None if value is None or nav <= 0 else value / nav)


def position(row: dict[str, Any]) -> dict[str, Any]:
    """A row of audit.positions with how far its stop is, and what is lost there."""
    if row["stop_state"] not in _RESTING:
        protected = f"{row['stop_state']}: not known there" if row["stop_state"] else "NONE"
    elif row["stop_quantity"] < abs(row["quantity"]):
        protected = f"at the broker for {row['stop_quantity']} of {abs(row['quantity'])}"
    else:
        protected = "at the broker"
    away = None if row["stop_price"] is None or not row["price"] else row["price"] - row["stop_price"]
    kept = {name: value for name, value in row.items() if name not in ("stop_state", "stop_price", "stop_quantity")}
    return kept | {
        "stop": protected,
        "stop_price": row["stop_price"],
        "to_stop": None if away is None else abs(away) / row["price"],
        "loss_at_stop": None if away is None else row["quantity"] * away,
    }


def held(positions: list[dict[str, Any]], limits: dict[str, float]) -> list[dict[str, Any]]:
    """What is held of each limit, the most used first: portfolio, sectors (both sides together, A2), names."""
    if any(row["weight"] is None for row in positions):
        return []
    weights = [(row["symbol"], row["sector"] or "Unknown", float(row["weight"])) for row in positions]
    sectors: defaultdict[str, float] = defaultdict(float)
    for _, sector, weight in weights:
        sectors[sector] += abs(weight)
    found = [
        ("gross", "portfolio", sum(abs(weight) for *_, weight in weights)),
        ("long", "portfolio", sum(weight for *_, weight in weights if weight > 0)),
        ("short", "portfolio", -sum(weight for *_, weight in weights if weight < 0)),
        *(("sector", sector, weight) for sector, weight in sectors.items()),
        *(("name_concentration", symbol, abs(weight)) for symbol, _, weight in weights),
    ]
    rows = [
        {"limit_name": name, "of": of, "held": value, "limit": limits[name], "used": value / limits[name]}
        for name, of, value in found
        if positions and limits.get(name)
    ]
    return sorted(rows, key=lambda row: -row["used"])


def _cycle(row: dict[str, Any]) -> dict[str, Any]:
    why = f"layer {row['layer']} {row['reason']}" if row["layer"] else row["reason"] or ""
    kept = ("as_of_session", "slot", "mode", "strategy", "state", "trade_session", "opened_at", "closed_at")
    return {name: row[name] for name in kept} | {"why": None if row["state"] == "DONE" else why}


def _history(desk: Desk) -> None:
    marks = desk.of_account("risk_report.marks", as_of=None, sessions=SESSIONS)[::-1]
    if len(marks) > 1:
        left, right = st.columns(2)
        for column, (title, figure) in ((left, risk_page.nav(marks)), (right, risk_page.drawdown(marks))):
            column.subheader(title)
            column.plotly_chart(figure)
