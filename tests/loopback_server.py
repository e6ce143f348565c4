"""An HTTP server on loopback that runs until the end of a block."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import ThreadingHTTPServer
from typing import Any


class _Server(ThreadingHTTPServer):
    # The default of 5 resets some of the connections that a sweep opens at once.
    request_queue_size = 64


@contextmanager
def serving(handler: Callable[..., Any]) -> Iterator[int]:
    """Answer requests by this handler; yield the port."""
    with _Server(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()
