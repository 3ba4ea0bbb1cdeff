"""`sync`: carry orders to the broker and fills back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from runner import settings
from runner.commands import show_json

if TYPE_CHECKING:
    from runner.brokers.sync import SyncReport

EXAMPLE = "python -m runner sync --once"


def command(
    once: bool = typer.Option(False, "--once", help="One pass, then exit; without it, until SIGINT or SIGTERM."),
    account: str = typer.Option("paper", help="Account, as the golden configuration names it."),
    interval: float = typer.Option(5.0, min=0.1, help="Seconds between two passes without --once."),
    as_json: bool = typer.Option(False, "--json", help="For a script; one document per pass."),
) -> None:
    """Release orders to the broker, record acknowledgements and fills, mark the sessions that are over."""
    from runner.brokers.sync import sync_forever, sync_once
    from runner.cycle import load_config

    def tell(report: SyncReport) -> None:
        if as_json:
            _show_json(report)
        elif once or report.changed:
            _show(report)

    environment, config = settings.load(), load_config()
    if once:
        tell(sync_once(environment, config, account))
    else:
        sync_forever(environment, config, account, interval, tell)


def _show_json(report: SyncReport) -> None:
    from dataclasses import asdict

    show_json({**asdict(report), "adjusted_fills": [fill.execution_id for fill in report.adjusted_fills]})


def _show(report: SyncReport) -> None:
    from runner.show import console, table

    marks = f", marked {', '.join(str(session) for session in report.marked)}" if report.marked else ""
    console.print(
        f"{report.account} at {report.at:%Y-%m-%d %H:%M} UTC: {len(report.claimed)} claimed, "
        f"{len(report.acknowledged)} acknowledged, {len(report.adopted)} looked up, {len(report.fills)} filled, "
        f"{len(report.expired)} expired unsent, {len(report.ended)} ended unfilled{marks}"
    )
    if report.killed:
        console.print("[bold red]kill switch engaged: nothing is released[/bold red]  (python -m runner status)")
    if report.fills:
        table(
            [
                {
                    "fill": fill.execution_id,
                    "side": fill.side,
                    "quantity": fill.quantity,
                    "symbol": fill.symbol,
                    "price": fill.price,
                    "fee": fill.fee,
                    "basis": fill.price_basis,
                    "at": f"{fill.filled_at:%Y-%m-%d %H:%M}",
                }
                for fill in report.fills
            ],
            "fills",
        )
    failures = report.expired + report.unsettled + report.ended
    if failures:
        table(
            [{"order": f.client_order_id, "symbol": f.symbol, "state": f.state, "reason": f.reason} for f in failures],
            "not filled",
        )
    if report.adjusted_fills:
        console.print(
            f"[yellow]{len(report.adjusted_fills)} of {len(report.fills)} fills are on adjusted prices: "
            "the returns are real, the prices are not those of the day.[/yellow]"
        )
    if report.unmarked_because:
        console.print(f"[yellow]not marked: {report.unmarked_because}[/yellow]")
