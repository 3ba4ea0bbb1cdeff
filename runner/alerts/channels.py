"""Where alerts go: Telegram, Slack and Discord, through apprise.

A channel is there where its secret is set: TELEGRAM_BOT_TOKEN with TELEGRAM_CHAT_ID, SLACK_WEBHOOK_URL,
DISCORD_WEBHOOK_URL. Its address is a secret too, so no error shows it. What an alert quotes from a vendor or a broker
is text to every channel: it mentions nobody and formats nothing.
"""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from runner import credentials, log
from runner.errors import SettingsError
from runner.settings import Settings

#: What a person reads as the sender.
SENDER = "Mini-Quant-Fund"

#: Longest title of a message, in characters.
TITLE_LENGTH = 120

#: A message that takes longer has not been taken: a server may drip, or ask for a day's patience (I30).
SECONDS_MAX = 20.0

#: Of them for an answer to begin.
_READ_SECONDS = 15.0

#: Longest reason of a failure that is kept, in characters.
_REASON_LENGTH = 300

#: Where a webhook may lead: an alert tells about the book, and goes to no other host.
_SLACK = re.compile(r"https://hooks\.slack(-gov)?\.com/(services|workflows|triggers)/\S+")
_DISCORD = re.compile(r"https://discord(app)?\.com/api/webhooks/\d+/\S+")

_KINDS = {"LOW": "info", "MEDIUM": "warning", "HIGH": "warning", "CRITICAL": "failure"}


class Channel:
    """One way to a person. `name` is `notify.deliveries.channel`; `alerts_max` alerts fit into one message."""

    def __init__(self, name: str, service: Any, length_max: int, alerts_max: int, *, markdown: bool = False) -> None:
        """`length_max`: of a message's text, in characters, as the service counts them."""
        self.name, self.alerts_max = name, alerts_max
        self._service, self._markdown = service, markdown
        self._line_length = (length_max - 2 * TITLE_LENGTH) // alerts_max - 1
        self._under_way: threading.Thread | None = None

    def send(self, title: str, lines: Sequence[str], level: str) -> str | None:
        """Send one message; None where the channel took it, else why not, in one line without secrets."""
        if self._under_way is not None and self._under_way.is_alive():
            return "the message before is still under way"
        body = "\n".join(self._text(line, self._line_length) for line in lines)
        answers: list[str | None] = []
        self._under_way = threading.Thread(
            target=lambda: answers.append(self._post(self._text(title, TITLE_LENGTH), body, level)), daemon=True
        )
        self._under_way.start()
        self._under_way.join(SECONDS_MAX)
        return answers[0] if answers else f"no answer within {SECONDS_MAX:.0f} s"

    def _post(self, title: str, body: str, level: str) -> str | None:
        with _complaints() as complaints:
            try:
                taken = self._service.notify(body=body, title=title, notify_type=_KINDS[level], body_format="text")
            except Exception as error:  # a library's surprise is a message not taken; its words may hold the address
                taken = False
                complaints.append(type(error).__name__)
        if taken:
            return None
        reason = log.redact("; ".join(line.rstrip(".") for line in complaints)).replace("\x00", "")
        return reason.encode("utf-8", "replace").decode()[:_REASON_LENGTH] or "no reason given"

    def _text(self, text: str, length_max: int) -> str:
        """`text` as it is shown and taken for nothing else, cut: behind what begins a mention a zero-width space."""
        text = text.encode("utf-8", "replace").decode().replace("\x00", "")
        if self._markdown:
            text = re.sub(r"([\\*_~`|\[\]()#>])", r"\\\1", text)
        text = re.sub(r"([@<])", "\\1\u200b", text)
        return text if len(text) <= length_max else f"{text[: length_max - 1]}…"


def configured(settings: Settings) -> tuple[Channel, ...]:
    """The channels whose secrets are set, in the order they are sent through.

    Raises: SettingsError naming the variable whose value cannot be used, SecretUnavailable where Vault does not answer.
    """
    found = []
    for name, variable, address, length_max, alerts_max in _CHANNELS:
        if (secret := credentials.find(variable)) is not None:
            service = _service(variable, address(secret.get_secret_value(), settings))
            found.append(Channel(name, service, length_max, alerts_max, markdown=name == "discord"))
    return tuple(found)


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


#: Name, its secret, its address as apprise writes it (None: the secret is none of that channel's), the longest text of
#: a message there, and how many alerts share it.
_CHANNELS: tuple[tuple[str, str, Callable[[str, Settings], str | None], int, int], ...] = (
    ("telegram", "TELEGRAM_BOT_TOKEN", _telegram, 4096, 10),
    ("slack", "SLACK_WEBHOOK_URL", _slack, 4000, 10),
    ("discord", "DISCORD_WEBHOOK_URL", _discord, 2000, 5),
)

#: How a secret of each looks.
_LOOKS = {
    "TELEGRAM_BOT_TOKEN": "the token @BotFather gave: 123456789:AA…",
    "SLACK_WEBHOOK_URL": "https://hooks.slack.com/services/T…/B…/…",
    "DISCORD_WEBHOOK_URL": "https://discord.com/api/webhooks/1…/…",
}


def _service(variable: str, address: str | None) -> Any:
    """What sends to an address; apprise takes a second to import and is, only where something is sent."""
    from apprise import Apprise, AppriseAsset

    asset = AppriseAsset(
        app_id=SENDER,
        app_desc=SENDER,
        app_url="",
        image_url_mask="",
        image_url_logo="",
        async_mode=False,
        http_redirects=False,
    )
    with _complaints():
        service: Any = Apprise.instantiate(address, asset=asset) if address else None
    if service is None:
        raise SettingsError(f"{variable}: is not what that channel gives", f"It looks like {_LOOKS[variable]}")
    log.hide(urlsplit(str(address)).path)  # a library may quote the path alone
    # A service that takes its time is not asked twice; one that asks for a day's patience is not obeyed: both here.
    service.socket_read_timeout = _READ_SECONDS
    throttle = service.throttle
    service.throttle = lambda last_io=None, wait=None: throttle(last_io)
    return service


@contextmanager
def _complaints() -> Iterator[list[str]]:
    """What apprise says of a failure in this thread; its logger alone hears it, and whoever asked tells it once."""
    lines: list[str] = []
    thread = threading.get_ident()

    class Keeper(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.thread == thread:
                lines.append(" ".join(record.getMessage().split()))

    logger, keeper = logging.getLogger("apprise"), Keeper(logging.WARNING)
    logger.propagate = False
    logger.addHandler(keeper)
    try:
        yield lines
    finally:
        logger.removeHandler(keeper)
