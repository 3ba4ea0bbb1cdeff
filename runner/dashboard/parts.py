"""How a page shows rows, figures and words.

A word that comes from the database (a reason, a vendor's message, a symbol) is never given to Streamlit as Markdown:
that would load the images and offer the links somebody wrote into it. It goes into a table, `st.text` or `st.code`.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pandas as pd
import streamlit as st

from runner.dashboard.desk import Desk

_BUILD = '`eval "$(python -m runner env)" && cd dbt && dbt run --select staging marts`'


def table(title: str, rows: list[dict[str, Any]], *, empty: str = "None.", help_text: str | None = None) -> None:
    """Rows under a heading of ours; where there are none, `empty` says so."""
    st.subheader(title, help=help_text)
    if rows:
        st.dataframe(frame(rows), hide_index=True)
    else:
        st.caption(empty)


def frame(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """One column per key, in their order; numbers stay numbers, so that a column is ordered by them."""
    return pd.DataFrame({_heading(name): [_cell(row[name]) for row in rows] for name in rows[0]})


def number(value: Any, decimals: int = 2) -> str:
    """With thousands' commas; what is none is said, never 0 (I17)."""
    return "none" if value is None else f"{float(value):,.{decimals}f}"


def percent(value: Any, decimals: int = 2) -> str:
    """A fraction in per cent; what is none is said."""
    return "none" if value is None else f"{float(value):.{decimals}%}"


def instant(value: datetime | None) -> str:
    """A UTC instant to the second."""
    return "never" if value is None else f"{value:%Y-%m-%d %H:%M:%S} UTC"


def words(text: str) -> None:
    """Words of somebody else, as they are."""
    st.text(text)


def marts_age(desk: Desk, name: str) -> bool:
    """Whether a mart is there; says up to which cycle dbt has built them, or how to build them."""
    if not (desk.has_mart(name) and desk.has_mart("decision_trail")):
        st.info(f"dbt has not built its marts yet: {_BUILD}")
        return False
    built = desk.value("dashboard.marts_as_of", account=desk.account)
    newest = next((cycle["as_of_session"] for cycle in desk.cycles() if cycle["state"] in ("DONE", "HALTED")), None)
    if built != newest:
        st.warning(
            f"dbt built its marts as of the cycle of {built or 'none'}, the newest one is as of {newest or 'none'}: "
            f"{_BUILD}"
        )
    return True


def _heading(name: str) -> str:
    return name.replace("_", " ")


def _cell(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, timedelta):
        return str(value - timedelta(microseconds=value.microseconds))
    if isinstance(value, (list, tuple)):
        return ", ".join(str(item) for item in value)
    if isinstance(value, dict):
        return json.dumps(value, default=str)
    return value
