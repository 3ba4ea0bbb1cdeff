"""The sender: takes from the outbox what is due on each channel, sends it, and records what became of it.

At least once (`notify.claim_deliveries`): whatever dies between a message and its record, the alert is sent again under
the same number; a channel that refuses is tried until it takes it. Nothing is held in the database while a message is
under way. It asks no configuration and no governance: an alert matters most where those are broken.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from runner import db
from runner.alerts.channels import Channel
from runner.db import Connection
from runner.errors import AlertsNotSent, Conflict, DatabaseUnreachable, SecretUnavailable
from runner.interrupts import stop_signal
from runner.log import get_logger, redact
from runner.settings import Settings

log = get_logger("notify")

ROLE = "fund_notifier"

#: Ruling F16: a threshold in the words of a log, and the least level it lets through.
LEAST_LEVEL = {"DEBUG": "LOW", "INFO": "LOW", "WARNING": "MEDIUM", "ERROR": "HIGH", "CRITICAL": "CRITICAL"}

#: Alerts in one message: a storm is read, not scrolled past, and a channel counts messages.
ALERTS_A_MESSAGE = 10

#: Longest text of one alert in a message, in characters; the rest stands in audit.alerts.
TEXT_LENGTH = 300

#: Several times what a message may take: connecting and each silence end after 4 s.
LEASE_SECONDS = 120

#: Between two heartbeats in the database.
BEAT_SECONDS = 60.0

#: What the loop outlives: the database or the keeper of its password away for a while, another session first.
_PASSING = (Conflict, DatabaseUnreachable, SecretUnavailable)


@dataclass(frozen=True)
class Delivery:
    """What one pass did on one channel. error: why its last message was not taken; then the rest waits."""

    channel: str
    sent: tuple[int, ...]
    not_sent: tuple[int, ...]
    error: str | None = None


def send_due(
    connection: Connection, channels: Iterable[Channel], settings: Settings, stopped: Callable[[], bool] = lambda: False
) -> list[Delivery]:
    """Send what is due on every channel; one that does not take a message keeps no other waiting.

    `connection`: of fund_notifier, in autocommit: a claim stands before its message leaves.
    """
    label = _label(connection)
    return [_through(connection, channel, settings, label, stopped) for channel in channels]


def send_forever(
    channels: Sequence[Channel],
    settings: Settings,
    interval_seconds: float,
    on_pass: Callable[[list[Delivery]], None],
) -> None:
    """Pass after pass until SIGINT or SIGTERM, through an absent database; anything else raises."""
    with stop_signal() as stop:
        while not stop.is_set():
            try:
                with db.connect(ROLE, autocommit=True) as connection:
                    beaten = -BEAT_SECONDS
                    while not stop.is_set():
                        if time.monotonic() - beaten >= BEAT_SECONDS:
                            beat(connection, settings)
                            beaten = time.monotonic()
                        on_pass(send_due(connection, channels, settings, stop.is_set))
                        stop.wait(interval_seconds)
            except _PASSING as error:
                log.warning("notify_pass_failed", error=str(error))
                stop.wait(interval_seconds)


def beat(connection: Connection, settings: Settings) -> None:
    """Say in the database that a sender runs; once in HEARTBEAT_INTERVAL people are told, and miss it when it stops."""
    db.fetch_value(
        connection,
        "notify.beat",
        host=socket.gethostname(),
        pid=os.getpid(),
        interval_seconds=settings.heartbeat_interval,
    )


def test_message(channels: Iterable[Channel]) -> list[tuple[str, str | None]]:
    """Send a message that is no alert through every channel; name and why it was not taken, None where it was."""
    text = f"A test from {socket.gethostname()}. Alerts of the fund come this way."
    return [(channel.name, channel.send("Test", text, "LOW")) for channel in channels]


def refusal(deliveries: Iterable[Delivery]) -> AlertsNotSent | None:
    """The error of a pass, where a channel did not take a message."""
    failed = [f"{d.channel}: {len(d.not_sent)} not taken, {d.error}" for d in deliveries if d.error]
    return AlertsNotSent("; ".join(failed)) if failed else None


def _through(
    connection: Connection, channel: Channel, settings: Settings, label: str, stopped: Callable[[], bool]
) -> Delivery:
    """Message after message until nothing is due or one is not taken."""
    sent: list[int] = []
    while not stopped():
        alerts = db.fetch_all(
            connection,
            "notify.claim_deliveries",
            channel=channel.name,
            level_min=LEAST_LEVEL[settings.monitor_notify_level],
            sender=f"{socket.gethostname()}:{os.getpid()}",
            lease_seconds=LEASE_SECONDS,
            limit_count=ALERTS_A_MESSAGE,
        )
        if not alerts:
            break
        numbers = tuple(alert["alert_id"] for alert in alerts)
        error = channel.send(title(alerts, label), "\n".join(map(line, alerts)), alerts[0]["level"])
        recorded = db.fetch_value(
            connection,
            "notify.record_delivery",
            channel=channel.name,
            claims=db.as_json([{"alert_id": a["alert_id"], "attempt": a["attempt"]} for a in alerts]),
            error=error,
        )
        if recorded != len(alerts):
            log.warning("claims_taken_over", channel=channel.name, alerts=len(alerts), recorded=recorded)
        if error is not None:
            log.warning("alerts_not_sent", channel=channel.name, alerts=len(alerts), error=error)
            return Delivery(channel.name, tuple(sent), numbers, error)
        log.info("alerts_sent", channel=channel.name, alerts=len(alerts), gravest=alerts[0]["level"])
        sent += numbers
    return Delivery(channel.name, tuple(sent), ())


def _label(connection: Connection) -> str:
    """Which fund speaks; that a database is simulated is said, or a test would be taken for an emergency."""
    kind = db.fetch_value(connection, "ops.instance_kind")
    return f"{connection.info.dbname}{', simulated' if kind == 'simulated' else ''}"


def title(alerts: Sequence[dict[str, Any]], label: str) -> str:
    """A message's title; the first of its alerts is the gravest."""
    first = alerts[0]
    if len(alerts) > 1:
        return f"{first['level']}: {len(alerts)} alerts [{label}]"
    return f"{' '.join(str(first[k]) for k in ('level', 'code', 'account', 'symbol') if first[k])} [{label}]"


def line(alert: dict[str, Any]) -> str:
    """An alert in one line, with its number in audit.alerts."""
    subject = " ".join(str(alert[k]) for k in ("level", "code", "account", "symbol") if alert[k])
    text = " ".join(redact(alert["message"]).split())
    if len(text) > TEXT_LENGTH:
        text = f"{text[: TEXT_LENGTH - 1]}…"
    again = f", {alert['repeats']} more until {_minute(alert['last_raised_at'])}" if alert["repeats"] else ""
    return f"{subject}: {text} (#{alert['alert_id']}, {_minute(alert['raised_at'])} UTC{again})"


def _minute(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M}"
