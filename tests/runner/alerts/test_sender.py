"""The sender on a real outbox: at least once, by whoever is there, through every channel that takes it (I26, F16)."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from typing import Any

import pytest

from runner import cli, db, settings
from runner.alerts import sender
from runner.alerts.channels import Channel
from runner.errors import Conflict, DatabaseUnreachable, ExitCode, SecretUnavailable
from tests.runner.alerts.conftest import Services, only

ONE = ("SLACK_WEBHOOK_URL",)


def execute(text: str) -> list[dict[str, Any]]:
    """Statements as the deployer; the rows of the last one."""
    with db.connect(db.DEPLOYER, autocommit=True) as connection:
        return db.fetch_text(connection, "test", text)


def alert(level: str = "HIGH", code: str = "A", message: str = "what happened", symbol: str = "") -> None:
    execute(f"select notify.enqueue('{level}', 'RISK', '{code}', $m${message}$m$, nullif('{symbol}', ''))")


def deliveries() -> list[str]:
    """channel code state, and why where it is not plain."""
    rows = execute(
        "select concat_ws(' ', d.channel, d.code, d.state, d.skip_reason, d.attempts) as t"
        " from audit.alert_deliveries as d where d.code <> 'HEARTBEAT' order by d.channel, d.alert_id"
    )
    return [row["t"] for row in rows]


def due_now() -> None:
    """What waits, or is with a sender that is gone, is due."""
    execute(
        "update notify.deliveries set next_attempt_at = clock_timestamp(),"
        " lease_until = case when state = 'CLAIMED' then clock_timestamp() end where settled_at is null"
    )


def send(channels: tuple[Channel, ...]) -> list[sender.Delivery]:
    with db.connect(sender.ROLE, autocommit=True) as connection:
        return sender.send_due(connection, channels, settings.load())


def test_what_waits_is_sent_once_and_what_was_sent_is_recorded(
    database: str, services: Services, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    alert("HIGH", "BREAK", "cash differs by 700.00", "AAA")
    assert cli.run(["notify", "--once"]) == ExitCode.DONE
    assert "slack: 2 sent, 0 waiting" in capsys.readouterr().out
    for channel in ("telegram", "slack", "discord"):
        (text,) = services.texts(channel)
        assert "UTC): cash differs by 700.00" in text.replace("\\", "") and "simulated" in text
        assert text.index("BREAK") < text.index("HEARTBEAT"), "the gravest first"
    assert deliveries() == [f"{c} BREAK SENT 1" for c in ("discord", "slack", "telegram")]
    assert cli.run(["notify", "--once", "--json"]) == ExitCode.DONE
    assert [d["sent"] for d in json.loads(capsys.readouterr().out)] == [[], [], []]
    assert len(services.got) == 3


@pytest.mark.parametrize("name", ["SLACK_WEBHOOK_URL", "DISCORD_WEBHOOK_URL", "TELEGRAM_BOT_TOKEN"])
def test_a_storm_is_a_few_messages_the_gravest_first(
    database: str, services: Services, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    for k in range(19):
        alert("MEDIUM", f"M{k:02d}", "x" * 2000)
    alert("CRITICAL", "KILL")
    (channel,) = only(monkeypatch, name)
    (done,) = send((channel,))
    assert len(done.sent) == 20 and done.error is None
    texts = [text.replace("\\", "") for text in services.texts(channel.name)]
    assert f"CRITICAL: {channel.alerts_max} alerts" in texts[0]
    assert texts[0].index("KILL (#") < texts[0].index("MEDIUM")
    assert len(texts) == 20 // channel.alerts_max and sum(text.count("(#") for text in texts) == 20


def test_what_a_channel_will_not_take_holds_up_no_other(
    database: str, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is refused as a message of ten is sent one by one the third time."""
    for k in range(9):
        alert("HIGH", f"A{k}")
    alert("HIGH", "POISON")
    channels, taken = only(monkeypatch, *ONE), Channel.send

    def refuses(channel: Channel, title: str, lines: Any, level: str) -> str | None:
        return "error=400" if any("POISON" in line for line in lines) else taken(channel, title, lines, level)

    monkeypatch.setattr(Channel, "send", refuses)
    for _ in range(3):
        send(channels)
        due_now()
    assert sum("SENT 3" in line for line in deliveries()) == 9
    assert [line for line in deliveries() if "POISON" in line] == ["slack POISON WAITING 3"]


def test_a_channel_that_answers_nobody_is_not_asked_for_each_alert(
    database: str, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sent one by one, but not for minutes: what was not tried waits as if it had been."""
    for k in range(5):
        alert("HIGH", f"A{k}")
    channels, asked = only(monkeypatch, *ONE), []

    def silent(channel: Channel, title: str, lines: Any, level: str) -> str:
        asked.append(len(lines))
        time.sleep(0.3)
        return "no answer"

    monkeypatch.setattr(Channel, "send", silent)
    monkeypatch.setattr(sender, "_ALONE_SECONDS", 0.5)
    for _ in range(3):
        send(channels)
        due_now()
    assert asked == [5, 5, 1, 1]
    assert {line.split()[2] for line in deliveries()} == {"WAITING"}


def test_one_channel_s_storm_keeps_no_other_waiting(
    database: str, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    for k in range(30):
        alert("HIGH", f"A{k}")
    send(only(monkeypatch, "SLACK_WEBHOOK_URL", "TELEGRAM_BOT_TOKEN"))
    assert [channel for channel, _ in services.got] == ["telegram", "slack"] * 3


def test_a_channel_that_refuses_keeps_no_other_waiting_and_gets_it_later(
    database: str, services: Services, capsys: pytest.CaptureFixture[str]
) -> None:
    alert()
    services.answers["slack"] = (503, "no")
    assert cli.run(["notify", "--once"]) == ExitCode.UNEXPECTED
    assert "slack: 2 not taken" in (error := capsys.readouterr().err) and "503" in error and "notify --test" in error
    assert deliveries() == ["discord A SENT 1", "slack A WAITING 1", "telegram A SENT 1"]
    due_now()
    assert cli.run(["notify", "--once"]) == ExitCode.UNEXPECTED
    del services.answers["slack"]
    due_now()
    assert cli.run(["notify", "--once"]) == ExitCode.DONE
    assert deliveries() == ["discord A SENT 1", "slack A SENT 3", "telegram A SENT 1"]
    assert [len(services.texts(c)) for c in ("discord", "slack", "telegram")] == [1, 2, 1], "one by one"


@pytest.mark.parametrize("arrived", [True, False])
def test_a_sender_that_dies_between_message_and_record_loses_nothing(
    database: str, services: Services, monkeypatch: pytest.MonkeyPatch, arrived: bool
) -> None:
    class Killed(BaseException):
        """As good as kill -9: nothing behind it runs."""

    def dies(channel: Channel, title: str, lines: Any, level: str) -> None:
        if arrived:
            taken(channel, title, lines, level)
        raise Killed

    alert()
    channels, taken = only(monkeypatch, *ONE), Channel.send
    with monkeypatch.context() as patched:
        patched.setattr(Channel, "send", dies)
        with pytest.raises(Killed):
            send(channels)
    assert deliveries() == ["slack A CLAIMED 1"]
    assert send(channels)[0].sent == [], "while the lease lasts it is another's"
    due_now()
    assert len(send(channels)[0].sent) == 1
    assert deliveries() == ["slack A SENT 2"]
    numbers = {text.split("(#")[1].split(",")[0] for text in services.texts("slack")}
    assert len(services.texts("slack")) == (2 if arrived else 1) and len(numbers) == 1, "twice, under one number"


def test_a_claim_that_was_taken_over_is_not_recorded_by_the_first(
    database: str, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(channel: Channel, title: str, lines: Any, level: str) -> str | None:
        monkeypatch.setattr(Channel, "send", taken)
        due_now()
        assert len(send(channels)[0].sent) == 1
        return "timed out"

    alert()
    channels, taken = only(monkeypatch, *ONE), Channel.send
    monkeypatch.setattr(Channel, "send", slow)
    assert send(channels)[0].error == "timed out"
    assert deliveries() == ["slack A SENT 2"], "what the second sent stays sent"


def test_a_claim_passes_over_what_another_is_claiming(database: str) -> None:
    """Nor does it wait for it: whoever comes second has the rest."""
    for k in range(5):
        alert("HIGH", f"C{k}")
    claim = "select code from notify.claim_deliveries('slack', 'LOW', '{}', 60, {})"
    with db.connect(sender.ROLE) as first, db.connect(sender.ROLE) as second:
        db.script_values(first, "seen", claim.format("x", 1))
        first.commit()
        one = db.script_values(first, "claim", claim.format("a", 3))
        two = db.script_values(second, "claim", f"set lock_timeout = '250ms'; {claim.format('b', 10)}")
    assert (one, two) == (["C1", "C2", "C3"], ["C4"])


def test_two_senders_share_the_work(database: str, services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    for k in range(60):
        alert("HIGH", f"C{k}")
    found: list[int] = []

    def work() -> None:
        (done,) = send(channels.pop())
        assert done.error is None
        found.extend(done.sent)

    channels = [only(monkeypatch, *ONE) for _ in range(3)]
    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(found) == len(set(found)) == 60
    assert sum(text.count("(#") for text in services.texts("slack")) == 60


@pytest.mark.parametrize(
    ("threshold", "sent"), [("DEBUG", 4), ("INFO", 4), ("WARNING", 3), ("ERROR", 2), ("CRITICAL", 1)]
)
def test_the_threshold(
    database: str, services: Services, monkeypatch: pytest.MonkeyPatch, threshold: str, sent: int
) -> None:
    """F16: DEBUG and INFO are LOW, WARNING is MEDIUM, ERROR is HIGH; what is below says so."""
    for level in ("LOW", "MEDIUM", "HIGH", "CRITICAL"):
        alert(level, level)
    monkeypatch.setenv("MONITOR_NOTIFY_LEVEL", threshold)
    assert len(send(only(monkeypatch, *ONE))[0].sent) == sent
    assert sum("SKIPPED BELOW_LEVEL" in line for line in deliveries()) == 4 - sent


def test_a_lasting_fault_says_how_often(database: str, services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        alert()
    send(only(monkeypatch, *ONE))
    assert ", 2 more until " in services.texts("slack")[0]


def test_the_loop_goes_on_through_whatever_a_pass_fails_with_and_ends_on_a_signal(
    database: str, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An absent database from the start; once it runs, a lock, a secret that is away and a bug, too."""
    alert()
    channels, due = only(monkeypatch, *ONE), sender.send_due
    fails: list[Exception | None] = [
        DatabaseUnreachable("away"), None, Conflict("55P03"), SecretUnavailable("Vault"), RuntimeError("a bug"), None,
    ]  # fmt: skip
    passes: list[list[sender.Delivery]] = []

    def flaky(*arguments: Any) -> Any:
        if (error := fails.pop(0)) is not None:
            raise error
        return due(*arguments)

    def tell(deliveries: list[sender.Delivery]) -> None:
        passes.append(deliveries)
        if not fails:
            os.kill(os.getpid(), signal.SIGTERM)

    before = signal.getsignal(signal.SIGTERM)
    with monkeypatch.context() as patched:
        patched.setattr(sender, "send_due", flaky)
        sender.send_forever(channels, settings.load(), 0.01, tell)
    assert signal.getsignal(signal.SIGTERM) == before
    assert [len(p[0].sent) for p in passes] == [2, 0], "the alert and the sign of life"
    assert len(execute("select 1 from ops.heartbeats where process = 'notify'")) >= 1


def test_what_fails_before_the_first_pass_is_a_set_up_to_mend(
    database: str, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: Any) -> None:
        raise Conflict("no such function")

    monkeypatch.setattr(sender, "send_due", fails)
    with pytest.raises(Conflict):
        sender.send_forever(only(monkeypatch, *ONE), settings.load(), 0.01, lambda _: None)


def test_what_cannot_be_used_is_said_before_anything_is_sent(
    database: str, services: Services, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["notify", "--once", "--test"]) == ExitCode.USAGE
    monkeypatch.setenv("MONITOR_NOTIFY_LEVEL", "LOUD")
    assert cli.run(["notify", "--once"]) == ExitCode.USAGE
    monkeypatch.delenv("MONITOR_NOTIFY_LEVEL")
    for name in ("TELEGRAM_BOT_TOKEN", "SLACK_WEBHOOK_URL", "DISCORD_WEBHOOK_URL"):
        monkeypatch.delenv(name)
    assert cli.run(["notify", "--once"]) == ExitCode.USAGE
    assert "no channel is set" in capsys.readouterr().err
    assert services.got == []


def test_a_test_message_needs_no_database(
    services: Services, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    assert cli.run(["notify", "--test"]) == ExitCode.DONE
    assert capsys.readouterr().out == "telegram: sent\nslack: sent\ndiscord: sent\n"
    services.answers["discord"] = (401, "{}")
    assert cli.run(["notify", "--test", "--json"]) == ExitCode.UNEXPECTED
    captured = capsys.readouterr()
    assert [row["error"] is None for row in json.loads(captured.out)] == [True, True, False]
    assert "discord: " in captured.err and "401" in captured.err
    assert cli.run(["notify", "--once"]) == ExitCode.DATABASE


def test_status_and_doctor_say_what_nobody_heard(
    database: str, services: Services, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    alert()
    execute("update notify.alerts set recorded_at = clock_timestamp() - interval '1 hour'")
    monkeypatch.setenv("COLUMNS", "200")
    assert cli.run(["status"]) == ExitCode.DONE
    assert "1 alerts of HIGH or CRITICAL reached nobody" in capsys.readouterr().out
    cli.run(["doctor"])
    assert "1 of HIGH or CRITICAL reached nobody since" in capsys.readouterr().out
    services.answers["slack"] = (503, "no")
    cli.run(["notify", "--once"])
    cli.run(["doctor"])
    assert "none of HIGH or CRITICAL older than ten minutes is unsent" in capsys.readouterr().out
    assert cli.run(["status"]) == ExitCode.DONE
    shown = capsys.readouterr().out
    assert "alerts through discord: 2 sent" in shown and "reached nobody" not in shown
    assert "alerts through slack: 0 sent, last never, 0 left out, 2 waiting since" in shown and "503" in shown
