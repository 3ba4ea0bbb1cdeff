"""I30, I31: the client is looked at before it may send; each guard is taken away once, and the look finds it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests
from alpaca.common.enums import BaseURL
from alpaca.trading.client import TradingClient
from requests.adapters import HTTPAdapter

from runner.brokers import alpaca_wire
from runner.brokers.alpaca import AlpacaBroker
from runner.brokers.alpaca_safety import require_safe
from runner.brokers.alpaca_wire import ADDRESSES, Client, OnceSession
from runner.errors import FundError, IntegrityError, SettingsError
from runner.settings import TradingKey
from tests.network.conftest import limits

KEY, SECRET = "PKTESTTESTTESTTEST00", "a-secret-that-must-not-be-seen-anywhere"


def client(base_url: str = ADDRESSES["paper"]) -> Client:
    return Client(KEY, SECRET, base_url, limits())


def test_the_client_as_it_is_passes() -> None:
    require_safe(client(), "paper", loopback=False)
    require_safe(client(ADDRESSES["live"]), "live", loopback=False)
    require_safe(client("http://127.0.0.1:1"), "paper", loopback=True)


def _retrying(made: Client, _: pytest.MonkeyPatch) -> None:
    made._retry, made._retry_codes = 3, [429, 504]


def _as_shipped(made: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """alpaca-py's own call: a new version that calls something else than what is replaced here looks like this."""
    monkeypatch.setattr(Client, "_one_request", TradingClient._one_request)
    made._retry, made._retry_codes, made._retry_wait = 3, [429, 504], 0


def _another_session(made: Client, _: pytest.MonkeyPatch) -> None:
    made._session = requests.Session()


def _environment(made: Client, _: pytest.MonkeyPatch) -> None:
    made._session.trust_env = True


def _proxy(made: Client, _: pytest.MonkeyPatch) -> None:
    made._session.proxies = {"https": "http://127.0.0.1:9"}


def _unverified(made: Client, _: pytest.MonkeyPatch) -> None:
    made._session.verify = False


def _redirects(_: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(OnceSession, "get_redirect_target", requests.Session.get_redirect_target)


def _plain_adapter(made: Client, _: pytest.MonkeyPatch) -> None:
    made._session.mount("https://", HTTPAdapter(max_retries=0))


def _urllib3_retries(made: Client, _: pytest.MonkeyPatch) -> None:
    made._session.adapters["https://"].max_retries = made._session.adapters["https://"].max_retries.new(total=2)


def _unguarded_pool(made: Client, _: pytest.MonkeyPatch) -> None:
    import urllib3

    manager = made._session.adapters["https://"].poolmanager
    manager.pool_classes_by_scheme = {"http": urllib3.HTTPConnectionPool, "https": urllib3.HTTPSConnectionPool}


def _no_time_out(_: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    request = requests.Session.request
    monkeypatch.setattr(
        requests.Session, "request", lambda self, *a, **named: request(self, *a, **{**named, "timeout": None})
    )


def _unbounded_body(_: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    request = requests.Session.request
    monkeypatch.setattr(
        requests.Session, "request", lambda self, *a, **named: request(self, *a, **{**named, "stream": False})
    )


def _renamed(made: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """A version of alpaca-py whose calls no longer go through the place that is replaced."""
    session = requests.Session()
    session.adapters = made._session.adapters

    def request(self: Client, method: str, path: str, data: Any = None) -> Any:
        return self._session.request(method, f"{self._base_url}/v2{path}", timeout=1)

    monkeypatch.setattr(Client, "_request", request)


def _other_addresses(_: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ADDRESSES, "paper", BaseURL.TRADING_LIVE.value)


GUARDS: list[tuple[Callable[[Client, pytest.MonkeyPatch], None], str]] = [
    (_retrying, "it retries"),
    (_as_shipped, "POST answered 504 is sent 4 times"),
    (_another_session, "its session is not ours"),
    (_environment, "takes a proxy or an identity"),
    (_proxy, "takes a proxy or an identity"),
    (_unverified, "does not verify certificates"),
    (_redirects, "it follows redirects"),
    (_plain_adapter, "its connections are not guarded"),
    (_urllib3_retries, "its HTTP library retries"),
    (_unguarded_pool, "its connections are not guarded"),
    (_no_time_out, "without its time-outs"),
    (_unbounded_body, "read without bounds"),
    (_renamed, "is not told as that"),
    (_other_addresses, "its addresses of paper and live"),
]


@pytest.mark.parametrize(("remove", "named"), GUARDS, ids=[remove.__name__.strip("_") for remove, _ in GUARDS])
def test_a_guard_taken_away_is_found(
    remove: Callable[[Client, pytest.MonkeyPatch], None], named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = client()
    remove(made, monkeypatch)
    with pytest.raises(IntegrityError, match=named) as refused:
        require_safe(made, "paper", loopback=False)
    assert refused.value.exit_code == 12
    assert SECRET not in str(refused.value) and KEY not in str(refused.value)


def test_what_alpaca_py_does_when_it_is_left_alone() -> None:
    """Measured on 0.44: three retries that `retry_attempts=0` does not take away. What `_as_shipped` puts back."""
    shipped = TradingClient(KEY, SECRET)
    assert (shipped._retry, shipped._retry_codes) == (3, [429, 504])


# -- addresses and keys ----


def key(**changes: str) -> TradingKey:
    return TradingKey(**({"ALPACA_API_KEY": KEY, "ALPACA_SECRET_KEY": SECRET} | changes))


def test_i31_the_address_follows_the_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    for kind in ("paper", "live"):
        assert AlpacaBroker.connect(key(), kind, limits())._client._base_url == ADDRESSES[kind]
    with pytest.raises(IntegrityError, match="not that of a paper account"):
        require_safe(client(ADDRESSES["live"]), "paper", loopback=False)
    monkeypatch.setenv("APCA_API_BASE_URL", ADDRESSES["live"])
    assert AlpacaBroker.connect(key(), "paper", limits())._client._base_url == ADDRESSES["paper"]


@pytest.mark.parametrize("value", ["with space", "line\nbreak", "tab\t", "ключ"])
def test_a_key_that_cannot_be_a_header(value: str) -> None:
    with pytest.raises(SettingsError, match="ALPACA_SECRET_KEY") as refused:
        AlpacaBroker.connect(key(ALPACA_SECRET_KEY=value), "paper", limits())
    assert value not in str(refused.value)


def test_i27_no_secret_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither in a repr, nor in what a call that failed says, whatever the library's message was."""
    broker = AlpacaBroker.connect(key(), "paper", limits())
    assert repr(broker) == "AlpacaBroker(paper at https://paper-api.alpaca.markets)"

    def failing(*_: Any, **__: Any) -> Any:
        raise requests.exceptions.InvalidHeader(f"Invalid header value {SECRET!r} of {KEY!r}")

    monkeypatch.setattr(requests.Session, "request", failing)
    told = broker._client.call("GET", "/account")
    assert told == alpaca_wire.NotSent("InvalidHeader")
    with pytest.raises(FundError) as refused:
        broker.account()
    assert SECRET not in str(refused.value) and KEY not in str(refused.value)
