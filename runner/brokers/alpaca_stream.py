"""Alpaca's trade_updates as a hint: something may have happened, so poll. What a message says is not believed (I30).

alpaca-py's TradingStream is not used: it waits for ever for the answer to its key, parses what it hears, and its `stop`
waits for its own loop. Here a thread listens, calls back on any message and on every new connection (what happened
before it is not told), and connects again with a growing pause. Whatever goes wrong changes nothing but how soon the
next poll is.
"""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from urllib.parse import urlsplit

from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect

from runner.brokers.alpaca_wire import parse_json
from runner.config import BrokerConfig
from runner.log import get_logger

log = get_logger("sync")

MESSAGE_MAX_BYTES = 1_000_000

#: Seconds between two looks at whether to stop, and between two tries to connect: doubled up to the second.
_LOOK_SECONDS = 0.25
_PAUSE_SECONDS = (1.0, 30.0)


class TradeStream:
    """Listens while its block lasts. on_hint is called in its thread."""

    def __init__(
        self,
        url: str,
        credentials: Callable[[], tuple[str, str]],
        config: BrokerConfig,
        on_hint: Callable[[], None],
        pause_seconds: tuple[float, float] = _PAUSE_SECONDS,
    ) -> None:
        """url: ws or wss; credentials: key and secret, asked for when they are sent."""
        self._url, self._credentials, self._config, self._on_hint = url, credentials, config, on_hint
        self._pause = pause_seconds
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="alpaca-trade-updates", daemon=True)

    def __enter__(self) -> TradeStream:
        """Start listening; not being able to is no error."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Stop. A thread that is still connecting is left to find out."""
        self._stop.set()
        self._thread.join(self._config.total_timeout_seconds)

    def _run(self) -> None:
        shortest, longest = self._pause
        pause = shortest
        while not self._stop.is_set():
            try:
                with self._connect() as connection:
                    self._listen(connection)
                    pause = shortest
                    self._hear(connection)
            except (OSError, EOFError, WebSocketException, ValueError) as error:
                log.info("trade_stream_lost", error=type(error).__name__, pause_seconds=pause)
            self._stop.wait(pause)
            pause = min(longest, 2 * pause)

    def _connect(self) -> ClientConnection:
        """A socket made here: no proxy of the environment, and a redirect is an error."""
        address, seconds = urlsplit(self._url), self._config.connect_timeout_seconds
        port = address.port or (443 if address.scheme == "wss" else 80)
        channel = socket.create_connection((str(address.hostname), port), seconds)
        try:
            return connect(
                self._url,
                sock=channel,
                compression=None,
                open_timeout=seconds,
                close_timeout=_LOOK_SECONDS,
                max_size=MESSAGE_MAX_BYTES,
            )
        except BaseException:
            channel.close()
            raise

    def _listen(self, connection: ClientConnection) -> None:
        """Say who we are, ask for trade_updates. Raises: ValueError where that is refused."""
        key, secret = self._credentials()
        connection.send(json.dumps({"action": "authenticate", "data": {"key_id": key, "secret_key": secret}}))
        answer = connection.recv(timeout=self._config.read_timeout_seconds)
        told = parse_json(answer.encode() if isinstance(answer, str) else answer)
        data = told.get("data") if isinstance(told, dict) else None
        if not isinstance(data, dict) or data.get("status") != "authorized":
            raise ValueError("not authorized")
        connection.send(json.dumps({"action": "listen", "data": {"streams": ["trade_updates"]}}))

    def _hear(self, connection: ClientConnection) -> None:
        """Every message is a hint, the answer to `listen` being the first."""
        while not self._stop.is_set():
            with suppress(TimeoutError):
                connection.recv(timeout=_LOOK_SECONDS)
                self._on_hint()
