"""The three services on this machine: what apprise posts to them arrives at a server of the test's."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from runner import settings
from runner.alerts import channels
from runner.alerts.channels import Channel

SECRETS = {
    "TELEGRAM_BOT_TOKEN": "123456789:AAEhBOweik6ad9r_QXMENQjcrGbqCr4K0bc",
    "SLACK_WEBHOOK_URL": "https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ",
    "DISCORD_WEBHOOK_URL": "https://discord.com/api/webhooks/4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js",
}
HOSTS = {"api.telegram.org": "telegram", "hooks.slack.com": "slack", "discord.com": "discord"}


@dataclass
class Services:
    """What arrived, by channel, and what each answers from now on (status, body)."""

    got: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    answers: dict[str, tuple[int, str]] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    asked: int = 0

    def answer(self, request: Request) -> Response:
        """As the three do where all is well: Slack says ok, Discord nothing, Telegram an object."""
        self.asked += 1
        channel = HOSTS[request.path.split("/")[1]]
        time.sleep(self.seconds)
        status, body = self.answers.get(
            channel,
            {"slack": (200, "ok"), "discord": (204, ""), "telegram": (200, '{"ok": true, "result": {}}')}[channel],
        )
        if status < 300:
            self.got.append((channel, request.get_json(force=True)))
        return Response(body, status=status, headers=self.headers)

    def texts(self, channel: str) -> list[str]:
        """Every message one channel got, title and body."""
        return [_text(channel, payload) for name, payload in self.got if name == channel]


def _text(channel: str, payload: dict[str, Any]) -> str:
    if channel == "slack":
        return f"{payload['attachments'][0]['title']}\n{payload['attachments'][0]['text']}"
    return str(payload["content"] if channel == "discord" else payload["text"])


@pytest.fixture
def services(httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    """The three of them, with their secrets in the environment; every request of `requests` goes to this machine."""
    there = Services()
    httpserver.expect_request(re.compile("/.+"), method="POST").respond_with_handler(there.answer)

    class Detour(requests.adapters.HTTPAdapter):
        def send(self, request: requests.PreparedRequest, **arguments: Any) -> requests.Response:  # type: ignore[override]
            asked = urlsplit(str(request.url))
            assert asked.scheme == "https"
            request.url = httpserver.url_for(f"/{asked.hostname}{asked.path}")
            arguments.update(verify=False, proxies=None)
            return super().send(request, **arguments)

    monkeypatch.setattr(requests.Session, "get_adapter", lambda *_, **__: Detour())
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("TELEGRAM_CHAT_ID", "-1001234")
    yield there


def only(monkeypatch: pytest.MonkeyPatch, *names: str) -> tuple[Channel, ...]:
    """The channels of these variables alone."""
    for name in SECRETS:
        if name not in names:
            monkeypatch.delenv(name, raising=False)
    return channels.configured(settings.load())
