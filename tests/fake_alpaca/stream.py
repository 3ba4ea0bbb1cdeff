"""trade_updates over a websocket, as paper-api's: text in, binary out, authenticate before listen.

Framing is `websockets`' own protocol object without its sockets: the server's thread owns the socket, so that a test
can cut it, mute it or refuse it.
"""

from __future__ import annotations

import contextlib
import json
import random
import socket
import threading
from dataclasses import dataclass, field
from typing import Any

from websockets.exceptions import InvalidState
from websockets.frames import Opcode
from websockets.server import ServerProtocol


@dataclass
class Behaviour:
    """What is wrong with the stream now. Zero and False: nothing."""

    mute: bool = False
    refuse: str = ""
    refuse_left: int | None = None
    copies: int = 1
    early: bool = False
    delay: float = 0.0
    group: int = 0
    garbage: bool = False


class Connection:
    """One client. The reading thread is the server's; sends come from any."""

    def __init__(self, channel: socket.socket, protocol: ServerProtocol) -> None:
        self.channel = channel
        self.protocol = protocol
        self.listening = False
        self._lock = threading.Lock()

    def send(self, message: Any) -> None:
        """A JSON message in a binary frame; bytes as they are."""
        body = message if isinstance(message, bytes) else json.dumps(message).encode()
        with self._lock, contextlib.suppress(OSError, InvalidState):
            self.protocol.send_binary(body)
            self._push()

    def _push(self) -> None:
        for data in self.protocol.data_to_send():
            if data:
                self.channel.sendall(data)

    def receive(self, data: bytes) -> list[str]:
        """Feed bytes of the client; its text messages. Pings are answered."""
        with self._lock:
            self.protocol.receive_data(data)
            self._push()
        return [
            frame.data.decode()
            for frame in self.protocol.events_received()
            if getattr(frame, "opcode", None) in (Opcode.TEXT, Opcode.BINARY)
        ]

    def cut(self) -> None:
        """End it without a word."""
        with contextlib.suppress(OSError):
            self.channel.shutdown(socket.SHUT_RDWR)


@dataclass
class Hub:
    """Every connection, and how events reach them. seed: of the order of shuffled groups."""

    key: str
    secret: str
    seed: int = 0
    behaviour: Behaviour = field(default_factory=Behaviour)

    def __post_init__(self) -> None:
        self._connections: list[Connection] = []
        self._waiting: list[dict[str, Any]] = []
        self._group: list[dict[str, Any]] = []
        self._lock = threading.RLock()
        self._random = random.Random(self.seed)

    # -- events ----

    def publish(self, event: dict[str, Any]) -> None:
        """An event of the exchange: it leaves after the answer to the request that caused it, unless told early."""
        with self._lock:
            self._waiting.append(event)
            if self.behaviour.early:
                self.release()

    def release(self) -> None:
        """Let what waits leave."""
        with self._lock:
            events, self._waiting = self._waiting, []
            if self.behaviour.group:
                self._group += events
                if len(self._group) < self.behaviour.group:
                    return
                events, self._group = self._group, []
                self._random.shuffle(events)
        if not events or self.behaviour.mute:
            return
        if self.behaviour.delay:
            timer = threading.Timer(self.behaviour.delay, self._send, (events,))
            timer.daemon = True
            timer.start()
        else:
            self._send(events)

    def _send(self, events: list[dict[str, Any]]) -> None:
        with self._lock:
            listening = [c for c in self._connections if c.listening]
        for event in events:
            for connection in listening:
                if self.behaviour.garbage:
                    connection.send(b"\x00not json{")
                for _ in range(self.behaviour.copies):
                    connection.send({"stream": "trade_updates", "data": event})

    def drop(self) -> None:
        """Cut every connection."""
        with self._lock:
            for connection in self._connections:
                connection.cut()

    def listeners(self) -> int:
        """Connections that listen."""
        with self._lock:
            return sum(c.listening for c in self._connections)

    # -- one connection ----

    def refused(self) -> str:
        """How this connection is refused: `handshake`, `reset`, `auth`; empty: it is not."""
        with self._lock:
            how = self.behaviour.refuse
            if how and self.behaviour.refuse_left is not None:
                self.behaviour.refuse_left -= 1
                if self.behaviour.refuse_left <= 0:
                    self.behaviour.refuse = ""
            return how

    def serve(self, channel: socket.socket, request: bytes) -> None:
        """Shake hands and serve until the connection ends. request: the upgrade request as received."""
        how = self.refused()
        if how == "reset":
            return
        protocol = ServerProtocol()
        protocol.receive_data(request)
        for event in protocol.events_received():
            response = protocol.reject(503, "no stream\n") if how == "handshake" else protocol.accept(event)  # type: ignore[arg-type]
            protocol.send_response(response)
        for data in protocol.data_to_send():
            if data:
                channel.sendall(data)
        if how == "handshake":
            return
        connection = Connection(channel, protocol)
        with self._lock:
            self._connections.append(connection)
        try:
            self._converse(connection, allowed=how != "auth")
        finally:
            with self._lock:
                self._connections.remove(connection)

    def _converse(self, connection: Connection, allowed: bool) -> None:
        authorized = False
        connection.channel.settimeout(None)
        while True:
            try:
                data = connection.channel.recv(65536)
            except OSError:
                return
            if not data:
                return
            for text in connection.receive(data):
                message = json.loads(text)
                asked = message.get("data") or {}
                if message.get("action") in ("auth", "authenticate"):
                    given = (
                        asked.get("key_id") or message.get("key"),
                        asked.get("secret_key") or message.get("secret"),
                    )
                    authorized = allowed and given == (self.key, self.secret)
                    status = "authorized" if authorized else "unauthorized"
                    connection.send({"stream": "authorization", "data": {"status": status, "action": "authenticate"}})
                elif message.get("action") == "listen" and authorized:
                    streams = [name for name in asked.get("streams", []) if name == "trade_updates"]
                    connection.listening = bool(streams)
                    connection.send({"stream": "listening", "data": {"streams": streams}})
            if connection.protocol.state.name in ("CLOSING", "CLOSED"):
                return
