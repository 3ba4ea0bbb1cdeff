"""What a terminal shows of cycles and sessions; every number comes from a report or a view, none is computed here."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from runner.errors import ExitCode

if TYPE_CHECKING:  # what computes a cycle takes a second to import, and `status` computes none
    from runner.cycle import Report, Verdict
    from runner.sessions import SessionReport

#: Reason codes shown per decision; the rest stands in audit.decisions.
_REASONS_SHOWN = 3

_STYLE = {"PASS": "green", "REFUSE": "bold red", "NOT_BUILT": "yellow"}

console = Console(width=None if sys.stdout.isatty() or "COLUMNS" in os.environ else 160)


@contextmanager
def progress_line() -> Iterator[Callable[[str], None]]:
    """A line that says what is being done, on a terminal; nothing in a pipe."""
    with Console(stderr=True).status("starting") as status:
        yield status.update


def table(rows: list[dict[str, Any]], title: str) -> None:
    """Print rows as a table with their keys as headings; numbers to the right. What stands in a cell is no markup."""
    if not rows:
        console.print(f"[bold]{title}[/bold]: none")
        return
    shown = Table(title=title, title_justify="left", title_style="bold")
    for key, value in rows[0].items():
        shown.add_column(key, justify="right" if _is_number(value) else "left", overflow="fold")
    for row in rows:
        shown.add_row(*(escape(_text(value)) for value in row.values()))
    console.print(shown)


def show_verdicts(verdicts: tuple[Verdict, ...]) -> None:
    """One line per governance layer."""
    shown = Table(title="governance layers", title_justify="left", title_style="bold")
    for heading in ("layer", "name", "verdict", "reason"):
        shown.add_column(heading)
    for verdict in verdicts:
        style = _STYLE[verdict.verdict]
        shown.add_row(
            str(verdict.layer), verdict.layer_name, f"[{style}]{verdict.verdict}[/{style}]", escape(verdict.reason_code)
        )
    console.print(shown)


def show_report(report: Report) -> None:
    """A cycle: how it ended, its verdicts, every decision with its first reasons, its orders."""
    console.print(headline(report))
    if report.state == "ALREADY_DONE":
        console.print("This cycle was done before; nothing was changed.")
        return
    show_verdicts(report.verdicts)
    table(
        [
            {
                "symbol": d.symbol,
                "decision": d.final_decision,
                "weight": d.position_size,
                "mu": d.mu_hat,
                "conviction": d.conviction,
                "stop": d.stop_loss,
                "reasons": ", ".join(d.reason_codes[:_REASONS_SHOWN]),
            }
            for d in report.decisions
        ],
        f"decisions for {report.trade_session}",
    )
    table(
        [
            {
                "order": o.client_order_id,
                "side": o.side,
                "quantity": o.quantity,
                "symbol": o.symbol,
                "state": o.state,
                "refused by": o.refused_by or "",
            }
            for o in report.orders
        ],
        "orders",
    )
    if report.state == "DRY_RUN":
        console.print("[yellow]dry run: rolled back, nothing of this is stored[/yellow]")


def headline(report: Report) -> str:
    """One line: cycle, session, how it ended and why."""
    why = escape(f": layer {report.layer} {report.reason}" if report.layer else f": {report.reason}")
    return (
        f"cycle {report.cycle_id[:12]} run {report.run}, account {report.account}, as of {report.as_of_session}: "
        f"[bold]{report.state}[/bold]{'' if report.exit_code == ExitCode.DONE else why}"
    )


def show_session(report: SessionReport) -> None:
    """One line per session of a range."""
    cycle = report.cycle
    fills = sum(len(sync.fills) for sync in report.syncs)
    made = Counter(d.final_decision for d in cycle.decisions)
    refused = sum(1 for o in cycle.orders if o.state == "REJECTED")
    counts = ", ".join(f"{count} {name}" for name, count in sorted(made.items())) or "nothing new"
    console.print(
        f"{report.session}  {fills:3d} fills  {cycle.state:12}  {counts}; "
        f"{len(cycle.orders) - refused} orders placed, {refused} refused"
        + ("" if cycle.layer is None else f"  [red]layer {cycle.layer} {escape(cycle.reason)}[/red]")
    )


def ended(cycle: dict[str, Any]) -> str:
    """Why a stored cycle did not end DONE: the layer that refused it, where one did, and the reason; else nothing."""
    if cycle["state"] == "DONE" or not cycle["reason"]:
        return ""
    return escape(f": layer {cycle['layer']} {cycle['reason']}" if cycle["layer"] else f": {cycle['reason']}")


def show_status(found: dict[str, Any]) -> None:
    """The fund as `ops.status` tells it: clock, kill sources, configuration, last cycles with their layers, book."""
    console.print(f"{found['kind']} database, now {found['now']}")
    kill = found["kill_sources"]
    for source in kill:
        console.print(f"[bold red]KILL[/bold red] {source['source']} {source['host']}: {escape(source['reason'])}")
    if not kill:
        console.print(
            "[bold red]KILL[/bold red] every source is clear and nobody has resumed: python -m runner resume --check"
            if found["kill_engaged"]
            else "kill switch: not engaged"
        )
    pinned = found["config"]
    console.print(
        f"configuration {pinned['config_sha256'][:12]} pinned by {pinned['pinned_by']}: {escape(pinned['reason'])}"
        if pinned
        else "[bold red]no configuration is pinned[/bold red]: python -m runner config lock"
    )
    for cycle in found["cycles"]:
        console.print(
            f"last cycle of {cycle['account']}: {cycle['cycle_id'][:12]} run {cycle['run']}, as of "
            f"{cycle['as_of_session']}, {cycle['mode']}, strategy {cycle['strategy']}: "
            f"[bold]{cycle['state']}[/bold]{ended(cycle)}"
        )
        if cycle["verdicts"]:
            table(
                [
                    {"layer": v["layer"], "name": v["layer_name"], "verdict": v["verdict"], "reason": v["reason_code"]}
                    for v in cycle["verdicts"]
                ],
                "governance layers",
            )
    for title, rows, columns in (
        ("orders by state", found["orders"], ("account", "state", "orders")),
        ("positions", found["positions"], ("account", "symbol", "quantity", "average_price", "realized_pnl")),
        ("net asset value", found["nav"], ("account", "session", "nav", "cash", "long_value", "short_value")),
        ("alerts of the last seven days", found["alerts"], ("level", "code", "alerts", "repeats", "last_raised_at")),
        ("processes last seen", found["processes"], ("process", "host", "pid", "beat_at")),
    ):
        table([{name: row[name] for name in columns} for row in rows], title)
    _show_channels(found["channels"], found["unsent"])
    console.print(f"audit chain: {found['audit_head']['seq']} entries, head {found['audit_head']['hash'][:12]}")


def _show_channels(channels: list[dict[str, Any]], unsent: dict[str, Any]) -> None:
    """How many alerts went through each channel, and how many that somebody has to act on went through none."""
    for channel in channels:
        waiting = f", {channel['waiting']} waiting since {channel['waiting_since']}" if channel["waiting"] else ""
        error = f": {escape(channel['last_error'])}" if channel["last_error"] else ""
        console.print(
            f"alerts through {channel['channel']}: {channel['sent']} sent, last {channel['last_sent_at'] or 'never'}, "
            f"{channel['skipped']} left out{waiting}{error}"
        )
    if unsent["alerts"]:
        console.print(
            f"[bold red]{unsent['alerts']} alerts of HIGH or CRITICAL reached nobody[/bold red] since "
            f"{unsent['since']}: python -m runner notify"
        )


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.4f}"
    return str(value)
