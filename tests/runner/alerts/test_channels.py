"""Channels: which are there, what arrives, what a failure says; a secret is in none of it (I27)."""

from __future__ import annotations

import logging
import threading

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
    assert channel.send("CRITICAL KILL", ["line one", "line two"], "CRITICAL") is None
    (text,) = services.texts(channel.name)
    assert text.index("CRITICAL KILL") < text.index("line one") < text.index("line two")


@pytest.mark.parametrize("name", sorted(SECRETS))
def test_what_a_vendor_says_is_text_to_every_channel(
    services: Services, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    (channel,) = only(monkeypatch, name)
    assert channel.send("t", ["@everyone <!channel> <@U123> <b>x</b> & *y* `z` [a](https://b)"], "LOW") is None
    (text,) = services.texts(channel.name)
    payload = str(services.got)
    assert "@everyone" not in text and "<!channel>" not in text and "<@" not in text and "<b>x" not in text
    assert "everyone" in text and "'ping'" not in payload
    shown = r"\*y\* \`z\` \[a\]\(https://b\)" if channel.name == "discord" else "*y* `z` [a](https://b)"
    assert shown in text


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
    error = channel.send("t", ["b"], "HIGH")
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
    error = channel.send("t", ["b"], "HIGH")
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


LIMITS = {"telegram": 4096, "slack": 4000, "discord": 2000}


@pytest.mark.parametrize("name", sorted(SECRETS))
@pytest.mark.parametrize(
    "text", ["x" * 5000, "<@*" * 2000, "😀" * 3000, "\x00\ud800 lone"], ids=["long", "marks", "emoji", "odd"]
)
def test_no_message_is_longer_than_its_channel_takes(
    services: Services, monkeypatch: pytest.MonkeyPatch, name: str, text: str
) -> None:
    """A message that is refused for its length is refused for ever."""
    (channel,) = only(monkeypatch, name)
    assert channel.send(text, [f"{k}: {text}" for k in range(channel.alerts_max)], "HIGH") is None
    (got,) = services.texts(channel.name)
    shown = got.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    assert len(shown.replace("<b>", "").replace("</b>", "")) <= LIMITS[channel.name]
    assert all(f"{k}: " in got for k in range(channel.alerts_max)), "every alert has its line"


@pytest.mark.parametrize("name", sorted(SECRETS))
@pytest.mark.parametrize("status", [302, 307])
def test_a_redirect_is_not_followed(
    services: Services, monkeypatch: pytest.MonkeyPatch, name: str, status: int
) -> None:
    """An alert tells of the book: it goes to the service and nowhere else."""
    (channel,) = only(monkeypatch, name)
    services.answers[channel.name] = (status, "")
    services.headers = {"Location": "https://api.telegram.org/elsewhere"}
    assert channel.send("t", ["b"], "HIGH") is not None
    assert services.got == [] and services.asked == 1


@pytest.mark.parametrize("status", [204, 429])
def test_a_service_that_asks_for_a_day_s_patience_is_asked_again(
    services: Services, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    """When it is tried again is the outbox's to say: a library that sleeps would post what nobody records."""
    (channel,) = only(monkeypatch, "DISCORD_WEBHOOK_URL")
    services.answers["discord"] = (status, "")
    services.headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "4000000000"}
    errors = [channel.send("t", ["b"], "HIGH") for _ in range(2)]
    assert [error is None for error in errors] == [status == 204] * 2 and all("429" in e for e in errors if e)


def test_a_slow_service_is_not_asked_twice(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    """apprise's own patience of four seconds would send the same alert for ever."""
    services.seconds = 4.5
    (channel,) = only(monkeypatch, "SLACK_WEBHOOK_URL")
    assert channel.send("t", ["b"], "HIGH") is None


def test_a_service_that_does_not_end_its_answer_keeps_nobody(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    """I30: a deadline for the whole of it; the next message does not queue up behind it."""
    monkeypatch.setattr(channels, "SECONDS_MAX", 0.2)
    (channel,) = only(monkeypatch, "SLACK_WEBHOOK_URL")
    services.seconds = 1.5
    assert channel.send("t", ["b"], "HIGH") == "no answer within 0 s"
    assert channel.send("t", ["b"], "HIGH") == "the message before is still under way"


def test_an_answer_s_words_can_be_stored(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    (channel,) = only(monkeypatch, "TELEGRAM_BOT_TOKEN")
    services.answers["telegram"] = (400, '{"ok": false, "description": "no \\u0000 chat"}')
    error = channel.send("t", ["b"], "HIGH")
    assert error is not None and "\x00" not in error and error.encode()


def test_a_library_that_raises_with_the_address_does_not_tell_it(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    (channel,) = only(monkeypatch, "SLACK_WEBHOOK_URL")

    def fails(**_: object) -> None:
        raise ValueError(SECRETS["SLACK_WEBHOOK_URL"].removeprefix("https://hooks.slack.com"))

    monkeypatch.setattr(channel._service, "notify", fails)
    assert channel.send("t", ["b"], "HIGH") == "ValueError"


def test_what_one_channel_s_failure_says_is_not_another_s(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    """A message that is still under way fails while another channel's is sent."""
    slack, discord = only(monkeypatch, "SLACK_WEBHOOK_URL", "DISCORD_WEBHOOK_URL")
    services.answers = {"discord": (404, "")}
    logger = logging.getLogger("apprise")

    def beside(**_: object) -> bool:
        other = threading.Thread(target=logger.warning, args=("Failed to send to Slack",))
        other.start()
        other.join()
        logger.warning("Failed to send to Discord")
        return False

    monkeypatch.setattr(discord._service, "notify", beside)
    assert discord.send("t", ["b"], "HIGH") == "Failed to send to Discord"
    assert slack.send("t", ["b"], "HIGH") is None
