"""A TCP relay on loopback that can turn into a black hole."""

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
        self._is_cut = False
        self._open: set[socket.socket] = set()
        threading.Thread(target=self._accept, daemon=True).start()

    def lose_all(self) -> None:
        """Drop from now on whatever comes over the present connections; new ones work.

        Neither side is told, as when a machine's address changes.
        """
        self._dead.set()
        self._dead = threading.Event()

    @contextmanager
    def cut(self) -> Iterator[None]:
        """Drop everything during the block, also on connections that are made meanwhile.

        The connections that there are stay dead afterwards.
        """
        self._is_cut = True
        self.lose_all()
        try:
            yield
        finally:
            self._is_cut = False

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
                if self._is_cut:
                    self._open.add(client)  # left without an answer
                    continue
                try:
                    server = socket.create_connection(("127.0.0.1", self._server))
                except OSError:  # the server is down at this moment
                    client.close()
                    continue
                give = (client, server, self._dead)
                threading.Thread(target=self._connect, args=give, daemon=True).start()

    def _connect(self, client: socket.socket, server: socket.socket, dead: threading.Event) -> None:
        """Pass on in both directions until both have ended; a dead connection stays open."""
        self._open |= {client, server}
        back = threading.Thread(target=_pass_on, args=(server, client, dead), daemon=True)
        back.start()
        _pass_on(client, server, dead)
        back.join()
        if not dead.is_set():
            for connection in (client, server):
                self._open.discard(connection)
                connection.close()


def _pass_on(source: socket.socket, target: socket.socket, dead: threading.Event) -> None:
    with contextlib.suppress(OSError):
        while part := source.recv(65536):
            if not dead.is_set():
                target.sendall(part)
    # Also after a reset: a killed server's clients are told at once.
    if not dead.is_set():
        with contextlib.suppress(OSError):
            target.shutdown(socket.SHUT_WR)


@contextmanager
def relay_to(port: int) -> Iterator[Relay]:
    """Run a relay to the server for the block."""
    relay = Relay(port)
    try:
        yield relay
    finally:
        relay.close()
