"""A relay between a client and its server: it cuts connections, and follows a server that moves."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit, urlunsplit


class Proxy:
    """Listens on a port of the loopback for as long as the test lasts.

    Args:
        url: of a database on the server; `url` then is the same by way of the relay.

    Attributes:
        port: where it listens.
        upstream: the server's port.
        refusing: end a new connection at once.
        up: how many bytes of a connection pass to the server before it is cut; None for all.
        down: the same on the way back.
        silent: what would be cut is kept open instead, and nothing more passes.
    """

    def __init__(self, url: str) -> None:
        self._server = socket.create_server(("127.0.0.1", 0))
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self.port = int(self._server.getsockname()[1])
        self.upstream = urlsplit(url).port or 5432
        self.refusing = False
        self.up: int | None = None
        self.down: int | None = None
        self.silent = False
        threading.Thread(target=self._accept, daemon=True).start()

    def url(self, url: str) -> str:
        """The address of a database of the server by way of the relay."""
        parts = urlsplit(url)
        place = f"{parts.username}@127.0.0.1:{self.port}"
        return urlunsplit(parts._replace(netloc=place))

    def cut(self) -> None:
        """End every connection, as a broken network does."""
        with self._lock:
            for end in self._open:
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Stop listening, and end what is open."""
        self._server.close()
        self.cut()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._server.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, suppress(OSError):
            if self.refusing:
                return
            with socket.create_connection(("127.0.0.1", self.upstream)) as server:
                with self._lock:
                    self._open |= {client, server}
                back = threading.Thread(
                    target=_pump, args=(server, client, self.down, self.silent), daemon=True
                )
                back.start()
                _pump(client, server, self.up, self.silent)
                back.join()
                with self._lock:
                    self._open -= {client, server}


def _pump(source: socket.socket, sink: socket.socket, most: int | None, silent: bool) -> None:
    """Pass bytes on until the source ends, or as many as may; then cut both, or only swallow."""
    passed = 0
    with suppress(OSError):
        while data := source.recv(65536):
            if most is not None and passed + len(data) > most:
                sink.sendall(data[: most - passed])
                passed = most
                if not silent:
                    break
                continue
            sink.sendall(data)
            passed += len(data)
    for end in (source, sink):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


@contextmanager
def proxied(url: str) -> Iterator[Proxy]:
    """A relay to the server of a URL."""
    proxy = Proxy(url)
    try:
        yield proxy
    finally:
        proxy.close()
