"""The risk report as one page with plots."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any

from runner import page


def write(path: Path, found: dict[str, Any]) -> None:
    """The page: state and figures in words, and the plots."""
    page.write(path, f"risk of {found['account']}", _summary(found), figures(found))


def _summary(found: dict[str, Any]) -> str:
    """State and figures in words; what is none says why."""
    cycle, state = found["cycle"], found["state"]
    if cycle is None:
        return f"<p>No cycle yet: <code>python -m runner cycle --account {escape(found['account'])}</code></p>"
    ended = f", layer {cycle['layer']} {cycle['reason']}" if cycle["layer"] else ""
    told = f"<p>Newest cycle as of {cycle['as_of_session']}: {cycle['state']}{escape(ended)}</p>"
    if state is None:
        return told + "<p>None has measured its risk yet.</p>"
    regime = found["regime"]
    rows = [
        ("measured as of", str(state["as_of_session"])),
        ("state", f"{state['state']}, {state['phase']} tier {state['tier']}, {state['sessions']} sessions"),
        ("regime", "none" if regime is None else f"{regime['name']} by {regime['method']} {regime['reason']}"),
        ("gross, net", f"{state['gross']:.4f}, {state['net']:.4f}"),
        ("VaR back-test", " · ".join(_light(name, row) for name, row in found["backtest"].items())),
    ]
    body = "".join(f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>" for name, value in rows)
    body += "".join(
        f'<tr><th>{escape(name)}</th><td class="none">none: {escape(reason)}</td></tr>'
        for name, reason in sorted(found["unknown"].items())
    )
    return told + f"<table>{body}</table>"


def _light(name: str, row: dict[str, Any]) -> str:
    return f"{name}: {row['exceptions']} of {row['sessions']}, {row['light'] or row['reason']}"


def figures(found: dict[str, Any]) -> list[tuple[str, Any]]:
    """Title and plotly figure of each plot; None where there is no session yet."""
    history, marks = found["history"], found["marks"]
    days = [row["as_of_session"] for row in history]
    compared = [row for row in found["backtest_sessions"] if row["loss"] is not None][-250:]
    return [
        drawdown(marks),
        ("VaR and CVaR against their limits, fraction of NAV", page.lines(days, [
            ("VaR of the target", _column(history, "var_95"), page.BLUE, "solid"),
            ("CVaR after trading", _column(history, "cvar_post_trade"), page.ORANGE, "solid"),
            ("VaR limit", _column(history, "var_limit"), page.BLUE, "dot"),
            ("hard CVaR limit", _column(history, "cvar_hard_limit"), page.ORANGE, "dot"),
        ])),
        ("Probability of the high volatility regime", page.lines(days, [
            ("filtered", _column(history, "high_probability"), page.RED, "solid"),
        ], span=(0.0, 1.0))),
        ("Stress: loss of the target, fraction of NAV", page.bars([
            ("shocked", [row["scenario"] for row in found["stress"]], _column(found["stress"], "loss"), page.ORANGE),
            ("the crisis itself", [row["scenario"] for row in found["stress"]],
             _column(found["stress"], "window_loss"), page.GREY),
        ], limit=next((row["loss_limit"] for row in found["stress"]), None))),
        ("Exposure by sector, decided, fraction of NAV", page.bars([
            (side.lower(), [row["sector"] for row in rows], _column(rows, "decided"), colour)
            for side, colour in (("LONG", page.BLUE), ("SHORT", page.RED))
            if (rows := [row for row in found["exposures"] if row["side"] == side])
        ], limit=next((row["sector_limit"] for row in found["exposures"]), None), stacked=True)),
        ("Component CVaR of the target, fraction of NAV", page.bars([
            ("component", [row["symbol"] for row in found["components"]],
             _column(found["components"], "component_cvar"), page.BLUE),
        ])),
        ("VaR back-test: loss of the session against the VaR before it", _backtest(compared)),
    ]  # fmt: skip


def nav(marks: list[dict[str, Any]]) -> tuple[str, Any]:
    """Title and plotly figure of the net asset value, session by session."""
    return "Net asset value, USD", page.lines(
        _column(marks, "session"), [("NAV", _column(marks, "nav"), page.BLUE, "solid")]
    )


def drawdown(marks: list[dict[str, Any]]) -> tuple[str, Any]:
    """Title and plotly figure of both drawdowns."""
    return "Drawdown, fraction of the mark", page.lines(_column(marks, "session"), [
        ("tactical", _column(marks, "tactical_drawdown"), page.BLUE, "solid"),
        ("lifetime", _column(marks, "lifetime_drawdown"), page.GREY, "dot"),
    ])  # fmt: skip


def _column(rows: list[dict[str, Any]], name: str) -> list[Any]:
    return [row[name] for row in rows]


def _backtest(rows: list[dict[str, Any]]) -> Any:
    from plotly import graph_objects

    if not rows:
        return None
    figure = graph_objects.Figure()
    colours = [page.RED if row["exception"] else page.GREY for row in rows]
    days = _column(rows, "session")
    figure.add_bar(x=days, y=_column(rows, "loss"), name="loss", marker_color=colours)
    figure.add_scatter(x=days, y=_column(rows, "var_95"), name="VaR 95 %", line={"color": page.BLUE, "shape": "hvh"})
    return page.laid_out(figure)
