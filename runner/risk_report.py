"""The risk report: what the analysts' views say of an account's newest cycle, and the back-test of its VaR.

Nothing is measured here again: every figure is the stored one, judged against the limit of its own run. A figure that
is None stays None and has its reason (I17).
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any

import numpy as np

from runner import db
from runner.errors import UsageError
from runner.risk.backtest import Backtest, backtest

#: What the level of `var_95` is: the name says so in every row.
LEVEL = 0.95

#: The back-tested estimators: column of audit.var_backtest and its name.
ESTIMATORS = {"var_95": "larger of both", "var_historical": "historical", "var_filtered": "filtered"}

#: How a figure begins, which limits' rows say why it is not known, and what is true where none does.
_WHY: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("var", ("var", "cvar_hard"), "NO_RETURNS"),
    ("cvar", ("cvar_hard", "var"), "NO_RETURNS"),
    ("tail_shape_error", ("fat_tail",), "NO_ERROR_OF_THIS_SHAPE"),
    ("tail", ("fat_tail",), "TAIL_NOT_FITTED"),
    ("correlation", ("correlation",), "NOT_MEASURED"),
    ("stress", ("stress",), "NOT_MEASURED"),
    ("window", (), "WINDOW_NOT_COVERED_OR_NO_NAME_TRADED"),
    ("volatility_nav", ("volatility",), "TOO_FEW_NAV_RETURNS"),
    ("volatility", ("volatility",), "TOO_FEW_RETURNS"),
    ("drawdown", ("drawdown",), "NOT_MARKED"),
    ("loss", (), "NO_CAPITAL"),
)


def report(connection: db.Connection, account: str, as_of: date | None, sessions: int) -> dict[str, Any]:
    """The report as data. cycle None: the account has none yet; state None: none was ever measured.

    sessions: how many of the past the histories hold. Raises: UsageError for an account there is not.
    """
    known = [row["account"] for row in db.fetch_all(connection, "risk_report.accounts")]
    if account not in known:
        raise UsageError(
            f"there is no account {account}",
            f"There are: {', '.join(known)}."
            if known
            else "The first cycle of a configured one opens it: `python -m runner cycle --account NAME`.",
        )
    of = {"account": account, "as_of": as_of}
    cycle = next(iter(db.fetch_all(connection, "risk_report.cycle", **of)), None)
    states = db.fetch_all(connection, "risk_report.states", **of, sessions=sessions)
    state = states[0] if states else None
    told: dict[str, Any] = {"account": account, "as_of": as_of, "cycle": cycle, "state": state}
    # Of the cycle that was measured: one its gate halted has checks of nothing.
    cycle_id = state["cycle_id"] if state else None
    told["regime"] = next(iter(db.fetch_all(connection, "risk_report.regime", cycle_id=cycle_id)), None)
    told["checks"] = db.fetch_all(connection, "risk_report.checks", cycle_id=cycle_id)
    told["stress"] = db.fetch_all(connection, "risk_report.stress", cycle_id=cycle_id)
    told["exposures"] = db.fetch_all(connection, "risk_report.exposures", cycle_id=cycle_id)
    told["components"] = db.fetch_all(connection, "risk_report.components", cycle_id=cycle_id)
    told["unknown"] = unknown(state, told["checks"]) if state else {}
    told["marks"] = db.fetch_all(connection, "risk_report.marks", **of, sessions=sessions)[::-1]
    told["history"] = states[::-1]
    told["transitions"] = db.fetch_all(connection, "risk_report.transitions", **of)
    told["backtest_sessions"] = db.fetch_all(connection, "risk_report.backtest", **of)
    told["backtest"] = {
        name: asdict(found) | {"estimator": name} for name, found in backtests(told["backtest_sessions"]).items()
    }
    return told


def unknown(state: dict[str, Any], checks: list[dict[str, Any]]) -> dict[str, str]:
    """Why each figure that is None is none: what the limit that reads it said, else what its measure needs."""
    said = {row["limit_name"]: row["reason"] for row in checks if row["observed"] is None and row["action"] != "ALLOW"}
    own = ("var_95", "cvar_95", "cvar_post_trade", "volatility", "drawdown")
    figures = {name: state[name] for name in own} | dict(state["figures"] or {})
    why = {}
    for name in (name for name, value in figures.items() if value is None):
        limits, else_ = next(
            ((limits, text) for start, limits, text in _WHY if name.startswith(start)), ((), "UNKNOWN")
        )
        why[name] = next((said[limit] for limit in limits if limit in said), else_)
    return why


def backtests(rows: list[dict[str, Any]]) -> dict[str, Backtest]:
    """Each estimator of audit.var_backtest's rows, by name; what the view does not compare is not compared here."""
    losses = _floats([row["loss"] for row in rows])
    return {
        name: backtest(
            _floats([row[column] if row["status"] in ("COMPARED", "EMPTY_BOOK") else None for row in rows]),
            losses,
            LEVEL,
        )
        for column, name in ESTIMATORS.items()
    }


def _floats(values: list[Any]) -> np.ndarray[Any, np.dtype[np.float64]]:
    return np.array([np.nan if value is None else float(value) for value in values], dtype=np.float64)
