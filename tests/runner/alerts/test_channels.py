"""Channels: which are there, what arrives, what a failure says; a secret is in none of it (I27)."""

from __future__ import annotations

import pytest

from runner import settings
from runner.alerts import channels
from runner.errors import ExitCode, SettingsError
from tests.runner.alerts.conftest import SECRETS, Services, only

#: The word of each secret that no message may repeat.
WORDS = ("AAEhBOweik6ad9r", "TIiajkdnlazkcOXrIdevi7FQ", "JHMHI8qBe7bk2ZwO5U711o3dV")


def test_each_channel_is_there_where_its_secret_is(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [c.name for c in channels.require(settings.load())] == ["telegram", "slack", "discord"]
    assert [c.name for c in only(monkeypatch, "SLACK_WEBHOOK_URL")] == ["slack"]
    assert only(monkeypatch) == ()
    with pytest.raises(SettingsError, match=r"nowhere to go.*SLACK_WEBHOOK_URL") as caught:
        channels.require(settings.load())
    assert caught.value.exit_code == ExitCode.USAGE


@pytest.mark.parametrize("name", sorted(SECRETS))
def test_a_message_arrives(services: Services, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    (channel,) = only(monkeypatch, name)
    assert channel.send("CRITICAL KILL [fund]", "line one\nline two", "CRITICAL") is None
    (text,) = services.texts(channel.name)
    assert text.index("CRITICAL KILL [fund]") < text.index("line one") < text.index("line two")


@pytest.mark.parametrize("name", sorted(SECRETS))
def test_what_a_vendor_says_is_text_to_every_channel(
    services: Services, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    (channel,) = only(monkeypatch, name)
    assert channel.send("t", "@everyone <!channel> <@U123> <b>x</b> & *y* `z`", "LOW") is None
    (text,) = services.texts(channel.name)
    payload = str(services.got)
    assert "@everyone" not in text and "<!channel>" not in text and "<@" not in text and "<b>x" not in text
    assert "everyone" in text and "*y*" in text and "'ping'" not in payload


@pytest.mark.parametrize("name", sorted(SECRETS))
@pytest.mark.parametrize(("status", "body"), [(403, "invalid_token"), (404, ""), (429, "{}"), (500, "<html>")])
def test_a_refusal_is_said_without_the_secret(
    services: Services,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    name: str,
    status: int,
    body: str,
) -> None:
    (channel,) = only(monkeypatch, name)
    services.answers[channel.name] = (status, body)
    error = channel.send("t", "b", "HIGH")
    assert error is not None and str(status) in error
    printed = "".join(capfd.readouterr())
    assert not [word for word in WORDS if word in error + printed]
    assert "apprise" not in printed, "the library's own words are the sender's to tell"


def test_a_service_that_is_away_is_said_without_the_secret(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    import requests

    def away(*_: object, **__: object) -> None:
        raise requests.ConnectionError(f"no route to {SECRETS['SLACK_WEBHOOK_URL']}")

    (channel,) = only(monkeypatch, "SLACK_WEBHOOK_URL")
    monkeypatch.setattr(requests.Session, "request", away)
    error = channel.send("t", "b", "HIGH")
    assert error is not None and not [word for word in WORDS if word in error]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SLACK_WEBHOOK_URL", "https://hooks.slack.com/services/secretword"),
        ("SLACK_WEBHOOK_URL", "http://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/secretword"),
        ("SLACK_WEBHOOK_URL", "https://hooks.slack.com.example.org/services/T1JJ3T3L2/A1BRTD4JD/secretword"),
        ("SLACK_WEBHOOK_URL", "https://x@example.org/https://hooks.slack.com/services/T1/B1/secretword"),
        ("DISCORD_WEBHOOK_URL", "https://discord.com/channels/1/secretword"),
        ("DISCORD_WEBHOOK_URL", "json://127.0.0.1/secretword"),
        ("TELEGRAM_BOT_TOKEN", "secretword"),
    ],
)
def test_an_address_of_something_else_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv("TELEGRAM_CHAT_ID", "1")
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=name) as caught:
        only(monkeypatch, name)
    assert "secretword" not in str(caught.value)


def test_telegram_needs_its_chat(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    monkeypatch.delenv("TELEGRAM_CHAT_ID")
    with pytest.raises(SettingsError, match="TELEGRAM_CHAT_ID is not"):
        only(monkeypatch, "TELEGRAM_BOT_TOKEN")
    monkeypatch.setenv("TELEGRAM_CHAT_ID", "1/?to=2")
    with pytest.raises(SettingsError, match="TELEGRAM_CHAT_ID"):
        only(monkeypatch, "TELEGRAM_BOT_TOKEN")
