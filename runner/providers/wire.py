"""One conversation with a vendor of data: paced, bounded in time and size, every answer kept byte for byte.

The vendors' own clients say where and how to ask (address, key, cookie, pages); the sessions here stand beneath them
and decide what may happen: a connection and a read that end, a body that is not read beyond a bound, no redirect
followed, no repetition but ours. 400, 401 and 403 are asked once (ruling F8); 429, 5xx and a lost connection again,
after the time the vendor names, else after one that doubles. What a request carried is kept without its secrets.
"""

from __future__ import annotations

import json
import threading
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlencode, urlsplit

import pandas as pd
import requests
import stamina
import stamina.instrumentation
import urllib3

from runner.log import get_logger
from runner.providers.base import Answer, Exchange, Fault, Unreadable
from runner.universe import SYMBOL

T = TypeVar("T")

log = get_logger("providers")


def _tell_repetition(details: stamina.instrumentation.RetryDetails) -> None:
    log.info("asked_again", reason=str(details.caused_by), seconds=round(details.wait_for, 1), time=details.retry_num)


#: A line of a service's log, and none beside what the command itself tells a person.
stamina.instrumentation.set_on_retry_hooks([_tell_repetition])

#: Parameters of a request that are secrets, whoever's.
SECRETS = frozenset({"apikey", "api_key", "apiKey", "crumb", "signature", "token"})
#: What a vendor may have us wait for at most, seconds; one that wants more has failed for now.
WAIT_MAX = 60.0
CHUNK_BYTES = 65_536
#: Marks, in its request, an answer of an attempt that failed later and was made again.
SUPERSEDED = "superseded"


@dataclass(frozen=True)
class Limits:
    """Seconds to connect, between two reads, for one answer and for a whole conversation, repetitions included; bytes
    of an answer; attempts, and seconds before the second one.
    """

    connect_seconds: float = 10.0
    read_seconds: float = 30.0
    answer_seconds: float = 120.0
    total_seconds: float = 600.0
    bytes_max: int = 64 * 2**20
    attempts: int = 5
    wait_seconds: float = 1.0


class Failed(Exception):
    """A conversation is over without rows."""

    def __init__(self, fault: Fault, reason: str) -> None:
        """fault: why, as a word; reason: in a sentence without secrets."""
        super().__init__(reason)
        self.fault: Fault = fault
        self.reason = reason


class _Again(Exception):
    """To be asked again, after so many seconds where the vendor named them."""

    def __init__(self, fault: Fault, reason: str, wait: float | None = None) -> None:
        super().__init__(reason)
        self.fault: Fault = fault
        self.reason = reason
        self.wait = wait


class Pace:
    """Turns of requests, all threads together, evenly spaced."""

    def __init__(self, per_minute: int) -> None:
        """per_minute: requests at most."""
        self._seconds = 60.0 / per_minute
        self._lock = threading.Lock()
        self._next = 0.0

    def wait(self) -> None:
        """Until it is this request's turn."""
        with self._lock:
            now = time.monotonic()
            turn = max(now, self._next)
            self._next = turn + self._seconds
        time.sleep(turn - now)


class Conversation:
    """The requests about one symbol, in order, and every answer to them."""

    def __init__(self, limits: Limits, pace: Pace) -> None:
        """Its time begins now."""
        self.limits = limits
        self.answers: list[Answer] = []
        self._pace = pace
        self._ends = time.monotonic() + limits.total_seconds
        self._part = ""

    def get(self, part: str, send: Callable[[], T]) -> T:
        """What `send` returns, once the vendor's client has got an answer; `part` names it in the archive.

        Raises: Failed.
        """
        self._part = part
        left = self._ends - time.monotonic()
        try:
            for attempt in stamina.retry_context(
                on=_repetition,
                attempts=self.limits.attempts,
                timeout=max(left, 0.0),
                wait_initial=self.limits.wait_seconds,
                wait_max=WAIT_MAX,
            ):
                with attempt:
                    return self._once(send)
        except _Again as again:
            raise Failed(again.fault, f"{again.reason}, {self.limits.attempts} times at most") from None
        raise AssertionError("stamina returns or raises")

    def _once(self, send: Callable[[], T]) -> T:
        heard = len(self.answers)
        token = CONVERSATION.set(self)
        try:
            self._pace.wait()
            return send()
        except _Again:
            # What this attempt heard before it failed is heard again: kept, and not read twice.
            self.answers[heard:] = [replace(a, request={**a.request, SUPERSEDED: True}) for a in self.answers[heard:]]
            raise
        except Failed:
            raise
        except Exception as error:
            if len(self.answers) > heard:
                name = type(error).__name__
                raise Failed("UNREADABLE", f"an answer its own client cannot read ({name})") from None
            if isinstance(error, LOST):
                raise lost(error) from None
            raise
        finally:
            CONVERSATION.reset(token)

    def take(self, status: int, headers: Mapping[str, str], chunks: Iterable[bytes], url: str) -> bytes:
        """An answer, kept; its body, unpacked, where it is one to read. chunks: as they came, packed where `headers`
        have a Content-Encoding. Raises: Failed and _Again by its status and size.
        """
        named = {name.lower(): value for name, value in headers.items()}
        packing = named.get("content-encoding", "")

        def keep(content: bytes, **more: str) -> None:
            request = {"part": self._part, "url": without_secrets(url), **more}
            self.answers.append(Answer(content, named.get("content-type", ""), str(status), request))

        try:
            received = bounded(chunks, self.limits)
        except (Failed, _Again, *LOST) as error:
            cut = error if isinstance(error, Failed | _Again) else lost(error)
            keep(b"", not_kept=str(cut))
            raise cut from None
        try:
            body = unpacked(received, packing, self.limits)
        except (Failed, _Again):
            keep(received, packed=packing)
            raise
        keep(body)
        if status == 200:
            return body
        reason = f"it answered {status}"
        if status in (418, 429):  # 418 is Binance's, of who went on after 429
            raise _Again("THROTTLED", reason, wait_asked(named))
        if status >= 500:
            raise _Again("UNAVAILABLE", reason, wait_asked(named))
        if status == 404:
            raise Failed("NOT_FOUND", reason)
        if 300 <= status < 400:
            raise Failed("UNREADABLE", f"{reason}, a redirect")
        raise Failed("REFUSED", reason)


#: How a connection ends without an answer; requests and curl derive their errors from OSError.
LOST = (OSError, urllib3.exceptions.HTTPError)


def lost(error: Exception) -> _Again:
    """Asked again: a name of an error holds no secret, its message may."""
    return _Again("UNAVAILABLE", f"no answer ({type(error).__name__})")


#: The conversation a session's request belongs to: the clients in between hand nothing through.
CONVERSATION: ContextVar[Conversation] = ContextVar("conversation")


def _repetition(error: Exception) -> bool | float:
    if not isinstance(error, _Again):
        return False
    return True if error.wait is None else error.wait


def bounded(chunks: Iterable[bytes], limits: Limits) -> bytes:
    """The body. Raises: Failed where it is too large, _Again where it takes too long."""
    ends = time.monotonic() + limits.answer_seconds
    body = bytearray()
    for chunk in chunks:
        body += chunk
        if len(body) > limits.bytes_max:
            raise Failed("TOO_LARGE", f"an answer of more than {limits.bytes_max:,} bytes")
        if time.monotonic() > ends:
            raise _Again("UNAVAILABLE", f"an answer that took more than {limits.answer_seconds:g} s")
    return bytes(body)


def unpacked(received: bytes, packing: str, limits: Limits) -> bytes:
    """The body of what came as Content-Encoding `packing`. Raises: Failed where it is too large or packed as nobody
    asked for, _Again where it is damaged.
    """
    if packing in ("", "identity") or not received:
        return received
    if packing not in ("gzip", "x-gzip", "deflate"):
        raise Failed("UNREADABLE", f"an answer packed as {packing[:20]!r}")
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 32)  # 32: gzip's header or zlib's
    try:
        body = unpacker.decompress(received, limits.bytes_max + 1)
    except zlib.error:
        raise _Again("UNAVAILABLE", "a packed answer that is damaged") from None
    if len(body) > limits.bytes_max:
        raise Failed("TOO_LARGE", f"an answer of more than {limits.bytes_max:,} bytes")
    if not unpacker.eof:
        raise _Again("UNAVAILABLE", "a packed answer that is cut off")
    return body


def wait_asked(headers: Mapping[str, str]) -> float | None:
    """Seconds the vendor asks us to wait (Retry-After; X-RateLimit-Reset, an instant), at most WAIT_MAX; None where it
    names none that can be read.
    """
    now = datetime.now(UTC)
    if after := headers.get("retry-after"):
        try:
            seconds = float(after) if after.isdecimal() else (parsedate_to_datetime(after) - now).total_seconds()
        except (ValueError, TypeError):
            return None
    elif (reset := headers.get("x-ratelimit-reset", "")).strip().isdecimal():
        seconds = float(reset) - now.timestamp()
    else:
        return None
    return min(max(seconds, 0.0), WAIT_MAX)


def without_secrets(url: str) -> str:
    """The address that was asked, without the parameters that are secrets and without a password before the host."""
    parts = urlsplit(url)
    query = urlencode([(name, value) for name, value in parse_qsl(parts.query) if name not in SECRETS])
    return parts._replace(query=query, netloc=parts.netloc.rpartition("@")[2]).geturl()


class Session(requests.Session):
    """What a client built on requests sends through."""

    def __init__(self, limits: Limits) -> None:
        """The body comes as it is, uncompressed."""
        super().__init__()
        self._limits = limits
        self.headers["Accept-Encoding"] = "identity"

    def request(self, method: str, url: str, **options: Any) -> requests.Response:  # type: ignore[override]
        """Once, without a redirect; the response has its whole body, or Failed or _Again is raised."""
        timeout = (self._limits.connect_seconds, self._limits.read_seconds)
        try:
            response = super().request(
                method, url, **{**options, "timeout": timeout, "stream": True, "allow_redirects": False}
            )
            with response:
                chunks = response.raw.stream(CHUNK_BYTES, decode_content=False)
                body = CONVERSATION.get().take(response.status_code, response.headers, chunks, response.url)
        except LOST as error:  # here, since a client in between may give it a class of its own
            raise lost(error) from None
        response._content = body
        return response


# -- the client's side of a provider ----


def ask(limits: Limits, pace: Pace, talk: Callable[[Conversation], None]) -> Exchange:
    """What came of `talk`, whatever failed: faults of source, network and client are told, none is raised."""
    conversation = Conversation(limits, pace)
    try:
        talk(conversation)
    except Failed as failed:
        return Exchange(tuple(conversation.answers), failed.fault, failed.reason)
    return Exchange(tuple(conversation.answers))


def require_symbol(symbol: str) -> None:
    """Before anything is made of it. Raises: Failed for what is no symbol of ours."""
    if not SYMBOL.fullmatch(symbol):
        raise Failed("NOT_FOUND", f"{symbol[:40]!r} is not a symbol")


# -- reading answers ----


def pages(answers: Sequence[Answer], part: str) -> Iterator[Any]:
    """The documents of a part, in order. Raises: Unreadable where one is none."""
    for answer in answers:
        if answer.request.get("part") == part and answer.status == "200" and not answer.request.get(SUPERSEDED):
            yield document(answer)


def document(answer: Answer) -> Any:
    """The JSON of an answer. Raises: Unreadable."""
    if not answer.content.strip():
        raise Unreadable("an empty answer")
    try:
        return json.loads(answer.content)
    except (ValueError, RecursionError):
        start = answer.content.lstrip()[:1]
        raise Unreadable("HTML where JSON is expected" if start == b"<" else "an answer that is no JSON") from None


def number(value: Any) -> float:
    """A price or volume as float64; nothing is NaN, which the database sets aside. Raises: Unreadable."""
    if value is None:
        return float("nan")
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise Unreadable(f"{str(value)[:40]!r} where a number is expected")
    try:
        return float(value)
    except (ValueError, OverflowError):
        raise Unreadable(f"{str(value)[:40]!r} where a number is expected") from None


def frame(sessions: Sequence[date], columns: Mapping[str, Sequence[Any]]) -> pd.DataFrame:
    """Rows as SymbolBars has them, from values as received. Raises: Unreadable."""
    found: dict[str, Any] = {"session": pd.to_datetime(pd.Series(list(sessions), dtype="object"))}
    for name, values in columns.items():
        found[name] = pd.Series([number(value) for value in values], dtype="float64")
    return pd.DataFrame(found)


def require_dollars(currency: Any, what: str) -> None:
    """Prices and amounts are USD (F8): one that its source says is not, or is in pence, is another number. Raises:
    Unreadable.
    """
    if currency not in (None, "", "USD"):
        raise Unreadable(f"{what} in {str(currency)[:20]!r}, not USD")


def ratio(after: Any, before: Any) -> float:
    """Shares for one of a split, NaN where it is none. Raises: Unreadable."""
    old = number(before)
    return number(after) / old if old > 0 else float("nan")


def day(text: Any) -> date:
    """An ISO date. Raises: Unreadable."""
    try:
        return date.fromisoformat(text)
    except (TypeError, ValueError):
        raise Unreadable(f"{str(text)[:40]!r} where a date is expected") from None
