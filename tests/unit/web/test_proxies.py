"""Whose word about a client's address is taken."""

from collections.abc import Iterable
from typing import Any

import pytest

from hephaestus_web.requests.proxies import TrustedProxies


def seen_address(trusted: str, peer: str, forwarded: str | None) -> str:
    """Return the client's address as the application sees it."""
    seen: list[str] = []

    def app(environ: dict[str, Any], _start: Any) -> Iterable[bytes]:
        seen.append(environ["REMOTE_ADDR"])
        return []

    environ = {"REMOTE_ADDR": peer}
    if forwarded is not None:
        environ["HTTP_X_FORWARDED_FOR"] = forwarded
    TrustedProxies(app, trusted)(environ, lambda *_: lambda _: None)  # type: ignore[arg-type,return-value]
    return seen[0]


@pytest.mark.parametrize(
    ("trusted", "peer", "forwarded", "seen"),
    [
        ("", "127.0.0.1", "192.0.2.1", "127.0.0.1"),
        ("10.0.0.1", "127.0.0.1", "192.0.2.1", "127.0.0.1"),
        ("10.0.0.1", "10.0.0.1", "192.0.2.1", "192.0.2.1"),
        ("10.0.0.0/8, 127.0.0.1", "10.9.9.9", "192.0.2.1", "192.0.2.1"),
        ("10.0.0.1", "::ffff:10.0.0.1", "192.0.2.1", "192.0.2.1"),
        ("2001:db8::/32", "2001:db8::7", "192.0.2.1", "192.0.2.1"),
        # What the client itself claims stands before what the proxy adds.
        ("10.0.0.1", "10.0.0.1", "203.0.113.9, 192.0.2.1", "192.0.2.1"),
        ("10.0.0.1", "10.0.0.1", None, "10.0.0.1"),
        ("*", "10.0.0.1", "192.0.2.1", "192.0.2.1"),
        ("10.0.0.1", "", "192.0.2.1", ""),
    ],
)
def test_only_a_trusted_proxy_tells_a_clients_address(
    trusted: str, peer: str, forwarded: str | None, seen: str
) -> None:
    assert seen_address(trusted, peer, forwarded) == seen
