"""How the dashboard is started: what is checked first, on which address, and how it ends."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from runner import cli, settings
from runner.dashboard import serve
from runner.errors import UsageError
from tests.conftest import ROOT


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_an_address_that_is_taken_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert cli.run(["dashboard", "--port", str(port)]) == 2
    told = capsys.readouterr().err
    assert f"cannot listen on 127.0.0.1:{port}: Address already in use" in told and "--port" in told


def test_an_address_of_no_machine_is_said() -> None:
    with pytest.raises(UsageError, match=r"cannot listen on 203\.0\.113\.1:8501"):
        serve.check("203.0.113.1", 8501)


def test_a_name_that_cannot_be_one_is_said() -> None:
    with pytest.raises(UsageError, match="cannot listen on x"):
        serve.check("x" * 70 + ".example", 8501)


def test_what_is_not_installed_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve, "find_spec", lambda name: None)
    with pytest.raises(UsageError, match="streamlit") as refused:
        serve.check("127.0.0.1", free_port())
    assert "[dashboard]" in refused.value.remedy


def test_a_database_away_is_said_before_anything_is_served(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"postgresql://x@127.0.0.1:{free_port()}/fund")
    monkeypatch.setenv("FUND_ANALYST_PASSWORD", "secret-of-the-analyst")
    monkeypatch.setattr(serve, "become", lambda *_: pytest.fail("served all the same"))
    assert cli.run(["dashboard", "--port", str(free_port())]) == 16
    assert "secret-of" not in capsys.readouterr().err


def test_what_the_machine_set_for_streamlit_does_not_count() -> None:
    """Nobody is told of its use, no traceback reaches a browser, and it listens where it was told to alone."""
    words = serve.command_line("127.0.0.1", 8501)
    assert words[:4] == [sys.executable, "-m", "streamlit", "run"] and Path(words[4]).name == "app.py"
    assert {
        "--browser.gatherUsageStats=false", "--client.showErrorDetails=none", "--server.address=127.0.0.1",
        "--server.port=8501", "--server.headless=true", "--server.enableCORS=true", "--theme.font=sans-serif",
    } <= set(words)  # fmt: skip


def test_an_open_address_is_said(
    database: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    became: list[tuple[object, ...]] = []
    monkeypatch.setattr(serve, "become", lambda *given: became.append(given))
    port = free_port()
    assert cli.run(["dashboard", "--host", "0.0.0.0", "--port", str(port), "--refresh", "0"]) == 0
    assert "no login" in capsys.readouterr().err
    assert cli.run(["dashboard", "--port", str(port)]) == 0
    assert "no login" not in capsys.readouterr().err
    assert cli.run(["dashboard", "--port", str(port), "--name", "risk.example"]) == 0
    refresh = settings.load().dashboard_refresh
    assert became == [
        ("0.0.0.0", port, 0, ()), ("127.0.0.1", port, refresh, ()), ("127.0.0.1", port, refresh, ("risk.example",)),
    ]  # fmt: skip


def test_it_answers_to_its_own_names_alone() -> None:
    """A page of another site whose name is made to resolve to this machine is no reader (DNS rebinding)."""

    def allowed(*given: object) -> list[str]:
        words = serve.command_line(*given)  # type: ignore[arg-type]
        return [word.partition("=")[2] for word in words if word.startswith("--server.allowedHosts=")]

    assert allowed("127.0.0.1", 1) == ["127.0.0.1", "localhost"]
    assert allowed("127.0.0.1", 1, ("risk.example",)) == ["127.0.0.1", "localhost", "risk.example"]
    assert allowed("0.0.0.0", 1) == [], "anybody's, which is said"
    assert allowed("0.0.0.0", 1, ("risk.example",)) == ["0.0.0.0", "localhost", "127.0.0.1", "risk.example"]


def test_nothing_of_streamlit_s_own_is_inherited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STREAMLIT_SERVER_BASE_URL_PATH", "elsewhere")
    given: list[dict[str, str]] = []
    monkeypatch.setattr(os, "execve", lambda _path, _words, environment: given.append(environment))
    serve.become("127.0.0.1", 8501, 5)
    assert not [name for name in given[0] if name.startswith("STREAMLIT_")]
    assert given[0]["DASHBOARD_REFRESH"] == "5" and given[0]["PYTHONPATH"].split(os.pathsep)[0] == str(ROOT)


def test_it_serves_on_its_address_alone_until_it_is_told_to_end(server: object, tmp_path: Path) -> None:
    """The process is Streamlit's own, so that whoever watches over it sees its end; it is started from anywhere."""
    port = free_port()
    environment = os.environ | {"PYTHONPATH": str(ROOT), "HOME": str(tmp_path)}
    words = [sys.executable, "-m", "runner", "dashboard", "--port", str(port)]
    database = subprocess.run(
        [sys.executable, "-m", "runner", "deploy", "--simulated"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert database.returncode == 0, database.stderr
    with subprocess.Popen(
        words, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            for _ in range(300):
                assert process.poll() is None, process.stdout.read() if process.stdout else ""
                with (
                    contextlib.suppress(OSError),
                    urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=5) as answer,
                ):
                    assert answer.status == 200
                    break
                time.sleep(0.1)
            else:
                pytest.fail("it does not answer")
            text = Path("/proc/net/tcp").read_text() + Path("/proc/net/tcp6").read_text()
            listening = re.findall(rf"([0-9A-F]+):{port:04X} [0-9A-F]+:0000 0A", text)
            assert listening == ["0100007F"]
        finally:
            process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0
