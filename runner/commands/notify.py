"""`notify`: carry alerts to people."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from runner import settings
from runner.commands import show_json
from runner.errors import AlertsNotSent, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runner.alerts.channels import Channel
    from runner.alerts.sender import Delivery

EXAMPLE = "python -m runner notify --test"


def command(
    once: bool = typer.Option(False, "--once", help="One pass, then exit; without it, until SIGINT or SIGTERM."),
    test: bool = typer.Option(False, "--test", help="Send a message that is no alert through every channel."),
    interval: float = typer.Option(5.0, min=0.1, max=3600, help="Seconds between two passes without --once."),
    as_json: bool = typer.Option(False, "--json", help="For a script; one document per pass."),
) -> None:
    """Send the alerts of the outbox through Telegram, Slack and Discord, each where its secret is set.

    TELEGRAM_BOT_TOKEN with TELEGRAM_CHAT_ID, SLACK_WEBHOOK_URL, DISCORD_WEBHOOK_URL: in the environment, in a file that
    NAME_FILE names, or in Vault. MONITOR_NOTIFY_LEVEL (DEBUG, INFO, WARNING, ERROR, CRITICAL) is the threshold,
    HEARTBEAT_INTERVAL the seconds between two signs of life. audit.alert_deliveries says what became of each alert.
    Exit codes: 1 a channel did not take a message (it is tried again), 2 no channel or a bad address, 16 database away.
    """
    from runner.alerts import channels, sender

    if once and test:
        raise UsageError("--once and --test are two different things", "Give one of them.")
    config = settings.load()
    found = channels.require(config)

    def tell(deliveries: list[Delivery]) -> None:
        if as_json:
            show_json([asdict(delivery) for delivery in deliveries])
        else:
            for d in deliveries:
                if d.sent or d.error:
                    typer.echo(f"{d.channel}: {len(d.sent)} sent" + (f"; {d.error}" if d.error else ""))

    if test:
        _test(found, as_json)
    elif once:
        from runner import db

        with db.connect(sender.ROLE, autocommit=True) as connection:
            sender.beat(connection, config)
            deliveries = sender.send_due(connection, found, config)
            waiting = {row["channel"]: row["waiting"] for row in db.fetch_all(connection, "notify.waiting")}
        if as_json:
            show_json([{**asdict(d), "waiting": waiting.get(d.channel, 0)} for d in deliveries])
        else:
            for d in deliveries:
                typer.echo(f"{d.channel}: {len(d.sent)} sent, {waiting.get(d.channel, 0)} waiting")
        if (error := sender.refusal(deliveries)) is not None:
            raise error
    else:
        if not as_json:
            typer.echo(f"sending through {', '.join(channel.name for channel in found)} every {interval:g} s")
        sender.send_forever(found, config, interval, tell)


def _test(found: Sequence[Channel], as_json: bool) -> None:
    from runner.alerts import sender

    answers = sender.test_message(found)
    if as_json:
        show_json([{"channel": name, "error": error} for name, error in answers])
    else:
        for name, error in answers:
            typer.echo(f"{name}: {error or 'sent'}")
    failed = [f"{name}: {error}" for name, error in answers if error]
    if failed:
        raise AlertsNotSent(
            "; ".join(failed), "Correct the channel's secret, or the way there, then `python -m runner notify --test`."
        )
