"""How a page shows rows, figures and words.

A word that comes from the database (a reason, a vendor's message, a symbol) is never given to Streamlit as Markdown:
that would load the images and offer the links somebody wrote into it. It goes into a table, `st.text` or `st.code`.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pandas as pd
import streamlit as st

from runner.dashboard.desk import Desk

_BUILD = '`eval "$(python -m runner env)" && cd dbt && dbt run --select staging marts`'

#: Rows a table shows without a scroll bar of its own.
_ROWS_SHOWN = 40

#: Fractions shown in per cent, and money, by the names of their columns.
_FRACTIONS = frozenset(
    ("weight", "target_weight", "to_stop", "held", "limit", "used", "decided", "sector_limit", "component_cvar",
     "expected_excess_return", "annual_volatility", "utilisation_max", "heard_fraction", "abstained_fraction",
     "duplicate_fraction", "mean_mu")
)  # fmt: skip
_MONEY = frozenset(("market_value", "unrealized_pnl", "realized_pnl", "loss_at_stop", "filled_value", "nav", "fees"))


def table(title: str, rows: list[dict[str, Any]], *, empty: str = "None.", help_text: str | None = None) -> None:
    """Rows under a heading of ours; where there are none, `empty` says so. A column without any value is left out."""
    st.subheader(title, help=help_text)
    if not rows:
        st.caption(empty)
        return
    names = [name for name in rows[0] if any(row[name] is not None for row in rows)]
    st.dataframe(
        frame(rows, names),
        hide_index=True,
        height="content" if len(rows) <= _ROWS_SHOWN else "auto",
        column_config={_heading(name, rows): shape for name in names if (shape := _shape(name, rows)) is not None},
        placeholder="-",
    )


def frame(rows: list[dict[str, Any]], names: list[str]) -> pd.DataFrame:
    """One column per name, in their order; numbers stay numbers, so that a column is ordered by them."""
    return pd.DataFrame({_heading(name, rows): [_cell(row[name]) for row in rows] for name in names})


def number(value: Any, decimals: int = 2) -> str:
    """With thousands' commas; what is none is said, never 0 (I17)."""
    return "none" if value is None else f"{float(value):,.{decimals}f}"


def percent(value: Any, decimals: int = 2) -> str:
    """A fraction in per cent; what is none is said."""
    return "none" if value is None else f"{float(value):.{decimals}%}"


def instant(value: datetime | None) -> str:
    """A UTC instant to the second."""
    return "never" if value is None else f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def words(text: str) -> None:
    """Words of somebody else, as they are, on one line: what they break off would look like ours."""
    st.text(" ".join(text.split()))


def marts_age(desk: Desk, name: str) -> bool:
    """Whether a mart is there; says up to which cycle dbt has built them, or how to build them."""
    if not (desk.has_mart(name) and desk.has_mart("decision_trail")):
        st.info(f"dbt has not built its marts yet; in the project's folder, its .venv activated: {_BUILD}")
        return False
    built = desk.value("dashboard.marts_as_of", account=desk.account)
    missing = desk.value(
        "dashboard.not_in_marts",
        cycles=[cycle["cycle_id"] for cycle in desk.cycles if cycle["state"] in ("DONE", "HALTED")],
    )
    if missing:
        st.warning(
            f"dbt built its marts as of the cycle of {built or 'none'}; {missing} of the newest are not in it: {_BUILD}"
        )
    else:
        st.caption(
            f"Marts as of the cycle of {built or 'none'}; fills and marks since they were built are not in them."
        )
    return True


def _shape(name: str, rows: list[dict[str, Any]]) -> Any:
    """How the numbers of a column are written; None: as they are."""
    if not any(isinstance(row[name], (int, float, Decimal)) for row in rows):
        return None
    if name in _FRACTIONS:
        return st.column_config.NumberColumn(format="percent")
    if name in _MONEY or name.endswith("_usd"):
        return st.column_config.NumberColumn(format="accounting")
    return None


def _heading(name: str, rows: list[dict[str, Any]]) -> str:
    return name.replace("_", " ") + (", UTC" if any(isinstance(row[name], datetime) for row in rows) else "")


def _cell(value: Any) -> Any:
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S}"
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, timedelta):
        return str(value - timedelta(microseconds=value.microseconds))
    if isinstance(value, (list, tuple)):
        return ", ".join(str(item) for item in value)
    if isinstance(value, dict):
        return json.dumps(value, default=str)
    return value
