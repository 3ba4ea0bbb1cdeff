"""The risk report as one page with plots by plotly (extra `dashboard`), whose script is in it: it loads nothing."""

from __future__ import annotations

from html import escape
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from runner.errors import UsageError

_GREY, _BLUE, _ORANGE, _RED = "#4c566a", "#5e81ac", "#d08770", "#bf616a"
_STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;max-width:1100px;margin:2em auto;padding:0 1em;color:#2e3440}"
    "table{border-collapse:collapse;margin:1em 0}"
    "td,th{padding:.2em .8em;border-bottom:1px solid #d8dee9;text-align:left}"
    "h2{margin-top:2em}.none{color:#bf616a}"
)


def check(path: Path) -> None:
    """Raises: UsageError where a page could not be written there; asked before the work is done."""
    if path.suffix != ".html":
        raise UsageError(f"--html {path} is no .html", "Give a file name with it.")
    if not path.resolve().parent.is_dir():
        raise UsageError(f"--html {path}: its folder is not there", "Make it first.")
    if find_spec("plotly") is None:
        raise UsageError("--html needs plotly", "Install the extra `dashboard`: pip install '.[dashboard]'")


def write(path: Path, found: dict[str, Any]) -> None:
    """The page. What has no session yet says so instead of an empty plot."""
    from plotly.offline import get_plotlyjs

    parts = []
    for title, figure in figures(found):
        parts.append(f"<h2>{escape(title)}</h2>")
        parts.append(
            "<p>no session yet</p>" if figure is None else figure.to_html(full_html=False, include_plotlyjs=False)
        )
    head = f"risk of {found['account']}"
    path.write_text(
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(head)}</title>'
        f"<style>{_STYLE}</style><script>{get_plotlyjs()}</script></head>"
        f"<body><h1>{escape(head)}</h1>{_summary(found)}{''.join(parts)}</body></html>\n",
        encoding="utf-8",
    )


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
        ("VaR and CVaR against their limits, fraction of NAV", _lines(days, [
            ("VaR of the target", _column(history, "var_95"), _BLUE, "solid"),
            ("CVaR after trading", _column(history, "cvar_post_trade"), _ORANGE, "solid"),
            ("VaR limit", _column(history, "var_limit"), _BLUE, "dot"),
            ("hard CVaR limit", _column(history, "cvar_hard_limit"), _ORANGE, "dot"),
        ])),
        ("Probability of the high volatility regime", _lines(days, [
            ("filtered", _column(history, "high_probability"), _RED, "solid"),
        ], span=(0.0, 1.0))),
        ("Stress: loss of the target, fraction of NAV", _bars([
            ("shocked", [row["scenario"] for row in found["stress"]], _column(found["stress"], "loss"), _ORANGE),
            ("the crisis itself", [row["scenario"] for row in found["stress"]],
             _column(found["stress"], "window_loss"), _GREY),
        ], limit=next((row["loss_limit"] for row in found["stress"]), None))),
        ("Exposure by sector, decided, fraction of NAV", _bars([
            (side.lower(), [row["sector"] for row in rows], _column(rows, "decided"), colour)
            for side, colour in (("LONG", _BLUE), ("SHORT", _RED))
            if (rows := [row for row in found["exposures"] if row["side"] == side])
        ], limit=next((row["sector_limit"] for row in found["exposures"]), None), stacked=True)),
        ("Component CVaR of the target, fraction of NAV", _bars([
            ("component", [row["symbol"] for row in found["components"]],
             _column(found["components"], "component_cvar"), _BLUE),
        ])),
        ("VaR back-test: loss of the session against the VaR before it", _backtest(compared)),
    ]  # fmt: skip


def nav(marks: list[dict[str, Any]]) -> tuple[str, Any]:
    """Title and plotly figure of the net asset value, session by session."""
    return "Net asset value, USD", _lines(_column(marks, "session"), [("NAV", _column(marks, "nav"), _BLUE, "solid")])


def drawdown(marks: list[dict[str, Any]]) -> tuple[str, Any]:
    """Title and plotly figure of both drawdowns."""
    return "Drawdown, fraction of the mark", _lines(_column(marks, "session"), [
        ("tactical", _column(marks, "tactical_drawdown"), _BLUE, "solid"),
        ("lifetime", _column(marks, "lifetime_drawdown"), _GREY, "dot"),
    ])  # fmt: skip


def _column(rows: list[dict[str, Any]], name: str) -> list[Any]:
    return [row[name] for row in rows]


def _lines(
    days: list[Any], series: list[tuple[str, list[Any], str, str]], span: tuple[float, float] | None = None
) -> Any:
    """Lines over sessions; a figure that is none is a gap."""
    from plotly import graph_objects

    if not days:
        return None
    figure = graph_objects.Figure()
    for name, values, colour, dash in series:
        mode = "lines+markers" if len(days) < 40 else "lines"
        figure.add_scatter(x=days, y=values, name=name, mode=mode, line={"color": colour, "dash": dash})
    return _laid_out(figure, span)


def _bars(
    series: list[tuple[str, list[Any], list[Any], str]], *, limit: float | None = None, stacked: bool = False
) -> Any:
    """Bars by name, the limit as a line; a figure that is none has no bar."""
    from plotly import graph_objects

    if not any(names for _, names, _, _ in series):
        return None
    figure = graph_objects.Figure()
    for name, names, values, colour in series:
        figure.add_bar(x=names, y=values, name=name, marker_color=colour)
    if limit is not None:
        figure.add_hline(y=limit, line={"color": _RED, "dash": "dot"}, annotation_text="limit")
    figure.update_layout(barmode="stack" if stacked else "group")
    return _laid_out(figure)


def _backtest(rows: list[dict[str, Any]]) -> Any:
    from plotly import graph_objects

    if not rows:
        return None
    figure = graph_objects.Figure()
    colours = [_RED if row["exception"] else _GREY for row in rows]
    days = _column(rows, "session")
    figure.add_bar(x=days, y=_column(rows, "loss"), name="loss", marker_color=colours)
    figure.add_scatter(x=days, y=_column(rows, "var_95"), name="VaR 95 %", line={"color": _BLUE, "shape": "hvh"})
    return _laid_out(figure)


def _laid_out(figure: Any, span: tuple[float, float] | None = None) -> Any:
    """span: of the vertical axis, where a figure has one of its own."""
    figure.update_yaxes(range=span)
    figure.update_layout(height=340, template="plotly_white", margin={"t": 20, "b": 40, "l": 60, "r": 20})
    return figure
