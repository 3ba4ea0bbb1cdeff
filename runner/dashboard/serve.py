"""How Streamlit is started: on one address, telling nobody, showing no traceback."""

from __future__ import annotations

import os
import socket
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import NoReturn

from runner.errors import UsageError

APP = Path(__file__).with_name("app.py")
_ROOT = APP.parents[2]

#: Streamlit's own settings; a .streamlit/config.toml of the machine does not change them.
_OPTIONS = {
    "server.headless": "true",
    "server.fileWatcherType": "none",
    "browser.gatherUsageStats": "false",
    "client.toolbarMode": "minimal",
    "client.showErrorDetails": "none",
    "logger.level": "warning",
}


def check(host: str, port: int) -> None:
    """Raises: UsageError where Streamlit is not installed or the address cannot be listened on."""
    if find_spec("streamlit") is None or find_spec("plotly") is None:
        raise UsageError(
            "the dashboard needs streamlit and plotly", "Install the extra `dashboard`: pip install '.[dashboard]'"
        )
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        with socket.socket(found[0][0], socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(found[0][4])
    except OSError as error:
        raise UsageError(
            f"cannot listen on {host}:{port}: {error.strerror or error}", "Give another --port or --host."
        ) from error


def command_line(host: str, port: int) -> list[str]:
    """Python, Streamlit and the options it is started with."""
    options = _OPTIONS | {"server.address": host, "server.port": str(port)}
    return [
        sys.executable,
        "-m",
        "streamlit",
        "run",
        str(APP),
        *(f"--{name}={value}" for name, value in options.items()),
    ]


def become(host: str, port: int, refresh: int) -> NoReturn:
    """Replace this process by Streamlit's, so that a signal reaches it and its end is this command's."""
    path = os.pathsep.join(part for part in (str(_ROOT), os.environ.get("PYTHONPATH")) if part)
    sys.stdout.flush()
    line = command_line(host, port)
    os.execve(line[0], line, os.environ | {"PYTHONPATH": path, "DASHBOARD_REFRESH": str(refresh)})
