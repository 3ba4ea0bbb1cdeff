"""I14: with the database down, the holder of the trading key kills; with it there, the file is a row at once."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from runner import config as golden
from runner import db, settings
from runner.brokers import desk
from runner.brokers.killswitch import KillWatch
from runner.errors import DatabaseUnreachable
from tests.conftest import SUMMARY
from tests.crash.scene import ACCOUNT, Scene, run_sql
from tests.fake_alpaca import FakeAlpaca

RESTING = {"symbol": "AAA", "side": "buy", "qty": "1", "type": "limit", "limit_price": "50", "time_in_force": "gtc"}
DEAD = "postgresql://fund@127.0.0.1:1/fund"


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeAlpaca]:
    """A broker with an order resting, its key in the environment, and a kill file nobody has written yet."""
    monkeypatch.setenv("KILL_SWITCH_FILE", str(tmp_path / "KILL_SWITCH"))
    with FakeAlpaca(clock="2020-01-07T15:00:00Z") as fake:
        monkeypatch.setenv("ALPACA_API_KEY", fake.key)
        monkeypatch.setenv("ALPACA_SECRET_KEY", fake.secret)
        monkeypatch.setenv("ALPACA_BASE_URL", fake.url)
        fake.set_prices(AAA=("99.99", "100.01"))
        fake.do("place", **RESTING)
        yield fake


def write_file() -> None:
    settings.load().kill_switch_file.write_text("test\n", encoding="ascii")


def suspended(fake: FakeAlpaca) -> bool:
    """Whether the broker takes no orders and works none."""
    key = {"APCA-API-KEY-ID": fake.key, "APCA-API-SECRET-KEY": fake.secret}
    account = httpx.get(f"{fake.url}/v2/account", headers=key, trust_env=False).json()
    return bool(account["trade_suspended_by_user"]) and not fake.state()["open_orders"]


@pytest.mark.parametrize("wanted", [["--once"], ["--kill"]])
def test_i14_the_command_kills_at_the_broker_without_a_database(
    fake: FakeAlpaca, wanted: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file and no database: `sync --once` ends with 16 and has killed; `sync --kill` needs no file either."""
    from runner import cli

    monkeypatch.setenv("DATABASE_URL", DEAD)
    if wanted == ["--once"]:
        monkeypatch.setenv("FUND_BROKER_PASSWORD", "none")
        assert cli.run(["sync", "--once", "--account", "elsewhere"]) == 16
        assert not suspended(fake), "no file, no kill"
        write_file()
    code = cli.run(["sync", *wanted, "--account", "elsewhere"])
    assert code == (16 if wanted == ["--once"] else 0), capsys.readouterr()
    assert suspended(fake)


def type_kill() -> None:
    """`kill`, as a person types it while the database is away: the file is written, and that is all it can do."""
    from runner import cli

    assert cli.run(["kill", "--reason", "test"]) == 16


def watch(fake: FakeAlpaca, until: Any, seconds: float = 30.0, kill: Callable[[], None] = write_file) -> float:
    """Seconds from the kill to when `until` was true."""
    broker = desk.key_broker(golden.load(), "paper")
    woken = threading.Event()
    with KillWatch(settings.load(), broker, woken.set):
        time.sleep(0.2)
        began = time.monotonic()
        kill()
        while not until():
            assert time.monotonic() - began < seconds, "never"
            time.sleep(0.05)
        took = time.monotonic() - began
    assert woken.is_set()
    return took


def test_i14_a_file_is_a_row_at_once_and_the_broker_left_alone(fake: FakeAlpaca, database: str) -> None:
    """Protective stops stay (B7): what is cancelled is decided in the database."""
    execute = "select source from ops.kill_sources"
    run_sql(database, "insert into ops.simulated_clocks (instant) values ('2020-01-07 15:00+00')")
    watch(fake, lambda: run_sql(database, execute) == [{"source": "file"}])
    assert not suspended(fake) and len(fake.state()["open_orders"]) == 1


@pytest.mark.parametrize("how", ["away", "hanging"])
def test_i14_where_the_database_does_not_answer_the_broker_is_killed(
    fake: FakeAlpaca, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Refused, or silent: a database that does not take the file in time is one that is away."""

    def connect(*_: Any, **__: Any) -> Any:
        if how == "hanging":
            time.sleep(60)
        raise DatabaseUnreachable

    monkeypatch.setattr(db, "connect", connect)
    took = watch(fake, lambda: suspended(fake), kill=type_kill if how == "away" else write_file)
    SUMMARY.append(f"kill with the database {how}: the broker is suspended after {took:.1f} s")
    assert how == "away" or took > settings.load().kill_database_timeout


@pytest.mark.parametrize("seconds", ["5", "1"])
def test_i14_a_database_that_answers_slowly_is_not_away(
    fake: FakeAlpaca, database: str, seconds: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Protective stops stay while it answers in time, whatever that is set to; beyond it they do not."""
    run_sql(database, "insert into ops.simulated_clocks (instant) values ('2020-01-07 15:00+00')")
    monkeypatch.setenv("KILL_DATABASE_TIMEOUT", seconds)
    real, answered = db.connect, threading.Event()

    @contextlib.contextmanager
    def slow(*words: Any, **named: Any) -> Iterator[Any]:
        time.sleep(2.5)
        with real(*words, **named) as connection:
            yield connection
        answered.set()

    monkeypatch.setattr(db, "connect", slow)
    watch(fake, lambda: answered.is_set() or suspended(fake))
    assert suspended(fake) == (seconds == "1")


def test_i14_a_file_that_is_gone_kills_nothing(fake: FakeAlpaca, monkeypatch: pytest.MonkeyPatch) -> None:
    """Taken away while a silent database was waited for: there is nothing to kill for any more."""
    asked = threading.Event()

    def silent(*_: Any, **__: Any) -> Any:
        asked.set()
        time.sleep(60)
        raise DatabaseUnreachable

    monkeypatch.setattr(db, "connect", silent)

    def taken_away() -> bool:
        if asked.is_set():
            settings.load().kill_switch_file.unlink()
        return asked.is_set()

    watch(fake, taken_away)
    assert not suspended(fake)


def test_i14_a_database_that_dies_after_it_took_the_file_is_one_that_is_away(
    fake: FakeAlpaca, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The row is there, and no pass has come to cancel what it forbids: the broker is told."""
    run_sql(database, "insert into ops.simulated_clocks (instant) values ('2020-01-07 15:00+00')")

    def away(*_: Any, **__: Any) -> Any:
        raise DatabaseUnreachable

    def died() -> bool:
        if db.connect is not away and run_sql(database, "select source from ops.kill_sources"):
            assert not suspended(fake), "while it answered"
            patch.setattr(db, "connect", away)
        return suspended(fake)

    with monkeypatch.context() as patch:
        watch(fake, died)
    assert run_sql(database, "select source from ops.kill_sources") == [{"source": "file"}]


def test_i14_a_kill_that_the_broker_does_not_take_is_tried_again(
    fake: FakeAlpaca, monkeypatch: pytest.MonkeyPatch
) -> None:
    def connect(*_: Any, **__: Any) -> Any:
        raise DatabaseUnreachable

    monkeypatch.setattr(db, "connect", connect)
    fake.fault("status_before", op="PATCH /v2/account/configurations", count=2)
    watch(fake, lambda: suspended(fake))


def test_i15_what_suspended_is_lifted_by_a_person_when_the_kill_is_clear(
    fake: FakeAlpaca, scenes: list[Scene], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from runner import cli

    monkeypatch.setattr(settings, "DATABASE", scenes[0].template)
    assert cli.run(["sync", "--kill", "--account", ACCOUNT]) == 0
    write_file()
    assert cli.run(["sync", "--resume", "--account", ACCOUNT]) == 11
    settings.load().kill_switch_file.unlink()
    assert cli.run(["sync", "--resume", "--account", ACCOUNT]) == 0
    assert "takes orders again" in capsys.readouterr().out
    (lifted,) = fake.do("place", **RESTING)
    assert lifted["client_order_id"] in fake.state()["open_orders"]
