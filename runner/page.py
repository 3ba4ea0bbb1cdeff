"""One page with plots by plotly (extra `dashboard`), whose script is in it: it loads nothing."""

from __future__ import annotations

from html import escape
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from runner.errors import UsageError

GREY, BLUE, ORANGE, RED = "#4c566a", "#5e81ac", "#d08770", "#bf616a"
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


def write(path: Path, head: str, words: str, figures: list[tuple[str, Any]]) -> None:
    """The page: its heading, `words` (HTML), the plots by title. What has no session yet says so instead of a plot."""
    from plotly.offline import get_plotlyjs

    parts = []
    for title, figure in figures:
        parts.append(f"<h2>{escape(title)}</h2>")
        parts.append(
            "<p>no session yet</p>" if figure is None else figure.to_html(full_html=False, include_plotlyjs=False)
        )
    path.write_text(
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(head)}</title>'
        f"<style>{_STYLE}</style><script>{get_plotlyjs()}</script></head>"
        f"<body><h1>{escape(head)}</h1>{words}{''.join(parts)}</body></html>\n",
        encoding="utf-8",
    )


def lines(
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
    return laid_out(figure, span)


def bars(
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
        figure.add_hline(y=limit, line={"color": RED, "dash": "dot"}, annotation_text="limit")
    figure.update_layout(barmode="stack" if stacked else "group")
    figure.update_xaxes(type="category")  # 2011-01 is a name, no instant
    return laid_out(figure)


def laid_out(figure: Any, span: tuple[float, float] | None = None) -> Any:
    """span: of the vertical axis, where a figure has one of its own."""
    figure.update_yaxes(range=span)
    figure.update_layout(height=340, template="plotly_white", margin={"t": 20, "b": 40, "l": 60, "r": 20})
    return figure
