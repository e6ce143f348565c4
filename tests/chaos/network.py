"""The network between a host and the stack: relays to Postgres, Valkey and the API."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from urllib.parse import urlsplit

from tests.e2e.stack import Stack
from tests.tcp_relay import Relay, relay_to


class Network:
    """All ways from a host to the stack's servers.

    Args:
        urls: of the servers, by the name of the setting.
    """

    def __init__(self, urls: dict[str, str], relays: list[Relay]) -> None:
        self._relays = relays
        self.settings = {
            name: _through(relay, url)
            for (name, url), relay in zip(urls.items(), relays, strict=True)
        }
        """The settings of a host that reaches the servers through this network."""

    def lose_all(self) -> None:
        """Drop what comes over the present connections, without a word to either side."""
        for relay in self._relays:
            relay.lose_all()

    @contextmanager
    def cut(self) -> Iterator[None]:
        """Drop everything during the block."""
        with ExitStack() as mend:
            for relay in self._relays:
                mend.enter_context(relay.cut())
            yield


@contextmanager
def network_to(stack: Stack) -> Iterator[Network]:
    """Run a network to the stack's servers for the block."""
    urls = {
        "database_url": str(stack.recorded["database_url"]),
        "redis_url": str(stack.recorded["redis_url"]),
        "advertised_url": stack.sdk.url,
    }
    with ExitStack() as close:
        relays = [close.enter_context(relay_to(_port(url))) for url in urls.values()]
        yield Network(urls, relays)


def _port(url: str) -> int:
    port = urlsplit(url).port
    assert port is not None, "the stack's servers have ports of their own"
    return port


def _through(relay: Relay, url: str) -> str:
    return url.replace(f":{_port(url)}", f":{relay.port}", 1)
