"""Why each symbol was traded or not, in any cycle."""

from __future__ import annotations

from collections import Counter
from typing import Any

import streamlit as st

from runner.dashboard.desk import Desk
from runner.dashboard.parts import instant, table, words

_NEWEST = "newest"


def show(desk: Desk) -> None:
    """A cycle's layers and decisions, and a symbol's way from the raw payload to the fill."""
    cycle = choose_cycle(desk)
    if cycle is None:
        return
    why = f": layer {cycle['layer']} {cycle['reason']}" if cycle["layer"] else f": {cycle['reason'] or ''}"
    words(
        f"{cycle['mode']}, {cycle['strategy']}, as of {cycle['as_of_session']} {cycle['slot']}, "
        f"for {cycle['trade_session']}: {cycle['state']}"
        f"{'' if cycle['state'] == 'DONE' else why}; {cycle['cycle_id']} run {cycle['run']}, "
        f"opened {instant(cycle['opened_at'])}, ended {instant(cycle['closed_at'])}"
    )
    found = desk.rows("dashboard.decisions", cycle_id=cycle["cycle_id"])
    counts = Counter(row["final_decision"] for row in found)
    kinds = st.pills("Decisions", sorted(counts), selection_mode="multi", key="kinds",
                     format_func=lambda kind: f"{kind} {counts[kind]}")  # fmt: skip
    chosen = [row for row in found if not kinds or row["final_decision"] in kinds]
    table(
        "Decisions",
        chosen,
        empty="A cycle that has not ended has none.",
        help_text="target weight: fraction of NAV, of what is held where nothing is traded; 0 closes. "
        "expected excess return, annual volatility: a year's. provider confidence: 0.5 is one source alone.",
    )
    if found:
        symbol = st.selectbox(
            "Explain", [row["symbol"] for row in chosen], key="symbol", index=None, bind="query-params"
        )
        if symbol is not None:
            told = desk.value("audit.explain", cycle_id=cycle["cycle_id"], symbol=symbol)
            st.code(told, language=None, wrap_lines=True)
    table("Governance layers", desk.rows("dashboard.verdicts", cycle_id=cycle["cycle_id"]), empty="None asked yet.")
    table("Agents", desk.rows("dashboard.agents", cycle_id=cycle["cycle_id"]), empty="None was asked.")


def choose_cycle(desk: Desk) -> dict[str, Any] | None:
    """The cycle a person chose, the newest until then, whichever that is; None where there is none."""
    cycles = {_label(row): row for row in desk.cycles}
    if not cycles:
        st.info("No cycle yet: `python -m runner cycle`")
        return None
    asked = st.query_params.get("cycle")
    if asked is not None and asked not in (_NEWEST, *cycles):
        st.error("The address names a cycle that is not among the newest of this account; the newest is shown.")
        words(f"asked for: {asked}")
    chosen = st.selectbox("Cycle", [_NEWEST, *cycles], key="cycle", bind="query-params")
    if chosen != _NEWEST:
        return cycles[chosen]
    # A shadow decides nothing that is traded: it is shown where somebody asks for it.
    return next((row for row in cycles.values() if row["mode"] != "shadow"), next(iter(cycles.values())))


def _label(row: dict[str, Any]) -> str:
    """A word for a link: unique, and says which one it is."""
    return f"{row['as_of_session']} {row['slot']} {row['mode']} {row['strategy']} {row['cycle_id'][:12]}"
