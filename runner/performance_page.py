"""What a backtest came to, as tables for a terminal and as one page with plots by plotly, whose script is in it."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any

from runner import page
from runner.risk_tables import number

#: Name of a figure, its field in performance.Figures, and whether it is a fraction.
_FIGURES = (
    ("total return", "total_return", True),
    ("annual return", "annual_return", True),
    ("volatility, annual", "volatility", True),
    ("Sharpe ratio", "sharpe", False),
    ("Sortino ratio", "sortino", False),
    ("largest drawdown", "max_drawdown", True),
    ("from its peak on", "drawdown_from", None),
    ("to its trough on", "drawdown_to", None),
    ("made good on", "recovered", None),
    ("Calmar ratio", "calmar", False),
    ("best session", "best_session", True),
    ("worst session", "worst_session", True),
    ("sessions above 0", "positive_share", True),
)

_COMPARED = (
    ("beta", "beta", False),
    ("alpha, annual", "alpha", True),
    ("correlation", "correlation", False),
    ("tracking error, annual", "tracking_error", True),
    ("information ratio", "information_ratio", False),
)

_TRADED = (
    ("orders", "orders", None),
    ("with a fill", "filled", None),
    ("refused", "refused", None),
    ("bought and sold, times NAV a year", "turnover", False),
    ("commissions and fees, of NAV a year", "fee_drag", True),
    ("mean gross exposure", "mean_gross", True),
    ("mean net exposure", "mean_net", True),
)


def tables(found: dict[str, Any]) -> list[tuple[str, list[dict[str, Any]]]]:
    """Title and rows of each table of `backtest.account_of`."""
    series = found["series"]
    span = f"{series[0]['session']} to {series[-1]['session']}" if series else "no session marked"
    cash = f"fund, cash at {found['risk_free_rate']:.1%}"
    benchmark = _benchmark(found)
    columns = {"fund, cash at 0": found["fund"], cash: found["fund_with_cash"], benchmark: found["benchmark_figures"]}
    short = f"; of {found['asked']['first']} to {found['asked']['last']}: {found['ended']}" if found["ended"] else ""
    return [
        (
            f"performance, {span}, {found['fund']['sessions']} returns{short}",
            [
                {"figure": title} | {column: _text(figures[field], kind) for column, figures in columns.items()}
                for title, field, kind in _FIGURES
            ],
        ),
        (
            f"against {benchmark}, {found['comparison']['sessions']} sessions, {cash}",
            [{"figure": title, "value": _text(found["comparison"][field], kind)} for title, field, kind in _COMPARED],
        ),
        (
            "by year",
            [
                {
                    "year": row["name"],
                    "returns": row["sessions"],
                    "fund, cash at 0": _text(row["fund"], True),
                    benchmark: _text(row["benchmark"], True),
                }
                for row in found["years"]
            ],
        ),
        (
            "trading",
            [{"figure": title, "value": _text(found["trading"][field], kind)} for title, field, kind in _TRADED],
        ),
        (
            "sessions",
            [
                {
                    "state": row["state"],
                    "layer": row["layer"] or "",
                    "reason": row["reason"],
                    "sessions": row["sessions"],
                    "first": row["first"],
                    "last": row["last"],
                }
                for row in found["cycles"]
            ],
        ),
        (
            "kills",
            [{"at": row["occurred_at"], "source": row["source"], "reason": row["reason"]} for row in found["kills"]],
        ),
    ]


def _benchmark(found: dict[str, Any]) -> str:
    if found["benchmark"] is None:
        return "no benchmark"
    return f"{found['benchmark']}{', a price index' if found['benchmark_class'] == 'index' else ''}"


def _text(value: Any, fraction: bool | None) -> str:
    """A fraction in per cent, a number by `risk_tables.number`, anything else as it is; none where it is none."""
    if value is None:
        return "none"
    if fraction is None:
        return str(value)
    return f"{value:.2%}" if fraction else number(value)


def write(path: Path, found: dict[str, Any]) -> None:
    """The page: the tables, what no figure says, and the plots."""
    parts = [
        f"<ul>{''.join(f'<li>{escape(line)}</li>' for line in found['reservations'])}</ul>",
        *(f"<h2>{escape(title)}</h2>{_html(rows)}" for title, rows in tables(found)),
    ]
    page.write(path, f"backtest {found['name']}", "".join(parts), figures(found))


def _html(rows: list[dict[str, Any]]) -> str:
    if not rows:
        return "<p>none</p>"
    head = "".join(f"<th>{escape(str(key))}</th>" for key in rows[0])
    body = "".join(f"<tr>{''.join(f'<td>{escape(str(value))}</td>' for value in row.values())}</tr>" for row in rows)
    return f"<table><tr>{head}</tr>{body}</table>"


def figures(found: dict[str, Any]) -> list[tuple[str, Any]]:
    """Title and plotly figure of each plot; None where there is no session."""
    series = found["series"]
    days = [row["session"] for row in series]

    def column(name: str) -> list[Any]:
        return [row[name] for row in series]

    return [
        ("Value of 1, cash at 0", page.lines(days, [
            ("fund", column("fund"), page.BLUE, "solid"),
            (_benchmark(found), column("benchmark"), page.GREY, "dot"),
        ])),
        ("Drawdown, fraction", page.lines(days, [("fund", column("drawdown"), page.RED, "solid")])),
        ("Exposure, fraction of NAV", page.lines(days, [
            ("long", column("long"), page.BLUE, "solid"),
            ("short", column("short"), page.ORANGE, "solid"),
        ])),
        ("Return by month, cash at 0", page.bars([
            ("fund", [row["name"] for row in found["months"]], [row["fund"] for row in found["months"]],
             page.BLUE),
            (_benchmark(found), [row["name"] for row in found["months"]],
             [row["benchmark"] for row in found["months"]], page.GREY),
        ])),
    ]  # fmt: skip
