"""One call to Alpaca: sent at most once, bounded in time and in size, and whether its first byte left.

alpaca-py gives address, authentication and body. What it does beyond that is taken from it (I30; measured on 0.44): it
waits for ever, sends a POST again on 429 and 504 (four orders from one call), and ignores `retry_attempts=0`. Here a
call ends within its total time-out whatever drips, is guarded directly before its first byte, follows no redirect, asks
no proxy and no netrc, and reads no more than so many bytes. `alpaca_safety` looks at the real client at start-up. No
reason given here can hold a secret: it is made of names of errors, never of their messages.
"""

from __future__ import annotations

import contextlib
import errno
import http.client
import json
import socket
import threading
import time
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Any, Literal, NoReturn, TypeAlias, cast

import requests
import urllib3
from alpaca.trading.client import TradingClient
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection

from runner.brokers.base import Guard
from runner.config import BrokerConfig
from runner.errors import FundError

Kind = Literal["paper", "live"]

#: Where an account of a kind trades; there is no other way to say an address but a test server's on this machine.
ADDRESSES: dict[Kind, str] = {"paper": "https://paper-api.alpaca.markets", "live": "https://api.alpaca.markets"}

_CHUNK_BYTES = 65_536


class Body(Enum):
    """What stands in the place of a body that is no JSON."""

    EMPTY = "an empty body"
    UNREADABLE = "a body that is no JSON"


@dataclass(frozen=True)
class Answered:
    """A whole answer. body: JSON with numbers as int and Decimal, or a `Body`. headers: by lower-case name."""

    status: int
    body: Any
    headers: Mapping[str, str]


@dataclass(frozen=True)
class NotSent:
    """It certainly had no effect: not one byte left."""

    reason: str


@dataclass(frozen=True)
class Lost:
    """Something left, and no whole answer came back."""

    reason: str


Outcome: TypeAlias = Answered | NotSent | Lost


class _Stopped(Exception):
    """No byte has left, and none will."""


class _TooLarge(Exception):
    """More than the configured bytes."""


# -- one call: its clock, its guard, its socket ----


class _Call:
    """A call under way. When its time is over, its socket is shut down beneath whoever waits for it."""

    def __init__(self, limits: BrokerConfig, guard: Guard | None) -> None:
        self.limits, self._guard = limits, guard
        self.sent = self.expired = False
        self._ends = time.monotonic() + limits.total_timeout_seconds
        self._held: socket.socket | None = None
        self._lock = threading.Lock()
        self._timer = threading.Timer(limits.total_timeout_seconds, self._expire)
        self._timer.daemon = True
        self._timer.start()

    def left(self) -> float:
        """Seconds until its time is over. Raises: TimeoutError when it is."""
        seconds = self._ends - time.monotonic()
        if seconds <= 0:
            raise TimeoutError
        return seconds

    def hold(self, channel: socket.socket) -> None:
        """This is its socket now. A duplicate is kept: TLS takes the first one over."""
        with self._lock:
            self._release()
            self._held = socket.socket(fileno=socket.dup(channel.fileno()))
            if self.expired:
                self._shut()

    def first_byte(self) -> None:
        """Called directly before each write. Raises: _Stopped before the first, where the guard has a reason."""
        if self.sent:
            return
        reason = self._guard() if self._guard is not None else None
        if reason is not None:
            raise _Stopped(reason)
        if self.expired:
            raise _Stopped("TOTAL_TIMEOUT")
        self.sent = True

    def end(self) -> None:
        """It is over."""
        self._timer.cancel()
        with self._lock:
            self._release()

    def _expire(self) -> None:
        with self._lock:
            self.expired = True
            self._shut()

    def _shut(self) -> None:
        if self._held is not None:
            with contextlib.suppress(OSError):
                self._held.shutdown(socket.SHUT_RDWR)

    def _release(self) -> None:
        if self._held is not None:
            self._held.close()
            self._held = None


CALL: ContextVar[_Call] = ContextVar("call")


class _Guarded(HTTPConnection):
    """A connection that asks its call before it writes. Its base class is the place where calls can be counted."""

    def _new_conn(self) -> socket.socket:
        """Name, addresses and connection together within the connect time-out."""
        call = CALL.get()
        ends = time.monotonic() + min(call.limits.connect_timeout_seconds, call.left())
        error: OSError = TimeoutError()
        for family, kind, protocol, _, address in _resolve(self._dns_host, self.port, ends - time.monotonic()):
            seconds = ends - time.monotonic()
            if seconds <= 0:
                break
            channel = socket.socket(family, kind, protocol)
            try:
                channel.settimeout(seconds)
                channel.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                channel.connect(address)
                call.hold(channel)
            except OSError as failed:
                channel.close()
                error = failed
            else:
                return channel
        raise error

    def send(self, data: Any) -> None:
        """Connect, ask the guard, write."""
        if self.sock is None:
            self.connect()
        call = CALL.get()
        if not call.sent and self.sock is not None:
            call.hold(self.sock)
        call.first_byte()
        super().send(data)


class _GuardedTls(_Guarded, HTTPSConnection):
    """The same over TLS."""


class _Pool(urllib3.HTTPConnectionPool):
    ConnectionCls = _Guarded


class _TlsPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _GuardedTls


#: Scheme -> the pool of its connections.
POOLS: dict[str, type[urllib3.HTTPConnectionPool]] = {"http": _Pool, "https": _TlsPool}


def _resolve(host: str, port: int | None, seconds: float) -> list[Any]:
    """Addresses of a name. In a thread: the resolver has time-outs of its own. Raises: OSError, TimeoutError."""
    found: list[list[Any] | OSError] = []

    def ask() -> None:
        try:
            found.append(list(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)))
        except OSError as error:
            found.append(error)

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(seconds)
    if not found:
        raise TimeoutError
    if isinstance(found[0], OSError):
        raise found[0]
    return found[0]


# -- the session and the client ----


class Adapter(HTTPAdapter):
    """Pools of guarded connections; no retry."""

    def __init__(self) -> None:
        """max_retries is urllib3's: also of a connection that a server closed."""
        super().__init__(max_retries=0)

    def init_poolmanager(self, *arguments: Any, **named: Any) -> None:
        """Called by requests, also on a copy."""
        super().init_poolmanager(*arguments, **named)
        self.poolmanager.pool_classes_by_scheme = POOLS


class OnceSession(requests.Session):
    """Sends a call once and reads its answer, within the call's limits."""

    def __init__(self, limits: BrokerConfig) -> None:
        """Nothing of the environment: no proxy, no netrc, no certificate bundle."""
        super().__init__()
        self.limits = limits
        self.trust_env = False
        self.max_redirects = 0
        self.headers["Accept-Encoding"] = "identity"
        self.mount("https://", Adapter())
        self.mount("http://", Adapter())

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """A redirect is an answer like any other."""
        return None

    def exchange(self, method: str, url: str, options: Mapping[str, Any]) -> Outcome:
        """The call of this context, carried out."""
        call = CALL.get()
        timeout = (self.limits.connect_timeout_seconds, self.limits.read_timeout_seconds)
        response: requests.Response | None = None
        try:
            response = self.request(method, url, **{**options, "timeout": timeout, "stream": True})
            body = self._read(response)
        except _Stopped as stopped:
            return NotSent(str(stopped))
        except _TooLarge:
            return Lost(f"more than {self.limits.response_max_bytes} bytes")
        except (requests.RequestException, urllib3.exceptions.HTTPError, http.client.HTTPException, OSError) as error:
            reason = "TOTAL_TIMEOUT" if call.expired else named(error)
            return Lost(reason) if call.sent else NotSent(reason)
        finally:
            if response is not None:
                response.close()
        if call.expired:  # what was read may have been cut where it still reads as whole
            return Lost("TOTAL_TIMEOUT")
        if not call.sent:
            raise FundError("an answer came to a call that was never guarded: the HTTP library has changed")
        return Answered(response.status_code, body, {k.lower(): v for k, v in response.headers.items()})

    def _read(self, response: requests.Response) -> Any:
        """The body, parsed as it came: a compressed one, which was not asked for, is no JSON.

        Raises: _TooLarge, and what a broken connection raises.
        """
        most, data = self.limits.response_max_bytes, bytearray()
        told = response.headers.get("Content-Length", "")
        if told.isdigit() and int(told) > most:
            raise _TooLarge
        while chunk := response.raw.read(_CHUNK_BYTES, decode_content=False):
            data += chunk
            if len(data) > most:
                raise _TooLarge
        return parse_json(bytes(data))


class Client(TradingClient):
    """alpaca-py's client with its one place where a call is made, and may be made again, replaced."""

    def __init__(self, api_key: str, secret_key: str, base_url: str, limits: BrokerConfig) -> None:
        """base_url: without /v2."""
        super().__init__(api_key, secret_key, raw_data=True, url_override=base_url)
        self.limits = limits
        self._session = OnceSession(limits)
        self._retry, self._retry_codes = 0, []

    def _one_request(self, method: str, url: str, opts: dict[str, Any], retry: int) -> Any:
        return cast("OnceSession", self._session).exchange(method, url, opts)

    def call(
        self, method: str, path: str, data: Mapping[str, Any] | None = None, guard: Guard | None = None
    ) -> Outcome:
        """One call. path: beneath /v2; data: the query of a GET or DELETE, the body of a POST or PATCH."""
        call = _Call(self.limits, guard)
        token = CALL.set(call)
        try:
            return cast("Outcome", self._request(method, path, dict(data) if data is not None else None))
        finally:
            CALL.reset(token)
            call.end()


def parse_json(data: bytes) -> Any:
    """JSON with its numbers exact; a `Body` where it is none. NaN and Infinity are no JSON."""
    if not data.strip():
        return Body.EMPTY
    try:
        return json.loads(data, parse_float=Decimal, parse_constant=_refuse)
    except (ValueError, ArithmeticError, RecursionError):
        return Body.UNREADABLE


def _refuse(_: str) -> NoReturn:
    raise ValueError


def named(error: BaseException) -> str:
    """What went wrong, by the names of errors alone: the innermost one's number, else its class."""
    found, seen = type(error).__name__, error
    for _ in range(8):
        if isinstance(seen, OSError) and seen.errno is not None and seen.errno in errno.errorcode:
            return errno.errorcode[seen.errno]
        found = type(seen).__name__
        inner = [getattr(seen, "reason", None), *seen.args, seen.__cause__, seen.__context__]
        following = next((item for item in inner if isinstance(item, BaseException)), None)
        if following is None:
            break
        seen = following
    return found
