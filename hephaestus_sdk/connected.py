"""The connection of a started SDK, and whether the stack at its other end is well."""

from hephaestus_sdk.client import HephaestusClient
from hephaestus_sdk.errors import SDKNotRunningError
from hephaestus_sdk.waiting.progress import open_display
from hephaestus_sdk.waiting.waits import Waits


class Connected:
    """What all calls of :class:`~hephaestus_sdk.sdk.HephaestusSDK` stand on."""

    def __init__(self) -> None:
        self._client: HephaestusClient | None = None
        self._waits: Waits | None = None

    @property
    def running(self) -> bool:
        """Whether :meth:`start` has succeeded and :meth:`shutdown` was not called since."""
        return self._client is not None

    @property
    def client(self) -> HephaestusClient:
        """The API, one method per route.

        Raises:
            SDKNotRunningError: before :meth:`start` and after :meth:`shutdown`.
        """
        if self._client is None:
            raise _not_running()
        return self._client

    @property
    def url(self) -> str:
        """Where the API and the UI answer."""
        return self.client.url

    def is_healthy(self) -> dict[str, bool]:
        """Return whether ``api``, ``database`` and ``redis`` work, and ``overall`` all of them."""
        if self._client is None:
            return dict.fromkeys(("api", "database", "redis", "overall"), False)
        ready = self._client.readiness()
        parts = {name: ready.get(name) in {True, "ok"} for name in ("database", "redis")}
        health = {"api": self._client.is_alive(), **parts}
        return {**health, "overall": all(health.values())}

    def _connect(self, client: HephaestusClient) -> None:
        self._client = client
        self._waits = Waits(client, open_display)

    def _disconnect(self) -> None:
        client, self._client, self._waits = self._client, None, None
        if client is not None:
            client.close()

    def _waiting(self) -> Waits:
        if self._waits is None:
            raise _not_running()
        return self._waits


def _not_running() -> SDKNotRunningError:
    return SDKNotRunningError("the SDK is not started; call start() or use it in `with`")
