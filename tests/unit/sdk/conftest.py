import socket

import pytest


@pytest.fixture
def free_url() -> str:
    """A URL of this machine at which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"
