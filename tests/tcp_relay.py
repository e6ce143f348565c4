"""A TCP relay on loopback that can turn into a black hole for the connections that it has."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Relay:
    """Passes on what it gets, in both directions.

    Args:
        port: of the server on loopback.
    """

    def __init__(self, port: int) -> None:
        self._server = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._dead = threading.Event()
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def lose_all(self) -> None:
        """Drop from now on whatever comes over the present connections; new ones work.

        Neither side is told, as when a machine's address changes.
        """
        self._dead.set()
        self._dead = threading.Event()

    def close(self) -> None:
        """Close everything."""
        self.lose_all()
        for connection in (self._listener, *self._open):
            with contextlib.suppress(OSError):
                connection.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                try:
                    server = socket.create_connection(("127.0.0.1", self._server))
                except OSError:  # the server is down at this moment
                    client.close()
                    continue
                self._open += [client, server]
                for source, target in ((client, server), (server, client)):
                    give = (source, target, self._dead)
                    threading.Thread(target=_pass_on, args=give, daemon=True).start()


def _pass_on(source: socket.socket, target: socket.socket, dead: threading.Event) -> None:
    with contextlib.suppress(OSError):
        while part := source.recv(65536):
            if not dead.is_set():
                target.sendall(part)
        if not dead.is_set():
            target.shutdown(socket.SHUT_WR)


@contextmanager
def relay_to(port: int) -> Iterator[Relay]:
    """Run a relay to the server for the block."""
    relay = Relay(port)
    try:
        yield relay
    finally:
        relay.close()
