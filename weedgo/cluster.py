"""A PostgreSQL server on a data folder, shared by processes, gone with the last of them.

The processes that use a server hold a shared lock on one file; the kernel drops that lock however
a process ends, so no list of process ids can go stale. A small watcher waits for the exclusive
lock on the same file, which it gets when the last user is gone, and then stops the server.

PostgreSQL refuses to run as root. Root therefore serves as the owner of the data folder, or, for
a new one, as the first of `SERVICE_USERS` that exists.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import pwd
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

SERVICE_USERS = ("postgres", "nobody")
SUPERUSER = "postgres"
START_SECONDS = 60
FREE_BYTES_NEEDED = 200 * 1024 * 1024
# sockaddr_un holds 108 bytes on Linux and 104 on macOS, a closing zero among them.
LONGEST_SOCKET_PATH = 103

_users_held: dict[Path, int] = {}
_mutex = threading.Lock()


class ClusterError(RuntimeError):
    """A server could not be made, started or stopped; the message is one line."""


@dataclass(frozen=True)
class Cluster:
    """A data folder, the programs that serve it and the folder of its socket.

    Args:
        binaries: the folder of `initdb`, `pg_ctl` and `postgres`.
        data: the data folder; its lock files stand beside it.
        sockets: the folder of the Unix socket; short, private to the server's user.
        settings: configuration parameters beyond initdb's, by name.
        tcp: listen on a free port of the loopback too, and say so in URLs.
        throwaway: make the data folder anew each time the server starts.
    """

    binaries: Path
    data: Path
    sockets: Path
    settings: Mapping[str, str] = field(default_factory=dict)
    tcp: bool = False
    throwaway: bool = False

    def url(self, database: str) -> str:
        """Return the database's URL for the superuser; the server must run."""
        if self.tcp:
            return f"postgresql://{SUPERUSER}@127.0.0.1:{self._port()}/{database}"
        return f"postgresql://{SUPERUSER}@/{database}?host={self.sockets}&port={self._port()}"

    def share(self) -> None:
        """Start the server unless it runs, and keep it until this process ends.

        Raises:
            ClusterError: the server cannot be made or started.
        """
        with _mutex, self._locked("lock"):
            if self.data not in _users_held:
                _users_held[self.data] = _lock(self._beside("users"), fcntl.LOCK_SH)
            try:
                self.start()
            except ClusterError:
                os.close(_users_held.pop(self.data))
                raise
            self._ensure_watcher()

    def release(self) -> None:
        """Stop using the server before this process ends; its last user stops it."""
        with _mutex:
            held = _users_held.pop(self.data, None)
            if held is None:
                return
            os.close(held)
            with self._locked("lock"):
                self._stop_if_unused()

    def start(self) -> None:
        """Start the server unless it answers; for a caller that keeps others away.

        Raises:
            ClusterError: the server cannot be made or started.
        """
        if self.answers():
            return
        self._await_postmaster()
        if self.throwaway and self.data.exists():
            shutil.rmtree(self.data)
        if not (self.data / "PG_VERSION").exists():
            self._initialise()
        self._make_socket_folder()
        deadline = time.monotonic() + START_SECONDS
        while (problem := self._launch()) is not None:
            # A port may be taken meanwhile, and what a killed server left takes a moment to end.
            passing = "Address already in use" in problem or "still in use" in problem
            if not passing or time.monotonic() > deadline:
                raise ClusterError(f"PostgreSQL does not start in {self.data}: {problem}")
            time.sleep(0.1)

    def stop(self, mode: str = "fast") -> None:
        """Stop the server if it runs.

        Args:
            mode: pg_ctl's word for how: `smart`, `fast` or `immediate`.
        """
        if (self.data / "postmaster.pid").exists():
            self._pg_ctl("stop", "-w", "-t", str(START_SECONDS), "-m", mode)
            with contextlib.suppress(OSError):
                self.sockets.rmdir()

    def answers(self) -> bool:
        """Return whether the server takes connections."""
        import psycopg

        if not (self.data / "postmaster.pid").exists():
            return False
        try:
            psycopg.connect(
                host=str(self.sockets),
                port=self._port(),
                user=SUPERUSER,
                dbname="template1",
                connect_timeout=10,
            ).close()
        except (psycopg.OperationalError, OSError):
            return False
        return True

    def server_user(self) -> pwd.struct_passwd:
        """Return the operating system's user whom the server runs as."""
        if os.geteuid() != 0:
            return pwd.getpwuid(os.geteuid())
        if self.data.exists() and self.data.stat().st_uid != 0:
            return pwd.getpwuid(self.data.stat().st_uid)
        return service_user()

    # --- making and configuring -------------------------------------------------

    def _initialise(self) -> None:
        free = shutil.disk_usage(self.data.parent).free
        if free < FREE_BYTES_NEEDED:
            raise ClusterError(
                f"{self.data.parent} has {free // 2**20} MB free, and a PostgreSQL data folder "
                f"needs {FREE_BYTES_NEEDED // 2**20} MB"
            )
        making = self._beside("making")
        shutil.rmtree(making, ignore_errors=True)
        making.mkdir(mode=0o700)
        user = self.server_user()
        if os.geteuid() == 0:
            os.chown(making, user.pw_uid, user.pw_gid)
        problem = self._run(
            "initdb",
            "-D",
            str(making),
            "-U",
            SUPERUSER,
            "--auth=trust",
            "--encoding=UTF8",
            f"--locale={_locale()}",
            "--lc-messages=C",
        )
        if problem is not None:
            shutil.rmtree(making, ignore_errors=True)
            raise ClusterError(f"initdb cannot make {self.data}: {problem}")
        with (making / "postgresql.conf").open("a") as conf:
            conf.write("\ninclude 'weedgo.conf'\n")
        # A killed initdb must not leave something that looks like a data folder.
        making.rename(self.data)

    def _configure(self) -> None:
        settings = {
            "timezone": "UTC",
            "log_timezone": "UTC",
            "listen_addresses": "127.0.0.1" if self.tcp else "",
            "port": str(free_port()) if self.tcp else "5432",
            "unix_socket_directories": str(self.sockets),
            "unix_socket_permissions": "0700",
            **self.settings,
        }
        conf = self.data / "weedgo.conf"
        conf.write_text(
            "".join(f"{name} = '{_quoted(value)}'\n" for name, value in settings.items())
        )
        if os.geteuid() == 0:
            user = self.server_user()
            os.chown(conf, user.pw_uid, user.pw_gid)

    def _make_socket_folder(self) -> None:
        if len(os.fsencode(self.sockets / ".s.PGSQL.65535.lock")) > LONGEST_SOCKET_PATH:
            raise ClusterError(f"{self.sockets} is too long for the path of a Unix socket")
        user = self.server_user()
        try:
            self.sockets.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise ClusterError(f"cannot make {self.sockets}: {error.strerror}") from error
        status = self.sockets.lstat()
        if os.geteuid() == 0 and status.st_uid == 0:
            os.chown(self.sockets, user.pw_uid, user.pw_gid)
        elif status.st_uid != user.pw_uid or self.sockets.is_symlink():
            # In a folder that all may write, somebody else could wait at our socket's name.
            raise ClusterError(f"{self.sockets} belongs to another user; remove it")
        self.sockets.chmod(0o700)

    # --- running ----------------------------------------------------------------

    def _launch(self) -> str | None:
        self._configure()
        problem = self._pg_ctl("start", "-w", "-t", str(START_SECONDS), "-l", self._log())
        return problem and (self._last_words() or problem)

    def _await_postmaster(self) -> None:
        """Wait for a server that is still starting or stopping; forget one that is dead."""
        deadline = time.monotonic() + START_SECONDS
        while self._postmaster_lives():
            if self.answers():
                return
            if time.monotonic() > deadline:
                raise ClusterError(f"the PostgreSQL server of {self.data} does not answer")
            time.sleep(0.05)
        # The process id may have gone to a stranger or be a zombie's; PostgreSQL would take either
        # for a server. What still uses the data is seen by its shared memory, too.
        for left in (self.data / "postmaster.pid", *self.sockets.glob(".s.PGSQL.*")):
            left.unlink(missing_ok=True)

    def _postmaster_lives(self) -> bool:
        import psutil

        try:
            pid = int((self.data / "postmaster.pid").read_text().splitlines()[0])
            process = psutil.Process(pid)
            return process.name().startswith("postgres") and Path(process.cwd()) == self.data
        except (OSError, ValueError, IndexError, psutil.NoSuchProcess):
            return False
        except psutil.AccessDenied:
            return True

    def _port(self) -> int:
        lines = (self.data / "postmaster.pid").read_text().splitlines()
        return int(lines[3]) if len(lines) > 3 else 5432

    def _log(self) -> str:
        return str(self.data / "server.log")

    def _last_words(self) -> str:
        with contextlib.suppress(OSError):
            lines = Path(self._log()).read_text(errors="replace").splitlines()[-20:]
            fatal = [line for line in lines if "FATAL" in line or "could not" in line]
            return "; ".join(line.split(": ", 1)[-1].strip() for line in fatal[-2:])
        return ""

    def _pg_ctl(self, *arguments: str) -> str | None:
        return self._run("pg_ctl", "-D", str(self.data), *arguments)

    def _run(self, program: str, *arguments: str) -> str | None:
        """Run one of the server's programs; return None, or in one line what it complained of."""
        path = self.binaries / program
        if not path.exists():
            return f"{path} does not exist"
        user, root = self.server_user(), os.geteuid() == 0
        try:
            done = subprocess.run(
                [path, *arguments], check=False, cwd="/", stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
                env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
                user=user.pw_uid if root else None, group=user.pw_gid if root else None,
                extra_groups=[] if root else None,
            )  # fmt: skip
        except OSError as error:
            return f"{path} cannot run as {user.pw_name}: {error.strerror}"
        if done.returncode == 0:
            return None
        lines = [line.strip() for line in done.stdout.splitlines() if line.strip()]
        errors = [line for line in lines if "error" in line or "could not" in line]
        return (errors or lines or [f"{program} ended with status {done.returncode}"])[-1]

    # --- sharing ----------------------------------------------------------------

    def _beside(self, suffix: str) -> Path:
        return self.data.with_name(f"{self.data.name}.{suffix}")

    @contextlib.contextmanager
    def _locked(self, suffix: str) -> Iterator[None]:
        descriptor = _lock(self._beside(suffix), fcntl.LOCK_EX)
        try:
            yield
        finally:
            os.close(descriptor)

    def _stop_if_unused(self) -> bool:
        try:
            alone = _lock(self._beside("users"), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        try:
            self.stop()
        finally:
            os.close(alone)
        return True

    def _ensure_watcher(self) -> None:
        try:
            os.close(_lock(self._beside("watcher"), fcntl.LOCK_SH | fcntl.LOCK_NB))
        except BlockingIOError:
            return
        subprocess.run(
            [sys.executable, "-I", "-S", __file__, self.binaries, self.data, self.sockets],
            cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, check=True,
        )  # fmt: skip

    def watch(self) -> None:
        """Stop the server when its last user is gone; return at once if another watches."""
        try:
            watching = _lock(self._beside("watcher"), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        while True:
            os.close(_lock(self._beside("users"), fcntl.LOCK_EX))
            with self._locked("lock"):
                if self._stop_if_unused():
                    # Before the outer lock: who starts the server next must miss the watcher.
                    os.close(watching)
                    return


def free_port() -> int:
    """Return a port of the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def service_user() -> pwd.struct_passwd:
    """Return the user whom root lets servers run as.

    Raises:
        ClusterError: none of `SERVICE_USERS` exists.
    """
    for name in SERVICE_USERS:
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise ClusterError(
        f"PostgreSQL does not run as root, and no user {' or '.join(SERVICE_USERS)} exists"
    )


def reachable(path: Path, user: pwd.struct_passwd) -> bool:
    """Return whether the user may walk down to the path."""
    for folder in (path, *path.parents):
        if folder.exists():
            status = folder.stat()
            mine = 0o100 if status.st_uid == user.pw_uid else 0
            ours = 0o010 if status.st_gid == user.pw_gid else 0
            if not status.st_mode & (mine or ours or 0o001):
                return False
    return True


def _lock(path: Path, operation: int) -> int:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise ClusterError(f"cannot write {path}: {error.strerror}") from error
    try:
        fcntl.flock(descriptor, operation)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _locale() -> str:
    return "C.UTF-8" if sys.platform == "linux" else "C"


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace("'", "''")


def _detach() -> None:
    if os.fork():
        os._exit(0)
    os.setsid()


if __name__ == "__main__":
    _detach()
    Cluster(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3])).watch()
