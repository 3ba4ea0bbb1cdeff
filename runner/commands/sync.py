"""`sync`: carry orders to the broker and fills back."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import typer

from runner import settings
from runner.commands import show_json
from runner.errors import BrokerUnreachable, FundError, KillSwitchEngaged, UsageError
from runner.log import get_logger

if TYPE_CHECKING:
    from runner.brokers.sync import Failure, SyncReport
    from runner.config import GoldenConfig
    from runner.settings import Settings

EXAMPLE = "python -m runner sync --once"


def command(
    once: bool = typer.Option(False, "--once", help="One pass, then exit; without it, until SIGINT or SIGTERM."),
    account: str = typer.Option("paper", help="Account, as the golden configuration names it."),
    interval: float = typer.Option(5.0, min=0.1, max=3600, help="Seconds between two passes without --once."),
    live: bool = typer.Option(False, "--live", help="Real money; LIVE_TRADING_ACCOUNT must name the account too."),
    adopt: bool = typer.Option(False, "--adopt", help="First connection: take over what the broker's account holds."),
    kill: bool = typer.Option(False, "--kill", help="Suspend and cancel at the broker, with the key alone."),
    resume: bool = typer.Option(False, "--resume", help="Lift what --kill suspended, once the kill switch is clear."),
    reason: str = typer.Option("", help="Why; --adopt stores it."),
    as_json: bool = typer.Option(False, "--json", help="For a script; one document per pass."),
) -> None:
    """Release orders to the broker, record acknowledgements and fills, reconcile, mark the sessions that are over.

    An account outside needs ALPACA_API_KEY and ALPACA_SECRET_KEY in this process's environment, in files that
    ALPACA_API_KEY_FILE and ALPACA_SECRET_KEY_FILE name, or in Vault; and in no other process's.
    Exit codes: 11 kill switch engaged, 12 another configuration or schema, 14 a break to resolve, 16 database away,
    17 broker away or account refused.
    """
    from runner import config as golden
    from runner.brokers.loop import sync_forever
    from runner.brokers.sync import sync_once

    environment, config = settings.load(), golden.load_verified()
    if adopt + kill + resume > 1:
        raise UsageError("--adopt, --kill and --resume are three different things", "Give one of them.")

    def tell(report: SyncReport) -> None:
        if as_json:
            _show_json(report)
        elif once or adopt or report.changed:
            _show(report)

    if kill:
        _kill(config, account, live)
    elif resume:
        _resume(environment, config, account, live)
    elif adopt or once:
        if adopt:
            _adopt(environment, config, account, reason, live)
        report = sync_once(environment, config, account, live=live)
        tell(report)
        if report.changed:
            _anchor(environment, report)
        if (refusal := report.refusal()) is not None:
            raise refusal
    else:
        sync_forever(environment, config, account, interval, partial(_tell_and_go_on, environment, tell), live=live)


def _anchor(environment: Settings, report: SyncReport) -> None:
    """Anchor what the pass wrote, where this process may: in a container of its own only the cycle's does (I23)."""
    from runner import db, verifier

    if db.has_password(verifier.ROLE, environment):
        verifier.anchor(environment, f"sync {report.account} {report.at:%Y-%m-%d %H:%M:%S}")


def _tell_and_go_on(environment: Settings, tell: Callable[[SyncReport], None], report: SyncReport) -> None:
    """A broken chain has engaged the kill switch by now, which the next pass obeys: ending here would leave orders."""
    tell(report)
    if report.changed:
        try:
            _anchor(environment, report)
        except FundError as error:
            get_logger("sync").error("not_anchored", error=str(error))


def _adopt(environment: Settings, config: GoldenConfig, account: str, reason: str, live: bool) -> None:
    """Connect the account, read its books, and take over what they hold."""
    from runner import db
    from runner.brokers import desk
    from runner.brokers.sync import sync_once

    if not reason.strip():
        raise UsageError("an account is adopted with a reason", 'Give --reason "…"; it is stored.')
    facts = desk.connect(config, account, reason, live=live)
    sync_once(environment, config, account, live=live)
    with db.connect(settings.load().operator_role) as connection:
        adopted = db.fetch_value(connection, "trade.adopt_account", account=account, reason=reason)
    typer.echo(f"{account} is account {facts.broker_account_id}: " + ("adopted" if adopted else "nothing to take over"))


def _kill(config: GoldenConfig, account: str, live: bool) -> None:
    from runner.brokers import desk

    told = desk.kill_at_broker(config, account, live=live)
    typer.echo(f"trading suspended: {told.suspended}; cancels requested: {told.cancels_requested}")
    if told.failures:
        raise BrokerUnreachable("; ".join(told.failures), "Run it again; the broker's page has the same switch.")


def _resume(environment: Settings, config: GoldenConfig, account: str, live: bool) -> None:
    from runner import db
    from runner.brokers import desk

    with db.connect("fund_broker") as connection:
        engaged = db.fetch_value(connection, "ops.kill_engaged")
    if engaged or environment.kill_switch_file.exists():
        raise KillSwitchEngaged("the suspension at the broker stays while the kill switch is engaged")
    desk.resume_at_broker(config, account, live=live)
    typer.echo("the broker takes orders again")


def _show_json(report: SyncReport) -> None:
    from dataclasses import asdict

    adjusted = [fill.execution_id for fill in report.adjusted_fills]
    show_json({**asdict(report), "adjusted_fills": adjusted, "exit_code": int(report.exit_code)})


def _show(report: SyncReport) -> None:
    from rich.markup import escape

    from runner.show import console, table

    marks = f", marked {', '.join(str(session) for session in report.marked)}" if report.marked else ""
    cancels = f", {len(report.cancels)} cancels asked for" if report.cancels else ""
    console.print(
        f"{report.account} at {report.at:%Y-%m-%d %H:%M} UTC: {len(report.claimed)} claimed, "
        f"{len(report.acknowledged)} acknowledged, {len(report.adopted)} looked up, {len(report.fills)} filled, "
        f"{len(report.expired)} expired unsent, {len(report.ended)} ended unfilled{cancels}{marks}"
    )
    if report.orphans:
        console.print(f"[bold red]{report.orphans} orders at the broker that nobody placed here[/bold red]")
    if report.unprotected:
        console.print(f"[bold red]{report.unprotected} positions without a protective stop at the broker[/bold red]")
    if report.cycles_failed:
        console.print(
            f"[bold red]{report.cycles_failed} cycles of {report.account} failed or did not run[/bold red]: "
            "audit.alerts and audit.missed_cycles say which"
        )
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
    failures: list[Failure] = report.expired + report.unsettled + report.ended
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
        console.print(f"[yellow]not marked: {escape(report.unmarked_because)}[/yellow]")
