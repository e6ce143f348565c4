"""The address of a client behind a trusted reverse proxy.

Proxies are named by ``FORWARDED_ALLOW_IPS``, as gunicorn reads it: addresses and networks, with
commas. gunicorn takes the scheme (``X-Forwarded-Proto``) from them, and this the address.
"""

from collections.abc import Iterable
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Final

from werkzeug.middleware.proxy_fix import ProxyFix

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_EVERYBODY: Final = "*"


class TrustedProxies:
    """WSGI middleware that sets the client's address from a trusted proxy's header.

    Args:
        app: the next WSGI application.
        trusted: addresses and networks of proxies, with commas; empty: none.

    Raises:
        ValueError: one of them is no address and no network.
    """

    def __init__(self, app: "WSGIApplication", trusted: str) -> None:
        names = [name.strip() for name in trusted.split(",") if name.strip()]
        self._everybody = _EVERYBODY in names
        self._networks = [ip_network(name) for name in names if name != _EVERYBODY]
        self._app = app
        self._behind_proxy = ProxyFix(app, x_for=1, x_proto=0, x_host=0)

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer one request."""
        trusted = self._trusts(environ.get("REMOTE_ADDR", ""))
        app = self._behind_proxy if trusted else self._app
        return app(environ, start_response)

    def _trusts(self, peer: str) -> bool:
        if self._everybody or not self._networks:
            return self._everybody
        try:
            address = ip_address(peer)
        except ValueError:
            return False
        # An IPv4 client of a dual-stack socket has such an address.
        mapped = address.ipv4_mapped if address.version == 6 else None  # noqa: PLR2004 - IPv6
        return any((mapped or address) in network for network in self._networks)
