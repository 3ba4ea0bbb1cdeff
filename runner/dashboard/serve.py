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

#: Streamlit's own settings; no .streamlit/config.toml of the machine changes who may read, or what is loaded.
_OPTIONS = {
    "server.enableCORS": "true",
    "server.enableXsrfProtection": "true",
    "server.enableStaticServing": "false",
    "server.baseUrlPath": "",
    "global.developmentMode": "false",
    "theme.font": "sans-serif",
    "theme.headingFont": "sans-serif",
    "theme.codeFont": "monospace",
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
    except (OSError, UnicodeError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise UsageError(f"cannot listen on {host}:{port}: {why}", "Give another --port or --host.") from error


def is_open(host: str) -> bool:
    """Whether others than this machine reach an address."""
    return host not in ("127.0.0.1", "::1", "localhost")


def command_line(host: str, port: int, names: tuple[str, ...] = ()) -> list[str]:
    """Python, Streamlit and the options it is started with.

    names: what browsers may call it by beside `host` and this machine's own names. Called otherwise it refuses: a page
    of another site can have a name of its own resolve to this machine. An open address without names is anybody's.
    """
    options = _OPTIONS | {"server.address": host, "server.port": str(port)}
    allowed = () if is_open(host) and not names else (host, "localhost", "127.0.0.1", *names)
    words = [f"--{name}={value}" for name, value in options.items()]
    words += [f"--server.allowedHosts={name}" for name in dict.fromkeys(allowed)]
    return [sys.executable, "-m", "streamlit", "run", str(APP), *words]


def become(host: str, port: int, refresh: int, names: tuple[str, ...] = ()) -> NoReturn:
    """Replace this process by Streamlit's, so that a signal reaches it and its end is this command's."""
    path = os.pathsep.join(part for part in (str(_ROOT), os.environ.get("PYTHONPATH")) if part)
    sys.stdout.flush()
    line = command_line(host, port, names)
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("STREAMLIT_")}
    os.execve(line[0], line, inherited | {"PYTHONPATH": path, "DASHBOARD_REFRESH": str(refresh)})
