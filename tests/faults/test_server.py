"""The server stops at once, as by a power cut, while a run is at work; and its disk fills up."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest

from tests import servers
from tests.faults import scenario
from tests.faults.conftest import times
from tests.faults.process import running
from tests.faults.scenario import Scenario
from tests.faults.verdict import Rest, finish
from tests.proxy import proxied
from tests.servers import Server
from weedgo.cluster import ClusterError

SOON = 2.0
# Enough for a server and a scenario, and little enough to be filled in a moment.
DISK = "400m"
SMALL = {"max_wal_size": "48MB", "min_wal_size": "32MB", "shared_buffers": "32MB"}


def moved(url: str, server: Server) -> str:
    """A URL after the server has got another port."""
    port = urlsplit(server.cluster.url("postgres")).port
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=f"{parts.username}@127.0.0.1:{port}"))


class Fragile:
    """A scenario on a server of its own, which comes back by another port each time it fails."""

    def __init__(self, server: Server, of: Scenario, rest: Rest) -> None:
        self.server, self._of, self.rest = server, of, rest

    @property
    def of(self) -> Scenario:
        """The scenario where it is now."""
        now = self._of
        here = Server(
            moved(now.server.url, self.server), now.server.version, now.server.bin_dir,
            now.server.cluster,
        )  # fmt: skip
        return Scenario(
            now.name, here, moved(now.source, self.server), moved(now.original, self.server),
            now.before, now.expected, now.options,
        )  # fmt: skip

    def finish(self, target: str) -> list[str]:
        """See `verdict.finish`."""
        return finish(self.of, moved(target, self.server), self.rest)


@contextlib.contextmanager
def fragile(
    name: str, folder: Path | None = None, settings: Mapping[str, str] | None = None
) -> Iterator[Fragile]:
    """Load a scenario on a server that may be stopped; see `servers.private_server`."""
    try:
        with servers.private_server("18", folder, settings) as server:
            of = scenario.load(name, server)
            yield Fragile(server, of, Rest.of(of))
    except LookupError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module", params=scenario.NAMES)
def here(request: pytest.FixtureRequest) -> Iterator[Fragile]:
    """Each small scenario on a server to be crashed."""
    with fragile(request.param) as found:
        yield found


def copy(of: Scenario) -> str:
    """URL of a copy of the original; it goes with the server."""
    return of.server.create_database("fault", urlsplit(of.original).path.lstrip("/"))


@pytest.mark.parametrize("number", times(2, 30))
def test_stopped_at_once(here: Fragile, chance: random.Random, number: int) -> None:
    target = copy(here.of)
    for _ in range(1 if number < 2 else 2):
        of = here.of
        now = moved(target, here.server)
        with (
            proxied(now) as proxy,
            proxied(of.source) as wanted,
            running(wanted.url(of.source), proxy.url(now), of.options) as process,
        ):
            for _ in range(chance.randint(1, 4)):
                process.join(chance.uniform(0.1, SOON))
                here.server.cluster.stop("immediate")
                here.server.cluster.start()
                proxy.upstream = wanted.upstream = urlsplit(here.of.source).port or 0
            # It goes on by itself, says what is not done, or could not even read.
            process.join()
            assert process.exitcode in (0, 1, 2)
    assert here.finish(target) == []


@pytest.fixture(scope="module")
def disk() -> Iterator[Path]:
    """A small file system of its own."""
    # Not pytest's own folder, which the servers' user may not enter.
    folder = Path(tempfile.mkdtemp(prefix="weedgo-disk-"))
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK},mode=0755", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode:
        folder.rmdir()
        pytest.skip("only root may mount the small disk")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)
        folder.rmdir()


def fill(disk: Path) -> Path:
    """Leave nothing of a disk."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(min(1 << 20, max(4096, shutil.disk_usage(disk).free))))
    return filler


@pytest.mark.parametrize("number", times(1, 20))
def test_the_disk_is_full(disk: Path, chance: random.Random, number: int) -> None:
    with fragile("shop", disk / f"server{number}", SMALL) as here:
        of = here.of
        target = copy(of)
        with proxied(target) as proxy, proxied(of.source) as wanted:
            with running(wanted.url(of.source), proxy.url(target), of.options) as process:
                process.join(chance.uniform(0.1, SOON))
                filler = fill(disk)
                process.join(10)
                filler.unlink()
                # Where its log could not be written, PostgreSQL stops itself.
                with contextlib.suppress(ClusterError):
                    here.server.cluster.start()
                proxy.upstream = wanted.upstream = urlsplit(here.of.source).port or 0
                process.join()
                assert process.exitcode in (0, 1, 2)
            assert here.finish(target) == []
