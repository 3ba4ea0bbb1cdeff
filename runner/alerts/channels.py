"""Where alerts go: Telegram, Slack and Discord, through apprise.

A channel is there where its secret is set: TELEGRAM_BOT_TOKEN with TELEGRAM_CHAT_ID, SLACK_WEBHOOK_URL,
DISCORD_WEBHOOK_URL. Its address is a secret too, so no error shows it. What an alert quotes from a vendor or a broker
is text to every channel: it mentions nobody and formats nothing.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from runner import credentials, log
from runner.errors import SettingsError
from runner.settings import Settings

#: What a person reads as the sender.
SENDER = "Mini-Quant-Fund"

#: Longest reason of a failure that is kept, in characters.
_REASON_LENGTH = 300

#: Where a webhook may lead: an alert tells about the book, and goes to no other host.
_SLACK = re.compile(r"https://hooks\.slack(-gov)?\.com/(services|workflows|triggers)/\S+")
_DISCORD = re.compile(r"https://((ptb|canary)\.)?discord(app)?\.com/api/webhooks/\d+/\S+")

_KINDS = {"LOW": "info", "MEDIUM": "warning", "HIGH": "warning", "CRITICAL": "failure"}


@dataclass(frozen=True)
class Channel:
    """One way to a person. `name` is `notify.deliveries.channel`."""

    name: str
    _service: Any

    def send(self, title: str, body: str, level: str) -> str | None:
        """Send one message; None where the channel took it, else why not, in one line without secrets."""
        with _complaints() as complaints:
            try:
                taken = self._service.notify(
                    body=plain(body), title=plain(title), notify_type=_KINDS[level], body_format="text"
                )
            except Exception as error:  # a library's surprise is a message not taken, not the end of the other channels
                taken = False
                complaints.append(f"{type(error).__name__}: {error}")
        if taken:
            return None
        reason = log.redact("; ".join(line.rstrip(".") for line in complaints))
        return reason[:_REASON_LENGTH] or "no reason given"


def plain(text: str) -> str:
    """`text` as a channel shows it and takes it for nothing else: a zero-width space behind what begins a mention."""
    return re.sub(r"([@<])", "\\1\u200b", text)


def configured(settings: Settings) -> tuple[Channel, ...]:
    """The channels whose secrets are set, in the order they are sent through.

    Raises: SettingsError naming the variable whose value cannot be used, SecretUnavailable where Vault does not answer.
    """
    return tuple(
        Channel(name, _service(variable, address(secret.get_secret_value(), settings)))
        for name, variable, address in _CHANNELS
        if (secret := credentials.find(variable)) is not None
    )


def require(settings: Settings) -> tuple[Channel, ...]:
    """At least one. Raises: SettingsError, too, where none is set."""
    channels = configured(settings)
    if not channels:
        raise SettingsError(
            "alerts have nowhere to go: no channel is set",
            "Set SLACK_WEBHOOK_URL, DISCORD_WEBHOOK_URL, or TELEGRAM_BOT_TOKEN with TELEGRAM_CHAT_ID "
            "(or NAME_FILE, or Vault), then `python -m runner notify --test`.",
        )
    return channels


def _telegram(token: str, settings: Settings) -> str | None:
    if not settings.telegram_chat_id:
        raise SettingsError("TELEGRAM_BOT_TOKEN is set but TELEGRAM_CHAT_ID is not", "Set the chat the bot writes to.")
    if not re.fullmatch(r"-?\d+|@\w+", settings.telegram_chat_id):
        raise SettingsError("TELEGRAM_CHAT_ID: is a number, or @ and a channel's name")
    return f"tgram://{token}/{settings.telegram_chat_id}/"


def _slack(url: str, _settings: Settings) -> str | None:
    return url if _SLACK.fullmatch(url) else None


def _discord(url: str, _settings: Settings) -> str | None:
    return url if _DISCORD.fullmatch(url) else None


#: Name, its secret, and the address as apprise writes it (None: the secret is none of that channel).
_CHANNELS: tuple[tuple[str, str, Callable[[str, Settings], str | None]], ...] = (
    ("telegram", "TELEGRAM_BOT_TOKEN", _telegram),
    ("slack", "SLACK_WEBHOOK_URL", _slack),
    ("discord", "DISCORD_WEBHOOK_URL", _discord),
)


def _service(variable: str, address: str | None) -> Any:
    """What sends to an address; apprise takes a second to import and is, only where something is sent."""
    from apprise import Apprise, AppriseAsset

    asset = AppriseAsset(
        app_id=SENDER, app_desc=SENDER, app_url="", image_url_mask="", image_url_logo="", async_mode=False
    )
    with _complaints():
        service = Apprise.instantiate(address, asset=asset) if address else None
    if service is None:
        raise SettingsError(f"{variable}: is no address of that channel", "Copy it again from the channel's settings.")
    return service


@contextmanager
def _complaints() -> Iterator[list[str]]:
    """What apprise says of a failure; it says it to its logger alone, and whoever asked tells it once."""
    lines: list[str] = []

    class Keeper(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(" ".join(record.getMessage().split()))

    logger, keeper = logging.getLogger("apprise"), Keeper(logging.WARNING)
    propagated, logger.propagate = logger.propagate, False
    logger.addHandler(keeper)
    try:
        yield lines
    finally:
        logger.removeHandler(keeper)
        logger.propagate = propagated
