"""TCP ports: free ones, and the holders of others."""

import contextlib
import errno
import os
import random
import socket
from collections.abc import Collection
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import psutil

#: Ports of the embedded servers, below the kernel's range for outgoing connections. In that range a
#: client that retries a dead server could get the server's own port, connect to itself, and block
#: the server's return.
_EMBEDDED = range(20_000, 32_000)


def fault(host: str, port: int) -> str | None:
    """Return why nothing can listen on the port now, or None when it is free."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # Like servers: connections in TIME_WAIT do not block the port.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return f"port {port} is in use by {holder(port)}"
            return f"port {port} on {host} cannot be used: {os.strerror(error.errno or 0)}"
    return None


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    return fault(host, port) is None


def choose(preferred: int | None = None, *, taken: Collection[int] = ()) -> int:
    """Return ``preferred`` if it is free, else any free port for an embedded server."""
    if preferred is not None and preferred not in taken and is_free(preferred):
        return preferred
    candidates = random.sample(_EMBEDDED, k=200)
    return next(port for port in candidates if port not in taken and is_free(port))


def holder(port: int) -> str:
    """Return the listener of the port in words; ``another process`` if it is unknown."""
    try:
        import psutil  # only in the server's installation
    except ImportError:
        return "another process"
    with contextlib.suppress(OSError, psutil.Error):
        for connection in psutil.net_connections(kind="tcp"):
            listens = connection.status == psutil.CONN_LISTEN and connection.laddr
            if listens and listens.port == port and connection.pid is not None:
                return _described(psutil.Process(connection.pid))
    return "another process"


def _described(process: "psutil.Process") -> str:
    command = " ".join(process.cmdline()[:4])[:100] or process.name()
    return f"process {process.pid} ({command})"
