"""I4, I30: what leaves the machine and when, against sockets that do as they like."""

from __future__ import annotations

import contextlib
import gzip
import socket
import threading
import time
from collections.abc import Callable, Iterator
from decimal import Decimal

import pytest

from runner.brokers import alpaca_wire
from runner.brokers.alpaca_wire import Answered, Body, Client, Lost, NotSent, parse_json
from tests.network.conftest import limits

Serve = Callable[[socket.socket], None]
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


class Server:
    """Listens on loopback; `serve` answers each request as a test says. heard: bytes that came, by connection."""

    def __init__(self, serve: Serve) -> None:
        self._serve, self.heard = serve, list[bytes]()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                channel, _ = self._socket.accept()
                self.heard.append(b"")
                threading.Thread(target=self._one, args=(channel, len(self.heard) - 1), daemon=True).start()

    def _one(self, channel: socket.socket, number: int) -> None:
        with channel, contextlib.suppress(OSError):
            while data := channel.recv(65536):
                self.heard[number] += data
                if b"\r\n\r\n" in data:
                    self._serve(channel)

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def serving() -> Iterator[Callable[[Serve], Server]]:
    servers: list[Server] = []

    def start(serve: Serve) -> Server:
        servers.append(Server(serve))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


def client(url: str, total: float = 5.0, **changes: float) -> Client:
    return Client("PKTEST", "secret", url, limits(total, **changes))


def answer(body: bytes, head: bytes = b"") -> Serve:
    return lambda channel: channel.sendall(OK + head + b"Content-Length: %d\r\n\r\n" % len(body) + body)


# -- before the first byte ----


def test_the_guard_is_asked_once_after_connecting_and_before_the_first_byte(serving: Callable[[Serve], Server]) -> None:
    server = serving(answer(b"{}"))
    connected_and_silent: list[bool] = []

    def guard() -> str | None:
        end = time.monotonic() + 2
        while not server.heard and time.monotonic() < end:
            time.sleep(0.01)
        time.sleep(0.05)
        connected_and_silent.append(server.heard == [b""])
        return None

    assert isinstance(client(server.url).call("POST", "/orders", {"a": "b"}, guard), Answered)
    assert connected_and_silent == [True]


def test_a_reason_stops_the_call_and_nothing_leaves(serving: Callable[[Serve], Server]) -> None:
    """On a new connection and on one that is kept, for POST and DELETE."""
    server = serving(answer(b"{}"))
    made = client(server.url)
    assert made.call("POST", "/orders", {"a": "b"}, lambda: "LEASE_OVER") == NotSent("LEASE_OVER")
    assert isinstance(made.call("GET", "/clock"), Answered)
    before = list(server.heard)
    assert made.call("DELETE", "/orders/1", guard=lambda: "KILL_FILE") == NotSent("KILL_FILE")
    time.sleep(0.05)
    assert server.heard == before and before[0] == b""


def test_a_refused_connection_is_not_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    assert client(f"http://127.0.0.1:{port}").call("POST", "/orders", {}) == NotSent("ECONNREFUSED")


def test_a_server_that_does_not_accept_is_not_sent() -> None:
    """A full backlog answers no SYN: the connect time-out ends it."""
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        waiting = []
        for _ in range(8):
            channel = socket.socket()
            channel.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                channel.connect(full.getsockname())
            waiting.append(channel)
        began = time.monotonic()
        told = client(f"http://127.0.0.1:{full.getsockname()[1]}", 1.0).call("POST", "/orders", {})
        assert isinstance(told, NotSent)
        assert time.monotonic() - began < 30, "the system's own patience is two minutes"
        for channel in waiting:
            channel.close()


def test_a_resolver_that_hangs_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: time.sleep(8) or [])
    began = time.monotonic()
    assert isinstance(client("http://broker.invalid", 0.6).call("POST", "/orders", {}), NotSent)
    assert time.monotonic() - began < 8


def test_a_server_that_speaks_no_tls_is_not_sent(serving: Callable[[Serve], Server]) -> None:
    """The handshake fails, or hangs until the time is over: no byte of the request has left."""
    server = serving(answer(b"{}"))
    told = client(server.url.replace("http", "https"), 0.6).call("POST", "/orders", {"a": "b"})
    assert isinstance(told, NotSent)
    assert b"POST" not in server.heard[0]


# -- after it ----


def drip(channel: socket.socket) -> None:
    """An answer that never ends, a byte at a time: its header is a part of it."""
    for _ in range(200):
        channel.sendall(b"H" if _ else b"HTTP/1.1 200 OK\r\nX-Long: ")
        time.sleep(0.02)


def drip_body(channel: socket.socket) -> None:
    channel.sendall(OK + b"Transfer-Encoding: chunked\r\n\r\n")
    for _ in range(200):
        channel.sendall(b"1\r\n \r\n")
        time.sleep(0.02)


@pytest.mark.parametrize("serve", [drip, drip_body])
def test_i30_a_drip_ends_at_the_total_time_out(serving: Callable[[Serve], Server], serve: Serve) -> None:
    """No read time-out is ever met, and the call is over all the same."""
    began = time.monotonic()
    assert client(serving(serve).url, 0.5).call("POST", "/orders", {}) == Lost("TOTAL_TIMEOUT")
    assert 0.5 <= time.monotonic() - began < 4, "as long as it drips"


def test_a_connection_closed_without_a_word_is_lost(serving: Callable[[Serve], Server]) -> None:
    server = serving(lambda channel: channel.shutdown(socket.SHUT_RDWR))
    assert isinstance(client(server.url).call("POST", "/orders", {}), Lost)
    assert len(server.heard) == 1, "sent once"


def test_a_kept_connection_that_the_server_closed_is_not_used(serving: Callable[[Serve], Server]) -> None:
    """It is seen before anything is written: a POST on it would be in doubt for nothing."""

    def once(channel: socket.socket) -> None:
        answer(b"{}")(channel)
        channel.shutdown(socket.SHUT_RDWR)

    server = serving(once)
    made = client(server.url)
    for _ in range(3):
        assert isinstance(made.call("POST", "/orders", {}), Answered)
        time.sleep(0.05)
    assert len(server.heard) == 3


def chunked_without_end(channel: socket.socket) -> None:
    channel.sendall(OK + b"Transfer-Encoding: chunked\r\n\r\n")
    while True:
        channel.sendall(b"1000\r\n" + b" " * 4096 + b"\r\n")


@pytest.mark.parametrize("serve", [chunked_without_end, answer(b" " * 200_000)])
def test_i30_no_more_is_read_than_so_many_bytes(serving: Callable[[Serve], Server], serve: Serve) -> None:
    told = client(serving(serve).url, response_max_bytes=100_000).call("GET", "/orders")
    assert told == Lost("more than 100000 bytes")


def test_a_short_body_is_lost(serving: Callable[[Serve], Server]) -> None:
    def short(channel: socket.socket) -> None:
        channel.sendall(OK + b"Content-Length: 100\r\n\r\n[]")
        channel.shutdown(socket.SHUT_RDWR)

    assert isinstance(client(serving(short).url).call("GET", "/orders"), Lost)


def test_a_compressed_body_is_not_unpacked(serving: Callable[[Serve], Server]) -> None:
    """None was asked for; a small one may unpack to any size."""
    server = serving(answer(gzip.compress(b"[]"), b"Content-Encoding: gzip\r\n"))
    told = client(server.url).call("GET", "/orders")
    assert isinstance(told, Answered) and told.body is Body.UNREADABLE
    assert b"Accept-Encoding: identity" in server.heard[0]


def test_a_redirect_is_an_answer(serving: Callable[[Serve], Server]) -> None:
    elsewhere = serving(answer(b"{}"))

    def redirect(channel: socket.socket) -> None:
        head = f"HTTP/1.1 307 Temporary Redirect\r\nLocation: {elsewhere.url}/v2/orders\r\nContent-Length: 0\r\n\r\n"
        channel.sendall(head.encode())

    told = client(serving(redirect).url).call("POST", "/orders", {"a": "b"})
    assert isinstance(told, Answered) and told.status == 307
    assert elsewhere.heard == []


def test_nothing_of_the_environment(
    serving: Callable[[Serve], Server], monkeypatch: pytest.MonkeyPatch, tmp_path
) -> None:  # type: ignore[no-untyped-def]
    """No proxy is asked and no netrc sent."""
    proxy, server = serving(answer(b'"the proxy"')), serving(answer(b'"the broker"'))
    (tmp_path / "netrc").write_text("default login somebody password else\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, proxy.url)
    monkeypatch.setenv("no_proxy", "")
    told = client(server.url).call("GET", "/clock")
    assert isinstance(told, Answered) and told.body == "the broker"
    assert b"Authorization" not in server.heard[0] and proxy.heard == []


def test_two_threads_have_calls_of_their_own(serving: Callable[[Serve], Server]) -> None:
    """A halt beside a POST: the guard of one does not stop the other."""
    made = client(serving(answer(b"{}")).url)
    stopped: list[object] = []
    other = threading.Thread(target=lambda: stopped.append(made.call("POST", "/orders", {}, lambda: "STOP")))

    def guard() -> str | None:
        other.start()
        other.join()
        return None

    assert isinstance(made.call("DELETE", "/orders", guard=guard), Answered)
    assert stopped == [NotSent("STOP")]


def test_an_answer_that_no_guard_saw_is_an_error(
    serving: Callable[[Serve], Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A library that writes by another way than `send` must not go unnoticed."""
    monkeypatch.setattr(alpaca_wire._Guarded, "send", alpaca_wire.HTTPConnection.send)
    with pytest.raises(alpaca_wire.FundError, match="never guarded"):
        client(serving(answer(b"{}")).url).call("GET", "/clock")


# -- JSON ----


@pytest.mark.parametrize(
    ("data", "read"),
    [
        (b"", Body.EMPTY),
        (b" \r\n", Body.EMPTY),
        (b"null", None),
        (b'{"a": 0.1}', {"a": Decimal("0.1")}),
        (b'{"a": NaN}', Body.UNREADABLE),
        (b"[Infinity]", Body.UNREADABLE),
        (b"[" * 200_000, Body.UNREADABLE),
        (b"1" * 5000, Body.UNREADABLE),
        (b'{"a": 1', Body.UNREADABLE),
        (b"<html></html>", Body.UNREADABLE),
        (b"\xff\xfe\xfd", Body.UNREADABLE),
    ],
    ids=lambda value: str(value)[:20],
)
def test_json_is_exact_or_none(data: bytes, read: object) -> None:
    assert parse_json(data) == read
