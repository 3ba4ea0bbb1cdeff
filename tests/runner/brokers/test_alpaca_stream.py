"""The trade stream is a hint: whatever happens to it changes nothing else."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from runner.brokers.alpaca import AlpacaBroker
from runner.brokers.alpaca_stream import TradeStream
from tests.fake_alpaca import FakeAlpaca
from tests.network.conftest import NOON, key_of, limits


@pytest.fixture(scope="module")
def process() -> Iterator[FakeAlpaca]:
    with FakeAlpaca() as fake:
        yield fake


@pytest.fixture
def fake(process: FakeAlpaca) -> FakeAlpaca:
    process.reset(clock=NOON)
    process.do("clear")
    return process


def until(true: Callable[[], bool], seconds: float = 30.0) -> bool:
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.01)
    return true()


class Ear:
    """A stream whose pauses are short, and its hints counted."""

    def __init__(self, fake: FakeAlpaca, secret: str | None = None) -> None:
        self.hints = 0
        self.stream = TradeStream(
            fake.stream_url, lambda: (fake.key, secret or fake.secret), limits(4.0), self._hint, (0.02, 0.1)
        )

    def _hint(self) -> None:
        self.hints += 1


def listening(fake: FakeAlpaca, count: int = 1) -> bool:
    return until(lambda: fake.state()["listeners"] == count)


def place(fake: FakeAlpaca) -> None:
    fake.do("place", symbol="AAA", qty="1", side="buy", type="limit", limit_price="90", time_in_force="gtc")


@pytest.fixture
def ear(fake: FakeAlpaca) -> Iterator[Ear]:
    made = Ear(fake)
    with made.stream:
        assert listening(fake)
        assert until(lambda: made.hints == 1), "connected: what happened before is not told"
        yield made


def test_the_brokers_own_stream(fake: FakeAlpaca) -> None:
    """As sync uses it: by the address of the calls, stopped within a moment."""
    heard = threading.Event()
    with AlpacaBroker.connect(key_of(fake), "paper", limits()).hints(heard.set):
        assert heard.wait(30)
        heard.clear()
        place(fake)
        assert heard.wait(30)
        began = time.monotonic()
    assert time.monotonic() - began < 10
    assert listening(fake, 0)


def test_any_message_is_a_hint(fake: FakeAlpaca, ear: Ear) -> None:
    for fault in ("stream_garbage", "stream_duplicate"):
        fake.fault(fault)
    place(fake)
    assert until(lambda: ear.hints >= 4)
    assert listening(fake), "garbage does not end it"


def test_a_stream_that_is_dropped_comes_back(fake: FakeAlpaca, ear: Ear) -> None:
    fake.fault("stream_drop")
    assert until(lambda: ear.hints >= 2), "a new connection is a hint"
    assert listening(fake)


def test_a_mute_stream_says_nothing(fake: FakeAlpaca, ear: Ear) -> None:
    fake.fault("stream_mute")
    place(fake)
    time.sleep(0.5)
    assert ear.hints == 1


@pytest.mark.parametrize("how", ["handshake", "reset", "auth"])
def test_a_refused_stream_is_tried_again(fake: FakeAlpaca, ear: Ear, how: str) -> None:
    fake.fault("stream_refuse", how=how, count=None)
    time.sleep(0.5)
    assert fake.state()["listeners"] == 0
    fake.do("clear")
    assert listening(fake)
    assert until(lambda: ear.hints >= 2)


def test_a_wrong_secret_and_nobody_there_end_with_the_block(fake: FakeAlpaca) -> None:
    ear = Ear(fake, secret="wrong")
    with ear.stream:
        time.sleep(0.3)
    assert ear.hints == 0
    nobody = TradeStream("ws://127.0.0.1:9/stream", lambda: ("a", "b"), limits(1.0), ear.stream._on_hint, (0.02, 0.1))
    began = time.monotonic()
    with nobody:
        time.sleep(0.1)
    assert time.monotonic() - began < 10
    assert not nobody._thread.is_alive() and not ear.stream._thread.is_alive()
