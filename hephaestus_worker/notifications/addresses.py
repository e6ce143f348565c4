"""Addresses that no notification goes to, wherever a name or a redirect leads."""

import ipaddress
import sys
from typing import Any, Final

#: Where clouds tell machines their own credentials, beside link-local addresses.
_METADATA: Final = frozenset(
    ipaddress.ip_address(each)
    for each in ("fd00:ec2::254", "100.100.100.200", "168.63.129.16", "192.0.0.192")
)
_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")
_LAST_32_BITS: Final = 0xFFFF_FFFF


_refused: list[str] = []


class ForbiddenAddress(OSError):
    """A connection to such an address was refused."""


def is_forbidden(host: str) -> bool:
    """Say whether it is an address that nothing is sent to; a name is none."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    inner = _within(address)
    return any(
        each.is_link_local or each.is_multicast or each.is_unspecified or each in _METADATA
        for each in (address, *inner)
    )


def _within(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> list[ipaddress.IPv4Address]:
    """Return the IPv4 addresses that an IPv6 address leads to."""
    if isinstance(address, ipaddress.IPv4Address):
        return []
    found = [each for each in (address.ipv4_mapped, address.sixtofour) if each is not None]
    if address in _NAT64:
        found.append(ipaddress.IPv4Address(int(address) & _LAST_32_BITS))
    return found


def refused() -> list[str]:
    """Return the addresses to which this process has refused connections."""
    return _refused


def refusal(address: str) -> str:
    """Return why nothing is sent there."""
    return f"nothing is sent to {address}: such addresses serve a machine itself, or a group"


def guard_this_process() -> None:
    """Refuse from now on every connection of this process to such an address.

    The address itself is looked at when a connection is made, so a name that leads elsewhere at
    its second lookup changes nothing.
    """
    sys.addaudithook(_refuse)


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    if event not in {"socket.connect", "socket.sendto"}:
        return
    address = arguments[1]
    if isinstance(address, tuple) and is_forbidden(str(address[0])):
        _refused.append(str(address[0]))
        raise ForbiddenAddress(refusal(address[0]))
