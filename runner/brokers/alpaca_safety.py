"""Whether the client that is about to send orders is the one `alpaca_wire` was written for (I30, I31).

alpaca-py and its HTTP library are other people's, and a guard that a new version no longer calls is silent. So at
start-up each guard is looked at where it stands, and calls that alpaca-py, left alone, would make again go nowhere and
are counted. The live address in paper mode is one of the things looked for.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from typing import Any

import requests
import urllib3
from alpaca.common.enums import BaseURL
from requests.adapters import BaseAdapter

from runner.brokers.alpaca_wire import ADDRESSES, CALL, POOLS, Adapter, Answered, Client, Kind, OnceSession, named
from runner.errors import IntegrityError


def require_safe(client: Client, kind: Kind, *, loopback: bool) -> None:
    """Look at the client itself, and let it make calls that go nowhere. loopback: a test server's address (I30, I31).

    Raises: IntegrityError naming everything that is unsafe.
    """
    unsafe = [*_unsafe_parts(client, kind, loopback=loopback), *_unsafe_calls(client)]
    if unsafe:
        raise IntegrityError(
            f"this alpaca-py or its HTTP library is not safe to send orders with: {'; '.join(unsafe)}",
            "Install the versions of requirements.txt; nothing was sent.",
        )


def _unsafe_parts(client: Client, kind: Kind, *, loopback: bool) -> Iterator[str]:
    session = client._session
    if (BaseURL.TRADING_PAPER.value, BaseURL.TRADING_LIVE.value) != (ADDRESSES["paper"], ADDRESSES["live"]):
        yield "its addresses of paper and live are not the known ones"
    if not loopback and client._base_url != ADDRESSES[kind]:
        yield f"its address is not that of a {kind} account"
    if client._retry != 0 or client._retry_codes != []:
        yield "it retries"
    if not isinstance(session, OnceSession):
        yield "its session is not ours"
        return
    if session.trust_env or session.proxies or session.auth is not None or session.cert is not None:
        yield "it takes a proxy or an identity from elsewhere"
    if session.verify is not True:
        yield "it does not verify certificates"
    if session.max_redirects != 0 or session.get_redirect_target(_redirect()) is not None:
        yield "it follows redirects"
    if sorted(session.adapters) != ["http://", "https://"]:
        yield "it has other adapters than ours"
    for adapter in session.adapters.values():
        if not isinstance(adapter, Adapter) or adapter.poolmanager.pool_classes_by_scheme != POOLS:
            yield "its connections are not guarded"
        elif adapter.max_retries.total != 0 or adapter.max_retries.read:
            yield "its HTTP library retries"


def _redirect() -> requests.Response:
    response = requests.Response()
    response.status_code = 307
    response.headers["Location"] = "https://elsewhere.invalid/"
    return response


class _Nowhere(BaseAdapter):
    """Answers every call with a status, and keeps what it was sent with."""

    def __init__(self, status: int) -> None:
        super().__init__()
        self.status = status
        self.sent: list[dict[str, Any]] = []

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:  # type: ignore[override]
        self.sent.append({"url": request.url, "headers": request.headers, **options})
        if len(self.sent) == 1:
            CALL.get().first_byte()
        response = _redirect() if self.status == 307 else requests.Response()
        response.status_code = self.status
        response.url, response.request = str(request.url), request
        response.raw = urllib3.HTTPResponse(io.BytesIO(), status=self.status, preload_content=False)
        return response

    def close(self) -> None:
        """Nothing is open."""


def _unsafe_calls(client: Client) -> Iterator[str]:
    """Calls that alpaca-py, left alone, makes again: each must reach the session once, as it should be sent."""
    session = client._session
    adapters = session.adapters
    try:
        for method in ("POST", "PATCH", "DELETE", "GET"):
            for status in (504, 429, 307):
                nowhere = _Nowhere(status)
                session.adapters = {"https://": nowhere, "http://": nowhere}
                try:
                    told = client.call(method, "/clock", {"a": "b"})
                except Exception as error:  # whatever it is, this is another client than the one this is written for
                    yield f"{method} answered {status} fails with {named(error)}"
                else:
                    if not isinstance(told, Answered) or told.status != status:
                        yield f"{method} answered {status} is not told as that"
                if len(nowhere.sent) != 1:
                    yield f"{method} answered {status} is sent {len(nowhere.sent)} times"
                for sent in nowhere.sent:
                    yield from _unsafe_call(client, sent)
    finally:
        session.adapters = adapters


def _unsafe_call(client: Client, sent: Mapping[str, Any]) -> Iterator[str]:
    limits = client.limits
    if sent["timeout"] != (limits.connect_timeout_seconds, limits.read_timeout_seconds):
        yield "a call leaves without its time-outs"
    if sent["proxies"]:
        yield "a call leaves by a proxy"
    if not sent["stream"]:
        yield "an answer is read without bounds"
    if not str(sent["url"]).startswith(f"{client._base_url}/v2/clock"):
        yield "a call leaves for another address"
    if sent["headers"].get("Authorization") or sent["headers"].get("Accept-Encoding") != "identity":
        yield "a call leaves with other headers"
