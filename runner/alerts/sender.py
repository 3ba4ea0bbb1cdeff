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
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from runner import db
from runner.alerts.channels import Channel
from runner.db import Connection
from runner.errors import AlertsNotSent, DatabaseUnreachable
from runner.interrupts import stop_signal
from runner.log import get_logger, redact
from runner.settings import Settings

log = get_logger("notify")

ROLE = "fund_notifier"

#: Ruling F16: a threshold in the words of a log, and the least level it lets through.
LEAST_LEVEL = {"DEBUG": "LOW", "INFO": "LOW", "WARNING": "MEDIUM", "ERROR": "HIGH", "CRITICAL": "CRITICAL"}

#: Of an alert's message, in characters, read for a message: the rest stands in audit.alerts.
_MESSAGE_LENGTH = 1000

#: More than the messages of one claim may take together, sent one by one (channels.SECONDS_MAX).
LEASE_SECONDS = 300

#: Messages through one channel before the others and the heartbeat have their turn again.
_MESSAGES_A_PASS = 5

#: From which attempt on an alert travels alone: what a channel will not take must not hold up its neighbours.
_ALONE_FROM_ATTEMPT = 3

#: For those of a claim together: a channel that answers nobody must not keep the others waiting.
_ALONE_SECONDS = 30.0

#: Between two heartbeats in the database.
BEAT_SECONDS = 60.0


@dataclass
class Delivery:
    """What one pass did on one channel. error: why the last message that was not taken was not."""

    channel: str
    sent: list[int] = field(default_factory=list)
    not_sent: list[int] = field(default_factory=list)
    error: str | None = None


def send_due(
    connection: Connection, channels: Iterable[Channel], settings: Settings, stopped: Callable[[], bool] = lambda: False
) -> list[Delivery]:
    """Send what is due: a message through each channel in turn, for a few rounds; one that fails is left for the next.

    `connection`: of fund_notifier, in autocommit: a claim stands before its message leaves.
    """
    label = _label(connection)
    done = {channel: Delivery(channel.name) for channel in channels}
    busy = list(done)
    for _ in range(_MESSAGES_A_PASS):
        busy = [c for c in busy if not stopped() and _send_claim(connection, c, settings, label, done[c], stopped)]
    return list(done.values())


def send_forever(
    channels: Sequence[Channel],
    settings: Settings,
    interval_seconds: float,
    on_pass: Callable[[list[Delivery]], None],
) -> None:
    """Pass after pass until SIGINT or SIGTERM: whatever a pass fails with is logged, and the next comes all the same.

    Before the first pass has succeeded only an absent database is waited for: anything else is a set-up to mend.
    """
    runs = False
    with stop_signal() as stop:
        while not stop.is_set():
            try:
                with db.connect(ROLE, autocommit=True) as connection:
                    beaten = -BEAT_SECONDS
                    while not stop.is_set():
                        if time.monotonic() - beaten >= BEAT_SECONDS:
                            beat(connection, settings)
                            beaten = time.monotonic()
                        deliveries = send_due(connection, channels, settings, stop.is_set)
                        runs = True
                        on_pass(deliveries)
                        stop.wait(interval_seconds)
            except Exception as error:  # alerts matter most where something else is broken
                if not runs and not isinstance(error, DatabaseUnreachable):
                    raise
                log.warning("notify_pass_failed", error=f"{type(error).__name__}: {error}")
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
    return [(channel.name, channel.send("Test", [text], "LOW")) for channel in channels]


def refusal(deliveries: Iterable[Delivery]) -> AlertsNotSent | None:
    """The error of a pass, where a channel did not take a message."""
    failed = [f"{d.channel}: {len(d.not_sent)} not taken, {d.error}" for d in deliveries if d.error]
    return AlertsNotSent("; ".join(failed)) if failed else None


def _send_claim(
    connection: Connection,
    channel: Channel,
    settings: Settings,
    label: str,
    done: Delivery,
    stopped: Callable[[], bool],
) -> bool:
    """Claim what is due, send it, record it; whether there may be more to send in this pass."""
    alerts = db.fetch_all(
        connection,
        "notify.claim_deliveries",
        channel=channel.name,
        level_min=LEAST_LEVEL[settings.monitor_notify_level],
        sender=f"{socket.gethostname()}:{os.getpid()}",
        lease_seconds=LEASE_SECONDS,
        limit_count=channel.alerts_max,
    )
    alone, began = any(alert["attempt"] >= _ALONE_FROM_ATTEMPT for alert in alerts), time.monotonic()
    for message in [[alert] for alert in alerts] if alone else [alerts] if alerts else []:
        numbers = [alert["alert_id"] for alert in message]
        error = (
            "not tried: those before it took too long"
            if stopped() or time.monotonic() - began > _ALONE_SECONDS
            else channel.send(title(message, label), [line(alert) for alert in message], message[0]["level"])
        )
        recorded = db.fetch_value(
            connection,
            "notify.record_delivery",
            channel=channel.name,
            claims=db.as_json([{"alert_id": a["alert_id"], "attempt": a["attempt"]} for a in message]),
            error=error,
        )
        if recorded != len(message):
            log.warning("claims_taken_over", channel=channel.name, alerts=len(message), recorded=recorded)
        if error is None:
            log.info("alerts_sent", channel=channel.name, alerts=len(message), gravest=message[0]["level"])
            done.sent += numbers
        else:
            done.not_sent += numbers
            done.error = error
    return bool(alerts) and done.error is None


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
    """An alert in one line: what is long stands last, since a channel cuts it; the number is that of audit.alerts."""
    subject = " ".join(str(alert[k]) for k in ("level", "code", "account", "symbol") if alert[k])
    again = f", {alert['repeats']} more until {_minute(alert['last_raised_at'])}" if alert["repeats"] else ""
    text = " ".join(redact(alert["message"][:_MESSAGE_LENGTH]).split())
    return f"{subject} (#{alert['alert_id']}, {_minute(alert['raised_at'])} UTC{again}): {text}"


def _minute(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M}"
