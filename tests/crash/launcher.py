"""Forks workers: `python -m tests.crash.launcher` reads one JSON line per worker and answers with one.

A worker is what `python -m runner sync --once` runs, in a process of its own, from the same entry point; only what
its imports and its configuration cost is paid once, here.

Asked: {"arguments", "environment", "folder", "database", "kill_at", "pause_at", "patches"}. Answered: {"code" or
"signal", "boundaries" or "killed_at", "output"}, or {"paused": pid} for a worker that stopped, which {"resume": pid}
lets go on to its end.
"""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import sys
import tempfile
import time
from dataclasses import dataclass
from typing import IO, Any

from tests.crash.boundaries import Boundaries

#: A worker that outlives this is killed and told of: a loaded machine takes a minute for a hundred and sixty orders.
SECONDS = 240.0


def main() -> None:
    """Serve until stdin closes."""
    import_product()
    gc.freeze()
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        if "resume" in asked:
            os.kill(asked["resume"], signal.SIGCONT)
            answer = PAUSED.pop(asked["resume"]).end()
        else:
            answer = launch(asked)
        print(json.dumps(answer), flush=True)


def import_product() -> None:
    """Everything a worker imports, so that a fork starts with it."""
    import runner.brokers.alpaca
    import runner.brokers.sync
    import runner.cli
    import runner.commands.sync
    import runner.cycle
    import runner.show  # noqa: F401


@dataclass
class Worker:
    """One worker from its fork to its end. reader: what it tells; output: its stdout and stderr."""

    pid: int
    reader: int
    output: IO[bytes]

    def end(self) -> dict[str, Any]:
        """Wait for its end and give the answer."""
        words = self._read_all()
        _, status = os.waitpid(self.pid, 0)
        self.output.seek(0)
        told = self.output.read().decode(errors="replace")
        self.output.close()
        answer: dict[str, Any] = json.loads(words.splitlines()[-1]) if words.strip() else {}
        if os.WIFSIGNALED(status):
            return answer | {"signal": os.WTERMSIG(status), "output": told}
        return answer | {"code": os.WEXITSTATUS(status), "output": told}

    def _read_all(self) -> str:
        """What it wrote until it ended; it is killed when it takes too long."""
        words, end = b"", time.monotonic() + SECONDS
        while True:
            ready, _, _ = select.select([self.reader], [], [], max(0.0, end - time.monotonic()))
            if not ready:
                os.kill(self.pid, signal.SIGKILL)
                words += json.dumps({"killed_at": f"still running after {SECONDS:.0f} s"}).encode()
                break
            data = os.read(self.reader, 65536)
            if not data:
                break
            words += data
        os.close(self.reader)
        return words.decode()


#: Workers that stopped at their boundary.
PAUSED: dict[int, Worker] = {}


#: Folder -> its golden configuration, read and verified by the product itself.
CONFIGURATIONS: dict[str, Any] = {}


def launch(asked: dict[str, Any]) -> dict[str, Any]:
    """One worker, to its end or to where it stops."""
    if asked["folder"] not in CONFIGURATIONS:
        from runner import config as golden

        os.chdir(asked["folder"])
        CONFIGURATIONS[asked["folder"]] = golden.load_verified()
    output = tempfile.TemporaryFile()  # noqa: SIM115, closed when the worker has ended
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reader)
        _become_worker(asked, writer, output.fileno())
    os.close(writer)
    worker = Worker(pid, reader, output)
    if asked.get("pause_at"):
        done = os.waitid(os.P_PID, pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
        if done is not None and done.si_code == os.CLD_STOPPED:
            os.waitid(os.P_PID, pid, os.WSTOPPED)
            PAUSED[pid] = worker
            return {"paused": pid}
    return worker.end()


def _become_worker(asked: dict[str, Any], writer: int, output: int) -> None:
    """In the fork: never returns."""
    code = 1
    try:
        os.dup2(output, 1)
        os.dup2(output, 2)
        os.environ.update(asked["environment"])
        os.chdir(asked["folder"])
        from runner import cli, settings
        from runner import config as golden
        from tests.crash import patches

        settings.DATABASE = asked["database"]
        golden.load_verified = lambda: CONFIGURATIONS[asked["folder"]]
        for name, value in asked.get("patches", {}).items():
            getattr(patches, name)(value)
        boundaries = Boundaries(
            asked.get("kill_at"), asked.get("pause_at"), lambda at: _tell(writer, {"killed_at": at})
        )
        boundaries.install()
        code = cli.run(list(asked["arguments"]))
        sys.stdout.flush()
        _tell(writer, {"boundaries": boundaries.seen})
    except BaseException:
        import traceback

        traceback.print_exc()
        sys.stderr.flush()
    finally:
        os._exit(code)


def _tell(writer: int, words: dict[str, Any]) -> None:
    data = json.dumps(words).encode() + b"\n"
    while data:
        data = data[os.write(writer, data) :]


if __name__ == "__main__":
    main()
